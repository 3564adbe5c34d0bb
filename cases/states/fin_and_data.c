/*
 * FIN with data, before data, and behind a hole, in the states that still take it.
 *
 * RFC 9293 section 3.10.7.4, seventh and eighth check: the data of a segment is before its FIN, and
 * neither counts before all that precedes it is there. Which state follows depends on whether the
 * DUT's own FIN is acknowledged by then.
 */
#include <lastack/case.h>

FAMILY(fin_and_data, "FIN with data, and behind a hole");

struct event {
	const char *name;
	enum state state, becomes;
	bool acks; /* the DUT's FIN, if it has sent one */
	uint32_t old; /* bytes that were received before */
};

static uint32_t acknowledges(struct peer *p, const struct event *row)
{
	return peer_rcv_nxt(p) - !row->acks;
}

static void expect_ack(struct peer *p, uint32_t ack)
{
	expect(p, ACK, .seq = is(peer_rcv_nxt(p)), .ack = is(ack), .len = is(0),
	       .when = within(ms(500)));
}

static const struct event together[] = {
	{"established_across_old_data", ESTABLISHED, CLOSE_WAIT, true, 50},
	{"fin_wait_1", FIN_WAIT_1, CLOSING, false, 0},
	{"fin_wait_1_acknowledging", FIN_WAIT_1, TIME_WAIT, true, 0},
	{"fin_wait_2_across_old_data", FIN_WAIT_2, TIME_WAIT, true, 50},
};

CASE_EACH(data_comes_first, struct event, together,
	  .requirement = RFC9293(EV, FIN_ACK),
	  .also        = {RFC9293(EV, FW1_FIN), RFC9293(EV, FW1_FINACK), RFC9293(EV, FW2_FIN),
			  RFC9293(EV, FW2_DATA)},
	  .claim       = "of a segment with data and FIN both are acknowledged, the new data is "
			 "delivered and then the end, and the state moves on",
	  .needs       = BLACK_BOX | SERVICE_HOLDS)
{
	struct peer *p = reach(lab, row->state);

	inject(p, FIN | ACK | PSH, .seq = is(101 - row->old), .ack = is(acknowledges(p, row)),
	       .data = pattern_at(100 - row->old, 100));
	expect_ack(p, 202 - row->old);
	dut_expect_state(p, row->becomes);
	dut_expect_read(p, pattern_at(100, 100 - row->old));
	dut_expect_eof(p);
}

static const struct event waiting[] = {
	{"established", ESTABLISHED, CLOSE_WAIT, true, 0},
	{"fin_wait_1", FIN_WAIT_1, CLOSING, false, 0},
};

CASE_EACH(fin_waits_for_the_hole, struct event, waiting,
	  .requirement = RFC9293(EV, FIN_OOO),
	  .also        = {RFC9293(EV, FW1_FIN), RFC9293(SHLD, 31), RFC(5681, 11)},
	  .claim       = "a FIN beyond a hole changes nothing before the hole is filled",
	  .needs       = BLACK_BOX | SERVICE_HOLDS)
{
	struct peer *p = reach(lab, row->state);

	inject(p, FIN | ACK | PSH, .seq = is(151), .ack = is(acknowledges(p, row)),
	       .data = pattern_at(150, 50));
	premise(p, RFC(5681, 11),
		either(ACK, .seq = is(peer_rcv_nxt(p)), .ack = is(101), .len = is(0),
		       .when = within(ms(500))),
		NOTHING);
	dut_expect_state(p, row->state);
	dut_expect_nothing_to_read(p);
	inject(p, ACK | PSH, .seq = is(101), .ack = is(acknowledges(p, row)),
	       .data = pattern_at(100, 50));
	premise(p, RFC9293(SHLD, 31),
		either(ACK, .seq = is(peer_rcv_nxt(p)), .ack = is(202), .len = is(0),
		       .when = within(ms(500))),
		either(ACK, .seq = is(peer_rcv_nxt(p)), .ack = is(151), .len = is(0),
		       .when = within(ms(500))));
	dut_expect_state(p, row->becomes);
	dut_expect_read(p, pattern_at(100, 100));
	dut_expect_eof(p);
}

CASE(data_crosses_the_fin,
     .requirement = RFC9293(EV, FW2_DATA),
     .also        = {RFC9293(EV, FW1_ACK)},
     .claim       = "data that crosses the DUT's FIN is taken and delivered, and FIN-WAIT-1 goes "
		    "on")
{
	struct peer *p = reach(lab, FIN_WAIT_1);

	inject(p, ACK | PSH, .ack = is(peer_rcv_nxt(p) - 1), .data = pattern_at(100, 100));
	expect_ack(p, 201);
	dut_expect_state(p, FIN_WAIT_1);
	dut_expect_read(p, pattern_at(100, 100));
	dut_expect_nothing_to_read(p);
}
