/*
 * The window shrinks to zero below data that is on its way.
 *
 * RFC 9293 section 3.8.6: nobody should shrink a window so, and every sender must live through it.
 * What is out there cannot be taken back; the window is asked for as any window of zero, by a
 * probe or by the data that is not acknowledged, and the connection is not given up as long as the
 * peer answers.
 */
#include <lastack/case.h>

FAMILY(shrunk_window, "The window shrinks to zero");

#define BYTES 500
/* How much later than recommended a probe may come, if the claim is another one. */
#define PATIENCE sec(3)
#define PROBE ACK, .seq = from_to(0, 1), .len = from_to(0, BYTES)

/*
 * 500 bytes went into an open window; the peer has none of them, and closes it. Data of its own
 * goes with that, so that no old ACK has these numbers. *sent is the data, *rto the timeout; the
 * case is skipped if it is longer than most.
 */
static struct peer *with_shrunk_window(struct lab *lab, nanos most, nanos *rto, int *sent)
{
	struct peer *p = handshaken(lab);

	*rto = dut_timeout(p, most);
	dut_write(p, pattern(BYTES));
	*sent = expect_lost(p, ACK, .seq = is(1), .data = pattern(BYTES),
			    .when = within(ms(500)))->rung;
	inject(p, ACK | PSH, .ack = is(1), .window = is(0), .data = pattern(10));
	/* The ACK may be delayed, but the first probe is due after one timeout. */
	expect(p, ACK, .ack = is(11), .len = is(0),
	       .when = within(*rto * 3 / 4 < ms(499) ? *rto * 3 / 4 : ms(499)));
	return p;
}

/* What the next interval counts from: a probe, or the data, and how late the peer answered it. */
struct last {
	int rung;
	nanos late;
};

/*
 * From the data, or from one probe, to the next: an empty one, one byte, or all of the segment
 * again. What the peer sent in between may restart the interval, and is never later than this.
 */
static void expect_probe_after(struct peer *p, struct last *last, nanos interval)
{
	struct window when = between(interval - ms(2), interval * 9 / 8 + ms(60) + last->late);
	int since = last->rung;
	const struct heard *probe;
	nanos heard;

	/* The interval is a SHOULD: a probe at another time does not break the claim. */
	probe = premise(p, RFC9293(SHLD, 30), either(PROBE, .when = when, .since = since),
			either(PROBE, .when = within(when.to + PATIENCE), .since = since));
	check(p, probe->seq ? probe->len == 1 || probe->len == BYTES : !probe->len,
	      "a segment with seq %u and %u bytes came: want a probe", probe->seq, probe->len);
	heard = probe->time;
	last->rung = probe->rung;
	last->late = rung_time(p, inject(p, ACK, .ack = is(1), .window = is(0))) - heard;
}

CASE(probed_like_any_zero_window,
     .requirement = RFC9293(MUST, 35),
     .also        = {RFC9293(MUST, 34), RFC9293(SHLD, 30)},
     .claim       = "a window that shrank to zero below data in flight is probed, at intervals "
		    "that double",
     .budget      = sec(10))
{
	nanos interval;
	struct last last = {0, 0};
	struct peer *p = with_shrunk_window(lab, FIRST_TIMEOUT_MAX, &interval, &last.rung);

	for (int i = dut_intervals(interval, 5) - 1; i > 0; i--, interval *= 2)
		expect_probe_after(p, &last, interval);
	inject(p, ACK, .ack = is(1));
	expect(p, ACK, .seq = is(1), .data = pattern(BYTES), .when = within(interval * 5 / 2));
	inject(p, ACK, .ack = is(BYTES + 1));
	expect_silence(p, sec(1));
}

CASE(not_given_up,
     .requirement = RFC9293(SHLD, 17),
     .also        = {RFC9293(MUST, 34), RFC9293(MUST, 37), RFC9293(SHLD, 30)},
     .claim       = "with tcp_retries2=2 data beyond the edge of a window that shrank does not "
		    "time out, as long as the peer answers",
     .needs       = DUT_AGENT | SYSCTLS,
     .budget      = sec(10))
{
	struct peer *p;
	nanos interval;
	struct last last = {0, 0};

	dut_sysctl(lab, "net.ipv4.tcp_retries2", 2);
	p = with_shrunk_window(lab, ms(280), &interval, &last.rung);
	for (int i = 0; i < 5; i++, interval *= 2) {
		expect_probe_after(p, &last, interval);
		dut_expect_state(p, ESTABLISHED);
	}
	inject(p, ACK, .ack = is(BYTES + 1));
	expect_silence(p, sec(1));
	dut_expect_state(p, ESTABLISHED);
}

/*
 * RFC 9293 section 3.10.7.4: an ACK that has the numbers of the last one sets the window too
 * (SND.WL1 = SEG.SEQ and SND.WL2 =< SEG.ACK). Linux let such an ACK only widen the window, up to
 * 6.5: measured on 6.1, the data was sent into the closed window.
 */
CASE(closed_by_a_repeated_acknowledgement,
     .requirement = RFC9293(EV, EST_WNDUPD),
     .claim       = "an ACK that differs from the last one by its window of zero only closes the "
		    "window")
{
	struct peer *p = handshaken(lab);
	struct window probe = within(dut_timeout(p, FIRST_TIMEOUT_MAX) * 9 / 8 + ms(275));

	inject(p, ACK, .ack = is(1), .window = is(0));
	dut_write(p, pattern(BYTES));
	expect_any(p, NULL, either(ACK, .seq = is(0), .len = is(0), .when = probe),
		   either(ACK, .seq = is(1), .len = is(1), .when = probe));
	inject(p, ACK, .ack = is(1));
	expect(p, ACK, .seq = is(1), .data = pattern(BYTES), .when = within(ms(500)));
	inject(p, ACK, .ack = is(BYTES + 1));
	expect_silence(p, ms(500));
}
