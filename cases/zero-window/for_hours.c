/*
 * A window that stays zero for hours: the printer that has run out of paper (RFC 1122 section
 * 4.2.2.17, RFC 9293 section 3.8.6.1).
 */
#include <lastack/case.h>

FAMILY(zero_window_for_hours, "A window that stays zero for hours");

#define BYTES 500
#define LEAST_CEILING sec(60) /* RFC 6298 rule 2.5 */

static struct peer *with_zero_window(struct lab *lab, nanos *rto)
{
	struct peer *p = dial(lab);

	inject(p, SYN);
	expect(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	inject(p, ACK, .window = is(0));
	dut_accept(p);
	*rto = dut_info(p).rto;
	dut_write(p, pattern(BYTES));
	return p;
}

/*
 * A probe; answered by an ACK whose window is zero. How the intervals grow is a SHOULD (SHLD-30):
 * a probe at another time, within a quarter of an hour, does not break the claim.
 */
#define PROBE ACK, .seq = from_to(0, 1), .len = from_to(0, 1)
static const struct heard *expect_probe(struct peer *p, int since, struct window when)
{
	const struct heard *probe;

	probe = premise(p, RFC9293(SHLD, 30), either(PROBE, .when = when, .since = since),
			either(PROBE, .when = within(sec(900)), .since = since));
	check(p, probe->seq == probe->len, "a segment with seq %u and %u bytes came: want a probe",
	      probe->seq, probe->len);
	inject(p, ACK, .ack = is(1), .window = is(0));
	return probe;
}

/*
 * Probes for so long, the first within a second. The interval doubles until it has found its
 * ceiling, and stays there.
 */
static void probed_for(struct peer *p, nanos interval, nanos duration)
{
	const struct heard *probe = expect_probe(p, 0, within(sec(1)));
	nanos first = probe->time, last = first;

	while (last - first < duration) {
		nanos next = interval * 2, least = next < LEAST_CEILING ? next : LEAST_CEILING;

		probe = expect_probe(p, probe->rung,
					 between(least - ms(2), next * 9 / 8 + ms(10)));
		if (probe->time - last > interval * 3 / 2)
			interval = next;
		last = probe->time;
	}
}

CASE(probed_for_two_hours,
     .requirement = RFC9293(MUST, 37),
     .also        = {RFC(1122, 12), RFC9293(SHLD, 30)},
     .claim       = "a window that is zero for two hours is probed all the time, at intervals that "
		    "double up to 60 s at least; then it opens, and the data comes",
     .needs       = DUT_AGENT | VIRTUAL_TIME,
     .budget      = sec(3 * 3600))
{
	nanos rto;
	struct peer *p = with_zero_window(lab, &rto);

	probed_for(p, rto, sec(2 * 3600));
	dut_expect_state(p, ESTABLISHED);
	inject(p, ACK, .ack = is(1));
	expect(p, ACK, .seq = is(1), .data = pattern(BYTES), .when = within(ms(500)));
	inject(p, ACK, .ack = is(BYTES + 1));
	expect_silence(p, sec(1));
}

/*
 * The application has closed its socket, and its data and FIN wait for the window. Nothing in the
 * rule asks whether there is an application still.
 *
 * Linux gives up an orphan when the interval has reached its ceiling (tcp_orphan_retries), though
 * every probe is acknowledged. RFC 6429 allows that where resources are short: here they are not.
 */
CASE(probed_for_an_orphan,
     .requirement = RFC9293(MUST, 37),
     .also        = {RFC(1122, 12), RFC9293(SHLD, 30)},
     .claim       = "a window that is zero for an hour is probed all the time, though the "
		    "application has closed its socket; then it opens, and data and FIN come",
     .needs       = DUT_AGENT | VIRTUAL_TIME,
     .budget      = sec(2 * 3600))
{
	nanos rto;
	struct peer *p = with_zero_window(lab, &rto);

	dut_close(p);
	probed_for(p, rto, sec(3600));
	dut_expect_state(p, FIN_WAIT_1);
	inject(p, ACK, .ack = is(1));
	expect(p, FIN | ACK, .seq = is(1), .data = pattern(BYTES), .when = within(ms(500)));
	inject(p, ACK, .ack = is(BYTES + 2));
	dut_expect_state(p, FIN_WAIT_2);
}
