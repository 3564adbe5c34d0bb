/*
 * A service that closes first, as one does that was asked over HTTP to do so.
 *
 * RFC 9293 sections 3.6 and 3.10.7.4: its FIN waits on the retransmission queue like data, takes
 * one number, and the connection is in TIME-WAIT when both FINs are acknowledged.
 */
#include <lastack/case.h>

FAMILY(service_closes, "A service that closes first");

/* The DUT's FIN, alone or behind the last of its data. */
static const struct heard *fin(struct peer *p, int closed, bool lost)
{
	const struct segment want = {.flags = FIN | ACK, .seq = is(peer_rcv_nxt(p)),
		.ack = is(peer_snd_nxt(p)), .since = closed, .when = within(sec(2))};

	return lost ? peer_expect_lost(p, &want) : peer_expect(p, &want);
}

/* Closed by both, the DUT first. */
static struct peer *in_time_wait(struct lab *lab)
{
	struct peer *p = handshaken(lab);

	fin(p, dut_closes(p), false);
	inject(p, FIN | ACK);
	expect(p, ACK, .seq = is(peer_rcv_nxt(p)), .ack = is(peer_snd_nxt(p)), .len = is(0),
	       .when = within(ms(500)));
	return p;
}

CASE(fin_is_sent_again,
     .requirement = RFC9293(EV, RTO),
     .also        = {RFC(6298, 15)},
     .claim       = "a FIN that is not acknowledged is sent again, at the same number",
     .needs       = BLACK_BOX | SERVICE_CLOSE,
     .budget      = sec(8))
{
	struct peer *p = handshaken(lab);
	const struct heard *first;

	first = fin(p, dut_closes(p), true);
	expect_lost(p, FIN | ACK, .seq = is(first->seq), .ack = is(first->ack),
		    .len = is(first->len), .when = between(ms(100), ms(3500)));
	inject(p, ACK, .ack = is(first->seq + first->len + 1));
	expect_silence(p, sec(1));
}

CASE(fin_is_acknowledged_in_fin_wait_2,
     .requirement = RFC9293(EV, FIN_ACK),
     .also        = {RFC9293(EV, FW1_ACK), RFC9293(EV, FW2_FIN)},
     .claim       = "after its FIN was acknowledged the DUT acknowledges the peer's at once, and "
		    "sends nothing more",
     .needs       = BLACK_BOX | SERVICE_CLOSE)
{
	struct peer *p = handshaken(lab);

	fin(p, dut_closes(p), false);
	inject(p, ACK);
	expect_silence(p, ms(500));
	inject(p, FIN | ACK);
	expect(p, ACK, .seq = is(peer_rcv_nxt(p)), .ack = is(peer_snd_nxt(p)), .len = is(0),
	       .when = within(ms(500)));
	expect_silence(p, ms(500));
}

CASE(repeated_fin_is_acknowledged_in_time_wait,
     .requirement = RFC9293(EV, TW_FIN),
     .claim       = "the peer's FIN again is acknowledged again in TIME-WAIT",
     .needs       = BLACK_BOX | SERVICE_CLOSE)
{
	struct peer *p = in_time_wait(lab);

	for (int i = 0; i < 2; i++) {
		inject(p, FIN | ACK, .seq = is(peer_snd_nxt(p) - 1));
		expect(p, ACK, .seq = is(peer_rcv_nxt(p)), .ack = is(peer_snd_nxt(p)),
		       .len = is(0), .when = within(sec(1)));
	}
}
