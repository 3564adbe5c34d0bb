/*
 * The options of what an open port sends, as the wire alone shows them.
 *
 * RFC 9293 sections 3.1 and 3.7.1, RFC 7323 sections 2.2 and 3.2: an MSS stands on segments with
 * SYN and on no other, as a window scale does; timestamps stand on all segments if both SYNs have
 * them, and else on none. An option that the DUT does not know is skipped, wherever it stands.
 */
#include <lastack/case.h>

FAMILY(open_port_options, "Options of an open port's segments");

/* Of the kinds kept for experiments, RFC 4727: nobody implements it without its own identifier. */
#define UNKNOWN 254
#define AN_UNKNOWN opt_raw(UNKNOWN, 6, "\x5a\x5a\x00\x01", 4)
/* What no segment has but a SYN. */
#define OF_SYNS (WITHOUT(OPTION_MSS) | WITHOUT(OPTION_WSCALE) | WITHOUT(OPTION_SACK_PERMITTED))

CASE(syn_ack_has_an_mss,
     .requirement = RFC9293(SHLD, 5),
     .claim       = "a SYN-ACK offers an MSS, also to a SYN that offers none",
     .needs       = BLACK_BOX)
{
	struct peer *p = dial(lab);

	inject(p, SYN, .lies = LIE_NO_OPTIONS);
	expect(p, SYN | ACK, .ack = is(1), .mss = isnt(0), .when = within(ms(500)));
	inject(p, RST, .seq = is(1));
}

/* An ACK of data, a challenge ACK, a FIN, and a RST where the connection was. */
CASE(of_syns_on_no_other_segment,
     .requirement = RFC9293(MUST, 65),
     .claim       = "an MSS, a window scale and SACK-permitted stand on no segment without SYN",
     .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = dial(lab);

	inject(p, SYN, .options = {opt_mss(1460), opt_sack_permitted(), opt_nop(), opt_wscale(7)});
	expect(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	inject(p, ACK);
	dut_accept(p);
	inject(p, ACK | PSH, .data = pattern(10));
	expect(p, ACK, .ack = is(11), .len = is(0), .without = OF_SYNS, .when = within(ms(500)));
	dut_expect_read(p, pattern(10));
	inject(p, SYN, .seq = is(0));
	premise(p, RFC(5961, 9),
		either(ACK, .ack = is(11), .len = is(0), .without = OF_SYNS,
		       .when = within(ms(500))), NOTHING);
	inject(p, FIN | ACK);
	dut_closes_after(p);
	expect(p, FIN | ACK, .ack = is(12), .len = is(0), .without = OF_SYNS,
	       .when = within(sec(3)));
	inject(p, ACK);
	dut_expect_state(p, CLOSED);
	inject(p, ACK);
	premise_listener_resets(p, .len = is(0), .without = OF_SYNS, .when = within(ms(500)));
}

CASE(timestamps_are_not_sent_unasked,
     .requirement = RFC(7323, 22),
     .judged_as   = LEVEL_MUST,
     .claim       = "if the SYN has no timestamps, neither has the SYN-ACK, nor any segment after "
		    "it",
     .needs       = BLACK_BOX | SERVICE_QUIET)
{
	const uint64_t none = WITHOUT(OPTION_TIMESTAMPS);
	struct peer *p = dial(lab);

	inject(p, SYN);
	expect(p, SYN | ACK, .ack = is(1), .without = none, .when = within(ms(500)));
	inject(p, ACK);
	dut_accept(p);
	inject(p, ACK | PSH, .data = pattern(10));
	expect(p, ACK, .ack = is(11), .len = is(0), .without = none, .when = within(ms(500)));
	dut_expect_read(p, pattern(10));
	inject(p, FIN | ACK);
	dut_closes_after(p);
	expect(p, FIN | ACK, .ack = is(12), .len = is(0), .without = none,
	       .when = within(sec(3)));
	inject(p, ACK);
}

CASE(unknown_one_is_skipped_on_a_syn,
     .requirement = RFC9293(MUST, 6),
     .also        = {RFC9293(MUST, 4)},
     .claim       = "a SYN with an option that nobody knows opens a connection, as one without it",
     .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = dial(lab);

	inject(p, SYN, .options = {AN_UNKNOWN, opt_mss(1460)});
	expect(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	inject(p, ACK);
	dut_accept(p);
	inject(p, ACK | PSH, .data = pattern(100));
	expect(p, ACK, .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(100));
}

CASE(unknown_one_is_skipped_on_data,
     .requirement = RFC9293(MUST, 6),
     .also        = {RFC9293(MUST, 5)},
     .claim       = "data with an option that nobody knows is taken as data without it",
     .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = handshaken(lab);

	inject(p, ACK | PSH, .options = {AN_UNKNOWN}, .data = pattern(100));
	expect(p, ACK, .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(100));
}
