/*
 * Keep-alive: a connection on which nothing happens is asked whether it is there still.
 *
 * RFC 9293 section 3.8.4: off unless the application wants it; only where nothing is outstanding,
 * and after an idle time that can be set and is two hours or more by default. The probe is a
 * segment at SND.NXT - 1, without data rather than with, which any TCP must answer. One that is not
 * answered says nothing. How many do, and how far apart they are, the RFC leaves open: Linux has
 * TCP_KEEPCNT (9) and TCP_KEEPINTVL (75 s), and resets the connection at the end.
 */
#include <errno.h>
#include <lastack/case.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

FAMILY(keepalive, "Keep-alive");

/*
 * A connection with keep-alive after idle seconds, and then count times so many seconds apart. The
 * idle time counts from the peer's last segment.
 */
static struct peer *kept_alive(struct lab *lab, int idle, int interval, int count)
{
	struct peer *p = handshaken(lab);

	dut_set_option(p, IPPROTO_TCP, TCP_KEEPIDLE, idle);
	dut_set_option(p, IPPROTO_TCP, TCP_KEEPINTVL, interval);
	dut_set_option(p, IPPROTO_TCP, TCP_KEEPCNT, count);
	dut_set_option(p, SOL_SOCKET, SO_KEEPALIVE, 1);
	inject(p, ACK);
	return p;
}

/*
 * How long a connection was idle is counted in ticks, and a segment's arrival may be taken down as
 * a tick too early: 2.6 ms were seen on Linux 6.18 at 250 Hz; at 100 Hz a tick is 10 ms.
 */
#define idle_for(span) between((span) - ms(10), (span) * 9 / 8 + ms(10))

/* A probe of a connection on which the DUT has sent nothing yet. */
#define PROBE ACK, .seq = is(0), .ack = is(1)

CASE(off_by_default,
     .requirement = RFC9293(MUST, 25),
     .also        = {RFC(1122, 9)},
     .claim       = "an application that does not ask for keep-alive does not have it, however "
		    "short the system's times are",
     .needs       = DUT_AGENT | SYSCTLS,
     .budget      = sec(8))
{
	struct peer *p;

	dut_sysctl(lab, "net.ipv4.tcp_keepalive_time", 1);
	dut_sysctl(lab, "net.ipv4.tcp_keepalive_intvl", 1);
	p = handshaken(lab);
	check(p, dut_get_option(p, SOL_SOCKET, SO_KEEPALIVE) == 0, "SO_KEEPALIVE is on");
	expect_silence(p, sec(4));
	dut_expect_state(p, ESTABLISHED);
}

CASE(systems_idle_time,
     .requirement = DOC(TCP_KEEPALIVE_TIME),
     .also        = {RFC9293(MUST, 27), RFC9293(MUST, 24), RFC(1122, 9)},
     .claim       = "with tcp_keepalive_time=1 and SO_KEEPALIVE a probe comes after one second",
     .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p;

	dut_sysctl(lab, "net.ipv4.tcp_keepalive_time", 1);
	p = handshaken(lab);
	dut_set_option(p, SOL_SOCKET, SO_KEEPALIVE, 1);
	inject(p, ACK);
	expect(p, PROBE, .when = idle_for(sec(1)));
	inject(p, ACK);
	expect_silence(p, ms(500));
	dut_expect_state(p, ESTABLISHED);
}

CASE(idle_time_of_one_socket,
     .requirement = RFC9293(MUST, 27),
     .also        = {RFC9293(MUST, 24), RFC9293(MAY, 5), RFC(1122, 9)},
     .claim       = "with TCP_KEEPIDLE of 2 s a probe comes after 2 s, and 2 s after each answer "
		    "the next one",
     .budget      = sec(8))
{
	struct peer *p = kept_alive(lab, 2, 1, 3);

	expect(p, PROBE, .when = idle_for(sec(2)));
	inject(p, ACK);
	expect(p, PROBE, .when = idle_for(sec(2)));
	inject(p, ACK);
	dut_expect_state(p, ESTABLISHED);
}

CASE(probe_carries_no_data,
     .requirement = RFC9293(SHLD, 12),
     .claim       = "a probe has the sequence number before the next one, and no data")
{
	struct peer *p = kept_alive(lab, 1, 1, 3);
	int heard;

	dut_write(p, pattern(100));
	expect(p, ACK, .seq = is(1), .data = pattern(100), .when = within(ms(500)));
	heard = inject(p, ACK | PSH, .data = pattern(50));
	expect(p, ACK, .seq = is(101), .ack = is(51), .len = is(0), .when = within(ms(500)));
	expect(p, ACK, .seq = is(100), .ack = is(51), .len = is(0), .when = idle_for(sec(1)),
	       .since = heard);
	inject(p, ACK);
	expect(p, ACK, .seq = is(100), .ack = is(51), .len = is(0), .when = idle_for(sec(1)));
}

CASE(switched_off_again,
     .requirement = RFC9293(MUST, 24),
     .claim       = "SO_KEEPALIVE turned off ends the probes, and turned on begins them again",
     .budget      = sec(8))
{
	struct peer *p = kept_alive(lab, 1, 1, 3);
	int answered;

	expect(p, PROBE, .when = idle_for(sec(1)));
	answered = inject(p, ACK);
	dut_set_option(p, SOL_SOCKET, SO_KEEPALIVE, 0);
	expect_silence_until(p, answered, ms(2500));
	dut_set_option(p, SOL_SOCKET, SO_KEEPALIVE, 1);
	expect(p, PROBE, .when = within(ms(1200)), .since = inject(p, ACK));
	dut_expect_state(p, ESTABLISHED);
}

CASE(one_lost_probe_is_no_end,
     .requirement = RFC9293(MUST, 29),
     .also        = {DOC(TCP_KEEPINTVL)},
     .claim       = "a probe that is not answered is followed by another, and its answer keeps "
		    "the connection as it was",
     .budget      = sec(8))
{
	struct peer *p = kept_alive(lab, 2, 1, 3);
	int answered;

	expect_lost(p, PROBE, .len = is(0), .when = idle_for(sec(2)));
	expect(p, PROBE, .when = idle_for(sec(1)));
	answered = inject(p, ACK | PSH, .data = pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, ESTABLISHED);
	dut_expect_read(p, pattern(100));
	expect(p, ACK, .seq = is(0), .ack = is(101), .when = idle_for(sec(2)), .since = answered);
}

CASE(no_answer_ends_it,
     .requirement = DOC(TCP_KEEPCNT),
     .also        = {DOC(TCP_KEEPINTVL), RFC9293(MUST, 29), RFC9293(EV, ABORT),
		     RFC9293(EV, LISTEN_ACK)},
     .claim       = "after three probes that nobody answers the connection is reset: ETIMEDOUT, "
		    "and a later ACK gets RST",
     .budget      = sec(10))
{
	struct peer *p = kept_alive(lab, 2, 1, 3);

	expect_lost(p, PROBE, .when = idle_for(sec(2)));
	expect_lost(p, PROBE, .when = about(sec(1)));
	expect_lost(p, PROBE, .when = about(sec(1)));
	expect(p, RST | ACK, .seq = is(1), .ack = is(1), .len = is(0), .when = about(sec(1)));
	dut_expect_state(p, CLOSED);
	dut_expect_read_error(p, ETIMEDOUT);
	inject(p, ACK);
	premise_listener_resets(p, .seq = is(1), .len = is(0), .when = within(ms(500)));
}

CASE(traffic_restarts_the_idle_time,
     .requirement = RFC9293(MUST, 26),
     .claim       = "data of the peer's puts the probe off: it comes one idle time after the last "
		    "segment")
{
	struct peer *p = kept_alive(lab, 1, 1, 3);

	for (uint32_t got = 100; got <= 300; got += 100) {
		int sent = inject(p, ACK | PSH, .data = pattern_at(got - 100, 100));

		expect(p, ACK, .seq = is(1), .ack = is(got + 1), .len = is(0),
		       .when = within(ms(500)));
		if (got < 300)
			expect_silence_until(p, sent, ms(700));
		else
			expect(p, ACK, .seq = is(0), .ack = is(301), .len = is(0),
			       .when = idle_for(sec(1)), .since = sent);
	}
}

/* The data's own repetitions are 0.2, 0.6, 1.4 and 3.0 s after it. */
CASE(none_while_data_is_outstanding,
     .requirement = RFC9293(MUST, 26),
     .claim       = "while data is not acknowledged only the data comes again, and no probe; the "
		    "idle time begins with the acknowledgement",
     .budget      = sec(10))
{
	struct peer *p = kept_alive(lab, 1, 1, 2);
	nanos interval = dut_timeout(p, FIRST_TIMEOUT_MAX);

	dut_write(p, pattern(100));
	expect_lost(p, ACK, .seq = is(1), .data = pattern(100), .when = within(ms(500)));
	for (int i = dut_intervals(interval, 4); i > 0; i--, interval *= 2)
		expect_lost(p, ACK, .seq = is(1), .data = pattern(100), .when = about(interval));
	inject(p, ACK, .ack = is(101));
	expect(p, ACK, .seq = is(100), .ack = is(1), .len = is(0), .when = idle_for(sec(1)));
	inject(p, ACK, .ack = is(101));
	dut_expect_state(p, ESTABLISHED);
}

/* The other side of it: the DUT is asked. RFC 1122 knows TCPs that need a byte of garbage. */
CASE(probes_of_the_peer_are_answered,
     .requirement = RFC9293(EV, SEQ_UNACC),
     .also        = {RFC9293(MAY, 5)},
     .claim       = "a probe of the peer's, empty or with a byte of garbage, is answered by an ACK "
		    "at once, and the byte is never delivered",
     .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = handshaken(lab);

	inject(p, ACK | PSH, .data = pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(100));
	inject(p, ACK, .seq = is(100));
	expect(p, ACK, .seq = is(1), .ack = is(101), .len = is(0), .when = within(ms(500)));
	inject(p, ACK, .seq = is(100), .data = text("?"));
	expect(p, ACK, .seq = is(1), .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_nothing_to_read(p);
	dut_expect_state(p, ESTABLISHED);
}

/* What the DUT says; whether it keeps to it, the next case hears. */
CASE(default_idle_time_is_two_hours,
     .requirement = RFC9293(MUST, 28),
     .also        = {RFC(1122, 9)},
     .claim       = "the idle time that a socket begins with is two hours or more")
{
	struct peer *p = handshaken(lab);
	int idle = dut_get_option(p, IPPROTO_TCP, TCP_KEEPIDLE);

	dut_set_option(p, SOL_SOCKET, SO_KEEPALIVE, 1);
	check(p, idle >= 7200, "TCP_KEEPIDLE is %d s", idle);
	expect_silence(p, sec(3));
}

CASE(default_times_to_the_end,
     .requirement = RFC9293(MUST, 28),
     .also        = {RFC9293(MUST, 29), DOC(TCP_KEEPALIVE_TIME), DOC(TCP_KEEPINTVL),
		     DOC(TCP_KEEPCNT)},
     .claim       = "by default the first probe comes after two hours, eight more 75 s apart, and "
		    "then the connection is reset: ETIMEDOUT",
     .needs       = DUT_AGENT | VIRTUAL_TIME,
     .budget      = sec(3 * 3600))
{
	struct peer *p = handshaken(lab);

	dut_set_option(p, SOL_SOCKET, SO_KEEPALIVE, 1);
	expect_lost(p, PROBE, .len = is(0), .when = about(sec(7200)));
	for (int i = 1; i < 9; i++)
		expect_lost(p, PROBE, .len = is(0), .when = about(sec(75)));
	dut_expect_state(p, ESTABLISHED);
	expect(p, RST | ACK, .seq = is(1), .ack = is(1), .when = about(sec(75)));
	dut_expect_state(p, CLOSED);
	dut_expect_read_error(p, ETIMEDOUT);
}

CASE(answers_keep_it_for_hours,
     .requirement = RFC9293(MUST, 27),
     .also        = {RFC9293(MUST, 28), RFC9293(MAY, 5)},
     .claim       = "a connection whose probes are answered is there after four hours, and its "
		    "data goes both ways",
     .needs       = DUT_AGENT | VIRTUAL_TIME,
     .budget      = sec(5 * 3600))
{
	struct peer *p = handshaken(lab);

	dut_set_option(p, SOL_SOCKET, SO_KEEPALIVE, 1);
	for (int hours = 2; hours <= 4; hours += 2) {
		expect(p, PROBE, .len = is(0), .when = about(sec(7200)));
		inject(p, ACK);
	}
	dut_expect_state(p, ESTABLISHED);
	dut_write(p, pattern(100));
	expect(p, ACK, .seq = is(1), .data = pattern(100), .when = within(ms(500)));
	inject(p, ACK | PSH, .data = pattern(50));
	expect(p, ACK, .seq = is(101), .ack = is(51), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(50));
}
