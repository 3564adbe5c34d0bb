/*
 * SYN for a connection that exists.
 *
 * RFC 9293 section 3.10.7.4, fourth check, which is RFC 5961 section 4.2: whatever its number, it
 * gets a challenge ACK, and is dropped. If the peer has forgotten the connection and means a new
 * one, the ACK tells it the number at which a RST counts; if the SYN is an old duplicate, or an
 * attacker's, nothing has happened. A SYN-ACK in answer would be wrong, and so would be a reset.
 *
 * TIME-WAIT, where a SYN may open a new connection, stands among its own cases.
 */
#include <lastack/case.h>

FAMILY(late_syn, "SYN for a connection that exists");

struct late_syn {
	const char *name;
	enum state state;
	unsigned flags;
	enum window_place place;
	size_t len;
};

static const struct heard *expect_challenge(struct peer *p)
{
	return expect(p, ACK, .seq = is(peer_rcv_nxt(p)), .ack = is(peer_snd_nxt(p)),
		      .len = is(0), .when = within(ms(500)));
}

static struct bytes payload(const struct late_syn *row)
{
	return row->len ? pattern(row->len) : (struct bytes){NULL, 0};
}

static const struct late_syn syns[] = {
	{"established_left", ESTABLISHED, SYN, LEFT_OF_WINDOW, 0},
	{"established_left_edge", ESTABLISHED, SYN, LEFT_EDGE, 0},
	{"established_right_edge", ESTABLISHED, SYN, RIGHT_EDGE, 0},
	{"established_far_right", ESTABLISHED, SYN, FAR_RIGHT, 0},
	{"established_syn_ack", ESTABLISHED, SYN | ACK, LEFT_EDGE, 0},
	{"established_syn_fin", ESTABLISHED, SYN | FIN, LEFT_EDGE, 0},
	{"established_data", ESTABLISHED, SYN | PSH, LEFT_EDGE, 100},
	{"fin_wait_1_left_edge", FIN_WAIT_1, SYN, LEFT_EDGE, 0},
	{"fin_wait_1_far_right", FIN_WAIT_1, SYN, FAR_RIGHT, 0},
	{"fin_wait_2_left_edge", FIN_WAIT_2, SYN, LEFT_EDGE, 0},
	{"close_wait_far_right", CLOSE_WAIT, SYN, FAR_RIGHT, 0},
	{"closing_left_edge", CLOSING, SYN, LEFT_EDGE, 0},
	{"last_ack_left_edge", LAST_ACK, SYN, LEFT_EDGE, 0},
	{"last_ack_syn_ack", LAST_ACK, SYN | ACK, LEFT_EDGE, 0},
};

/* With ACK it acknowledges all that the DUT sent, its FIN for one: dropped, it does not count. */
CASE_EACH(is_challenged, struct late_syn, syns,
	  .requirement = RFC9293(EV, SYN_SYNC),
	  .also        = {RFC(5961, 8), RFC(5961, 9), RFC(5961, 10)},
	  .claim       = "a SYN on a connection gets a challenge ACK, wherever it lies and "
			 "whatever it carries, and does nothing else",
	  .needs       = BLACK_BOX | SERVICE_QUIET,
	  .filtered    = "*_syn_fin *_syn_ack")
{
	struct peer *p = reach(lab, row->state);

	inject(p, row->flags, .seq = is(peer_place(p, row->place)), .data = payload(row));
	expect_challenge(p);
	dut_expect_state_until(p, row->state, 0, ms(300));
	expect_silence_until(p, 0, ms(300));
	if (row->state == ESTABLISHED)
		dut_expect_nothing_to_read(p);
}

/* The peer was started anew, as in RFC 9293 section 3.5.1, figure 9. */
static const struct late_syn forgotten[] = {
	{"established", ESTABLISHED, SYN, FAR_RIGHT, 0},
	{"close_wait", CLOSE_WAIT, SYN, FAR_RIGHT, 0},
};

CASE_EACH(rst_after_the_challenge_resets, struct late_syn, forgotten,
	  .requirement = RFC(5961, 11),
	  .also        = {RFC9293(EV, SYN_SYNC), RFC9293(EV, HALFOPEN_SYN)},
	  .claim       = "where the peer has forgotten the connection, its RST in answer to the "
			 "challenge ACK ends it, and its SYN opens a new one",
	  .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = reach(lab, row->state), *anew;
	const struct heard *challenge;

	inject(p, row->flags, .seq = is(peer_place(p, row->place)));
	challenge = expect_challenge(p);
	inject(p, RST, .raw_seq = is(challenge->raw_ack));
	dut_expect_state(p, CLOSED);
	expect_silence(p, ms(300));
	anew = dial_as(lab, .port = peer_port(p), .to = peer_dut_port(p));
	inject(anew, SYN);
	expect(anew, SYN | ACK, .seq = is(0), .ack = is(1), .when = within(ms(500)));
	inject(anew, ACK);
	dut_expect_state(anew, ESTABLISHED);
}
