/*
 * A FIN is lost, or the ACK of one: the last ACK for one.
 *
 * RFC 9293 section 3.10.8 and RFC 6298 section 5: a FIN waits on the retransmission queue like
 * data. It is sent again after one retransmission timeout, and each later interval is twice the
 * one before. How long a timeout is, is the DUT's own affair between RFC 6298's bounds: the cases
 * ask it (TCP_INFO) before the FIN, and judge what it does by what it says.
 *
 * Who gets no last ACK cannot know what was lost, and the peer may be gone for good: in LAST-ACK
 * the DUT tries for a while, and then forgets. RFC 9293 section 3.8.3 wants at least 100 s for
 * that. Measured on Linux 6.18: FINs 0.21, 0.63, 1.47, 3.13, 6.5, 13.2, 26.5 and 54.4 s after the
 * first, given up after 108 s.
 */
#include <lastack/case.h>

FAMILY(lost_fin, "A FIN, or its acknowledgement, is lost");

/*
 * In LAST-ACK: the DUT's FIN is heard, and every ACK of it will be lost. *rto is the DUT's timeout;
 * the case is skipped if it is longer than most.
 */
static struct peer *in_last_ack(struct lab *lab, nanos most, nanos *rto,
				const struct heard **fin)
{
	struct peer *p = handshaken(lab);

	inject(p, FIN | ACK);
	expect(p, ACK, .seq = is(1), .ack = is(2), .len = is(0), .when = within(ms(500)));
	*rto = dut_timeout(p, most);
	dut_close(p);
	*fin = expect(p, FIN | ACK, .seq = is(1), .ack = is(2), .len = is(0),
		      .when = within(ms(500)));
	return p;
}

CASE(fin_is_sent_again_with_doubling_intervals,
     .requirement = RFC9293(EV, RTO),
     .also        = {RFC(6298, 15), RFC(6298, 10)},
     .claim       = "a FIN that is lost is sent again after one timeout, each interval twice the "
		    "one before, and FIN-WAIT-1 lasts until its ACK",
     .budget      = sec(10))
{
	struct peer *p = handshaken(lab);
	nanos interval = dut_timeout(p, FIRST_TIMEOUT_MAX);
	int last = dut_intervals(interval, 5) - 1;

	dut_close(p);
	expect_lost(p, FIN | ACK, .seq = is(1), .ack = is(1), .len = is(0),
		    .when = within(ms(500)));
	for (int i = 0; i < last; i++, interval *= 2)
		expect_lost(p, FIN | ACK, .seq = is(1), .ack = is(1), .len = is(0),
			    .when = about(interval));
	dut_expect_state(p, FIN_WAIT_1);
	expect(p, FIN | ACK, .seq = is(1), .ack = is(1), .len = is(0), .when = about(interval));
	inject(p, ACK);
	dut_expect_state(p, FIN_WAIT_2);
	expect_silence(p, ms(500));
}

CASE(last_ack_lost,
     .requirement = RFC9293(EV, RTO),
     .also        = {RFC(6298, 15), RFC(6298, 10), RFC9293(EV, LASTACK)},
     .claim       = "in LAST-ACK the FIN is sent again, each interval twice the one before, until "
		    "the last ACK comes",
     .budget      = sec(10))
{
	const struct heard *fin;
	nanos interval;
	struct peer *p = in_last_ack(lab, FIRST_TIMEOUT_MAX, &interval, &fin);

	for (int i = dut_intervals(interval, 5); i > 0; i--, interval *= 2) {
		lose(p, ACK);
		fin = expect(p, FIN | ACK, .seq = is(1), .ack = is(2), .len = is(0),
			     .when = about(interval), .since = fin->rung);
	}
	dut_expect_state(p, LAST_ACK);
	inject(p, ACK);
	dut_expect_state(p, CLOSED);
	expect_silence(p, sec(1));
}

CASE(last_ack_never_comes,
     .requirement = DOC(TCP_ORPHAN_RETRIES),
     .also        = {RFC(1122, 7), RFC(6298, 15), RFC9293(EV, LISTEN_ACK)},
     .claim       = "in LAST-ACK the FIN is sent again eight times, and then the connection is "
		    "gone without a word, not before 100 s",
     .budget      = sec(132))
{
	const struct heard *fin;
	nanos interval;
	struct peer *p = in_last_ack(lab, ms(280), &interval, &fin);
	int first = fin->rung;

	for (int i = 0; i < 8; i++, interval *= 2)
		fin = expect(p, FIN | ACK, .seq = is(1), .ack = is(2), .len = is(0),
			     .when = about(interval), .since = fin->rung);
	dut_expect_state_until(p, LAST_ACK, first, sec(100));
	dut_expect_state_when(p, CLOSED, fin->rung, about(interval));
	expect_silence(p, ms(500));
	inject(p, ACK);
	premise_listener_resets(p, .seq = is(2), .len = is(0), .when = within(ms(500)));
}

/*
 * The manual counts in time: the retries stand for the time that they would take with the least
 * timeout, and the first timeout at or after its end is the last. Two retries stand for 1.4 s; the
 * series of timeouts ends at 1.4 s as well, so a third repetition may slip in. Linux 6.18 has it.
 */
CASE(last_ack_never_comes_with_two_retries,
     .requirement = DOC(TCP_ORPHAN_RETRIES),
     .also        = {RFC(6298, 15), RFC9293(EV, LISTEN_ACK)},
     .claim       = "with tcp_orphan_retries=2 the connection in LAST-ACK is gone after two or "
		    "three repetitions of the FIN, without a word",
     .needs       = DUT_AGENT | SYSCTLS,
     .budget      = sec(8))
{
	const struct heard *fin;
	nanos interval;
	struct peer *p;

	dut_sysctl(lab, "net.ipv4.tcp_orphan_retries", 2);
	p = in_last_ack(lab, ms(280), &interval, &fin);
	for (int i = 0; i < 2; i++, interval *= 2)
		fin = expect(p, FIN | ACK, .seq = is(1), .ack = is(2), .len = is(0),
			     .when = about(interval), .since = fin->rung);
	dut_expect_state_when(p, CLOSED, fin->rung,
			      between(interval - ms(2), interval * 3 * 9 / 8 + ms(20)));
	check(p, peer_listen(p, 0) <= 1, "the FIN was sent again more than three times");
	peer_forget(p);
	expect_silence(p, ms(500));
	inject(p, ACK);
	premise_listener_resets(p, .seq = is(2), .len = is(0), .when = within(ms(500)));
}
