/*
 * The DUT listens, and the peer opens: three segments, and the state after each.
 * RFC 9293 sections 3.5, 3.10.7.2 and 3.10.7.4.
 */
#include <lastack/case.h>

FAMILY(passive_open, "The three-way handshake as the listening side sees it");

CASE(three_segments,
     .requirement = RFC9293(EV, LISTEN_SYN),
     .also        = {RFC9293(EV, SYNRCVD_ACK)},
     .claim       = "LISTEN, SYN-RECEIVED and ESTABLISHED follow SYN, SYN-ACK and ACK, and each "
		    "acknowledgement is the other side's ISN plus one",
     .needs       = BLACK_BOX | SERVICE_WAITS)
{
	struct peer *p = dial(lab);

	dut_expect_listening(lab);
	inject(p, SYN);
	expect(p, SYN | ACK, .seq = is(0), .ack = is(1), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, SYN_RECEIVED);
	inject(p, ACK, .seq = is(1), .ack = is(1));
	dut_expect_state(p, ESTABLISHED);
	dut_accept(p);
	dut_expect_listening(lab);
	expect_silence(p, ms(300));
}

/*
 * Many descriptions let only the third segment carry data. The RFC lets every segment carry it; a
 * third one that does completes the handshake and delivers.
 */
CASE(third_segment_carries_data,
     .requirement = RFC9293(EV, SYNRCVD_ACK),
     .also        = {RFC9293(EV, DATA_BEFORE_ESTAB)},
     .claim       = "data on the segment that completes the handshake is acknowledged and "
		    "delivered",
     .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = dial(lab);

	inject(p, SYN);
	expect(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	inject(p, ACK, .data = pattern(1000));
	expect(p, ACK, .seq = is(1), .ack = is(1001), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, ESTABLISHED);
	dut_accept(p);
	dut_expect_read(p, pattern(1000));
	dut_expect_nothing_to_read(p);
}
