/*
 * How long FIN-WAIT-2 lasts.
 *
 * The specification has no timer for it (RFC 9293 section 3.10.7.4): the other side may go on
 * talking for ever. That holds as long as somebody listens. Once the application has called
 * close() nobody does, and a peer that never closes would leave the connection there for good;
 * Linux takes it away after tcp_fin_timeout (60 s). That is not the time of TIME-WAIT, which
 * merely has the same length.
 */
#include <lastack/case.h>

FAMILY(fin_wait_2, "How long FIN-WAIT-2 lasts");

/* close(), nobody will read; the rung is that of the ACK that begins FIN-WAIT-2. */
static struct peer *orphaned(struct lab *lab, int *acked)
{
	struct peer *p = handshaken(lab);

	dut_close(p);
	expect(p, FIN | ACK, .seq = is(1), .ack = is(1), .when = within(ms(500)));
	*acked = inject(p, ACK);
	dut_expect_state(p, FIN_WAIT_2);
	return p;
}

/* shutdown(), and the application still holds the socket. */
static struct peer *open_still(struct lab *lab, int *acked)
{
	struct peer *p = handshaken(lab);

	dut_shutdown(p);
	expect(p, FIN | ACK, .seq = is(1), .ack = is(1), .when = within(ms(500)));
	*acked = inject(p, ACK);
	dut_expect_state(p, FIN_WAIT_2);
	return p;
}

/* Gone, without a word: a FIN that comes later finds nobody. */
static void expect_gone(struct peer *p)
{
	expect_silence(p, ms(500));
	inject(p, FIN | ACK);
	premise_listener_resets(p, .seq = is(2), .len = is(0), .when = within(ms(500)));
}

CASE(orphan_ends_after_fin_timeout_of_3s,
     .requirement = DOC(TCP_FIN_TIMEOUT),
     .also        = {RFC9293(EV, LISTEN_ACK)},
     .claim       = "with tcp_fin_timeout=3 a closed connection leaves FIN-WAIT-2 after 3 s, and "
		    "a later FIN gets RST",
     .needs       = DUT_AGENT | SYSCTLS,
     .budget      = sec(8))
{
	struct peer *p;
	int acked;

	dut_sysctl(lab, "net.ipv4.tcp_fin_timeout", 3);
	p = orphaned(lab, &acked);
	dut_expect_state_when(p, CLOSED, acked, about(sec(3)));
	expect_gone(p);
}

CASE(orphan_ends_after_the_default,
     .requirement = DOC(TCP_FIN_TIMEOUT),
     .also        = {RFC9293(EV, LISTEN_ACK)},
     .claim       = "by default a closed connection leaves FIN-WAIT-2 after the profile's time "
		    "(60 s on Linux), and a later FIN gets RST",
     .budget      = sec(82))
{
	int acked;
	struct peer *p = orphaned(lab, &acked);

	dut_expect_state_when(p, CLOSED, acked, about(dut_timer(lab, TIMER_FIN_WAIT_2)));
	expect_gone(p);
}

CASE(open_socket_outlives_fin_timeout_of_1s,
     .requirement = RFC9293(EV, FW2_FOREVER),
     .also        = {RFC9293(EV, FW2_DATA), RFC9293(EV, FW2_FIN)},
     .judged_as   = LEVEL_MUST,
     .claim       = "with tcp_fin_timeout=1 a connection whose socket is open is in FIN-WAIT-2 "
		    "still after 4 s, and takes data and FIN",
     .needs       = DUT_AGENT | SYSCTLS,
     .budget      = sec(10))
{
	struct peer *p;
	int acked;

	dut_sysctl(lab, "net.ipv4.tcp_fin_timeout", 1);
	p = open_still(lab, &acked);
	dut_expect_state_until(p, FIN_WAIT_2, acked, sec(4));
	inject(p, ACK | PSH, .data = pattern(100));
	expect(p, ACK, .seq = is(2), .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(100));
	inject(p, FIN | ACK);
	expect(p, ACK, .seq = is(2), .ack = is(102), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, TIME_WAIT);
}

/* Alive well after an orphan would have gone, the wheel's rounding included. */
CASE(open_socket_outlives_the_default,
     .requirement = RFC9293(EV, FW2_FOREVER),
     .also        = {RFC9293(EV, FW2_DATA), RFC9293(EV, FW2_FIN)},
     .judged_as   = LEVEL_MUST,
     .claim       = "a connection whose socket is open is in FIN-WAIT-2 still after 1.2 times "
		    "what an orphan has, and takes data and FIN",
     .budget      = sec(84))
{
	int acked;
	struct peer *p = open_still(lab, &acked);

	dut_expect_state_until(p, FIN_WAIT_2, acked, dut_timer(lab, TIMER_FIN_WAIT_2) * 6 / 5);
	inject(p, ACK | PSH, .data = pattern(100));
	expect(p, ACK, .seq = is(2), .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(100));
	inject(p, FIN | ACK);
	expect(p, ACK, .seq = is(2), .ack = is(102), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, TIME_WAIT);
}
