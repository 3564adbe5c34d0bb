/*
 * The initial sequence number of one pair of address and port follows a clock.
 *
 * RFC 9293 section 3.4.1, MUST-8, and RFC 6528: a clock that ticks roughly every 4 us, plus a keyed
 * hash of addresses and ports. On a fixed pair the hash is a constant, and the clock can be seen. A
 * common account has it tick every 4 ms; that would take half a year to go round. Linux ticks every
 * 64 ns and goes round in 274 s.
 */
#include <errno.h>
#include <lastack/case.h>

FAMILY(isn_over_time, "The ISN of one pair of address and port");

#define SAMPLES 100
#define APART ms(10)
/* One tick in 4 us. The DUT's clock and the capture's may differ a little. */
#define SLOWEST (250e3 * 0.99)
/*
 * How far, in s, the fitted clock and the one seen may be apart, beyond the DUT's own time to
 * answer; and how many times they may be further, because a busy DUT was held up after it read
 * its clock.
 */
#define UNEVEN 1e-3
#define HELD_UP (SAMPLES / 20)

/* The ISN was taken from the clock after the SYN, and before the segment with it was captured. */
struct sample {
	double asked, answered; /* s after the first answer */
	double moved;           /* since the first */
};

struct line {
	double rate, start; /* ticks a second; at the first answer */
};

/* Least squares over the times of the answers. */
static struct line line_fit(const struct sample *samples, size_t n)
{
	double t = 0, y = 0, tt = 0, ty = 0, count = (double)n, rate;

	for (size_t i = 0; i < n; i++) {
		t += samples[i].answered / count;
		y += samples[i].moved / count;
	}
	for (size_t i = 0; i < n; i++) {
		tt += (samples[i].answered - t) * (samples[i].answered - t);
		ty += (samples[i].answered - t) * (samples[i].moved - y);
	}
	rate = tt > 0 ? ty / tt : 0;
	return (struct line){rate, y - rate * t};
}

/*
 * Fast enough, and even. A clock would have to go half round in 10 ms to be misread, so such a step
 * is no clock's. A new random ISN for each SYN makes one with probability 1/2 each, and gets past
 * all of them with 2^-99.
 */
static void sample_take(struct peer *p, struct sample *samples, size_t i, int asked,
			const struct heard *got)
{
	static uint32_t last;
	static nanos first;
	uint32_t step = i ? got->raw_seq - last : 0;

	check(p, step < UINT32_C(1) << 31,
	      "the ISN moved by %u between two SYNs, half round and more", step);
	if (!i)
		first = got->time;
	last = got->raw_seq;
	samples[i].asked = (double)(rung_time(p, asked) - first) / 1e9;
	samples[i].answered = (double)(got->time - first) / 1e9;
	samples[i].moved = i ? samples[i - 1].moved + step : 0;
}

static void clock_judge(struct lab *lab, struct peer *p, const struct sample *samples, size_t n)
{
	const double uneven = UNEVEN + (double)path_jitter(lab) / 1e9;
	struct line line = line_fit(samples, n);
	size_t off = 0;

	check(p, line.rate >= SLOWEST, "the ISN moves by %.0f a second; want %.0f or more",
	      line.rate, SLOWEST);
	for (size_t i = 0; i < n; i++) {
		double at = (samples[i].moved - line.start) / line.rate;

		off += at < samples[i].asked - uneven || at > samples[i].answered + uneven;
	}
	check_timed(p, off <= HELD_UP,
		    "%zu of %zu ISNs are off the line by more than %.0f ms: %.0f a second is no "
		    "even rate", off, n, uneven * 1e3, line.rate);
}

CASE(passive_open,
     .requirement = RFC9293(MUST, 8),
     .also        = {RFC9293(SHLD, 1), RFC(6528, 1)},
     .claim       = "the ISN of a listener's answers to one address and port moves evenly with "
		    "time, by 250,000 a second or more",
     .budget      = sec(10),
     .needs       = BLACK_BOX)
{
	struct sample samples[SAMPLES];
	struct peer *p = dial(lab);

	for (size_t i = 0; i < SAMPLES; i++) {
		int asked = inject(p, SYN, .seq = is(0));
		const struct heard *got;

		got = expect(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
		if (!i)
			dut_keeps_syns(p);
		sample_take(p, samples, i, asked, got);
		inject(p, RST, .seq = is(1));
		expect_silence(p, APART);
	}
	clock_judge(lab, p, samples, SAMPLES);
}

CASE(active_open,
     .requirement = RFC9293(MUST, 8),
     .also        = {RFC9293(SHLD, 1), RFC(6528, 1)},
     .claim       = "the ISN of the DUT's own SYNs between one pair of ports moves evenly with "
		    "time, by 250,000 a second or more",
     .budget      = sec(10))
{
	struct sample samples[SAMPLES];
	struct peer *p = answer(lab);

	for (size_t i = 0; i < SAMPLES; i++) {
		const struct heard *got;

		if (i)
			p = answer_as(lab, .port = peer_port(p), .to = peer_dut_port(p));
		dut_connect(p);
		got = expect(p, SYN, .when = within(ms(500)));
		sample_take(p, samples, i, got->rung, got);
		inject(p, RST | ACK);
		dut_expect_connect_error(p, ECONNREFUSED, within(ms(500)));
		dut_close(p);
		expect_silence(p, APART);
	}
	clock_judge(lab, p, samples, SAMPLES);
}
