/*
 * The application closes before the connection is established.
 *
 * RFC 9293 section 3.10.4: CLOSE in SYN-SENT deletes the connection's record, and nothing is sent;
 * in SYN-RECEIVED a FIN is sent and FIN-WAIT-1 entered, where no data waits. SYN-RECEIVED is
 * reached by a simultaneous open here: after a passive one an application has no socket to close.
 */
#include <lastack/case.h>
#include <errno.h>

FAMILY(early_close, "close() before the connection is established");

CASE(syn_sent_is_forgotten,
     .requirement = RFC9293(EV, SYNSENT_CLOSE),
     .also        = {RFC9293(EV, CLOSED_ACK)},
     .claim       = "close() in SYN-SENT ends the connection at once and in silence, and the "
		    "SYN-ACK that comes for it gets RST")
{
	struct peer *p = answer(lab);

	dut_connect(p);
	expect(p, SYN, .seq = is(0), .when = within(ms(500)));
	dut_expect_state(p, SYN_SENT);
	dut_close(p);
	dut_expect_state(p, CLOSED);
	/* Nor does the SYN come again, which would be due after 1 s. */
	expect_silence(p, ms(1500));
	inject(p, SYN | ACK, .seq = is(0), .ack = is(1));
	expect(p, RST, .seq = is(1), .when = within(ms(500)));
	dut_expect_state(p, CLOSED);
}

static struct peer *crossed(struct lab *lab)
{
	struct peer *p = answer(lab);

	dut_connect(p);
	expect(p, SYN, .seq = is(0), .when = within(ms(500)));
	inject(p, SYN);
	expect(p, SYN | ACK, .seq = is(0), .ack = is(1), .when = within(ms(500)));
	dut_expect_state(p, SYN_RECEIVED);
	return p;
}

CASE(syn_received_sends_fin,
     .requirement = RFC9293(EV, SYNRCVD_CLOSE),
     .claim       = "close() in SYN-RECEIVED sends FIN, and the connection ends like any other")
{
	struct peer *p = crossed(lab);

	dut_close(p);
	expect(p, FIN | ACK, .seq = is(1), .ack = is(1), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, FIN_WAIT_1);
	/* This acknowledges the SYN, and the next one the FIN too. */
	inject(p, ACK, .ack = is(1));
	dut_expect_state_until(p, FIN_WAIT_1, 0, ms(100));
	inject(p, ACK);
	dut_expect_state(p, FIN_WAIT_2);
	inject(p, FIN | ACK);
	expect(p, ACK, .seq = is(2), .ack = is(2), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, TIME_WAIT);
}
