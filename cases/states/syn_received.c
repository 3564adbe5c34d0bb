/*
 * What comes in SYN-RECEIVED instead of the third segment.
 *
 * RFC 9293 section 3.10.7.4: the sequence number is checked first, then RST, SYN, ACK. A half-open
 * connection is the easiest to disturb, since everybody sees what it looks like: its window is
 * known, and its numbers are one guess. So a RST counts at RCV.NXT only (RFC 5961 section 3.2).
 * Elsewhere in the window it must be answered by a challenge ACK, and the entry must survive.
 * Kernels without the fix of CVE-2026-68118 drop it, so that the client's handshake ends in a RST.
 * Measured: 5.10.46, 6.1.176 and 6.12.101 drop it without a word; 6.18 and 7.2 answer.
 *
 * For Linux the first number right of the window is in it (see window_edge), so that the kernels
 * with the fix answer a RST there, and those without drop the entry. And a RST that ends an active
 * open is ECONNRESET there, since tcp_reset() does not know who opened.
 *
 * A SYN-ACK comes again after a second; every case is over by then.
 */
#include <errno.h>
#include <lastack/case.h>

FAMILY(syn_received, "What comes in SYN-RECEIVED");

struct event {
	const char *name;
	unsigned flags;
	enum window_place place;
	uint32_t ack;
	size_t len;
};

static struct bytes payload(const struct event *row)
{
	return row->len ? pattern(row->len) : (struct bytes){NULL, 0};
}

static void expect_ack(struct peer *p)
{
	expect(p, ACK, .seq = is(1), .ack = is(1), .len = is(0), .when = within(ms(500)));
}

/* The half-open entry is there, and the third segment completes the handshake. */
static void survives(struct peer *p)
{
	dut_expect_state(p, SYN_RECEIVED);
	dut_expect_no_accept(p);
	inject(p, ACK, .seq = is(1), .ack = is(1));
	dut_expect_state(p, ESTABLISHED);
	dut_accept(p);
	inject(p, ACK | PSH, .seq = is(1), .ack = is(1), .data = pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(100));
	dut_expect_nothing_to_read(p);
}

/* The listener has forgotten it, and has told nobody: the next handshake is a new one. */
static void back_to_listen(struct peer *p)
{
	dut_expect_state(p, CLOSED);
	dut_expect_no_accept(p);
	/* With data, which a connection would acknowledge. */
	inject(p, ACK | PSH, .seq = is(1), .ack = is(1), .data = pattern(10));
	premise_listener_resets(p, .seq = is(1), .len = is(0), .when = within(ms(500)));
}

CASE(rst_at_rcv_nxt_goes_back_to_listen,
     .requirement = RFC9293(EV, SYNRCVD_RST_PASSIVE),
     .also        = {RFC9293(EV, RST_EXACT), RFC(5961, 2)},
     .claim       = "a RST at RCV.NXT ends a half-open connection; it is not answered, the user "
		    "is not told, and the listener goes on",
     .needs       = BLACK_BOX)
{
	struct peer *p = reach(lab, SYN_RECEIVED);

	inject(p, RST, .seq = is(peer_place(p, LEFT_EDGE)));
	dut_expect_state(p, CLOSED);
	expect_silence(p, ms(300));
	back_to_listen(p);
	dut_expect_listening(lab);
}

static const struct event challenged[] = {
	{"by_one", RST, IN_WINDOW, 0, 0},
	{"right_edge", RST, RIGHT_EDGE, 0, 0},
	{"with_ack", RST | ACK, IN_WINDOW, 1, 0},
};

CASE_EACH(rst_in_the_window_is_challenged, struct event, challenged,
	  .requirement = RFC9293(EV, RST_INWIN),
	  .also        = {RFC(5961, 1), RFC(5961, 3), RFC(5961, 4)},
	  .claim       = "a RST in the window that is not at RCV.NXT gets a challenge ACK, and "
			 "the half-open connection survives it",
	  .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = reach(lab, SYN_RECEIVED);

	inject(p, row->flags, .seq = is(peer_place(p, row->place)), .ack = is(row->ack));
	expect_ack(p);
	expect_silence(p, ms(300));
	survives(p);
}

static const struct event dropped[] = {
	{"left", RST, LEFT_OF_WINDOW, 0, 0},
	{"right", RST, RIGHT_OF_WINDOW, 0, 0},
	{"far_right", RST, FAR_RIGHT, 0, 0},
};

CASE_EACH(rst_outside_is_dropped, struct event, dropped,
	  .requirement = RFC9293(EV, RST_OOW),
	  .also        = {RFC(5961, 1), RFC(5961, 5)},
	  .claim       = "a RST outside of the window is dropped without a word, and the "
			 "half-open connection survives it",
	  .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = reach(lab, SYN_RECEIVED);

	inject(p, row->flags, .seq = is(peer_place(p, row->place)));
	expect_silence(p, ms(300));
	survives(p);
}

static const struct event new_syns[] = {
	{"left_edge", SYN, LEFT_EDGE, 0, 0},
	{"right_edge", SYN, RIGHT_EDGE, 0, 0},
};

/* RFC 793 had a RST sent; RFC 9293 does not, nor does it forbid one. */
CASE_EACH(syn_in_the_window_goes_back_to_listen, struct event, new_syns,
	  .requirement = RFC9293(EV, SYNRCVD_SYN_INWIN),
	  .also        = {RFC(1122, 13)},
	  .claim       = "a SYN in the window of a half-open connection ends it, and the listener "
			 "goes on",
	  .needs       = BLACK_BOX)
{
	struct peer *p = reach(lab, SYN_RECEIVED);
	const struct heard *got;

	inject(p, row->flags, .seq = is(peer_place(p, row->place)));
	dut_expect_state(p, CLOSED);
	peer_listen(p, ms(300));
	while ((got = peer_next(p)))
		check(p, got->flags & RST, "flags %#x: only a RST may answer", got->flags);
	back_to_listen(p);
	dut_expect_listening(lab);
}

static const struct event unacceptable[] = {
	{"ack_left", ACK, LEFT_OF_WINDOW, 1, 0},
	{"ack_far_right", ACK, FAR_RIGHT, 1, 0},
	{"data_far_right", ACK | PSH, FAR_RIGHT, 1, 100},
	{"syn_far_right", SYN, FAR_RIGHT, 0, 0},
};

CASE_EACH(outside_gets_an_ack, struct event, unacceptable,
	  .requirement = RFC9293(EV, SEQ_UNACC),
	  .claim       = "a segment outside of the window gets an ACK and completes no handshake, "
			 "whatever it acknowledges",
	  .needs       = BLACK_BOX | SERVICE_QUIET,
	  .filtered    = "data_far_right ack_far_right")
{
	struct peer *p = reach(lab, SYN_RECEIVED);

	inject(p, row->flags, .seq = is(peer_place(p, row->place)), .ack = is(row->ack),
	       .data = payload(row));
	expect_ack(p);
	expect_silence(p, ms(300));
	survives(p);
}

static const struct event bad_acks[] = {
	{"of_the_isn", ACK, LEFT_EDGE, 0, 0},
	{"fin_beyond", FIN | ACK, LEFT_EDGE, 2, 0},
	{"data_fin_beyond", FIN | ACK | PSH, LEFT_EDGE, 2, 100},
};

CASE_EACH(bad_ack_gets_rst, struct event, bad_acks,
	  .requirement = RFC9293(EV, SYNRCVD_BADACK),
	  .claim       = "an ACK of anything but the SYN-ACK gets RST with seq = SEG.ACK, and the "
			 "half-open connection survives it",
	  .needs       = BLACK_BOX | SERVICE_QUIET,
	  .filtered    = "*fin_beyond")
{
	struct peer *p = reach(lab, SYN_RECEIVED);
	const struct window soon = within(ms(500)), late = within(sec(3));
	int sent = inject(p, row->flags, .seq = is(peer_place(p, row->place)), .ack = is(row->ack),
			  .data = payload(row));
	enum { SOON, LATE, SYN_ACK_AGAIN };
	size_t got;

	do
		got = expect_any(p, NULL,
				 either(RST, .seq = is(row->ack), .len = is(0), .when = soon,
					.since = sent),
				 either(RST, .seq = is(row->ack), .len = is(0), .when = late,
					.since = sent),
				 either(SYN | ACK, .seq = is(0), .ack = is(1), .when = late,
					.since = sent));
	while (got == SYN_ACK_AGAIN);
	premise_check(p, RFC9293(EV, RST_SOON), got == SOON, "the RST came later than 500 ms");
	expect_silence(p, ms(300));
	survives(p);
}

static const struct event without_ack[] = {
	{"no_flags", NOFLAGS, LEFT_EDGE, 0, 0},
	{"fin", FIN, LEFT_EDGE, 0, 0},
	{"data_fin", FIN | PSH, LEFT_EDGE, 0, 100},
};

CASE_EACH(without_ack_is_dropped, struct event, without_ack,
	  .requirement = RFC9293(EV, NOACK_DROP),
	  .claim       = "a segment in place without ACK is dropped without a word, and the "
			 "half-open connection survives it",
	  .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = reach(lab, SYN_RECEIVED);

	inject(p, row->flags, .seq = is(peer_place(p, row->place)), .data = payload(row));
	expect_silence(p, ms(300));
	survives(p);
}

/* The same state, and the DUT has called: the user waits in connect(). */
static struct peer *crossed(struct lab *lab)
{
	struct peer *p = reach(lab, SYN_SENT);

	inject(p, SYN);
	expect(p, SYN | ACK, .seq = is(0), .ack = is(1), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, SYN_RECEIVED);
	return p;
}

CASE(rst_after_an_active_open_refuses,
     .requirement = RFC9293(EV, SYNRCVD_RST_ACTIVE),
     .also        = {RFC9293(EV, RST_EXACT), RFC9293(MUST, 11)},
     .claim       = "where SYNs crossed, a RST at RCV.NXT ends connect() with ECONNREFUSED")
{
	struct peer *p = crossed(lab);

	inject(p, RST, .seq = is(1));
	dut_expect_connect_error(p, ECONNREFUSED, within(sec(1)));
	dut_expect_state(p, CLOSED);
	expect_silence(p, ms(300));
}

CASE(rst_elsewhere_after_an_active_open_is_challenged,
     .requirement = RFC9293(EV, RST_INWIN),
     .also        = {RFC(5961, 3), RFC(5961, 4)},
     .claim       = "where SYNs crossed, a RST in the window that is not at RCV.NXT gets a "
		    "challenge ACK, and the connection opens")
{
	struct peer *p = crossed(lab);

	inject(p, RST, .seq = is(peer_place(p, IN_WINDOW)));
	expect_ack(p);
	dut_expect_state(p, SYN_RECEIVED);
	inject(p, ACK, .seq = is(1), .ack = is(1));
	dut_expect_connected(p);
	dut_expect_state(p, ESTABLISHED);
}

CASE(syn_after_an_active_open_is_challenged,
     .requirement = RFC9293(EV, SYN_SYNC),
     .also        = {RFC9293(MUST, 11), RFC(5961, 9), RFC(5961, 10)},
     .claim       = "where SYNs crossed, another SYN in the window gets a challenge ACK, and the "
		    "connection opens",
     .filtered    = "*")
{
	struct peer *p = crossed(lab);

	inject(p, SYN, .seq = is(peer_place(p, IN_WINDOW)));
	expect_ack(p);
	dut_expect_state(p, SYN_RECEIVED);
	inject(p, ACK, .seq = is(1), .ack = is(1));
	dut_expect_connected(p);
	dut_expect_state(p, ESTABLISHED);
}

CASE(bad_ack_after_an_active_open_gets_rst,
     .requirement = RFC9293(EV, SYNRCVD_BADACK),
     .also        = {RFC9293(MUST, 11)},
     .claim       = "where SYNs crossed, an ACK of what was not sent gets RST with seq = SEG.ACK, "
		    "and the connection opens",
     .filtered    = "*")
{
	struct peer *p = crossed(lab);

	inject(p, ACK, .seq = is(1), .ack = is(2));
	expect(p, RST, .seq = is(2), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, SYN_RECEIVED);
	inject(p, ACK, .seq = is(1), .ack = is(1));
	dut_expect_connected(p);
	dut_expect_state(p, ESTABLISHED);
}
