/*
 * The verdict of an attempt: each way to end, each fact that may have caused it, and each level.
 */
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

/* What is decided for an attempt whose process told these facts. */
static struct judgement told(enum verdict verdict, struct break_facts facts, enum level level)
{
	const struct verdict_input in = {.end = END_TOLD,
					 .told = verdict,
					 .facts = &facts,
					 .message = MESSAGE,
					 .level = level};

	return verdict_decide(&in);
}

static void is_decided(const struct judgement *made, enum verdict verdict, const char *message)
{
	if (made->verdict != verdict || !strstr(made->message, message))
		fail_msg("want %s '%s', got %s '%s'", verdict_name(verdict), message,
			 verdict_name(made->verdict), made->message);
	assert_int_equal(made->again, verdict == VERDICT_INCONCLUSIVE);
}

static void what_the_case_says_stands(void **state)
{
	(void)state;
	for (int v = 0; v < VERDICTS; v++) {
		struct judgement made = told((enum verdict)v, (struct break_facts){.line = 7},
					     LEVEL_SHOULD);

		is_decided(&made, (enum verdict)v, MESSAGE);
		assert_string_equal(made.message, MESSAGE);
	}
}

static void the_level_makes_the_verdict_of_each_break(void **state)
{
	static const struct {
		enum level level;
		enum verdict verdict;
	} rows[] = {
		{LEVEL_UNSET, VERDICT_FAIL},	    {LEVEL_MUST, VERDICT_FAIL},
		{LEVEL_MUST_NOT, VERDICT_FAIL},	    {LEVEL_DOCUMENTED, VERDICT_FAIL},
		{LEVEL_SHOULD, VERDICT_DEVIATION},  {LEVEL_SHOULD_NOT, VERDICT_DEVIATION},
		{LEVEL_MAY, VERDICT_PASS},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (int k = BREAK_NONE + 1; k < BREAKS; k++) {
			struct break_facts facts = {.kind = (enum break_kind)k};
			struct judgement made = told(VERDICT_FAIL, facts, rows[i].level);

			is_decided(&made, rows[i].verdict, MESSAGE);
			/* The level of the step that broke is before that of the case. */
			facts.level = rows[i].level;
			made = told(VERDICT_FAIL, facts, LEVEL_MUST);
			is_decided(&made, rows[i].verdict, MESSAGE);
		}
}

static void our_own_lateness_excuses_each_break(void **state)
{
	static const struct {
		struct break_facts facts;
		const char *reason; /* NULL: it does not */
		bool not_checks;    /* nor does it explain a wrong number that is compared later */
	} rows[] = {
		{{.late = ms(50)}, NULL, false},
		{{.late = ms(51)}, "our own side was 51 ms late; then: " MESSAGE, false},
		{{.stall = ms(80), .stall_of = "the agent"},
		 "the agent stood still for 80 ms; then: " MESSAGE, false},
		{{.stall = ms(80)}, "this machine stood still for 80 ms; then: " MESSAGE, false},
		{{.starved = true}, "the DUT waited for a processor; then: " MESSAGE, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (int k = BREAK_NONE + 1; k < BREAKS; k++) {
			const bool judged = k == BREAK_CHECK && rows[i].not_checks;
			const char *reason = judged ? NULL : rows[i].reason;
			struct break_facts facts = rows[i].facts;
			struct judgement made;

			facts.kind = (enum break_kind)k;
			made = told(VERDICT_FAIL, facts, LEVEL_MUST);
			is_decided(&made, reason ? VERDICT_INCONCLUSIVE : VERDICT_FAIL,
				   reason ? reason : MESSAGE);
		}
}

/* A case that does not break passes, however late our own side was. */
static void lateness_spoils_no_pass(void **state)
{
	struct break_facts facts = {.late = sec(1), .stall = sec(1), .starved = true};
	struct judgement made = told(VERDICT_PASS, facts, LEVEL_MUST);

	(void)state;
	is_decided(&made, VERDICT_PASS, "");
}

static void a_lateness_explains_twice_itself(void **state)
{
	static const struct {
		nanos off_by;
		enum verdict verdict;
	} rows[] = {{ms(160), VERDICT_INCONCLUSIVE}, {ms(161), VERDICT_FAIL}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct break_facts facts = {.kind = BREAK_CALL, .off_by = rows[i].off_by};
		struct judgement made;

		facts.stall = ms(80);
		made = told(VERDICT_FAIL, facts, LEVEL_MUST);
		is_decided(&made, rows[i].verdict, MESSAGE);
		facts.stall = 0;
		facts.late = ms(80);
		made = told(VERDICT_FAIL, facts, LEVEL_MUST);
		is_decided(&made, rows[i].verdict, MESSAGE);
	}
}

static void nothing_is_judged_by_a_capture_with_holes(void **state)
{
	static const struct {
		struct break_facts facts;
		const char *reason;
	} rows[] = {
		{{.dropped = 3}, "the capture dropped 3 frames"},
		{{.drops_unknown = true}, "does not say whether it dropped frames"},
		{{.clock_step = ms(21)}, "clock was set by 21 ms"},
		{{.clock_step = -ms(21)}, "clock was set by -21 ms"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct break_facts facts = rows[i].facts;
		struct judgement made;

		for (int v = 0; v < VERDICTS; v++) {
			bool judged = v == VERDICT_PASS || v == VERDICT_DEVIATION ||
				      v == VERDICT_FAIL;

			made = told((enum verdict)v, facts, LEVEL_MUST);
			is_decided(&made, judged ? VERDICT_INCONCLUSIVE : (enum verdict)v,
				   rows[i].reason);
		}
		facts.kind = BREAK_VALUE;
		for (int l = LEVEL_UNSET; l <= LEVEL_DOCUMENTED; l++) {
			made = told(VERDICT_FAIL, facts, (enum level)l);
			is_decided(&made, VERDICT_INCONCLUSIVE, rows[i].reason);
		}
		/* Both reasons are given. */
		facts.late = ms(60);
		made = told(VERDICT_FAIL, facts, LEVEL_MUST);
		is_decided(&made, VERDICT_INCONCLUSIVE, "60 ms late; then: " MESSAGE "; ");
		is_decided(&made, VERDICT_INCONCLUSIVE, rows[i].reason);
	}
}

static void the_clock_may_be_slewed(void **state)
{
	struct judgement made = told(VERDICT_PASS, (struct break_facts){.clock_step = ms(20)},
				     LEVEL_MUST);

	(void)state;
	is_decided(&made, VERDICT_PASS, MESSAGE);
}

static void without_a_lab_nothing_is_judged(void **state)
{
	static const struct {
		int no_lab, no_reach;
		enum verdict verdict;
	} rows[] = {
		{EAFNOSUPPORT, 0, VERDICT_SKIP},   {0, EAFNOSUPPORT, VERDICT_SKIP},
		{ETIMEDOUT, 0, VERDICT_INCONCLUSIVE}, {0, ETIMEDOUT, VERDICT_ERROR},
		{EIO, 0, VERDICT_ERROR},	   {0, ECONNREFUSED, VERDICT_ERROR},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct judgement made = told(VERDICT_ERROR, (struct break_facts){
			.no_lab = rows[i].no_lab, .no_reach = rows[i].no_reach}, LEVEL_MUST);

		is_decided(&made, rows[i].verdict, MESSAGE);
	}
}

static void the_other_ends(void **state)
{
	struct verdict_input in = {.end = END_MISSING, .message = MESSAGE};
	struct judgement made = verdict_decide(&in);

	(void)state;
	is_decided(&made, VERDICT_SKIP, MESSAGE);
	in.end = END_FAILED;
	made = verdict_decide(&in);
	is_decided(&made, VERDICT_ERROR, MESSAGE);
	in = (struct verdict_input){.end = END_OVERRUN, .message = "", .took = sec(20),
				    .budget = sec(10)};
	made = verdict_decide(&in);
	is_decided(&made, VERDICT_ERROR, "ran past its budget of 10 s");
	in.use.waited = sec(11);
	made = verdict_decide(&in);
	is_decided(&made, VERDICT_INCONCLUSIVE, "waited 11 s for a processor");
}

static void the_profile_decides_what_counts(void **state)
{
	struct break_facts facts = {.kind = BREAK_MISSING};
	struct verdict_input in = {.end = END_TOLD, .facts = &facts, .message = MESSAGE};
	struct judgement made = verdict_decide(&in);

	(void)state;
	assert_true(made.counts && !made.expected);
	in.expected = VERDICT_FAIL;
	made = verdict_decide(&in);
	assert_true(!made.counts && made.expected);
	in.expected = VERDICT_PASS;
	in.level = LEVEL_SHOULD;
	made = verdict_decide(&in);
	assert_true(!made.counts && !made.expected);
	in.strict = true;
	made = verdict_decide(&in);
	assert_true(made.counts && !made.expected);
}

static void a_silent_host_has_no_further_attempt(void **state)
{
	const struct verdict_input in = {.end = END_SILENT, .message = ""};
	struct judgement made = verdict_decide(&in);

	(void)state;
	assert_int_equal(made.verdict, VERDICT_INCONCLUSIVE);
	assert_false(made.again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_case_says_stands),
		cmocka_unit_test(the_level_makes_the_verdict_of_each_break),
		cmocka_unit_test(our_own_lateness_excuses_each_break),
		cmocka_unit_test(lateness_spoils_no_pass),
		cmocka_unit_test(a_lateness_explains_twice_itself),
		cmocka_unit_test(nothing_is_judged_by_a_capture_with_holes),
		cmocka_unit_test(the_clock_may_be_slewed),
		cmocka_unit_test(without_a_lab_nothing_is_judged),
		cmocka_unit_test(the_other_ends),
		cmocka_unit_test(the_profile_decides_what_counts),
		cmocka_unit_test(a_silent_host_has_no_further_attempt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
