/*
 * The peer's window is zero, and the DUT has data.
 *
 * RFC 9293 section 3.8.6.1: the peer's next window may be lost, so the DUT asks for it: first after
 * one retransmission timeout, and then at intervals that grow exponentially. As long as its probes
 * are acknowledged it goes on for ever, and a window that opens ends it. How a probe looks is left
 * open: Linux sends an empty segment at SND.UNA - 1, which must be answered; others send the next
 * byte of their data.
 *
 * Measured on Linux 6.18: probes 0.2, 0.6, 1.5, 3.1, 6.5, 13.1, 26.5 and 54 s after the data.
 */
#include <errno.h>
#include <lastack/case.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

FAMILY(zero_window, "The peer's window is zero");

/* What the DUT writes into a window of zero. */
#define BYTES 500
/* Retries are counted in timeouts of 200 ms: only one that is about as long shows them. */
#define SHORT ms(280)

/* The peer's window is zero from its first ACK on. */
static struct peer *with_zero_window(struct lab *lab)
{
	struct peer *p = dial(lab);

	inject(p, SYN);
	expect(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	inject(p, ACK, .window = is(0));
	dut_accept(p);
	return p;
}

/* A probe: empty and acknowledged before, or the first byte of what is kept back. */
static const struct heard *expect_probe(struct peer *p, int since, struct window when)
{
	const struct heard *probe;

	expect_any(p, &probe,
		   either(ACK, .seq = is(0), .len = is(0), .when = when, .since = since),
		   either(ACK, .seq = is(1), .len = is(1), .when = when, .since = since));
	return probe;
}

/*
 * A probe where the claim is another one. When it comes is a SHOULD, SHLD-29 or SHLD-30: one that
 * comes at another time, within PATIENCE, breaks that rule only.
 */
#define PATIENCE sec(3)
#define PROBE ACK, .seq = from_to(0, 1), .len = from_to(0, 1)
static const struct heard *premise_probe(struct peer *p, enum requirement_id rule, int since,
					 struct window when)
{
	const struct heard *probe;

	probe = premise(p, rule, either(PROBE, .since = since, .when = when),
			either(PROBE, .since = since, .when = within(when.to + PATIENCE)));
	check(p, probe->seq == probe->len,
	      "a segment with seq %u and %u bytes came: want a probe", probe->seq, probe->len);
	return probe;
}

/* What the next interval counts from: a probe, or the data, and how late the peer answered it. */
struct last {
	int rung;
	nanos late;
};

/*
 * From one probe to the next. The answer to the first may restart the interval, as Linux has it,
 * and is never later than this.
 */
static struct window after_answer(nanos interval, const struct last *last)
{
	return between(interval - ms(2), interval * 9 / 8 + ms(60) + last->late);
}

/* The peer takes nothing, and its window is zero still. */
static int refuse(struct peer *p)
{
	return inject(p, ACK, .ack = is(1), .window = is(0));
}

static void expect_probe_and_refuse(struct peer *p, struct last *last, struct window when)
{
	const struct heard *probe = expect_probe(p, last->rung, when);
	nanos heard = probe->time;

	last->rung = probe->rung;
	last->late = rung_time(p, refuse(p)) - heard;
}

/* The window opens: all that was kept back comes at once, and nothing of it is missing. */
static void open_window(struct peer *p)
{
	inject(p, ACK, .ack = is(1));
	expect(p, ACK, .seq = is(1), .data = pattern(BYTES), .when = within(ms(500)));
	inject(p, ACK, .ack = is(BYTES + 1));
	expect_silence(p, sec(1));
	dut_expect_state(p, ESTABLISHED);
}

CASE(first_probe_after_one_timeout,
     .requirement = RFC9293(SHLD, 29),
     .also        = {RFC9293(MUST, 36), RFC(1122, 12)},
     .claim       = "data for a window of zero is not sent, and after one retransmission timeout "
		    "the window is asked for")
{
	struct peer *p = with_zero_window(lab);
	nanos rto = dut_info(p).rto;

	dut_write(p, pattern(BYTES));
	expect_probe(p, 0, about(rto));
	refuse(p);
	dut_expect_state(p, ESTABLISHED);
}

CASE(intervals_double_when_answered,
     .requirement = RFC9293(SHLD, 30),
     .also        = {RFC9293(MUST, 36), RFC9293(MUST, 37)},
     .claim       = "each interval between probes is twice the one before, though the peer "
		    "acknowledges them with a window of zero",
     .budget      = sec(10))
{
	struct peer *p = with_zero_window(lab);
	nanos interval = dut_timeout(p, FIRST_TIMEOUT_MAX);
	struct last last = {0, 0};

	dut_write(p, pattern(BYTES));
	for (int i = dut_intervals(interval, 5); i > 0; i--, interval *= 2)
		expect_probe_and_refuse(p, &last, after_answer(interval, &last));
	open_window(p);
}

CASE(intervals_double_when_not_answered,
     .requirement = RFC9293(SHLD, 30),
     .also        = {RFC9293(MUST, 36)},
     .claim       = "each interval between probes that nobody answers is twice the one before",
     .budget      = sec(10))
{
	struct peer *p = with_zero_window(lab);
	nanos interval = dut_timeout(p, FIRST_TIMEOUT_MAX);

	dut_write(p, pattern(BYTES));
	for (int i = dut_intervals(interval, 5); i > 0; i--, interval *= 2)
		expect_probe(p, 0, about(interval));
	open_window(p);
}

CASE(opened_window_ends_it,
     .requirement = RFC9293(EV, EST_WNDUPD),
     .also        = {RFC9293(MUST, 36), RFC9293(SHLD, 29)},
     .judged_as   = LEVEL_MUST,
     .claim       = "when the window opens, what was kept back comes at once and whole, and the "
		    "probes end")
{
	struct peer *p = with_zero_window(lab);
	nanos rto = dut_info(p).rto;

	dut_write(p, pattern(BYTES));
	premise_probe(p, RFC9293(SHLD, 29), 0, about(rto));
	open_window(p);
}

/*
 * tcp_retries2 bounds probes without an answer only, which would end after 1.4 s here. Linux lets
 * the intervals double no more often than that.
 */
CASE(acknowledged_probes_outlast_the_retries,
     .requirement = RFC9293(MUST, 37),
     .also        = {RFC(1122, 12), RFC9293(SHLD, 29), RFC9293(SHLD, 30)},
     .claim       = "with tcp_retries2=2 a connection whose probes are acknowledged is there after "
		    "five of them, and its data goes when the window opens",
     .needs       = DUT_AGENT | SYSCTLS,
     .budget      = sec(10))
{
	struct peer *p;
	nanos first, interval;
	struct last last = {0, 0};

	dut_sysctl(lab, "net.ipv4.tcp_retries2", 2);
	p = with_zero_window(lab);
	first = interval = dut_timeout(p, SHORT);
	dut_write(p, pattern(BYTES));
	for (int i = 0; i < 5; i++, interval *= 2) {
		struct window when = after_answer(interval, &last);

		const struct heard *probe;
		nanos heard;

		when.from = first - ms(2);
		probe = premise_probe(p, i ? RFC9293(SHLD, 30) : RFC9293(SHLD, 29), last.rung,
				      when);
		heard = probe->time;
		last.rung = probe->rung;
		last.late = rung_time(p, refuse(p)) - heard;
		dut_expect_state(p, ESTABLISHED);
	}
	open_window(p);
}

CASE(probes_without_answer_are_given_up,
     .requirement = DOC(TCP_RETRIES2),
     .also        = {RFC9293(MUST, 20), RFC9293(EV, LISTEN_ACK)},
     .claim       = "with tcp_retries2=3 a connection ends after three or four probes that nobody "
		    "answers: ETIMEDOUT, and a later ACK gets RST",
     .needs       = DUT_AGENT | SYSCTLS,
     .budget      = sec(10))
{
	struct peer *p;
	const struct heard *probe;
	nanos interval;

	dut_sysctl(lab, "net.ipv4.tcp_retries2", 3);
	p = with_zero_window(lab);
	interval = dut_timeout(p, SHORT);
	dut_write(p, pattern(BYTES));
	for (int i = 0; i < 3; i++, interval *= 2)
		probe = expect_probe(p, 0, about(interval));
	dut_expect_state_when(p, CLOSED, probe->rung,
			      between(interval - ms(2), interval * 4 + sec(2)));
	check(p, peer_listen(p, 0) <= 1, "there were more than four probes");
	peer_forget(p);
	dut_expect_read_error(p, ETIMEDOUT);
	inject(p, ACK, .ack = is(1));
	premise_listener_resets(p, .seq = is(1), .len = is(0), .when = within(ms(500)));
}

/* tcp(7) has the user timeout hold for data that a zero window keeps back too. */
CASE(user_timeout_ends_it,
     .requirement = DOC(TCP_USER_TIMEOUT),
     .also        = {RFC9293(MUST, 21), RFC9293(EV, USER_TIMEOUT)},
     .claim       = "with a user timeout of 2 s data that a window of zero keeps back ends the "
		    "connection, though its probes are acknowledged: ETIMEDOUT",
     .budget      = sec(10))
{
	struct peer *p = with_zero_window(lab);
	nanos interval = dut_timeout(p, SHORT), longest = (sec(2) + interval) * 5 / 4;
	struct last last = {0, 0};
	int began;

	dut_set_option(p, IPPROTO_TCP, TCP_USER_TIMEOUT, 2000);
	began = refuse(p);
	dut_write(p, pattern(BYTES));
	for (int i = 0; i < 3; i++, interval *= 2)
		expect_probe_and_refuse(p, &last, after_answer(interval, &last));
	dut_expect_state_when(p, CLOSED, began, between(sec(2) - ms(2), longest));
	dut_expect_read_error(p, ETIMEDOUT);
	inject(p, ACK, .ack = is(1));
	premise_listener_resets(p, .seq = is(1), .len = is(0), .when = within(ms(500)));
}
