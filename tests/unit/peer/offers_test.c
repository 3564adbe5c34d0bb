/*
 * A DUT that does not offer an option: the claim is skipped, and only where nothing else is wrong.
 */
#include "world.h"

#define STAMPED .tsval = from_to(0, UINT32_MAX)

static void skipped(const struct world *w, const char *message)
{
	assert_false(w->broken);
	assert_int_equal(w->verdict, VERDICT_SKIP);
	assert_string_equal(w->message, message);
	assert_false(w->rungs[w->count - 1].broken);
	assert_non_null(strstr(w->rungs[w->count - 1].want, "S. "));
}

static void timestamps_are_not_agreed_to(void **state)
{
	struct world *w = *state;

	if (!setjmp(w->end)) {
		peer_inject(w->p, SEGMENT(SYN, .options = {opt_timestamps(9, 0)}));
		peer_expect(w->p, SEGMENT(SYN | ACK, .ack = is(1), .tsecr = is(9)));
		fail_msg("it has no timestamps");
	}
	skipped(w, "the DUT does not agree to timestamps");
}

static void scale_and_sack_are_not_agreed_to(void **state)
{
	struct world *w = *state;

	if (!setjmp(w->end)) {
		peer_inject(w->p, SEGMENT(SYN, .options = {opt_wscale(7), opt_sack_permitted()}));
		peer_expect(w->p, SEGMENT(SYN | ACK, .wscale = from_to(0, 14)));
		fail_msg("it has no window scale");
	}
	skipped(w, "the DUT does not agree to a window scale");
	if (!setjmp(w->end)) {
		w->p = peer_new(w->x, 40001, 80, PEER_ISN);
		peer_inject(w->p, SEGMENT(SYN, .options = {opt_wscale(7), opt_sack_permitted()}));
		peer_expect(w->p, SEGMENT(SYN | ACK, .options = {opt_sack_permitted()}));
		fail_msg("it does not permit SACK");
	}
	skipped(w, "the DUT does not agree to SACK");
}

/* The MSS is no matter of agreement; nor is what our own SYN did not offer. */
static void what_must_be_there_is_missing(void **state)
{
	struct world *w = *state;

	if (!setjmp(w->end)) {
		peer_inject(w->p, SEGMENT(SYN));
		peer_expect(w->p, SEGMENT(SYN | ACK, .mss = isnt(0)));
		fail_msg("it has no MSS");
	}
	assert_true(w->broken);
	w->broken = false;
	if (!setjmp(w->end)) {
		w->p = peer_new(w->x, 40001, 80, PEER_ISN);
		peer_inject(w->p, SEGMENT(SYN));
		peer_expect(w->p, SEGMENT(SYN | ACK, STAMPED));
		fail_msg("it has no timestamps");
	}
	assert_true(w->broken);
}

static void another_fault_is_not_excused(void **state)
{
	struct world *w = *state;

	w->lie = 1;
	if (!setjmp(w->end)) {
		peer_inject(w->p, SEGMENT(SYN, .options = {opt_timestamps(9, 0)}));
		peer_expect(w->p, SEGMENT(SYN | ACK, .ack = is(1), .tsecr = is(9)));
		fail_msg("the lie went through");
	}
	assert_true(w->broken);
	assert_non_null(strstr(w->message, "want ack 1, got 2"));
}

static void an_option_that_was_offered_once_must_come_again(void **state)
{
	struct world *w = *state;

	w->timestamps = true;
	if (!setjmp(w->end)) {
		peer_inject(w->p, SEGMENT(SYN, .options = {opt_timestamps(9, 0)}));
		peer_expect_lost(w->p, SEGMENT(SYN | ACK, .ack = is(1), STAMPED));
		w->timestamps = false;
		peer_inject(w->p, SEGMENT(SYN, .options = {opt_timestamps(9, 0)}));
		peer_expect(w->p, SEGMENT(SYN | ACK, .ack = is(1), STAMPED));
		fail_msg("the second SYN-ACK has no timestamps");
	}
	assert_true(w->broken);
}

static void agreement_to_ecn_needs_a_question(void **state)
{
	struct world *w = *state;

	w->ecn = true;
	if (setjmp(w->end))
		fail_msg("%s", w->message);
	peer_inject(w->p, SEGMENT(SYN | ECE | CWR));
	peer_expect(w->p, SEGMENT(SYN | ACK, .ack = is(1)));
	w->p = peer_new(w->x, 40001, 80, PEER_ISN);
	if (!setjmp(w->end)) {
		peer_inject(w->p, SEGMENT(SYN));
		peer_expect(w->p, SEGMENT(SYN | ACK, .ack = is(1)));
		fail_msg("nobody asked for ECN");
	}
	assert_true(w->broken);
	assert_non_null(strstr(w->message, "want S., got S.E"));
}

/* The DUT's SYN has asked; our SYN crosses it, and the DUT's SYN-ACK with ECE answers that. */
static void crossed(struct world *w, uint16_t port, unsigned asks, unsigned ours)
{
	const struct packet cause = {.tcp = {.source_port = port, .dest_port = 80}};

	w->p = peer_new(w->x, port, 80, PEER_ISN);
	w->late = ms(1); /* after the connection's beginning here */
	dut_says(w, &cause, SYN | asks, DUT_ISN, 0);
	peer_expect(w->p, SEGMENT(SYN));
	peer_inject(w->p, SEGMENT(SYN | ours));
	peer_expect(w->p, SEGMENT(SYN | ACK, .ack = is(1)));
}

static void agreement_to_ecn_answers_the_peers_syn(void **state)
{
	struct world *w = *state;

	w->ecn = true;
	if (setjmp(w->end))
		fail_msg("%s", w->message);
	crossed(w, 40001, ECE | CWR, ECE | CWR);
	crossed(w, 40002, AE | ECE | CWR, 0);
	if (!setjmp(w->end)) {
		crossed(w, 40003, ECE | CWR, 0);
		fail_msg("the peer's SYN has not asked for ECN");
	}
	assert_true(w->broken);
	assert_non_null(strstr(w->message, "want S., got S.E"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(timestamps_are_not_agreed_to, setup, teardown),
		cmocka_unit_test_setup_teardown(scale_and_sack_are_not_agreed_to, setup, teardown),
		cmocka_unit_test_setup_teardown(what_must_be_there_is_missing, setup, teardown),
		cmocka_unit_test_setup_teardown(another_fault_is_not_excused, setup, teardown),
		cmocka_unit_test_setup_teardown(an_option_that_was_offered_once_must_come_again,
						setup, teardown),
		cmocka_unit_test_setup_teardown(agreement_to_ecn_needs_a_question, setup, teardown),
		cmocka_unit_test_setup_teardown(agreement_to_ecn_answers_the_peers_syn, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
