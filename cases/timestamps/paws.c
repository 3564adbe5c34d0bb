/*
 * Protection against wrapped sequence numbers: a segment whose timestamp is older than TS.Recent is
 * from another time, whatever its numbers say.
 *
 * RFC 7323 section 5.3, R1: it is dropped, and an ACK is sent. Older means less than half round
 * behind, modulo 2^32. It is judged as it comes, and not again when a hole before it is filled.
 *
 * Linux 6.18 takes a segment that is older by one tick (TCP_PAWS_WINDOW), drops a bare ACK that is
 * older by less than a retransmission timeout without a word when it acknowledges nothing new, and
 * does not judge at all while TS.Recent is 0, which it is for a tick whenever the peer's clock
 * comes round.
 */
#include <lastack/case.h>

FAMILY(paws, "Segments with an older timestamp");

#define HALF_ROUND (UINT32_C(1) << 31)
#define T0 100000u
/* By now the peer's clock is well past the SYN's. */
#define NOW 200000u
#define STAMP(t, got) {opt_nop(), opt_nop(), opt_timestamps((t), (got)->options.tsval)}

/* Open, 100 bytes came at the time now, and were read: TS.Recent is now, RCV.NXT 101. */
static const struct heard *talked(struct peer *p, uint32_t first, uint32_t now)
{
	const struct heard *got;

	inject(p, SYN, .options = {opt_mss(1440), opt_nop(), opt_nop(), opt_timestamps(first, 0)});
	got = expect(p, SYN | ACK, .ack = is(1), .tsecr = is(first), .when = within(ms(500)));
	inject(p, ACK, .options = STAMP(first, got));
	dut_accept(p);
	inject(p, ACK | PSH, .data = pattern(100), .options = STAMP(now, got));
	got = expect(p, ACK, .seq = is(1), .ack = is(101), .len = is(0), .tsecr = is(now),
		     .when = within(ms(500)));
	dut_expect_read(p, pattern(100));
	return got;
}

/* The answer to what is dropped: nothing has moved, TS.Recent neither. */
#define expect_refused(p, now)                                                                     \
	expect((p), ACK, .seq = is(1), .ack = is(101), .len = is(0), .tsecr = is(now),             \
	       .when = within(ms(500)))

struct distance {
	const char *name;
	uint32_t distance;
};

static const struct distance older[] = {
	{"by_1", 1},
	{"by_2", 2},
	{"by_1000", 1000},
	{"by_a_day_of_ms", 86400000},
	{"by_half_round_but_1", HALF_ROUND - 1},
};

CASE_EACH(older_data_is_dropped, struct distance, older,
	  .requirement = RFC(7323, 38),
	  .also        = {RFC(7323, 33), RFC(7323, 37)},
	  .claim       = "data with an older timestamp is not delivered, and an ACK is sent that "
			 "echoes TS.Recent as it was; with a good one the data is taken",
	  .needs       = BLACK_BOX | AGREES_TO_TIMESTAMPS | SERVICE_QUIET)
{
	struct peer *p = dial(lab);
	const struct heard *got = talked(p, T0, NOW);

	inject(p, ACK | PSH, .seq = is(101), .data = text("from another time"),
	       .options = STAMP(NOW - row->distance, got));
	expect_refused(p, NOW);
	dut_expect_nothing_to_read(p);
	inject(p, ACK | PSH, .data = pattern_at(100, 100), .options = STAMP(NOW, got));
	expect(p, ACK, .seq = is(1), .ack = is(201), .len = is(0), .tsecr = is(NOW),
	       .when = within(ms(500)));
	dut_expect_read(p, pattern_at(100, 100));
}

static const struct distance newer[] = {
	{"by_0", 0},
	{"by_1", 1},
	{"by_a_day_of_ms", 86400000},
	{"by_half_round_but_1", HALF_ROUND - 1},
};

CASE_EACH(newer_data_is_taken, struct distance, newer,
	  .requirement = RFC(7323, 38),
	  .also        = {RFC(7323, 40)},
	  .claim       = "data with a timestamp as new as TS.Recent or newer, by less than half "
			 "round, is taken",
	  .needs       = BLACK_BOX | AGREES_TO_TIMESTAMPS | SERVICE_QUIET)
{
	struct peer *p = dial(lab);
	const struct heard *got = talked(p, T0, NOW);

	inject(p, ACK | PSH, .data = pattern_at(100, 100),
	       .options = STAMP(NOW + row->distance, got));
	expect(p, ACK, .seq = is(1), .ack = is(201), .len = is(0), .tsecr = is(NOW + row->distance),
	       .when = within(ms(500)));
	dut_expect_read(p, pattern_at(100, 100));
}

CASE(peers_clock_comes_round,
     .requirement = RFC(7323, 38),
     .also        = {RFC(7323, 40), RFC(7323, 33)},
     .claim       = "when the peer's clock comes round its segments are taken, and one from before "
		    "is dropped",
     .needs       = BLACK_BOX | AGREES_TO_TIMESTAMPS | SERVICE_QUIET)
{
	struct peer *p = dial(lab);
	const struct heard *got = talked(p, UINT32_MAX - 500, UINT32_MAX - 10);

	inject(p, ACK | PSH, .data = pattern_at(100, 100), .options = STAMP(20, got));
	got = expect(p, ACK, .seq = is(1), .ack = is(201), .len = is(0), .tsecr = is(20),
		     .when = within(ms(500)));
	inject(p, ACK | PSH, .seq = is(201), .data = text("from another time"),
	       .options = STAMP(UINT32_MAX - 10, got));
	expect(p, ACK, .seq = is(1), .ack = is(201), .len = is(0), .tsecr = is(20),
	       .when = within(ms(500)));
	dut_expect_read(p, pattern_at(100, 100));
	dut_expect_nothing_to_read(p);
}

/* Zero is a time like any other. */
CASE(recent_of_zero_is_a_time,
     .requirement = RFC(7323, 38),
     .claim       = "when TS.Recent is 0 because the peer's clock has come round, data from before "
		    "is dropped all the same",
     .needs       = BLACK_BOX | AGREES_TO_TIMESTAMPS | SERVICE_QUIET)
{
	struct peer *p = dial(lab);
	const struct heard *got = talked(p, UINT32_MAX - 2000, 0);

	inject(p, ACK | PSH, .seq = is(101), .data = text("from another time"),
	       .options = STAMP(UINT32_MAX - 1000, got));
	expect_refused(p, 0);
	dut_expect_nothing_to_read(p);
}

/* What is dropped when it is older by 1000: RCV.NXT is 101. */
struct kind {
	const char *name;
	unsigned flags;
	uint32_t seq;
	size_t len;
};

static const struct kind kinds[] = {
	{"data_and_fin", FIN | ACK | PSH, 101, 100},
	{"fin", FIN | ACK, 101, 0},
	{"data_behind_a_hole", ACK | PSH, 301, 100},
	{"fin_behind_a_hole", FIN | ACK, 301, 0},
	{"old_data", ACK | PSH, 1, 100},
	{"data_half_old_and_half_new", ACK | PSH, 51, 100},
	{"data_right_of_the_window", ACK | PSH, 101 + (1 << 30), 100},
	{"syn", SYN, 101, 0},
	{"syn_ack", SYN | ACK, 101, 0},
	{"urgent_data", ACK | URG, 101, 100},
};

CASE_EACH(older_is_dropped, struct kind, kinds,
	  .requirement = RFC(7323, 38),
	  .also        = {RFC(7323, 37), RFC(7323, 33)},
	  .claim       = "each kind of segment but RST is dropped when its timestamp is older, an "
			 "ACK is sent, and the connection goes on where it was",
	  .needs       = BLACK_BOX | AGREES_TO_TIMESTAMPS | SERVICE_QUIET,
	  .filtered    = "syn_ack data_right_of_the_window")
{
	struct peer *p = dial(lab);
	const struct heard *got = talked(p, T0, NOW);

	inject(p, row->flags, .seq = is(row->seq), .options = STAMP(NOW - 1000, got),
	       .data = row->len ? pattern(row->len) : (struct bytes){NULL, 0});
	expect_refused(p, NOW);
	dut_expect_state(p, ESTABLISHED);
	dut_expect_nothing_to_read(p);
	inject(p, ACK | PSH, .data = pattern_at(100, 200), .options = STAMP(NOW + 1, got));
	expect(p, ACK, .seq = is(1), .ack = is(301), .len = is(0), .tsecr = is(NOW + 1),
	       .when = within(ms(500)));
	dut_expect_read(p, pattern_at(100, 200));
	dut_expect_nothing_to_read(p);
}

/* An ACK acknowledges nothing when it is from another time: the data comes again. */
CASE(older_ack_of_data_does_not_count,
     .requirement = RFC(7323, 38),
     .also        = {RFC(7323, 37)},
     .claim       = "a bare ACK of the DUT's data with an older timestamp is dropped and answered, "
		    "and the data is sent again")
{
	struct peer *p = dial(lab);
	const struct heard *got = talked(p, T0, NOW), *data;
	nanos rto = dut_info(p).rto;

	dut_write(p, pattern(200));
	data = expect(p, ACK, .seq = is(1), .data = pattern(200), .when = within(ms(500)));
	inject(p, ACK, .options = STAMP(NOW - 1000, got));
	expect(p, ACK, .seq = is(201), .ack = is(101), .len = is(0), .tsecr = is(NOW),
	       .when = within(ms(150)));
	got = expect(p, ACK, .seq = is(1), .data = pattern(200), .when = about(rto),
		     .since = data->rung);
	inject(p, ACK, .options = STAMP(NOW + 1, got));
	expect_silence(p, 2 * rto + ms(300));
}

static const struct distance older_acks[] = {
	{"by_10", 10},
	{"by_1000", 1000},
	{"by_a_day_of_ms", 86400000},
};

CASE_EACH(older_duplicate_ack_is_answered, struct distance, older_acks,
	  .requirement = RFC(7323, 38),
	  .claim       = "a bare ACK that acknowledges nothing new and has an older timestamp is "
			 "answered by an ACK",
	  .needs       = BLACK_BOX | AGREES_TO_TIMESTAMPS | SERVICE_QUIET)
{
	struct peer *p = dial(lab);
	const struct heard *got = talked(p, T0, NOW);

	inject(p, ACK, .options = STAMP(NOW, got));
	inject(p, ACK, .options = STAMP(NOW - row->distance, got));
	expect_refused(p, NOW);
}

/* A window opens by an ACK of now only. */
CASE(older_window_does_not_open,
     .requirement = RFC(7323, 38),
     .also        = {RFC(7323, 37)},
     .claim       = "a closed window is not opened by an ACK with an older timestamp")
{
	struct peer *p = dial(lab);
	const struct heard *got = talked(p, T0, NOW);

	inject(p, ACK, .window = is(0), .options = STAMP(NOW, got));
	dut_write(p, pattern(200));
	inject(p, ACK, .window = is(65535), .options = STAMP(NOW - 1000, got));
	expect_refused(p, NOW);
	expect_silence(p, ms(100));
	inject(p, ACK, .window = is(65535), .options = STAMP(NOW, got));
	expect(p, ACK, .seq = is(1), .data = pattern(200), .when = within(ms(500)));
}

/*
 * Data beyond a hole, sent at the time early, and then what fills the hole, sent at the time late.
 * The ACK of the former is a premise: RFC 5681 section 3.2 only recommends it.
 */
static void behind_a_hole(struct peer *p, uint32_t at, uint32_t recent, uint32_t early,
			  uint32_t late, const struct heard *got)
{
	inject(p, ACK | PSH, .seq = is(at + 100), .data = pattern_at(at + 99, 100),
	       .options = STAMP(early, got));
	premise(p, RFC(5681, 11),
		either(ACK, .seq = is(1), .ack = is(at), .len = is(0), .tsecr = is(recent),
		       .when = within(ms(500))),
		NOTHING);
	inject(p, ACK | PSH, .seq = is(at), .data = pattern_at(at - 1, 100),
	       .options = STAMP(late, got));
}

/*
 * The hole is filled by a segment that was sent later: TS.Recent is then newer than the timestamp
 * of what waits behind. Before that, a hole that is filled at the same time shows whether the DUT
 * keeps anything behind a hole.
 */
CASE(judged_on_arrival_only,
     .requirement = RFC(7323, 39),
     .also        = {RFC9293(SHLD, 31), RFC(5681, 11)},
     .claim       = "data behind a hole is delivered when the hole is filled by a segment with a "
		    "newer timestamp than its own",
     .needs       = BLACK_BOX | AGREES_TO_TIMESTAMPS | SERVICE_QUIET)
{
	struct peer *p = dial(lab);
	const struct heard *got = talked(p, T0, NOW);

	behind_a_hole(p, 101, NOW, NOW + 10, NOW + 10, got);
	premise(p, RFC9293(SHLD, 31),
		either(ACK, .seq = is(1), .ack = is(301), .len = is(0), .tsecr = is(NOW + 10),
		       .when = within(ms(500))),
		either(ACK, .seq = is(1), .ack = is(201), .len = is(0), .tsecr = is(NOW + 10),
		       .when = within(ms(500))));
	behind_a_hole(p, 301, NOW + 10, NOW + 20, NOW + 100000, got);
	expect(p, ACK, .seq = is(1), .ack = is(501), .len = is(0), .tsecr = is(NOW + 100000),
	       .when = within(ms(500)));
	dut_expect_read(p, pattern_at(100, 400));
}
