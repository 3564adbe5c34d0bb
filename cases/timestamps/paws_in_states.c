/*
 * Older timestamps in each state of a connection.
 *
 * RFC 7323 section 5.3 puts the test before all others in each state that is synchronized: what
 * would move the state on is dropped and answered by an ACK, and the state stays. In SYN-RECEIVED
 * the peer's SYN has set TS.Recent already, so an older third segment opens nothing.
 *
 * The peer's clock stood at T0 in its SYN and stands at NOW; old segments come from T0 - 1000.
 */
#include <lastack/case.h>

FAMILY(paws_in_states, "Older timestamps in each state");

#define T0 100000u
#define NOW 200000u
#define OLD (T0 - 1000)
#define STAMP(tsval) {opt_nop(), opt_nop(), opt_timestamps((tsval), 0)}

static struct peer *half_open(struct lab *lab)
{
	struct peer *p = dial(lab);

	inject(p, SYN, .options = {opt_mss(1440), opt_nop(), opt_nop(), opt_timestamps(T0, 0)});
	expect(p, SYN | ACK, .ack = is(1), .tsecr = is(T0), .when = within(ms(500)));
	dut_expect_state(p, SYN_RECEIVED);
	return p;
}

static struct peer *established(struct lab *lab)
{
	struct peer *p = half_open(lab);

	inject(p, ACK, .options = STAMP(NOW));
	dut_accept(p);
	return p;
}

static void fin_wait_1(struct peer *p)
{
	dut_shutdown(p);
	expect(p, FIN | ACK, .seq = is(1), .ack = is(1), .tsecr = is(NOW), .when = within(ms(500)));
}

static void fin_wait_2(struct peer *p)
{
	fin_wait_1(p);
	inject(p, ACK, .options = STAMP(NOW));
	dut_expect_state(p, FIN_WAIT_2);
}

static void orphan_fin_wait_2(struct peer *p)
{
	fin_wait_2(p);
	dut_close(p);
}

static void close_wait(struct peer *p)
{
	inject(p, FIN | ACK, .options = STAMP(NOW));
	expect(p, ACK, .seq = is(1), .ack = is(2), .len = is(0), .tsecr = is(NOW),
	       .when = within(ms(500)));
}

static void closing(struct peer *p)
{
	fin_wait_1(p);
	inject(p, FIN | ACK, .ack = is(1), .options = STAMP(NOW));
	expect(p, ACK, .seq = is(2), .ack = is(2), .len = is(0), .tsecr = is(NOW),
	       .when = within(ms(500)));
}

static void last_ack(struct peer *p)
{
	close_wait(p);
	dut_close(p);
	expect(p, FIN | ACK, .seq = is(1), .ack = is(2), .tsecr = is(NOW), .when = within(ms(500)));
}

static void time_wait(struct peer *p)
{
	fin_wait_2(p);
	inject(p, FIN | ACK, .options = STAMP(NOW));
	expect(p, ACK, .seq = is(2), .ack = is(2), .len = is(0), .tsecr = is(NOW),
	       .when = within(ms(500)));
}

/*
 * A state, and the segment that would move it on if it were not old; then the numbers of the ACK
 * that it gets, and the state that the same segment leads to when it is of now.
 */
struct event {
	const char *name;
	void (*enter)(struct peer *p);
	enum state state;
	unsigned flags;
	uint32_t seq, ack;
	size_t len;
	uint32_t snd_nxt, rcv_nxt;
	enum state then;
};

static const struct event events[] = {
	{"fin_wait_1_ack_of_fin", fin_wait_1, FIN_WAIT_1, ACK, 1, 2, 0, 2, 1, FIN_WAIT_2},
	{"fin_wait_1_fin", fin_wait_1, FIN_WAIT_1, FIN | ACK, 1, 1, 0, 2, 1, CLOSING},
	{"fin_wait_1_fin_and_ack", fin_wait_1, FIN_WAIT_1, FIN | ACK, 1, 2, 0, 2, 1, TIME_WAIT},
	{"fin_wait_1_data", fin_wait_1, FIN_WAIT_1, ACK | PSH, 1, 1, 100, 2, 1, FIN_WAIT_1},
	{"fin_wait_2_fin", fin_wait_2, FIN_WAIT_2, FIN | ACK, 1, 2, 0, 2, 1, TIME_WAIT},
	{"fin_wait_2_data", fin_wait_2, FIN_WAIT_2, ACK | PSH, 1, 2, 100, 2, 1, FIN_WAIT_2},
	{"fin_wait_2_fin_after_close", orphan_fin_wait_2, FIN_WAIT_2, FIN | ACK, 1, 2, 0, 2, 1,
	 TIME_WAIT},
	{"close_wait_fin", close_wait, CLOSE_WAIT, FIN | ACK, 1, 1, 0, 1, 2, CLOSE_WAIT},
	{"closing_ack_of_fin", closing, CLOSING, ACK, 2, 2, 0, 2, 2, TIME_WAIT},
	{"last_ack_ack_of_fin", last_ack, LAST_ACK, ACK, 2, 2, 0, 2, 2, CLOSED},
	{"time_wait_fin", time_wait, TIME_WAIT, FIN | ACK, 1, 2, 0, 2, 2, TIME_WAIT},
	{"time_wait_data", time_wait, TIME_WAIT, ACK | PSH, 1, 2, 100, 2, 2, TIME_WAIT},
};

static void inject_event(struct peer *p, const struct event *event, uint32_t tsval)
{
	inject(p, event->flags, .seq = is(event->seq), .ack = is(event->ack),
	       .options = STAMP(tsval),
	       .data = event->len ? pattern(event->len) : (struct bytes){NULL, 0});
}

CASE_EACH(older_is_dropped_and_answered, struct event, events,
	  .requirement = RFC(7323, 38),
	  .also        = {RFC(7323, 37), RFC(7323, 33)},
	  .claim       = "what would move the state on is dropped when its timestamp is older, and "
			 "answered by an ACK; of now, it moves the state on")
{
	struct peer *p = established(lab);

	row->enter(p);
	dut_expect_state(p, row->state);
	inject_event(p, row, OLD);
	expect(p, ACK, .seq = is(row->snd_nxt), .ack = is(row->rcv_nxt), .len = is(0),
	       .tsecr = is(NOW), .when = within(ms(150)));
	dut_expect_state(p, row->state);
	inject_event(p, row, NOW);
	dut_expect_state(p, row->then);
}

CASE(third_segment,
     .requirement = RFC(7323, 45),
     .claim       = "a third segment with an older timestamp than the SYN's is answered by an ACK "
		    "and opens nothing; one of now opens the connection",
     .needs       = BLACK_BOX | AGREES_TO_TIMESTAMPS | SERVICE_QUIET)
{
	struct peer *p = half_open(lab);

	inject(p, ACK, .options = STAMP(OLD));
	expect(p, ACK, .seq = is(1), .ack = is(1), .len = is(0), .tsecr = is(T0),
	       .when = within(ms(500)));
	dut_expect_state(p, SYN_RECEIVED);
	dut_expect_no_accept(p);
	inject(p, ACK, .options = STAMP(NOW));
	dut_expect_state(p, ESTABLISHED);
	dut_accept(p);
}

CASE(data_in_syn_received,
     .requirement = RFC(7323, 45),
     .claim       = "data with an older timestamp than the SYN's does not complete the handshake, "
		    "and is not delivered",
     .needs       = BLACK_BOX | AGREES_TO_TIMESTAMPS | SERVICE_QUIET)
{
	struct peer *p = half_open(lab);

	inject(p, ACK | PSH, .seq = is(1), .data = text("from another time"),
	       .options = STAMP(OLD));
	expect(p, ACK, .seq = is(1), .ack = is(1), .len = is(0), .tsecr = is(T0),
	       .when = within(ms(500)));
	dut_expect_state(p, SYN_RECEIVED);
	inject(p, ACK | PSH, .data = pattern(100), .options = STAMP(NOW));
	expect(p, ACK, .seq = is(1), .ack = is(101), .len = is(0), .tsecr = is(NOW),
	       .when = within(ms(500)));
	dut_accept(p);
	dut_expect_read(p, pattern(100));
	dut_expect_nothing_to_read(p);
}
