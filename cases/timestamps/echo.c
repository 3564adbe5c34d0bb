/*
 * Which of the peer's timestamps comes back.
 *
 * RFC 7323 section 4.3, by the rule of section 5.3 (R3): TS.Recent takes the TSval of a segment
 * that is acceptable, no older than TS.Recent, and begins at or left of the last ACK sent. So an
 * ACK for two segments echoes the earlier one, the ACK of what came behind a hole echoes the last
 * in order, and the ACK of what fills a hole echoes the one that filled it: a measured round-trip
 * time is never too short. TS.Recent never goes back.
 */
#include <lastack/case.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

FAMILY(timestamps_echo, "Which timestamp is echoed");

#define T0 100000
#define AT(t, got) {opt_nop(), opt_nop(), opt_timestamps(T0 + (uint32_t)(t), (got)->options.tsval)}

/* Open, and the third segment's TSval was T0 + 1. Returns the last segment heard. */
static const struct heard *opened(struct peer *p)
{
	const struct heard *got;

	inject(p, SYN, .options = {opt_mss(1440), opt_nop(), opt_nop(), opt_timestamps(T0, 0)});
	got = expect(p, SYN | ACK, .ack = is(1), .tsecr = is(T0), .when = within(ms(500)));
	inject(p, ACK, .options = AT(1, got));
	dut_accept(p);
	return got;
}

CASE(of_data_in_order,
     .requirement = RFC(7323, 20),
     .also        = {RFC(7323, 40), RFC(7323, 23)},
     .claim       = "the ACK of each segment in order echoes that segment's TSval, the same one "
		    "twice too",
     .needs       = BLACK_BOX | AGREES_TO_TIMESTAMPS | SERVICE_QUIET)
{
	static const uint32_t at[] = {10, 11, 11, 500, 100000, 0x40000000, 0x7fffffff};
	struct peer *p = dial(lab);
	const struct heard *got = opened(p);

	for (uint32_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		inject(p, ACK | PSH, .data = pattern_at(i * 100, 100), .options = AT(at[i], got));
		got = expect(p, ACK, .ack = is(101 + 100 * i), .len = is(0),
			     .tsecr = is(T0 + at[i]), .when = within(ms(500)));
	}
}

CASE(of_a_bare_ack,
     .requirement = RFC(7323, 40),
     .also        = {RFC(7323, 20)},
     .claim       = "a bare ACK at the left edge has its TSval echoed by the data that comes next")
{
	struct peer *p = dial(lab);
	const struct heard *got = opened(p);

	for (uint32_t i = 0; i < 3; i++) {
		inject(p, ACK, .options = AT(100 + i, got));
		dut_write(p, pattern_at(i * 100, 100));
		got = expect(p, ACK, .seq = is(1 + i * 100), .ack = is(1), .len = is(100),
			     .tsecr = is(T0 + 100 + i), .when = within(ms(500)));
	}
}

CASE(of_a_fin,
     .requirement = RFC(7323, 40),
     .also        = {RFC(7323, 20)},
     .claim       = "the ACK of a FIN echoes the FIN's TSval, and the DUT's own FIN after it too")
{
	struct peer *p = dial(lab);
	const struct heard *got = opened(p);

	inject(p, FIN | ACK, .options = AT(50, got));
	expect(p, ACK, .seq = is(1), .ack = is(2), .len = is(0), .tsecr = is(T0 + 50),
	       .when = within(ms(500)));
	dut_close(p);
	expect(p, FIN | ACK, .seq = is(1), .ack = is(2), .tsecr = is(T0 + 50),
	       .when = within(ms(500)));
}

/*
 * Linux delays an ACK when the socket is told to (TCP_QUICKACK 0), and then acknowledges both; one
 * that acknowledges each at once echoes each.
 */
CASE(of_two_segments_the_earlier,
     .requirement = RFC(7323, 30),
     .also        = {RFC(7323, 40)},
     .claim       = "an ACK that was delayed and acknowledges two segments echoes the earlier one")
{
	struct peer *p = dial(lab);
	const struct heard *got = opened(p), *first;

	dut_set_option(p, IPPROTO_TCP, TCP_QUICKACK, 0);
	inject(p, ACK | PSH, .data = pattern(100), .options = AT(10, got));
	inject(p, ACK | PSH, .data = pattern_at(100, 100), .options = AT(20, got));
	first = expect(p, ACK, .ack = from_to(101, 201), .len = is(0), .tsecr = is(T0 + 10),
		       .when = within(ms(500)));
	if (first->ack == 101)
		expect(p, ACK, .ack = is(201), .len = is(0), .tsecr = is(T0 + 20),
		       .when = within(ms(500)));
	inject(p, ACK | PSH, .data = pattern_at(200, 100), .options = AT(30, got));
	expect(p, ACK, .ack = is(301), .len = is(0), .tsecr = is(T0 + 30),
	       .when = within(ms(500)));
}

/* When the segments behind a hole, and the one that fills it, were sent. */
struct hole {
	const char *name;
	uint32_t behind, fills;
};

static const struct hole holes[] = {
	{"reordered", 30, 20},
	{"sent_again", 30, 40},
	{"at_the_same_tick", 30, 30},
};

CASE_EACH(across_a_hole, struct hole, holes,
	  .requirement = RFC(7323, 32),
	  .also        = {RFC(7323, 31), RFC(7323, 40), RFC9293(SHLD, 31), RFC(5681, 11)},
	  .claim       = "the ACK of data behind a hole echoes the last segment in order, that of "
			 "what fills the hole echoes just that, and the next one the next",
	  .needs       = BLACK_BOX | AGREES_TO_TIMESTAMPS | SERVICE_QUIET)
{
	struct peer *p = dial(lab);
	const struct heard *got = opened(p);

	inject(p, ACK | PSH, .data = pattern(100), .options = AT(10, got));
	got = expect(p, ACK, .ack = is(101), .len = is(0), .tsecr = is(T0 + 10),
		     .when = within(ms(500)));
	inject(p, ACK | PSH, .seq = is(201), .data = pattern_at(200, 100),
	       .options = AT(row->behind, got));
	got = premise(p, RFC(5681, 11),
		      either(ACK, .ack = is(101), .len = is(0), .tsecr = is(T0 + 10),
			     .when = within(ms(500))),
		      NOTHING);
	inject(p, ACK | PSH, .seq = is(101), .data = pattern_at(100, 100),
	       .options = AT(row->fills, got));
	got = premise(p, RFC9293(SHLD, 31),
		      either(ACK, .ack = is(301), .len = is(0), .tsecr = is(T0 + row->fills),
			     .when = within(ms(500))),
		      either(ACK, .ack = is(201), .len = is(0), .tsecr = is(T0 + row->fills),
			     .when = within(ms(500))));
	inject(p, ACK | PSH, .seq = is(301), .data = pattern_at(300, 100),
	       .options = AT(50, got));
	expect(p, ACK, .ack = is(401), .len = is(0), .tsecr = is(T0 + 50), .when = within(ms(500)));
	dut_expect_read(p, pattern(400));
}

/* What came when RCV.NXT was 201, nothing was unacknowledged, and TS.Recent was T0 + 20. */
struct event {
	const char *name;
	unsigned flags;
	uint32_t seq;
	size_t len;
	uint32_t at;
	uint32_t recent; /* what TS.Recent is then */
};

static const struct event events[] = {
	{"bare_ack", ACK, 201, 0, 30, 30},
	{"data", ACK | PSH, 201, 100, 30, 30},
	{"data_of_the_same_tick", ACK | PSH, 201, 100, 20, 20},
	{"data_half_old_and_half_new", ACK | PSH, 151, 100, 30, 30},
	{"data_behind_a_hole", ACK | PSH, 301, 100, 30, 20},
	{"bare_ack_behind_a_hole", ACK, 301, 0, 30, 20},
	{"old_data", ACK | PSH, 1, 100, 30, 20},
	{"old_bare_ack", ACK, 101, 0, 30, 20},
	{"data_right_of_the_window", ACK | PSH, 201 + (1 << 30), 100, 30, 20},
	{"data_of_an_old_tick", ACK | PSH, 201, 100, 10, 20},
	{"bare_ack_of_an_old_tick", ACK, 201, 0, 10, 20},
	{"fin_of_an_old_tick", FIN | ACK, 201, 0, 10, 20},
	{"data_of_an_old_tick_behind_a_hole", ACK | PSH, 301, 100, 10, 20},
	{"rst_within_the_window", RST, 202, 0, 30, 20},
	{"rst_left_of_the_window", RST, 200, 0, 30, 20},
};

CASE_EACH(recent_after, struct event, events,
	  .requirement = RFC(7323, 40),
	  .also        = {RFC(7323, 33), RFC(7323, 36)},
	  .claim       = "TS.Recent takes a TSval that is no older, of an acceptable segment that "
			 "is no RST and begins at or left of the last ACK, and no other")
{
	struct peer *p = dial(lab);
	const struct heard *got = opened(p);

	for (uint32_t i = 0; i < 2; i++) {
		inject(p, ACK | PSH, .data = pattern_at(i * 100, 100),
		       .options = AT(10 + 10 * i, got));
		got = expect(p, ACK, .ack = is(101 + 100 * i), .len = is(0),
			     .tsecr = is(T0 + 10 + 10 * i), .when = within(ms(500)));
	}
	inject(p, row->flags, .seq = is(row->seq), .options = AT(row->at, got),
	       .data = row->len ? pattern(row->len) : (struct bytes){NULL, 0});
	peer_listen(p, ms(200));
	peer_forget(p);
	dut_write(p, pattern(50));
	expect(p, ACK, .seq = is(1), .len = is(50), .tsecr = is(T0 + row->recent),
	       .when = within(ms(500)));
}
