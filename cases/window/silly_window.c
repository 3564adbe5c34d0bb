/*
 * A window that opens by crumbs, and what the DUT sends into it.
 *
 * RFC 9293 section 3.8.6.2.1 (MUST-38): of more data than fits nothing is sent until a full segment
 * fits, or half of the largest window that the peer has had, or a timer of 0.1 to 1 s is over. Then
 * what fits is sent, however little. What is all that there is to send goes at once.
 */
#include <lastack/case.h>

FAMILY(silly_window, "Windows that open by crumbs");

#define SEGMENT 1000
#define WINDOW 4000
#define CRUMB 100

/*
 * A peer of this MSS whose window was as large as this, is filled with acknowledged data, and is
 * closed now; much more is written.
 */
static struct peer *closed(struct lab *lab, uint16_t mss, uint16_t window)
{
	struct peer *p;

	/* Data comes again at the timer only. */
	dut_sysctl(lab, "net.ipv4.tcp_early_retrans", 0);
	p = dial(lab);
	inject(p, SYN, .window = is(window), .options = {opt_mss(mss)});
	expect(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	inject(p, ACK, .window = is(window));
	dut_accept(p);
	dut_keeps_syns(p);
	dut_write(p, pattern(window));
	while (peer_rcv_nxt(p) < 1u + window)
		expect(p, ACK, .len = from_to(1, mss), .when = within(ms(500)));
	inject(p, ACK, .window = is(0));
	dut_write(p, pattern_at(window, 5000));
	return p;
}

CASE(crumb_is_left,
     .requirement = RFC9293(MUST, 38),
     .claim       = "into a window that opens by a tenth of a segment nothing is sent for 90 ms, "
		    "and what fits within a second",
     .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p = closed(lab, SEGMENT, WINDOW);
	int opened = inject(p, ACK, .window = is(CRUMB));

	expect_silence(p, ms(90));
	expect(p, ACK, .seq = is(1 + WINDOW), .data = pattern_at(WINDOW, CRUMB),
	       .when = within(sec(1)), .since = opened);
	inject(p, ACK, .window = is(WINDOW));
	expect(p, ACK, .seq = is(1 + WINDOW + CRUMB), .len = is(SEGMENT), .when = within(ms(500)));
}

CASE(full_segment_is_taken,
     .requirement = RFC9293(MUST, 38),
     .claim       = "a window that opens by a full segment is used at once",
     .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p = closed(lab, SEGMENT, WINDOW);

	inject(p, ACK, .window = is(SEGMENT));
	expect(p, ACK, .seq = is(1 + WINDOW), .data = pattern_at(WINDOW, SEGMENT),
	       .when = within(ms(90)));
	expect_silence(p, ms(90));
}

CASE(half_of_the_largest_is_taken,
     .requirement = RFC9293(MUST, 38),
     .claim       = "a window that opens by half of the largest that there was is used at once, "
		    "where a full segment never fits",
     .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p = closed(lab, 1400, 1200);

	inject(p, ACK, .window = is(600));
	expect(p, ACK, .seq = is(1201), .len = from_to(1, 600), .when = within(ms(90)));
}

CASE(all_that_there_is_goes_at_once,
     .requirement = RFC9293(MUST, 38),
     .claim       = "into a window of less than a segment a piece that fits whole goes at once",
     .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p = closed(lab, SEGMENT, WINDOW);

	inject(p, ACK, .window = is(5 * SEGMENT));
	for (uint32_t at = WINDOW; at < WINDOW + 5 * SEGMENT; at += SEGMENT)
		expect(p, ACK, .seq = is(1 + at), .len = is(SEGMENT), .when = within(ms(500)));
	inject(p, ACK, .window = is(CRUMB));
	dut_write(p, pattern(CRUMB - 1));
	expect(p, ACK, .data = pattern(CRUMB - 1), .when = within(ms(90)));
}

CASE(edge_that_creeps_is_not_followed,
     .requirement = RFC9293(MUST, 38),
     .also        = {RFC(6928, 1)},
     .claim       = "while the window's edge moves by a tenth of a segment at a time nothing is "
		    "sent, until a full segment fits",
     .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p;

	dut_sysctl(lab, "net.ipv4.tcp_early_retrans", 0);
	p = dial(lab);
	inject(p, SYN, .window = is(WINDOW), .options = {opt_mss(SEGMENT)});
	expect(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	inject(p, ACK, .window = is(WINDOW));
	dut_accept(p);
	dut_keeps_syns(p);
	dut_write(p, pattern(2 * WINDOW));
	expect(p, ACK, .seq = is(1), .len = is(SEGMENT), .when = within(ms(500)));
	/* Four segments at once: a DUT may begin with fewer. */
	for (uint32_t at = SEGMENT; at < WINDOW; at += SEGMENT)
		premise(p, RFC(6928, 1),
			either(ACK, .seq = is(1 + at), .len = is(SEGMENT), .when = within(ms(500))),
			NOTHING, either(ACK, .seq = is(1), .len = is(SEGMENT)));
	for (uint32_t moved = CRUMB; moved < SEGMENT; moved += CRUMB)
		inject(p, ACK, .ack = is(1 + moved), .window = is(WINDOW));
	expect_silence(p, ms(50));
	inject(p, ACK, .ack = is(1 + SEGMENT), .window = is(WINDOW));
	expect(p, ACK, .seq = is(1 + WINDOW), .data = pattern_at(WINDOW, SEGMENT),
	       .when = within(ms(90)));
}
