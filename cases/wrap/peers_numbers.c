/*
 * The peer's sequence numbers come round within the connection.
 *
 * RFC 9293 section 3.4: all arithmetic on sequence numbers is modulo 2^32, so that nothing happens
 * at the wrap. Each case is run with initial numbers that put the wrap into different places; the
 * last one has a number's sign change instead, for a comparison that takes it for signed.
 *
 * The SYN's number is 0 in each case's counting, 100 bytes follow, and a FIN at 101.
 */
#include <lastack/case.h>

FAMILY(wrap_in, "The peer's sequence numbers come round");

struct start {
	const char *name;
	uint32_t isn;
};

#define LAST UINT32_MAX
static const struct start starts[] = {
	{"behind_the_syn", LAST},
	{"behind_the_first_byte", LAST - 1},
	{"within_the_data", LAST - 50},
	{"behind_the_data", LAST - 100},
	{"behind_the_fin", LAST - 101},
	{"sign_within_the_data", LAST / 2 - 50},
};

static struct peer *open_(struct lab *lab, const struct start *start)
{
	return handshaken_as(lab, .use_isn = true, .isn = start->isn);
}

static void talk(struct peer *p)
{
	inject(p, ACK | PSH, .data = pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(100));
	dut_write(p, pattern(200));
	expect(p, ACK, .seq = is(1), .ack = is(101), .data = pattern(200), .when = within(ms(500)));
	inject(p, ACK);
}

CASE_EACH(peer_closes, struct start, starts,
	  .requirement = RFC9293(EV, FIN_ACK),
	  .also        = {RFC9293(EV, LASTACK)},
	  .claim       = "across the wrap data is acknowledged and delivered, and the peer's FIN "
			 "is answered to the end")
{
	struct peer *p = open_(lab, row);

	talk(p);
	inject(p, FIN | ACK);
	expect(p, ACK, .seq = is(201), .ack = is(102), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, CLOSE_WAIT);
	dut_expect_eof(p);
	dut_close(p);
	expect(p, FIN | ACK, .seq = is(201), .ack = is(102), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, LAST_ACK);
	inject(p, ACK);
	dut_expect_state(p, CLOSED);
	expect_silence(p, ms(300));
}

CASE_EACH(dut_closes, struct start, starts,
	  .requirement = RFC9293(EV, TW_FIN),
	  .also        = {RFC9293(EV, FIN_ACK)},
	  .claim       = "across the wrap the DUT's close goes through FIN-WAIT-1 and FIN-WAIT-2 "
			 "to TIME-WAIT, which acknowledges the FIN again")
{
	struct peer *p = open_(lab, row);

	dut_shutdown(p);
	expect(p, FIN | ACK, .seq = is(1), .ack = is(1), .when = within(ms(500)));
	inject(p, ACK);
	dut_expect_state(p, FIN_WAIT_2);
	inject(p, ACK | PSH, .data = pattern(100));
	expect(p, ACK, .seq = is(2), .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(100));
	inject(p, FIN | ACK);
	expect(p, ACK, .seq = is(2), .ack = is(102), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, TIME_WAIT);
	inject(p, FIN | ACK, .seq = is(101));
	expect(p, ACK, .seq = is(2), .ack = is(102), .len = is(0), .when = within(ms(500)));
	dut_expect_eof(p);
}

CASE_EACH(both_close, struct start, starts,
	  .requirement = RFC9293(EV, FIN_ACK),
	  .claim       = "across the wrap FINs that cross lead through CLOSING to TIME-WAIT")
{
	struct peer *p = open_(lab, row);

	talk(p);
	dut_close(p);
	expect(p, FIN | ACK, .seq = is(201), .ack = is(101), .when = within(ms(500)));
	inject(p, FIN | ACK, .ack = is(201));
	expect(p, ACK, .seq = is(202), .ack = is(102), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, CLOSING);
	inject(p, ACK, .seq = is(102));
	dut_expect_state(p, TIME_WAIT);
}

CASE_EACH(dut_connects, struct start, starts,
	  .requirement = RFC9293(EV, SYNSENT_SYNACK),
	  .also        = {RFC9293(EV, FIN_ACK)},
	  .claim       = "across the wrap the DUT's connect() succeeds, and data and FIN are taken")
{
	struct peer *p = answer_as(lab, .use_isn = true, .isn = row->isn);

	dut_connect(p);
	expect(p, SYN, .seq = is(0), .when = within(ms(500)));
	inject(p, SYN | ACK);
	expect(p, ACK, .seq = is(1), .ack = is(1), .when = within(ms(500)));
	dut_expect_connected(p);
	talk(p);
	inject(p, FIN | ACK);
	expect(p, ACK, .seq = is(201), .ack = is(102), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, CLOSE_WAIT);
}

CASE_EACH(third_segment_lost, struct start, starts,
	  .requirement = RFC9293(EV, SYNRCVD_ACK),
	  .claim       = "across the wrap data with FIN completes a handshake whose third segment "
			 "was lost")
{
	struct peer *p = dial_as(lab, .use_isn = true, .isn = row->isn);

	inject(p, SYN);
	expect(p, SYN | ACK, .seq = is(0), .ack = is(1), .when = within(ms(500)));
	lose(p, ACK);
	inject(p, FIN | ACK | PSH, .data = pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(102), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, CLOSE_WAIT);
	dut_accept(p);
	dut_expect_read(p, pattern(100));
	dut_expect_eof(p);
}

/* Ten pieces of ten bytes and a FIN, the last one first. */
CASE_EACH(out_of_order, struct start, starts,
	  .requirement = RFC9293(SHLD, 31),
	  .also        = {RFC9293(EV, SEQ_LW), RFC9293(EV, FIN_ACK)},
	  .claim       = "across the wrap pieces that come in the wrong order are put together, "
			 "each answered by an ACK of what is there",
	  .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = open_(lab, row);

	inject(p, FIN | ACK, .seq = is(101));
	for (uint32_t at = 91;; at -= 10) {
		premise(p, RFC(5681, 11),
			either(ACK, .seq = is(1), .ack = is(1), .len = is(0),
			       .when = within(ms(500))),
			NOTHING);
		if (at == 1)
			break;
		inject(p, ACK, .seq = is(at), .data = pattern_at(at - 1, 10));
	}
	dut_expect_nothing_to_read(p);
	inject(p, ACK, .seq = is(1), .data = pattern(10));
	expect(p, ACK, .seq = is(1), .ack = is(102), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(100));
	dut_expect_eof(p);
}

CASE_EACH(overlapping, struct start, starts,
	  .requirement = RFC9293(EV, SEQ_LW),
	  .also        = {RFC9293(EV, SEQ_UNACC)},
	  .claim       = "across the wrap pieces that overlap are delivered once, and an old one "
			 "is answered by an ACK and not delivered again",
	  .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = open_(lab, row);

	for (uint32_t end = 20; end <= 100; end += 20) {
		uint32_t at = end > 40 ? end - 40 : 0;

		inject(p, ACK, .seq = is(1 + at), .data = pattern_at(at, end - at));
		expect(p, ACK, .seq = is(1), .ack = is(1 + end), .len = is(0),
		       .when = within(ms(500)));
	}
	for (uint32_t at = 0; at < 100; at += 20) {
		inject(p, ACK, .seq = is(1 + at), .data = pattern_at(at, 20));
		premise(p, RFC9293(EV, SEQ_UNACC),
			either(ACK, .seq = is(1), .ack = is(101), .len = is(0),
			       .when = within(ms(500))),
			NOTHING);
	}
	dut_expect_read(p, pattern(100));
	dut_expect_nothing_to_read(p);
}

/* Left of the window nothing, within it a challenge, at its left edge the end. */
CASE_EACH(rst_in_three_places, struct start, starts,
	  .requirement = RFC(5961, 1),
	  .also        = {RFC(5961, 5), RFC(5961, 3), RFC(5961, 2)},
	  .judged_as   = LEVEL_MUST,
	  .claim       = "across the wrap a RST left of RCV.NXT is ignored, one right of it gets "
			 "an ACK, and one at it ends the connection",
	  .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = open_(lab, row);

	inject(p, ACK | PSH, .data = pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(101), .len = is(0), .when = within(ms(500)));
	inject(p, RST, .seq = is(100));
	inject(p, RST, .seq = is(1));
	expect_silence(p, ms(200));
	inject(p, RST, .seq = is(102));
	expect(p, ACK, .seq = is(1), .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, ESTABLISHED);
	inject(p, RST, .seq = is(101));
	dut_expect_state(p, CLOSED);
	expect_silence(p, ms(200));
}

CASE_EACH(time_wait_is_reopened, struct start, starts,
	  .requirement = RFC(6191, 6),
	  .also        = {RFC9293(MAY, 2)},
	  .claim       = "across the wrap a SYN beyond the old numbers reopens TIME-WAIT, and one "
			 "within them does not")
{
	struct peer *old = open_(lab, row), *p;

	talk(old);
	dut_close(old);
	expect(old, FIN | ACK, .seq = is(201), .ack = is(101), .when = within(ms(500)));
	inject(old, FIN | ACK);
	expect(old, ACK, .seq = is(202), .ack = is(102), .len = is(0), .when = within(ms(500)));
	dut_expect_state(old, TIME_WAIT);
	inject(old, SYN, .seq = is(50));
	peer_listen(old, ms(100));
	for (const struct heard *got; (got = peer_next(old));)
		check(old, !(got->flags & SYN), "a SYN within the old numbers gets a SYN-ACK");
	dut_expect_state(old, TIME_WAIT);
	p = dial_as(lab, .port = peer_port(old), .to = peer_dut_port(old), .use_isn = true,
		    .isn = row->isn + 200);
	inject(p, SYN);
	expect(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
}

/* Where the wrap lies in a window of 20 KB or more. */
static const struct start in_windows[] = {
	{"behind_its_first_byte", LAST - 1},
	{"in_its_middle", LAST - 10000},
	{"sign_in_its_middle", LAST / 2 - 10000},
};

CASE_EACH(window_to_the_edge, struct start, in_windows,
	  .requirement = RFC9293(EV, SEQ_LW),
	  .also        = {RFC9293(EV, SEQ_UNACC)},
	  .claim       = "across the wrap a window is filled to its right edge and acknowledged, "
			 "and what begins there is not taken",
	  .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = dial_as(lab, .use_isn = true, .isn = row->isn);
	const struct heard *got;
	uint32_t edge;

	inject(p, SYN);
	got = expect(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	edge = 1u + got->window;
	inject(p, ACK);
	dut_accept(p);
	inject(p, ACK, .seq = is(edge + 1000), .data = text("beyond"));
	premise(p, RFC9293(EV, SEQ_UNACC),
		either(ACK, .seq = is(1), .ack = is(1), .len = is(0), .when = within(ms(500))),
		NOTHING);
	while (peer_snd_nxt(p) != edge) {
		uint32_t at = peer_snd_nxt(p), n = edge - at < 1400 ? edge - at : 1400;

		inject(p, ACK, .data = pattern_at(at - 1, n));
	}
	/* The last ACK may be delayed by half a second. */
	peer_listen(p, ms(500));
	for (const struct heard *next; (next = peer_next(p));) {
		got = next;
		premise_check(p, RFC9293(SHLD, 14), got->ack + got->window >= edge,
			      "the window's right edge was at %u, and is at %u now", edge,
			      got->ack + got->window);
	}
	check(p, got->ack == edge, "of a window up to %u only what lies before %u was acknowledged",
	      edge, got->ack);
	dut_expect_read(p, pattern(edge - 1));
	dut_expect_nothing_to_read(p);
}

CASE_EACH(application_aborts, struct start, starts,
	  .requirement = RFC9293(SHLD, 3),
	  .also        = {RFC9293(EV, SEQ_LW)},
	  .claim       = "across the wrap data that was acknowledged and not read makes close() "
			 "send RST, with the number that is expected next")
{
	struct peer *p = open_(lab, row);

	inject(p, ACK | PSH, .data = pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_close(p);
	expect(p, RST | ACK, .seq = is(1), .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, CLOSED);
}

CASE_EACH(data_on_the_syn, struct start, starts,
	  .requirement = RFC9293(EV, DATA_BEFORE_ESTAB),
	  .also        = {RFC9293(EV, LISTEN_SYNDATA)},
	  .claim       = "across the wrap data on the SYN is delivered once when the third segment "
			 "carries it again",
	  .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = dial_as(lab, .use_isn = true, .isn = row->isn);

	inject(p, SYN, .data = pattern(100));
	expect(p, SYN | ACK, .seq = is(0), .ack = from_to(1, 101), .when = within(ms(500)));
	inject(p, ACK | PSH, .seq = is(1), .ack = is(1), .data = pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_accept(p);
	dut_expect_read(p, pattern(100));
	dut_expect_nothing_to_read(p);
}

CASE_EACH(both_open, struct start, starts,
	  .requirement = RFC9293(MUST, 10),
	  .claim       = "across the wrap SYNs that cross open one connection, and data is taken")
{
	struct peer *p = answer_as(lab, .use_isn = true, .isn = row->isn);

	dut_connect(p);
	expect(p, SYN, .seq = is(0), .when = within(ms(500)));
	inject(p, SYN);
	expect(p, SYN | ACK, .seq = is(0), .ack = is(1), .when = within(ms(500)));
	inject(p, ACK);
	dut_expect_connected(p);
	talk(p);
}

/* Where a segment that is left of the window ends: before RCV.NXT, and across the wrap from it. */
CASE_EACH(old_fin_closes_nothing, struct start, starts,
	  .requirement = RFC9293(EV, SEQ_UNACC),
	  .also        = {RFC9293(EV, SEQ_0W)},
	  .judged_as   = LEVEL_MUST,
	  .claim       = "across the wrap a FIN of an old number gets an ACK and closes nothing")
{
	struct peer *p = open_(lab, row);

	talk(p);
	for (int i = 0; i < 2; i++) {
		inject(p, FIN | ACK, .seq = is(i ? 1 : 100));
		dut_expect_state(p, ESTABLISHED);
		premise(p, RFC9293(EV, SEQ_UNACC),
			either(ACK, .seq = is(201), .ack = is(101), .len = is(0),
			       .when = within(ms(500))),
			NOTHING);
	}
	dut_expect_state(p, ESTABLISHED);
}
