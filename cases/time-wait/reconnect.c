/*
 * The DUT connects again from the port of its own connection in TIME-WAIT, with timestamps.
 *
 * A stack may allow that (RFC 7323 appendix B.2) or refuse it. If it allows it, its SYN is a SYN
 * like any other: RFC 7323 section 3.2 wants a TSecr of 0 where there is no ACK bit, for there is
 * nothing of the new connection to echo yet.
 *
 * Linux 6.18 takes the old connection's TS.Recent over to the new socket, and its SYN echoes that.
 */
#include <errno.h>
#include <lastack/case.h>

FAMILY(time_wait_reconnect, "The DUT's new SYN from a port in TIME-WAIT");

#define T0 100000
#define OFFER(t, got) {opt_mss(1440), opt_nop(), opt_nop(), opt_timestamps((t), \
		       (got)->options.tsval)}

/* The DUT connected, and closed: its next number is 2. */
static struct peer *closed(struct lab *lab)
{
	struct peer *p = answer(lab);
	const struct heard *syn;

	dut_connect_reuse(p);
	syn = expect(p, SYN, .seq = is(0), .tsecr = is(0), .when = within(ms(500)));
	inject(p, SYN | ACK, .options = OFFER(T0, syn));
	expect(p, ACK, .seq = is(1), .ack = is(1), .tsecr = is(T0), .when = within(ms(500)));
	dut_expect_connected(p);
	dut_close(p);
	expect(p, FIN | ACK, .seq = is(1), .ack = is(1), .when = within(ms(500)));
	inject(p, ACK);
	dut_expect_state(p, FIN_WAIT_2);
	inject(p, FIN | ACK);
	expect(p, ACK, .seq = is(2), .ack = is(2), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, TIME_WAIT);
	return p;
}

/* connect() from the same port; false where it is refused. */
static bool again(struct lab *lab, struct peer *old, struct peer **next)
{
	*next = answer_as(lab, .port = peer_port(old), .to = peer_dut_port(old));
	dut_connect_reuse(*next);
	if (peer_listen(*next, ms(200)))
		return true;
	dut_expect_connect_error(*next, EADDRNOTAVAIL, within(ms(500)));
	dut_expect_state(old, TIME_WAIT);
	return false;
}

CASE(syn_echoes_nothing,
     .requirement = RFC(7323, 19),
     .claim       = "with timestamps connect() from a port in TIME-WAIT is refused, or its SYN has "
		    "a TSecr of 0")
{
	struct peer *old = closed(lab), *p;

	if (again(lab, old, &p))
		expect(p, SYN, .seq = is(0), .tsecr = is(0), .when = within(ms(500)));
}

CASE(opens_beyond_the_old_numbers,
     .requirement = RFC9293(MAY, 2),
     .also        = {RFC(7323, 20)},
     .judged_as   = LEVEL_MUST,
     .claim       = "with timestamps connect() from a port in TIME-WAIT is refused, or opens a new "
		    "connection whose numbers lie beyond the old one's, and which echoes the new "
		    "TSval")
{
	struct peer *old = closed(lab), *p;
	const struct heard *syn;

	if (!again(lab, old, &p))
		return;
	syn = expect(p, SYN, .seq = is(0), .when = within(ms(500)));
	check(p, syn->raw_seq - (peer_irs(old) + 2) < UINT32_C(1) << 31,
	      "the new ISN %u lies below the old connection's next number", syn->raw_seq);
	inject(p, SYN | ACK, .options = OFFER(T0 + 60000, syn));
	expect(p, ACK, .seq = is(1), .ack = is(1), .tsecr = is(T0 + 60000),
	       .when = within(ms(500)));
	dut_expect_state(p, ESTABLISHED);
	inject(p, ACK | PSH, .data = pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(101), .len = is(0), .when = within(ms(500)));
}
