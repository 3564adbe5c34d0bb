/*
 * Which SYN takes the 4-tuple of a connection in TIME-WAIT up again, and which gets silence.
 *
 * RFC 6191 section 2 tells a new SYN from an old one by timestamps where the old connection had
 * them, or the new one brings them in, and else by sequence numbers: greater than that of the old
 * connection's FIN. What is not accepted is dropped in silence.
 *
 * Linux 6.18 answers what it does not accept by an ACK, as RFC 9293 section 3.10.7.4 has it for a
 * SYN in a synchronized state; it wants a number behind RCV.NXT, one more than behind the FIN; and
 * a SYN that brings timestamps in is judged by its number all the same.
 */
#include <lastack/case.h>

FAMILY(time_wait_reuse, "Which SYN reopens a connection in TIME-WAIT");

/* The peer's clock when the old connection ended. */
#define RECENT 200000u
#define STAMP(t, ecr) {opt_nop(), opt_nop(), opt_timestamps((t), (ecr))}
#define FIN_AT 101u /* the number of the peer's FIN; RCV.NXT is one more */

/*
 * 100 bytes in, and both FINs: TIME-WAIT, TS.Recent is RECENT where there are timestamps. *last is
 * the DUT's last ACK.
 */
static struct peer *in_time_wait(struct lab *lab, bool stamped, const struct heard **last)
{
	struct peer *p = dial(lab);
	const struct heard *got;

	if (stamped)
		inject(p, SYN, .options = {opt_mss(1440), opt_nop(), opt_nop(),
					   opt_timestamps(RECENT - 1000, 0)});
	else
		inject(p, SYN);
	got = expect(p, SYN | ACK, .ack = is(1),
		     .tsval = stamped ? from_to(0, UINT32_MAX) : (struct span){SPAN_UNSET, 0, 0},
		     .when = within(ms(500)));
	inject(p, ACK);
	dut_accept(p);
	inject(p, ACK | PSH, .data = pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(FIN_AT), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(100));
	dut_shutdown(p);
	expect(p, FIN | ACK, .seq = is(1), .ack = is(FIN_AT), .when = within(ms(500)));
	inject(p, ACK);
	dut_expect_state(p, FIN_WAIT_2);
	if (stamped)
		inject(p, FIN | ACK, .options = STAMP(RECENT, got->options.tsval));
	else
		inject(p, FIN | ACK);
	got = expect(p, ACK, .seq = is(2), .ack = is(FIN_AT + 1), .len = is(0),
		     .when = within(ms(500)));
	dut_expect_state(p, TIME_WAIT);
	if (last)
		*last = got;
	return p;
}

/* A SYN for the same pair: timestamps or none, a time beside RECENT, a number beside the FIN's. */
struct syn {
	const char *name;
	bool was_stamped, stamped;
	int32_t later;
	int32_t beyond;
};

/* From the old connection's peer: what answers it is judged by the old numbers. */
static void inject_old_syn(struct peer *old, const struct syn *syn)
{
	uint32_t t = RECENT + (uint32_t)syn->later, seq = FIN_AT + (uint32_t)syn->beyond;

	if (syn->stamped)
		inject(old, SYN, .seq = is(seq), .options = {opt_mss(1440), opt_nop(), opt_nop(),
							     opt_timestamps(t, 0)});
	else
		inject(old, SYN, .seq = is(seq));
}

/* From the new one's. */
static void inject_syn(struct peer *p, const struct syn *syn)
{
	uint32_t t = RECENT + (uint32_t)syn->later;

	if (syn->stamped)
		inject(p, SYN, .options = {opt_mss(1440), opt_nop(), opt_nop(),
					   opt_timestamps(t, 0)});
	else
		inject(p, SYN);
}

/* A peer between the same ports whose SYN has the number that the row says. */
static struct peer *next_peer(struct lab *lab, struct peer *old, const struct syn *syn)
{
	return dial_as(lab, .port = peer_port(old), .to = peer_dut_port(old), .use_isn = true,
		       .isn = peer_iss(old) + FIN_AT + (uint32_t)syn->beyond);
}

/*
 * The SYN opens a connection that works, beyond the old one's own numbers. Linux means to take its
 * ISN from TIME-WAIT, SND.NXT + 65537; before 6.10 that was lost on the way, and the ISN comes from
 * RFC 6528's clock alone. So this clock is given time to pass the old connection's few numbers,
 * also where idle time is skipped and nothing else takes any.
 */
static void reopens(struct lab *lab, const struct syn *syn)
{
	struct peer *old = in_time_wait(lab, syn->was_stamped, NULL);
	struct peer *p = next_peer(lab, old, syn);
	const struct heard *got;

	expect_silence(old, ms(10));
	inject_syn(p, syn);
	got = expect(p, SYN | ACK, .ack = is(1), .len = is(0), .when = within(ms(500)));
	check(p, got->raw_seq - peer_irs(old) - 2 < UINT32_C(1) << 31,
	      "the new ISN %u lies below the old connection's next number", got->raw_seq);
	inject(p, ACK);
	dut_expect_state(p, ESTABLISHED);
	dut_accept(p);
	inject(p, ACK | PSH, .data = text("the next incarnation"));
	expect(p, ACK, .seq = is(1), .ack = is(21), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, text("the next incarnation"));
}

static const struct syn by_a_later_time[] = {
	{"same_number", true, true, 1000, 0},
	{"lower_number", true, true, 1000, -50},
	{"much_lower_number", true, true, 1000, -(1 << 30)},
	{"greater_number", true, true, 1000, 1000},
	{"one_tick_later", true, true, 1, -50},
};

CASE_EACH(later_time_reopens, struct syn, by_a_later_time,
	  .requirement = RFC(6191, 1),
	  .also        = {RFC9293(SHLD, 4), RFC9293(MAY, 2)},
	  .claim       = "where the old connection had timestamps, a SYN with a later one reopens "
			 "it, whatever its number")
{
	reopens(lab, row);
}

static const struct syn by_the_same_time[] = {
	{"greater_by_1000", true, true, 0, 1000},
	{"greater_by_2", true, true, 0, 2},
};

CASE_EACH(same_time_and_greater_number_reopens, struct syn, by_the_same_time,
	  .requirement = RFC(6191, 2),
	  .also        = {RFC9293(MAY, 2)},
	  .claim       = "where the old connection had timestamps, a SYN with the last one again "
			 "and a greater number reopens it")
{
	reopens(lab, row);
}

static const struct syn by_the_number[] = {
	{"greater_by_1000", true, false, 0, 1000},
	{"greater_by_2", true, false, 0, 2},
};

CASE_EACH(no_time_and_greater_number_reopens, struct syn, by_the_number,
	  .requirement = RFC(6191, 3),
	  .also        = {RFC9293(MAY, 2)},
	  .claim       = "where the old connection had timestamps, a SYN without any and with a "
			 "greater number reopens it")
{
	reopens(lab, row);
}

static const struct syn by_a_first_time[] = {
	{"greater_number", false, true, 0, 1000},
	{"same_number", false, true, 0, 0},
	{"lower_number", false, true, 0, -50},
};

CASE_EACH(first_time_reopens, struct syn, by_a_first_time,
	  .requirement = RFC(6191, 5),
	  .also        = {RFC9293(MAY, 2)},
	  .claim       = "where the old connection had no timestamps, a SYN that has them reopens "
			 "it, whatever its number")
{
	reopens(lab, row);
}

/* The FIN's number is the last that was used: the next one is new. */
static const struct syn behind_the_fin[] = {
	{"without_timestamps", false, false, 0, 1},
	{"at_the_same_time", true, true, 0, 1},
};

CASE_EACH(number_behind_the_fin_reopens, struct syn, behind_the_fin,
	  .requirement = RFC(6191, 8),
	  .also        = {RFC(6191, 6), RFC(6191, 2)},
	  .claim       = "a SYN with the number behind the old connection's FIN is greater, and "
			 "reopens it")
{
	reopens(lab, row);
}

/* Where the old connection had timestamps. */
static const struct syn refused_by_time[] = {
	{"earlier_and_greater_number", true, true, -1000, 1000},
	{"earlier_by_a_tick_and_greater_number", true, true, -1, 1000},
	{"earlier_and_lower_number", true, true, -1000, -50},
	{"same_time_and_number_of_the_fin", true, true, 0, 0},
	{"same_time_and_lower_number", true, true, 0, -50},
	{"no_time_and_number_of_the_fin", true, false, 0, 0},
	{"no_time_and_lower_number", true, false, 0, -50},
};

CASE_EACH(other_is_dropped, struct syn, refused_by_time,
	  .requirement = RFC(6191, 4),
	  .also        = {RFC(6191, 8)},
	  .claim       = "where the old connection had timestamps, any other SYN is dropped in "
			 "silence, and TIME-WAIT goes on")
{
	struct peer *old = in_time_wait(lab, row->was_stamped, NULL);

	inject_old_syn(old, row);
	expect_silence(old, ms(300));
	dut_expect_state(old, TIME_WAIT);
}

static const struct syn refused_by_number[] = {
	{"number_of_the_fin", false, false, 0, 0},
	{"lower_number", false, false, 0, -50},
	{"much_lower_number", false, false, 0, -(1 << 30)},
};

CASE_EACH(other_without_timestamps_is_dropped, struct syn, refused_by_number,
	  .requirement = RFC(6191, 7),
	  .also        = {RFC(6191, 8)},
	  .claim       = "where neither the old connection nor the SYN has timestamps and its "
			 "number is not greater, it is dropped in silence, and TIME-WAIT goes on")
{
	struct peer *old = in_time_wait(lab, row->was_stamped, NULL);

	inject_old_syn(old, row);
	expect_silence(old, ms(300));
	dut_expect_state(old, TIME_WAIT);
}

/* Silence or an ACK: in no case a connection. With each ACK the old one says where it is. */
static const struct syn refused[] = {
	{"earlier_and_lower_number", true, true, -1000, -50},
	{"same_time_and_number_of_the_fin", true, true, 0, 0},
	{"same_time_and_lower_number", true, true, 0, -50},
	{"no_time_and_number_of_the_fin", true, false, 0, 0},
	{"no_time_and_lower_number", true, false, 0, -50},
};

CASE_EACH(other_opens_nothing, struct syn, refused,
	  .requirement = RFC9293(EV, SYN_SYNC),
	  .also        = {RFC(6191, 4), RFC(6191, 7), RFC9293(MAY, 2)},
	  .claim       = "any other SYN opens nothing, whether it gets silence or an ACK: "
			 "TIME-WAIT goes on, and acknowledges the peer's FIN",
	  .filtered    = "*")
{
	const struct heard *last, *got;
	struct peer *old = in_time_wait(lab, row->was_stamped, &last);

	inject_old_syn(old, row);
	peer_listen(old, ms(300));
	while ((got = peer_next(old)))
		check(old, got->flags == ACK && got->seq == 2 && got->ack == FIN_AT + 1,
		      "the answer has flags 0x%x seq %u ack %u: want an ACK with 2 and %u",
		      got->flags, got->seq, got->ack, FIN_AT + 1);
	dut_expect_state(old, TIME_WAIT);
	dut_expect_no_accept(old);
	if (row->was_stamped)
		inject(old, FIN | ACK, .seq = is(FIN_AT),
		       .options = STAMP(RECENT, last->options.tsval));
	else
		inject(old, FIN | ACK, .seq = is(FIN_AT));
	expect(old, ACK, .seq = is(2), .ack = is(FIN_AT + 1), .len = is(0),
	       .when = within(ms(500)));
}

/*
 * RFC 1337's hazard H1 where numbers do not help: an old segment's number lies in the new
 * connection's window, and it acknowledges what the new one has sent. Its timestamp tells.
 */
CASE(old_data_within_the_new_window,
     .requirement = RFC(7323, 38),
     .also        = {RFC(1337, H1), RFC9293(MAY, 2), RFC9293(SHLD, 4)},
     .claim       = "an old segment whose numbers fit into the new connection is dropped for its "
		    "timestamp, and never delivered")
{
	static const struct syn later = {"", true, true, 1000, -100};
	struct peer *old = in_time_wait(lab, true, NULL), *p = next_peer(lab, old, &later);
	const struct heard *got;

	inject_syn(p, &later);
	got = premise(p, RFC9293(SHLD, 4),
		      either(SYN | ACK, .ack = is(1), .tsecr = is(RECENT + 1000),
			     .when = within(ms(500))),
		      either(ACK), NOTHING);
	inject(p, ACK);
	dut_accept(p);
	inject(p, ACK | PSH, .seq = is(1), .ack = is(1), .data = text("old"),
	       .options = STAMP(RECENT - 500, got->options.tsval));
	expect(p, ACK, .seq = is(1), .ack = is(1), .len = is(0), .when = within(ms(500)));
	dut_expect_nothing_to_read(p);
	inject(p, ACK | PSH, .data = text("new"));
	expect(p, ACK, .seq = is(1), .ack = is(4), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, text("new"));
}
