/*
 * The requirement map of a few cases, and what a table of reasons can be wrong in.
 */
#include "run/run.h"
#include <errno.h>
#include <lastack/case.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* cmocka has macros of the same names as a case's verbs. */
#undef expect
#undef expect_any
#undef check
#include <cmocka.h>

FAMILY(mapped, "A family of these tests");

struct row {
	const char *name;
	int value;
};
static const struct row table[] = {{"two", 2}, {"one", 1}};

CASE(plain, .requirement = RFC9293(MUST, 1), .claim = "plain",
     .also = {RFC9293(MUST, 2), RFC9293(MUST, 1)})
{
	(void)lab;
}

CASE_EACH(rows, struct row, table, .requirement = RFC9293(MUST, 1), .claim = "each",
	  .also = {RFC(5681, 1)})
{
	(void)lab;
	(void)row;
}

static struct catalogue catalogue;
static struct requirement_map map;

/* A table of reasons that is right: a line for each whole RFC, and the rest by name. */
#define LINES_MAX (REQUIREMENT_END + 16)
static const char *lines[LINES_MAX + 1];
static size_t count;

static void line_add(const char *line)
{
	char *copy = strdup(line);

	assert_non_null(copy);
	assert_true(count < LINES_MAX);
	lines[count++] = copy;
	lines[count] = NULL;
}

static void lines_fill(void)
{
	char line[256];

	line_add("# Text");
	line_add("");
	line_add("| requirement | reason |");
	line_add("|---|:--|");
	line_add("| RFC5681 | later |");
	for (int id = REQUIREMENT_NONE + 1; id < REQUIREMENT_END; id++) {
		const struct requirement *requirement = requirement_get((enum requirement_id)id);

		if (id == RFC9293(MUST, 1) || id == RFC9293(MUST, 2) || requirement->rfc == 5681)
			continue;
		snprintf(line, sizeof(line), "|%s|because|", requirement->name);
		line_add(line);
	}
}

static int set_up(void **state)
{
	(void)state;
	lines_fill();
	return catalogue_new(&catalogue, NULL);
}

static int tear_down(void **state)
{
	(void)state;
	while (count)
		free((void *)(uintptr_t)lines[--count]);
	requirement_map_free(&map);
	catalogue_free(&catalogue);
	return 0;
}

static void map_make(void)
{
	struct why why = {.text = ""};

	requirement_map_free(&map);
	assert_int_equal(requirement_map_new(&map, &catalogue, lines, &why), 0);
}

static const struct coverage *row_of(enum requirement_id id)
{
	assert_int_equal(map.count, REQUIREMENT_END - 1);
	assert_ptr_equal(map.rows[id - 1].requirement, requirement_get(id));
	return &map.rows[id - 1];
}

static void cases_stand_with_what_they_show(void **state)
{
	const struct coverage *row;

	(void)state;
	map_make();
	assert_int_equal(map.wrongs.len, 0);
	row = row_of(RFC9293(MUST, 1));
	/* A case of two rows is one; and none is named twice. */
	assert_int_equal(row->judged_count, 2);
	assert_string_equal(row->judged[0]->name, "mapped.plain");
	assert_string_equal(row->judged[1]->name, "mapped.rows/one");
	assert_int_equal(row->shown_count, 0);
	assert_null(row->reason);
	row = row_of(RFC9293(MUST, 2));
	assert_int_equal(row->judged_count, 0);
	assert_int_equal(row->shown_count, 1);
	assert_string_equal(row->shown[0]->name, "mapped.plain");
	assert_null(row->reason);
}

static void reasons_stand_with_the_rest(void **state)
{
	(void)state;
	map_make();
	assert_string_equal(row_of(RFC9293(MUST, 3))->reason, "because");
	assert_null(row_of(RFC(5681, 1))->reason);
	assert_int_equal(row_of(RFC(5681, 1))->shown_count, 1);
	assert_string_equal(row_of(RFC(5681, 2))->reason, "later");
	/* A line of its own says more than its RFC's. */
	line_add("| RFC5681 3 item-2 | its own |");
	map_make();
	assert_int_equal(map.wrongs.len, 0);
	assert_string_equal(row_of(RFC(5681, 2))->reason, "its own");
	assert_string_equal(row_of(RFC(5681, 3))->reason, "later");
}

static void assert_wrong(const char *wrong)
{
	map_make();
	assert_int_equal(map.wrongs.failed, false);
	assert_non_null(map.wrongs.at);
	assert_string_equal(map.wrongs.at, wrong);
}

static size_t line_of(const char *begins)
{
	for (size_t i = 0; i < count; i++)
		if (!strncmp(lines[i], begins, strlen(begins)))
			return i;
	fail_msg("no line begins with %s", begins);
	return 0;
}

static void line_change(const char *begins, const char *to)
{
	size_t at = line_of(begins);
	char *copy = strdup(to);

	assert_non_null(copy);
	free((void *)(uintptr_t)lines[at]);
	lines[at] = copy;
}

static void a_missing_reason_is_found(void **state)
{
	(void)state;
	line_change("|RFC9293 MUST-3|", "");
	assert_wrong("no case shows RFC9293 MUST-3, and no reason is given\n");
	assert_null(row_of(RFC9293(MUST, 3))->reason);
}

static void an_empty_reason_is_found(void **state)
{
	(void)state;
	line_change("|RFC9293 MUST-3|", "| RFC9293 MUST-3 | |");
	assert_wrong("RFC9293 MUST-3 has no reason\n");
	line_change("| RFC9293 MUST-3 |", "| RFC9293 MUST-3");
	assert_wrong("RFC9293 MUST-3 has no reason\n");
}

static void a_reason_for_what_a_case_shows_is_found(void **state)
{
	(void)state;
	line_add("| RFC9293 MUST-1 | too hard |");
	line_add("| RFC9293 MUST-2 | too hard |");
	assert_wrong("a case shows RFC9293 MUST-1\na case shows RFC9293 MUST-2\n");
}

static void a_line_that_nothing_needs_is_found(void **state)
{
	(void)state;
	line_add("| RFC1337 | its rows have lines of their own |");
	assert_wrong("nothing of RFC1337 is left to its line\n");
}

static void a_name_that_is_none_is_found(void **state)
{
	(void)state;
	line_add("| RFC9293 MUST-1000 | because |");
	line_add("| RFC9999 | because |");
	line_add("| RFC9293x | because |");
	line_add("| | because |");
	assert_wrong("there is no requirement RFC9293 MUST-1000\n"
		     "there is no requirement RFC9999\n"
		     "there is no requirement RFC9293x\n"
		     "there is no requirement \n");
}

static void a_second_line_is_found(void **state)
{
	(void)state;
	line_add("| RFC9293 MUST-3 | because |");
	map_make();
	assert_non_null(strstr(map.wrongs.at, "RFC9293 MUST-3 stands there twice\n"));
}

static void selectors_are_rfcs_names_and_globs(void **state)
{
	char rfc[] = "RFC1337", name[] = "rfc9293 must-1", glob[] = "*MUST-1*", linux_[] = "Linux";
	char *selectors[] = {rfc, name};
	char *others[] = {linux_};
	struct why why;
	size_t all;

	(void)state;
	map_make();
	assert_int_equal(requirement_map_select(&map, NULL, 0, &why), 0);
	all = map.count;
	assert_int_equal(requirement_map_select(&map, selectors, 2, &why), 0);
	assert_int_equal(map.count, 5);
	assert_string_equal(map.rows[0].requirement->name, "RFC9293 MUST-1");
	for (size_t i = 1; i < 5; i++)
		assert_int_equal(map.rows[i].requirement->rfc, 1337);
	map_make();
	selectors[0] = glob;
	assert_int_equal(requirement_map_select(&map, selectors, 1, &why), 0);
	assert_int_equal(map.count, 11);
	map_make();
	assert_int_equal(requirement_map_select(&map, others, 1, &why), 0);
	assert_true(map.count > 5 && map.count < all);
	for (size_t i = 0; i < map.count; i++)
		assert_int_equal(map.rows[i].requirement->level, LEVEL_DOCUMENTED);
}

static void a_selector_that_means_nothing_is_told(void **state)
{
	char typed[] = "RFC9293 MSUT-15", nonsense[] = "no such thing at all";
	char *selectors[] = {typed};
	struct why why;

	(void)state;
	map_make();
	assert_int_equal(requirement_map_select(&map, selectors, 1, &why), -ENOENT);
	assert_non_null(strstr(why.text, "'RFC9293 MSUT-15': the nearest is RFC9293 MUST-15"));
	selectors[0] = nonsense;
	assert_int_equal(requirement_map_select(&map, selectors, 1, &why), -ENOENT);
	assert_non_null(strstr(why.text, "lastack list --requirements"));
}

#define WITH_TABLE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_TABLE(cases_stand_with_what_they_show),
		WITH_TABLE(reasons_stand_with_the_rest),
		WITH_TABLE(a_missing_reason_is_found),
		WITH_TABLE(an_empty_reason_is_found),
		WITH_TABLE(a_reason_for_what_a_case_shows_is_found),
		WITH_TABLE(a_line_that_nothing_needs_is_found),
		WITH_TABLE(a_name_that_is_none_is_found),
		WITH_TABLE(a_second_line_is_found),
		WITH_TABLE(selectors_are_rfcs_names_and_globs),
		WITH_TABLE(a_selector_that_means_nothing_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
