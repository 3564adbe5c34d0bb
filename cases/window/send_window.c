/*
 * The peer's window, and how much the DUT sends.
 *
 * RFC 9293 section 3.8.6 and 3.10.7.4: no data goes beyond SND.UNA + SND.WND, the field counts as
 * an unsigned number (MUST-1), and only segments that are not older than the last update change
 * it. A window of zero may be probed, by at most a byte; when that happens is another matter.
 */
#include <lastack/case.h>
#include <string.h>
#include <sys/socket.h>

FAMILY(send_window, "How much the DUT sends");

#define WRITTEN 200000 /* fits into the send buffer below, and is more than any window here */

/* A connection whose peer's window is this from the start. */
static struct peer *opened(struct lab *lab, uint16_t window)
{
	struct peer *p;

	/* Data comes again at the timer only, and all of a write() is taken at once. */
	dut_sysctl(lab, "net.ipv4.tcp_early_retrans", 0);
	dut_set_socket_option(lab, dut_listener(lab), SOL_SOCKET, SO_SNDBUF, WRITTEN);
	p = dial(lab);
	inject(p, SYN, .window = is(window));
	expect(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	inject(p, ACK, .window = is(window));
	dut_accept(p);
	return p;
}

/*
 * Hear all until a while after the last rung: no byte lies at the edge or behind it, the data is
 * what was written, and a segment is well within the size of one probe where the window is closed.
 * Returns the end of what has come.
 */
static uint32_t stays_inside(struct peer *p, uint32_t edge, nanos duration)
{
	uint32_t end = peer_rcv_nxt(p);
	const struct heard *heard;

	peer_listen(p, duration);
	while ((heard = peer_next(p))) {
		check(p, heard->seq + heard->len <= edge,
		      "a segment ends at %u, and the window at %u", heard->seq + heard->len, edge);
		check(p, !heard->len || heard->seq < 1 ||
		      !memcmp(heard->data, (const char *)pattern(WRITTEN).at + heard->seq - 1,
			      heard->len), "the data from %u on is not what was written",
		      heard->seq);
		if (heard->seq + heard->len > end)
			end = heard->seq + heard->len;
	}
	return end;
}

/*
 * The rest of n bytes comes, in segments of any size, acknowledged one by one. A probe without data
 * may be on its way when the window opens.
 */
static void rest_comes(struct peer *p, uint32_t n)
{
	while (peer_rcv_nxt(p) < 1 + n) {
		const struct heard *heard = expect(p, ACK, .len = from_to(0, 1460),
						   .when = between(-ms(500), sec(1)));

		if (!heard->len)
			continue;
		check(p, !memcmp(heard->data, (const char *)pattern(WRITTEN).at + heard->seq - 1,
				 heard->len),
		      "the data from %u on is not what was written", heard->seq);
		inject(p, ACK);
	}
}

struct size {
	const char *name;
	uint16_t window;
};

/* So many bytes are less than what may be sent at the start of a connection, RFC 6928. */
static const struct size small[] = {
	{"100_bytes", 100}, {"one_less_than_a_segment", 1459}, {"a_segment", 1460},
	{"one_more_than_a_segment", 1461}, {"three_segments", 4380}, {"8191_bytes", 8191},
};

CASE_EACH(is_never_exceeded, struct size, small,
	  .requirement = RFC9293(MUST, 1),
	  .also        = {RFC(7323, 17), RFC(6928, 1)},
	  .claim       = "of much more that was written only as much is sent as the window takes, "
			 "and the rest when it opens",
	  .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p = opened(lab, row->window);
	uint32_t end;

	dut_write(p, pattern(20000));
	end = stays_inside(p, 1 + row->window, ms(100));
	/*
	 * What may be held back is less than a segment, RFC 9293 3.8.6.2.1. And a DUT may begin
	 * with fewer segments than the window takes.
	 */
	premise_check(p, RFC(6928, 1), end + 1460 > row->window || end <= 1460,
		      "only %u bytes came of a window of %u", end - 1, row->window);
	check(p, end + 1460 > row->window, "only %u bytes came of a window of %u", end - 1,
	      row->window);
	inject(p, ACK);
	rest_comes(p, 20000);
}

CASE(of_one_byte,
     .requirement = RFC9293(MUST, 1),
     .also        = {RFC9293(MUST, 38)},
     .claim       = "into a window of one byte the DUT sends a byte and no more, within a second "
		    "or a timeout",
     .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p = opened(lab, 1);
	nanos rto = dut_timeout(p, FIRST_TIMEOUT_MAX);
	uint32_t end;

	dut_write(p, pattern(5000));
	end = stays_inside(p, 2, dut_within_timeout(rto).to);
	check(p, end == 2, "no byte came");
	inject(p, ACK);
	rest_comes(p, 5000);
}

static const struct size large[] = {
	{"0x7fff", 0x7fff}, {"0x8000", 0x8000}, {"0x8001", 0x8001}, {"0xffff", 0xffff},
};

CASE_EACH(is_unsigned, struct size, large,
	  .requirement = RFC9293(MUST, 1),
	  .claim       = "a window with its highest bit set is a large one, and is filled and not "
			 "exceeded",
	  .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p = opened(lab, row->window);
	uint32_t acked = 1, end;

	dut_write(p, pattern(WRITTEN));
	end = stays_inside(p, acked + row->window, ms(15));
	/* The congestion window doubles, until this window is the smaller one. */
	for (int round = 0; round < 8 && end + 1460 <= acked + row->window; round++) {
		inject(p, ACK, .ack = is(end), .window = is(row->window));
		acked = end;
		end = stays_inside(p, acked + row->window, ms(15));
	}
	check(p, end + 1460 > acked + row->window, "only %u bytes came of a window of %u",
	      end - acked, row->window);
}

CASE(of_zero_from_the_start,
     .requirement = RFC9293(MUST, 36),
     .claim       = "into a closed window nothing is sent but probes of at most a byte, and when "
		    "it opens all is",
     .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p = opened(lab, 0);

	dut_write(p, pattern(5000));
	stays_inside(p, 2, ms(300));
	inject(p, ACK, .window = is(65535));
	rest_comes(p, 5000);
}

CASE(closes_and_opens,
     .requirement = RFC9293(MUST, 36),
     .also        = {RFC(7323, 17)},
     .claim       = "a window that closes stops the data, but for probes of at most a byte, and "
		    "one that opens lets it go on",
     .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p = opened(lab, 2920);
	uint32_t end;

	dut_write(p, pattern(10000));
	end = stays_inside(p, 2921, ms(100));
	check(p, end > 1, "no data came");
	inject(p, ACK, .ack = is(end), .window = is(0));
	stays_inside(p, end + 1, ms(300));
	inject(p, ACK, .ack = is(end), .window = is(65535));
	rest_comes(p, 10000);
}

/* SND.WL1 and SND.WL2 keep an old window from coming back. */

CASE(old_acknowledgement_does_not_open_it,
     .requirement = RFC9293(EV, EST_WNDUPD),
     .claim       = "an ACK that acknowledges less than the last one does not change the window",
     .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p = opened(lab, 1000);
	uint32_t end;

	dut_write(p, pattern(5000));
	end = stays_inside(p, 1001, ms(50));
	check(p, end > 1, "no data came");
	inject(p, ACK, .ack = is(end), .window = is(0));
	inject(p, ACK, .ack = is(1), .window = is(65535));
	stays_inside(p, end + 1, ms(150));
	inject(p, ACK);
	rest_comes(p, 5000);
}

CASE(older_segment_does_not_open_it,
     .requirement = RFC9293(EV, EST_WNDUPD),
     .claim       = "a segment that is numbered below the last one does not change the window",
     .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p = opened(lab, 2000);

	/* The second segment comes first, and closes the window. */
	lose(p, ACK | PSH, .data = pattern(100));
	inject(p, ACK | PSH, .window = is(0), .data = pattern_at(100, 100));
	premise(p, RFC(5681, 11),
		either(ACK, .seq = is(1), .ack = is(1), .len = is(0), .when = within(ms(500))),
		NOTHING);
	dut_write(p, pattern(5000));
	inject(p, ACK | PSH, .seq = is(1), .window = is(65535), .data = pattern(100));
	premise(p, RFC9293(SHLD, 31),
		either(ACK, .ack = is(201), .len = is(0), .when = within(ms(500))),
		either(ACK, .ack = is(101), .when = within(ms(500))));
	stays_inside(p, 2, ms(150));
	dut_expect_read(p, pattern(200));
	inject(p, ACK);
	rest_comes(p, 5000);
}
