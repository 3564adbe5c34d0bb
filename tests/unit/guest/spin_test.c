/* What is taken for a spin, and what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

#include <cmocka.h>

#include "guest/clock/spin.h"

/* How many of these calls it takes; 0 if so many are not enough. */
static int calls_until(struct spin *spin, const long *calls, int count, int at_most)
{
	for (int i = 0; i < at_most; i++)
		if (spin_call(spin, 1, calls[i % count]))
			return i + 1;
	return 0;
}

static void asking_for_the_time_again_and_again(void **state)
{
	static const long calls[] = {SYS_clock_gettime, SYS_epoll_wait, SYS_sched_yield};
	struct spin spin = {0};

	(void)state;
	assert_int_equal(calls_until(&spin, calls, 3, 100000), SPIN_ASKS);
	/* The clock moves, and it begins anew. */
	spin_moved(&spin);
	assert_int_equal(calls_until(&spin, calls, 3, 100000), SPIN_ASKS);
}

static void who_does_something_in_between_works(void **state)
{
	static const long calls[] = {SYS_clock_gettime, SYS_poll, SYS_sendto};
	struct spin spin = {0};

	(void)state;
	assert_int_equal(calls_until(&spin, calls, 3, SPIN_CALLS - 1), 0);
	assert_int_equal(spin.calls, SPIN_CALLS - 1);
	/* Though not for ever, without another process's turn and without a page fault. */
	assert_true(spin_call(&spin, 1, SYS_sendto));
}

static void another_process_or_a_fault_breaks_the_run(void **state)
{
	struct spin spin = {0};

	(void)state;
	for (int i = 0; i < 10 * SPIN_CALLS; i++)
		assert_false(spin_call(&spin, i % 2 + 1, SYS_write));
	for (int i = 0; i < 10 * SPIN_CALLS; i++)
		assert_false(i % 100 ? spin_call(&spin, 1, SYS_read) : spin_stop(&spin, 1));
}

static void two_that_yield_to_each_other_spin(void **state)
{
	struct spin spin = {0};
	int n = 1;

	(void)state;
	while (!spin_call(&spin, n % 2 + 1, SYS_sched_yield))
		n++;
	assert_int_equal(n, SPIN_ASKS);
}

static void the_kernel_itself_reads_the_clock_for_ever(void **state)
{
	struct spin spin = {0};

	(void)state;
	for (int i = 1; i < SPIN_READS; i++)
		assert_false(spin_read(&spin));
	assert_true(spin_read(&spin));
	assert_false(spin_stop(&spin, 1));
	assert_false(spin_read(&spin));
}

static void even_work_ends_at_last(void **state)
{
	struct spin spin = {0};
	int n = 1;

	(void)state;
	while (!spin_stop(&spin, n % 7))
		n++;
	assert_int_equal(n, SPIN_STOPS);
	spin_moved(&spin);
	assert_false(spin_stop(&spin, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asking_for_the_time_again_and_again),
		cmocka_unit_test(who_does_something_in_between_works),
		cmocka_unit_test(another_process_or_a_fault_breaks_the_run),
		cmocka_unit_test(two_that_yield_to_each_other_spin),
		cmocka_unit_test(the_kernel_itself_reads_the_clock_for_ever),
		cmocka_unit_test(even_work_ends_at_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
