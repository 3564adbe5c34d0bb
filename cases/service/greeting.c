/*
 * A service that speaks first.
 *
 * Its data may only come when the connection stands (RFC 9293 section 3.10.7.4): the third segment
 * is what it waits for, and as long as that is lost the SYN-ACK comes again and nothing else does.
 */
#include <lastack/case.h>

FAMILY(service_greets, "A service that speaks first");

CASE(waits_for_the_third_segment,
     .requirement = RFC9293(EV, SYNRCVD_ACK),
     .also        = {RFC9293(EV, SYNACK_RTO)},
     .claim       = "a service that speaks first says nothing before the third segment, and its "
		    "first byte is that of ISN plus one",
     .needs       = BLACK_BOX | SERVICE_GREET)
{
	struct peer *p = dial(lab);
	const struct heard *first, *got;

	inject(p, SYN);
	first = expect(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	lose(p, ACK);
	expect(p, SYN | ACK, .raw_seq = is(first->raw_seq), .ack = is(1),
	       .when = dut_about(lab, dut_timer(lab, TIMER_SYN_ACK)), .since = first->rung);
	inject(p, ACK);
	dut_accept(p);
	dut_speaks(p);
	got = expect(p, ACK, .seq = is(1), .ack = is(1), .len = from_to(1, 1460),
		     .when = within(sec(2)));
	inject(p, ACK, .ack = is(1 + got->len));
}

CASE(unacknowledged_is_sent_again,
     .requirement = RFC9293(EV, RTO),
     .also        = {RFC(6298, 15)},
     .claim       = "a greeting that is not acknowledged is sent again, the same bytes at the same "
		    "number",
     .needs       = BLACK_BOX | SERVICE_GREET,
     .budget      = sec(8))
{
	struct peer *p = handshaken(lab);
	const struct heard *first;

	dut_speaks(p);
	first = expect_lost(p, ACK, .seq = is(1), .ack = is(1), .len = from_to(1, 1460),
			    .when = within(sec(2)));
	expect_lost(p, ACK, .seq = is(1), .ack = is(1),
		    .data = {.at = first->data, .len = first->len},
		    .when = between(ms(100), ms(3500)));
	inject(p, ACK, .ack = is(1 + first->len));
	expect_silence(p, sec(1));
}
