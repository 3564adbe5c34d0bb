/* What all reporters have in common: formats, files that fail, and the books. */
#include "sample.h"
#include <errno.h>

static const char *const formats[] = {"pretty", "tap", "junit", "json", "ladder"};
#define FORMATS (sizeof(formats) / sizeof(formats[0]))

static void unknown_formats_are_refused(void **state)
{
	static const char *const unknown[] = {"", "Pretty", "tap14", "xml", "\033[31m"};
	const struct reporter_options options = {.out = stdout};
	struct reporter *reporter = NULL;
	struct why why;

	(void)state;
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		assert_int_equal(reporter_new(&reporter, unknown[i], &options, &why), -EINVAL);
		assert_null(reporter);
		for (size_t j = 0; j < FORMATS; j++)
			assert_non_null(strstr(why.text, formats[j]));
	}
	assert_int_equal(reporter_finish(NULL, &why), 0);
}

/* A full disk is told, whatever the format and wherever it strikes. */
static void a_full_disk_is_reported(void **state)
{
	struct why why;

	(void)state;
	for (size_t i = 0; i < FORMATS; i++) {
		struct reporter_options options = {.out = fopen("/dev/full", "w"),
			.progress = i == 0};
		struct reporter *reporter;

		assert_non_null(options.out);
		assert_int_equal(reporter_new(&reporter, formats[i], &options, &why), 0);
		sample_all(reporter, false);
		assert_int_equal(reporter_finish(reporter, &why), -ENOSPC);
		assert_non_null(strstr(why.text, formats[i]));
		assert_non_null(strstr(why.text, "No space left on device"));
		fclose(options.out);
	}
}

/* A small disk takes some lines before it is full. */
static ssize_t small_write(void *cookie, const char *bytes, size_t n)
{
	size_t *room = cookie;

	(void)bytes;
	if (n > *room) {
		errno = ENOSPC;
		return 0;
	}
	*room -= n;
	return (ssize_t)n;
}

static void a_disk_that_fills_up_is_reported(void **state)
{
	struct why why;

	(void)state;
	for (size_t i = 0; i < FORMATS; i++) {
		size_t room = 300;
		struct reporter_options options = {.out = fopencookie(&room, "w",
			(cookie_io_functions_t){.write = small_write})};
		struct reporter *reporter;

		assert_non_null(options.out);
		assert_int_equal(reporter_new(&reporter, formats[i], &options, &why), 0);
		sample_all(reporter, false);
		assert_int_equal(reporter_finish(reporter, &why), -ENOSPC);
		fclose(options.out);
	}
}

/* Events are copied: what they point to may be gone when the reporter writes. */
static void events_are_copied(void **state)
{
	(void)state;
	for (size_t i = 0; i < FORMATS; i++) {
		char name[] = "a.copied", over[] = "ipv4", words[] = "these words";
		struct sample sample;

		sample_open(&sample, formats[i], (struct reporter_options){.ladders = true});
		sample_case(sample.reporter, 1, name, over);
		sample_rung(sample.reporter, name, over, (struct event_rung){.kind = "call",
			.text = words, .want = words, .broken = true});
		sample_verdict(sample.reporter, 2, name, over, (struct event_verdict){
			.verdict = VERDICT_INCONCLUSIVE, .message = words, .command = words});
		memset(name, 'x', sizeof(name) - 1);
		memset(over, 'x', sizeof(over) - 1);
		memset(words, 'x', sizeof(words) - 1);
		sample_finish(&sample);
		assert_non_null(strstr(sample.text, "copied"));
		assert_non_null(strstr(sample.text, "ipv4"));
		assert_non_null(strstr(sample.text, "these words"));
		assert_null(strstr(sample.text, "xxx"));
		sample_free(&sample);
	}
}

static void write_twice(struct reporter *reporter)
{
	const char *name = "a.b";

	sample_case(reporter, 1, name, "ipv4");
	sample_rung(reporter, name, "ipv4", (struct event_rung){.kind = "call", .text = "try one"});
	sample_verdict(reporter, 2, name, "ipv4", (struct event_verdict){
		.verdict = VERDICT_INCONCLUSIVE, .retry = true, .message = "it was late"});
	sample_case(reporter, 3, name, "ipv4");
	sample_rung(reporter, name, "ipv4", (struct event_rung){.kind = "call", .text = "try two"});
}

/* Each try has a ladder of its own, and the one that counts is drawn. */
static void ladders_of_two_tries_stay_apart(void **state)
{
	struct sample sample;

	(void)state;
	sample_open(&sample, "ladder", (struct reporter_options){.ladders = false});
	write_twice(sample.reporter);
	sample_verdict(sample.reporter, 4, "a.b", "ipv4", (struct event_verdict){
		.verdict = VERDICT_PASS, .expected = true, .attempt = 2});
	sample_finish(&sample);
	assert_null(strstr(sample.text, "try one"));
	assert_non_null(strstr(sample.text, "try two"));
	assert_non_null(strstr(sample.text, "a.b ipv4: pass\n"));
	sample_free(&sample);

	/* The second try was cut short: the first one is all there is. */
	sample_open(&sample, "ladder", (struct reporter_options){.ladders = false});
	write_twice(sample.reporter);
	sample_summary(sample.reporter, 4, (struct event_summary){.interrupted = true});
	sample_finish(&sample);
	assert_non_null(strstr(sample.text, "try one"));
	assert_null(strstr(sample.text, "try two"));
	assert_non_null(strstr(sample.text, "a.b ipv4: inconclusive: it was late\n"));
	sample_free(&sample);
}

/* Of several attempts the last one that ended counts, with its ladder. */
static void the_last_attempt_that_ended_counts(void **state)
{
	struct sample sample;

	(void)state;
	sample_open(&sample, "ladder", (struct reporter_options){.ladders = false});
	write_twice(sample.reporter);
	sample_verdict(sample.reporter, 4, "a.b", "ipv4", (struct event_verdict){
		.verdict = VERDICT_INCONCLUSIVE, .attempt = 2, .retry = true,
		.message = "late once more"});
	sample_case(sample.reporter, 5, "a.b", "ipv4");
	sample_rung(sample.reporter, "a.b", "ipv4",
		    (struct event_rung){.kind = "call", .text = "try three"});
	sample_summary(sample.reporter, 6, (struct event_summary){.interrupted = true});
	sample_finish(&sample);
	assert_null(strstr(sample.text, "try one"));
	assert_non_null(strstr(sample.text, "try two"));
	assert_null(strstr(sample.text, "try three"));
	assert_non_null(strstr(sample.text, "a.b ipv4: inconclusive: late once more\n"));
	sample_free(&sample);
}

/* After a verdict that counts, and after the summary, nothing changes any more. */
static void what_has_ended_has_ended(void **state)
{
	const struct event_verdict pass = {.verdict = VERDICT_PASS, .expected = true};
	const struct event_verdict fail_ = {.verdict = VERDICT_FAIL, .attempt = 2};
	struct sample sample;

	(void)state;
	sample_open(&sample, "json", (struct reporter_options){.ladders = false});
	sample_verdict(sample.reporter, 1, "a.b", "ipv4", pass);
	sample_verdict(sample.reporter, 2, "a.b", "ipv4", fail_);
	sample_case(sample.reporter, 3, "a.b", "ipv4");
	sample_verdict(sample.reporter, 4, "a.b", "ipv4", fail_);
	sample_summary(sample.reporter, 5, (struct event_summary){.status = 0});
	sample_verdict(sample.reporter, 6, "a.c", "ipv4", fail_);
	sample_summary(sample.reporter, 7, (struct event_summary){.status = 0});
	sample_finish(&sample);
	assert_int_equal(sample_count(sample.text, "\n"), 2);
	assert_int_equal(sample_count(sample.text, "\"pass\""), 2);
	assert_null(strstr(sample.text, "\"verdict\":\"fail\""));
	sample_free(&sample);
}

/* What was foreseen and what came: the outcomes that the formats share, seen in TAP. */
static void outcomes_follow_the_profile(void **state)
{
	static const struct {
		struct event_verdict verdict;
		bool strict;
		const char *line;
	} rows[] = {
		{{.verdict = VERDICT_PASS, .expected = true}, false, "\nok 1 - a.b ipv4\n"},
		{{.verdict = VERDICT_DEVIATION, .expected = true, .reason = "r"}, true,
			"\nnot ok 1 - a.b ipv4 # TODO r\n"},
		/* A fail was foreseen, and a deviation came. */
		{{.verdict = VERDICT_DEVIATION, .reason = "r"}, false, "\nnot ok 1 - a.b ipv4\n"},
		{{.verdict = VERDICT_DEVIATION}, false, "\nok 1 - a.b ipv4 # deviation\n"},
		{{.verdict = VERDICT_DEVIATION}, true, "\nnot ok 1 - a.b ipv4\n"},
		{{.verdict = VERDICT_FAIL}, false, "\nnot ok 1 - a.b ipv4\n"},
		{{.verdict = VERDICT_SKIP, .expected = true}, true, "\nok 1 - a.b ipv4 # SKIP\n"},
		/* Nobody can foresee these. */
		{{.verdict = VERDICT_ERROR, .expected = true}, false, "\nnot ok 1 - a.b ipv4\n"},
		{{.verdict = VERDICT_INCONCLUSIVE, .expected = true}, false,
			"\nnot ok 1 - a.b ipv4\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sample sample;

		sample_open(&sample, "tap", (struct reporter_options){.ladders = false});
		sample_run(sample.reporter, rows[i].strict);
		sample_verdict(sample.reporter, 1, "a.b", "ipv4", rows[i].verdict);
		sample_finish(&sample);
		if (!strstr(sample.text, rows[i].line))
			fail_msg("row %zu: %s", i, sample.text);
		sample_free(&sample);
	}
}

/* The stream of a run, written and read again, gives the same report. */
static void a_stored_stream_gives_the_same_report(void **state)
{
	const struct event events[] = {
		{.kind = EVENT_RUN, .run = {.version = "1", .kernel = "k", .profile = "p",
			.seed = 9, .cases = 1}},
		{.kind = EVENT_CASE, .time = 1, .name = "a.b", .over = "ipv6", .start = {
			.claim = "c", .level = "MUST", .requirements = {"r"}, .sentence = "s",
			.file = "f", .line = 2}},
		{.kind = EVENT_RUNG, .time = 2, .name = "a.b", .over = "ipv6", .rung = {
			.kind = "heard", .peer = 1, .text = "R \001", .want = "S", .broken = true}},
		{.kind = EVENT_VERDICT, .time = 3, .name = "a.b", .over = "ipv6", .verdict = {
			.verdict = VERDICT_FAIL, .message = "m", .seconds = ms(3), .line = 4}},
		{.kind = EVENT_SUMMARY, .time = 4, .summary = {.count = {0, 0, 0, 0, 1},
			.unexpected = 1, .seconds = ms(4), .status = 1}},
	};

	(void)state;
	for (size_t i = 0; i < FORMATS; i++) {
		struct sample direct, stored;

		sample_open(&direct, formats[i], (struct reporter_options){.ladders = false});
		sample_open(&stored, formats[i], (struct reporter_options){.ladders = false});
		for (size_t j = 0; j < sizeof(events) / sizeof(events[0]); j++) {
			struct buffer line = {.at = NULL};
			struct event_storage storage;
			struct event event;

			reporter_event(direct.reporter, &events[j]);
			assert_int_equal(event_write(&line, &events[j]), 0);
			assert_int_equal(event_read(line.at, line.len, &event, &storage, NULL), 0);
			reporter_event(stored.reporter, &event);
			event_storage_free(&storage);
			buffer_free(&line);
		}
		sample_finish(&direct);
		sample_finish(&stored);
		assert_string_equal(direct.text, stored.text);
		assert_true(direct.len > 0);
		sample_free(&direct);
		sample_free(&stored);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_formats_are_refused),
		cmocka_unit_test(a_full_disk_is_reported),
		cmocka_unit_test(a_disk_that_fills_up_is_reported),
		cmocka_unit_test(events_are_copied),
		cmocka_unit_test(ladders_of_two_tries_stay_apart),
		cmocka_unit_test(what_has_ended_has_ended),
		cmocka_unit_test(the_last_attempt_that_ended_counts),
		cmocka_unit_test(outcomes_follow_the_profile),
		cmocka_unit_test(a_stored_stream_gives_the_same_report),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
