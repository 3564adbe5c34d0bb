/*
 * The DUT's timestamp clock.
 *
 * RFC 7323 section 5.4: it ticks once in 1 ms to 1 s, so that it ticks within 2^31 bytes and does
 * not come round within a segment's lifetime; section 4.1: evenly, in proportion to real time.
 * Section 7.1: where it begins is random for each connection, so that it tells nothing of how long
 * the machine has been up, nor of other connections.
 *
 * Linux ticks once a ms. One may read the clock when a segment is queued and send it a little
 * later, and a tick is not divided: so much is allowed.
 */
#include <lastack/case.h>
#include <stdlib.h>

FAMILY(timestamps_clock, "The clock of the timestamps");

#define T0 100000
#define SAMPLES 60
#define APART ms(25)
/* Ticks a second: section 5.4's bounds, and 1 % for two clocks that differ. */
#define SLOWEST 0.99
#define FASTEST 1010.0
/* How far, in s, a TSval may be off the even clock, a tick apart; and how many may be further. */
#define UNEVEN 2e-3
#define HELD_UP (SAMPLES / 10)
#define PORTS 256
#define DISTANCE_LIMIT 17.0

#define OFFER {opt_mss(1440), opt_nop(), opt_nop(), opt_timestamps(T0, 0)}
#define SOME .tsval = from_to(0, UINT32_MAX)

struct sample {
	double at, ticks; /* s and ticks since the first */
};

static double rate_fit(const struct sample *samples, size_t n, double *start)
{
	double t = 0, y = 0, tt = 0, ty = 0, count = (double)n, rate;

	for (size_t i = 0; i < n; i++) {
		t += samples[i].at / count;
		y += samples[i].ticks / count;
	}
	for (size_t i = 0; i < n; i++) {
		tt += (samples[i].at - t) * (samples[i].at - t);
		ty += (samples[i].at - t) * (samples[i].ticks - y);
	}
	rate = tt > 0 ? ty / tt : 0;
	*start = y - rate * t;
	return rate;
}

/* One clock from the SYN-ACK on: each TSval is no older than the one before, and in its place. */
CASE(even_and_in_bounds,
     .requirement = RFC(7323, 28),
     .also        = {RFC(7323, 41)},
     .claim       = "the DUT's TSvals never go back, and move evenly with time, by 1 to 1000 a "
		    "second",
     .needs       = BLACK_BOX | AGREES_TO_TIMESTAMPS | SERVICE_QUIET)
{
	struct sample samples[SAMPLES] = {{0, 0}};
	struct peer *p = dial(lab);
	const struct heard *first, *got;
	double start, rate, uneven = UNEVEN + (double)path_jitter(lab) / 1e9;
	size_t off = 0;

	inject(p, SYN, .options = OFFER);
	first = got = expect(p, SYN | ACK, .ack = is(1), SOME, .when = within(ms(500)));
	inject(p, ACK);
	dut_accept(p);
	for (size_t i = 1; i < SAMPLES; i++) {
		uint32_t before = got->options.tsval;

		peer_wait_until(p, got->rung, APART);
		inject(p, ACK | PSH, .data = pattern(10));
		got = expect(p, ACK, .ack = is((uint32_t)i * 10 + 1), .len = is(0), SOME,
			     .when = within(ms(500)));
		check(p, got->options.tsval - before < UINT32_C(1) << 31,
		      "TSval %u comes after %u", got->options.tsval, before);
		samples[i].at = (double)(got->time - first->time) / 1e9;
		samples[i].ticks = got->options.tsval - first->options.tsval;
	}
	rate = rate_fit(samples, SAMPLES, &start);
	check_timed(p, rate >= SLOWEST && rate <= FASTEST,
		    "the clock makes %.2f ticks a second: want 1 to 1000", rate);
	for (size_t i = 0; i < SAMPLES; i++) {
		double away = samples[i].at - (samples[i].ticks - start) / rate;

		off += away > uneven + 1 / rate || away < -uneven - 1 / rate;
	}
	check_timed(p, off <= HELD_UP,
		    "%zu of %d TSvals are off the line: %.2f a second is no even rate", off,
		    SAMPLES, rate);
}

/* The time of sending, not of writing: a copy says when it was sent itself. */
CASE(what_is_sent_again_has_a_new_one,
     .requirement = RFC(7323, 28),
     .claim       = "data that is sent again has the TSval of that moment, not the one it had "
		    "first")
{
	struct peer *p = dial(lab);
	const struct heard *first, *again;
	nanos rto;
	double ticks;

	inject(p, SYN, .options = OFFER);
	first = expect(p, SYN | ACK, .ack = is(1), SOME, .when = within(ms(500)));
	inject(p, ACK);
	dut_accept(p);
	rto = dut_info(p).rto;
	dut_write(p, pattern(100));
	first = expect_lost(p, ACK, .seq = is(1), .data = pattern(100), SOME,
			    .when = within(ms(500)));
	again = expect_lost(p, ACK, .seq = is(1), .data = pattern(100), SOME, .when = about(rto));
	ticks = again->options.tsval - first->options.tsval;
	check(p, ticks >= 0.2 * SLOWEST - 1 && ticks <= 1000.0 * 1.01,
	      "the copy's TSval is %.0f ticks after the first's", ticks);
	first = again;
	again = expect(p, ACK, .seq = is(1), .data = pattern(100), SOME, .when = about(2 * rto));
	check(p, again->options.tsval != first->options.tsval,
	      "two copies, %.0f ms apart, have one TSval",
	      (double)(again->time - first->time) / 1e6);
}

static int by_value(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

	return (a > b) - (a < b);
}

/*
 * 2 n D^2 for the distance D of n numbers' distribution from the uniform one. It is above x with
 * probability 2 exp(-x) at most (Dvoretzky, Kiefer, Wolfowitz, Massart): 8 * 10^-8 for the limit.
 */
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

CASE(begins_anywhere,
     .requirement = RFC(7323, 44),
     .claim       = "the TSvals of connections from 256 ports in a row, and their differences, are "
		    "uniform in 2^32 values")
{
	static uint32_t values[PORTS], differences[PORTS - 1];
	struct peer *first = dial(lab);
	double off;

	for (size_t i = 0; i < PORTS; i++) {
		struct peer *p = dial_as(lab, .port = (uint16_t)(20000 + i),
					 .to = peer_dut_port(first));
		const struct heard *got;

		inject(p, SYN, .options = OFFER);
		got = expect(p, SYN | ACK, .ack = is(1), SOME, .when = within(ms(500)));
		inject(p, RST, .seq = is(1));
		values[i] = got->options.tsval;
	}
	for (size_t i = 0; i + 1 < PORTS; i++)
		differences[i] = values[i + 1] - values[i];
	off = distance(values, PORTS);
	check(first, off <= DISTANCE_LIMIT, "the TSvals are not uniform: %.1f, limit %.0f", off,
	      DISTANCE_LIMIT);
	off = distance(differences, PORTS - 1);
	check(first, off <= DISTANCE_LIMIT, "the differences are not uniform: %.1f, limit %.0f",
	      off, DISTANCE_LIMIT);
}

/*
 * The next connection between the same ports goes on with the same clock: that is what tells its
 * segments from the old one's (RFC 6191, RFC 7323 appendix B.2).
 */
CASE(goes_on_between_the_same_ports,
     .requirement = RFC(7323, 33),
     .also        = {RFC(7323, 28)},
     .judged_as   = LEVEL_SHOULD,
     .claim       = "the next connection between the same ports has TSvals no older than the "
		    "one before")
{
	struct peer *p = dial(lab), *next;
	const struct heard *last, *got;

	inject(p, SYN, .options = OFFER);
	last = expect(p, SYN | ACK, .ack = is(1), SOME, .when = within(ms(500)));
	dut_keeps_syns(p);
	inject(p, ACK);
	dut_accept(p);
	inject(p, FIN | ACK);
	last = expect(p, ACK, .ack = is(2), .tsval = from_to(last->options.tsval,
		      last->options.tsval + 60000), .when = within(ms(500)));
	dut_close(p);
	last = expect(p, FIN | ACK, .seq = is(1), SOME, .when = within(ms(500)));
	inject(p, ACK);
	dut_expect_state(p, CLOSED);
	next = dial_as(lab, .port = peer_port(p), .to = peer_dut_port(p), .use_isn = true,
		       .isn = peer_iss(p) + 100000);
	inject(next, SYN, .options = OFFER);
	got = expect(next, SYN | ACK, .ack = is(1), SOME, .when = within(ms(500)));
	check(next, got->options.tsval - last->options.tsval < UINT32_C(1) << 31,
	      "TSval %u comes after %u of the connection before", got->options.tsval,
	      last->options.tsval);
}
