/*
 * What TIME-WAIT keeps from the DUT's own side: its port, and the 4-tuple.
 *
 * RFC 9293 section 3.6.1: the pair of sockets is not used again before 2 MSL are over. Sockets
 * make more of it: bind() refuses the whole port with EADDRINUSE, to whoever has not said
 * SO_REUSEADDR on both sockets, the old one and the new one.
 *
 * connect() from such a port to the same peer is EADDRNOTAVAIL, with one exception: where the old
 * connection had timestamps, a new one is told apart by them (RFC 7323 appendix B.2), and Linux
 * lets an explicit bind() and connect() have the 4-tuple at once, beyond the old numbers.
 * "TIME-WAIT blocks the 4-tuple" is true without timestamps only. What comes from the peer's side
 * is another matter: see time_wait_segment.
 */
#include <errno.h>
#include <lastack/case.h>

FAMILY(time_wait_port, "The port of a connection in TIME-WAIT");

/* The RFC's 2 MSL, with the timer wheel's rounding and some room; Linux's 60 s end sooner. */
#define BUDGET (sec(240) * 9 / 8 + sec(10))

/* The DUT closes, and ends in TIME-WAIT. *fin is the peer's FIN's rung. Returns the last ACK. */
static const struct heard *close_to_time_wait(struct peer *p, int *fin)
{
	const struct heard *last;

	dut_close(p);
	expect(p, FIN | ACK, .seq = is(1), .ack = is(1), .when = within(ms(500)));
	inject(p, ACK);
	dut_expect_state(p, FIN_WAIT_2);
	*fin = inject(p, FIN | ACK);
	last = expect(p, ACK, .seq = is(2), .ack = is(2), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, TIME_WAIT);
	return last;
}

/* A server's connection is in TIME-WAIT, and its listener is closed. */
static struct peer *server_gone(struct lab *lab, int *fin)
{
	struct peer *p = handshaken(lab);

	close_to_time_wait(p, fin);
	dut_close_socket(lab, dut_listener(lab));
	return p;
}

static void expect_bind(struct lab *lab, struct peer *p, bool reuse, int want)
{
	int socket = dut_socket(lab);
	int error = dut_try_bind(lab, socket, peer_dut_port(p), reuse);

	check(p, error == want, "bind() %s SO_REUSEADDR gave errno %d, want %d",
	      reuse ? "with" : "without", error, want);
	if (!error) {
		error = dut_try_listen(lab, socket, 1);
		check(p, !error, "listen() gave errno %d", error);
	}
	dut_close_socket(lab, socket);
}

CASE(bind_is_refused,
     .requirement = DOC(SO_REUSEADDR),
     .also        = {RFC9293(MUST, 13)},
     .claim       = "bind() to the port of a connection in TIME-WAIT is EADDRINUSE without "
		    "SO_REUSEADDR, and bind() and listen() succeed with it")
{
	int fin;
	struct peer *p = server_gone(lab, &fin);

	expect_bind(lab, p, false, EADDRINUSE);
	expect_bind(lab, p, true, 0);
	expect_bind(lab, p, false, EADDRINUSE);
	dut_expect_state(p, TIME_WAIT);
}

/* It is the state that refuses: ended early by a RST, it leaves nothing behind. */
CASE(bind_works_when_a_rst_ended_it,
     .requirement = DOC(SO_REUSEADDR),
     .also        = {RFC9293(EV, RST_TIMEWAIT)},
     .claim       = "bind() without SO_REUSEADDR succeeds as soon as a RST has ended TIME-WAIT",
     .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p;
	int fin;

	dut_sysctl(lab, "net.ipv4.tcp_rfc1337", 0);
	p = server_gone(lab, &fin);
	expect_bind(lab, p, false, EADDRINUSE);
	inject(p, RST);
	dut_expect_state(p, CLOSED);
	expect_bind(lab, p, false, 0);
}

CASE(bind_works_when_it_is_over,
     .requirement = RFC9293(MUST, 13),
     .also        = {DOC(SO_REUSEADDR)},
     .claim       = "bind() without SO_REUSEADDR is refused as long as TIME-WAIT lasts, and "
		    "succeeds after its end",
     .budget      = BUDGET)
{
	int fin;
	struct peer *p = server_gone(lab, &fin);
	nanos two_msl = dut_timer(lab, TIMER_TIME_WAIT);

	dut_expect_state_until(p, TIME_WAIT, fin, two_msl - sec(1));
	expect_bind(lab, p, false, EADDRINUSE);
	dut_expect_state_when(p, CLOSED, fin, about(two_msl));
	expect_bind(lab, p, false, 0);
}

/* The passive closer keeps no state: its port is free at once. */
CASE(bind_works_after_a_passive_close,
     .requirement = RFC9293(EV, LASTACK),
     .also        = {DOC(SO_REUSEADDR)},
     .claim       = "who closes second keeps no TIME-WAIT: bind() without SO_REUSEADDR succeeds "
		    "as soon as the last ACK was there")
{
	struct peer *p = handshaken(lab);

	inject(p, FIN | ACK);
	expect(p, ACK, .seq = is(1), .ack = is(2), .len = is(0), .when = within(ms(500)));
	dut_close(p);
	expect(p, FIN | ACK, .seq = is(1), .ack = is(2), .when = within(ms(500)));
	dut_close_socket(lab, dut_listener(lab));
	inject(p, ACK);
	dut_expect_state(p, CLOSED);
	expect_bind(lab, p, false, 0);
}

/* The DUT opened this one, from a port that may be bound again, and closed it. */
static struct peer *client_gone(struct lab *lab, int *fin)
{
	struct peer *p = answer(lab);

	dut_connect_reuse(p);
	expect(p, SYN, .seq = is(0), .when = within(ms(500)));
	inject(p, SYN | ACK);
	expect(p, ACK, .seq = is(1), .ack = is(1), .when = within(ms(500)));
	dut_expect_connected(p);
	close_to_time_wait(p, fin);
	return p;
}

/* A peer for the same 4-tuple's next incarnation. */
static struct peer *again(struct lab *lab, const struct peer *old)
{
	return answer_as(lab, .port = peer_port(old), .to = peer_dut_port(old));
}

CASE(connect_is_refused,
     .requirement = RFC9293(MUST, 13),
     .claim       = "without timestamps connect() cannot have the 4-tuple of a connection in "
		    "TIME-WAIT: EADDRNOTAVAIL, and nothing is sent")
{
	int fin;
	struct peer *p = client_gone(lab, &fin), *next = again(lab, p);

	dut_connect_reuse(next);
	dut_expect_connect_error(next, EADDRNOTAVAIL, within(ms(500)));
	expect_silence(next, ms(500));
	dut_expect_state(p, TIME_WAIT);
}

CASE(connect_works_when_it_is_over,
     .requirement = RFC9293(MUST, 13),
     .claim       = "without timestamps connect() to the same peer from the same port is refused "
		    "as long as TIME-WAIT lasts, and opens a connection after its end",
     .budget      = BUDGET)
{
	int fin;
	struct peer *p = client_gone(lab, &fin), *next = again(lab, p);
	nanos two_msl = dut_timer(lab, TIMER_TIME_WAIT);

	dut_expect_state_until(p, TIME_WAIT, fin, two_msl - sec(1));
	dut_connect_reuse(next);
	dut_expect_connect_error(next, EADDRNOTAVAIL, within(ms(500)));
	dut_expect_state_when(p, CLOSED, fin, about(two_msl));
	dut_connect_reuse(next);
	expect(next, SYN, .seq = is(0), .when = within(ms(500)));
	inject(next, SYN | ACK);
	expect(next, ACK, .seq = is(1), .ack = is(1), .when = within(ms(500)));
	dut_expect_connected(next);
	dut_expect_state(next, ESTABLISHED);
}

/*
 * With timestamps a stack may have the 4-tuple at once, and need not. Refused or not, nothing of
 * the new connection may look like a part of the old: its numbers and its clock go on from there.
 */
CASE(connect_with_timestamps_goes_on_from_the_old,
     .requirement = RFC9293(MAY, 2),
     .also        = {RFC9293(MUST, 13)},
     .judged_as   = LEVEL_MUST,
     .claim       = "with timestamps connect() is refused, or its SYN has an ISN beyond the old "
		    "numbers and a TSval no older than the last")
{
	struct peer *p = answer(lab), *next;
	const struct heard *syn, *last;
	int fin, socket, error;

	dut_connect_reuse(p);
	syn = expect(p, SYN, .seq = is(0), .tsval = from_to(0, UINT32_MAX),
		     .when = within(ms(500)));
	inject(p, SYN | ACK, .options = {opt_mss(1440), opt_nop(), opt_nop(),
					 opt_timestamps(1000, syn->options.tsval)});
	expect(p, ACK, .seq = is(1), .ack = is(1), .tsecr = is(1000), .when = within(ms(500)));
	dut_expect_connected(p);
	last = close_to_time_wait(p, &fin);

	next = again(lab, p);
	socket = dut_socket(lab);
	error = dut_try_bind(lab, socket, peer_dut_port(p), true);
	check(p, !error, "bind() with SO_REUSEADDR gave errno %d", error);
	error = dut_try_connect(next, socket);
	if (error == EADDRNOTAVAIL) {
		dut_expect_state(p, TIME_WAIT);
		expect_silence(next, ms(500));
		return;
	}
	check(next, error == EINPROGRESS, "connect() gave errno %d", error);
	syn = expect(next, SYN, .seq = is(0), .when = within(ms(500)));
	check(next, syn->raw_seq - last->raw_seq < 1u << 31,
	      "the new ISN %u lies below the old connection's next number %u", syn->raw_seq,
	      last->raw_seq);
	check(next, syn->options.kinds & WITHOUT(OPTION_TIMESTAMPS),
	      "the new SYN has no timestamps");
	check(next, syn->options.tsval - last->options.tsval < 1u << 31,
	      "the new SYN's TSval %u is older than the old connection's last, %u",
	      syn->options.tsval, last->options.tsval);
}
