/*
 * One connection has one initial sequence number, however often its SYN-ACK is sent.
 * RFC 9293 section 3.10.8: what is sent again is the segment on the retransmission queue.
 */
#include <lastack/case.h>

FAMILY(isn_kept, "The ISN of a SYN-ACK that is sent again");

CASE(syn_ack_sent_again,
     .requirement = RFC9293(EV, SYNACK_SAME),
     .also        = {RFC9293(EV, SYNACK_RTO)},
     .claim       = "a SYN-ACK that is sent again keeps its ISN, and an ACK of it completes the "
		    "handshake",
     .needs       = BLACK_BOX,
     .budget      = sec(8))
{
	const nanos timeout = dut_timer(lab, TIMER_SYN_ACK);
	struct peer *p = dial(lab);
	const struct heard *first;

	inject(p, SYN);
	first = expect_lost(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	for (int times = 1; times <= 2; times *= 2)
		expect_lost(p, SYN | ACK, .raw_seq = is(first->raw_seq), .ack = is(1),
			    .when = dut_about(lab, times * timeout));
	inject(p, ACK, .seq = is(1), .raw_ack = is(first->raw_seq + 1));
	dut_expect_state(p, ESTABLISHED);
	dut_accept(p);
}

/* Else a DUT with one ISN for everything would keep it, too. */
CASE(the_next_connection_has_another,
     .requirement = RFC9293(MUST, 8),
     .also        = {RFC9293(EV, SYNACK_SAME)},
     .claim       = "the ISN is kept for one connection, and the next between the same ports has "
		    "another",
     .needs       = BLACK_BOX)
{
	struct peer *p = dial(lab);
	const struct heard *first;

	inject(p, SYN);
	first = expect_lost(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	expect_lost(p, SYN | ACK, .raw_seq = is(first->raw_seq), .ack = is(1),
		    .when = dut_about(lab, dut_timer(lab, TIMER_SYN_ACK)));
	inject(p, RST, .seq = is(1));
	dut_expect_state(p, CLOSED);
	inject(p, SYN, .seq = is(0));
	expect(p, SYN | ACK, .raw_seq = isnt(first->raw_seq), .ack = is(1),
	       .when = within(ms(500)));
}
