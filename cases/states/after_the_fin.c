/*
 * What comes behind the peer's FIN.
 *
 * RFC 9293 section 3.10.7.4: nothing can. A FIN that comes again leaves CLOSE-WAIT, CLOSING and
 * LAST-ACK as they are (eighth check), and data is ignored there (seventh check): not delivered,
 * not acknowledged as taken, and no reason to reset. TIME-WAIT stands among its own cases.
 */
#include <lastack/case.h>

FAMILY(after_the_fin, "What comes behind the peer's FIN");

struct event {
	const char *name;
	enum state state;
	unsigned flags;
	uint32_t back; /* to the left of RCV.NXT */
	size_t len;
};

/* The DUT's FIN, if there is one, is not acknowledged by what comes. */
static uint32_t una(struct peer *p, enum state state)
{
	return peer_rcv_nxt(p) - (state == CLOSING || state == LAST_ACK);
}

/* Nothing has changed, and nothing was said but that. */
static void unchanged(struct peer *p, enum state state)
{
	const struct heard *got;

	dut_expect_state_until(p, state, 0, ms(300));
	peer_listen(p, ms(300));
	while ((got = peer_next(p)))
		check(p, got->flags == ACK && got->seq == peer_rcv_nxt(p) &&
			      got->ack == peer_snd_nxt(p) && !got->len,
		      "flags %#x, seq %u, ack %u: only an ACK of what was there may answer",
		      got->flags, got->seq, got->ack);
	dut_expect_eof(p);
}

static const struct event texts[] = {
	{"close_wait", CLOSE_WAIT, ACK | PSH, 0, 100},
	{"close_wait_with_fin", CLOSE_WAIT, FIN | ACK | PSH, 0, 100},
	{"closing", CLOSING, ACK | PSH, 0, 100},
	{"last_ack", LAST_ACK, ACK | PSH, 0, 100},
};

CASE_EACH(data_is_ignored, struct event, texts,
	  .requirement = RFC9293(EV, TW_TEXT),
	  .claim       = "data behind the peer's FIN is neither delivered nor acknowledged as "
			 "taken, and changes nothing")
{
	struct peer *p = reach(lab, row->state);

	inject(p, row->flags, .seq = is(peer_snd_nxt(p) - row->back),
	       .ack = is(una(p, row->state)), .data = pattern(row->len));
	unchanged(p, row->state);
}

static const struct event overlaps[] = {
	{"close_wait", CLOSE_WAIT, ACK | PSH, 50, 100},
	{"closing", CLOSING, ACK | PSH, 50, 100},
	{"last_ack", LAST_ACK, ACK | PSH, 50, 100},
	{"time_wait", TIME_WAIT, ACK | PSH, 50, 100},
};

/*
 * Linux takes it for data that nobody will read, and resets with <SEQ=SEG.ACK> in CLOSE-WAIT,
 * CLOSING and LAST-ACK (tcp_rcv_state_process(); measured with 5.10, 6.1, 6.12, 6.18 and 7.2). So
 * an old duplicate that a middlebox has put together otherwise ends the connection, and whoever
 * forges one needs no number exactly: any that is left of RCV.NXT by less than its length will do.
 */
CASE_EACH(data_across_it_is_ignored, struct event, overlaps,
	  .requirement = RFC9293(EV, TW_TEXT),
	  .claim       = "old data that goes on beyond the peer's FIN is neither delivered nor "
			 "acknowledged as taken, and changes nothing")
{
	struct peer *p = reach(lab, row->state);

	inject(p, row->flags, .seq = is(peer_snd_nxt(p) - row->back),
	       .ack = is(una(p, row->state)), .data = pattern(row->len));
	unchanged(p, row->state);
}

static const struct event fins[] = {
	{"closing", CLOSING, FIN | ACK, 1, 0},
	{"last_ack", LAST_ACK, FIN | ACK, 1, 0},
	{"last_ack_with_data", LAST_ACK, FIN | ACK | PSH, 51, 50},
};

CASE_EACH(repeated_fin_is_acknowledged, struct event, fins,
	  .requirement = RFC9293(EV, FIN_DUP),
	  .also        = {RFC9293(EV, SEQ_UNACC)},
	  .claim       = "the peer's FIN again is acknowledged again, and changes nothing",
	  .needs       = BLACK_BOX | SERVICE_HOLDS)
{
	struct peer *p = reach(lab, row->state);

	inject(p, row->flags, .seq = is(peer_snd_nxt(p) - row->back),
	       .ack = is(una(p, row->state)),
	       .data = row->len ? pattern_at(50, row->len) : (struct bytes){NULL, 0});
	dut_expect_state_until(p, row->state, 0, ms(300));
	premise(p, RFC9293(EV, SEQ_UNACC),
		either(ACK, .seq = is(peer_rcv_nxt(p)), .ack = is(peer_snd_nxt(p)), .len = is(0),
		       .when = within(ms(500))),
		NOTHING);
	unchanged(p, row->state);
}

static const struct event second_fins[] = {
	{"close_wait", CLOSE_WAIT, FIN | ACK, 0, 0},
	{"last_ack", LAST_ACK, FIN | ACK, 0, 0},
};

CASE_EACH(second_fin_changes_nothing, struct event, second_fins,
	  .requirement = RFC9293(EV, FIN_DUP),
	  .claim       = "a second FIN, one number behind the first, changes nothing")
{
	struct peer *p = reach(lab, row->state);

	inject(p, row->flags, .seq = is(peer_snd_nxt(p) - row->back),
	       .ack = is(una(p, row->state)));
	unchanged(p, row->state);
}
