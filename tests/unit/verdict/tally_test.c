/*
 * Levels, needs, and what the verdicts of a run add up to.
 */
#include "verdict/verdict.h"
#include <lastack/case.h>
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

/* Does the verdict count against the run where the profile expects another one, or the same? */
static bool counts(enum verdict verdict, enum verdict expected, bool strict)
{
	return verdict_counts(verdict, verdict_expected(verdict, expected),
			      expected != VERDICT_PASS, strict);
}

static void a_broken_claim_is_judged_by_its_level(void **state)
{
	(void)state;
	assert_int_equal(verdict_broken(LEVEL_MUST), VERDICT_FAIL);
	assert_int_equal(verdict_broken(LEVEL_MUST_NOT), VERDICT_FAIL);
	assert_int_equal(verdict_broken(LEVEL_DOCUMENTED), VERDICT_FAIL);
	assert_int_equal(verdict_broken(LEVEL_UNSET), VERDICT_FAIL);
	assert_int_equal(verdict_broken(LEVEL_SHOULD), VERDICT_DEVIATION);
	assert_int_equal(verdict_broken(LEVEL_SHOULD_NOT), VERDICT_DEVIATION);
	assert_int_equal(verdict_broken(LEVEL_MAY), VERDICT_PASS);
}

static void the_profile_foresees(void **state)
{
	(void)state;
	assert_true(verdict_expected(VERDICT_PASS, VERDICT_PASS));
	assert_true(verdict_expected(VERDICT_SKIP, VERDICT_PASS));
	assert_true(verdict_expected(VERDICT_FAIL, VERDICT_FAIL));
	assert_true(verdict_expected(VERDICT_SKIP, VERDICT_FAIL));
	assert_false(verdict_expected(VERDICT_PASS, VERDICT_FAIL));
	assert_false(verdict_expected(VERDICT_FAIL, VERDICT_DEVIATION));
	assert_false(verdict_expected(VERDICT_DEVIATION, VERDICT_PASS));
	assert_false(verdict_expected(VERDICT_INCONCLUSIVE, VERDICT_PASS));
	assert_false(verdict_expected(VERDICT_ERROR, VERDICT_FAIL));
}

static void only_the_unforeseen_counts_against_the_run(void **state)
{
	(void)state;
	assert_true(counts(VERDICT_FAIL, VERDICT_PASS, false));
	assert_true(counts(VERDICT_FAIL, VERDICT_DEVIATION, false));
	assert_false(counts(VERDICT_FAIL, VERDICT_FAIL, true));
	assert_false(counts(VERDICT_DEVIATION, VERDICT_PASS, false));
	assert_true(counts(VERDICT_DEVIATION, VERDICT_PASS, true));
	assert_false(counts(VERDICT_DEVIATION, VERDICT_DEVIATION, true));
	assert_true(counts(VERDICT_PASS, VERDICT_FAIL, false));
	assert_false(counts(VERDICT_PASS, VERDICT_PASS, true));
	assert_false(counts(VERDICT_SKIP, VERDICT_FAIL, true));
	assert_false(counts(VERDICT_INCONCLUSIVE, VERDICT_FAIL, true));
	assert_false(counts(VERDICT_ERROR, VERDICT_PASS, true));
}

static void the_worst_verdict_is_the_status(void **state)
{
	struct tally tally = {.count = {0}};

	(void)state;
	assert_int_equal(verdict_status(&tally, true), EXIT_HARNESS);
	tally_add(&tally, VERDICT_PASS, false);
	tally_add(&tally, VERDICT_SKIP, false);
	tally_add(&tally, VERDICT_DEVIATION, false);
	assert_int_equal(verdict_status(&tally, false), EXIT_EXPECTED);
	tally_add(&tally, VERDICT_INCONCLUSIVE, false);
	assert_int_equal(verdict_status(&tally, false), EXIT_HARNESS);
	tally_add(&tally, VERDICT_FAIL, true);
	assert_int_equal(verdict_status(&tally, false), EXIT_UNEXPECTED);
	/* Evidence that was asked for and not kept is never forgiven. */
	assert_int_equal(verdict_status(&tally, true), EXIT_HARNESS);
	tally_add(&tally, VERDICT_ERROR, false);
	assert_int_equal(verdict_status(&tally, false), EXIT_HARNESS);
	tally_remove(&tally, VERDICT_ERROR, false);
	tally_remove(&tally, VERDICT_FAIL, true);
	tally_remove(&tally, VERDICT_INCONCLUSIVE, false);
	assert_int_equal(verdict_status(&tally, false), EXIT_EXPECTED);
	tally_add(&tally, VERDICT_FAIL, false);
	assert_int_equal(verdict_status(&tally, false), EXIT_EXPECTED);
}

static void what_is_missing_is_named(void **state)
{
	(void)state;
	assert_null(verdict_missing(0, DUT_AGENT));
	assert_non_null(strstr(verdict_missing(0, SYSCTLS), "agent"));
	assert_null(verdict_missing(DUT_AGENT | SYSCTLS, DUT_AGENT | SYSCTLS | FLOOD));
	assert_non_null(strstr(verdict_missing(DUT_AGENT | SYSCTLS, DUT_AGENT), "sysctls"));
	assert_non_null(strstr(verdict_missing(FLOOD, DUT_AGENT), "--intrusive"));
	assert_non_null(verdict_missing(1u << 31, DUT_AGENT | SYSCTLS | FLOOD));
}

static void every_requirement_has_its_row(void **state)
{
	(void)state;
	for (int i = REQUIREMENT_NONE + 1; i < REQUIREMENT_END; i++) {
		const struct requirement *row = requirement_get((enum requirement_id)i);

		assert_non_null(row);
		assert_int_equal(row->id, i);
		assert_true(*row->name && *row->sentence && *row->section);
		assert_int_not_equal(row->level, LEVEL_UNSET);
		assert_true((row->rfc == 0) == (row->level == LEVEL_DOCUMENTED));
	}
	assert_null(requirement_get(REQUIREMENT_NONE));
	assert_null(requirement_get(REQUIREMENT_END));
	assert_null(requirement_get((enum requirement_id) - 1));
	assert_string_equal(requirement_get(RFC9293(MUST, 15))->name, "RFC9293 MUST-15");
	assert_string_equal(level_name(LEVEL_MUST_NOT), "MUST NOT");
	assert_string_equal(level_name(LEVEL_UNSET), "");
	assert_string_equal(level_name((enum level)99), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_broken_claim_is_judged_by_its_level),
		cmocka_unit_test(the_profile_foresees),
		cmocka_unit_test(only_the_unforeseen_counts_against_the_run),
		cmocka_unit_test(the_worst_verdict_is_the_status),
		cmocka_unit_test(what_is_missing_is_named),
		cmocka_unit_test(every_requirement_has_its_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
