/*
 * The DUT sends what a service sends: an echo of what it got, or a greeting.
 *
 * RFC 9293 section 3.8.1 and RFC 6298 section 5: what is not acknowledged is sent again, and each
 * interval is twice the one before; what is acknowledged is not. The first interval is the DUT's
 * own affair between RFC 6298's bounds, so the second is measured by it.
 */
#include <lastack/case.h>

FAMILY(service_sends, "Data that a service sends");

#define SIZE 300

/* The segment that is due now, all of it from where we have acknowledged. */
static const struct heard *due(struct peer *p, bool lost)
{
	const struct segment want = {.flags = ACK, .seq = is(peer_rcv_nxt(p)),
		.ack = is(peer_snd_nxt(p)), .data = pattern(SIZE), .when = within(ms(500))};

	return lost ? peer_expect_lost(p, &want) : peer_expect(p, &want);
}

CASE(unacknowledged_is_sent_again,
     .requirement = RFC9293(EV, RTO),
     .also        = {RFC(6298, 15)},
     .claim       = "data that is not acknowledged is sent again, the same bytes at the same "
		    "number, and each interval is twice the one before",
     .needs       = BLACK_BOX | SERVICE_ECHO,
     .budget      = sec(12))
{
	struct peer *p = handshaken(lab);
	const struct heard *first, *second, *third;

	dut_sends(p, SIZE);
	first = due(p, true);
	second = expect_lost(p, ACK, .seq = is(first->seq), .ack = is(first->ack),
			     .data = pattern(SIZE), .when = between(ms(100), ms(3500)));
	third = expect_lost(p, ACK, .seq = is(first->seq), .ack = is(first->ack),
			    .data = pattern(SIZE), .when = within(sec(8)));
	check(p, third->time - second->time > (second->time - first->time) * 3 / 2,
	      "the second interval is %lld ms, the first %lld ms",
	      (long long)((third->time - second->time) / ms(1)),
	      (long long)((second->time - first->time) / ms(1)));
	inject(p, ACK, .ack = is(third->seq + SIZE));
	expect_silence(p, sec(1));
}

CASE(acknowledged_is_not_sent_again,
     .requirement = RFC9293(EV, RTO),
     .also        = {RFC(6298, 15)},
     .claim       = "data that is acknowledged is not sent again",
     .needs       = BLACK_BOX | SERVICE_ECHO)
{
	struct peer *p = handshaken(lab);

	dut_sends(p, SIZE);
	due(p, false);
	inject(p, ACK);
	expect_silence(p, sec(2));
}

CASE(last_segment_has_push,
     .requirement = RFC9293(MUST, 61),
     .claim       = "the last of what the service sends has PSH",
     .needs       = BLACK_BOX | SERVICE_ECHO)
{
	struct peer *p = handshaken(lab);

	dut_sends(p, SIZE);
	expect(p, ACK | PSH, .psh = true, .seq = is(peer_rcv_nxt(p)), .data = pattern(SIZE),
	       .when = within(ms(500)));
	inject(p, ACK);
}
