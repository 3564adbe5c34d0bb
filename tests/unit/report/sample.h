/*
 * A small run for the tests of the reporters: every outcome once, and hostile text.
 */
#ifndef TESTS_REPORT_SAMPLE_H
#define TESTS_REPORT_SAMPLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "report/report.h"
#include <stdlib.h>
#include <string.h>

/* A reporter that writes to memory. */
struct sample {
	struct reporter *reporter;
	FILE *file;
	char *text;
	size_t len;
};

static inline void sample_open(struct sample *sample, const char *format,
                               struct reporter_options options)
{
	struct why why;

	*sample = (struct sample){.text = NULL};
	sample->file = open_memstream(&sample->text, &sample->len);
	assert_non_null(sample->file);
	options.out = sample->file;
	assert_int_equal(reporter_new(&sample->reporter, format, &options, &why), 0);
}

/* End the report; the text stays until sample_free(). */
static inline void sample_finish(struct sample *sample)
{
	struct why why;

	assert_int_equal(reporter_finish(sample->reporter, &why), 0);
	assert_int_equal(fflush(sample->file), 0);
}

static inline void sample_free(struct sample *sample)
{
	fclose(sample->file);
	free(sample->text);
}

static inline void sample_run(struct reporter *reporter, bool strict)
{
	reporter_event(reporter, &(struct event){.kind = EVENT_RUN, .run = {.version = "0.1.0",
		.kernel = "Linux 6.1", .profile = "linux", .seed = 42, .cases = 9, .left_out = 12,
		.strict = strict}});
}

static inline void sample_case(struct reporter *reporter, nanos time, const char *name,
                               const char *over)
{
	reporter_event(reporter, &(struct event){.kind = EVENT_CASE, .time = time, .name = name,
		.over = over, .start = {.claim = "the claim", .level = "MUST",
		.requirements = {"RFC9293 MUST-15"}, .sentence = "The sentence.",
		.file = "cases/area/family.c", .line = 7, .budget = sec(5)}});
}

static inline void sample_rung(struct reporter *reporter, const char *name, const char *over,
                               struct event_rung rung)
{
	reporter_event(reporter, &(struct event){.kind = EVENT_RUNG, .name = name, .over = over,
		.rung = rung});
}

static inline void sample_wait(struct reporter *reporter, nanos time, const char *name,
                               const char *what, nanos left)
{
	reporter_event(reporter, &(struct event){.kind = EVENT_WAIT, .time = time, .name = name,
		.over = "ipv4", .wait = {.what = what, .left = left}});
}

static inline void sample_verdict(struct reporter *reporter, nanos time, const char *name,
                                  const char *over, struct event_verdict verdict)
{
	reporter_event(reporter, &(struct event){.kind = EVENT_VERDICT, .time = time, .name = name,
		.over = over, .verdict = verdict});
}

static inline void sample_tick(struct reporter *reporter, nanos time)
{
	reporter_event(reporter, &(struct event){.kind = EVENT_TICK, .time = time});
}

static inline void sample_summary(struct reporter *reporter, nanos time,
                                  struct event_summary summary)
{
	reporter_event(reporter, &(struct event){.kind = EVENT_SUMMARY, .time = time,
		.summary = summary});
}

/* A case that fails at its third rung. */
static inline void sample_fail(struct reporter *reporter)
{
	const char *name = "mss.absent";

	sample_case(reporter, ms(1), name, "ipv4");
	sample_rung(reporter, name, "ipv4", (struct event_rung){.number = 1, .kind = "sent",
		.peer = 1, .text = "S seq 0"});
	sample_rung(reporter, name, "ipv4", (struct event_rung){.number = 2, .kind = "heard",
		.peer = 1, .time = us(41), .text = "S. seq 0 ack 1", .want = "S. ack 1"});
	sample_rung(reporter, name, "ipv4", (struct event_rung){.number = 3, .kind = "heard",
		.peer = 1, .time = ms(90), .text = ". len 1460", .want = ". len 1..536",
		.broken = true});
	sample_verdict(reporter, ms(100), name, "ipv4", (struct event_verdict){
		.verdict = VERDICT_FAIL, .message = "want len 1..536, got 1460",
		.seconds = ms(99), .line = 12, .evidence = "ev/mss.absent-ipv4",
		.command = "lastack run mss.absent"});
}

/* Every outcome, the two tries of an inconclusive one, and one that nobody waits for. */
static inline void sample_all(struct reporter *reporter, bool strict)
{
	sample_run(reporter, strict);
	sample_case(reporter, 0, "open.three_way", "ipv4");
	sample_rung(reporter, "open.three_way", "ipv4", (struct event_rung){.number = 1,
		.kind = "sent", .text = "S seq 0"});
	sample_verdict(reporter, ms(4), "open.three_way", "ipv4", (struct event_verdict){
		.verdict = VERDICT_PASS, .expected = true, .seconds = us(4123)});
	sample_case(reporter, 0, "open.three_way", "ipv6");
	sample_verdict(reporter, ms(5), "open.three_way", "ipv6", (struct event_verdict){
		.verdict = VERDICT_INCONCLUSIVE, .retry = true, .message = "first try",
		.seconds = ms(4)});
	sample_fail(reporter);
	sample_verdict(reporter, ms(101), "isn.slope", "ipv4", (struct event_verdict){
		.verdict = VERDICT_SKIP, .expected = true, .message = "needs an agent"});
	sample_verdict(reporter, ms(102), "wait.two_msl", "ipv4", (struct event_verdict){
		.verdict = VERDICT_FAIL, .expected = true, .reason = "60 s on Linux",
		.message = "want 240 s, got 60 s", .seconds = sec(60)});
	sample_verdict(reporter, ms(103), "close.should", "ipv4", (struct event_verdict){
		.verdict = VERDICT_DEVIATION, .message = "want FIN", .seconds = sec(1),
		.command = "lastack run close.should"});
	sample_verdict(reporter, ms(104), "close.surprise", "ipv4", (struct event_verdict){
		.verdict = VERDICT_PASS, .reason = "it never works"});
	sample_verdict(reporter, ms(105), "wire.hostile", "ipv4", (struct event_verdict){
		.verdict = VERDICT_ERROR,
		.message = "\033[31mred\a <&\"'> # ok \xff\xc2\x9b\xed\xa0\x80\\ \xc3\xa9"});
	sample_case(reporter, ms(106), "close.late", "ipv4");
	sample_verdict(reporter, ms(107), "close.late", "ipv4", (struct event_verdict){
		.verdict = VERDICT_INCONCLUSIVE, .retry = true, .message = "we were late",
		.late = 12});
	sample_case(reporter, ms(108), "open.three_way", "ipv6");
	sample_verdict(reporter, ms(110), "open.three_way", "ipv6", (struct event_verdict){
		.verdict = VERDICT_PASS, .expected = true, .attempt = 2, .seconds = ms(2)});
	sample_summary(reporter, sec(60), (struct event_summary){.count = {3, 1, 1, 1, 2, 1},
		.unexpected = 2, .seconds = ms(60500), .status = 4});
}

/* How often a text is in another. */
static inline unsigned sample_count(const char *text_, const char *what)
{
	unsigned n = 0;

	for (; (text_ = strstr(text_, what)); text_ += strlen(what))
		n++;
	return n;
}

static inline void same_text(const char *a, const char *b)
{
	assert_int_equal(a != NULL, b != NULL);
	if (a && b)
		assert_string_equal(a, b);
}

/* Write, read, and write again: the two lines are equal. */
static inline void round_trip(const struct event *event, struct event *out,
                       struct event_storage *storage)
{
	struct buffer line = {.at = NULL}, second = {.at = NULL};
	struct why why = {.text = ""};

	assert_int_equal(event_write(&line, event), 0);
	assert_int_equal(line.at[line.len - 1], '\n');
	assert_null(memchr(line.at, '\n', line.len - 1));
	if (event_read(line.at, line.len - 1, out, storage, &why))
		fail_msg("%s: %s", line.at, why.text);
	assert_int_equal(out->kind, event->kind);
	assert_int_equal(event_write(&second, out), 0);
	assert_string_equal(line.at, second.at);
	buffer_free(&line);
	buffer_free(&second);
}

#endif
