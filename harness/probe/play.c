/*
 * The language of a short conversation: a text becomes steps.
 */
#include "probe/scan.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct parser {
	struct scan scan;
	struct play play;
	size_t cap;
	struct buffer kept; /* the payloads; it moves while it grows */
	size_t *data_at;    /* where a step's payload is in it, as many as steps */
	unsigned depth;     /* of repeat */
};
#define REPEAT_DEPTH_MAX 8

static bool step_ended(const struct scan *s)
{
	return !scan_peek(s) || strchr(";\n#}", scan_peek(s));
}

/* Blanks, empty steps, line ends and comments. */
static void gap_skip(struct scan *s)
{
	for (;;) {
		while (scan_peek(s) && strchr(" \t\r\n;", scan_peek(s)))
			s->at++;
		if (scan_peek(s) != '#')
			return;
		while (scan_peek(s) && scan_peek(s) != '\n')
			s->at++;
	}
}

static int step_add(struct parser *p, const struct step *step, size_t data_at)
{
	if (p->play.count == PLAY_STEPS_MAX)
		return scan_refuse_at(&p->scan, step->at, "more than %d steps", PLAY_STEPS_MAX);
	if (p->play.count == p->cap) {
		size_t cap = p->cap ? p->cap * 2 : 16;
		struct step *steps = realloc(p->play.steps, cap * sizeof(*steps));
		size_t *data;

		if (!steps)
			return why_set(p->scan.why, ENOMEM, "out of memory");
		p->play.steps = steps;
		data = realloc(p->data_at, cap * sizeof(*data));
		if (!data)
			return why_set(p->scan.why, ENOMEM, "out of memory");
		p->data_at = data;
		p->cap = cap;
	}
	p->data_at[p->play.count] = data_at;
	p->play.steps[p->play.count++] = *step;
	return 0;
}

/* Behind the handshake every segment has ACK (RFC 9293 3.10.7): a step need not say so. */
static unsigned flags_complete(const struct words *words)
{
	const unsigned flags = words->segment.flags;

	return words->exact_flags || !flags || flags & (SYN | RST) ? flags : flags | ACK;
}

static int send_parse(struct parser *p, struct step *step, size_t *data_at)
{
	struct words words;
	int r = scan_segment(&p->scan, false, &p->kept, &words);

	if (r)
		return r;
	step->kind = STEP_SEND;
	step->send = words.segment;
	step->send.flags = flags_complete(&words);
	step->send.data.len = words.has_data ? words.data_len : 0;
	*data_at = words.data_at;
	return 0;
}

static int simple_parse(struct parser *p)
{
	struct scan *s = &p->scan;
	struct step step = {.at = s->at};
	size_t data_at = 0;
	int r;

	if (scan_char(s, '<')) {
		step.kind = STEP_EXPECT;
		r = scan_expectation(s, &step.expect);
	} else if (scan_word(s, "wait")) {
		step.kind = STEP_WAIT;
		r = scan_duration(s, &step.wait);
	} else {
		r = send_parse(p, &step, &data_at);
	}
	if (!r) {
		scan_blanks(s);
		scan_char(s, '\r');
		if (!step_ended(s))
			r = scan_refuse(s, "'%c' is not understood here; steps end with ;",
					scan_peek(s));
	}
	return r ? r : step_add(p, &step, data_at);
}

static int steps_parse(struct parser *p, bool inner);

/* The steps from first on are there once: add them again, times - 1 times. */
static int steps_copy(struct parser *p, size_t first, uint32_t times)
{
	const size_t n = p->play.count - first;
	int r = 0;

	for (uint32_t i = 1; !r && n && i < times; i++)
		for (size_t j = 0; !r && j < n; j++) {
			struct step step = p->play.steps[first + j];

			r = step_add(p, &step, p->data_at[first + j]);
		}
	return r;
}

static int repeat_parse(struct parser *p)
{
	struct scan *s = &p->scan;
	const size_t first = p->play.count;
	size_t begin = s->at;
	uint32_t times = 0;
	int r;

	if (p->depth == REPEAT_DEPTH_MAX)
		return scan_refuse_at(s, begin, "repeat within repeat, %d deep", REPEAT_DEPTH_MAX);
	r = scan_number(s, PLAY_STEPS_MAX, &times);
	if (r)
		return r;
	if (!times)
		return scan_refuse(s, "repeat 0 times?");
	scan_blanks(s);
	p->depth++;
	if (scan_char(s, '{')) {
		r = steps_parse(p, true);
		if (!r && !scan_char(s, '}'))
			r = scan_refuse_at(s, begin, "this repeat has no }");
	} else if (step_ended(s)) {
		r = scan_refuse(s, "repeat what?");
	} else {
		r = simple_parse(p);
	}
	p->depth--;
	return r ? r : steps_copy(p, first, times);
}

static int steps_parse(struct parser *p, bool inner)
{
	struct scan *s = &p->scan;
	int r = 0;

	for (gap_skip(s); !r && scan_peek(s); gap_skip(s)) {
		if (scan_peek(s) == '}') {
			if (inner)
				return 0;
			return scan_refuse(s, "this } has no {");
		}
		r = scan_word(s, "repeat") ? repeat_parse(p) : simple_parse(p);
	}
	return r;
}

int play_parse(const char *what, const char *text_, struct play *out, struct why *why)
{
	struct parser p = {.scan = {what, text_, 0, why}};
	int r = steps_parse(&p, false);

	if (!r && !p.play.count)
		r = scan_refuse(&p.scan, "no step");
	if (!r && p.kept.failed)
		r = why_set(why, ENOMEM, "out of memory");
	if (r) {
		free(p.play.steps);
		buffer_free(&p.kept);
		goto out;
	}
	for (size_t i = 0; i < p.play.count; i++)
		if (p.play.steps[i].send.data.len)
			p.play.steps[i].send.data.at = p.kept.at + p.data_at[i];
	p.play.kept = p.kept.at;
	*out = p.play;
out:
	free(p.data_at);
	return r;
}

void play_free(struct play *play)
{
	free(play->steps);
	free(play->kept);
	*play = (struct play){.steps = NULL};
}
