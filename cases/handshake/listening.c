/*
 * What is no SYN comes to a port in LISTEN.
 *
 * RFC 9293 section 3.10.7.2, in its order: a RST is ignored; whatever else has ACK gets a RST with
 * SEG.ACK's number; a SYN opens, whatever it carries besides; anything else is dropped. None of it
 * may leave a trace: the same pair of ports opens a connection afterwards.
 */
#include <lastack/case.h>

FAMILY(listening, "Segments other than SYN to a listening port");

struct odd {
	const char *name;
	unsigned flags;
	uint32_t ack;
	size_t len;
};

static void opens(struct lab *lab, uint16_t port)
{
	struct peer *p = dial_as(lab, .port = port);

	inject(p, SYN);
	expect(p, SYN | ACK, .seq = is(0), .ack = is(1), .when = within(ms(500)));
	inject(p, ACK);
	dut_expect_state(p, ESTABLISHED);
	dut_accept(p);
}

static struct bytes payload(const struct odd *row)
{
	return row->len ? pattern(row->len) : (struct bytes){NULL, 0};
}

static const struct odd with_ack[] = {
	{"ack", ACK, 0x12345678, 0},
	{"ack_of_zero", ACK, 0, 0},
	{"ack_of_all_ones", ACK, 0xffffffff, 0},
	{"ack_with_data", ACK | PSH, 0x12345678, 100},
	{"fin_ack", FIN | ACK, 0x12345678, 0},
	{"syn_ack", SYN | ACK, 0x12345678, 0},
};

CASE_EACH(ack_gets_rst, struct odd, with_ack,
	  .requirement = RFC9293(EV, LISTEN_ACK),
	  .claim       = "a segment with ACK to a listening port gets RST with seq = SEG.ACK, "
			 "without ACK, and the listener goes on",
	  .needs       = BLACK_BOX,
	  .filtered    = "syn_ack fin_ack",
	  .filtered_strictly = "ack*")
{
	struct peer *p = dial(lab);

	inject(p, row->flags, .raw_ack = is(row->ack), .data = payload(row));
	expect(p, RST, .raw_seq = is(row->ack), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, CLOSED);
	opens(lab, peer_port(p));
	dut_expect_listening(lab);
}

static const struct odd with_rst[] = {
	{"rst", RST, 0, 0},
	{"rst_ack", RST | ACK, 0x12345678, 0},
	{"rst_syn", RST | SYN, 0, 0},
	{"rst_fin_ack", RST | FIN | ACK, 0x12345678, 0},
};

CASE_EACH(rst_is_ignored, struct odd, with_rst,
	  .requirement = RFC9293(EV, LISTEN_RST),
	  .claim       = "a RST to a listening port is ignored, whatever else it carries, and the "
			 "listener goes on",
	  .needs       = BLACK_BOX)
{
	struct peer *p = dial(lab);

	inject(p, row->flags, .raw_ack = is(row->ack), .data = payload(row));
	expect_silence(p, ms(500));
	dut_expect_state(p, CLOSED);
	opens(lab, peer_port(p));
	dut_expect_listening(lab);
}

static const struct odd others[] = {
	{"fin", FIN, 0, 0},
	{"no_flags", NOFLAGS, 0, 0},
	{"push", PSH, 0, 0},
	{"fin_push_urgent", FIN | PSH | URG, 0, 0},
	{"data", PSH, 0, 100},
};

CASE_EACH(other_is_dropped, struct odd, others,
	  .requirement = RFC9293(EV, LISTEN_OTHER),
	  .claim       = "a segment without SYN, ACK or RST to a listening port is dropped, and "
			 "the listener goes on",
	  .needs       = BLACK_BOX)
{
	struct peer *p = dial(lab);

	inject(p, row->flags, .data = payload(row));
	expect_silence(p, ms(500));
	dut_expect_state(p, CLOSED);
	opens(lab, peer_port(p));
	dut_expect_listening(lab);
}

/*
 * By the RFC the SYN opens, and the FIN waits for its turn. Many stacks drop such a segment,
 * because only scanners send it; Linux does.
 */
CASE(syn_fin_opens,
     .requirement = RFC9293(EV, LISTEN_SYNFIN),
     .also        = {RFC9293(EV, LISTEN_SYN)},
     .claim       = "SYN with FIN to a listening port is answered by SYN-ACK",
     .needs       = BLACK_BOX)
{
	struct peer *p = dial(lab);

	inject(p, SYN | FIN);
	expect(p, SYN | ACK, .seq = is(0), .ack = from_to(1, 2), .when = within(ms(500)));
	dut_expect_state(p, SYN_RECEIVED);
}

CASE(syn_fin_harms_nobody,
     .requirement = RFC9293(EV, LISTEN_SYNFIN),
     .judged_as   = LEVEL_MUST,
     .claim       = "SYN with FIN is answered by SYN-ACK or by nothing, and the listener goes on",
     .needs       = BLACK_BOX)
{
	struct peer *p = dial(lab);
	const struct heard *got;

	inject(p, SYN | FIN);
	peer_listen(p, ms(500));
	while ((got = peer_next(p)))
		check(p, got->flags == (SYN | ACK) && (got->ack == 1 || got->ack == 2),
		      "flags %#x, ack %u: want SYN-ACK or nothing", got->flags, got->ack);
	dut_expect_no_accept(p);
	opens(lab, 0);
	dut_expect_listening(lab);
}
