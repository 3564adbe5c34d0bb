/*
 * Segments outside of the window.
 *
 * RFC 9293 section 3.10.7.4, first check: one that is not acceptable, and is no RST, is answered by
 * an ACK of what is expected, and dropped; neither its acknowledgement nor its data nor its FIN
 * counts. So an old duplicate does no harm, and a peer that is wrong is told where the DUT is. What
 * is acceptable is judged in window_edge.
 *
 * Each of these acknowledges all that the DUT sent, its FIN for one, so that the state would move
 * if it were taken.
 */
#include <lastack/case.h>

FAMILY(outside_window, "Segments outside of the window");

struct event {
	const char *name;
	enum state state;
	unsigned flags;
	enum window_place place;
	size_t len;
};

static struct bytes payload(const struct event *row)
{
	return row->len ? pattern(row->len) : (struct bytes){NULL, 0};
}

static const struct event events[] = {
	{"established_ack_left", ESTABLISHED, ACK, LEFT_OF_WINDOW, 0},
	{"established_ack_far_right", ESTABLISHED, ACK, FAR_RIGHT, 0},
	{"established_data_left", ESTABLISHED, ACK | PSH, LEFT_OF_WINDOW, 50},
	{"established_data_far_right", ESTABLISHED, ACK | PSH, FAR_RIGHT, 50},
	{"established_fin_left", ESTABLISHED, FIN | ACK, LEFT_OF_WINDOW, 0},
	{"established_fin_far_right", ESTABLISHED, FIN | ACK, FAR_RIGHT, 0},
	{"established_data_fin_left", ESTABLISHED, FIN | ACK | PSH, LEFT_OF_WINDOW, 50},
	{"established_data_fin_far_right", ESTABLISHED, FIN | ACK | PSH, FAR_RIGHT, 50},
	{"fin_wait_1_data_fin_far_right", FIN_WAIT_1, FIN | ACK | PSH, FAR_RIGHT, 50},
	{"fin_wait_2_fin_left", FIN_WAIT_2, FIN | ACK, LEFT_OF_WINDOW, 0},
	{"fin_wait_2_data_left", FIN_WAIT_2, ACK | PSH, LEFT_OF_WINDOW, 50},
	{"fin_wait_2_data_fin_far_right", FIN_WAIT_2, FIN | ACK | PSH, FAR_RIGHT, 50},
	{"close_wait_ack_left", CLOSE_WAIT, ACK, LEFT_OF_WINDOW, 0},
	{"close_wait_fin_far_right", CLOSE_WAIT, FIN | ACK, FAR_RIGHT, 0},
	{"closing_fin_far_right", CLOSING, FIN | ACK, FAR_RIGHT, 0},
	{"last_ack_data_left", LAST_ACK, ACK | PSH, LEFT_OF_WINDOW, 50},
	{"last_ack_fin_far_right", LAST_ACK, FIN | ACK, FAR_RIGHT, 0},
	{"time_wait_data_far_right", TIME_WAIT, ACK | PSH, FAR_RIGHT, 50},
	{"time_wait_data_fin_far_right", TIME_WAIT, FIN | ACK | PSH, FAR_RIGHT, 50},
};

/* What lies to the left ends there, one number before RCV.NXT. */
CASE_EACH(is_acknowledged_and_dropped, struct event, events,
	  .requirement = RFC9293(EV, SEQ_UNACC),
	  .claim       = "a segment outside of the window gets an ACK of what is expected, and "
			 "nothing of it counts",
	  .needs       = BLACK_BOX | SERVICE_QUIET,
	  .filtered    = "*_far_right")
{
	struct peer *p = reach(lab, row->state);
	uint32_t length = (uint32_t)row->len + !!(row->flags & FIN);
	uint32_t back = row->place == LEFT_OF_WINDOW ? length : 0;

	inject(p, row->flags, .seq = is(peer_place(p, row->place) - back), .data = payload(row));
	expect(p, ACK, .seq = is(peer_rcv_nxt(p)), .ack = is(peer_snd_nxt(p)), .len = is(0),
	       .when = within(ms(500)));
	dut_expect_state_until(p, row->state, 0, ms(300));
	expect_silence_until(p, 0, ms(300));
	if (row->state == ESTABLISHED || row->state == FIN_WAIT_1 || row->state == FIN_WAIT_2)
		dut_expect_nothing_to_read(p);
}
