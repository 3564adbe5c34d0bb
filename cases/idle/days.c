/*
 * A connection on which nothing happens for days.
 *
 * Without keep-alive nothing ends it (RFC 9293 section 3.8.4): a connection is as good after a
 * month as after a second. Timestamps are another matter: they are 32 bits, and a clock of 1 kHz
 * turns their order round after 24.8 days. RFC 7323 section 5.5 has a receiver forget what it
 * remembers of them when a connection was idle for longer than 24 days, or the peer would never be
 * heard again.
 */
#include <lastack/case.h>

FAMILY(idle_for_days, "Idle for days");

#define DAY sec(24 * 3600)
#define HOUR sec(3600)

/* A connection with timestamps; the peer's begin here. */
static struct peer *with_timestamps(struct lab *lab, uint32_t first)
{
	struct peer *p = dial(lab);

	inject(p, SYN, .options = {opt_mss(1460), opt_timestamps(first, 0)});
	expect(p, SYN | ACK, .ack = is(1), .tsecr = is(first), .when = within(ms(500)));
	inject(p, ACK);
	dut_accept(p);
	return p;
}

/* So many bytes to the DUT and back; both numbers of either side are as before plus n. */
static void exchange(struct peer *p, uint32_t at, uint32_t n)
{
	inject(p, ACK | PSH, .data = pattern_at(at, n));
	expect(p, ACK, .seq = is(at + 1), .ack = is(at + n + 1), .len = is(0),
	       .when = within(ms(500)));
	dut_expect_read(p, pattern_at(at, n));
	dut_write(p, pattern_at(at, n));
	expect(p, ACK, .seq = is(at + 1), .data = pattern_at(at, n), .when = within(ms(500)));
	inject(p, ACK);
}

CASE(three_days_without_keepalive,
     .requirement = RFC9293(MUST, 25),
     .claim       = "without keep-alive a connection is silent for three days, and then its data "
		    "goes both ways",
     .needs       = DUT_AGENT | VIRTUAL_TIME,
     .budget      = 4 * DAY)
{
	struct peer *p = handshaken(lab);

	exchange(p, 0, 100);
	expect_silence(p, 3 * DAY);
	dut_expect_state(p, ESTABLISHED);
	exchange(p, 100, 100);
}

/* The peer's clock is at the end of its 32 bits an hour after the SYN. */
CASE(peers_timestamps_wrap,
     .requirement = RFC(7323, 37),
     .also        = {RFC(7323, 38), RFC(7323, 40)},
     .claim       = "data is accepted, and its timestamp echoed, when the peer's timestamps have "
		    "wrapped in an idle hour",
     .needs       = DUT_AGENT | VIRTUAL_TIME,
     .budget      = 3 * HOUR)
{
	const uint32_t first = UINT32_MAX - 3600 * 1000;
	struct peer *p = with_timestamps(lab, first);
	const struct heard *got;

	expect_silence(p, HOUR - sec(10));
	exchange(p, 0, 100);
	expect_silence(p, HOUR);
	inject(p, ACK | PSH, .data = pattern_at(100, 100));
	got = expect(p, ACK, .seq = is(101), .ack = is(201), .len = is(0), .when = within(ms(500)));
	check(p, got->options.tsecr < 3700 * 1000, "the echo is %u", got->options.tsecr);
	dut_expect_read(p, pattern_at(100, 100));
	/* An old one of before the wrap is refused still. */
	inject(p, ACK | PSH, .data = pattern_at(200, 100),
	       .options = {opt_nop(), opt_nop(), opt_timestamps(first, got->options.tsval)});
	expect(p, ACK, .seq = is(101), .ack = is(201), .len = is(0), .when = within(ms(500)));
	dut_expect_nothing_to_read(p);
}

/*
 * The DUT's own clock. What is left of its 32 bits is anything up to 49.7 days, and is read off its
 * SYN-ACK; every five days something is exchanged, so that nothing is idle for too long.
 */
CASE(own_timestamps_wrap,
     .requirement = RFC(7323, 28),
     .also        = {RFC(7323, 41)},
     .claim       = "the DUT's timestamps go on past the end of their 32 bits at the pace of the "
		    "clock, and data goes both ways before and after",
     .needs       = DUT_AGENT | VIRTUAL_TIME,
     .budget      = 52 * DAY)
{
	struct peer *p = dial(lab);
	const struct heard *offer, *got;
	uint32_t at = 0, ticks;
	nanos left, passed = 0;

	inject(p, SYN, .options = {opt_mss(1460), opt_timestamps(1000, 0)});
	offer = expect(p, SYN | ACK, .ack = is(1), .tsecr = is(1000), .when = within(ms(500)));
	inject(p, ACK);
	dut_accept(p);
	left = (nanos)(UINT32_MAX - offer->options.tsval) * ms(1);
	while (left - passed > 5 * DAY) {
		expect_silence(p, 5 * DAY);
		exchange(p, at, 100);
		at += 100;
		passed += 5 * DAY;
	}
	expect_silence(p, left - passed + HOUR);
	inject(p, ACK | PSH, .data = pattern_at(at, 100));
	got = expect(p, ACK, .seq = is(at + 1), .ack = is(at + 101), .len = is(0),
		     .when = within(ms(500)));
	ticks = got->options.tsval - offer->options.tsval;
	passed = (got->time - offer->time) / ms(1);
	check(p, got->options.tsval < offer->options.tsval, "TSval %u is not below %u",
	      got->options.tsval, offer->options.tsval);
	check(p, (nanos)ticks > passed * 9 / 10 && (nanos)ticks < passed * 11 / 10,
	      "%u ticks went by in %lld ms", ticks, (long long)passed);
	dut_expect_read(p, pattern_at(at, 100));
	dut_write(p, pattern_at(at, 100));
	expect(p, ACK, .seq = is(at + 1), .data = pattern_at(at, 100), .when = within(ms(500)));
	inject(p, ACK, .ack = is(at + 101));
	expect_silence(p, sec(5));
}

/*
 * The peer's clock has gone on by more than half its circle, and its timestamp looks older than
 * the one that the DUT remembers.
 */
CASE(timestamp_that_looks_old_after_25_days,
     .requirement = RFC(7323, 42),
     .claim       = "after 25 idle days a timestamp that looks older than the last one is "
		    "accepted, and its data delivered",
     .needs       = DUT_AGENT | VIRTUAL_TIME,
     .budget      = 26 * DAY)
{
	struct peer *p = with_timestamps(lab, 1000);

	exchange(p, 0, 100);
	expect_silence(p, 25 * DAY);
	dut_expect_state(p, ESTABLISHED);
	exchange(p, 100, 100);
}

/* Idle for so long, and then data with a timestamp that is older than the last one. */
static void old_is_refused(struct lab *lab, nanos duration)
{
	struct peer *p = with_timestamps(lab, 100000);

	exchange(p, 0, 100);
	expect_silence(p, duration);
	inject(p, ACK | PSH, .data = pattern_at(100, 100),
	       .options = {opt_nop(), opt_nop(), opt_timestamps(50000, 0)});
	expect(p, ACK, .seq = is(101), .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_nothing_to_read(p);
	inject(p, ACK | PSH, .seq = is(101), .data = pattern_at(100, 100));
	expect(p, ACK, .seq = is(101), .ack = is(201), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern_at(100, 100));
}

/*
 * As long as 24 days have not passed the DUT remembers. Linux does from 6.7 on for 2147 s only,
 * which is what a clock of 1 MHz would ask for. Measured after an hour and after 23 days: 6.1
 * refuses the data, 6.12 and 7.2 deliver it.
 */
CASE(old_timestamp_after_an_hour,
     .requirement = RFC(7323, 38),
     .also        = {RFC(7323, 42)},
     .claim       = "after an idle hour a timestamp older than the last one is refused, with "
		    "an ACK",
     .needs       = DUT_AGENT | VIRTUAL_TIME,
     .budget      = 2 * HOUR)
{
	old_is_refused(lab, HOUR);
}

CASE(old_timestamp_after_23_days,
     .requirement = RFC(7323, 38),
     .also        = {RFC(7323, 42)},
     .claim       = "after 23 idle days a timestamp older than the last one is refused still, with "
		    "an ACK",
     .needs       = DUT_AGENT | VIRTUAL_TIME,
     .budget      = 24 * DAY)
{
	old_is_refused(lab, 23 * DAY);
}
