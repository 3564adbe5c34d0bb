/*
 * The window of an open port, as the wire alone shows it.
 *
 * RFC 9293 sections 3.8.6 and 3.10.7.4: the right edge should not move left, and data within the
 * window is acceptable, up to the last byte. The connections have no window scale, so that each
 * window is exact. The last byte is sent first and waits behind a hole, because the window moves on
 * when an application reads; that a receiver keeps such data is a SHOULD (SHLD-31).
 */
#include <lastack/case.h>

FAMILY(open_port_window, "The window of an open port");

#define SEGMENT 1400
#define SMALL 20

static uint32_t edge_of(const struct heard *got)
{
	return got->ack + got->window;
}

CASE(right_edge_does_not_move_left,
     .requirement = RFC9293(SHLD, 14),
     .claim       = "while little data comes, the right edge of the window stays or moves right",
     .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = handshaken(lab);
	uint32_t edge = 0;

	for (uint32_t i = 0; i < 8; i++) {
		const struct heard *got;

		inject(p, ACK | PSH, .data = pattern_at(SMALL * i, SMALL));
		got = expect(p, ACK, .seq = is(1), .ack = is(1 + SMALL * (i + 1)), .len = is(0),
			     .when = within(ms(500)));
		check(p, edge_of(got) >= edge, "the right edge moved left, from %u to %u", edge,
		      edge_of(got));
		edge = edge_of(got);
	}
	dut_expect_read(p, pattern(SMALL * 8));
}

CASE(last_byte_is_taken,
     .requirement = RFC9293(EV, SEQ_LW),
     .judged_as   = LEVEL_SHOULD,
     .claim       = "the last byte of the window is taken, and acknowledged with what comes before "
		    "it",
     .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = handshaken(lab);
	const struct heard *got;
	uint32_t edge, ack;

	inject(p, ACK | PSH, .data = pattern(SMALL));
	got = expect(p, ACK, .seq = is(1), .ack = is(1 + SMALL), .len = is(0),
		     .when = within(ms(500)));
	edge = edge_of(got);
	ack = got->ack;
	inject(p, ACK | PSH, .seq = is(edge - 1), .data = pattern_at(edge - 2, 1));
	expect(p, ACK, .seq = is(1), .ack = is(1 + SMALL), .len = is(0), .when = within(ms(500)));
	for (uint32_t at = 1 + SMALL; at < edge - 1; at += SEGMENT)
		inject(p, ACK, .seq = is(at), .data = pattern_at(at - 1,
			edge - 1 - at < SEGMENT ? edge - 1 - at : SEGMENT));
	/* An ACK may be delayed by that much. */
	peer_listen(p, ms(500));
	while ((got = peer_next(p)))
		ack = got->ack;
	check(p, ack == edge, "all was sent up to the edge, %u, and %u is acknowledged", edge, ack);
	dut_expect_read(p, pattern(edge - 1));
}
