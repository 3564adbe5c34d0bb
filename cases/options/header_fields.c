/*
 * The header's length, and the bits between it and the control bits.
 *
 * RFC 9293 section 3.1. A data offset below 5 or behind the segment's end leaves no header to
 * believe: such a segment does nothing. The reserved bits are ignored when they come, and zero when
 * they go. The one of the four that RFC 9768 has taken, AE, is a control bit here.
 */
#include <lastack/case.h>

FAMILY(header_fields, "Header length and reserved bits");

struct length {
	const char *name;
	uint32_t words;
};

/* A SYN of 24 bytes, with its MSS, and data of 100 bytes behind 20. */
static const struct length syn_lengths[] = {
	{"0_words", 0}, {"1_word", 1}, {"4_words", 4}, {"7_words", 7}, {"15_words", 15},
};

/* 15 words end inside the data. */
static const struct length data_lengths[] = {
	{"0_words", 0}, {"1_word", 1}, {"4_words", 4},
};

/*
 * An offset of 0 cannot be told by .data_offset, which takes 0 for the right one: it is four bits
 * of a field whose other bits are the reserved ones, so 16 words have the offset 0.
 */
static struct span offset(const struct length *row)
{
	return is(row->words ? row->words : 16);
}

CASE_EACH(syn_of_wrong_length, struct length, syn_lengths,
	  .requirement = RFC9293(EV, DOFF),
	  .claim       = "a SYN whose header is shorter than 20 bytes or longer than the segment "
			 "does nothing",
	  .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = dial(lab);

	inject(p, SYN, .data_offset = offset(row));
	expect_silence(p, ms(200));
	dut_expect_no_accept(p);
	dut_expect_listening(lab);
	p = handshaken(lab);
	inject(p, ACK | PSH, .data = pattern(100));
	expect(p, ACK, .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(100));
}

CASE_EACH(data_of_wrong_length, struct length, data_lengths,
	  .requirement = RFC9293(EV, DOFF),
	  .claim       = "data behind a header of less than 20 bytes is neither acknowledged nor "
			 "delivered, and the connection goes on",
	  .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = handshaken(lab);

	inject(p, ACK | PSH, .seq = is(1), .data_offset = offset(row), .data = pattern_at(7, 100));
	expect_silence(p, ms(200));
	dut_expect_nothing_to_read(p);
	inject(p, ACK | PSH, .data = pattern(100));
	expect(p, ACK, .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(100));
}

CASE(header_longer_than_the_segment,
     .requirement = RFC9293(EV, DOFF),
     .claim       = "a FIN, a RST and an ACK of 20 bytes whose headers say 60 do nothing",
     .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = handshaken(lab);

	inject(p, FIN | ACK, .seq = is(1), .data_offset = is(15));
	expect_silence(p, ms(100));
	inject(p, RST, .seq = is(1), .data_offset = is(15));
	expect_silence(p, ms(100));
	inject(p, ACK, .seq = is(1), .ack = is(1000), .data_offset = is(15));
	expect_silence(p, ms(100));
	dut_expect_state(p, ESTABLISHED);
	inject(p, ACK | PSH, .data = pattern(100));
	expect(p, ACK, .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(100));
}

struct bits {
	const char *name;
	uint32_t reserved;
};

static const struct bits received[] = {
	{"first", 4}, {"second", 2}, {"third", 1}, {"all", 7},
};

CASE_EACH(reserved_bits_are_ignored, struct bits, received,
	  .requirement = RFC9293(EV, RSVD_RX),
	  .also        = {RFC9293(EV, RSVD_TX)},
	  .claim       = "a connection whose peer sets reserved bits in each segment opens, "
			 "carries data and closes, and the DUT's own are zero")
{
	struct peer *p = dial(lab);
	struct span reserved = is(row->reserved);

	inject(p, SYN, .reserved = reserved);
	expect(p, SYN | ACK, .ack = is(1), .reserved = is(0), .when = within(ms(500)));
	inject(p, ACK, .reserved = reserved);
	dut_expect_state(p, ESTABLISHED);
	dut_accept(p);
	inject(p, ACK | PSH, .reserved = reserved, .data = pattern(100));
	expect(p, ACK, .ack = is(101), .reserved = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(100));
	dut_write(p, pattern(100));
	expect(p, ACK, .seq = is(1), .reserved = is(0), .data = pattern(100),
	       .when = within(ms(500)));
	inject(p, ACK, .reserved = reserved);
	inject(p, FIN | ACK, .reserved = reserved);
	expect(p, ACK, .ack = is(102), .reserved = is(0), .when = within(ms(500)));
	dut_expect_eof(p);
	dut_close(p);
	expect(p, FIN | ACK, .seq = is(101), .reserved = is(0), .when = within(ms(500)));
	inject(p, ACK, .reserved = reserved);
	dut_expect_state(p, CLOSED);
}

CASE_EACH(reserved_bits_of_a_rst_are_ignored, struct bits, received,
	  .requirement = RFC9293(EV, RSVD_RX),
	  .also        = {RFC9293(EV, RSVD_TX)},
	  .claim       = "a RST with reserved bits resets, and the RST that answers a segment with "
			 "them has none",
	  .needs       = BLACK_BOX | SERVICE_WAITS)
{
	struct peer *p = handshaken(lab);

	inject(p, RST, .seq = is(1), .reserved = is(row->reserved));
	dut_expect_state(p, CLOSED);
	/* An old number, so that a connection that is still there answers too. */
	inject(p, ACK, .seq = is(0), .reserved = is(row->reserved));
	premise_listener_resets(p, .seq = is(1), .reserved = is(0), .when = within(ms(500)));
}
