/*
 * The DUT opens, and the peer answers: SYN-SENT, then ESTABLISHED.
 * RFC 9293 sections 3.5 and 3.10.7.3.
 */
#include <lastack/case.h>

FAMILY(active_open, "The three-way handshake as the opening side sees it");

CASE(three_segments,
     .requirement = RFC9293(EV, SYNSENT_SYNACK),
     .claim       = "connect() sends SYN and waits in SYN-SENT; SYN-ACK is answered by an ACK of "
		    "the peer's ISN plus one, and the connection is ESTABLISHED")
{
	struct peer *p = answer(lab);

	dut_connect(p);
	expect(p, SYN, .seq = is(0), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, SYN_SENT);
	inject(p, SYN | ACK, .seq = is(0), .ack = is(1));
	expect(p, ACK, .seq = is(1), .ack = is(1), .len = is(0), .when = within(ms(500)));
	dut_expect_connected(p);
	dut_expect_state(p, ESTABLISHED);
	expect_silence(p, ms(300));
}

CASE(carries_data_both_ways,
     .requirement = RFC9293(EV, SYNSENT_SYNACK),
     .claim       = "after the active open the first byte each way has the ISN plus one")
{
	struct peer *p = answer(lab);

	dut_connect(p);
	expect(p, SYN, .seq = is(0), .when = within(ms(500)));
	inject(p, SYN | ACK);
	expect(p, ACK, .seq = is(1), .ack = is(1), .when = within(ms(500)));
	dut_expect_connected(p);
	dut_write(p, pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(1), .data = pattern(100), .when = within(ms(500)));
	inject(p, ACK | PSH, .seq = is(1), .ack = is(101), .data = pattern_at(100, 50));
	expect(p, ACK, .seq = is(101), .ack = is(51), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern_at(100, 50));
	dut_expect_nothing_to_read(p);
}
