/*
 * Every requirement that can be observed is shown by a case of the catalogue, or stands with a
 * reason in cases/not-covered.md; and nothing stands there that should not. Each rule is shown to
 * be broken by a table that was tampered with.
 */
#include "run/run.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Each requirement of these needs a case or a reason of its own; of the others an RFC's will do. */
static const unsigned whole[] = {9293, 5961, 1337, 6191, 6528, 4987, 6298, 1122, 7323, 6691};

static struct catalogue catalogue;

static int set_up(void **state)
{
	struct why why = {.text = ""};

	(void)state;
	if (catalogue_new(&catalogue, &why) || !catalogue.count) {
		fprintf(stderr, "no catalogue: %s\n", why.text);
		return -1;
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	catalogue_free(&catalogue);
	return 0;
}

static struct requirement_map map_of(const char *const *table)
{
	struct requirement_map map;
	struct why why = {.text = ""};

	assert_int_equal(requirement_map_new(&map, &catalogue, table, &why), 0);
	return map;
}

static bool is_row(const char *line)
{
	return *line == '|' && strncmp(line, "| requirement |", 15) && strncmp(line, "|---", 4);
}

/* Does a line of this table speak of a whole RFC whose requirements need their own? */
static const char *too_broad(const char *const *table)
{
	char begins[32];

	for (; *table; table++)
		for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
			snprintf(begins, sizeof(begins), "| RFC%u |", whole[i]);
			if (!strncmp(*table, begins, strlen(begins)))
				return *table;
		}
	return NULL;
}

static void the_table_and_the_cases_agree(void **state)
{
	struct requirement_map map = map_of(NULL);

	(void)state;
	if (map.wrongs.len)
		fail_msg("cases/not-covered.md:\n%s", map.wrongs.at);
	for (size_t i = 0; i < map.count; i++) {
		const struct coverage *row = &map.rows[i];

		assert_true(row->judged_count || row->shown_count || row->reason);
		assert_false(row->reason && (row->judged_count || row->shown_count));
	}
	requirement_map_free(&map);
}

static void these_rfcs_are_judged_row_by_row(void **state)
{
	const char *broad = too_broad(not_covered_lines());
	const char *tampered[] = {"| RFC5681 | later |", "| RFC9293 | later |", NULL};

	(void)state;
	if (broad)
		fail_msg("too broad: %s", broad);
	assert_string_equal(too_broad(tampered), tampered[1]);
}

/* A copy of the built-in table's lines, with room for one more. */
static const char **table_copy(size_t *count)
{
	const char *const *lines = not_covered_lines();
	const char **copy;

	for (*count = 0; lines[*count]; ++*count)
		;
	copy = calloc(*count + 2, sizeof(*copy));
	assert_non_null(copy);
	memcpy(copy, lines, *count * sizeof(*copy));
	return copy;
}

static void every_line_is_missed_when_it_is_gone(void **state)
{
	size_t count, tried = 0;
	const char **table = table_copy(&count);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		const char *line = table[i];
		struct requirement_map map;

		if (!is_row(line))
			continue;
		tried++;
		table[i] = "";
		map = map_of(table);
		if (!map.wrongs.len)
			fail_msg("nobody misses: %s", line);
		assert_non_null(strstr(map.wrongs.at, ", and no reason is given\n"));
		requirement_map_free(&map);
		table[i] = line;
	}
	free(table);
	assert_true(tried > 20);
}

static void a_line_for_what_a_case_shows_is_found(void **state)
{
	size_t count, tried = 0;
	const char **table = table_copy(&count);
	struct requirement_map right = map_of(NULL);

	(void)state;
	for (size_t i = 0; i < right.count; i++) {
		const char *name = right.rows[i].requirement->name;
		struct requirement_map map;
		char line[256], want[256];

		if (right.rows[i].reason)
			continue;
		tried++;
		snprintf(line, sizeof(line), "| %s | too hard |", name);
		snprintf(want, sizeof(want), "a case shows %s\n", name);
		table[count] = line;
		map = map_of(table);
		assert_non_null(map.wrongs.at);
		assert_string_equal(map.wrongs.at, want);
		requirement_map_free(&map);
	}
	requirement_map_free(&right);
	free(table);
	assert_true(tried > 50);
}

static void a_name_that_is_none_is_found(void **state)
{
	size_t count;
	const char **table = table_copy(&count);
	struct requirement_map map;

	(void)state;
	table[count] = "| RFC9293 MUST-1000 | no such thing |";
	map = map_of(table);
	assert_string_equal(map.wrongs.at, "there is no requirement RFC9293 MUST-1000\n");
	requirement_map_free(&map);
	free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_and_the_cases_agree),
		cmocka_unit_test(these_rfcs_are_judged_row_by_row),
		cmocka_unit_test(every_line_is_missed_when_it_is_gone),
		cmocka_unit_test(a_line_for_what_a_case_shows_is_found),
		cmocka_unit_test(a_name_that_is_none_is_found),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
