/*
 * A crowd of half-open connections that are all reset.
 *
 * RFC 9293 section 3.10.7.4: a RST in SYN-RECEIVED after a passive open returns to LISTEN. A
 * listener that keeps what was reset fills up, and the next handshake shows that. How many of the
 * crowd it answers is its own affair (RFC 4987).
 */
#include <lastack/case.h>

FAMILY(half_open_reset, "Half-open connections that are reset");

#define CROWD 48
#define ROUNDS 4

/* What comes for them is the second segment of a handshake, if anything. */
static void crowd_answered(struct peer *p)
{
	const struct heard *got;

	while ((got = peer_next(p)))
		check(p, got->flags == (SYN | ACK) && got->ack == 1,
		      "a SYN of many is answered by flags %#x, ack %u", got->flags, got->ack);
}

CASE(leave_room_for_the_next,
     .requirement = RFC9293(EV, SYNRCVD_RST_PASSIVE),
     .claim       = "192 half-open connections, 48 at a time, that are reset leave the port as it "
		    "was: the next SYN is answered",
     .needs       = BLACK_BOX | FLOOD,
     .budget      = sec(10))
{
	struct peer *crowd[CROWD], *p;

	for (int i = 0; i < CROWD; i++)
		crowd[i] = dial(lab);
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < CROWD; i++)
			inject(crowd[i], SYN, .seq = is(0));
		peer_listen(crowd[CROWD - 1], ms(100));
		for (int i = 0; i < CROWD; i++) {
			crowd_answered(crowd[i]);
			inject(crowd[i], RST, .seq = is(1));
		}
	}
	p = dial(lab);
	inject(p, SYN);
	expect(p, SYN | ACK, .seq = is(0), .ack = is(1), .when = within(ms(500)));
	inject(p, ACK);
	dut_accept(p);
}
