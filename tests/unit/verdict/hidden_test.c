/* What a filter, a translator of addresses or the path's qualities hide of a host. */
#include "attempt.h"

static void what_a_filter_may_have_dropped_is_skipped(void **state)
{
	struct attempt attempt;

	(void)state;
	for (int k = BREAK_NONE + 1; k < BREAKS; k++) {
		begin_again(&attempt, (enum break_kind)k, PATH_DIRECT);
		attempt.path.before.filter = true;
		is_made(&attempt, VERDICT_FAIL, MESSAGE);
		attempt.facts.unfit = true;
		is_made(&attempt, k == BREAK_FORM ? VERDICT_FAIL : VERDICT_SKIP,
			   k == BREAK_FORM ? MESSAGE : "--no-filter");
		attempt.path.before.filter = false;
		is_made(&attempt, VERDICT_FAIL, MESSAGE);
		attempt.path.before.rejects = true;
		is_made(&attempt, k == BREAK_FORM ? VERDICT_FAIL : VERDICT_SKIP,
			   k == BREAK_FORM ? MESSAGE : "--no-filter");
		attempt.path.before.rejects = false;
		attempt.path.before.translates = true;
		is_made(&attempt, k == BREAK_FORM ? VERDICT_FAIL : VERDICT_SKIP,
			   k == BREAK_FORM ? MESSAGE : "not have been translated");
		/* Our own lateness is a reason to try again. */
		attempt.facts.late = sec(1);
		attempt.in.attempt = 1;
		is_made(&attempt, VERDICT_INCONCLUSIVE, "late");
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
	is_made(&attempt, VERDICT_PASS, "");
	attempt.path.before.rtt_worst = attempt.path.before.rtt_least = ms(80);
	attempt.path.beside = attempt.path.after = attempt.path.before;
	is_made(&attempt, VERDICT_INCONCLUSIVE, "80.000 ms is added to every tolerance");
	attempt.in.expected = VERDICT_PASS;
	is_made(&attempt, VERDICT_PASS, "");
	begin(&attempt, BREAK_NONE, PATH_DIRECT);
	attempt.in.told = VERDICT_PASS;
	attempt.in.expected = VERDICT_DEVIATION;
	attempt.path.run.lost = 3;
	is_made(&attempt, VERDICT_INCONCLUSIVE, "the path lost 3 of");
	attempt.path.before.filter = attempt.facts.unfit = true;
	is_made(&attempt, VERDICT_SKIP, "--no-filter");
	attempt.in.path = NULL;
	is_made(&attempt, VERDICT_PASS, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_filter_may_have_dropped_is_skipped),
		cmocka_unit_test(what_the_path_may_have_hidden_is_no_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
