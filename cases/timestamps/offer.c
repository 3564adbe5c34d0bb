/*
 * The timestamps option is agreed on by the two SYNs, or is not there.
 *
 * RFC 7323 section 3.2: a SYN may offer it, a SYN-ACK may have it only where the SYN did, and it is
 * in force when both had it. Then a segment without it is no part of the connection: it should be
 * dropped in silence, and must not end anything. Where it is not in force, it is ignored.
 *
 * Linux 6.18 takes segments that lack the option as if they had it.
 */
#include <lastack/case.h>

FAMILY(timestamps_offer, "Timestamps are agreed on, or are not there");

#define T0 100000
#define OFFER(ecr) {opt_mss(1440), opt_nop(), opt_nop(), opt_timestamps(T0, (ecr))}
#define NONE .without = WITHOUT(OPTION_TIMESTAMPS)
#define SOME .tsval = from_to(0, UINT32_MAX)

/* Both SYNs had it; from here on the peer's segments carry it by themselves. */
static struct peer *agreed(struct lab *lab)
{
	struct peer *p = dial(lab);

	inject(p, SYN, .options = OFFER(0));
	expect(p, SYN | ACK, .ack = is(1), .tsecr = is(T0), .when = within(ms(500)));
	return p;
}

/* Data comes and is delivered, with the option or without. */
static void data_comes(struct peer *p, uint64_t without)
{
	uint32_t seq = peer_snd_nxt(p);

	inject(p, ACK | PSH, .data = pattern_at(seq, 100));
	expect(p, ACK, .ack = is(seq + 100), .len = is(0), .without = without,
	       .when = within(ms(500)));
	dut_expect_read(p, pattern_at(seq, 100));
}

/* What an open connection without the option sends: data, the same again, and a FIN. */
static void nothing_is_stamped(struct peer *p)
{
	nanos rto;

	data_comes(p, WITHOUT(OPTION_TIMESTAMPS));
	rto = dut_info(p).rto;
	dut_write(p, pattern(200));
	expect_lost(p, ACK, .seq = is(1), .data = pattern(200), NONE, .when = within(ms(500)));
	expect(p, ACK, .seq = is(1), .data = pattern(200), NONE, .when = about(rto));
	inject(p, ACK);
	dut_close(p);
	expect(p, FIN | ACK, .seq = is(201), NONE, .when = within(ms(500)));
	inject(p, ACK);
	inject(p, FIN | ACK);
	expect(p, ACK, .seq = is(202), NONE, .when = within(ms(500)));
}

CASE(none_where_the_syn_had_none,
     .requirement = RFC(7323, 22),
     .judged_as   = LEVEL_MUST,
     .claim       = "where the peer's SYN offers no timestamps, the SYN-ACK has none, and no "
		    "segment after it")
{
	struct peer *p = dial(lab);

	inject(p, SYN);
	expect(p, SYN | ACK, .ack = is(1), NONE, .when = within(ms(500)));
	inject(p, ACK);
	dut_accept(p);
	nothing_is_stamped(p);
}

CASE(none_where_the_syn_ack_had_none,
     .requirement = RFC(7323, 22),
     .judged_as   = LEVEL_MUST,
     .claim       = "where the peer's SYN-ACK takes no timestamps up, no segment after it has any")
{
	struct peer *p = answer(lab);

	dut_connect(p);
	expect(p, SYN, .seq = is(0), .when = within(ms(500)));
	inject(p, SYN | ACK);
	expect(p, ACK, .seq = is(1), .ack = is(1), NONE, .when = within(ms(500)));
	dut_expect_connected(p);
	nothing_is_stamped(p);
}

CASE(syn_ack_echoes_the_offer,
     .requirement = RFC(7323, 20),
     .also        = {RFC(7323, 22), RFC(7323, 23), RFC(6298, 1)},
     .claim       = "a SYN with timestamps gets a SYN-ACK with them that echoes its TSval, and so "
		    "does its repetition after 1 s",
     .needs       = BLACK_BOX | AGREES_TO_TIMESTAMPS | SERVICE_QUIET)
{
	struct peer *p = dial(lab);
	const struct heard *first;

	inject(p, SYN, .options = OFFER(0));
	first = expect_lost(p, SYN | ACK, .ack = is(1), SOME, .tsecr = is(T0),
			    .when = within(ms(500)));
	/* One second is what RFC 6298 recommends. */
	premise(p, RFC(6298, 1),
		either(SYN | ACK, .raw_seq = is(first->raw_seq), .ack = is(1), SOME,
		       .tsecr = is(T0), .when = about(sec(1))),
		either(SYN | ACK, .raw_seq = is(first->raw_seq), .ack = is(1), SOME,
		       .tsecr = is(T0), .when = within(sec(4))));
	inject(p, ACK);
	dut_accept(p);
	data_comes(p, 0);
}

/* There is nothing to echo yet, and the field has no meaning without ACK. */
CASE(syn_echoes_nothing,
     .requirement = RFC(7323, 19),
     .also        = {RFC(7323, 22)},
     .claim       = "the DUT's own SYN has a TSecr of 0, and when it is sent again too")
{
	struct peer *p = answer(lab);

	dut_connect(p);
	expect_lost(p, SYN, .seq = is(0), SOME, .tsecr = is(0), .when = within(ms(500)));
	expect(p, SYN, .seq = is(0), SOME, .tsecr = is(0), .when = about(sec(1)));
	inject(p, RST | ACK);
}

struct echo {
	const char *name;
	uint32_t tsecr;
};

static const struct echo echoes[] = {
	{"one", 1},
	{"half_round", UINT32_C(1) << 31},
	{"largest", UINT32_MAX},
};

CASE_EACH(echo_on_a_syn_is_ignored, struct echo, echoes,
	  .requirement = RFC(7323, 21),
	  .claim       = "a SYN's TSecr means nothing: with any value the SYN is answered, and the "
			 "connection works",
	  .needs       = BLACK_BOX | AGREES_TO_TIMESTAMPS | SERVICE_QUIET)
{
	struct peer *p = dial(lab);

	inject(p, SYN, .options = OFFER(row->tsecr));
	expect(p, SYN | ACK, .ack = is(1), SOME, .tsecr = is(T0), .when = within(ms(500)));
	inject(p, ACK);
	dut_expect_state(p, ESTABLISHED);
	dut_accept(p);
	data_comes(p, 0);
}

/* TSvals of three segments in a row, on a connection that has no timestamps. */
struct unasked {
	const char *name;
	uint32_t tsval[3];
};

static const struct unasked unasked_values[] = {
	{"rising", {1000, 2000, 3000}},
	{"falling", {3000, 2000, 1000}},
	{"zero", {0, 0, 0}},
};

CASE_EACH(unasked_is_ignored, struct unasked, unasked_values,
	  .requirement = RFC(7323, 27),
	  .claim       = "where timestamps were not agreed on, a segment that has them is taken as "
			 "if it had none, and answered without",
	  .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = handshaken(lab);

	for (uint32_t i = 0; i < 3; i++) {
		inject(p, ACK | PSH, .data = pattern_at(100 * i, 100),
		       .options = {opt_nop(), opt_nop(), opt_timestamps(row->tsval[i], 1)});
		expect(p, ACK, .seq = is(1), .ack = is(101 + 100 * i), .len = is(0), NONE,
		       .when = within(ms(500)));
	}
	dut_expect_read(p, pattern(300));
	dut_expect_nothing_to_read(p);
}

/* A segment that lacks what was agreed on. */
struct lacking {
	const char *name;
	unsigned flags;
	size_t len;
};

static const struct lacking lackings[] = {
	{"data", ACK | PSH, 100},
	{"fin", FIN | ACK, 0},
	{"data_and_fin", FIN | ACK | PSH, 100},
};

static void inject_lacking(struct peer *p, const struct lacking *what)
{
	inject(p, what->flags, .seq = is(1), .lies = LIE_NO_OPTIONS,
	       .data = what->len ? pattern_at(1, what->len) : (struct bytes){NULL, 0});
}

CASE_EACH(lacking_is_dropped, struct lacking, lackings,
	  .requirement = RFC(7323, 25),
	  .claim       = "where timestamps were agreed on, a segment that lacks them is dropped in "
			 "silence, and with them it is taken",
	  .needs       = BLACK_BOX | AGREES_TO_TIMESTAMPS | SERVICE_HOLDS)
{
	struct peer *p = agreed(lab);

	inject(p, ACK);
	dut_accept(p);
	inject_lacking(p, row);
	expect_silence(p, ms(300));
	dut_expect_state(p, ESTABLISHED);
	dut_expect_nothing_to_read(p);
	data_comes(p, 0);
}

CASE_EACH(lacking_never_aborts, struct lacking, lackings,
	  .requirement = RFC(7323, 26),
	  .claim       = "where timestamps were agreed on, a segment that lacks them gets no RST, "
			 "and the connection goes on, whether it was dropped or not")
{
	struct peer *p = agreed(lab);
	const struct heard *got;
	uint32_t end = 1 + (uint32_t)row->len + !!(row->flags & FIN);

	inject(p, ACK);
	dut_accept(p);
	inject_lacking(p, row);
	peer_listen(p, ms(300));
	while ((got = peer_next(p)))
		check(p, !(got->flags & RST), "the answer is a RST");
	inject(p, row->flags, .data = row->len ? pattern_at(1, row->len) : (struct bytes){NULL, 0});
	expect(p, ACK, .seq = is(1), .ack = is(end), .len = is(0), SOME, .when = within(ms(500)));
	dut_expect_state(p, row->flags & FIN ? CLOSE_WAIT : ESTABLISHED);
	if (row->len)
		dut_expect_read(p, pattern_at(1, row->len));
	dut_write(p, pattern(200));
	expect(p, ACK, .seq = is(1), .data = pattern(200), SOME, .when = within(ms(500)));
	inject(p, ACK);
}

/* A half-open connection is no other: the ACK that lacks them opens it, or does nothing. */
CASE(third_segment_that_lacks_them,
     .requirement = RFC(7323, 26),
     .also        = {RFC(7323, 25)},
     .claim       = "where timestamps were agreed on, a third segment that lacks them gets no RST, "
		    "and one with them opens the connection",
     .needs       = BLACK_BOX | AGREES_TO_TIMESTAMPS | SERVICE_QUIET)
{
	struct peer *p = agreed(lab);
	const struct heard *got;

	inject(p, ACK, .lies = LIE_NO_OPTIONS);
	peer_listen(p, ms(300));
	while ((got = peer_next(p)))
		check(p, !(got->flags & RST), "the answer is a RST");
	inject(p, ACK);
	dut_expect_state(p, ESTABLISHED);
	dut_accept(p);
	data_comes(p, 0);
}
