/*
 * A challenge and its answer.
 *
 * RFC 5961 sections 3.2 and 4.2: the challenge ACK names RCV.NXT. A peer that has really gone, or
 * has lost its connection and begins anew, answers that ACK by a RST made of its number, and this
 * one is exact. A peer that is still there takes the ACK for a duplicate: nothing happens.
 */
#include <lastack/case.h>

FAMILY(challenge_ack_answered, "A challenge ACK is answered");

/* What is challenged: RCV.NXT is 101. */
struct challenged {
	const char *name;
	unsigned flags;
	uint32_t seq;
};

static const struct challenged events[] = {
	{"rst_behind_the_left_edge", RST, 102},
	{"rst_in_the_middle", RST, 1101},
	{"syn_at_the_left_edge", SYN, 101},
	{"syn_in_the_middle", SYN, 1101},
	{"syn_of_long_ago", SYN, 101 - (1u << 30)},
};

static struct peer *talked(struct lab *lab)
{
	struct peer *p = handshaken(lab);

	inject(p, ACK | PSH, .data = pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(100));
	return p;
}

CASE_EACH(by_a_peer_that_is_there, struct challenged, events,
	  .requirement = RFC(5961, 4),
	  .also        = {RFC(5961, 8), RFC(5961, 10)},
	  .claim       = "what was challenged is dropped: the connection carries data both ways "
			 "after it, and closes")
{
	struct peer *p = talked(lab);

	inject(p, row->flags, .seq = is(row->seq));
	expect(p, ACK, .seq = is(1), .ack = is(101), .len = is(0), .when = within(ms(500)));
	expect_silence(p, ms(100));
	inject(p, ACK | PSH, .data = pattern_at(100, 100));
	expect(p, ACK, .seq = is(1), .ack = is(201), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern_at(100, 100));
	dut_write(p, pattern(200));
	expect(p, ACK, .seq = is(1), .ack = is(201), .data = pattern(200), .when = within(ms(500)));
	inject(p, ACK);
	dut_close(p);
	expect(p, FIN | ACK, .seq = is(201), .ack = is(201), .when = within(ms(500)));
	inject(p, ACK);
	dut_expect_state(p, FIN_WAIT_2);
}

/* The peer has lost its connection and opens it anew, from the same port. */
static const struct challenged anew[] = {
	{"far_left", SYN, 101 - (1u << 30)},
	{"in_the_window", SYN, 1101},
	{"far_right", SYN, 101 + (1u << 30)},
};

CASE_EACH(by_a_peer_that_begins_anew, struct challenged, anew,
	  .requirement = RFC(5961, 11),
	  .also        = {RFC(5961, 9), RFC(5961, 7)},
	  .claim       = "a peer that has forgotten and sends SYN gets a challenge ACK, ends the "
			 "old connection by its RST, and its SYN, sent again, opens a new one",
	  .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *old = talked(lab), *p;
	const struct heard *ack;

	p = dial_as(lab, .port = peer_port(old), .to = peer_dut_port(old), .use_isn = true,
		    .isn = peer_iss(old) + row->seq);
	inject(p, row->flags);
	ack = expect(p, ACK, .raw_seq = is(peer_irs(old) + 1), .raw_ack = is(peer_iss(old) + 101),
		     .len = is(0), .when = within(ms(500)));
	inject(p, RST, .raw_seq = is(ack->raw_ack));
	dut_expect_state(p, CLOSED);
	inject(p, SYN, .seq = is(0));
	expect(p, SYN | ACK, .ack = is(1), .len = is(0), .when = within(ms(500)));
	inject(p, ACK);
	dut_expect_state(p, ESTABLISHED);
	dut_accept(p);
}
