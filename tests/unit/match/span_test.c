#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "match/match.h"

static void an_unset_span_holds_for_all(void **state)
{
	const struct span unset = {0};

	(void)state;
	assert_true(span_holds(unset, 0));
	assert_true(span_holds(unset, 1));
	assert_true(span_holds(unset, UINT32_MAX));
}

static void one_value_or_any_other(void **state)
{
	(void)state;
	assert_true(span_holds(is(0), 0));
	assert_false(span_holds(is(0), 1));
	assert_true(span_holds(is(UINT32_MAX), UINT32_MAX));
	assert_false(span_holds(is(UINT32_MAX), 0));
	assert_false(span_holds(isnt(0), 0));
	assert_true(span_holds(isnt(0), UINT32_MAX));
}

static void ranges_include_their_bounds(void **state)
{
	(void)state;
	assert_false(span_holds(from_to(10, 20), 9));
	assert_true(span_holds(from_to(10, 20), 10));
	assert_true(span_holds(from_to(10, 20), 15));
	assert_true(span_holds(from_to(10, 20), 20));
	assert_false(span_holds(from_to(10, 20), 21));
	assert_true(span_holds(from_to(7, 7), 7));
	assert_false(span_holds(from_to(7, 7), 8));
}

static void ranges_wrap(void **state)
{
	const struct span wraps = from_to(0xfffffff0, 5);

	(void)state;
	assert_false(span_holds(wraps, 0xffffffef));
	assert_true(span_holds(wraps, 0xfffffff0));
	assert_true(span_holds(wraps, UINT32_MAX));
	assert_true(span_holds(wraps, 0));
	assert_true(span_holds(wraps, 5));
	assert_false(span_holds(wraps, 6));
	assert_false(span_holds(wraps, 0x80000000));
	/* All numbers, and all but one. */
	assert_true(span_holds(from_to(0, UINT32_MAX), 77));
	assert_true(span_holds(from_to(8, 7), 7));
	assert_true(span_holds(from_to(8, 6), 6));
	assert_false(span_holds(from_to(8, 6), 7));
}

static void spans_in_words(void **state)
{
	char out[SPAN_TEXT_MAX];

	(void)state;
	assert_string_equal(span_text((struct span){0}, out), "any");
	assert_string_equal(span_text(is(1), out), "1");
	assert_string_equal(span_text(isnt(4294967295u), out), "not 4294967295");
	assert_string_equal(span_text(from_to(4294967295u, 4294967294u), out),
			    "4294967295..4294967294");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_unset_span_holds_for_all),
		cmocka_unit_test(one_value_or_any_other),
		cmocka_unit_test(ranges_include_their_bounds),
		cmocka_unit_test(ranges_wrap),
		cmocka_unit_test(spans_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
