/*
 * A FIN whose acknowledgement cannot be the peer's.
 *
 * RFC 5961 section 5.2, taken up by RFC 9293 section 3.10.7.4 (MAY-12): SEG.ACK lies between
 * SND.UNA - MAX.SND.WND and SND.NXT, both included; a segment outside is dropped, and an ACK is
 * sent. Else a connection could be closed by whoever guesses the sequence number alone.
 * MAX.SND.WND is the greatest window that the peer ever offered: 1000 here, in each segment, where
 * the DUT has sent 3000 bytes, and all are acknowledged.
 */
#include <lastack/case.h>

FAMILY(ack_range, "A FIN whose acknowledgement cannot be");

#define MAX_WINDOW 1000
#define SENT 3000u

static struct peer *sent(struct lab *lab)
{
	struct peer *p = dial(lab);

	inject(p, SYN, .window = is(MAX_WINDOW));
	expect(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	inject(p, ACK, .window = is(MAX_WINDOW));
	dut_accept(p);
	dut_write(p, pattern(SENT));
	for (int i = 0; i < 64 && peer_rcv_nxt(p) != SENT + 1; i++) {
		if (!peer_listen(p, ms(20)))
			continue;
		while (peer_next(p))
			;
		inject(p, ACK, .window = is(MAX_WINDOW));
	}
	check(p, peer_rcv_nxt(p) == SENT + 1, "the DUT's data came up to %u only",
	      peer_rcv_nxt(p));
	return p;
}

struct acknowledgement {
	const char *name;
	uint32_t ack;
};

static const struct acknowledgement not_believed[] = {
	{"one_left_of_the_edge", SENT - MAX_WINDOW},
	{"half_round_left", SENT + 1 - (1u << 31) + 1},
	{"one_right_of_next", SENT + 2},
	{"half_round_right", SENT + 1 + (1u << 31) - 1},
};

CASE_EACH(fin_outside_is_dropped, struct acknowledgement, not_believed,
	  .requirement = RFC(5961, 13),
	  .also        = {RFC9293(MAY, 12)},
	  .claim       = "a FIN with an acknowledgement outside that range closes nothing, and an "
			 "ACK is sent",
	  .filtered    = "*_right *_right_of_next")
{
	struct peer *p = sent(lab);

	inject(p, FIN | ACK, .seq = is(1), .ack = is(row->ack), .window = is(MAX_WINDOW));
	expect(p, ACK, .seq = is(SENT + 1), .ack = is(1), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, ESTABLISHED);
}
