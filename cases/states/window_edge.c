/*
 * Where the window begins and ends.
 *
 * RFC 9293 section 3.10.7.4, first check: with a window that is open, a segment without data is
 * acceptable from RCV.NXT up to, and not including, RCV.NXT + RCV.WND; one with data where its
 * first or last byte lies there. Whether it was accepted shows in its acknowledgement, which counts
 * only then: FIN-WAIT-1, CLOSING and LAST-ACK end by an ACK of the DUT's FIN, SYN-RECEIVED by that
 * of its SYN.
 *
 * Linux is wrong by one at both ends (tcp_sequence(); measured with 5.10, 6.1, 6.12, 6.18 and 7.2):
 * it takes RCV.NXT + RCV.WND for acceptable, and a segment that ends just before RCV.NXT.
 */
#include <lastack/case.h>

FAMILY(window_edge, "Where the window begins and ends");

struct bare {
	const char *name;
	enum state state, becomes;
	enum window_place place;
};

static void expect_ack(struct peer *p, uint32_t seq, uint32_t ack)
{
	expect(p, ACK, .seq = is(seq), .ack = is(ack), .len = is(0), .when = within(ms(500)));
}

/*
 * What is not acceptable should get an ACK of what is expected. That is judged after the rest: a
 * DUT that takes the segment may be silent, too.
 */
static void expect_refused(struct peer *p)
{
	premise(p, RFC9293(EV, SEQ_UNACC),
		either(ACK, .seq = is(peer_rcv_nxt(p)), .ack = is(peer_snd_nxt(p)), .len = is(0),
		       .when = within(ms(500))),
		NOTHING);
}

static const struct bare within_it[] = {
	{"syn_received_right_edge", SYN_RECEIVED, ESTABLISHED, RIGHT_EDGE},
	{"fin_wait_1_left_edge", FIN_WAIT_1, FIN_WAIT_2, LEFT_EDGE},
	{"fin_wait_1_in_window", FIN_WAIT_1, FIN_WAIT_2, IN_WINDOW},
	{"fin_wait_1_right_edge", FIN_WAIT_1, FIN_WAIT_2, RIGHT_EDGE},
	{"closing_right_edge", CLOSING, TIME_WAIT, RIGHT_EDGE},
	{"last_ack_right_edge", LAST_ACK, CLOSED, RIGHT_EDGE},
};

/*
 * What begins beyond RCV.NXT should be held for later (SHLD-31). A DUT that throws it away has not
 * seen its acknowledgement either.
 */
CASE_EACH(ack_within_counts, struct bare, within_it,
	  .requirement = RFC9293(EV, SEQ_0W),
	  .also        = {RFC9293(SHLD, 31)},
	  .claim       = "a bare ACK counts from RCV.NXT to the last number of the window, and is "
			 "not answered")
{
	struct peer *p = reach(lab, row->state);

	inject(p, ACK, .seq = is(peer_place(p, row->place)));
	if (row->place == LEFT_EDGE)
		dut_expect_state(p, row->becomes);
	else
		dut_premise_state(p, RFC9293(SHLD, 31), row->becomes, row->state);
	expect_silence(p, ms(300));
}

static const struct bare outside_it[] = {
	{"fin_wait_1_left", FIN_WAIT_1, FIN_WAIT_1, LEFT_OF_WINDOW},
	{"fin_wait_1_right", FIN_WAIT_1, FIN_WAIT_1, RIGHT_OF_WINDOW},
	{"fin_wait_1_far_right", FIN_WAIT_1, FIN_WAIT_1, FAR_RIGHT},
	{"closing_left", CLOSING, CLOSING, LEFT_OF_WINDOW},
	{"last_ack_left", LAST_ACK, LAST_ACK, LEFT_OF_WINDOW},
	{"last_ack_far_right", LAST_ACK, LAST_ACK, FAR_RIGHT},
};

CASE_EACH(ack_outside_does_not_count, struct bare, outside_it,
	  .requirement = RFC9293(EV, SEQ_0W),
	  .also        = {RFC9293(EV, SEQ_UNACC)},
	  .claim       = "a bare ACK outside of the window acknowledges nothing, and gets an ACK",
	  .filtered    = "*_far_right")
{
	struct peer *p = reach(lab, row->state);

	inject(p, ACK, .seq = is(peer_place(p, row->place)));
	dut_expect_state_until(p, row->becomes, 0, ms(300));
	expect_refused(p);
	expect_silence_until(p, 0, ms(300));
}

/* In FIN-WAIT-1; back is counted from the place to the left. fresh: bytes that are next. */
struct data {
	const char *name;
	enum window_place place;
	uint32_t back;
	size_t len, fresh;
};

static const struct data data_within[] = {
	{"last_byte_at_the_left_edge", LEFT_EDGE, 99, 100, 1},
	{"at_the_left_edge", LEFT_EDGE, 0, 100, 100},
	{"at_the_right_edge", RIGHT_EDGE, 0, 1, 0},
	{"across_the_right_edge", RIGHT_EDGE, 49, 100, 0},
};

CASE_EACH(data_within_counts, struct data, data_within,
	  .requirement = RFC9293(EV, SEQ_LW),
	  .also        = {RFC9293(EV, FW1_ACK), RFC9293(EV, FW2_DATA), RFC9293(SHLD, 31),
			  RFC(5681, 11)},
	  .claim       = "data with its first or last byte in the window is accepted: its ACK "
			 "counts, and what is next of it is delivered",
	  .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = reach(lab, FIN_WAIT_1);
	const uint32_t next = peer_snd_nxt(p), seq = peer_place(p, row->place) - row->back;

	/* Byte n of the stream has the number n + 1. */
	inject(p, ACK | PSH, .seq = is(seq), .data = pattern_at(seq - 1, row->len));
	if (row->fresh) {
		expect_ack(p, peer_rcv_nxt(p), next + (uint32_t)row->fresh);
		dut_expect_state(p, FIN_WAIT_2);
		dut_expect_read(p, pattern_at(next - 1, row->fresh));
	} else {
		premise(p, RFC(5681, 11),
			either(ACK, .seq = is(peer_rcv_nxt(p)), .ack = is(next), .len = is(0),
			       .when = within(ms(500))),
			NOTHING);
		dut_premise_state(p, RFC9293(SHLD, 31), FIN_WAIT_2, FIN_WAIT_1);
	}
	dut_expect_nothing_to_read(p);
}

static const struct data data_outside[] = {
	{"last_byte_left_of_the_left_edge", LEFT_EDGE, 100, 100, 0},
	{"right", RIGHT_OF_WINDOW, 0, 100, 0},
	{"far_right", FAR_RIGHT, 0, 100, 0},
};

CASE_EACH(data_outside_does_not_count, struct data, data_outside,
	  .requirement = RFC9293(EV, SEQ_LW),
	  .also        = {RFC9293(EV, SEQ_UNACC)},
	  .claim       = "data with no byte in the window is dropped: its ACK does not count, and "
			 "it gets an ACK",
	  .needs       = BLACK_BOX | SERVICE_QUIET,
	  .filtered    = "far_right")
{
	struct peer *p = reach(lab, FIN_WAIT_1);
	const uint32_t seq = peer_place(p, row->place) - row->back;

	inject(p, ACK | PSH, .seq = is(seq), .data = pattern_at(seq - 1, row->len));
	dut_expect_state_until(p, FIN_WAIT_1, 0, ms(300));
	expect_refused(p);
	dut_expect_nothing_to_read(p);
}
