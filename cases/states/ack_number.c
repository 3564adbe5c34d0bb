/*
 * Acknowledgement numbers: old ones, and those of what was never sent.
 *
 * RFC 9293 section 3.10.7.4, fifth check. Beyond SND.NXT: an ACK is sent, and the segment dropped.
 * At or below SND.UNA: a duplicate, which may be ignored, while the rest of the segment counts. RFC
 * 5961 section 5.2 draws a line there (MAY-12): what lies further below than MAX.SND.WND, the
 * largest window that the peer ever had, can be no old duplicate, and is answered and dropped like
 * what lies beyond. Somebody who injects data has to guess that number too, then.
 *
 * Linux up to 6.12 says nothing in ESTABLISHED to an ACK beyond SND.NXT, and answers in the other
 * states; 6.18 and 7.2 answer in all. 5.10 answers an old ACK everywhere but in ESTABLISHED and
 * drops what comes with it, and takes the next data in ESTABLISHED whatever old number it
 * acknowledges.
 */
#include <lastack/case.h>

FAMILY(ack_number, "Acknowledgement numbers, old and of the future");

struct event {
	const char *name;
	enum state state;
	unsigned flags;
	uint32_t distance; /* of SEG.ACK from SND.NXT */
	size_t len;
};

static struct bytes payload(const struct event *row)
{
	return row->len ? pattern_at(100, row->len) : (struct bytes){NULL, 0};
}

static void expect_ack(struct peer *p)
{
	expect(p, ACK, .seq = is(peer_rcv_nxt(p)), .ack = is(peer_snd_nxt(p)), .len = is(0),
	       .when = within(ms(500)));
}

static bool reads(enum state state)
{
	return state == ESTABLISHED || state == FIN_WAIT_1 || state == FIN_WAIT_2;
}

static const struct event beyond[] = {
	{"established_by_one", ESTABLISHED, ACK, 1, 0},
	{"established_far", ESTABLISHED, ACK, 1u << 30, 0},
	{"established_data", ESTABLISHED, ACK | PSH, 1, 100},
	{"established_data_fin", ESTABLISHED, FIN | ACK | PSH, 1, 100},
	{"fin_wait_1", FIN_WAIT_1, ACK, 1, 0},
	{"fin_wait_2_data", FIN_WAIT_2, ACK | PSH, 1, 100},
	{"close_wait", CLOSE_WAIT, ACK, 1, 0},
	{"closing", CLOSING, ACK, 1, 0},
	{"last_ack", LAST_ACK, ACK, 1, 0},
};

CASE_EACH(beyond_snd_nxt_is_answered, struct event, beyond,
	  .requirement = RFC9293(EV, EST_FUTUREACK),
	  .also        = {RFC(5961, 13)},
	  .claim       = "a segment that acknowledges what was never sent gets an ACK, and "
			 "nothing of it counts",
	  .needs       = BLACK_BOX | SERVICE_QUIET,
	  .filtered    = "*")
{
	struct peer *p = reach(lab, row->state);

	inject(p, row->flags, .seq = is(peer_snd_nxt(p)),
	       .ack = is(peer_rcv_nxt(p) + row->distance), .data = payload(row));
	expect_ack(p);
	dut_expect_state_until(p, row->state, 0, ms(300));
	expect_silence_until(p, 0, ms(300));
	if (reads(row->state))
		dut_expect_nothing_to_read(p);
}

/* Nobody asks for the answer. */
static const struct event not_counting[] = {
	{"established_data_fin", ESTABLISHED, FIN | ACK | PSH, 1, 100},
	{"fin_wait_1", FIN_WAIT_1, ACK, 1, 0},
	{"last_ack", LAST_ACK, ACK, 1, 0},
};

CASE_EACH(beyond_snd_nxt_does_not_count, struct event, not_counting,
	  .requirement = RFC9293(EV, EST_FUTUREACK),
	  .claim       = "nothing of a segment counts that acknowledges what was never sent, "
			 "whether it is answered or not",
	  .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = reach(lab, row->state);
	const struct heard *got;

	inject(p, row->flags, .seq = is(peer_snd_nxt(p)),
	       .ack = is(peer_rcv_nxt(p) + row->distance), .data = payload(row));
	dut_expect_state_until(p, row->state, 0, ms(300));
	peer_listen(p, ms(300));
	while ((got = peer_next(p)))
		check(p, got->flags == ACK && got->ack == peer_snd_nxt(p) && !got->len,
		      "flags %#x, ack %u: only an ACK of what was there may answer", got->flags,
		      got->ack);
	if (reads(row->state))
		dut_expect_nothing_to_read(p);
}

/* SND.UNA - 1, which was acknowledged before: 200 bytes and a SYN have been. */
static const struct event old[] = {
	{"established", ESTABLISHED, ACK, 0u - 1, 0},
	{"fin_wait_1", FIN_WAIT_1, ACK, 0u - 2, 0},
	{"close_wait", CLOSE_WAIT, ACK, 0u - 1, 0},
	{"last_ack", LAST_ACK, ACK, 0u - 2, 0},
};

CASE_EACH(old_is_ignored, struct event, old,
	  .requirement = RFC9293(EV, EST_DUPACK),
	  .judged_as   = LEVEL_SHOULD,
	  .claim       = "an ACK of what was acknowledged before changes nothing, and is not "
			 "answered")
{
	struct peer *p = reach(lab, row->state);

	inject(p, row->flags, .seq = is(peer_snd_nxt(p)),
	       .ack = is(peer_rcv_nxt(p) + row->distance));
	dut_expect_state_until(p, row->state, 0, ms(300));
	expect_silence_until(p, 0, ms(300));
}

static const struct event old_with_more[] = {
	{"established_data", ESTABLISHED, ACK | PSH, 0u - 1, 100},
	{"fin_wait_1_data", FIN_WAIT_1, ACK | PSH, 0u - 2, 100},
	{"fin_wait_2_data", FIN_WAIT_2, ACK | PSH, 0u - 2, 100},
};

CASE_EACH(old_does_not_stop_data, struct event, old_with_more,
	  .requirement = RFC9293(EV, SEQ_LW),
	  .also        = {RFC9293(EV, EST_DUPACK), RFC9293(EV, FW2_DATA), RFC(5961, 12)},
	  .claim       = "data that comes with an ACK of what was acknowledged before is taken")
{
	struct peer *p = reach(lab, row->state);

	inject(p, row->flags, .ack = is(peer_rcv_nxt(p) + row->distance), .data = payload(row));
	expect_ack(p);
	dut_expect_read(p, payload(row));
	dut_expect_nothing_to_read(p);
	dut_expect_state(p, row->state);
}

#define WINDOW 1000
#define BYTES 3000

/* The peer's window was never larger than WINDOW, and BYTES were sent: SND.UNA is 3001. */
static struct peer *with_a_small_window(struct lab *lab)
{
	struct peer *p = dial(lab);
	int opened;

	inject(p, SYN, .window = is(WINDOW));
	expect(p, SYN | ACK, .seq = is(0), .ack = is(1), .when = within(ms(500)));
	opened = inject(p, ACK, .window = is(WINDOW));
	dut_accept(p);
	dut_write(p, pattern(BYTES));
	/* Two segments may come for one of ours: each is timed by the handshake. */
	while (peer_rcv_nxt(p) <= BYTES) {
		expect(p, ACK, .seq = is(peer_rcv_nxt(p)), .len = from_to(1, WINDOW),
		       .when = within(sec(1)), .since = opened);
		inject(p, ACK, .window = is(WINDOW));
	}
	dut_expect_state(p, ESTABLISHED);
	return p;
}

static const struct event inside[] = {
	{"at_its_left_edge", ESTABLISHED, ACK | PSH, 0u - WINDOW, 100},
	{"at_snd_nxt", ESTABLISHED, ACK | PSH, 0, 100},
};

CASE_EACH(in_the_range_counts, struct event, inside,
	  .requirement = RFC(5961, 12),
	  .also        = {RFC9293(MAY, 12)},
	  .judged_as   = LEVEL_MUST,
	  .claim       = "data is taken whose ACK lies between SND.UNA - MAX.SND.WND and SND.NXT, "
			 "both included")
{
	struct peer *p = with_a_small_window(lab);

	inject(p, row->flags, .ack = is(peer_rcv_nxt(p) + row->distance), .window = is(WINDOW),
	       .data = payload(row));
	expect_ack(p);
	dut_expect_read(p, payload(row));
}

static const struct event outside[] = {
	{"left_of_it", ESTABLISHED, ACK | PSH, 0u - WINDOW - 1, 100},
	{"far_left_of_it", ESTABLISHED, ACK | PSH, 3u << 30, 100},
};

CASE_EACH(below_the_range_is_answered, struct event, outside,
	  .requirement = RFC(5961, 13),
	  .also        = {RFC9293(MAY, 12)},
	  .claim       = "data whose ACK lies below SND.UNA - MAX.SND.WND is dropped, and gets an "
			 "ACK")
{
	struct peer *p = with_a_small_window(lab);

	inject(p, row->flags, .seq = is(1), .ack = is(peer_rcv_nxt(p) + row->distance),
	       .window = is(WINDOW), .data = payload(row));
	expect_ack(p);
	expect_silence(p, ms(300));
	dut_expect_nothing_to_read(p);
	dut_expect_state(p, ESTABLISHED);
}
