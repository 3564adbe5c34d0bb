/*
 * The DUT's own checksums. RFC 9293 section 3.1: each segment carries the right one (MUST-2); data
 * of an odd length counts as if a zero byte followed, which is not sent. Every case judges each
 * segment's checksum; these make segments of every kind, and of lengths where it goes wrong first.
 */
#include <lastack/case.h>
#include <string.h>

FAMILY(checksum_sent, "The DUT's own checksums");

struct length {
	const char *name;
	size_t bytes;
};

static const struct length lengths[] = {
	{"1_byte", 1}, {"2_bytes", 2}, {"3_bytes", 3}, {"255_bytes", 255}, {"256_bytes", 256},
	{"257_bytes", 257}, {"1399_bytes", 1399}, {"1400_bytes", 1400},
};

CASE_EACH(of_data, struct length, lengths,
	  .requirement = RFC9293(MUST, 2),
	  .claim       = "data of an odd or even length has a right checksum, and comes as it was "
			 "written",
	  .needs       = DUT_AGENT | WHOLE_MSS)
{
	struct peer *p = handshaken(lab);

	/* From an even and from an odd place in the stream. */
	dut_write(p, pattern(row->bytes));
	expect(p, ACK, .seq = is(1), .data = pattern(row->bytes), .when = within(ms(500)));
	inject(p, ACK);
	dut_write(p, pattern_at(row->bytes, row->bytes));
	expect(p, ACK, .seq = is(1 + (uint32_t)row->bytes),
	       .data = pattern_at(row->bytes, row->bytes), .when = within(ms(500)));
	inject(p, ACK);
}

CASE(of_ones_and_zeros,
     .requirement = RFC9293(MUST, 2),
     .claim       = "data of all ones or of all zeros, of odd and even lengths, has a right "
		    "checksum")
{
	/* Bytes that add up to all ones, and to nothing. */
	uint8_t ones[101], zeros[101] = {0};
	const struct bytes data[] = {{ones, 101}, {ones, 100}, {zeros, 101}, {zeros, 100}};
	struct peer *p = handshaken(lab);
	uint32_t at = 1;

	memset(ones, 0xff, sizeof(ones));
	for (size_t i = 0; i < sizeof(data) / sizeof(data[0]); i++) {
		dut_write(p, data[i]);
		expect(p, ACK, .seq = is(at), .data = data[i], .when = within(ms(500)));
		inject(p, ACK);
		at += (uint32_t)data[i].len;
	}
}

CASE(of_all_else,
     .requirement = RFC9293(MUST, 2),
     .claim       = "SYN-ACK, ACK, FIN and RST have right checksums, with options and without")
{
	struct peer *p = dial(lab);

	inject(p, SYN, .options = {opt_mss(1400), opt_timestamps(1000, 0), opt_sack_permitted()});
	expect(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	inject(p, ACK);
	dut_accept(p);
	inject(p, ACK | PSH, .data = pattern(1));
	expect(p, ACK, .ack = is(2), .len = is(0), .when = within(ms(500)));
	inject(p, ACK | PSH, .seq = is(12), .data = pattern(3));
	expect(p, ACK, .ack = is(2), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(1));
	dut_shutdown(p);
	expect(p, FIN | ACK, .seq = is(1), .when = within(ms(500)));
	inject(p, ACK, .lies = LIE_NO_OPTIONS);
	inject(p, RST, .seq = is(2), .lies = LIE_NO_OPTIONS);
	dut_expect_state(p, CLOSED);
	inject(p, ACK, .seq = is(2), .lies = LIE_NO_OPTIONS);
	expect(p, RST, .seq = is(2), .without = WITHOUT(OPTION_TIMESTAMPS),
	       .when = within(ms(500)));
	p = dial_closed(lab);
	inject(p, SYN);
	expect(p, RST | ACK, .raw_seq = is(0), .ack = is(1), .when = within(ms(500)));
}
