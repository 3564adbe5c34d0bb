/* What a filter, a translator of addresses or the path's qualities hide of a host. */
#include "verdict/verdict.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* cmocka has macros of the same names as a case's verbs. */
#undef expect
#undef expect_any
#undef check
#include <cmocka.h>

#define MESSAGE "want ack 1, got 2"
#define LINE 77

/* An attempt that broke at LINE, and the path that it had; changed by each test. */
struct attempt {
	struct break_facts facts;
	struct verdict_path path;
	struct verdict_input in;
};

static const struct path_facts clean = {
	.sent = 100, .rtt_least = us(50), .rtt_worst = us(300)};

static void begin(struct attempt *attempt, enum break_kind kind, enum path_kind path)
{
	attempt->facts = (struct break_facts){.kind = kind, .line = LINE, .hops_least = 64,
					      .hops_most = 64};
	attempt->path = (struct verdict_path){.kind = path, .interface = "t0", .before = clean,
					      .run = clean, .beside = clean, .after = clean};
	attempt->in = (struct verdict_input){.end = END_TOLD, .told = VERDICT_FAIL,
					     .facts = &attempt->facts, .path = &attempt->path,
					     .message = MESSAGE, .level = LEVEL_MUST, .attempt = 1};
}

/* The same, after an attempt that broke in the same way at the same place. */
static void begin_again(struct attempt *attempt, enum break_kind kind, enum path_kind path)
{
	begin(attempt, kind, path);
	attempt->in.attempt = 2;
	attempt->in.before = kind;
	attempt->in.before_line = LINE;
}

static void is_decided(const struct attempt *attempt, enum verdict verdict, const char *message)
{
	struct judgement made = verdict_decide(&attempt->in);

	if (made.verdict != verdict || !strstr(made.message, message))
		fail_msg("%s: want %s '%s', got %s '%s'", break_name(attempt->facts.kind),
			 verdict_name(verdict), message, verdict_name(made.verdict),
			 made.message);
}

static void what_a_filter_may_have_dropped_is_skipped(void **state)
{
	struct attempt attempt;

	(void)state;
	for (int k = BREAK_NONE + 1; k < BREAKS; k++) {
		begin_again(&attempt, (enum break_kind)k, PATH_DIRECT);
		attempt.path.before.filter = true;
		is_decided(&attempt, VERDICT_FAIL, MESSAGE);
		attempt.facts.unfit = true;
		is_decided(&attempt, k == BREAK_FORM ? VERDICT_FAIL : VERDICT_SKIP,
			   k == BREAK_FORM ? MESSAGE : "--no-filter");
		attempt.path.before.filter = false;
		is_decided(&attempt, VERDICT_FAIL, MESSAGE);
		attempt.path.before.rejects = true;
		is_decided(&attempt, k == BREAK_FORM ? VERDICT_FAIL : VERDICT_SKIP,
			   k == BREAK_FORM ? MESSAGE : "--no-filter");
		attempt.path.before.rejects = false;
		attempt.path.before.translates = true;
		is_decided(&attempt, k == BREAK_FORM ? VERDICT_FAIL : VERDICT_SKIP,
			   k == BREAK_FORM ? MESSAGE : "not have been translated");
		/* Our own lateness is a reason to try again. */
		attempt.facts.late = sec(1);
		attempt.in.attempt = 1;
		is_decided(&attempt, VERDICT_INCONCLUSIVE, "late");
	}
}

/* Attempts that pass, though the profile expects a failure. */
static void what_the_path_may_have_hidden_is_no_pass(void **state)
{
	struct attempt attempt;

	(void)state;
	begin(&attempt, BREAK_NONE, PATH_DIRECT);
	attempt.in.told = VERDICT_PASS;
	attempt.in.expected = VERDICT_FAIL;
	is_decided(&attempt, VERDICT_PASS, "");
	attempt.path.before.rtt_worst = attempt.path.before.rtt_least = ms(80);
	attempt.path.beside = attempt.path.after = attempt.path.before;
	is_decided(&attempt, VERDICT_INCONCLUSIVE, "80.000 ms is added to every tolerance");
	attempt.in.expected = VERDICT_PASS;
	is_decided(&attempt, VERDICT_PASS, "");
	begin(&attempt, BREAK_NONE, PATH_DIRECT);
	attempt.in.told = VERDICT_PASS;
	attempt.in.expected = VERDICT_DEVIATION;
	attempt.path.run.lost = 3;
	is_decided(&attempt, VERDICT_INCONCLUSIVE, "the path lost 3 of");
	attempt.path.before.filter = attempt.facts.unfit = true;
	is_decided(&attempt, VERDICT_SKIP, "--no-filter");
	attempt.in.path = NULL;
	is_decided(&attempt, VERDICT_PASS, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_filter_may_have_dropped_is_skipped),
		cmocka_unit_test(what_the_path_may_have_hidden_is_no_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
