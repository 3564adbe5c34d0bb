/*
 * What a reply should be, as people type it, and whether it is.
 */
#include "probe/scan.h"
#include <stdio.h>

static int way_add(const struct scan *s, struct expectation *out, const struct segment *way)
{
	if (out->count == EXPECTATIONS_MAX)
		return scan_refuse(s, "more than %d ways to be right", EXPECTATIONS_MAX);
	out->any[out->count++] = *way;
	return 0;
}

/* One way, and where only data was named, the same with FIN. */
static int way_scan(struct scan *s, struct expectation *out)
{
	struct words words;
	int r = scan_segment(s, true, NULL, &words);

	if (!r)
		r = way_add(s, out, &words.segment);
	if (!r && words.any_flags) {
		words.segment.flags |= FIN;
		r = way_add(s, out, &words.segment);
	}
	return r;
}

static int time_scan(struct scan *s, nanos *out)
{
	size_t begin;
	int r;

	scan_blanks(s);
	begin = s->at;
	r = scan_duration(s, out);
	if (!r && !*out)
		return scan_refuse_at(s, begin, "no time at all");
	return r;
}

/* "within TIME" or "about TIME", which is judged as a case's .when is. */
static int when_scan(struct scan *s, struct expectation *out)
{
	nanos time = 0;
	int r = 0;

	if (scan_word(s, "within")) {
		r = time_scan(s, &time);
		out->when = within(time);
	} else if (scan_word(s, "about")) {
		r = time_scan(s, &time);
		out->when = about(time);
	}
	out->within = out->when.to;
	return r;
}

/* [TYPE[/CODE]] [within TIME]. An ICMP error has no timer that about could be for. */
static int icmp_scan(struct scan *s, struct expectation *out)
{
	uint32_t number;
	int r = 0;

	out->icmp = true;
	out->type = out->code = ICMP_ANY;
	scan_blanks(s);
	if (scan_peek(s) >= '0' && scan_peek(s) <= '9') {
		r = scan_number(s, 255, &number);
		out->type = r ? 0 : (int)number;
		if (!r && scan_char(s, '/')) {
			r = scan_number(s, 255, &number);
			out->code = r ? 0 : (int)number;
		}
	}
	if (!r)
		r = when_scan(s, out);
	if (!r && out->when.kind == WINDOW_ABOUT)
		r = scan_refuse(s, "an ICMP error comes within a time, not about one");
	return r;
}

int scan_expectation(struct scan *s, struct expectation *out)
{
	struct expectation made = {.count = 0};
	int r = 0;

	if (scan_word(s, "silence")) {
		made.silence = true;
		scan_blanks(s);
		if (scan_peek(s) >= '0' && scan_peek(s) <= '9')
			r = time_scan(s, &made.within);
	} else if (scan_word(s, "icmp")) {
		r = icmp_scan(s, &made);
	} else {
		do {
			r = way_scan(s, &made);
			scan_blanks(s);
		} while (!r && scan_char(s, '|'));
		if (!r)
			r = when_scan(s, &made);
	}
	if (r)
		return r;
	*out = made;
	return 0;
}

int spell_expectation(const char *what, const char *text_, struct expectation *out,
		      struct why *why)
{
	struct scan s = {what, text_, 0, why};
	struct expectation made = {.count = 0};
	int r = scan_expectation(&s, &made);

	if (!r)
		r = scan_end(&s);
	if (!r)
		*out = made;
	return r;
}

void heard_fill_from(const struct packet *reply, const uint32_t bases[2], struct heard *out)
{
	const struct packet_tcp *tcp = &reply->tcp;

	*out = (struct heard){
		.flags = tcp->flags,
		.seq = tcp->seq - bases[0],
		.ack = tcp->ack - bases[1],
		.raw_seq = tcp->seq,
		.raw_ack = tcp->ack,
		.window = tcp->window,
		.urgent = tcp->urgent,
		.checksum = tcp->checksum,
		.checksum_good = tcp->checksum_state != CHECKSUM_BAD,
		.data_offset = tcp->data_offset,
		.reserved = tcp->reserved,
		.ttl = reply->ttl,
		.tos = reply->tos,
		.ip_id = reply->ip_id,
		.dont_fragment = reply->dont_fragment,
		.len = (uint32_t)(tcp->len + tcp->cut),
		.data = tcp->data,
	};
	options_decode(tcp->options, tcp->option_bytes, &out->options);
}

bool expectation_holds(const struct expectation *expectation, const struct heard *got, nanos rtt,
		       struct match_report *report)
{
	struct match_report other;
	char words[NANOS_TEXT_MAX], limit[NANOS_TEXT_MAX];
	bool matched = false;

	report->text[0] = '\0';
	if (expectation->silence) {
		snprintf(report->text, sizeof(report->text), "want silence");
		return false;
	}
	for (size_t i = 0; i < expectation->count && !matched; i++)
		matched = match_segment(&expectation->any[i], got, i ? &other : report);
	if (!matched)
		return false;
	report->text[0] = '\0';
	if (expectation->when.kind == WINDOW_ABOUT)
		return match_time(expectation->when, rtt, report);
	if (!expectation->when.kind || rtt <= expectation->within)
		return true;
	snprintf(report->text, sizeof(report->text), "came after %s, want it within %s",
		 nanos_text(rtt, words), nanos_text(expectation->within, limit));
	return false;
}
