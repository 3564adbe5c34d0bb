/*
 * What a selector may be, and what is suggested for one that matches nothing.
 */
#include "called.h"

static bool lists(const char *line, const char *what)
{
	const struct called *called = call(line);

	if (called->status)
		fail_msg("lastack %s: status %d, '%s'", line, called->status, called->err);
	return strstr(called->out, what) != NULL;
}

static void a_requirement_selects_its_cases(void **state)
{
	(void)state;
	/* By name, by section, by RFC; in any case of letters. */
	assert_true(lists("list RFC9293~MUST-15", "\n  mss_received."));
	assert_false(lists("list RFC9293~MUST-15", "passive_open"));
	assert_true(lists("list rfc9293~must-15", "\n  mss_received."));
	assert_true(lists("list RFC9293~3.10.7.4", "RFC9293 3.10.7.4 "));
	assert_false(lists("list RFC9293~3.10.7.4", "RFC6298"));
	assert_true(lists("list RFC6298", "RFC6298 "));
	assert_true(lists("list RFC9293~MUST-1[0-9]", "\n  mss_received."));
	assert_true(lists("list Linux~tcp(7)", "Linux tcp(7) "));
	/* A section has the sections below it, and no others that begin alike. */
	assert_true(lists("list RFC9293~3.10.7", "RFC9293 3.10.7.4 "));
	assert_false(lists("list --requirements RFC9293~3.1", "3.10"));
	assert_true(lists("list --requirements RFC9293~3.10.7.4", "RFC9293 3.10.7.4 "));
	assert_true(lists("list --requirements RFC9293~3.7.1", "RFC9293 MUST-15 "));
	assert_int_equal(call("show RFC9293~MUST-15")->status, 3);
	if (works_here())
		assert_int_equal(call("run --quick -4 RFC9293~MUST-15")->status, 0);
}

static void a_mistake_is_answered_with_what_is_near(void **state)
{
	static const struct {
		const char *line, *near;
	} rows[] = {
		/* The family is right: one of its cases. */
		{"run third_segment.nope", "lastack list third_segment shows all"},
		{"run third_segment.data_complete_it", "is third_segment.data_"},
		{"run passive_open.thre_segments", "is " CASE},
		/* The beginning is right. */
		{"run passive_open.three_x", "is " CASE},
		{"run passive_op", "is passive_open"},
		{"run RFC9293~MUST-150", "is RFC9293 MUST-15"},
		{"run RFC9239", "is RFC9293"},
		{"run RFC9293~3.10.7.44", "is RFC9293 3.10.7.4"},
		{"list --requirements RFC9293~MUST-150", "is RFC9293 MUST-15"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct called *called = call(rows[i].line);

		if (called->status != 3 || !is_one_line(called->err) ||
		    !strstr(called->err, rows[i].near))
			fail_msg("lastack %s: status %d, '%s'", rows[i].line, called->status,
				 called->err);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		OWN_FOLDER(a_requirement_selects_its_cases),
		OWN_FOLDER(a_mistake_is_answered_with_what_is_near),
	};

	program_take(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
