/* The virtual clock's arithmetic. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "guest/clock/virtual.h"

enum { MS = 1000000 };

static void a_standing_clock_stands(void **state)
{
	struct virtual clock = {.base = 1000};

	(void)state;
	assert_int_equal(virtual_now(&clock, 0), 1000);
	assert_int_equal(virtual_now(&clock, 77 * MS), 1000);
	virtual_arm(&clock, 5, 10 * MS, 0);
	assert_int_equal(clock.deadline, 1000 + 10 * MS);
	assert_int_equal(virtual_left(&clock, 99 * MS), 10 * MS);
	/* The machine's timer is of no use to it. */
	assert_int_equal(virtual_wait(&clock, 0), 0);
}

static void a_running_clock_runs_so_much_faster(void **state)
{
	struct virtual clock = {.base = 500, .since = 100};

	(void)state;
	virtual_set_rate(&clock, 100, 30);
	assert_int_equal(virtual_now(&clock, 100), 500);
	assert_int_equal(virtual_now(&clock, 101), 530);
	/* 301 ns of its own end in the machine's eleventh. */
	virtual_arm(&clock, 100, 301, 0);
	assert_int_equal(virtual_wait(&clock, 100), 11);
	assert_int_equal(virtual_wait(&clock, 110), 1);
	assert_false(virtual_expire(&clock, 110));
	assert_true(virtual_expire(&clock, 111));
	assert_int_equal(clock.deadline, 0);
}

static void a_late_deadline_is_waited_for_as_shortly_as_can_be(void **state)
{
	struct virtual clock = {.base = 0, .rate = 30};

	(void)state;
	virtual_arm(&clock, 0, 60, 0);
	/* 0 would disarm the machine's timer. */
	assert_int_equal(virtual_wait(&clock, 50), 1);
	assert_int_equal(virtual_left(&clock, 50), 0);
	virtual_arm(&clock, 50, 0, 0);
	assert_int_equal(virtual_wait(&clock, 50), 0);
}

static void another_rate_does_not_move_the_clock(void **state)
{
	struct virtual clock = {.base = 7, .since = 0, .rate = 30};

	(void)state;
	virtual_set_rate(&clock, 10, 0);
	assert_int_equal(virtual_now(&clock, 10), 307);
	assert_int_equal(virtual_now(&clock, 10000), 307);
	virtual_set_rate(&clock, 20, 2);
	assert_int_equal(virtual_now(&clock, 21), 309);
}

static void a_jump_ends_at_the_deadline_on_a_whole_step(void **state)
{
	struct virtual clock = {.base = 0};

	(void)state;
	virtual_arm(&clock, 0, 1000, 0);
	assert_int_equal(virtual_jump(&clock, 0), 1024);
	assert_int_equal(virtual_now(&clock, 0), 1024);
	assert_int_equal(clock.deadline, 0);
	/* Without a deadline there is nowhere to go. */
	assert_int_equal(virtual_jump(&clock, 0), 0);
	assert_int_equal(virtual_now(&clock, 0), 1024);
	/* On the step already. */
	virtual_arm(&clock, 0, 256, 0);
	assert_int_equal(virtual_jump(&clock, 0), 256);
	assert_int_equal(virtual_now(&clock, 0), 1280);
}

static void a_passed_deadline_is_no_place_to_jump_to(void **state)
{
	struct virtual clock = {.base = 0, .rate = 1};

	(void)state;
	virtual_arm(&clock, 0, 100, 0);
	assert_int_equal(virtual_jump(&clock, 200), 0);
	assert_int_equal(virtual_now(&clock, 200), 200);
	assert_int_equal(clock.deadline, 100);
}

static void an_interval_goes_on_from_the_deadline(void **state)
{
	struct virtual clock = {.base = 0};

	(void)state;
	virtual_arm(&clock, 0, 1024, 512);
	assert_int_equal(virtual_jump(&clock, 0), 1024);
	assert_int_equal(clock.deadline, 1536);
	/* What was missed is not made up for. */
	clock.base = 1536 + 2 * 512 + 1;
	assert_true(virtual_expire(&clock, 0));
	assert_int_equal(clock.deadline, 1536 + 3 * 512);
	virtual_arm(&clock, 0, 0, 512);
	assert_int_equal(clock.deadline, 0);
	assert_false(virtual_expire(&clock, 0));
}

static void a_month_of_four_second_jumps_loses_nothing(void **state)
{
	struct virtual clock = {.base = 3};
	int64_t gone = 0;

	(void)state;
	for (int i = 0; i < 600000; i++) {
		virtual_arm(&clock, 0, 4294967296, 0);
		gone += virtual_jump(&clock, 0);
	}
	assert_int_equal(clock.base, gone + 3);
	/* Each jump starts on a step but the first, so that only that one is rounded. */
	assert_int_equal(gone, 600000 * INT64_C(4294967296) + VIRTUAL_STEP - 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_standing_clock_stands),
		cmocka_unit_test(a_running_clock_runs_so_much_faster),
		cmocka_unit_test(a_late_deadline_is_waited_for_as_shortly_as_can_be),
		cmocka_unit_test(another_rate_does_not_move_the_clock),
		cmocka_unit_test(a_jump_ends_at_the_deadline_on_a_whole_step),
		cmocka_unit_test(a_passed_deadline_is_no_place_to_jump_to),
		cmocka_unit_test(an_interval_goes_on_from_the_deadline),
		cmocka_unit_test(a_month_of_four_second_jumps_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
