/*
 * Nagle's algorithm: small pieces wait while data is on its way.
 *
 * RFC 9293 section 3.7.4: while sent data is unacknowledged, what is less than a full segment
 * should be held back and gathered (SHLD-7); an application must be able to switch that off
 * (MUST-17). An idle connection sends the smallest piece at once, and a full segment never waits.
 */
#include <lastack/case.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

FAMILY(nagle, "Small pieces wait");

#define SEGMENT 1000
#define PIECE 10

/* An open connection to a peer that takes segments of 1000 bytes. */
static struct peer *opened(struct lab *lab)
{
	struct peer *p;

	/* Data comes again at the timer only. */
	dut_sysctl(lab, "net.ipv4.tcp_early_retrans", 0);
	p = dial(lab);
	inject(p, SYN, .options = {opt_mss(SEGMENT)});
	expect(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	inject(p, ACK);
	dut_accept(p);
	dut_keeps_syns(p);
	return p;
}

/*
 * The piece at this place of the stream is written, and waits: a premise, since a DUT need not have
 * the algorithm that an application can switch off.
 */
static void piece_waits(struct peer *p, uint32_t at)
{
	dut_write(p, pattern_at(at, PIECE));
	premise(p, RFC9293(SHLD, 7), NOTHING_FOR(ms(60)),
		either(ACK, .seq = is(1 + at), .data = pattern_at(at, PIECE),
		       .when = within(ms(60))));
}

/* The piece at this place of the stream is written, and sent at once. */
static void piece_goes(struct peer *p, uint32_t at)
{
	dut_write(p, pattern_at(at, PIECE));
	expect(p, ACK, .seq = is(1 + at), .data = pattern_at(at, PIECE), .when = within(ms(100)));
}

CASE(small_piece_waits_for_the_ack,
     .requirement = RFC9293(SHLD, 7),
     .claim       = "a small piece is sent at once where nothing is on its way, and the next one "
		    "waits until that is acknowledged",
     .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p = opened(lab);

	for (uint32_t at = 0; at < 6 * PIECE; at += 2 * PIECE) {
		piece_goes(p, at);
		dut_write(p, pattern_at(at + PIECE, PIECE));
		expect_silence(p, ms(60));
		inject(p, ACK);
		expect(p, ACK, .seq = is(1 + at + PIECE), .data = pattern_at(at + PIECE, PIECE),
		       .when = within(ms(100)));
		inject(p, ACK);
	}
	expect_silence(p, ms(300));
}

CASE(waiting_pieces_are_gathered,
     .requirement = RFC9293(SHLD, 7),
     .also        = {RFC9293(SHLD, 27), RFC9293(MAY, 16)},
     .claim       = "pieces that were written while one was on its way come in one segment when it "
		    "is acknowledged",
     .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p = opened(lab);

	piece_goes(p, 0);
	for (uint32_t i = 1; i <= 5; i++)
		dut_write(p, pattern_at(i * PIECE, PIECE));
	expect_silence(p, ms(60));
	inject(p, ACK);
	expect(p, ACK, .seq = is(1 + PIECE), .data = pattern_at(PIECE, 5 * PIECE),
	       .when = within(ms(100)));
	inject(p, ACK);
	expect_silence(p, ms(300));
}

CASE(full_segment_does_not_wait,
     .requirement = RFC9293(SHLD, 7),
     .claim       = "while a small piece is on its way a full segment is sent at once, and what is "
		    "left over waits",
     .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p = opened(lab);

	piece_goes(p, 0);
	dut_write(p, pattern_at(PIECE, SEGMENT + PIECE));
	expect(p, ACK, .seq = is(1 + PIECE), .data = pattern_at(PIECE, SEGMENT),
	       .when = within(ms(100)));
	expect_silence(p, ms(60));
	inject(p, ACK);
	expect(p, ACK, .seq = is(1 + PIECE + SEGMENT), .data = pattern_at(PIECE + SEGMENT, PIECE),
	       .when = within(ms(100)));
	inject(p, ACK);
}

CASE(pieces_are_gathered_into_full_segments,
     .requirement = RFC9293(SHLD, 7),
     .also        = {RFC9293(SHLD, 27), RFC9293(MAY, 16)},
     .claim       = "pieces that wait are sent as soon as they fill a segment",
     .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p = opened(lab);

	piece_goes(p, 0);
	dut_write(p, pattern_at(PIECE, SEGMENT - 1));
	expect_silence(p, ms(40));
	dut_write(p, pattern_at(PIECE + SEGMENT - 1, PIECE));
	expect(p, ACK, .seq = is(1 + PIECE), .data = pattern_at(PIECE, SEGMENT),
	       .when = within(ms(100)));
	expect_silence(p, ms(40));
	inject(p, ACK);
	expect(p, ACK, .seq = is(1 + PIECE + SEGMENT),
	       .data = pattern_at(PIECE + SEGMENT, PIECE - 1), .when = within(ms(100)));
	inject(p, ACK);
}

CASE(switched_off_nothing_waits,
     .requirement = RFC9293(MUST, 17),
     .also        = {RFC9293(SHLD, 7)},
     .claim       = "with TCP_NODELAY each small piece is sent at once, and without it again none "
		    "is",
     .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p = opened(lab);
	uint32_t at = 0;

	dut_set_option(p, IPPROTO_TCP, TCP_NODELAY, 1);
	for (; at < 5 * PIECE; at += PIECE)
		piece_goes(p, at);
	inject(p, ACK);
	dut_set_option(p, IPPROTO_TCP, TCP_NODELAY, 0);
	piece_goes(p, at);
	piece_waits(p, at + PIECE);
	inject(p, ACK);
	expect(p, ACK, .seq = is(1 + at + PIECE), .data = pattern_at(at + PIECE, PIECE),
	       .when = within(ms(100)));
	inject(p, ACK);
}

CASE(another_connection_is_not_switched_off,
     .requirement = RFC9293(MUST, 17),
     .also        = {RFC9293(SHLD, 7)},
     .claim       = "TCP_NODELAY of one connection leaves another one as it was",
     .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p = opened(lab), *other = opened(lab);

	dut_set_option(other, IPPROTO_TCP, TCP_NODELAY, 1);
	piece_goes(p, 0);
	piece_waits(p, PIECE);
	piece_goes(other, 0);
	piece_goes(other, PIECE);
	inject(p, ACK);
	expect(p, ACK, .seq = is(1 + PIECE), .data = pattern_at(PIECE, PIECE),
	       .when = within(ms(100)));
}
