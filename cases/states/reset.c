/*
 * RST in the synchronized states, by its place in the window.
 *
 * RFC 9293 section 3.10.7.4, second check, which is RFC 5961 section 3.2: outside of the window a
 * RST is dropped without a word; at RCV.NXT it resets; elsewhere in the window it gets a challenge
 * ACK, and a peer that means it answers with a RST at that ACK's number. An attacker who has to
 * guess a number needs 2^32 RSTs then, not 2^32 divided by the window. The window ends at RCV.NXT +
 * RCV.WND, which is the first number outside of it.
 *
 * Linux differs in three places. It takes RCV.NXT + RCV.WND for a number in the window
 * (tcp_sequence() compares by after()). In CLOSE-WAIT, CLOSING and LAST-ACK it takes RCV.NXT - 1,
 * the number of the peer's FIN, for RCV.NXT, since some peers send their RST there
 * (tcp_reset_check()). And in TIME-WAIT it gives no challenge ACK. All three were measured with
 * 5.10, 6.1, 6.12, 6.18 and 7.2.
 */
#include <errno.h>
#include <lastack/case.h>

FAMILY(reset, "RST in the synchronized states");

struct reset {
	const char *name;
	enum state state;
	enum window_place place;
};

/* The ACK that changes nothing: SND.NXT and RCV.NXT as they are. */
static const struct heard *expect_challenge(struct peer *p)
{
	return expect(p, ACK, .seq = is(peer_rcv_nxt(p)), .ack = is(peer_snd_nxt(p)),
		      .len = is(0), .when = within(ms(500)));
}

/*
 * Nothing is known of it any more: an ACK is for the listener now, which should reset. It has an
 * old number, so that a connection that is still there answers it too.
 */
static void expect_gone(struct peer *p)
{
	dut_expect_state(p, CLOSED);
	expect_silence(p, ms(300));
	inject(p, ACK, .seq = is(peer_snd_nxt(p) - 1));
	premise_listener_resets(p, .seq = is(peer_rcv_nxt(p)), .len = is(0),
				.when = within(ms(500)));
}

static const struct reset resets[] = {
	{"established", ESTABLISHED, LEFT_EDGE},
	{"fin_wait_1", FIN_WAIT_1, LEFT_EDGE},
	{"fin_wait_2", FIN_WAIT_2, LEFT_EDGE},
	{"close_wait", CLOSE_WAIT, LEFT_EDGE},
};

CASE_EACH(at_rcv_nxt_resets, struct reset, resets,
	  .requirement = RFC9293(EV, RST_EXACT),
	  .also        = {RFC(5961, 2)},
	  .claim       = "a RST at RCV.NXT ends the connection, and is not answered",
	  .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = reach(lab, row->state);

	inject(p, RST, .seq = is(peer_place(p, row->place)));
	expect_gone(p);
}

/* TIME-WAIT stands among its own cases. */
static const struct reset deletions[] = {
	{"closing", CLOSING, LEFT_EDGE},
	{"last_ack", LAST_ACK, LEFT_EDGE},
};

CASE_EACH(at_rcv_nxt_deletes, struct reset, deletions,
	  .requirement = RFC9293(EV, RST_TIMEWAIT),
	  .also        = {RFC9293(EV, RST_EXACT), RFC(5961, 2)},
	  .claim       = "a RST at RCV.NXT ends the connection also when only an ACK is awaited, "
			 "and is not answered",
	  .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = reach(lab, row->state);

	inject(p, RST, .seq = is(peer_place(p, row->place)));
	expect_gone(p);
}

/* In CLOSE-WAIT Linux's read() gives the end, as before; write() gives EPIPE. */
static const struct reset reported[] = {
	{"established", ESTABLISHED, LEFT_EDGE},
	{"fin_wait_2", FIN_WAIT_2, LEFT_EDGE},
	{"close_wait", CLOSE_WAIT, LEFT_EDGE},
};

CASE_EACH(is_reported, struct reset, reported,
	  .requirement = RFC9293(EV, RST_ESTAB_REPORT),
	  .claim       = "after a reset read() gives ECONNRESET")
{
	struct peer *p = reach(lab, row->state);

	inject(p, RST, .seq = is(peer_place(p, row->place)));
	dut_expect_state(p, CLOSED);
	dut_expect_read_error(p, ECONNRESET);
}

static const struct reset challenged[] = {
	{"established_by_one", ESTABLISHED, IN_WINDOW},
	{"established_right_edge", ESTABLISHED, RIGHT_EDGE},
	{"fin_wait_1_by_one", FIN_WAIT_1, IN_WINDOW},
	{"fin_wait_2_right_edge", FIN_WAIT_2, RIGHT_EDGE},
	{"close_wait_by_one", CLOSE_WAIT, IN_WINDOW},
	{"closing_by_one", CLOSING, IN_WINDOW},
	{"last_ack_by_one", LAST_ACK, IN_WINDOW},
	{"time_wait_by_one", TIME_WAIT, IN_WINDOW},
};

CASE_EACH(in_the_window_is_challenged, struct reset, challenged,
	  .requirement = RFC9293(EV, RST_INWIN),
	  .also        = {RFC(5961, 1), RFC(5961, 3), RFC(5961, 4)},
	  .claim       = "a RST in the window that is not at RCV.NXT gets a challenge ACK and "
			 "does nothing else",
	  .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = reach(lab, row->state);

	inject(p, RST, .seq = is(peer_place(p, row->place)));
	expect_challenge(p);
	dut_expect_state_until(p, row->state, 0, ms(300));
	expect_silence_until(p, 0, ms(300));
}

static const struct reset meant[] = {
	{"established", ESTABLISHED, RIGHT_EDGE},
	{"close_wait", CLOSE_WAIT, IN_WINDOW},
	{"fin_wait_2", FIN_WAIT_2, IN_WINDOW},
	{"last_ack", LAST_ACK, RIGHT_EDGE},
};

CASE_EACH(answer_to_the_challenge_resets, struct reset, meant,
	  .requirement = RFC(5961, 7),
	  .also        = {RFC9293(EV, RST_INWIN), RFC9293(EV, RST_EXACT)},
	  .claim       = "the RST that a challenge ACK provokes, at the ACK's number, ends the "
			 "connection",
	  .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = reach(lab, row->state);
	const struct heard *challenge;

	inject(p, RST, .seq = is(peer_place(p, row->place)));
	challenge = expect_challenge(p);
	inject(p, RST, .raw_seq = is(challenge->raw_ack));
	expect_gone(p);
}

static const struct reset outside[] = {
	{"established_left", ESTABLISHED, LEFT_OF_WINDOW},
	{"established_right", ESTABLISHED, RIGHT_OF_WINDOW},
	{"established_far_right", ESTABLISHED, FAR_RIGHT},
	{"fin_wait_1_far_right", FIN_WAIT_1, FAR_RIGHT},
	{"fin_wait_2_left", FIN_WAIT_2, LEFT_OF_WINDOW},
	{"close_wait_left", CLOSE_WAIT, LEFT_OF_WINDOW},
	{"close_wait_far_right", CLOSE_WAIT, FAR_RIGHT},
	{"closing_left", CLOSING, LEFT_OF_WINDOW},
	{"closing_far_right", CLOSING, FAR_RIGHT},
	{"last_ack_left", LAST_ACK, LEFT_OF_WINDOW},
	{"last_ack_far_right", LAST_ACK, FAR_RIGHT},
	{"time_wait_far_right", TIME_WAIT, FAR_RIGHT},
};

CASE_EACH(outside_is_dropped, struct reset, outside,
	  .requirement = RFC9293(EV, RST_OOW),
	  .also        = {RFC(5961, 1), RFC(5961, 5)},
	  .claim       = "a RST outside of the window is dropped without a word")
{
	struct peer *p = reach(lab, row->state);

	inject(p, RST, .seq = is(peer_place(p, row->place)));
	dut_expect_state_until(p, row->state, 0, ms(300));
	expect_silence_until(p, 0, ms(300));
}
