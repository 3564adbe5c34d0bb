/*
 * The DUT's own window: what it takes, and how it moves.
 *
 * RFC 9293 section 3.10.7.4 and 3.8.6: data inside the window up to its last byte is taken, and
 * nothing behind it; the right edge should not move left (SHLD-14); a closed window still lets
 * RST, ACK and URG be processed (MUST-66), and opens in useful steps only (MUST-39, section
 * 3.8.6.2.2): by half the buffer or by a full segment, whichever is less.
 */
#include <lastack/case.h>
#include <string.h>
#include <sys/socket.h>

FAMILY(receive_window, "The DUT's own window");

#define SEGMENT 1000
#define SMALL 5000 /* for SO_RCVBUF: a window of a few segments */

/* A connection with a receive buffer of this size, in setsockopt()'s count; 0: the default. */
static struct peer *opened(struct lab *lab, int buffer)
{
	struct peer *p;

	if (buffer)
		dut_set_socket_option(lab, dut_listener(lab), SOL_SOCKET, SO_RCVBUF, buffer);
	p = dial(lab);
	inject(p, SYN);
	expect(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	inject(p, ACK);
	dut_accept(p);
	return p;
}

/* The right edge that a segment of the DUT's tells; nothing is scaled here. */
static uint32_t edge_of(const struct heard *heard)
{
	return heard->ack + heard->window;
}

/* Take in what has come until a while after the last rung; the last segment, or NULL. */
static const struct heard *last_heard(struct peer *p, nanos duration)
{
	const struct heard *heard, *last = NULL;

	peer_listen(p, duration);
	while ((heard = peer_next(p)))
		last = heard;
	return last;
}

/* Data from its stream's byte at on, in segments, until the edge. */
static void fill(struct peer *p, uint32_t at, uint32_t edge)
{
	while (at < edge) {
		uint32_t n = edge - at < SEGMENT ? edge - at : SEGMENT;

		inject(p, ACK | PSH, .data = pattern_at(at - 1, n));
		at += n;
	}
}

/* The first segment is taken; where the window ends then. */
static uint32_t begun(struct peer *p)
{
	inject(p, ACK | PSH, .data = pattern(SEGMENT));
	return edge_of(expect(p, ACK, .ack = is(1 + SEGMENT), .len = is(0),
			      .window = from_to(SEGMENT, 65535), .when = within(ms(500))));
}

/* The window is filled and all of it acknowledged: there is none left. */
static void filled(struct peer *p, uint32_t edge)
{
	const struct heard *heard;

	fill(p, peer_snd_nxt(p), edge);
	heard = last_heard(p, ms(500));
	premise_check(p, RFC9293(SHLD, 14), !heard || edge_of(heard) >= edge,
		      "the window's right edge was at %u, and is at %u now", edge,
		      heard ? edge_of(heard) : 0);
	check(p, heard && heard->ack == edge, "want all acknowledged, up to %u, got an ACK of %u",
	      edge, heard ? heard->ack : 0);
}

/* The stream up to here is there to be read, and no more. */
static void holds(struct peer *p, uint32_t edge)
{
	dut_expect_read(p, pattern(edge - 1));
	dut_expect_nothing_to_read(p);
}

struct buffer {
	const char *name;
	int size;
};

static const struct buffer buffers[] = {{"default_buffer", 0}, {"small_buffer", SMALL}};

CASE_EACH(is_taken_up_to_its_last_byte, struct buffer, buffers,
	  .requirement = RFC9293(EV, SEQ_LW),
	  .claim       = "data that fills the window up to its last byte is acknowledged and "
			 "delivered")
{
	struct peer *p = opened(lab, row->size);
	uint32_t edge = begun(p);

	filled(p, edge);
	holds(p, edge);
}

CASE(closed_one_takes_nothing,
     .requirement = RFC9293(EV, SEQ_L0),
     .also        = {RFC9293(EV, SEQ_UNACC)},
     .claim       = "a byte for a closed window gets an ACK that leaves it out, and is not "
		    "delivered")
{
	struct peer *p = opened(lab, SMALL);
	uint32_t edge = begun(p);

	filled(p, edge);
	inject(p, ACK | PSH, .seq = is(edge), .data = text("x"));
	expect(p, ACK, .ack = is(edge), .len = is(0), .window = is(0), .when = within(ms(500)));
	holds(p, edge);
}

struct distance {
	const char *name;
	uint32_t bytes;
};

static const struct distance distances[] = {
	{"at_the_edge", 0}, {"a_byte_behind", 1}, {"far_behind", 100000},
	{"as_far_as_it_goes", 0x7fff0000},
};

CASE_EACH(nothing_behind_it_is_taken, struct distance, distances,
	  .requirement = RFC9293(EV, SEQ_LW),
	  .also        = {RFC9293(EV, SEQ_UNACC)},
	  .claim       = "data that begins at the right edge or behind it gets an ACK, and is not "
			 "delivered when the window has been filled up to there",
	  .filtered    = "far_behind as_far_as_it_goes")
{
	struct peer *p = opened(lab, SMALL);
	uint32_t edge = begun(p);

	inject(p, ACK | PSH, .seq = is(edge + row->bytes), .data = text("xyz"));
	premise(p, RFC9293(EV, SEQ_UNACC),
		either(ACK, .ack = is(1 + SEGMENT), .len = is(0), .when = within(ms(500))),
		NOTHING);
	filled(p, edge);
	holds(p, edge);
}

/*
 * A segment that lies across the right edge. RFC 9293 calls it acceptable, and says that it could
 * be trimmed to what fits. Linux takes all or nothing: up to 6.16 the bytes behind the edge too,
 * then none, also of those inside. Measured: 100 bytes of which one lies inside are all
 * acknowledged by 6.1, and answered by an ACK of none by 6.18.
 */

/* The window but for its last byte is full, and that byte comes with 99 that are behind it. */
static uint32_t crossed(struct peer *p)
{
	uint32_t edge = begun(p);

	filled(p, edge - 1);
	inject(p, ACK | PSH, .seq = is(edge - 1), .data = pattern_at(edge - 2, 100));
	return edge;
}

CASE(what_crosses_its_edge_is_not_taken_beyond,
     .requirement = RFC9293(EV, SEQ_LW),
     .judged_as   = LEVEL_SHOULD,
     .claim       = "of a segment that crosses the right edge no byte behind the edge is "
		    "acknowledged or delivered")
{
	struct peer *p = opened(lab, SMALL);
	uint32_t edge = crossed(p);

	expect(p, ACK, .ack = from_to(edge - 1, edge), .len = is(0), .when = within(ms(500)));
	inject(p, ACK | PSH, .seq = is(edge - 1), .data = pattern_at(edge - 2, 1));
	expect(p, ACK, .ack = is(edge), .len = is(0), .when = within(ms(500)));
	holds(p, edge);
}

CASE(what_crosses_its_edge_is_taken_up_to_it,
     .requirement = RFC9293(EV, SEQ_LW),
     .judged_as   = LEVEL_SHOULD,
     .claim       = "of a segment that crosses the right edge the bytes inside are acknowledged "
		    "and delivered")
{
	struct peer *p = opened(lab, SMALL);
	uint32_t edge = crossed(p);

	expect(p, ACK, .ack = from_to(edge, edge + 99), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(edge - 1));
}

struct piece {
	const char *name;
	uint32_t bytes;
};

static const struct piece pieces[] = {
	{"50_bytes", 50}, {"100_bytes", 100}, {"536_bytes", 536}, {"1400_bytes", 1400},
};

/* Take in what has come; the edge of each ACK is not to the left of the one before. */
static uint32_t edges_seen(struct peer *p, uint32_t edge)
{
	const struct heard *heard;

	peer_listen(p, ms(60));
	while ((heard = peer_next(p))) {
		check(p, edge_of(heard) >= edge,
		      "the window's right edge was at %u, and is at %u now", edge, edge_of(heard));
		edge = edge_of(heard);
	}
	return edge;
}

CASE_EACH(right_edge_does_not_move_left, struct piece, pieces,
	  .requirement = RFC9293(SHLD, 14),
	  .claim       = "while data fills the window and is read, time after time, each ACK's "
			 "window ends where the one before did or to the right of it")
{
	struct peer *p = opened(lab, SMALL);
	uint32_t edge = begun(p), read = SEGMENT;

	dut_expect_read(p, pattern(SEGMENT));
	for (int round = 0; round < 4; round++) {
		uint32_t at = peer_snd_nxt(p);

		for (; at + row->bytes <= edge; at += row->bytes)
			inject(p, ACK | PSH, .data = pattern_at(at - 1, row->bytes));
		check(p, at - 1 > read, "the window stayed closed when all had been read");
		edge = edges_seen(p, edge);
		dut_expect_read(p, pattern_at(read, at - 1 - read));
		read = at - 1;
		edge = edges_seen(p, edge);
	}
}

/* RFC 9293 MUST-66, and the acknowledgement that section 3.10.7.4 speaks of. */

static struct peer *closed(struct lab *lab, uint32_t *edge)
{
	struct peer *p = opened(lab, SMALL);

	*edge = begun(p);
	filled(p, *edge);
	return p;
}

CASE(rst_counts_where_it_is_closed,
     .requirement = RFC9293(MUST, 66),
     .also        = {RFC9293(EV, SEQ_Z0), RFC9293(EV, RST_EXACT)},
     .claim       = "a RST at RCV.NXT resets a connection whose receive window is closed")
{
	uint32_t edge;
	struct peer *p = closed(lab, &edge);

	inject(p, RST, .seq = is(edge));
	dut_expect_state(p, CLOSED);
	inject(p, ACK);
	premise_listener_resets(p, .seq = is(1), .when = within(ms(500)));
}

CASE(ack_counts_where_it_is_closed,
     .requirement = RFC9293(EV, SEQ_Z0),
     .also        = {RFC9293(MUST, 66)},
     .claim       = "an ACK at RCV.NXT is processed where the receive window is closed: what it "
		    "acknowledges does not come again, and more is sent")
{
	uint32_t edge;
	struct peer *p = closed(lab, &edge);

	dut_write(p, pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(edge), .data = pattern(100), .window = is(0),
	       .when = within(ms(500)));
	inject(p, ACK);
	expect_silence(p, ms(600));
	dut_write(p, pattern_at(100, 100));
	expect(p, ACK, .seq = is(101), .data = pattern_at(100, 100), .when = within(ms(500)));
	inject(p, ACK);
	holds(p, edge);
}

/* A probe of one byte shows the window as it is. */
static uint32_t probed(struct peer *p, uint32_t edge)
{
	const struct heard *heard;

	inject(p, ACK | PSH, .seq = is(edge), .data = text("x"));
	heard = expect(p, ACK, .ack = from_to(edge, edge + 1), .len = is(0),
		       .when = within(ms(500)));
	return edge_of(heard);
}

CASE(opens_in_useful_steps,
     .requirement = RFC9293(MUST, 39),
     .claim       = "a closed window stays closed while small pieces are read, until it opens by "
		    "half the buffer or a full segment")
{
	struct peer *p = opened(lab, SMALL);
	uint32_t edge = begun(p), size = edge - 1, step = size / 2, at = 1;
	const struct heard *heard;

	step = step < SEGMENT ? step : SEGMENT;
	filled(p, edge);
	/* Less than a step is read, a piece at a time. */
	for (; at + 90 < step; at += 90) {
		dut_expect_read(p, pattern_at(at - 1, 90));
		check(p, probed(p, edge) == edge, "the window opened when %u bytes had been read",
		      at + 89);
	}
	dut_expect_read(p, pattern_at(at - 1, edge - at));
	heard = last_heard(p, ms(500));
	check(p, heard && edge_of(heard) >= edge + step,
	      "all was read, and the window did not open by %u bytes", step);
	inject(p, ACK | PSH, .data = pattern(step));
	expect(p, ACK, .ack = is(edge + step), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(step));
}
