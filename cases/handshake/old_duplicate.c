/*
 * An old SYN comes before the real one.
 *
 * RFC 9293 section 3.5, figure 9: the DUT cannot know that it is old, and answers. The peer can:
 * the acknowledgement is not of what it sent, and it says so by RST, with the number that the DUT
 * waits for. That takes the DUT back to LISTEN, and the real SYN finds it there. Where the real SYN
 * has overtaken the RST, it is a SYN outside the window, and an ACK answers it.
 */
#include <lastack/case.h>

FAMILY(old_duplicate, "An old SYN comes before the real one");

/* The old SYN's ISN is before the real one, further than any window. */
#define OLD 0x40000000u

CASE(is_cleared_by_rst,
     .requirement = RFC9293(EV, OLD_DUP_SYN),
     .also        = {RFC9293(EV, SYNRCVD_RST_PASSIVE), RFC9293(EV, LISTEN_SYN)},
     .claim       = "an old SYN is answered, the peer's RST for it ends the half-open connection, "
		    "and the real SYN is accepted",
     .needs       = BLACK_BOX)
{
	struct peer *p = dial(lab);
	const struct heard *old, *real;

	inject(p, SYN, .seq = is(-OLD));
	old = expect_lost(p, SYN | ACK, .ack = is(1 - OLD), .when = within(ms(500)));
	dut_expect_state(p, SYN_RECEIVED);
	inject(p, RST, .seq = is(1 - OLD));
	dut_expect_state(p, CLOSED);
	expect_silence_until(p, old->rung, ms(1300));
	inject(p, SYN, .seq = is(0));
	real = expect(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	inject(p, ACK, .seq = is(1), .raw_ack = is(real->raw_seq + 1));
	dut_accept(p);
	dut_expect_state(p, ESTABLISHED);
}
