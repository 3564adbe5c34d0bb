/*
 * What our own side or the machine did late is never the DUT's fault.
 */
#include "world.h"
#include <sys/eventfd.h>
#include <unistd.h>

/* Our own lateness is never the DUT's fault. */
static void a_late_harness_is_inconclusive(void **state)
{
	struct world *w = *state;
	nanos until = clock_monotonic() + ms(70);

	w->lie = 1;
	if (!setjmp(w->end)) {
		while (clock_monotonic() < until)
			continue;
		peer_inject(w->p, SEGMENT(SYN));
		peer_expect(w->p, SEGMENT(SYN | ACK, .ack = is(1)));
		fail_msg("the lie went through");
	}
	assert_false(w->broken);
	assert_int_equal(w->verdict, VERDICT_INCONCLUSIVE);
}

/* Reads what made it readable, and takes far too long for that. */
static int slow_source(void *arg, struct why *why)
{
	nanos until = clock_monotonic() + ms(60);
	uint64_t count;

	(void)why;
	while (clock_monotonic() < until)
		continue;
	return read(*(int *)arg, &count, sizeof(count)) == sizeof(count) ? 0 : -EIO;
}

/* Nor is what breaks while nobody lets us run: the DUT's timers may have been late as well. */
static void a_machine_that_stands_still_is_inconclusive(void **state)
{
	struct world *w = *state;
	int fd = eventfd(1, EFD_CLOEXEC);

	assert_true(fd >= 0);
	w->mute = true;
	if (!setjmp(w->end)) {
		exchange_watch(w->x, fd, slow_source, &fd);
		peer_inject(w->p, SEGMENT(SYN));
		peer_expect(w->p, SEGMENT(SYN | ACK, .when = within(ms(10))));
		fail_msg("nothing was taken for something");
	}
	close(fd);
	assert_false(w->broken);
	assert_int_equal(w->verdict, VERDICT_INCONCLUSIVE);
	assert_non_null(strstr(w->message, "stood still"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_late_harness_is_inconclusive, setup, teardown),
		cmocka_unit_test_setup_teardown(a_machine_that_stands_still_is_inconclusive, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
