/*
 * A connection in a state that the case names, by a real exchange.
 */
#include "lab/inside.h"

#define ANSWER_WITHIN within(ms(500))
/*
 * The DUT's first round trip. RFC 6298 2.2 makes three times as much its timeout, so that a FIN
 * that stays unacknowledged leaves time to look at what else the DUT does.
 */
#define SLOW_TRIP ms(500)

static void must_hear(struct peer *p, unsigned flags)
{
	peer_expect(p, &(struct segment){.flags = flags, .seq = is(peer_rcv_nxt(p)),
		.ack = is(peer_snd_nxt(p)), .len = is(0), .when = ANSWER_WITHIN});
}

static struct peer *reach_syn_sent(struct lab *lab)
{
	struct peer *p = lab_answer(lab, &(struct dialing){.port = 0});

	(dut_connect)(p);
	peer_expect(p, &(struct segment){.flags = SYN, .seq = is(0), .len = is(0),
		.when = ANSWER_WITHIN});
	return p;
}

static struct peer *reach_syn_received(struct lab *lab)
{
	struct peer *p = lab_dial(lab, &(struct dialing){.port = 0});

	peer_inject(p, &(struct segment){.flags = SYN});
	peer_expect(p, &(struct segment){.flags = SYN | ACK, .seq = is(0), .ack = is(1),
		.len = is(0), .when = ANSWER_WITHIN});
	return p;
}

/* 100 bytes in and 200 out, so that no two numbers are alike. */
static struct peer *reach_established(struct lab *lab, bool slowly)
{
	struct peer *p = reach_syn_received(lab);
	struct dut_info info = {.rtt = 1};

	if (slowly)
		(peer_wait_until)(p, 0, SLOW_TRIP);
	peer_inject(p, &(struct segment){.flags = ACK});
	(dut_accept)(p);
	if (slowly && !lab_blind(lab))
		info = (dut_info)(p);
	if (!info.rtt && info.rto < 2 * SLOW_TRIP)
		exchange_end(lab->exchange, VERDICT_SKIP,
			     "the DUT has measured no round trip of the handshake");
	peer_inject(p, &(struct segment){.flags = ACK | PSH, .data = pattern(100)});
	must_hear(p, ACK);
	(dut_expect_read)(p, pattern(100));
	/* What listens at a target may take data in silence. */
	if (lab_blind(lab))
		return p;
	(dut_write)(p, pattern(200));
	peer_expect(p, &(struct segment){.flags = ACK, .seq = is(1), .ack = is(101),
		.data = pattern(200), .when = ANSWER_WITHIN});
	/* A DUT that has not measured the handshake measures this. */
	if (slowly && !info.rtt)
		(peer_wait_until)(p, 0, SLOW_TRIP);
	peer_inject(p, &(struct segment){.flags = ACK});
	return p;
}

/* The DUT's FIN comes, and is not acknowledged. */
static void shut_down(struct peer *p)
{
	(dut_shutdown)(p);
	must_hear(p, FIN | ACK);
}

/* The peer's FIN comes, acknowledges all before this number, and is acknowledged. */
static void peer_closes(struct peer *p, uint32_t ack)
{
	peer_inject(p, &(struct segment){.flags = FIN | ACK, .ack = is(ack)});
	must_hear(p, ACK);
}

/* What listens at a target may close as soon as we do. */
static void must_hold(struct lab *lab)
{
	if (lab_blind(lab) && lab->config.target->service != LAB_SILENT)
		exchange_end(lab->exchange, VERDICT_SKIP,
			     "needs a service that never speaks or closes (--service silent)");
}

/* From ESTABLISHED on. */
static void reach_close(struct peer *p, enum state state)
{
	const uint32_t fin = peer_rcv_nxt(p);
	struct lab *lab = lab_of(p);

	if (state == LAST_ACK && lab_blind(lab) && lab->config.target->service == LAB_DISCARD) {
		peer_inject(p, &(struct segment){.flags = FIN | ACK});
		(dut_closes_after)(p);
		must_hear(p, FIN | ACK);
		return;
	}
	if (state != ESTABLISHED)
		must_hold(lab);
	if (state == CLOSE_WAIT || state == LAST_ACK)
		peer_closes(p, fin);
	if (state != CLOSE_WAIT && state != ESTABLISHED)
		shut_down(p);
	if (state == CLOSING)
		peer_closes(p, fin);
	if (state == FIN_WAIT_2 || state == TIME_WAIT) {
		peer_inject(p, &(struct segment){.flags = ACK});
		(dut_expect_state)(p, FIN_WAIT_2);
	}
	if (state == TIME_WAIT)
		peer_closes(p, fin + 1);
}

struct peer *(reach)(struct lab *lab, enum state state)
{
	struct peer *p;

	switch (state) {
	case CLOSED:
		p = (dial_closed)(lab);
		break;
	case LISTEN:
		p = lab_dial(lab, &(struct dialing){.port = 0});
		(dut_expect_listening)(lab);
		return p;
	case SYN_SENT:
		p = reach_syn_sent(lab);
		break;
	case SYN_RECEIVED:
		p = reach_syn_received(lab);
		break;
	case STATE_NONE:
		exchange_end(lab->exchange, VERDICT_ERROR, "no such state can be reached");
	default:
		p = reach_established(lab, state == FIN_WAIT_1 || state == CLOSING ||
					   state == LAST_ACK);
		reach_close(p, state);
	}
	(dut_expect_state)(p, state);
	return p;
}
