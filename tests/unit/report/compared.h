/*
 * For the tests of comparisons: runs made of letters.
 */
#ifndef TESTS_REPORT_COMPARED_H
#define TESTS_REPORT_COMPARED_H

#include "sample.h"

#define ANY_WIDTH 0

static struct comparison *comparison;
static struct buffer out;
static const struct reporter_options plain;

static inline int tear_down(void **state)
{
	(void)state;
	comparison_free(comparison);
	comparison = NULL;
	buffer_free(&out);
	return 0;
}

static inline void begin(const char *const *kernels, size_t count)
{
	struct why why;

	assert_int_equal(comparison_new(&comparison, kernels, count, &why), 0);
}

static inline struct reporter *reporter_of(size_t run, struct reporter_options options)
{
	struct reporter *reporter = NULL;
	struct why why;

	assert_int_equal(comparison_reporter(comparison, run, &options, &reporter, &why), 0);
	return reporter;
}

static const char *const cases[] = {"rst.in_window", "abort.data", "open.three_way"};

/*
 * A run whose verdicts are letters, a case each over IPv4: p f d s i e, '-' for one that is left
 * out, '?' for one that starts and does not end.
 */
static inline void run_of(size_t run, const char *release, const char *verdicts, bool interrupted)
{
	static const char letters[] = "psdife";
	static const enum verdict meant[] = {VERDICT_PASS, VERDICT_SKIP, VERDICT_DEVIATION,
		VERDICT_INCONCLUSIVE, VERDICT_FAIL, VERDICT_ERROR};
	struct event_summary summary = {.seconds = sec(60), .interrupted = interrupted};
	struct reporter *reporter = reporter_of(run, plain);
	unsigned n = 0;

	for (size_t i = 0; verdicts[i]; i++)
		n += verdicts[i] != '-';
	reporter_event(reporter, &(struct event){.kind = EVENT_RUN, .run = {.version = "0.1.0",
		.kernel = release, .cases = n}});
	for (size_t i = 0; verdicts[i]; i++) {
		const char *letter = strchr(letters, verdicts[i]);

		if (verdicts[i] != '-')
			sample_case(reporter, 0, cases[i], "ipv4");
		if (!letter)
			continue;
		summary.count[meant[letter - letters]]++;
		sample_verdict(reporter, 0, cases[i], "ipv4", (struct event_verdict){
			.verdict = meant[letter - letters], .expected = true,
			.message = run ? "one" : "another"});
	}
	sample_summary(reporter, sec(60), summary);
	assert_int_equal(reporter_finish(reporter, NULL), 0);
}

static inline const char *text_of(int width, bool all)
{
	struct reporter_options options = {.width = width};

	comparison_text(comparison, &options, all, &out);
	assert_false(out.failed);
	return out.at;
}

/* The table alone: what stands behind the lines on the kernels. */
static inline const char *table_of(int width, bool all)
{
	const char *gap = strstr(text_of(width, all), "\n\n");

	assert_non_null(gap);
	return gap + 2;
}

#endif
