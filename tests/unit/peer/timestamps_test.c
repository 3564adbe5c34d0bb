/*
 * The timestamps option: who offered it, and on which clock.
 */
#include "world.h"

/* RFC 7323 section 2.1: on every segment, once both SYNs had them, whoever came first. */
static void assert_timestamps(struct world *w, uint32_t from)
{
	peer_inject(w->p, SEGMENT(ACK));
	assert_true(w->sent.kinds & WITHOUT(OPTION_TIMESTAMPS));
	assert_int_equal(w->sent.tsecr, 7);
	/* Our clock goes on from what our SYN said: it neither jumps nor runs back. */
	assert_in_range(w->sent.tsval - from, 0, 1000);
}

static void timestamps_when_we_open(void **state)
{
	struct world *w = *state;

	w->timestamps = true;
	if (setjmp(w->end))
		fail_msg("%s", w->message);
	peer_inject(w->p, SEGMENT(SYN, .options = {opt_timestamps(0xffffff00u, 0)}));
	peer_expect(w->p, SEGMENT(SYN | ACK, .ack = is(1)));
	assert_timestamps(w, 0xffffff00u);
}

static void timestamps_when_the_dut_opens(void **state)
{
	struct world *w = *state;
	struct packet ours = {.tcp = {.source_port = 40000, .dest_port = 80}};

	w->timestamps = true;
	w->late = ms(5); /* windows count from the expectation where nothing was before */
	if (setjmp(w->end))
		fail_msg("%s", w->message);
	dut_says(w, &ours, SYN, DUT_ISN, 0);
	peer_expect(w->p, SEGMENT(SYN, .seq = is(0)));
	w->mute = true;
	peer_inject(w->p, SEGMENT(SYN | ACK, .options = {opt_timestamps(1000, 7)}));
	assert_timestamps(w, 1000);
}

static void no_timestamps_where_one_side_has_none(void **state)
{
	struct world *w = *state;

	if (setjmp(w->end))
		fail_msg("%s", w->message);
	peer_inject(w->p, SEGMENT(SYN, .options = {opt_timestamps(1000, 0)}));
	peer_expect(w->p, SEGMENT(SYN | ACK, .ack = is(1)));
	peer_inject(w->p, SEGMENT(ACK));
	assert_false(w->sent.kinds & WITHOUT(OPTION_TIMESTAMPS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(timestamps_when_we_open, setup, teardown),
		cmocka_unit_test_setup_teardown(timestamps_when_the_dut_opens, setup, teardown),
		cmocka_unit_test_setup_teardown(no_timestamps_where_one_side_has_none, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
