/*
 * Initial sequence numbers of different pairs of address and port have nothing to do with each
 * other.
 *
 * RFC 9293 section 3.4.1, MUST-9 and SHLD-1, and RFC 6528: the clock is hidden behind a keyed
 * hash of addresses and ports, so that nobody who sees the number of his own connection knows
 * another's.
 *
 * Ports in a row are asked within a short time, and the clock moves little. If the hash is good,
 * the n numbers are independent and uniform in 2^32 values, and so are the n - 1 differences of
 * each to the next, modulo 2^32. Both are held against the uniform distribution: by the
 * Dvoretzky-Kiefer- Wolfowitz inequality with Massart's constant, the greatest distance D between
 * the two distribution functions has P(2 n D^2 > x) <= 2 exp(-x). Each of the 32 bits is 1 as
 * often as 0: by Hoeffding's inequality the share s of ones has P(2 n (s - 1/2)^2 > x) <= 2
 * exp(-x). With x = 17 and 20 the false alarms of all these tests over both address families add
 * up to less than 10^-6 a run: 2 * (3 * 2 exp(-17) + 32 * 2 exp(-20)) = 7.6 * 10^-7.
 */
#include <lastack/case.h>
#include <stdlib.h>

FAMILY(isn_across_tuples, "The ISNs of different pairs of address and port");

#define PORTS 1000
#define PORT_FIRST 20000
#define PAIRS 64
#define FEW 16
#define DISTANCE_LIMIT 17.0
#define BIT_LIMIT 20.0

static uint32_t isn_of(struct lab *lab, uint16_t port, uint16_t to)
{
	struct peer *p = dial_as(lab, .port = port, .to = to);
	const struct heard *got;

	inject(p, SYN);
	got = expect(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	inject(p, RST, .seq = is(1));
	return got->raw_seq;
}

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

/* The worst 2 n (s - 1/2)^2 for the share s of ones in each bit. */
static double bits(const uint32_t *numbers, size_t n, int *worst)
{
	double most = 0, count = (double)n;

	for (int bit = 0; bit < 32; bit++) {
		double ones = 0, off;

		for (size_t i = 0; i < n; i++)
			ones += numbers[i] >> bit & 1;
		off = 2 * count * (ones / count - 0.5) * (ones / count - 0.5);
		if (off > most) {
			most = off;
			*worst = bit;
		}
	}
	return most;
}

CASE(ports_in_a_row,
     .requirement = RFC9293(MUST, 9),
     .also        = {RFC9293(SHLD, 1), RFC(6528, 1), RFC(6528, 2)},
     .claim       = "the ISNs for 1000 ports in a row, and their differences, are uniform in 2^32 "
		    "values")
{
	static uint32_t numbers[PORTS], differences[PORTS - 1];
	struct peer *p = dial(lab);
	double off;
	int bit = 0;

	for (size_t i = 0; i < PORTS; i++)
		numbers[i] = isn_of(lab, (uint16_t)(PORT_FIRST + i), peer_dut_port(p));
	for (size_t i = 0; i + 1 < PORTS; i++)
		differences[i] = numbers[i + 1] - numbers[i];
	off = bits(numbers, PORTS, &bit);
	check(p, off <= BIT_LIMIT, "bit %d is not 1 as often as 0: %.1f, limit %.0f", bit, off,
	      BIT_LIMIT);
	off = distance(numbers, PORTS);
	check(p, off <= DISTANCE_LIMIT, "the ISNs are not uniform: %.1f, limit %.0f", off,
	      DISTANCE_LIMIT);
	off = distance(differences, PORTS - 1);
	check(p, off <= DISTANCE_LIMIT, "the differences are not uniform: %.1f, limit %.0f", off,
	      DISTANCE_LIMIT);
}

/*
 * As many ports as there are anywhere. Of so few numbers the distance shows no more than that they
 * are not all in one place, as those are that a counter gives.
 */
CASE(a_few_ports,
     .requirement = RFC9293(MUST, 9),
     .also        = {RFC9293(SHLD, 1), RFC(6528, 1)},
     .claim       = "the ISNs for 16 ports do not follow from each other: their differences lie "
		    "all over 2^32 values",
     .needs       = BLACK_BOX)
{
	uint32_t differences[FEW - 1], before = 0;
	struct peer *p = NULL;
	double off;

	for (size_t i = 0; i < FEW; i++) {
		uint32_t isn;

		p = dial(lab);
		inject(p, SYN);
		isn = expect(p, SYN | ACK, .ack = is(1), .when = within(ms(500)))->raw_seq;
		inject(p, RST, .seq = is(1));
		if (i)
			differences[i - 1] = isn - before;
		before = isn;
	}
	off = distance(differences, FEW - 1);
	check(p, off <= DISTANCE_LIMIT, "the differences are not uniform: %.1f, limit %.0f", off,
	      DISTANCE_LIMIT);
}

/* The DUT's own port is part of the pair too. */
CASE(two_listeners,
     .requirement = RFC9293(MUST, 9),
     .also        = {RFC9293(SHLD, 1), RFC(6528, 1)},
     .claim       = "the ISNs of two listeners for the same address and port of the peer are "
		    "unrelated")
{
	static uint32_t differences[PAIRS];
	struct peer *p;
	double off;

	dut_listen_as(lab, .port = 8000);
	dut_listen_as(lab, .port = 8001);
	p = dial(lab);
	for (size_t i = 0; i < PAIRS; i++) {
		uint16_t port = (uint16_t)(PORT_FIRST + i);
		uint32_t one = isn_of(lab, port, 8000);

		differences[i] = isn_of(lab, port, 8001) - one;
	}
	off = distance(differences, PAIRS);
	check(p, off <= DISTANCE_LIMIT, "the differences are not uniform: %.1f, limit %.0f", off,
	      DISTANCE_LIMIT);
}
