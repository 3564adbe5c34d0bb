/*
 * Segments whose checksum is wrong, and some that only look so.
 *
 * RFC 9293 section 3.1: a receiver must check it (MUST-3), over header, data and the pseudo-header
 * of the addresses. A wrong segment does nothing, whatever it carries; the same one, right, then
 * does what it has to. In ones' complement 0x0000 and 0xffff are the same number (RFC 1071): unlike
 * in UDP neither has a meaning of its own, and where one is right so is the other.
 */
#include <lastack/case.h>

FAMILY(checksum_received, "Checksums that the DUT checks");

struct wrong {
	const char *name;
	unsigned lies;
	size_t len; /* of the data */
};

static const struct wrong headers[] = {
	{"inverted", LIE_BAD_CHECKSUM, 0},
	{"zero", LIE_ZERO_CHECKSUM, 0},
	{"without_pseudo_header", LIE_NO_PSEUDO_HEADER, 0},
};

CASE_EACH(syn_opens_nothing, struct wrong, headers,
	  .requirement = RFC9293(MUST, 3),
	  .claim       = "a SYN with a wrong checksum gets no answer, and the same SYN with a "
			 "right one opens a connection",
	  .needs       = BLACK_BOX)
{
	struct peer *p = dial(lab);

	inject(p, SYN, .lies = row->lies);
	expect_silence(p, ms(200));
	inject(p, SYN);
	expect(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	inject(p, ACK);
	dut_expect_state(p, ESTABLISHED);
	dut_accept(p);
}

CASE_EACH(syn_ack_opens_nothing, struct wrong, headers,
	  .requirement = RFC9293(MUST, 3),
	  .claim       = "a SYN-ACK with a wrong checksum does not answer connect(), and one with "
			 "a right one does")
{
	struct peer *p = answer(lab);

	dut_connect(p);
	expect(p, SYN, .seq = is(0), .when = within(ms(500)));
	inject(p, SYN | ACK, .lies = row->lies);
	dut_expect_state_until(p, SYN_SENT, 0, ms(200));
	expect_silence(p, ms(200));
	inject(p, SYN | ACK);
	expect(p, ACK, .seq = is(1), .ack = is(1), .when = within(ms(500)));
	dut_expect_connected(p);
}

static const struct wrong with_data[] = {
	{"inverted_over_1_byte", LIE_BAD_CHECKSUM, 1},
	{"inverted_over_100_bytes", LIE_BAD_CHECKSUM, 100},
	{"inverted_over_101_bytes", LIE_BAD_CHECKSUM, 101},
	{"zero_over_100_bytes", LIE_ZERO_CHECKSUM, 100},
	{"zero_over_101_bytes", LIE_ZERO_CHECKSUM, 101},
	{"without_pseudo_header_over_100_bytes", LIE_NO_PSEUDO_HEADER, 100},
	{"without_pseudo_header_over_101_bytes", LIE_NO_PSEUDO_HEADER, 101},
	{"last_byte_of_100_inverted", LIE_LAST_BYTE, 100},
	{"last_byte_of_101_inverted", LIE_LAST_BYTE, 101},
	{"the_only_byte_inverted", LIE_LAST_BYTE, 1},
};

CASE_EACH(data_is_not_taken, struct wrong, with_data,
	  .requirement = RFC9293(MUST, 3),
	  .claim       = "data with a wrong checksum is neither acknowledged nor delivered; right, "
			 "it is both",
	  .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = handshaken(lab);

	inject(p, ACK | PSH, .lies = row->lies, .data = pattern(row->len));
	expect_silence(p, ms(200));
	dut_expect_nothing_to_read(p);
	inject(p, ACK | PSH, .data = pattern(row->len));
	expect(p, ACK, .ack = is(1 + (uint32_t)row->len), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(row->len));
	dut_expect_nothing_to_read(p);
}

CASE_EACH(fin_does_not_end, struct wrong, headers,
	  .requirement = RFC9293(MUST, 3),
	  .claim       = "a FIN with a wrong checksum gets no answer and ends nothing",
	  .needs       = BLACK_BOX | SERVICE_HOLDS)
{
	struct peer *p = handshaken(lab);

	inject(p, FIN | ACK, .lies = row->lies);
	expect_silence(p, ms(200));
	dut_expect_state(p, ESTABLISHED);
	dut_expect_nothing_to_read(p);
	inject(p, FIN | ACK);
	expect(p, ACK, .ack = is(2), .when = within(ms(500)));
	dut_expect_state(p, CLOSE_WAIT);
}

CASE_EACH(rst_does_not_reset, struct wrong, headers,
	  .requirement = RFC9293(MUST, 3),
	  .claim       = "a RST with a wrong checksum resets nothing",
	  .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = handshaken(lab);

	inject(p, RST, .seq = is(1), .lies = row->lies);
	expect_silence(p, ms(200));
	dut_expect_state(p, ESTABLISHED);
	inject(p, ACK | PSH, .data = pattern(100));
	expect(p, ACK, .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(100));
}

CASE_EACH(ack_acknowledges_nothing, struct wrong, headers,
	  .requirement = RFC9293(MUST, 3),
	  .also        = {RFC9293(EV, RTO)},
	  .claim       = "data whose ACK has a wrong checksum is sent again, until a right one "
			 "comes")
{
	struct peer *p = handshaken(lab);
	nanos rto = dut_timeout(p, FIRST_TIMEOUT_MAX);
	const struct heard *heard;

	dut_write(p, pattern(100));
	heard = expect(p, ACK, .seq = is(1), .data = pattern(100), .when = within(ms(500)));
	inject(p, ACK, .lies = row->lies);
	expect(p, ACK, .seq = is(1), .data = pattern(100), .when = dut_within_timeout(rto),
	       .since = heard->rung);
	inject(p, ACK);
	expect_silence(p, sec(1));
}

CASE_EACH(closed_port_sends_no_rst, struct wrong, headers,
	  .requirement = RFC9293(MUST, 3),
	  .claim       = "a SYN with a wrong checksum to a closed port gets no RST, and one with a "
			 "right one does",
	  .needs       = BLACK_BOX)
{
	struct peer *p = dial_closed(lab);

	inject(p, SYN, .lies = row->lies);
	expect_silence(p, ms(200));
	inject(p, SYN);
	premise(p, RFC9293(EV, RST_SOON),
		either(RST | ACK, .raw_seq = is(0), .ack = is(1), .when = within(ms(500))),
		either(RST | ACK, .raw_seq = is(0), .ack = is(1), .when = within(sec(4))));
}

struct accident {
	const char *name;
	struct span checksum; /* unset: 0x0000, which is the right one */
	size_t len;
};

static const struct accident accidents[] = {
	{"zero_over_no_data", {.kind = SPAN_UNSET}, 0},
	{"zero_over_100_bytes", {.kind = SPAN_UNSET}, 100},
	{"zero_over_101_bytes", {.kind = SPAN_UNSET}, 101},
	{"all_ones_over_no_data", {SPAN_IS, 0xffff, 0xffff}, 0},
	{"all_ones_over_100_bytes", {SPAN_IS, 0xffff, 0xffff}, 100},
	{"all_ones_over_101_bytes", {SPAN_IS, 0xffff, 0xffff}, 101},
};

CASE_EACH(right_by_accident, struct accident, accidents,
	  .requirement = RFC9293(MUST, 3),
	  .claim       = "where the sum makes the checksum 0x0000, a segment with 0x0000 or with "
			 "0xffff there is a right one",
	  .needs       = BLACK_BOX | SERVICE_HOLDS)
{
	struct peer *p = handshaken(lab);
	uint32_t end = 1 + (uint32_t)row->len;

	inject(p, FIN | PSH | ACK, .seq = is(1), .lies = LIE_SUM_OF_ZERO, .checksum = row->checksum,
	       .data = row->len ? pattern(row->len) : (struct bytes){NULL, 0});
	expect(p, ACK, .ack = is(end + 1), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, CLOSE_WAIT);
	if (row->len)
		dut_expect_read(p, pattern(row->len));
	dut_expect_eof(p);
}
