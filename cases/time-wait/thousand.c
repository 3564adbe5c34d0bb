/*
 * A thousand connections in TIME-WAIT at once.
 *
 * RFC 9293 section 3.6.1: each lasts for twice the MSL, however many there are. An implementation
 * that goes through them in slices, or keeps no more than so many, shows it here.
 */
#include <lastack/case.h>

FAMILY(time_wait_thousand, "A thousand connections in TIME-WAIT");

#define CONNECTIONS 1000

/* Opened and closed by the DUT; the rung is that of the segment that begins TIME-WAIT. */
static struct peer *in_time_wait(struct lab *lab, int *began)
{
	struct peer *p = handshaken(lab);

	dut_close(p);
	expect(p, FIN | ACK, .seq = is(1), .ack = is(1), .len = is(0), .when = within(ms(500)));
	*began = inject(p, FIN | ACK);
	expect(p, ACK, .seq = is(2), .ack = is(2), .len = is(0), .when = within(ms(500)));
	return p;
}

CASE(all_end_after_two_msl,
     .requirement = RFC9293(MUST, 13),
     .also        = {RFC(1122, 10)},
     .claim       = "a thousand connections are all in TIME-WAIT until shortly before the "
		    "profile's time (60 s on Linux) has passed, and all gone after it",
     .needs       = DUT_AGENT | VIRTUAL_TIME,
     .budget      = sec(400))
{
	static struct peer *peers[CONNECTIONS];
	static int began[CONNECTIONS];
	const nanos lasts = dut_timer(lab, TIMER_TIME_WAIT);
	struct peer *last;

	for (size_t i = 0; i < CONNECTIONS; i++)
		peers[i] = in_time_wait(lab, &began[i]);
	last = peers[CONNECTIONS - 1];
	peer_wait_until(last, began[0], lasts * 9 / 10);
	for (size_t i = 0; i < CONNECTIONS; i++)
		dut_expect_state(peers[i], TIME_WAIT);
	peer_wait_until(last, began[CONNECTIONS - 1], lasts * 9 / 8 + ms(10));
	for (size_t i = 0; i < CONNECTIONS; i++)
		check(peers[i], dut_state(peers[i]) == CLOSED,
		      "connection %zu of %d is there still", i + 1, CONNECTIONS);
}
