/*
 * What comes in SYN-SENT that is no SYN-ACK of the DUT's SYN.
 *
 * RFC 9293 section 3.10.7.3. There is no window yet, so that no sequence number is judged: all
 * hangs on the acknowledgement, which must be of the SYN. What has a wrong one gets a RST, unless
 * it is a RST itself; a RST counts only with a right one, since anybody may send it (RFC 5961
 * section 3.2 rests on that); and what is neither SYN nor RST is dropped, whatever it acknowledges.
 *
 * When its SYN comes again is the DUT's own affair here: Linux sends it 10 ms after a wrong
 * acknowledgement.
 */
#include <errno.h>
#include <lastack/case.h>

FAMILY(syn_sent, "What comes in SYN-SENT");

struct event {
	const char *name;
	unsigned flags;
	uint32_t ack;
	size_t len;
};

static struct bytes payload(const struct event *row)
{
	return row->len ? pattern(row->len) : (struct bytes){NULL, 0};
}

/* For this long nothing comes but the SYN again, and connect() still waits. */
static void goes_on(struct peer *p)
{
	const struct heard *got;

	peer_listen(p, ms(300));
	while ((got = peer_next(p)))
		check(p, (got->flags & ~ECN_FLAGS) == SYN && got->seq == 0 && !got->len,
		      "flags %#x, seq %u, %u bytes: only the SYN may come", got->flags, got->seq,
		      got->len);
	dut_expect_state(p, SYN_SENT);
}

static void opens(struct peer *p)
{
	/* The SYN may be under way again; what came by now is past. */
	peer_forget(p);
	inject(p, SYN | ACK, .seq = is(0), .ack = is(1));
	if (expect_any(p, NULL,
		       either(ACK, .seq = is(1), .ack = is(1), .len = is(0),
			      .when = within(ms(500))),
		       either(SYN, .seq = is(0), .when = within(ms(500)))) == 1)
		expect(p, ACK, .seq = is(1), .ack = is(1), .len = is(0), .when = within(ms(500)));
	dut_expect_connected(p);
	dut_expect_state(p, ESTABLISHED);
}

static const struct event bad_acks[] = {
	{"ack_of_the_isn", ACK, 0, 0},
	{"ack_beyond", ACK, 2, 0},
	{"syn_ack_of_the_isn", SYN | ACK, 0, 0},
	{"fin_ack_beyond", FIN | ACK, 2, 0},
	{"data_beyond", ACK | PSH, 2, 100},
};

CASE_EACH(bad_ack_gets_rst, struct event, bad_acks,
	  .requirement = RFC9293(EV, SYNSENT_BADACK),
	  .claim       = "an ACK of anything but the SYN gets RST with seq = SEG.ACK, and the "
			 "connection still opens",
	  .filtered    = "fin_ack_beyond")
{
	struct peer *p = reach(lab, SYN_SENT);

	inject(p, row->flags, .seq = is(0), .ack = is(row->ack), .data = payload(row));
	expect(p, RST, .seq = is(row->ack), .len = is(0), .when = within(ms(500)));
	goes_on(p);
	opens(p);
}

static const struct event bad_resets[] = {
	{"of_the_isn", RST | ACK, 0, 0},
	{"beyond", RST | ACK, 2, 0},
	{"far_beyond", RST | ACK, 1u << 30, 0},
};

CASE_EACH(rst_with_a_bad_ack_is_dropped, struct event, bad_resets,
	  .requirement = RFC9293(EV, SYNSENT_RST_BADACK),
	  .also        = {RFC(5961, 6)},
	  .claim       = "a RST that does not acknowledge the SYN is dropped, and the connection "
			 "still opens")
{
	struct peer *p = reach(lab, SYN_SENT);

	inject(p, row->flags, .seq = is(0), .ack = is(row->ack));
	goes_on(p);
	opens(p);
}

static const struct event bare_resets[] = {
	{"rst", RST, 0, 0},
	{"rst_fin_with_data", RST | FIN, 0, 100},
};

CASE_EACH(rst_without_ack_is_dropped, struct event, bare_resets,
	  .requirement = RFC9293(EV, SYNSENT_RST_NOACK),
	  .also        = {RFC(5961, 6)},
	  .claim       = "a RST without ACK is dropped, and the connection still opens",
	  .filtered    = "rst")
{
	struct peer *p = reach(lab, SYN_SENT);

	inject(p, row->flags, .seq = is(0), .data = payload(row));
	goes_on(p);
	opens(p);
}

struct refusal {
	const char *name;
	unsigned flags;
	uint32_t seq;
};

static const struct refusal refusals[] = {
	{"at_zero", RST | ACK, 0},
	{"at_any_number", RST | ACK, 123456789},
};

/* The RFC calls the signal "connection reset"; for sockets it is ECONNREFUSED (POSIX connect()). */
CASE_EACH(rst_with_a_right_ack_refuses, struct refusal, refusals,
	  .requirement = RFC9293(EV, SYNSENT_RSTACK),
	  .also        = {RFC(5961, 6)},
	  .claim       = "a RST that acknowledges the SYN ends connect() with ECONNREFUSED, "
			 "whatever its sequence number")
{
	struct peer *p = reach(lab, SYN_SENT);

	inject(p, row->flags, .raw_seq = is(row->seq), .ack = is(1));
	dut_expect_connect_error(p, ECONNREFUSED, within(sec(1)));
	dut_expect_state(p, CLOSED);
	expect_silence(p, ms(300));
}

static const struct event neither[] = {
	{"ack", ACK, 1, 0},
	{"fin_ack", FIN | ACK, 1, 0},
	{"data", ACK | PSH, 1, 100},
	{"data_fin", FIN | ACK | PSH, 1, 100},
	{"no_flags", NOFLAGS, 0, 0},
	{"bare_fin", FIN, 0, 0},
};

CASE_EACH(neither_syn_nor_rst_is_dropped, struct event, neither,
	  .requirement = RFC9293(EV, SYNSENT_ACK),
	  .claim       = "a segment that acknowledges the SYN, or nothing, and has neither SYN "
			 "nor RST is dropped; the connection still opens, and its data is not "
			 "delivered")
{
	struct peer *p = reach(lab, SYN_SENT);

	inject(p, row->flags, .seq = is(1), .ack = is(row->ack), .data = payload(row));
	goes_on(p);
	opens(p);
	dut_expect_nothing_to_read(p);
}
