/*
 * Initial sequence numbers of other kinds of opening: the DUT's own connections, cookies, and the
 * next connection between the same ports.
 *
 * RFC 9293 section 3.4.1 and RFC 6528 make no difference between them: a clock and a keyed hash,
 * so that nobody who sees one number knows the next one's, and a connection's numbers lie beyond
 * those of the one before between the same ports. A cookie (RFC 4987 section 3.6) has a hash of
 * its own, and has to be as hard to guess.
 *
 * Uniformity is judged as in isn_across_tuples: 2 n D^2 of the distance D to the uniform
 * distribution is above x with probability 2 exp(-x) at most, 8 * 10^-8 for a limit of 17.
 */
#include <errno.h>
#include <lastack/case.h>
#include <stdlib.h>

FAMILY(isn_of_others, "The ISNs of the DUT's own SYNs, of cookies, and of the next connection");

#define COOKIES 500
#define PORTS 100
#define PORT_FIRST 20000
#define DISTANCE_LIMIT 17.0
/* The RFC's clock needs 4 us a number: for so long it has not passed what a connection used. */
#define APART ms(20)

static int by_value(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

	return (a > b) - (a < b);
}

/* 2 n D^2 for the distance D of these numbers' distribution from the uniform one; sorts them. */
static double distance(uint32_t *numbers, size_t n)
{
	double most = 0, count = (double)n;

	qsort(numbers, n, sizeof(*numbers), by_value);
	for (size_t i = 0; i < n; i++) {
		double at = ((double)numbers[i] + 0.5) / 4294967296.0;
		double above = (double)(i + 1) / count - at, below = at - (double)i / count;

		most = above > most ? above : most;
		most = below > most ? below : most;
	}
	return 2 * count * most * most;
}

/* The numbers, and their differences, are uniform. */
static void judge(struct peer *p, uint32_t *numbers, size_t n)
{
	static uint32_t differences[COOKIES];
	double off;

	for (size_t i = 0; i + 1 < n; i++)
		differences[i] = numbers[i + 1] - numbers[i];
	off = distance(differences, n - 1);
	check(p, off <= DISTANCE_LIMIT, "the differences are not uniform: %.1f, limit %.0f", off,
	      DISTANCE_LIMIT);
	off = distance(numbers, n);
	check(p, off <= DISTANCE_LIMIT, "the ISNs are not uniform: %.1f, limit %.0f", off,
	      DISTANCE_LIMIT);
}

CASE(connections_to_ports_in_a_row,
     .requirement = RFC9293(MUST, 9),
     .also        = {RFC9293(SHLD, 1), RFC(6528, 1), RFC(6528, 2)},
     .claim       = "the ISNs of the DUT's own SYNs to 100 ports in a row, and their differences, "
		    "are uniform in 2^32 values",
     .budget      = sec(10))
{
	static uint32_t numbers[PORTS];
	struct peer *p = answer(lab);
	uint16_t from = peer_dut_port(p);

	for (uint16_t i = 0; i < PORTS; i++) {
		p = answer_as(lab, .port = (uint16_t)(PORT_FIRST + i), .to = from);
		dut_connect(p);
		numbers[i] = expect(p, SYN, .when = within(ms(500)))->raw_seq;
		inject(p, RST | ACK);
		dut_expect_connect_error(p, ECONNREFUSED, within(ms(500)));
		dut_close(p);
	}
	judge(p, numbers, PORTS);
}

CASE(cookies_for_ports_in_a_row,
     .requirement = RFC(6528, 2),
     .also        = {RFC9293(MUST, 9), RFC(4987, 5)},
     .claim       = "the numbers of cookies for 500 ports in a row, and their differences, are "
		    "uniform in 2^32 values",
     .needs       = DUT_AGENT | SYSCTLS)
{
	static uint32_t numbers[COOKIES];
	struct peer *first;

	dut_sysctl(lab, "net.ipv4.tcp_syncookies", 2);
	first = dial(lab);
	for (uint16_t i = 0; i < COOKIES; i++) {
		struct peer *p = dial_as(lab, .port = (uint16_t)(PORT_FIRST + i),
					 .to = peer_dut_port(first));

		inject(p, SYN);
		numbers[i] = expect(p, SYN | ACK, .ack = is(1), .when = within(ms(500)))->raw_seq;
	}
	judge(first, numbers, COOKIES);
}

/* How the connection before ended. */
struct end {
	const char *name;
	bool passive;
	bool reset;
};

static const struct end ends[] = {
	{"closed_by_the_peer", true, false},
	{"reset_by_the_peer", true, true},
	{"connected_and_reset", false, true},
};

static struct peer *open_(struct lab *lab, bool passive, uint16_t port, uint16_t to)
{
	struct peer *p = passive ? dial_as(lab, .port = port, .to = to)
				 : answer_as(lab, .port = port, .to = to);

	if (passive) {
		inject(p, SYN);
		expect(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
		dut_keeps_syns(p);
		inject(p, ACK);
		dut_accept(p);
		return p;
	}
	dut_connect(p);
	expect(p, SYN, .when = within(ms(500)));
	inject(p, SYN | ACK);
	expect(p, ACK, .seq = is(1), .ack = is(1), .when = within(ms(500)));
	dut_expect_connected(p);
	return p;
}

CASE_EACH(next_connection_lies_beyond, struct end, ends,
	  .requirement = RFC9293(MUST, 8),
	  .also        = {RFC9293(SHLD, 1), RFC(6528, 1)},
	  .claim       = "of five connections one after the other between the same ports each "
			 "begins beyond the last number of the one before, by less than a quarter "
			 "round")
{
	struct peer *p = open_(lab, row->passive, 0, 0);

	for (int i = 0; i < 5; i++) {
		uint32_t last;

		dut_write(p, pattern(1000));
		expect(p, ACK, .seq = is(1), .len = is(1000), .when = within(ms(500)));
		inject(p, ACK);
		last = peer_irs(p) + 1001;
		if (row->reset) {
			inject(p, RST);
			dut_expect_state(p, CLOSED);
			dut_close(p);
		} else {
			inject(p, FIN | ACK);
			expect(p, ACK, .ack = is(2), .when = within(ms(500)));
			dut_close(p);
			expect(p, FIN | ACK, .seq = is(1001), .when = within(ms(500)));
			inject(p, ACK);
			dut_expect_state(p, CLOSED);
		}
		expect_silence(p, APART);
		p = open_(lab, row->passive, peer_port(p), peer_dut_port(p));
		check(p, peer_irs(p) - last < UINT32_C(1) << 30,
		      "an ISN of %u follows a connection that ended at %u", peer_irs(p), last);
	}
}
