/*
 * The SYN of an active open is lost on its way to the peer, or the peer never answers it.
 *
 * RFC 6298 sections 2 and 5: sent again after 1 s, and each interval is twice the one before. RFC
 * 1122 section 4.2.3.1 wants the same algorithm for SYN as for data. RFC 9293 section 3.8.3: an
 * attempt goes on for 3 minutes at least, and its end is told to the application.
 *
 * Linux counts: tcp_syn_retries (6) doubled intervals, or the socket's TCP_SYNCNT. Since 6.5
 * there are tcp_syn_linear_timeouts (4) intervals of 1 s before, which are no doubling. Either
 * way it ends before 3 minutes.
 *
 * Measured on Linux 6.18 at HZ 250: gaps 1.00 to 1.03, 2.01, 4.03 to 4.26, 8.19, 16.13, 32.26 to
 * 34.05 s; the end of the default, 131 s by its timers, between 133 and 136 s.
 */
#include <errno.h>
#include <lastack/case.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

FAMILY(first_segment, "The SYN is lost");

#define LINEAR "net.ipv4.tcp_syn_linear_timeouts"
#define RETRIES "net.ipv4.tcp_syn_retries"

/* The SYN again: linear + 1 intervals of 1 s, and doubled ones. Returns when it ends, s. */
static int schedule(struct peer *p, long linear, long retries)
{
	int interval = 1, total = 0;

	expect_lost(p, SYN, .seq = is(0), .len = is(0), .when = within(ms(500)));
	for (long timeout = 1; timeout <= linear + retries; timeout++) {
		expect_lost(p, SYN, .seq = is(0), .len = is(0), .when = about(sec(interval)));
		total += interval;
		if (timeout > linear)
			interval *= 2;
	}
	return total + interval;
}

CASE(sent_again_with_doubling_intervals,
     .requirement = RFC(6298, 15),
     .also        = {RFC(6298, 1), RFC(1122, 5), RFC9293(MUST, 22)},
     .claim       = "without linear timeouts a SYN is sent again after 1 s and 2 s, and after 4 s "
		    "more connect() fails with ETIMEDOUT",
     .needs       = DUT_AGENT | SYSCTLS,
     .budget      = sec(10))
{
	struct peer *p;

	dut_sysctl(lab, LINEAR, 0);
	dut_sysctl(lab, RETRIES, 2);
	p = answer(lab);
	dut_connect(p);
	schedule(p, 0, 2);
	dut_expect_state(p, SYN_SENT);
	dut_expect_connect_error(p, ETIMEDOUT, about(sec(7)));
	dut_expect_state(p, CLOSED);
	expect_silence(p, ms(300));
}

CASE(doubling_to_the_end,
     .requirement = RFC(6298, 15),
     .also        = {RFC(6298, 1), RFC(1122, 5), DOC(TCP_SYN_RETRIES)},
     .claim       = "without linear timeouts the default of six retries comes after 1, 2, 4, 8, "
		    "16 and 32 s, and connect() fails with ETIMEDOUT 64 s later",
     .needs       = DUT_AGENT | SYSCTLS,
     .budget      = sec(165))
{
	struct peer *p;
	long retries;

	dut_sysctl(lab, LINEAR, 0);
	retries = dut_sysctl_get(lab, RETRIES);
	p = answer(lab);
	dut_connect(p);
	dut_expect_connect_error(p, ETIMEDOUT, about(sec(schedule(p, 0, retries))));
	dut_expect_state(p, CLOSED);
}

CASE(default_intervals_double,
     .requirement = RFC(1122, 5),
     .also        = {RFC(6298, 15)},
     .claim       = "as the DUT is delivered, a SYN is sent again after 1, 2 and 4 s, as data is",
     .budget      = sec(10))
{
	struct peer *p = answer(lab);

	dut_connect(p);
	schedule(p, 0, 3);
}

CASE(linear_timeouts,
     .requirement = DOC(TCP_SYN_RETRIES),
     .also        = {RFC9293(MUST, 22)},
     .claim       = "with one linear timeout and two retries a SYN is sent again after 1, 1 and "
		    "2 s, and after 4 s more connect() fails with ETIMEDOUT",
     .needs       = DUT_AGENT | SYSCTLS,
     .budget      = sec(10))
{
	struct peer *p;

	dut_sysctl(lab, LINEAR, 1);
	dut_sysctl(lab, RETRIES, 2);
	p = answer(lab);
	dut_connect(p);
	schedule(p, 1, 2);
	dut_expect_connect_error(p, ETIMEDOUT, about(sec(8)));
	dut_expect_state(p, CLOSED);
	expect_silence(p, ms(300));
}

/*
 * Linux ends an attempt also when the time has passed that tcp_syn_retries alone would take, here
 * 3 s; with few retries, linear timeouts are left out.
 */
CASE(linear_timeouts_with_one_retry,
     .requirement = DOC(TCP_SYN_RETRIES),
     .claim       = "with two linear timeouts and one retry a SYN is sent again three times, 1 s "
		    "apart",
     .needs       = DUT_AGENT | SYSCTLS,
     .budget      = sec(10))
{
	struct peer *p;

	dut_sysctl(lab, LINEAR, 2);
	dut_sysctl(lab, RETRIES, 1);
	p = answer(lab);
	dut_connect(p);
	schedule(p, 2, 1);
}

CASE(default_to_the_end,
     .requirement = DOC(TCP_SYN_RETRIES),
     .also        = {RFC9293(MUST, 22)},
     .claim       = "by default a SYN is sent again tcp_syn_linear_timeouts times 1 s apart, then "
		    "tcp_syn_retries times with doubling intervals, and connect() fails with "
		    "ETIMEDOUT",
     .needs       = DUT_AGENT | SYSCTLS,
     .budget      = sec(170))
{
	struct peer *p = answer(lab);
	long linear = dut_sysctl_get(lab, LINEAR), retries = dut_sysctl_get(lab, RETRIES);

	dut_connect(p);
	dut_expect_connect_error(p, ETIMEDOUT, about(sec(schedule(p, linear, retries))));
	dut_expect_state(p, CLOSED);
}

CASE(goes_on_for_three_minutes,
     .requirement = RFC9293(MUST, 23),
     .also        = {RFC(1122, 8), RFC9293(MUST, 22)},
     .claim       = "an attempt that nobody answers goes on for three minutes or more before "
		    "connect() fails with ETIMEDOUT",
     .budget      = sec(375))
{
	struct peer *p = answer(lab);

	dut_connect(p);
	dut_expect_connect_error(p, ETIMEDOUT, after(sec(180)));
}

CASE(second_syn_opens,
     .requirement = RFC(6298, 1),
     .also        = {RFC9293(EV, SYNSENT_SYNACK), RFC9293(EV, RTO)},
     .claim       = "when the first SYN is lost, the same comes again after 1 s, and its SYN-ACK "
		    "opens the connection")
{
	struct peer *p = answer(lab);
	const struct heard *first, *again;

	dut_connect(p);
	first = expect_lost(p, SYN, .len = is(0), .when = within(ms(500)));
	again = expect(p, SYN, .raw_seq = is(first->raw_seq), .window = is(first->window),
		       .len = is(0), .when = about(sec(1)));
	check(p, again->options.size == first->options.size &&
		 again->options.kinds == first->options.kinds &&
		 again->options.mss == first->options.mss &&
		 again->options.wscale == first->options.wscale,
	      "the options of the second SYN are not those of the first");
	inject(p, SYN | ACK);
	expect(p, ACK, .seq = is(1), .ack = is(1), .len = is(0), .when = within(ms(500)));
	dut_expect_connected(p);
	dut_expect_state(p, ESTABLISHED);
	expect_silence(p, sec(3));
}

/* A socket of the DUT connects whose SYN goes again this often; the first is still to hear. */
static struct peer *connect_with_syncnt(struct lab *lab, int retries)
{
	struct peer *p = answer(lab);
	int socket = dut_socket(lab);
	int error = dut_try_bind(lab, socket, peer_dut_port(p), false);

	check(p, !error, "bind(): errno %d", error);
	dut_set_socket_option(lab, socket, IPPROTO_TCP, TCP_SYNCNT, retries);
	error = dut_try_connect(p, socket);
	check(p, error == EINPROGRESS, "connect(): errno %d", error);
	return p;
}

CASE(retries_of_one_socket,
     .requirement = DOC(TCP_SYNCNT),
     .claim       = "TCP_SYNCNT limits how often one socket's SYN is sent again",
     .needs       = DUT_AGENT | SYSCTLS,
     .budget      = sec(10))
{
	struct peer *p;

	dut_sysctl(lab, LINEAR, 0);
	p = connect_with_syncnt(lab, 1);
	schedule(p, 0, 1);
	dut_expect_state_when(p, CLOSED, 0, about(sec(2)));
	dut_expect_read_error(p, ETIMEDOUT);
	expect_silence(p, sec(5));
}

CASE(retries_of_one_socket_by_default,
     .requirement = DOC(TCP_SYNCNT),
     .claim       = "TCP_SYNCNT limits how often one socket's SYN is sent again, with the default "
		    "number of linear timeouts too",
     .budget      = sec(10))
{
	struct peer *p = connect_with_syncnt(lab, 1);

	expect_lost(p, SYN, .seq = is(0), .when = within(ms(500)));
	expect_lost(p, SYN, .seq = is(0), .when = about(sec(1)));
	expect_silence(p, sec(5));
	dut_expect_read_error(p, ETIMEDOUT);
}
