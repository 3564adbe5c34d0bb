/*
 * Window scales that are larger than any may be.
 *
 * RFC 7323 section 2.3: a shift above 14 is taken for 14. The window field of 1 is 16384 bytes
 * then: with the shift as it stands it would be 32768, or who knows what, and without scaling one
 * byte.
 */
#include <lastack/case.h>
#include <sys/socket.h>

FAMILY(window_scale_limit, "Window scales beyond 14");

#define WRITTEN 150000
#define WINDOW 16384 /* 1 << 14 */
#define SEGMENT 1024 /* a window is 16 of them */

struct shift {
	const char *name;
	uint8_t shift;
};

static const struct shift shifts[] = {
	{"14", 14}, {"15", 15}, {"16", 16}, {"31", 31}, {"32", 32}, {"255", 255},
};

/* Hear all until a while after the last rung, none beyond the edge; the end of what has come. */
static uint32_t stays_inside(struct peer *p, uint32_t edge)
{
	uint32_t end = peer_rcv_nxt(p);
	const struct heard *heard;

	peer_listen(p, ms(20));
	while ((heard = peer_next(p))) {
		check(p, heard->seq + heard->len <= edge,
		      "a segment ends at %u, and the window at %u", heard->seq + heard->len, edge);
		if (heard->seq + heard->len > end)
			end = heard->seq + heard->len;
	}
	return end;
}

/* Much is written, and the congestion window grows until this window is the smaller one. */
static void fills_the_window(struct peer *p)
{
	uint32_t acked = 1, end = 1;

	dut_write(p, pattern(WRITTEN));
	for (int round = 0; round < 6 && end + SEGMENT <= acked + WINDOW; round++) {
		acked = end;
		inject(p, ACK, .ack = is(acked), .window = is(1));
		end = stays_inside(p, acked + WINDOW);
	}
	check(p, end + SEGMENT > acked + WINDOW, "only %u bytes came of a window of %u",
	      end - acked, WINDOW);
}

CASE_EACH(of_a_syn_is_14, struct shift, shifts,
	  .requirement = RFC(7323, 12),
	  .also        = {RFC(7323, 10), RFC(7323, 9)},
	  .claim       = "to a peer whose SYN has a shift of 14 or more the DUT sends as much as "
			 "the shift of 14 allows, and no more",
	  .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p;

	/* Data comes again at the timer only, and all of a write() is taken at once. */
	dut_sysctl(lab, "net.ipv4.tcp_early_retrans", 0);
	dut_set_socket_option(lab, dut_listener(lab), SOL_SOCKET, SO_SNDBUF, WRITTEN);
	p = dial(lab);
	inject(p, SYN, .options = {opt_mss(SEGMENT), opt_wscale(row->shift)});
	expect(p, SYN | ACK, .ack = is(1), .wscale = from_to(0, 14), .when = within(ms(500)));
	inject(p, ACK, .window = is(1));
	dut_accept(p);
	fills_the_window(p);
}

CASE_EACH(of_a_syn_ack_is_14, struct shift, shifts,
	  .requirement = RFC(7323, 12),
	  .also        = {RFC(7323, 10), RFC(7323, 9)},
	  .claim       = "to a peer whose SYN-ACK has a shift of 14 or more the DUT sends as much "
			 "as the shift of 14 allows, and no more",
	  .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p;

	dut_sysctl(lab, "net.ipv4.tcp_early_retrans", 0);
	p = answer(lab);
	dut_connect(p);
	expect(p, SYN, .seq = is(0), .wscale = from_to(0, 14), .when = within(ms(500)));
	dut_set_option(p, SOL_SOCKET, SO_SNDBUF, WRITTEN);
	inject(p, SYN | ACK, .options = {opt_mss(SEGMENT), opt_wscale(row->shift)});
	expect(p, ACK, .seq = is(1), .ack = is(1), .len = is(0), .when = within(ms(500)));
	dut_expect_connected(p);
	inject(p, ACK, .window = is(1));
	fills_the_window(p);
}
