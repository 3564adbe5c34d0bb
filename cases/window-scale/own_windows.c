/*
 * The DUT's own windows, and what it takes by them.
 *
 * RFC 7323 sections 2.2 and 2.3: the window of its SYN-ACK is as it stands, any other is shifted
 * right by what its SYN-ACK said, where the option is in force. Section 2.4 with RFC 9293 section
 * 3.8.6 (SHLD-14): the right edge does not move left, but for what the shift cannot say, and what
 * lay within a window that was offered is taken.
 *
 * The application reads nothing, and the peer fills each window that is offered to the last byte.
 */
#include <lastack/case.h>
#include <sys/socket.h>

FAMILY(window_scale_out, "The DUT's windows, scaled");

#define SEGMENT 1400
#define BYTES_MAX 1000000
#define QUIET ms(100)

/* What the DUT has offered. */
struct offer {
	unsigned shift;
	uint32_t edge; /* the first number that is beyond */
	bool most; /* the window field has its largest value: there may be more room than it says */
};

/* Every ACK that came: no edge lies left of the one before. Returns what was acknowledged last. */
static uint32_t hear(struct peer *p, struct offer *offer)
{
	const struct heard *got;
	uint32_t ack = 1;

	peer_listen(p, QUIET);
	while ((got = peer_next(p))) {
		uint32_t edge = got->ack + ((uint32_t)got->window << offer->shift);

		check(p, got->flags == ACK && !got->len,
		      "flags 0x%x and %u bytes came, want an ACK", got->flags, got->len);
		premise_check(p, RFC9293(SHLD, 14), edge + (1u << offer->shift) > offer->edge,
			      "the right edge moved left, from %u to %u", offer->edge, edge);
		offer->edge = edge > offer->edge ? edge : offer->edge;
		offer->most = got->window == UINT16_MAX;
		ack = got->ack;
	}
	return ack;
}

/* What a segment offers to a peer that has sent nothing: a window of so much. */
static struct offer offered(const struct heard *got, unsigned shift, uint32_t window)
{
	return (struct offer){shift, 1 + window, got->window == UINT16_MAX};
}

/* Data up to the edge, from where the peer is. */
static void fill(struct peer *p, uint32_t edge)
{
	while (peer_snd_nxt(p) != edge) {
		uint32_t at = peer_snd_nxt(p), n = edge - at < SEGMENT ? edge - at : SEGMENT;

		inject(p, ACK, .data = pattern_at(at - 1, n));
	}
}

/*
 * Window after window is filled and acknowledged; then it is closed, and read, and open again. What
 * begins at the first edge waits behind a hole if it is taken, and would be acknowledged with it. A
 * window field of 65535 does not say where the edge is.
 */
static void to_the_end(struct peer *p, struct offer offer)
{
	const struct heard *got;
	uint32_t end, ack = 1, room;

	if (!offer.most) {
		inject(p, ACK, .seq = is(offer.edge), .data = text("beyond"));
		premise(p, RFC9293(EV, SEQ_UNACC),
			either(ACK, .seq = is(1), .ack = is(1), .len = is(0),
			       .when = within(ms(500))),
			NOTHING);
	}
	do {
		end = offer.edge;
		room = (uint32_t)dut_get_option(p, SOL_SOCKET, SO_RCVBUF);
		check(p, end - ack <= room, "a window of %u is offered, by a buffer of %u",
		      end - ack, room);
		/* A rehearsal has no buffer. */
		if (room && end > BYTES_MAX)
			not_judged(p, "the DUT offers windows up to %u, more than are filled here",
				   end);
		fill(p, end);
		ack = hear(p, &offer);
		check(p, ack == end, "of what lay within the window, up to %u, %u was taken", end,
		      ack);
	} while (offer.edge != end);
	inject(p, ACK, .seq = is(end), .data = text("beyond"));
	expect(p, ACK, .seq = is(1), .ack = is(end), .window = is(0), .len = is(0),
	       .when = within(ms(500)));
	dut_expect_read(p, pattern(end - 1));
	got = expect(p, ACK, .seq = is(1), .ack = is(end), .window = from_to(1, 65535),
		     .len = is(0), .when = within(ms(500)));
	offer.edge = got->ack + ((uint32_t)got->window << offer.shift);
	hear(p, &offer);
	dut_expect_nothing_to_read(p);
	inject(p, ACK | PSH, .data = text("within"));
	expect(p, ACK, .seq = is(1), .ack = is(end + 6), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, text("within"));
}

CASE(are_taken_to_the_edge,
     .requirement = RFC(7323, 11),
     .also        = {RFC(7323, 6), RFC(7323, 8), RFC(7323, 15)},
     .claim       = "where both SYNs had the option, all that fits into the SYN-ACK's window as it "
		    "stands, and into each later one shifted, is taken, and not a byte more")
{
	struct peer *p = dial(lab);
	const struct heard *got;

	inject(p, SYN, .options = {opt_mss(1440), opt_nop(), opt_wscale(7)});
	got = expect(p, SYN | ACK, .ack = is(1), .wscale = from_to(0, 14), .when = within(ms(500)));
	inject(p, ACK);
	dut_accept(p);
	check(p, dut_info(p).rcv_wscale == got->options.wscale,
	      "TCP_INFO has another shift than the SYN-ACK: %u", dut_info(p).rcv_wscale);
	to_the_end(p, offered(got, got->options.wscale, got->window));
}

CASE(without_the_option,
     .requirement = RFC(7323, 3),
     .also        = {RFC(7323, 9), RFC(7323, 15)},
     .claim       = "where the SYN had no window scale, all that fits into each window as it "
		    "stands is taken, and not a byte more")
{
	struct peer *p = dial(lab);
	const struct heard *got;

	inject(p, SYN);
	got = expect(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	inject(p, ACK);
	dut_accept(p);
	to_the_end(p, offered(got, 0, got->window));
}

CASE(without_the_syn_acks_option,
     .requirement = RFC(7323, 3),
     .also        = {RFC(7323, 9), RFC(7323, 15)},
     .claim       = "where the DUT offered a window scale and the SYN-ACK has none, all that fits "
		    "into each window as it stands is taken, and not a byte more")
{
	struct peer *p = answer(lab);
	const struct heard *got;

	dut_connect(p);
	expect(p, SYN, .seq = is(0), .wscale = from_to(0, 14), .when = within(ms(500)));
	inject(p, SYN | ACK);
	got = expect(p, ACK, .seq = is(1), .ack = is(1), .when = within(ms(500)));
	dut_expect_connected(p);
	to_the_end(p, offered(got, 0, got->window));
}

CASE(after_connect,
     .requirement = RFC(7323, 11),
     .also        = {RFC(7323, 8), RFC(7323, 15)},
     .claim       = "where the DUT connected and both SYNs had the option, all that fits into each "
		    "window, shifted by what its SYN said, is taken, and not a byte more")
{
	struct peer *p = answer(lab);
	const struct heard *got;
	unsigned shift;

	dut_connect(p);
	got = expect(p, SYN, .seq = is(0), .wscale = from_to(0, 14), .when = within(ms(500)));
	shift = got->options.wscale;
	inject(p, SYN | ACK, .options = {opt_mss(1440), opt_nop(), opt_wscale(3)});
	got = expect(p, ACK, .seq = is(1), .ack = is(1), .when = within(ms(500)));
	dut_expect_connected(p);
	to_the_end(p, offered(got, shift, (uint32_t)got->window << shift));
}

/*
 * A byte behind a hole of one, before what is in question: whether the DUT keeps such data. The
 * window may move on by it, and is counted from its edge at the first.
 */
static void keeps_a_byte(struct peer *p)
{
	inject(p, ACK | PSH, .seq = is(2), .data = pattern_at(1, 1));
	premise(p, RFC(5681, 11),
		either(ACK, .seq = is(1), .ack = is(1), .len = is(0), .when = within(ms(500))),
		NOTHING);
	inject(p, ACK | PSH, .data = pattern(1));
	premise(p, RFC9293(SHLD, 31),
		either(ACK, .seq = is(1), .ack = is(3), .len = is(0), .when = within(ms(500))),
		either(ACK, .seq = is(1), .ack = is(2), .len = is(0), .when = within(ms(500))));
}

/* The furthest edge that was ever offered counts, and not the latest ACK's. */
CASE(behind_a_hole_to_the_edge,
     .requirement = RFC(7323, 15),
     .also        = {RFC(7323, 16), RFC9293(SHLD, 31), RFC(5681, 11), RFC9293(SHLD, 14)},
     .claim       = "a byte just inside the right edge is kept, behind a hole, while more comes, "
		    "and is acknowledged with what fills the hole",
     .needs       = BLACK_BOX | SERVICE_QUIET | AGREES_TO_SCALE)
{
	struct peer *p = dial(lab);
	const struct heard *got;
	uint32_t edge;

	inject(p, SYN, .options = {opt_mss(1440), opt_nop(), opt_wscale(7)});
	got = expect(p, SYN | ACK, .ack = is(1), .wscale = from_to(0, 14), .when = within(ms(500)));
	edge = 1u + got->window;
	inject(p, ACK);
	dut_accept(p);
	keeps_a_byte(p);
	inject(p, ACK | PSH, .seq = is(edge - 1), .data = pattern_at(edge - 2, 1));
	premise(p, RFC(5681, 11),
		either(ACK, .seq = is(1), .ack = is(3), .len = is(0), .when = within(ms(500))),
		NOTHING);
	fill(p, edge - 1);
	/* An ACK may be delayed by that much. */
	peer_listen(p, ms(500));
	check(p, hear(p, &(struct offer){got->options.wscale, edge, false}) == edge,
	      "the ACK of all that fills the hole does not reach the edge, %u", edge);
	dut_expect_read(p, pattern(edge - 1));
}
