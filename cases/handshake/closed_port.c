/*
 * Segments to a port where nothing listens, and the numbers of the RST that each gets.
 *
 * RFC 9293 section 3.10.7.1 and 3.5.2. With ACK: <SEQ=SEG.ACK><CTL=RST>. Without:
 * <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>, where SYN and FIN count in SEG.LEN. A RST gets
 * nothing, or two such ports would never stop.
 */
#include <lastack/case.h>

FAMILY(closed_port, "Segments to a closed port");

/* No RFC says how soon a RST is sent. One that takes seconds is a right one, and comes too late. */
#define SOON within(ms(500))
#define LATE within(sec(4))

struct stray {
	const char *name;
	unsigned flags;
	uint32_t ack; /* with ACK: SEG.ACK, as it is on the wire */
	size_t len;
	uint32_t counts; /* without ACK: SEG.LEN */
	bool at_the_wrap; /* SEG.SEQ is the last before 0 */
};

static struct bytes payload(const struct stray *row)
{
	return row->len ? pattern(row->len) : (struct bytes){NULL, 0};
}

static const struct stray with_ack[] = {
	{.name = "ack", .flags = ACK, .ack = 0x12345678},
	{.name = "ack_of_zero", .flags = ACK, .ack = 0},
	{.name = "ack_of_all_ones", .flags = ACK, .ack = 0xffffffff},
	{.name = "data", .flags = ACK | PSH, .ack = 0x12345678, .len = 100},
	{.name = "fin_ack", .flags = FIN | ACK, .ack = 0x12345678},
	{.name = "syn_ack", .flags = SYN | ACK, .ack = 0x12345678},
};

CASE_EACH(ack_gets_rst, struct stray, with_ack,
	  .requirement = RFC9293(EV, CLOSED_ACK),
	  .also        = {RFC9293(EV, RST_SOON)},
	  .claim       = "a segment with ACK to a closed port gets RST with seq = SEG.ACK and "
			 "without ACK",
	  .needs       = BLACK_BOX,
	  .filtered    = "syn_ack fin_ack",
	  .filtered_strictly = "*")
{
	struct peer *p = dial_closed(lab);

	inject(p, row->flags, .raw_ack = is(row->ack), .data = payload(row));
	premise(p, RFC9293(EV, RST_SOON),
		either(RST, .raw_seq = is(row->ack), .len = is(0), .when = SOON),
		either(RST, .raw_seq = is(row->ack), .len = is(0), .when = LATE));
	expect_silence(p, ms(300));
	dut_expect_state(p, CLOSED);
}

static const struct stray without_ack[] = {
	{.name = "syn", .flags = SYN, .counts = 1},
	{.name = "syn_at_the_wrap", .flags = SYN, .counts = 1, .at_the_wrap = true},
	{.name = "syn_with_data", .flags = SYN, .len = 100, .counts = 101},
	{.name = "syn_fin", .flags = SYN | FIN, .counts = 2},
	{.name = "fin", .flags = FIN, .counts = 1},
	{.name = "fin_with_data", .flags = FIN, .len = 100, .counts = 101},
	{.name = "data", .flags = PSH, .len = 100, .counts = 100},
	{.name = "data_at_the_wrap", .flags = PSH, .len = 100, .counts = 100,
	 .at_the_wrap = true},
	{.name = "no_flags", .flags = NOFLAGS, .counts = 0},
};

CASE_EACH(without_ack_gets_rst_ack, struct stray, without_ack,
	  .requirement = RFC9293(EV, CLOSED_NOACK),
	  .also        = {RFC9293(EV, RST_SOON)},
	  .claim       = "a segment without ACK to a closed port gets RST-ACK with seq = 0 and "
			 "ack = SEG.SEQ + SEG.LEN",
	  .needs       = BLACK_BOX,
	  .filtered    = "syn_fin fin* data* no_flags")
{
	struct peer *p = dial_closed(lab);

	if (row->at_the_wrap)
		p = dial_as(lab, .to = peer_dut_port(p), .use_isn = true, .isn = 0xffffffff);
	inject(p, row->flags, .data = payload(row));
	premise(p, RFC9293(EV, RST_SOON),
		either(RST | ACK, .raw_seq = is(0), .ack = is(row->counts), .len = is(0),
		       .when = SOON),
		either(RST | ACK, .raw_seq = is(0), .ack = is(row->counts), .len = is(0),
		       .when = LATE));
	expect_silence(p, ms(300));
	dut_expect_state(p, CLOSED);
}

static const struct stray with_rst[] = {
	{.name = "rst", .flags = RST},
	{.name = "rst_ack", .flags = RST | ACK, .ack = 0x12345678},
	{.name = "rst_syn", .flags = RST | SYN},
};

CASE_EACH(rst_gets_nothing, struct stray, with_rst,
	  .requirement = RFC9293(EV, CLOSED_RST),
	  .claim       = "a RST to a closed port gets no answer",
	  .needs       = BLACK_BOX)
{
	struct peer *p = dial_closed(lab);

	inject(p, row->flags, .raw_ack = is(row->ack));
	expect_silence(p, sec(1));
	dut_expect_state(p, CLOSED);
}
