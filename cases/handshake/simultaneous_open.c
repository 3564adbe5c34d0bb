/*
 * Two SYNs cross on the wire: SYN-SENT, SYN-RECEIVED, ESTABLISHED.
 * RFC 9293 section 3.5, figure 8, and section 3.10.7.3.
 */
#include <lastack/case.h>

FAMILY(simultaneous_open, "Both sides open at the same time");

/* The SYNs have crossed: the DUT is in SYN-RECEIVED, and its SYN-ACK has been heard. */
static struct peer *crossed(struct lab *lab)
{
	struct peer *p = answer(lab);

	dut_connect(p);
	expect(p, SYN, .seq = is(0), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, SYN_SENT);
	inject(p, SYN, .seq = is(0));
	expect(p, SYN | ACK, .seq = is(0), .ack = is(1), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, SYN_RECEIVED);
	return p;
}

/* The connection stands; a byte stream goes each way from ISN plus one. */
static void stands(struct peer *p)
{
	dut_expect_connected(p);
	dut_expect_state(p, ESTABLISHED);
	inject(p, ACK | PSH, .seq = is(1), .ack = is(1), .data = pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(100));
	dut_write(p, pattern(50));
	expect(p, ACK, .seq = is(1), .ack = is(101), .data = pattern(50), .when = within(ms(500)));
}

CASE(ended_by_ack,
     .requirement = RFC9293(MUST, 10),
     .also        = {RFC9293(EV, SYNSENT_SYN), RFC9293(EV, SYNRCVD_ACK)},
     .claim       = "a SYN in SYN-SENT leads to SYN-RECEIVED and a SYN-ACK of the same ISN, and a "
		    "bare ACK to ESTABLISHED")
{
	struct peer *p = crossed(lab);

	inject(p, ACK, .seq = is(1), .ack = is(1));
	stands(p);
}

/* What the other side of figure 8 sends is a SYN-ACK too; an ACK in answer to it does no harm. */
CASE(ended_by_syn_ack,
     .requirement = RFC9293(MUST, 10),
     .also        = {RFC9293(EV, SYNSENT_SYN)},
     .claim       = "two SYN-ACKs cross as well, and the connection is ESTABLISHED")
{
	struct peer *p = crossed(lab);
	const struct heard *got;

	inject(p, SYN | ACK, .seq = is(0), .ack = is(1));
	peer_listen(p, ms(300));
	while ((got = peer_next(p)))
		check(p, got->flags == ACK && got->seq == 1 && got->ack == 1 && !got->len,
		      "flags %#x, seq %u, ack %u, %u bytes: only an ACK may answer", got->flags,
		      got->seq, got->ack, got->len);
	stands(p);
}
