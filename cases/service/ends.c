/*
 * The peer closes first, and the service closes after it, as one does that only reads.
 *
 * RFC 9293 sections 3.6 and 3.10.7.4: the DUT's FIN acknowledges the peer's, waits on the
 * retransmission queue like data, and the ACK of it ends the connection without TIME-WAIT. When an
 * application closes is its own affair: a service that does not close is no fault of its TCP.
 */
#include <lastack/case.h>

FAMILY(service_ends, "A service that closes after its peer");

/* The DUT's FIN, at the next number, which acknowledges ours. */
static const struct heard *fin(struct peer *p, struct window when, bool lost)
{
	const struct segment want = {.flags = FIN | ACK, .seq = is(peer_rcv_nxt(p)),
		.ack = is(peer_snd_nxt(p)), .len = is(0), .when = when};

	return lost ? peer_expect_lost(p, &want) : peer_expect(p, &want);
}

/* Data was exchanged, and both FINs; the DUT's is not acknowledged yet. */
static struct peer *in_last_ack(struct lab *lab)
{
	struct peer *p = handshaken(lab);

	inject(p, ACK | PSH, .data = pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(100));
	inject(p, FIN | ACK);
	dut_closes_after(p);
	return p;
}

CASE(both_fins_end_it,
     .requirement = RFC9293(EV, FIN_ACK),
     .also        = {RFC9293(EV, LASTACK), RFC9293(EV, LISTEN_ACK)},
     .claim       = "the DUT's FIN acknowledges the peer's, and its ACK ends the connection: "
		    "nothing more comes, and a further ACK gets RST",
     .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = in_last_ack(lab);

	fin(p, within(sec(3)), false);
	inject(p, ACK);
	dut_expect_state(p, CLOSED);
	expect_silence(p, sec(2));
	inject(p, ACK, .seq = is(peer_snd_nxt(p) - 1));
	premise_listener_resets(p, .seq = is(peer_rcv_nxt(p)), .len = is(0),
				.when = within(ms(500)));
}

CASE(fin_is_sent_again_with_doubling_intervals,
     .requirement = RFC9293(EV, RTO),
     .also        = {RFC(6298, 15)},
     .claim       = "a FIN that is not acknowledged is sent again, the same each time, and each "
		    "interval is twice the one before",
     .needs       = BLACK_BOX | SERVICE_QUIET,
     .budget      = sec(10))
{
	struct peer *p = in_last_ack(lab);
	const struct heard *first, *second, *third;

	first = fin(p, within(sec(3)), true);
	second = fin(p, between(ms(100), ms(3500)), true);
	third = fin(p, within(sec(6)), true);
	check(p, third->time - second->time > (second->time - first->time) * 3 / 2,
	      "the second interval is %lld ms, the first %lld ms",
	      (long long)((third->time - second->time) / ms(1)),
	      (long long)((second->time - first->time) / ms(1)));
	inject(p, ACK, .ack = is(third->seq + 1));
	expect_silence(p, sec(1));
}

CASE(repeated_fin_is_acknowledged,
     .requirement = RFC9293(EV, SEQ_UNACC),
     .claim       = "the peer's FIN again is acknowledged again, as long as the DUT waits for the "
		    "ACK of its own",
     .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = in_last_ack(lab);

	fin(p, within(sec(3)), false);
	inject(p, FIN | ACK, .seq = is(peer_snd_nxt(p) - 1), .ack = is(peer_rcv_nxt(p) - 1));
	expect(p, ACK, .seq = is(peer_rcv_nxt(p)), .ack = is(peer_snd_nxt(p)), .len = is(0),
	       .when = within(ms(500)));
}
