/*
 * ICMP errors about segments of a connection.
 *
 * RFC 9293 section 3.9.2.2: an error is told to the connection whose segment it quotes (MUST-54).
 * Unreachable nets, hosts and routes, exceeded times and problems with parameters may pass: they
 * abort no connection (MUST-56), and the application can learn of them (SHLD-25, and MUST-47 of
 * section 3.9.1.8). An unreachable protocol or port does not pass, and should abort (SHLD-26);
 * RFC 5927 section 5.2 has an established connection survive that too, since anybody can send it,
 * and Linux does as it says. Source quench is dropped in silence (MUST-55, RFC 6633).
 *
 * On Linux an error that does not abort is what SO_ERROR gives, once, and no other call does.
 */
#include <lastack/case.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

FAMILY(icmp_error, "ICMP errors about segments of a connection");

/* ESTABLISHED, and a segment of the DUT's that is not acknowledged yet. */
static struct peer *in_flight(struct lab *lab, const struct heard **data)
{
	struct peer *p = handshaken(lab);

	dut_write(p, pattern(100));
	*data = expect(p, ACK, .seq = is(1), .data = pattern(100), .when = within(ms(500)));
	return p;
}

static void expect_error(struct peer *p, int error)
{
	int got = dut_get_option(p, SOL_SOCKET, SO_ERROR);

	check(p, got == error, "SO_ERROR is %d, not %d", got, error);
}

/* That an application learns of such an error is a SHOULD: a premise. */
static void expect_to_be_told(struct peer *p, int error)
{
	int got = dut_get_option(p, SOL_SOCKET, SO_ERROR);

	premise_check(p, RFC9293(SHLD, 25), got, "SO_ERROR is 0, not %d", error);
	check(p, got == error, "SO_ERROR is %d, not %d", got, error);
}

/*
 * It goes on: what was in flight is acknowledged, and data is taken both ways. The DUT has sent it
 * again if the case took longer than its timeout.
 */
static void goes_on(struct peer *p)
{
	inject(p, ACK);
	dut_expect_state(p, ESTABLISHED);
	peer_forget(p);
	dut_write(p, pattern_at(100, 100));
	expect(p, ACK, .seq = is(101), .data = pattern_at(100, 100), .when = within(ms(500)));
	inject(p, ACK | PSH, .data = pattern(50));
	expect(p, ACK, .seq = is(201), .ack = is(51), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(50));
	dut_expect_state(p, ESTABLISHED);
}

struct message {
	const char *name;
	uint8_t type, code;
	int error; /* what Linux makes of it */
};

static const struct message soft_v4[] = {
	{"net_unreachable", 3, 0, ENETUNREACH},
	{"host_unreachable", 3, 1, EHOSTUNREACH},
	{"source_route_failed", 3, 5, EOPNOTSUPP},
	{"time_exceeded", 11, 0, EHOSTUNREACH},
	{"reassembly_time_exceeded", 11, 1, EHOSTUNREACH},
	{"parameter_problem", 12, 0, EPROTO},
};
static const struct message soft_v6[] = {
	{"no_route", 1, 0, ENETUNREACH},
	{"address_unreachable", 1, 3, EHOSTUNREACH},
	{"hop_limit_exceeded", 3, 0, EHOSTUNREACH},
	{"reassembly_time_exceeded", 3, 1, EHOSTUNREACH},
	{"parameter_problem", 4, 0, EPROTO},
};

static void survives(struct lab *lab, const struct message *row)
{
	const struct heard *data;
	struct peer *p = in_flight(lab, &data);

	inject_icmp(p, data, .type = row->type, .code = row->code);
	dut_expect_state_until(p, ESTABLISHED, 0, ms(50));
	dut_expect_nothing_to_read(p);
	goes_on(p);
}

CASE_EACH(soft_one_aborts_nothing, struct message, soft_v4,
	  .requirement = RFC9293(MUST, 56),
	  .claim       = "an ICMP error that may pass leaves an established connection as it is",
	  .over        = IPV4)
{
	survives(lab, row);
}

CASE_EACH(soft_one_aborts_nothing_over_ipv6, struct message, soft_v6,
	  .requirement = RFC9293(MUST, 56),
	  .claim       = "an ICMPv6 error that may pass leaves an established connection as it is",
	  .over        = IPV6)
{
	survives(lab, row);
}

static void is_told(struct lab *lab, const struct message *row)
{
	const struct heard *data;
	struct peer *p = in_flight(lab, &data);

	expect_error(p, 0);
	inject_icmp(p, data, .type = row->type, .code = row->code);
	dut_expect_state_until(p, ESTABLISHED, 0, ms(50));
	expect_error(p, row->error);
	expect_error(p, 0);
	goes_on(p);
}

CASE_EACH(soft_one_is_told, struct message, soft_v4,
	  .requirement = RFC9293(SHLD, 25),
	  .also        = {RFC9293(MUST, 47)},
	  .claim       = "an ICMP error that may pass is what SO_ERROR gives, once",
	  .over        = IPV4)
{
	is_told(lab, row);
}

CASE_EACH(soft_one_is_told_over_ipv6, struct message, soft_v6,
	  .requirement = RFC9293(SHLD, 25),
	  .also        = {RFC9293(MUST, 47)},
	  .claim       = "an ICMPv6 error that may pass is what SO_ERROR gives, once",
	  .over        = IPV6)
{
	is_told(lab, row);
}

CASE(goes_to_the_connection_it_quotes,
     .requirement = RFC9293(MUST, 54),
     .also        = {RFC9293(SHLD, 25)},
     .claim       = "of two connections the one whose segment is quoted learns of the error",
     .over        = IPV4)
{
	const struct heard *one_data, *other_data;
	struct peer *one = in_flight(lab, &one_data);
	struct peer *other = in_flight(lab, &other_data);

	inject_icmp(other, other_data, .type = 3, .code = 1);
	dut_expect_state_until(other, ESTABLISHED, 0, ms(50));
	expect_error(one, 0);
	expect_to_be_told(other, EHOSTUNREACH);
	inject_icmp(one, one_data, .type = 3, .code = 0);
	dut_expect_state_until(one, ESTABLISHED, 0, ms(50));
	expect_error(other, 0);
	expect_to_be_told(one, ENETUNREACH);
	goes_on(one);
}

CASE(source_quench_is_dropped,
     .requirement = RFC9293(MUST, 55),
     .also        = {RFC(6633, 1), RFC(5927, 3)},
     .claim       = "source quench has no effect, and the application learns nothing of it",
     .over        = IPV4)
{
	const struct heard *data;
	struct peer *p = in_flight(lab, &data);
	unsigned window = dut_info(p).snd_cwnd;

	inject_icmp(p, data, .type = 4, .code = 0);
	dut_expect_state_until(p, ESTABLISHED, 0, ms(50));
	expect_error(p, 0);
	if (dut_info(p).retransmits)
		too_late(p, "the DUT's timeout ended before its congestion window was read");
	check(p, dut_info(p).snd_cwnd == window, "the congestion window changed from %u to %u",
	      window, dut_info(p).snd_cwnd);
	goes_on(p);
}

static const struct message hard[] = {
	{"protocol_unreachable", 3, 2, ENOPROTOOPT},
	{"port_unreachable", 3, 3, ECONNREFUSED},
};

CASE_EACH(hard_one_aborts, struct message, hard,
	  .requirement = RFC9293(SHLD, 26),
	  .also        = {RFC(1122, 16)},
	  .claim       = "an unreachable protocol or port aborts an established connection",
	  .over        = IPV4)
{
	const struct heard *data;
	struct peer *p = in_flight(lab, &data);

	inject_icmp(p, data, .type = row->type, .code = row->code);
	dut_expect_state(p, CLOSED);
	dut_expect_read_error(p, row->error);
}

CASE_EACH(hard_one_refuses, struct message, hard,
	  .requirement = RFC9293(SHLD, 26),
	  .also        = {RFC(1122, 16)},
	  .claim       = "an unreachable protocol or port ends connect() at once",
	  .over        = IPV4)
{
	struct peer *p = answer(lab);
	const struct heard *syn;

	dut_connect(p);
	syn = expect(p, SYN, .seq = is(0), .when = within(ms(500)));
	inject_icmp(p, syn, .type = row->type, .code = row->code);
	dut_expect_connect_error(p, row->error, within(ms(900)));
	dut_expect_state(p, CLOSED);
	expect_silence(p, ms(1500));
}

CASE_EACH(soft_one_does_not_end_connect, struct message, soft_v4,
	  .requirement = RFC9293(MUST, 56),
	  .also        = {RFC(6298, 1)},
	  .claim       = "an ICMP error that may pass leaves a connection in SYN-SENT, whose SYN "
			 "comes again",
	  .over        = IPV4)
{
	struct peer *p = answer(lab);
	const struct heard *syn;

	dut_connect(p);
	syn = expect(p, SYN, .seq = is(0), .when = within(ms(500)));
	inject_icmp(p, syn, .type = row->type, .code = row->code);
	/* One second is what RFC 6298 recommends. */
	premise(p, RFC(6298, 1),
		either(SYN, .seq = is(0), .when = about(sec(1)), .since = syn->rung),
		either(SYN, .seq = is(0), .when = within(sec(4)), .since = syn->rung));
	inject(p, SYN | ACK);
	expect(p, ACK, .seq = is(1), .ack = is(1), .when = within(ms(500)));
	dut_expect_connected(p);
}

/* RFC 5927 section 4.1: else whoever knows the ports could send it. */
static const struct message elsewhere[] = {
	{"left", 3, 1, 0},
	{"right", 3, 1, 200},
};

CASE_EACH(quote_of_what_is_not_in_flight_is_ignored, struct message, elsewhere,
	  .requirement = RFC(5927, 1),
	  .judged_as   = LEVEL_MUST,
	  .claim       = "an error about a number that is not in flight is not believed",
	  .over        = IPV4)
{
	const struct heard *data;
	struct peer *p = in_flight(lab, &data);

	inject_icmp(p, data, .type = row->type, .code = row->code, .seq = is((uint32_t)row->error));
	dut_expect_state_until(p, ESTABLISHED, 0, ms(50));
	expect_error(p, 0);
	goes_on(p);
}

CASE(reports_can_be_switched,
     .requirement = RFC9293(SHLD, 20),
     .also        = {RFC9293(MUST, 47)},
     .claim       = "with IP_RECVERR an error that may pass is read() too, and without it not",
     .over        = IPV4)
{
	const struct heard *data;
	struct peer *p = in_flight(lab, &data);

	dut_set_option(p, IPPROTO_IP, IP_RECVERR, 1);
	inject_icmp(p, data, .type = 3, .code = 1);
	dut_expect_read_error(p, EHOSTUNREACH);
	dut_set_option(p, IPPROTO_IP, IP_RECVERR, 0);
	inject_icmp(p, data, .type = 3, .code = 1);
	dut_expect_state_until(p, ESTABLISHED, 0, ms(50));
	dut_expect_nothing_to_read(p);
	goes_on(p);
}

#define MTU 600u

CASE(too_big_makes_segments_smaller,
     .requirement = RFC9293(EV, MSS_ICMP4),
     .also        = {RFC(1191, 1)},
     .claim       = "an ICMP error that tells a next hop's MTU of 600 makes the segments fit into "
		    "it, first what is in flight",
     .over        = IPV4,
     .needs       = DUT_AGENT | OWN_DUT)
{
	struct peer *p = handshaken(lab);
	const struct heard *data;
	uint32_t heard = 0;
	int error;

	dut_write(p, pattern(2400));
	data = expect_lost(p, ACK, .seq = is(1), .len = is(1460), .when = within(ms(500)));
	expect_lost(p, ACK, .seq = is(1461), .len = is(940), .when = within(ms(500)));
	error = inject_icmp(p, data, .type = 3, .code = 4, .parameter = MTU);
	while (heard < 2400)
		heard += expect(p, ACK, .seq = is(heard + 1), .len = from_to(1, MTU - 40),
				.when = within(sec(1)), .since = error)->len;
	inject(p, ACK);
	dut_write(p, pattern(1200));
	for (int i = 0; i < 3; i++)
		expect(p, ACK, .len = from_to(1, MTU - 40), .when = within(ms(500)), .since = 0);
}
