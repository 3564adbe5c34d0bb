/*
 * When data that nobody acknowledges is sent again.
 *
 * RFC 6298 section 5: after one retransmission timeout, and each later interval is twice the one
 * before. How long the timeout is follows from measured round trips (section 2), but never from
 * that of a segment that was sent twice (section 3, Karn's algorithm). The cases ask the DUT for
 * its timeout where the RFC leaves it open, and compute it where the RFC fixes it. The peer offers
 * neither SACK nor timestamps, so that nothing but the timer sends anything again.
 */
#include <lastack/case.h>

FAMILY(retransmission_timeout, "When data is sent again");

/* The handshake is a round trip, but a DUT need not have measured it. */
static void must_have_measured(struct peer *p)
{
	if (!dut_info(p).rtt)
		not_judged(p, "the DUT has measured no round trip of the handshake");
}

/* What the DUT has just written is lost: it is heard, and then count times more. */
static nanos lost_data(struct peer *p, size_t off, size_t n, int count, nanos interval)
{
	const struct span seq = is((uint32_t)off + 1);

	expect_lost(p, ACK, .seq = seq, .data = pattern_at(off, n), .when = within(ms(500)));
	for (; count > 0; count--, interval *= 2)
		expect_lost(p, ACK, .seq = seq, .data = pattern_at(off, n),
			    .when = about(interval));
	return interval;
}

CASE(intervals_double,
     .requirement = RFC(6298, 15),
     .also        = {RFC9293(EV, RTO), RFC9293(MUST, 18), RFC9293(MUST, 19), RFC(6298, 10),
		     RFC(6298, 11)},
     .claim       = "data that is not acknowledged is sent again after one timeout, and each "
		    "interval is twice the one before",
     .budget      = sec(10))
{
	struct peer *p = handshaken(lab);
	nanos rto = dut_timeout(p, FIRST_TIMEOUT_MAX);

	dut_write(p, pattern(100));
	lost_data(p, 0, 100, dut_intervals(rto, 5), rto);
	dut_expect_state(p, ESTABLISHED);
	inject(p, ACK, .ack = is(101));
	expect_silence(p, ms(500));
}

/* Rule 2.4. Linux takes 200 ms (tcp_rto_min_us); 0.20 to 0.22 s were measured. */
CASE(not_within_one_second,
     .requirement = RFC(6298, 5),
     .claim       = "data is not sent again within a second, however short the path is")
{
	struct peer *p = handshaken(lab);

	must_have_measured(p);
	dut_write(p, pattern(100));
	expect(p, ACK, .seq = is(1), .data = pattern(100), .when = within(ms(500)));
	expect(p, ACK, .seq = is(1), .data = pattern(100), .when = after(sec(1)));
}

CASE(only_the_earliest_segment,
     .requirement = RFC(6298, 14),
     .also        = {RFC9293(EV, RTO), RFC(6298, 15)},
     .claim       = "of three segments that are not acknowledged only the first is sent again at "
		    "a timeout, and when it is acknowledged the second")
{
	struct peer *p = handshaken(lab);
	struct dut_info info = dut_info(p);
	uint32_t mss = info.snd_mss;

	dut_write(p, pattern(3 * (size_t)mss));
	for (uint32_t seq = 1; seq <= 2 * mss + 1; seq += mss)
		expect_lost(p, ACK, .seq = is(seq), .len = is(mss), .when = within(ms(500)));
	expect_lost(p, ACK, .seq = is(1), .len = is(mss), .when = about(info.rto));
	expect(p, ACK, .seq = is(1), .len = is(mss), .when = about(info.rto * 2));
	inject(p, ACK);
	expect(p, ACK, .seq = is(mss + 1), .len = is(mss), .when = within(ms(500)));
	peer_listen(p, ms(100));
	peer_forget(p);
	inject(p, ACK, .ack = is(3 * mss + 1));
	expect_silence(p, sec(2));
}

CASE(not_after_the_acknowledgement,
     .requirement = RFC(6298, 12),
     .claim       = "data that is acknowledged is never sent again")
{
	struct peer *p = handshaken(lab);

	dut_write(p, pattern(100));
	expect(p, ACK, .seq = is(1), .data = pattern(100), .when = within(ms(500)));
	inject(p, ACK);
	expect_silence(p, sec(3));
	dut_expect_state(p, ESTABLISHED);
}

/* The timeout that holds from the ACK on has that ACK's round trip in it: the DUT is asked. */
CASE(acknowledgement_restarts_the_timer,
     .requirement = RFC(6298, 13),
     .also        = {RFC(6298, 10)},
     .claim       = "when one of two segments is acknowledged, the other is sent again one timeout "
		    "after that acknowledgement")
{
	struct peer *p = handshaken(lab);
	struct dut_info info = dut_info(p);
	uint32_t mss = info.snd_mss;
	const struct heard *first;
	nanos rto;
	int acked;

	dut_write(p, pattern(2 * (size_t)mss));
	first = expect(p, ACK, .seq = is(1), .len = is(mss), .when = within(ms(500)));
	expect(p, ACK, .seq = is(mss + 1), .len = is(mss), .when = within(ms(500)));
	peer_wait_until(p, first->rung, info.rto * 3 / 4);
	acked = inject(p, ACK, .ack = is(mss + 1));
	rto = dut_info(p).rto;
	expect(p, ACK, .seq = is(mss + 1), .len = is(mss), .when = about(rto), .since = acked);
	inject(p, ACK);
	expect_silence(p, sec(1));
}

/*
 * Data that was sent three times is acknowledged: nobody knows which of them. It is two times if
 * the timeout is long. *times is how much longer than *rto the timeout is then.
 */
static struct peer *acknowledged_late(struct lab *lab, nanos *rto, int *times)
{
	struct peer *p = handshaken(lab);
	int again;

	*rto = dut_timeout(p, FIRST_TIMEOUT_MAX);
	again = dut_intervals(*rto, 3) - 1;
	*times = 1 << again;
	dut_write(p, pattern(100));
	lost_data(p, 0, 100, again, *rto);
	inject(p, ACK, .ack = is(101));
	return p;
}

/*
 * RFC 6298 section 3, and the end of section 5: the timeout stays what the backoff made of it
 * until data that was sent once is acknowledged. Whichever copy is taken, 0.6 s after the first or
 * at once after the last, a sample would give a shorter timeout than four times the first.
 */
CASE(backed_off_until_a_new_sample,
     .requirement = RFC(6298, 7),
     .also        = {RFC9293(MUST, 18), RFC(1122, 4)},
     .claim       = "the acknowledgement of data that was sent again gives no sample: what is "
		    "sent next has the backed-off timeout still")
{
	nanos rto;
	int times;
	struct peer *p = acknowledged_late(lab, &rto, &times);

	dut_write(p, pattern_at(100, 100));
	lost_data(p, 100, 100, 1, rto * times);
	inject(p, ACK, .ack = is(201));
	expect_silence(p, ms(500));
}

/* A sample of R is less than 2 R of the timeout (R / 8 + 4 * R / 4), the backoff four times it. */
CASE(new_sample_ends_the_backoff,
     .requirement = RFC(6298, 3),
     .also        = {RFC(6298, 7)},
     .claim       = "once data that was sent once is acknowledged, the timeout is that of the "
		    "measured round trips again")
{
	nanos before, now, trip;
	int times;
	struct peer *p = acknowledged_late(lab, &before, &times);
	const struct heard *data;

	dut_write(p, pattern_at(100, 100));
	data = expect(p, ACK, .seq = is(101), .data = pattern_at(100, 100),
		      .when = within(ms(500)));
	trip = rung_time(p, inject(p, ACK, .ack = is(201))) - data->time;
	dut_write(p, pattern_at(200, 100));
	expect_lost(p, ACK, .seq = is(201), .data = pattern_at(200, 100), .when = within(ms(500)));
	now = dut_info(p).rto;
	check(p, now < before * times / 2 + trip * 2,
	      "the timeout was %lld ms at first, and is %lld ms now, after a round trip of %lld ms",
	      (long long)(before / ms(1)), (long long)(now / ms(1)), (long long)(trip / ms(1)));
	expect_lost(p, ACK, .seq = is(201), .data = pattern_at(200, 100), .when = about(now));
	inject(p, ACK, .ack = is(301));
	expect_silence(p, ms(500));
}

/* A path of half a second: the handshake's last segment comes so late. *trip is what it took. */
static struct peer *over_a_long_path(struct lab *lab, nanos *trip)
{
	struct peer *p = dial(lab);
	const struct heard *offer;
	int answered;

	inject(p, SYN);
	offer = expect(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	peer_wait_until(p, offer->rung, ms(500));
	answered = inject(p, ACK);
	dut_accept(p);
	*trip = rung_time(p, answered) - offer->time;
	must_have_measured(p);
	return p;
}

/* Rule 2.2: SRTT = R, RTTVAR = R / 2, and so the timeout is R + 4 * R / 2. */
CASE(first_sample,
     .requirement = RFC(6298, 2),
     .also        = {RFC(1122, 4), RFC9293(MUST, 18)},
     .claim       = "after a first round trip of R the timeout is 3 R")
{
	nanos trip;
	struct peer *p = over_a_long_path(lab, &trip);

	dut_write(p, pattern(100));
	lost_data(p, 0, 100, 1, trip * 3);
	inject(p, ACK, .ack = is(101));
	expect_silence(p, ms(500));
}

CASE(first_sample_of_an_active_open,
     .requirement = RFC(6298, 2),
     .also        = {RFC(1122, 4), RFC9293(MUST, 18)},
     .claim       = "after a SYN-ACK that took R the timeout is 3 R")
{
	struct peer *p = answer(lab);
	const struct heard *syn;
	int answered;
	nanos trip;

	dut_connect(p);
	syn = expect(p, SYN, .seq = is(0), .when = within(ms(500)));
	peer_wait_until(p, syn->rung, ms(500));
	answered = inject(p, SYN | ACK);
	expect(p, ACK, .seq = is(1), .ack = is(1), .len = is(0), .when = within(ms(500)));
	dut_expect_connected(p);
	trip = rung_time(p, answered) - syn->time;
	dut_write(p, pattern(100));
	lost_data(p, 0, 100, 1, trip * 3);
	inject(p, ACK, .ack = is(101));
	expect_silence(p, ms(500));
}

/*
 * Rule 2.3: RTTVAR = 3/4 RTTVAR + 1/4 |SRTT - R'|, SRTT = 7/8 SRTT + 1/8 R'. With R = 0.5 s and
 * R' = 0.9 s that is a timeout of 1.7 s, with R' = 0.1 s one of 1.6 s.
 *
 * Linux counts a sample below the average for less: an error of that sign adds an eighth of its
 * share to the variance. Measured on Linux 6.18: 1.70 s, and 1.48 s where 1.6 s are due.
 */
struct sample {
	const char *name;
	nanos trip;
};
static const struct sample samples[] = {
	{"longer", ms(900)},
	{"shorter", ms(100)},
};

CASE_EACH(second_sample, struct sample, samples,
     .requirement = RFC(6298, 3),
     .also        = {RFC(1122, 4), RFC9293(MUST, 18)},
     .claim       = "a second round trip moves average and variance by an eighth and a quarter, "
		    "and the timeout follows")
{
	nanos first, second, error, average, variance;
	struct peer *p = over_a_long_path(lab, &first);
	const struct heard *sent;
	int acked;

	dut_write(p, pattern(100));
	sent = expect(p, ACK, .seq = is(1), .data = pattern(100), .when = within(ms(500)));
	peer_wait_until(p, sent->rung, row->trip);
	acked = inject(p, ACK);
	dut_write(p, pattern_at(100, 100));
	expect_lost(p, ACK, .seq = is(101), .data = pattern_at(100, 100), .when = within(ms(500)));
	second = rung_time(p, acked) - sent->time;
	error = second > first ? second - first : first - second;
	variance = first / 2 * 3 / 4 + error / 4;
	average = first * 7 / 8 + second / 8;
	expect_lost(p, ACK, .seq = is(101), .data = pattern_at(100, 100),
		    .when = about(average + 4 * variance));
	inject(p, ACK, .ack = is(201));
	expect_silence(p, ms(500));
}

/*
 * Rule 5.7: no sample could be taken of a handshake in which a segment was sent again, and the
 * path may be longer than the timeout was.
 */
CASE(three_seconds_after_a_lost_syn_ack,
     .requirement = RFC(6298, 16),
     .also        = {RFC(6298, 7), RFC(6298, 1)},
     .claim       = "after a handshake whose SYN-ACK was sent again, data is sent again after 3 s",
     .needs       = DUT_AGENT | OWN_DUT,
     .budget      = sec(10))
{
	struct peer *p = dial(lab);

	inject(p, SYN);
	expect_lost(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	premise(p, RFC(6298, 1), either(SYN | ACK, .ack = is(1), .when = about(sec(1))),
		either(SYN | ACK, .ack = is(1), .when = within(sec(4))));
	inject(p, ACK);
	dut_accept(p);
	dut_write(p, pattern(100));
	lost_data(p, 0, 100, 1, sec(3));
	inject(p, ACK, .ack = is(101));
	expect_silence(p, ms(500));
}

CASE(three_seconds_after_a_lost_syn,
     .requirement = RFC(6298, 16),
     .also        = {RFC(6298, 7), RFC(6298, 1)},
     .claim       = "after a handshake whose SYN was sent again, data is sent again after 3 s",
     .needs       = DUT_AGENT | OWN_DUT,
     .budget      = sec(10))
{
	struct peer *p = answer(lab);

	dut_connect(p);
	expect_lost(p, SYN, .seq = is(0), .when = within(ms(500)));
	premise(p, RFC(6298, 1), either(SYN, .seq = is(0), .when = about(sec(1))),
		either(SYN, .seq = is(0), .when = within(sec(4))));
	inject(p, SYN | ACK);
	expect(p, ACK, .seq = is(1), .ack = is(1), .len = is(0), .when = within(ms(500)));
	dut_expect_connected(p);
	dut_write(p, pattern(100));
	lost_data(p, 0, 100, 1, sec(3));
	inject(p, ACK, .ack = is(101));
	expect_silence(p, ms(500));
}

CASE(ceiling,
     .requirement = DOC(TCP_RTO_MAX_MS),
     .also        = {RFC(6298, 6)},
     .claim       = "with tcp_rto_max_ms=1000 the intervals double up to one second, and no "
		    "further",
     .needs       = DUT_AGENT | SYSCTLS,
     .budget      = sec(10))
{
	struct peer *p;
	nanos rto;

	dut_sysctl(lab, "net.ipv4.tcp_rto_max_ms", 1000);
	p = handshaken(lab);
	rto = dut_info(p).rto;
	dut_write(p, pattern(100));
	lost_data(p, 0, 100, rto > ms(300) ? 0 : 3, rto);
	for (int i = 0; i < 3; i++)
		expect_lost(p, ACK, .seq = is(1), .data = pattern(100), .when = about(sec(1)));
	inject(p, ACK, .ack = is(101));
	expect_silence(p, ms(500));
}
