/*
 * The peer's windows, and what the DUT sends by them.
 *
 * RFC 7323 sections 2.2 and 2.3: a window in a segment with SYN is as it stands; any other is
 * shifted left by what the peer's SYN said, if both SYNs had the option, and a window scale on any
 * other segment means nothing. Section 2.4: what is sent for the first time lies within the latest
 * window, also where that has shrunk.
 *
 * The peer does not acknowledge, and counts what comes until there is silence: the retransmission
 * timer is not due yet by then. A sender need not fill a window to the last byte (RFC 9293 section
 * 3.8.6.2.1), and is held to half of it.
 */
#include <lastack/case.h>
#include <sys/socket.h>

FAMILY(window_scale_in, "The peer's windows, scaled");

#define QUIET ms(100)
#define ROUNDS_MAX 64

/* In-order data from next on, not acknowledged, until it is quiet; the next number. */
static uint32_t taken(struct peer *p, uint32_t next)
{
	const struct heard *got;

	while (peer_listen(p, QUIET))
		while ((got = peer_next(p))) {
			check(p, got->flags == ACK || got->flags == (ACK | PSH),
			      "flags 0x%x came, want data", got->flags);
			/* A copy: our own side was late, and the timer was not. */
			if (got->seq < next)
				continue;
			check(p, got->seq == next, "data at %u came, want %u", got->seq, next);
			next += got->len;
		}
	return next;
}

/* The DUT sends at least half of a window of so many bytes, and not a byte more. */
static void fills(struct peer *p, uint32_t window)
{
	uint32_t first = peer_rcv_nxt(p), n = taken(p, first) - first;

	check(p, n <= window, "%u bytes came into a window of %u", n, window);
	check(p, n >= window / 2, "%u bytes came into a window of %u, less than half", n, window);
}

/* Data is acknowledged as it comes, up to end; the window is open but in the last ACK. */
static void all_comes(struct peer *p, uint32_t end, uint16_t last_window)
{
	for (int i = 0; peer_rcv_nxt(p) != end && i < ROUNDS_MAX; i++) {
		if (!peer_listen(p, ms(10)))
			continue;
		while (peer_next(p))
			;
		inject(p, ACK, .window = is(peer_rcv_nxt(p) == end ? last_window : 65535));
	}
	check(p, peer_rcv_nxt(p) == end, "data came up to %u only, want %u", peer_rcv_nxt(p), end);
}

/*
 * So much is sent and acknowledged that the congestion window lets more than 16 KiB out. The last
 * ACK's window counts in any case: it acknowledges something new.
 */
static void grow(struct peer *p, uint16_t last_window)
{
	dut_set_option(p, SOL_SOCKET, SO_SNDBUF, 200000);
	dut_write(p, pattern(40000));
	all_comes(p, peer_rcv_nxt(p) + 40000, last_window);
}

/* A shift, a window's field, and how it is meant then. */
struct scale {
	const char *name;
	uint8_t shift;
	uint16_t field;
};

static const struct scale scales[] = {
	{"by_0", 0, 12000},
	{"by_1", 1, 6000},
	{"by_7", 7, 100},
	{"by_14", 14, 1},
};

CASE_EACH(is_scaled, struct scale, scales,
	  .requirement = RFC(7323, 10),
	  .also        = {RFC(7323, 9), RFC(7323, 17)},
	  .claim       = "where both SYNs had the option, the window of a later segment is shifted "
			 "left by what the peer's SYN said")
{
	struct peer *p = dial(lab);
	uint32_t window = (uint32_t)row->field << row->shift;

	inject(p, SYN, .options = {opt_mss(1440), opt_nop(), opt_wscale(row->shift)});
	expect(p, SYN | ACK, .ack = is(1), .wscale = from_to(0, 14), .when = within(ms(500)));
	inject(p, ACK, .window = is(65535));
	dut_accept(p);
	grow(p, row->field);
	dut_write(p, pattern(40000));
	fills(p, window);
	check(p, dut_info(p).snd_wscale == row->shift, "TCP_INFO says that the peer's shift is %u",
	      dut_info(p).snd_wscale);
}

CASE_EACH(is_scaled_after_connect, struct scale, scales,
	  .requirement = RFC(7323, 10),
	  .also        = {RFC(7323, 9), RFC(7323, 17)},
	  .claim       = "where the DUT connected and both SYNs had the option, the window of "
			 "a later segment is shifted left by what the peer's SYN-ACK said")
{
	struct peer *p = answer(lab);
	uint32_t window = (uint32_t)row->field << row->shift;

	dut_connect(p);
	expect(p, SYN, .seq = is(0), .wscale = from_to(0, 14), .when = within(ms(500)));
	inject(p, SYN | ACK, .options = {opt_mss(1440), opt_nop(), opt_wscale(row->shift)});
	expect(p, ACK, .seq = is(1), .ack = is(1), .when = within(ms(500)));
	dut_expect_connected(p);
	grow(p, row->field);
	dut_write(p, pattern(40000));
	fills(p, window);
}

/* 1000 as it stands; scaled it would be 128,000. */
CASE(of_a_syn_ack_is_not_scaled,
     .requirement = RFC(7323, 6),
     .also        = {RFC(7323, 17)},
     .claim       = "the window of a SYN-ACK is taken as it stands, whatever its window scale; the "
		    "next one is scaled")
{
	struct peer *p = answer(lab);

	dut_connect(p);
	expect(p, SYN, .seq = is(0), .wscale = from_to(0, 14), .when = within(ms(500)));
	inject(p, SYN | ACK, .window = is(1000),
	       .options = {opt_mss(1440), opt_nop(), opt_wscale(7)});
	expect(p, ACK, .seq = is(1), .ack = is(1), .when = within(ms(500)));
	dut_expect_connected(p);
	dut_write(p, pattern(4000));
	fills(p, 1000);
	inject(p, ACK, .window = is(1000));
	check(p, taken(p, peer_rcv_nxt(p)) > 2001, "the next window is not scaled");
	inject(p, ACK);
	all_comes(p, 4001, 1000);
}

CASE(is_not_scaled_without_the_peers_option,
     .requirement = RFC(7323, 3),
     .also        = {RFC(7323, 9)},
     .claim       = "where the DUT offered a window scale and the SYN-ACK has none, windows are "
		    "taken as they stand")
{
	struct peer *p = answer(lab);

	dut_connect(p);
	expect(p, SYN, .seq = is(0), .wscale = from_to(0, 14), .when = within(ms(500)));
	inject(p, SYN | ACK);
	expect(p, ACK, .seq = is(1), .ack = is(1), .when = within(ms(500)));
	dut_expect_connected(p);
	inject(p, ACK, .window = is(2000));
	dut_write(p, pattern(8000));
	fills(p, 2000);
	check(p, !dut_info(p).snd_wscale && !dut_info(p).rcv_wscale,
	      "TCP_INFO says that the shifts are %u and %u", dut_info(p).snd_wscale,
	      dut_info(p).rcv_wscale);
}

/* A segment without SYN that has the option; the SYNs agreed on this shift, or on none. */
struct late {
	const char *name;
	unsigned flags;
	size_t len;
	bool agreed;
};

static const struct late lates[] = {
	{"third_segment_where_there_was_none", ACK, 0, false},
	{"third_segment_where_there_was_another", ACK, 0, true},
	{"data_where_there_was_none", ACK | PSH, 100, false},
	{"data_where_there_was_another", ACK | PSH, 100, true},
};

CASE_EACH(not_by_a_later_option, struct late, lates,
	  .requirement = RFC(7323, 5),
	  .also        = {RFC9293(MUST, 5)},
	  .claim       = "a window scale on a segment without SYN is ignored, and the segment is "
			 "taken")
{
	struct peer *p = dial(lab);

	if (row->agreed)
		inject(p, SYN, .options = {opt_mss(1440), opt_nop(), opt_wscale(1)});
	else
		inject(p, SYN);
	expect(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	if (row->len)
		inject(p, ACK, .window = is(2000));
	inject(p, row->flags, .window = is(2000), .options = {opt_nop(), opt_wscale(7)},
	       .data = row->len ? pattern(row->len) : (struct bytes){NULL, 0});
	dut_accept(p);
	if (row->len) {
		expect(p, ACK, .seq = is(1), .ack = is(101), .when = within(ms(500)));
		dut_expect_read(p, pattern(100));
	}
	dut_write(p, pattern(8000));
	fills(p, row->agreed ? 4000 : 2000);
}

/* 12,800 bytes are offered; a tenth of them is acknowledged, and no more than a tenth offered. */
CASE(shrinks,
     .requirement = RFC(7323, 17),
     .also        = {RFC(7323, 14), RFC(6928, 1)},
     .claim       = "when the peer takes back a part of its window, nothing is sent for the first "
		    "time beyond it; what is beyond may be acknowledged, and all of it comes")
{
	struct peer *p = dial(lab);
	const struct heard *got;
	uint32_t end;

	inject(p, SYN, .options = {opt_mss(1440), opt_nop(), opt_wscale(7)});
	expect(p, SYN | ACK, .ack = is(1), .wscale = from_to(0, 14), .when = within(ms(500)));
	inject(p, ACK, .window = is(100));
	dut_accept(p);
	dut_set_option(p, SOL_SOCKET, SO_SNDBUF, 200000);
	dut_write(p, pattern(30000));
	end = taken(p, 1);
	/* Half of it are five segments: a DUT may begin with fewer. */
	premise_check(p, RFC(6928, 1), end >= 6401 || end < 1441,
		      "%u bytes came into a window of 12800", end - 1);
	check(p, end >= 6401 && end <= 12801, "%u bytes came into a window of 12800", end - 1);
	inject(p, ACK, .ack = is(1281), .window = is(10));
	peer_listen(p, ms(150));
	while ((got = peer_next(p)))
		check(p, got->seq + got->len <= end,
		      "%u:%u came for the first time, where the window ends at 2561", got->seq,
		      got->seq + got->len);
	dut_expect_state(p, ESTABLISHED);
	inject(p, ACK, .window = is(500));
	all_comes(p, 30001, 500);
}
