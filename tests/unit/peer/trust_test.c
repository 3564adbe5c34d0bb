/*
 * Whose fault it is: what the harness, the capture or the machine has spoilt is not held against
 * the DUT, and nothing else is forgiven.
 */
#include "world.h"
#include <errno.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

static void dropped_frames_are_no_pass(void **state)
{
	struct world *w = *state;
	struct break_facts facts;
	char fault[200];

	if (setjmp(w->end))
		fail_msg("%s", w->message);
	wire_double_drop(w->wire, 3);
	exchange_audit(w->x);
	facts = exchange_facts(w->x);
	assert_int_equal(facts.dropped, 3);
	assert_non_null(verdict_capture_fault(&facts, fault, sizeof(fault)));
	assert_non_null(strstr(fault, "dropped 3"));
}

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

/* The DUT's answer to the SYN, when a timer of its own expires. */
struct held_up {
	struct world *world;
	int timer;
};

static int held_up_answer(void *arg, struct why *why)
{
	const struct held_up *held = arg;
	const struct packet cause = {.tcp = {.source_port = 40000, .dest_port = 80}};
	uint64_t count;

	(void)why;
	dut_says(held->world, &cause, SYN | ACK, DUT_ISN, PEER_ISN + 1);
	return read(held->timer, &count, sizeof(count)) == sizeof(count) ? 0 : -EIO;
}

/* Nor is what comes late when nobody let us run: the DUT's timers may have been late as well. */
static void a_machine_that_stands_still_is_inconclusive(void **state)
{
	struct world *w = *state;
	const struct itimerspec soon = {.it_value = {.tv_nsec = 80000000}};
	struct held_up held = {w, timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)};
	int fd = eventfd(1, EFD_CLOEXEC);

	assert_true(fd >= 0 && held.timer >= 0);
	assert_int_equal(timerfd_settime(held.timer, 0, &soon, NULL), 0);
	w->mute = true;
	if (!setjmp(w->end)) {
		exchange_watch(w->x, fd, slow_source, &fd);
		exchange_watch(w->x, held.timer, held_up_answer, &held);
		peer_inject(w->p, SEGMENT(SYN));
		peer_expect(w->p, SEGMENT(SYN | ACK, .when = within(ms(10))));
		fail_msg("a late answer was taken for one in time");
	}
	close(held.timer);
	close(fd);
	assert_false(w->broken);
	assert_int_equal(w->verdict, VERDICT_INCONCLUSIVE);
	assert_non_null(strstr(w->message, "stood still"));
}

/* But a DUT that stays silent when it has got its time back is not late. */
static void a_stall_does_not_excuse_silence(void **state)
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
	assert_true(w->broken);
	assert_non_null(strstr(w->message, "no segment arrived; expected "));
}

/* A claim breaks right after a stall of 80 ms, by a time that is wrong by this much. */
static void break_off_by(struct world *w, nanos off)
{
	w->broken = false;
	if (setjmp(w->end))
		return;
	exchange_stall(w->x, ms(80), "the agent");
	exchange_off_by(w->x, off);
	exchange_break(w->x, "the state ended too early");
}

static void a_stall_excuses_no_more_than_it_explains(void **state)
{
	struct world *w = *state;

	break_off_by(w, ms(100));
	assert_false(w->broken);
	assert_int_equal(w->verdict, VERDICT_INCONCLUSIVE);
	break_off_by(w, sec(180));
	assert_true(w->broken);
	assert_string_equal(w->message, "the state ended too early");
}

/* The DUT is a process of this machine that has waited so long for a processor, ns. */
static nanos dut_waited, dut_waits_more;

static nanos kept_waiting(void *arg, bool *now)
{
	(void)arg;
	*now = false;
	dut_waited += dut_waits_more;
	return dut_waited;
}

static int setup_started(void **state)
{
	return setup_as(state, false, (struct exchange_path){.kept_waiting = kept_waiting});
}

static void silence_of_a_dut_that_waits(struct world *w, nanos more)
{
	dut_waits_more = more;
	w->mute = true;
	if (!setjmp(w->end)) {
		peer_inject(w->p, SEGMENT(SYN));
		peer_expect(w->p, SEGMENT(SYN | ACK, .when = within(ms(10))));
		fail_msg("nothing was taken for something");
	}
}

/* A DUT that this machine keeps from a processor is late without fault. */
static void a_dut_without_a_processor_is_inconclusive(void **state)
{
	struct world *w = *state;

	silence_of_a_dut_that_waits(w, ms(30));
	assert_false(w->broken);
	assert_int_equal(w->verdict, VERDICT_INCONCLUSIVE);
	assert_non_null(strstr(w->message, "the DUT waited for a processor; then: "));
}

static void a_dut_with_a_processor_is_judged(void **state)
{
	struct world *w = *state;

	silence_of_a_dut_that_waits(w, ms(1));
	assert_true(w->broken);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(dropped_frames_are_no_pass, setup, teardown),
		cmocka_unit_test_setup_teardown(a_late_harness_is_inconclusive, setup, teardown),
		cmocka_unit_test_setup_teardown(a_machine_that_stands_still_is_inconclusive,
						setup, teardown),
		cmocka_unit_test_setup_teardown(a_stall_does_not_excuse_silence, setup, teardown),
		cmocka_unit_test_setup_teardown(a_dut_without_a_processor_is_inconclusive,
						setup_started, teardown),
		cmocka_unit_test_setup_teardown(a_dut_with_a_processor_is_judged, setup_started,
						teardown),
		cmocka_unit_test_setup_teardown(a_stall_excuses_no_more_than_it_explains, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
