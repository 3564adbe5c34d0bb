/*
 * Both sides close at once, and the FINs cross.
 * RFC 9293 section 3.6, case 3 and figure 13: each side is in FIN-WAIT-1 when the other's FIN
 * comes, which does not acknowledge its own. Both pass through CLOSING, and both end in TIME-WAIT.
 */
#include <lastack/case.h>

FAMILY(simultaneous_close, "Both sides close at once");

/* ESTABLISHED, and the DUT's next number is 201, the peer's 1. */
static struct peer *talked(struct lab *lab)
{
	struct peer *p = handshaken(lab);

	dut_write(p, pattern(200));
	expect(p, ACK, .seq = is(1), .ack = is(1), .data = pattern(200), .when = within(ms(500)));
	inject(p, ACK);
	return p;
}

CASE(closing_and_time_wait,
     .requirement = RFC9293(EV, FW1_FIN),
     .also        = {RFC9293(EV, FIN_ACK)},
     .claim       = "a FIN that crosses the DUT's own leads from FIN-WAIT-1 to CLOSING, and the "
		    "ACK of the DUT's FIN to TIME-WAIT")
{
	struct peer *p = talked(lab);
	const struct dut_info info = dut_info(p);
	const struct heard *fin;
	nanos took;

	dut_close(p);
	fin = expect(p, FIN | ACK, .seq = is(201), .ack = is(1), .len = is(0),
		     .when = within(ms(500)));
	dut_expect_state(p, FIN_WAIT_1);
	inject(p, FIN | ACK, .ack = is(201));
	expect(p, ACK, .seq = is(202), .ack = is(2), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, CLOSING);
	/* The DUT sends its FIN again if an agent far away takes long to tell the states. */
	took = rung_time(p, inject(p, ACK)) - fin->time;
	if (took + info.rtt > info.rto)
		too_late(p, "the FIN was acknowledged after %lld ms, and the DUT's timeout is "
			    "%lld ms", (long long)((took + info.rtt) / ms(1)),
			 (long long)(info.rto / ms(1)));
	dut_expect_state(p, TIME_WAIT);
	expect_silence(p, ms(500));
}

/*
 * The FIN of one that crossed can be lost as well. In CLOSING it is still on the retransmission
 * queue; it comes again with the acknowledgement as it stands by then.
 */
CASE(fin_is_sent_again_in_closing,
     .requirement = RFC9293(EV, RTO),
     .also        = {RFC(6298, 15), RFC9293(EV, FW1_FIN)},
     .claim       = "in CLOSING the FIN is sent again, backing off, until it is acknowledged")
{
	struct peer *p = talked(lab);
	nanos interval = dut_info(p).rto;
	const struct heard *fin;

	dut_close(p);
	fin = expect_lost(p, FIN | ACK, .seq = is(201), .ack = is(1), .when = within(ms(500)));
	inject(p, FIN | ACK);
	expect(p, ACK, .seq = is(202), .ack = is(2), .len = is(0), .when = within(ms(500)));
	for (int i = 0; i < 3; i++, interval *= 2)
		fin = expect_lost(p, FIN | ACK, .seq = is(201), .ack = is(2), .len = is(0),
				  .when = about(interval), .since = fin->rung);
	dut_expect_state(p, CLOSING);
	inject(p, ACK, .ack = is(202));
	dut_expect_state(p, TIME_WAIT);
	expect_silence(p, sec(1));
}
