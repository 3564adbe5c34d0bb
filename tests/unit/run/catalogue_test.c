/*
 * Cases that cannot be: two of one name. A program has one catalogue, so this is one of its own.
 */
#include "run/run.h"
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

FAMILY(twice, "A family of this test");

static void body(struct lab *lab, const void *row)
{
	(void)lab;
	(void)row;
}

static struct case_record first = {.name = "same",
				   .family = &lastack_family,
				   .file = "cases/close/deep/twice.c",
				   .line = 11,
				   .body = body,
				   .requirement = RFC9293(MUST, 13),
				   .claim = "is there"};
static struct case_record second;
static const struct case_record *const pointers[]
	__attribute__((used, section("lastack_cases"))) = {&first, &second};

static int setup(void **state)
{
	(void)state;
	second = first;
	second.line = 22;
	return 0;
}

static void refused_for(const char *reason)
{
	struct catalogue catalogue = {.entries = NULL};
	struct why why = {.text = ""};

	assert_int_equal(catalogue_new(&catalogue, &why), -EINVAL);
	assert_null(catalogue.entries);
	if (!strstr(why.text, reason))
		fail_msg("want '%s', got '%s'", reason, why.text);
}

static void names_are_unique(void **state)
{
	(void)state;
	refused_for("two cases are called twice.same");
}

static void claim_and_requirement_are_there(void **state)
{
	struct catalogue catalogue;

	(void)state;
	second.name = "other";
	second.claim = "";
	refused_for("twice.other (cases/close/deep/twice.c:22) has no claim");
	second.claim = "is there";
	second.requirement = REQUIREMENT_NONE;
	refused_for("has no requirement");
	second.requirement = RFC9293(MUST, 13);
	second.name = "no word";
	refused_for("no name");
	second.name = "other";
	assert_int_equal(catalogue_new(&catalogue, NULL), 0);
	assert_int_equal(catalogue.count, 2);
	assert_string_equal(catalogue.entries[0].area, "close/deep");
	catalogue_free(&catalogue);
}

static void rows_have_names(void **state)
{
	static const char *const rows[] = {"good", "not good"};

	(void)state;
	second.name = "other";
	second.rows = rows;
	second.row_size = sizeof(rows[0]);
	refused_for("has a table without rows");
	second.row_count = 2;
	refused_for("has a row without a name");
}

static void filtered_rows_are_there(void **state)
{
	static const struct {
		const char *name;
	} rows[] = {{"fin_ack"}, {"ack"}, {"syn_ack"}};
	struct catalogue catalogue;

	(void)state;
	second.name = "other";
	second.filtered = "fin*";
	refused_for("case twice.other (cases/close/deep/twice.c:22) has no row 'fin*'");
	second.filtered = "*";
	assert_int_equal(catalogue_new(&catalogue, NULL), 0);
	assert_int_equal(catalogue.entries[0].needs, DUT_AGENT | NO_FILTER);
	assert_int_equal(catalogue.entries[1].needs, DUT_AGENT);
	catalogue_free(&catalogue);
	second.rows = rows;
	second.row_size = sizeof(rows[0]);
	second.row_count = 3;
	second.filtered = "fin* syn_ack";
	second.filtered_strictly = "ack nothing";
	refused_for("has no row 'nothing'");
	second.filtered_strictly = "ack";
	second.needs = BLACK_BOX;
	assert_int_equal(catalogue_new(&catalogue, NULL), 0);
	assert_string_equal(catalogue.entries[0].name, "twice.other/ack");
	assert_int_equal(catalogue.entries[0].needs, BLACK_BOX | NO_STRICT_FILTER);
	assert_int_equal(catalogue.entries[1].needs, BLACK_BOX | NO_FILTER);
	assert_int_equal(catalogue.entries[2].needs, BLACK_BOX | NO_FILTER);
	catalogue_free(&catalogue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(names_are_unique, setup),
		cmocka_unit_test_setup(claim_and_requirement_are_there, setup),
		cmocka_unit_test_setup(rows_have_names, setup),
		cmocka_unit_test_setup(filtered_rows_are_there, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
