/*
 * How many doubling intervals a case waits for, and how long for the first one.
 */
#include "lab/lab.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

/* cmocka has macros of the same names as a case's verbs. */
#undef expect
#undef expect_any
#undef check
#include <cmocka.h>

static void as_many_intervals_as_fit(void **state)
{
	(void)state;
	assert_int_equal(dut_intervals(ms(200), 5), 5);
	assert_int_equal(dut_intervals(sec(1), 5), 3);
	assert_int_equal(dut_intervals(sec(3), 5), 2);
	assert_int_equal(dut_intervals(FIRST_TIMEOUT_MAX, 5), 2);
	assert_int_equal(dut_intervals(sec(13), 5), 0);
	assert_int_equal(dut_intervals(ms(200), 0), 0);
}

static void a_long_timeout_is_waited_for(void **state)
{
	(void)state;
	assert_true(dut_within_timeout(ms(200)).to == sec(1));
	assert_true(dut_within_timeout(sec(3)).to == ms(3385));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_many_intervals_as_fit),
		cmocka_unit_test(a_long_timeout_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
