/*
 * When data is acknowledged.
 *
 * RFC 9293 section 3.8.6.3, RFC 1122 section 4.2.3.2: an ACK may wait for company, but for less
 * than half a second (MUST-40), and every second full segment should have one (SHLD-19).
 * Acknowledgements are put together where that is possible (MUST-58): what waited behind a hole is
 * acknowledged at once when the hole is filled, and an answer carries the ACK of its question.
 *
 * Linux up to 6.1 leaves out ACKs where its application has not read yet and the window cannot keep
 * its size. Measured on 5.10 and 6.1: after a talk the first pair of full segments has no ACK
 * within 30 ms, and of 20 in a row the last four are acknowledged together, after 50 ms. 6.12, 6.18
 * and 7.2 acknowledge every second one at once.
 */
#include <lastack/case.h>

FAMILY(delayed_ack, "When data is acknowledged");

/* Less than the shortest time that an ACK is delayed for, RFC 5681 aside: 40 ms on Linux. */
#define AT_ONCE ms(30)
#define QUESTION 10

/* An open connection, and the most that a segment to the DUT may carry. */
static struct peer *opened(struct lab *lab, uint32_t *full)
{
	struct peer *p = dial(lab);

	inject(p, SYN);
	*full = expect(p, SYN | ACK, .ack = is(1), .mss = from_to(536, 65535),
		       .when = within(ms(500)))->options.mss;
	*full = *full < 1460 ? *full : 1460;
	inject(p, ACK);
	dut_accept(p);
	return p;
}

/*
 * The application has answered a few questions, so that the DUT has reason to wait for an answer.
 * Returns how far each side's stream has come.
 */
static uint32_t talked(struct peer *p)
{
	const struct heard *got;
	nanos alone = 0, late = 0;
	uint32_t at = 0;

	for (; at < 6 * QUESTION; at += QUESTION) {
		/* No question comes at the instant of an answer: kernels count in ticks. */
		peer_wait_until(p, 0, ms(15));
		inject(p, ACK | PSH, .data = pattern_at(at, QUESTION));
		dut_expect_read(p, pattern_at(at, QUESTION));
		dut_write(p, pattern_at(at, QUESTION));
		/* An ACK of its own may come before the answer. */
		for (alone = 0;;) {
			got = expect(p, ACK, .seq = is(1 + at), .ack = is(1 + at + QUESTION),
				     .len = from_to(0, QUESTION),
				     .when = between(-ms(500), ms(500)));
			if (got->len)
				break;
			alone = got->time;
		}
		late = alone ? got->time - alone : 0;
		inject(p, ACK);
	}
	/* As an agent is whose calls take long. */
	if (late > AT_ONCE)
		not_judged(p, "the application answers %lld ms after the ACK of its question: too "
			   "late for an ACK to wait for it", (long long)(late / ms(1)));
	peer_wait_until(p, 0, ms(15));
	return at;
}

struct size {
	const char *name;
	bool full;
};

static const struct size sizes[] = {{"a_byte", false}, {"a_full_segment", true}};

CASE_EACH(within_half_a_second, struct size, sizes,
	  .requirement = RFC9293(MUST, 40),
	  .also        = {RFC(1122, 1), RFC(5681, 22)},
	  .claim       = "each of a few segments that come one by one is acknowledged within half "
			 "a second",
	  .needs       = BLACK_BOX | SERVICE_QUIET)
{
	uint32_t full, n, at = 1;
	struct peer *p = opened(lab, &full);

	n = row->full ? full : 1;
	for (int i = 0; i < 6; i++, at += n) {
		inject(p, ACK | PSH, .data = pattern_at(at - 1, n));
		expect(p, ACK, .ack = is(at + n), .len = is(0), .when = within(ms(499)));
		dut_expect_read(p, pattern_at(at - 1, n));
	}
}

CASE_EACH(within_half_a_second_in_a_talk, struct size, sizes,
	  .requirement = RFC9293(MUST, 40),
	  .also        = {RFC(1122, 1), RFC(5681, 22)},
	  .claim       = "a question without an answer is acknowledged within half a second, also "
			 "by an application that has answered before")
{
	uint32_t full, n, at;
	struct peer *p = opened(lab, &full);

	n = row->full ? full : 1;
	at = talked(p);
	inject(p, ACK | PSH, .data = pattern_at(at, n));
	expect(p, ACK, .ack = is(1 + at + n), .len = is(0), .when = within(ms(499)));
	expect_silence(p, ms(500));
}

CASE(waits_for_company_in_a_talk,
     .requirement = RFC9293(SHLD, 18),
     .also        = {RFC(5681, 21)},
     .claim       = "a small question to an application that has answered before is not "
		    "acknowledged at once")
{
	uint32_t full, at;
	struct peer *p = opened(lab, &full);

	at = talked(p);
	inject(p, ACK | PSH, .data = pattern_at(at, QUESTION));
	expect_silence(p, AT_ONCE);
	expect(p, ACK, .ack = is(1 + at + QUESTION), .len = is(0), .when = within(ms(499)));
}

CASE(answer_carries_it,
     .requirement = RFC9293(MUST, 58),
     .also        = {RFC9293(SHLD, 18)},
     .claim       = "an answer that is written at once carries the acknowledgement of its "
		    "question, and there is no other")
{
	uint32_t full, at;
	struct peer *p = opened(lab, &full);

	at = talked(p);
	inject(p, ACK | PSH, .data = pattern_at(at, QUESTION));
	dut_write(p, pattern_at(at, QUESTION));
	/* A DUT that does not delay its ACKs has none for the answer to carry. */
	premise(p, RFC9293(SHLD, 18),
		either(ACK, .seq = is(1 + at), .ack = is(1 + at + QUESTION),
		       .data = pattern_at(at, QUESTION), .when = within(ms(100))),
		either(ACK, .seq = is(1 + at), .ack = is(1 + at + QUESTION), .len = is(0),
		       .when = within(ms(100))));
	inject(p, ACK);
	dut_expect_read(p, pattern_at(at, QUESTION));
	expect_silence(p, ms(500));
}

/*
 * Two full segments, one after the other. If the rate of this run keeps them apart, the DUT's timer
 * acknowledges the first one alone, and the second one has to wait for it, too.
 */
static void inject_pair(struct peer *p, uint32_t at, uint32_t full)
{
	int first = inject(p, ACK, .data = pattern_at(at, full));
	int second = inject(p, ACK, .data = pattern_at(at + full, full));
	nanos apart = rung_time(p, second) - rung_time(p, first);

	if (apart > AT_ONCE / 3)
		too_late(p, "the two segments of a pair left %lld ms apart",
			 (long long)(apart / ms(1)));
}

/* No ACK is for more than two full segments, and the last one comes at once too. */
static void every_second(struct peer *p, uint32_t at, uint32_t full)
{
	uint32_t acked = 1 + at;

	need_window(p, 4 * full);
	for (int i = 0; i < 8; i++) {
		inject_pair(p, at, full);
		at += 2 * full;
		while (acked < 1 + at)
			acked = expect(p, ACK, .ack = from_to(acked + 1, 1 + at), .len = is(0),
				       .when = between(-ms(500), AT_ONCE))->ack;
		dut_expect_read(p, pattern_at(at - 2 * full, 2 * full));
	}
	expect_silence(p, ms(500));
}

CASE(every_second_full_segment,
     .requirement = RFC9293(SHLD, 19),
     .also        = {RFC(1122, 2), RFC(5681, 21)},
     .claim       = "of full segments that come in pairs each second one is acknowledged at once",
     .needs       = BLACK_BOX | SERVICE_QUIET | WHOLE_MSS)
{
	uint32_t full;
	struct peer *p = opened(lab, &full);

	every_second(p, 0, full);
}

CASE(every_second_full_segment_in_a_talk,
     .requirement = RFC9293(SHLD, 19),
     .also        = {RFC(1122, 2), RFC(5681, 21)},
     .claim       = "of full segments that come in pairs each second one is acknowledged at once, "
		    "also by an application that has answered before",
     .needs       = DUT_AGENT | WHOLE_MSS)
{
	uint32_t full, at;
	struct peer *p = opened(lab, &full);

	at = talked(p);
	every_second(p, at, full);
}

CASE(full_segments_in_a_row,
     .requirement = RFC9293(SHLD, 19),
     .also        = {RFC(1122, 2)},
     .claim       = "of 20 full segments in a row no three are acknowledged together",
     .needs       = BLACK_BOX | SERVICE_QUIET | WHOLE_MSS)
{
	uint32_t full, acked = 1, end;
	struct peer *p = opened(lab, &full);

	end = 1 + 20 * full;
	need_window(p, 20 * full);
	for (uint32_t at = 0; at + 1 < end; at += full)
		inject(p, ACK, .data = pattern_at(at, full));
	while (acked < end) {
		uint32_t last = end - acked < 2 * full ? end : acked + 2 * full;

		/* The rate of this run may spread the 20 over seconds. */
		acked = expect(p, ACK, .ack = from_to(acked + 1, last), .len = is(0),
			       .when = between(-sec(30), ms(499)))->ack;
	}
	dut_expect_read(p, pattern(end - 1));
}

/* Data beyond a hole, and the ACK that it should get at once, of what is before the hole. */
static void beyond_a_hole(struct peer *p, uint32_t at, uint32_t hole)
{
	inject(p, ACK | PSH, .seq = is(1 + at), .data = pattern_at(at, 100));
	premise(p, RFC(5681, 11),
		either(ACK, .ack = is(1 + hole), .len = is(0), .when = within(ms(499))), NOTHING);
}

/*
 * The ACK of what fills the hole tells whether the rest was kept. If it was not, there is nothing
 * to put together, and no further ACK either.
 */
CASE(filled_hole_gets_one,
     .requirement = RFC9293(MUST, 58),
     .also        = {RFC9293(MUST, 59), RFC9293(SHLD, 31), RFC9293(MAY, 13), RFC(5681, 11)},
     .claim       = "segments that wait behind a hole are acknowledged by a single ACK when it is "
		    "filled, and delivered",
     .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = handshaken(lab);

	const struct heard *got;
	uint32_t ack;

	for (uint32_t at = 100; at < 500; at += 100)
		beyond_a_hole(p, at, 0);
	dut_expect_nothing_to_read(p);
	inject(p, ACK | PSH, .seq = is(1), .data = pattern(100));
	ack = expect(p, ACK, .ack = from_to(101, 501), .len = is(0), .when = within(ms(499)))->ack;
	peer_listen(p, ms(500));
	got = peer_next(p);
	check(p, !got, "a second segment came, with ack %u after %u: want one ACK for all",
	      got ? got->ack : 0, ack);
	premise_check(p, RFC9293(SHLD, 31), ack == 501,
		      "the ACK of what fills the hole is %u, want 501", ack);
	dut_expect_read(p, pattern(500));
	dut_expect_nothing_to_read(p);
}

/* Three times: an ACK that waits for a tick may find one near once, and not twice in a row. */
CASE(filled_hole_gets_it_at_once,
     .requirement = RFC(5681, 12),
     .also        = {RFC9293(SHLD, 31), RFC(5681, 11)},
     .claim       = "what fills a hole is acknowledged at once, with what waited behind it",
     .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = handshaken(lab);

	for (uint32_t at = 0; at < 600; at += 200) {
		beyond_a_hole(p, 100 + at, at);
		inject(p, ACK | PSH, .seq = is(1 + at), .data = pattern_at(at, 100));
		premise(p, RFC9293(SHLD, 31),
			either(ACK, .ack = is(201 + at), .len = is(0), .when = within(AT_ONCE)),
			either(ACK, .ack = is(101 + at), .len = is(0), .when = within(ms(499))));
	}
	dut_expect_read(p, pattern(600));
}
