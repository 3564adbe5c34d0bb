/*
 * The TAP report, read by prove: its result and the exit status of the run agree for every verdict
 * and whatever the profile expects. A file is what prove gets, so that the text alone decides.
 */
#include "report/report.h"
#include "verdict/verdict.h"
/* cmocka and called.h have macros of the same names as a case's. */
#undef expect
#undef expect_any
#undef check
#undef CASE
#include "called.h"

#define REASON "a \"known\" fault: it\\s #1 - [x] {y} %z"

/* A run of one case that ends so, as TAP in the test's folder. Returns its exit status. */
static int run_write(enum verdict verdict, enum verdict foreseen, bool strict)
{
	bool expected = verdict_expected(verdict, foreseen);
	bool counts = verdict_counts(verdict, expected, foreseen != VERDICT_PASS, strict);
	struct reporter_options options = {.ladders = true};
	struct tally tally = {.unexpected = 0};
	struct reporter *reporter;
	struct event event;
	char path[128];
	struct why why;

	tally_add(&tally, verdict, counts);
	snprintf(path, sizeof(path), "%s/run.tap", folder);
	options.out = fopen(path, "w");
	assert_non_null(options.out);
	assert_int_equal(reporter_new(&reporter, "tap", &options, &why), 0);
	event = (struct event){.kind = EVENT_RUN, .run = {.version = "1", .kernel = "Linux # 6",
			       .profile = "linux", .cases = 1, .strict = strict}};
	reporter_event(reporter, &event);
	event = (struct event){.kind = EVENT_CASE, .name = "a.b#c", .over = "ipv4",
			       .start = {.claim = "'claim' - \"x\": #", .level = "MUST",
					 .requirements = {"RFC9293 MUST-15"}, .file = "cases/a.c"}};
	reporter_event(reporter, &event);
	event.kind = EVENT_RUNG;
	event.rung = (struct event_rung){.kind = "sent", .text = "S seq 0, options [\"mss\"]"};
	reporter_event(reporter, &event);
	event.kind = EVENT_VERDICT;
	event.verdict = (struct event_verdict){.verdict = verdict, .attempt = 2,
					       .expected = expected,
					       .reason = foreseen ? REASON : NULL,
					       .message = "- nothing: it\\s \"gone\" # TODO",
					       .command = "lastack run 'a.b'"};
	reporter_event(reporter, &event);
	event = (struct event){.kind = EVENT_SUMMARY,
			       .summary = {.unexpected = tally.unexpected,
					   .status = verdict_status(&tally, false)}};
	event.summary.count[verdict] = 1;
	reporter_event(reporter, &event);
	assert_int_equal(reporter_finish(reporter, &why), 0);
	fclose(options.out);
	return event.summary.status;
}

static void the_result_is_the_exit_status(void **state)
{
	(void)state;
	for (int v = 0; v < VERDICTS; v++)
		for (int f = VERDICT_PASS; f <= VERDICT_FAIL; f++)
			for (int strict = 0; strict < 2; strict++) {
				int status = run_write((enum verdict)v, (enum verdict)f, strict);
				const struct called *called = call("%/run.tap");

				if (!called->status != !status || *called->err != '\0' ||
				    strstr(called->out, "Parse errors"))
					fail_msg("%s, expected %s%s: exit %d, but prove %d: %s%s",
						 verdict_name((enum verdict)v),
						 verdict_name((enum verdict)f),
						 strict ? ", strict" : "", status, called->status,
						 called->out, called->err);
			}
}

/* Without a summary, or cut short, nothing has passed. */
static void an_unfinished_run_is_no_success(void **state)
{
	static const char *const lines[] = {"TAP version 13", "TAP version 13\n1..1"};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char path[128];
		FILE *file;

		snprintf(path, sizeof(path), "%s/run.tap", folder);
		file = fopen(path, "w");
		assert_non_null(file);
		fprintf(file, "%s\n", lines[i]);
		fclose(file);
		assert_int_not_equal(call("%/run.tap")->status, 0);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		OWN_FOLDER(the_result_is_the_exit_status),
		OWN_FOLDER(an_unfinished_run_is_no_success),
	};

	program_take(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
