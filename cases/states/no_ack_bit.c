/*
 * Segments without ACK on a connection.
 *
 * RFC 9293 section 3.10.7.4, fifth check: from the SYN-ACK on every segment carries ACK; one in the
 * window that does not is dropped, and neither its data nor its FIN counts. SYN-RECEIVED and
 * SYN-SENT stand among their own cases.
 *
 * Linux does not look for the bit in TIME-WAIT (tcp_timewait_state_process()): a FIN without it
 * gets an ACK. Measured with 5.10, 6.1, 6.12, 6.18 and 7.2.
 */
#include <lastack/case.h>

FAMILY(no_ack_bit, "Segments without ACK on a connection");

struct event {
	const char *name;
	enum state state;
	unsigned flags;
	size_t len;
};

static struct bytes payload(const struct event *row)
{
	return row->len ? pattern(row->len) : (struct bytes){NULL, 0};
}

static const struct event events[] = {
	{"established_no_flags", ESTABLISHED, NOFLAGS, 0},
	{"established_fin", ESTABLISHED, FIN, 0},
	{"established_data_fin", ESTABLISHED, FIN | PSH, 100},
	{"fin_wait_1_data", FIN_WAIT_1, PSH, 100},
	{"fin_wait_1_fin", FIN_WAIT_1, FIN, 0},
	{"fin_wait_2_data_fin", FIN_WAIT_2, FIN | PSH, 100},
	{"fin_wait_2_fin", FIN_WAIT_2, FIN, 0},
	{"close_wait_data", CLOSE_WAIT, PSH, 100},
	{"last_ack_fin", LAST_ACK, FIN, 0},
	{"time_wait_no_flags", TIME_WAIT, NOFLAGS, 0},
	{"time_wait_fin", TIME_WAIT, FIN, 0},
};

CASE_EACH(is_dropped, struct event, events,
	  .requirement = RFC9293(EV, NOACK_DROP),
	  .claim       = "a segment at RCV.NXT without ACK is dropped without a word, with its "
			 "data and its FIN",
	  .needs       = BLACK_BOX | SERVICE_QUIET,
	  .filtered    = "*")
{
	struct peer *p = reach(lab, row->state);

	inject(p, row->flags, .seq = is(peer_place(p, LEFT_EDGE)), .data = payload(row));
	dut_expect_state_until(p, row->state, 0, ms(300));
	expect_silence_until(p, 0, ms(300));
	if (row->state == ESTABLISHED || row->state == FIN_WAIT_1 || row->state == FIN_WAIT_2)
		dut_expect_nothing_to_read(p);
}
