/*
 * One side knows nothing of the connection any more, and the other goes on.
 *
 * RFC 9293 section 3.5.1: the side that goes on is told by a RST, which the other sends for
 * whatever comes for the connection. Section 3.5.3: a RST may carry data, which ought to say what
 * went wrong (SHLD-2). Section 3.5.2: who issues a RST should enter TIME-WAIT, which keeps load off
 * busy servers; section 3.10.5, ABORT, deletes the record all the same, and Linux does that.
 */
#include <lastack/case.h>
#include <errno.h>

FAMILY(half_gone, "One side knows nothing of the connection any more");

static struct peer *talked(struct lab *lab)
{
	struct peer *p = handshaken(lab);

	inject(p, ACK | PSH, .data = pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(100));
	return p;
}

/* RFC 9293 section 3.10.5 has it without ACK, and Linux with: either is a reset to the peer. */
static void aborted(struct peer *p)
{
	expect_any(p, NULL,
		   either(RST | ACK, .seq = is(1), .ack = is(101), .len = is(0),
			  .when = within(ms(500))),
		   either(RST, .seq = is(1), .len = is(0), .when = within(ms(500))));
}

CASE(dut_has_gone,
     .requirement = RFC9293(EV, HALFOPEN_DATA),
     .also        = {RFC9293(EV, LISTEN_ACK)},
     .claim       = "data for a connection that the DUT has aborted gets RST each time it comes")
{
	struct peer *p = talked(lab);

	dut_abort(p);
	aborted(p);
	dut_expect_state(p, CLOSED);
	for (int i = 0; i < 2; i++) {
		inject(p, ACK | PSH, .seq = is(101), .ack = is(1), .data = pattern(100));
		premise_listener_resets(p, .seq = is(1), .len = is(0), .when = within(ms(500)));
	}
	dut_expect_state(p, CLOSED);
}

CASE(peer_has_gone,
     .requirement = RFC9293(EV, HALFOPEN_DATA),
     .also        = {RFC9293(EV, RST_EXACT), RFC9293(EV, RST_ESTAB_REPORT)},
     .claim       = "the RST of a peer that knows nothing any more aborts the connection: read() "
		    "is ECONNRESET, and nothing is sent again")
{
	struct peer *p = talked(lab);

	dut_write(p, pattern(100));
	expect_lost(p, ACK, .seq = is(1), .ack = is(101), .len = is(100), .when = within(ms(500)));
	inject(p, RST, .seq = is(101));
	dut_expect_read_error(p, ECONNRESET);
	dut_expect_state(p, CLOSED);
	expect_silence(p, ms(1000));
}

/* What a RST says to people; no reader of TCP's gets it. */
static const struct bytes farewell = {"out of memory", 13};

CASE(rst_with_data,
     .requirement = RFC9293(SHLD, 2),
     .also        = {RFC9293(EV, RST_EXACT)},
     .claim       = "a RST with data resets like one without, and the data is not delivered")
{
	struct peer *p = talked(lab);

	inject(p, RST, .seq = is(101), .data = farewell);
	dut_expect_read_error(p, ECONNRESET);
	dut_expect_state(p, CLOSED);
	expect_silence(p, ms(300));
}

CASE(rst_with_data_and_ack,
     .requirement = RFC9293(SHLD, 2),
     .also        = {RFC9293(EV, RST_EXACT)},
     .claim       = "so does one with data and ACK")
{
	struct peer *p = talked(lab);

	inject(p, RST | ACK, .data = farewell);
	dut_expect_read_error(p, ECONNRESET);
	dut_expect_state(p, CLOSED);
	expect_silence(p, ms(300));
}

CASE(rst_leaves_time_wait,
     .requirement = RFC9293(EV, RST_TIMEWAIT_SENDER),
     .claim       = "the side that has sent RST keeps TIME-WAIT")
{
	struct peer *p = talked(lab);

	dut_abort(p);
	aborted(p);
	dut_expect_state(p, TIME_WAIT);
}
