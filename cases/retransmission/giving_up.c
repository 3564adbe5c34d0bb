/*
 * How long data that nobody acknowledges is sent again, and what comes then.
 *
 * RFC 9293 section 3.8.3: past a first threshold, R1, the delivery is in doubt; past R2 the
 * connection is closed, and the application is told. An application can set R2, and by default it
 * is 100 s or more.
 *
 * Linux's R2 is tcp_retries2, or tcp_orphan_retries once the socket is closed. Both stand for the
 * time that so many timeouts of 200 ms, doubled each, would take; it counts from the first
 * repetition, and so one repetition more than the number fits in. Nothing is sent at the end.
 */
#include <errno.h>
#include <lastack/case.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

FAMILY(giving_up, "Data that is never acknowledged");

/* Retries are counted in timeouts of 200 ms: only one that is about as long shows them. */
#define SHORT ms(280)

/* The DUT's data is heard the first time, and lost, as all its copies will be. */
static const struct heard *lost_data(struct peer *p)
{
	dut_write(p, pattern(100));
	return expect_lost(p, ACK, .seq = is(1), .data = pattern(100), .when = within(ms(500)));
}

/* Nothing was sent at the end, and who asks later finds nobody. */
static void expect_gone(struct peer *p, uint32_t seq)
{
	expect_silence(p, ms(500));
	inject(p, ACK, .ack = is(seq));
	premise_listener_resets(p, .seq = is(seq), .len = is(0), .when = within(ms(500)));
}

/* The data of a closed socket again; the FIN behind it may come in the same segment now. */
static const struct heard *data_again(struct peer *p, int since, nanos interval)
{
	const struct heard *again;

	expect_any(p, &again,
		   either(ACK, .seq = is(1), .data = pattern(100), .when = about(interval),
			  .since = since),
		   either(FIN | ACK, .seq = is(1), .data = pattern(100), .when = about(interval),
			  .since = since));
	return again;
}

/* The end comes after this interval, or after one more of twice the length. */
static void expect_end(struct peer *p, int last, nanos interval)
{
	dut_expect_state_when(p, CLOSED, last,
			      between(interval - ms(2), interval * 4 + sec(2)));
	check(p, peer_listen(p, 0) <= 1, "it was sent again more than once too often");
	peer_forget(p);
}

/* Linux counts from the first repetition, a timeout after the data was sent. */
CASE(user_timeout_of_2s,
     .requirement = RFC9293(MUST, 21),
     .also        = {RFC9293(EV, USER_TIMEOUT), RFC9293(MUST, 20), DOC(TCP_USER_TIMEOUT),
		     RFC(1122, 6), RFC9293(EV, LISTEN_ACK)},
     .claim       = "with a user timeout of 2 s data that is not acknowledged ends the connection "
		    "then: ETIMEDOUT, and a later ACK gets RST",
     .budget      = sec(8))
{
	struct peer *p = handshaken(lab);
	nanos interval = dut_timeout(p, SHORT), longest = (sec(2) + interval) * 5 / 4;
	int first;

	dut_set_option(p, IPPROTO_TCP, TCP_USER_TIMEOUT, 2000);
	first = lost_data(p)->rung;
	for (int i = 0; i < 3; i++, interval *= 2)
		expect_lost(p, ACK, .seq = is(1), .data = pattern(100), .when = about(interval));
	dut_expect_state_when(p, CLOSED, first, between(sec(2) - ms(2), longest));
	dut_expect_read_error(p, ETIMEDOUT);
	expect_gone(p, 101);
}

CASE(two_retries,
     .requirement = DOC(TCP_RETRIES2),
     .also        = {RFC9293(MUST, 20), RFC(1122, 6), RFC(6298, 15), RFC9293(EV, LISTEN_ACK)},
     .claim       = "with tcp_retries2=2 the connection is closed after two or three repetitions "
		    "of its data: ETIMEDOUT, and a later ACK gets RST",
     .needs       = DUT_AGENT | SYSCTLS,
     .budget      = sec(8))
{
	const struct heard *sent;
	struct peer *p;
	nanos interval;

	dut_sysctl(lab, "net.ipv4.tcp_retries2", 2);
	p = handshaken(lab);
	interval = dut_timeout(p, SHORT);
	sent = lost_data(p);
	for (int i = 0; i < 2; i++, interval *= 2)
		sent = expect_lost(p, ACK, .seq = is(1), .data = pattern(100),
				   .when = about(interval));
	expect_end(p, sent->rung, interval);
	dut_expect_read_error(p, ETIMEDOUT);
	expect_gone(p, 101);
}

CASE(orphan_with_two_retries,
     .requirement = DOC(TCP_ORPHAN_RETRIES),
     .also        = {RFC(6298, 15), RFC9293(EV, LISTEN_ACK)},
     .claim       = "with tcp_orphan_retries=2 a closed socket's connection in FIN-WAIT-1 is gone "
		    "after two or three repetitions of its data",
     .needs       = DUT_AGENT | SYSCTLS,
     .budget      = sec(8))
{
	const struct heard *sent;
	struct peer *p;
	nanos interval;

	dut_sysctl(lab, "net.ipv4.tcp_orphan_retries", 2);
	p = handshaken(lab);
	interval = dut_timeout(p, SHORT);
	sent = lost_data(p);
	dut_close(p);
	expect_lost(p, FIN | ACK, .seq = is(101), .len = is(0), .when = within(ms(500)));
	for (int i = 0; i < 2; i++, interval *= 2)
		sent = data_again(p, sent->rung, interval);
	dut_expect_state(p, FIN_WAIT_1);
	expect_end(p, sent->rung, interval);
	expect_gone(p, 102);
}

/*
 * Linux passes advice to its routing at tcp_retries1 (3), and tells the application nothing before
 * the end. Measured on Linux 6.18: SO_ERROR is 0 after four repetitions.
 */
CASE(application_is_told_before_the_end,
     .requirement = RFC9293(SHLD, 9),
     .also        = {RFC9293(SHLD, 10)},
     .claim       = "when data was sent again four times in vain, an error waits for the "
		    "application",
     .budget      = sec(8))
{
	struct peer *p = handshaken(lab);
	nanos interval = dut_timeout(p, ms(800));

	lost_data(p);
	for (int i = 0; i < 4; i++, interval *= 2)
		expect_lost(p, ACK, .seq = is(1), .data = pattern(100), .when = about(interval));
	dut_expect_state(p, ESTABLISHED);
	check(p, dut_get_option(p, SOL_SOCKET, SO_ERROR) != 0, "SO_ERROR is 0");
}

/* Rule 2.5 of RFC 6298: if there is an upper bound, it is 60 s at least. */
#define LEAST_CEILING sec(60)
#define CEILING sec(120) /* Linux's TCP_RTO_MAX */

CASE(goes_on_for_100_seconds,
     .requirement = RFC(1122, 7),
     .also        = {RFC9293(SHLD, 11), RFC(6298, 6), RFC(6298, 15), RFC9293(MUST, 20)},
     .claim       = "by default data is sent again for 100 s and more, at intervals that double "
		    "up to 60 s at least",
     .needs       = DUT_AGENT | VIRTUAL_TIME,
     .budget      = sec(300))
{
	struct peer *p = handshaken(lab);
	nanos interval = dut_info(p).rto;
	int first = lost_data(p)->rung;

	for (int i = 0; i < 10; i++, interval *= 2) {
		nanos least = interval < LEAST_CEILING ? interval : LEAST_CEILING;

		expect_lost(p, ACK, .seq = is(1), .data = pattern(100),
			    .when = between(least - ms(2), interval * 9 / 8 + ms(10)));
	}
	dut_expect_state(p, ESTABLISHED);
	expect_silence_until(p, first, sec(180));
	dut_expect_state(p, ESTABLISHED);
	inject(p, ACK, .ack = is(101));
	expect_silence(p, sec(1));
}

/* 15 timeouts of 200 ms doubled up to 120 s, and the last one's length: 924.6 s. */
CASE(default_retries_to_the_end,
     .requirement = DOC(TCP_RETRIES2),
     .also        = {RFC9293(MUST, 20), RFC(1122, 6), RFC(6298, 15), RFC9293(EV, LISTEN_ACK)},
     .claim       = "by default data is sent again 15 or 16 times, at intervals that double up to "
		    "120 s; then ETIMEDOUT, and a later ACK gets RST",
     .needs       = DUT_AGENT | VIRTUAL_TIME,
     .budget      = sec(1500))
{
	struct peer *p = handshaken(lab);
	nanos interval = dut_info(p).rto;
	const struct heard *sent = lost_data(p);

	for (int i = 0; i < 15; i++) {
		sent = expect_lost(p, ACK, .seq = is(1), .data = pattern(100),
				   .when = about(interval));
		interval = interval * 2 < CEILING ? interval * 2 : CEILING;
	}
	expect_end(p, sent->rung, interval);
	dut_expect_read_error(p, ETIMEDOUT);
	expect_gone(p, 101);
}

CASE(orphan_with_default_retries,
     .requirement = DOC(TCP_ORPHAN_RETRIES),
     .also        = {RFC(1122, 7), RFC(6298, 15), RFC9293(EV, LISTEN_ACK)},
     .claim       = "by default a closed socket's connection in FIN-WAIT-1 is gone after eight or "
		    "nine repetitions of its data, not before 100 s",
     .needs       = DUT_AGENT | VIRTUAL_TIME,
     .budget      = sec(300))
{
	struct peer *p = handshaken(lab);
	nanos interval = dut_info(p).rto;
	const struct heard *sent = lost_data(p);
	int first = sent->rung;

	dut_close(p);
	expect_lost(p, FIN | ACK, .seq = is(101), .len = is(0), .when = within(ms(500)));
	for (int i = 0; i < 8; i++, interval *= 2)
		sent = data_again(p, sent->rung, interval);
	dut_expect_state(p, FIN_WAIT_1);
	expect_silence_until(p, first, sec(100));
	dut_expect_state(p, FIN_WAIT_1);
	expect_end(p, sent->rung, interval);
	expect_gone(p, 102);
}
