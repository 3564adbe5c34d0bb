/*
 * The catalogue of a few cases, what a selector means in it, and which of them make a plan.
 */
#include "run/select.h"
#include "run/job.h"
#include <errno.h>
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

FAMILY(teardown, "A family of these tests");

struct row {
	const char *name;
	int value;
};
static const struct row table[] = {{"two", 2}, {"one", 1}};

CASE(active_close, .requirement = RFC9293(MUST, 13), .claim = "closes", .over = IPV4,
     .budget = sec(10))
{
	(void)lab;
}

CASE(half_close, .requirement = RFC9293(SHLD, 1), .claim = "half", .judged_as = LEVEL_MAY)
{
	(void)lab;
}

CASE(slow_close, .requirement = RFC9293(MUST, 13), .claim = "slow", .over = IPV6, .budget = sec(60))
{
	(void)lab;
}

CASE_EACH(lost_fin, struct row, table, .requirement = RFC9293(MUST, 13), .claim = "each")
{
	(void)lab;
	(void)row;
}

static int setup(void **state)
{
	static struct catalogue catalogue;

	*state = &catalogue;
	return catalogue_new(&catalogue, NULL);
}

static int teardown(void **state)
{
	catalogue_free(*state);
	return 0;
}

static void rows_are_entries_sorted_by_name(void **state)
{
	static const char *const names[] = {"teardown.active_close", "teardown.half_close",
					    "teardown.lost_fin/one", "teardown.lost_fin/two",
					    "teardown.slow_close"};
	const struct catalogue *catalogue = *state;

	assert_int_equal(catalogue->count, 5);
	for (size_t i = 0; i < 5; i++) {
		assert_string_equal(catalogue->entries[i].name, names[i]);
		assert_string_equal(catalogue->entries[i].area, "run");
	}
	assert_int_equal(((const struct row *)catalogue->entries[2].row)->value, 1);
	assert_null(catalogue->entries[0].row);
}

static void defaults_fill_in(void **state)
{
	const struct catalogue *catalogue = *state;

	assert_int_equal(case_level(catalogue->entries[0].record), LEVEL_MUST);
	assert_int_equal(case_level(catalogue->entries[1].record), LEVEL_MAY);
	assert_true(case_budget(catalogue->entries[0].record) == sec(10));
	assert_true(case_budget(catalogue->entries[1].record) == sec(5));
}

/* How many entries one or two selectors keep; -errno. */
static int kept(const char *first, const char *second)
{
	char a[64], b[64];
	char *selectors[] = {a, b};
	struct catalogue catalogue;
	int r;

	strcpy(a, first);
	strcpy(b, second ? second : "");
	assert_int_equal(catalogue_new(&catalogue, NULL), 0);
	r = catalogue_select(&catalogue, selectors, second ? 2 : 1, NULL);
	if (!r)
		r = (int)catalogue.count;
	catalogue_free(&catalogue);
	return r;
}

static void selectors_mean_areas_families_and_cases(void **state)
{
	(void)state;
	assert_int_equal(kept("run", NULL), 5);
	assert_int_equal(kept("teardown", NULL), 5);
	assert_int_equal(kept("tear*", NULL), 5);
	assert_int_equal(kept("teardown.lost_fin", NULL), 2);
	assert_int_equal(kept("teardown.lost_fin/one", NULL), 1);
	assert_int_equal(kept("*/[ot]*", NULL), 2);
	assert_int_equal(kept("*.*_close", NULL), 3);
	assert_int_equal(kept("teardown.half_close", "*.active*"), 2);
	assert_int_equal(kept("teardown.half_close", "teardown.h*"), 1);
	assert_int_equal(kept("half_close", NULL), -ENOENT);
	assert_int_equal(kept("teardown.half_close", "nothing"), -ENOENT);
	assert_int_equal(kept("", NULL), -ENOENT);
}

static void the_nearest_name_is_told(void **state)
{
	static const struct {
		const char *typed, *near;
	} typos[] = {
		{"teardwon", "teardown"},
		{"teardown.actve_close", "teardown.active_close"},
		{"half_close", "teardown.half_close"},
		{"lost_fin/tow", "teardown.lost_fin"},
		{"TEARDOWN", "teardown"},
		{"teardow.slo*", "teardown"},
	};
	struct catalogue *catalogue = *state;

	for (size_t i = 0; i < sizeof(typos) / sizeof(typos[0]); i++) {
		char typed[64];
		char *selector = typed;
		struct why why = {.text = ""};

		strcpy(typed, typos[i].typed);
		assert_int_equal(catalogue_select(catalogue, &selector, 1, &why), -ENOENT);
		if (!strstr(why.text, typos[i].near) || !strstr(why.text, typos[i].typed))
			fail_msg("'%s' gave: %s", typed, why.text);
		assert_int_equal(catalogue->count, 5);
	}
}

static void what_is_near_nothing_gets_the_list(void **state)
{
	char typed[] = "xyzzyplugh";
	char *selector = typed;
	struct why why = {.text = ""};

	assert_int_equal(catalogue_select(*state, &selector, 1, &why), -ENOENT);
	assert_non_null(strstr(why.text, "lastack list"));
}

static void edits_are_counted(void **state)
{
	(void)state;
	assert_int_equal(edit_distance("", ""), 0);
	assert_int_equal(edit_distance("", "abc"), 3);
	assert_int_equal(edit_distance("abc", ""), 3);
	assert_int_equal(edit_distance("kitten", "sitting"), 3);
	assert_int_equal(edit_distance("jbos", "jobs"), 1);
	assert_int_equal(edit_distance("JOBS", "jobs"), 0);
}

static int planned(struct run_options *options, struct plan *plan, struct why *why)
{
	struct plan made = {.jobs = NULL};
	int r = plan_new(&made, options, why);

	if (!r)
		*plan = made;
	return r;
}

static void the_longest_starts_first(void **state)
{
	struct run_options options = {.catalogue = *state, .time_scale = 2, .seed = 1};
	struct plan plan;

	assert_int_equal(planned(&options, &plan, NULL), 0);
	assert_int_equal(plan.count, 8);
	assert_string_equal(plan.jobs[0].entry->name, "teardown.slow_close");
	assert_string_equal(plan.jobs[0].over, "ipv6");
	assert_true(plan.jobs[0].budget == sec(120));
	assert_string_equal(plan.jobs[1].entry->name, "teardown.active_close");
	assert_int_equal(plan.jobs[1].family, 4);
	for (size_t i = 1; i < plan.count; i++)
		assert_true(plan.jobs[i - 1].budget >= plan.jobs[i].budget);
	plan_free(&plan);
}

static void families_and_quick_leave_out(void **state)
{
	struct run_options options = {.catalogue = *state, .over = IPV4, .quick = true};
	struct why why = {.text = ""};
	struct plan plan;

	assert_int_equal(planned(&options, &plan, NULL), 0);
	assert_int_equal(plan.count, 4);
	assert_int_equal(plan.left_out, 0);
	plan_free(&plan);
	options.over = IPV6;
	assert_int_equal(planned(&options, &plan, NULL), 0);
	assert_int_equal(plan.count, 3);
	assert_int_equal(plan.left_out, 1);
	plan_free(&plan);
	assert_int_equal(catalogue_select(*state, (char *[]){(char[]){"*.slow*"}}, 1, NULL), 0);
	assert_int_equal(planned(&options, &plan, &why), -ENOENT);
	assert_non_null(strstr(why.text, "--quick"));
	options.quick = false;
	options.over = IPV4;
	assert_int_equal(planned(&options, &plan, &why), -ENOENT);
	assert_non_null(strstr(why.text, "IPv4"));
}

static void seeds_differ_and_come_again(void **state)
{
	uint64_t seed = job_seed(7, "a.b", "ipv4");

	(void)state;
	assert_true(seed == job_seed(7, "a.b", "ipv4"));
	assert_true(seed != job_seed(8, "a.b", "ipv4"));
	assert_true(seed != job_seed(7, "a.c", "ipv4"));
	assert_true(seed != job_seed(7, "a.b", "ipv6"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rows_are_entries_sorted_by_name, setup, teardown),
		cmocka_unit_test_setup_teardown(defaults_fill_in, setup, teardown),
		cmocka_unit_test(selectors_mean_areas_families_and_cases),
		cmocka_unit_test_setup_teardown(the_nearest_name_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_near_nothing_gets_the_list, setup,
						teardown),
		cmocka_unit_test(edits_are_counted),
		cmocka_unit_test_setup_teardown(the_longest_starts_first, setup, teardown),
		cmocka_unit_test_setup_teardown(families_and_quick_leave_out, setup, teardown),
		cmocka_unit_test(seeds_differ_and_come_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
