/*
 * The DUT's own sequence numbers come round within the connection.
 *
 * Its initial numbers are its own to choose, but they follow a clock for each pair of ports (RFC
 * 9293 section 3.4.1). So many ports are asked; one whose clock is about to come round is asked
 * again at the right moment. Linux's clock makes 15.6 million numbers a second: of six hundred
 * ports one comes round every half second, and a SYN-ACK can be had within the last 200,000
 * numbers, 13 ms. A DUT whose numbers follow no such clock is not judged.
 */
#include <lastack/case.h>
#include <string.h>
#include <sys/socket.h>

FAMILY(wrap_out, "The DUT's sequence numbers come round");

#define PORTS 600
#define PORT_FIRST 20000
#define TRIES 24
/* So many numbers are left before the wrap, at most. */
#define LEFT_MAX 200000u
/* Asking takes its time; and no case waits longer than this for one port. */
#define SOON ms(5)
#define LATEST sec(4)
/* RFC 9293's clock makes 250,000 numbers a second; random ones look like a much faster one. */
#define SLOWEST 240e3
#define FASTEST 1e9
/* What the DUT's send buffer takes at once. */
#define PIECE 30000u

struct clock_of {
	uint16_t port;
	uint32_t isn;
	nanos at;
};

static struct peer *ask(struct lab *lab, uint16_t port, uint16_t to, struct clock_of *out)
{
	struct peer *p = dial_as(lab, .port = port, .to = to);
	const struct heard *got;

	inject(p, SYN);
	got = expect(p, SYN | ACK, .ack = is(1), .when = within(sec(1)));
	*out = (struct clock_of){port, got->raw_seq, got->time};
	return p;
}

/* When the port's clock will have half of LEFT_MAX left, by rate numbers a second; 0: too late. */
static nanos due(const struct clock_of *of, double rate)
{
	double left = (double)(0u - LEFT_MAX / 2 - of->isn);

	return rate > 0 ? of->at + (nanos)(left / rate * 1e9) : 0;
}

/* Every port's clock now, and how fast they run. The last one asked is *p, and *rung its answer. */
static double ask_all(struct lab *lab, struct clock_of *clocks, struct peer **p, int *rung)
{
	struct clock_of again;
	uint16_t to = peer_dut_port(*p);
	nanos apart;

	for (size_t i = 0; i < PORTS; i++)
		inject(ask(lab, (uint16_t)(PORT_FIRST + i), to, &clocks[i]), RST, .seq = is(1));
	peer_wait_until(*p, 0, ms(50));
	*p = ask(lab, PORT_FIRST, to, &again);
	*rung = inject(*p, RST, .seq = is(1));
	apart = again.at - clocks[0].at;
	return apart > 0 ? (double)(again.isn - clocks[0].isn) / ((double)apart / 1e9) : 0;
}

/*
 * A half-open connection whose SYN-ACK has a number at most LEFT_MAX before the wrap. *left is how
 * many numbers there are, from the SYN on, before 0.
 */
static struct peer *near_the_wrap(struct lab *lab, uint32_t *left)
{
	static struct clock_of clocks[PORTS];
	struct peer *p = dial(lab);
	int rung = 0;
	double rate = ask_all(lab, clocks, &p, &rung);

	for (int tries = 0; tries < TRIES; tries++) {
		nanos now = rung_time(p, rung), best = now + LATEST;
		struct clock_of *next = NULL, got;

		for (size_t i = 0; i < PORTS; i++)
			if (due(&clocks[i], rate) > now + SOON && due(&clocks[i], rate) < best) {
				next = &clocks[i];
				best = due(next, rate);
			}
		if (!next)
			break;
		peer_wait_until(p, rung, best - now);
		p = ask(lab, next->port, peer_dut_port(p), &got);
		*left = 0u - got.isn;
		if (*left <= LEFT_MAX && *left > 1000)
			return p;
		rung = inject(p, RST, .seq = is(1));
		*next = got;
	}
	dut_keeps_syns(p);
	if (rate < SLOWEST || rate > FASTEST)
		not_judged(p, "the ISNs follow no clock that can be met: %.0f numbers a second",
			   rate);
	too_late(p, "no SYN was in time for a number just before the wrap, at %.0f a second", rate);
}

static struct peer *open_near_the_wrap(struct lab *lab, uint32_t *left)
{
	struct peer *p = near_the_wrap(lab, left);

	inject(p, ACK);
	dut_accept(p);
	return p;
}

static struct bytes stream(uint32_t seq, size_t n)
{
	return pattern_at(seq - 1, n);
}

/* What was written up to end comes, each byte in its place, and is acknowledged. */
static void comes(struct peer *p, uint32_t end)
{
	for (int idle = 0; peer_rcv_nxt(p) != end && idle < 100;) {
		const struct heard *got;
		uint32_t next = peer_rcv_nxt(p);

		if (!peer_listen(p, ms(2))) {
			idle++;
			continue;
		}
		for (idle = 0; (got = peer_next(p)); next = peer_rcv_nxt(p)) {
			/* A copy: our own side was late, and the timer was not. */
			if (got->seq < next)
				continue;
			check(p, got->seq == next && got->len <= end - next,
			      "data at %u came, want %u", got->seq, next);
			check(p, !memcmp(got->data, stream(next, got->len).at, got->len),
			      "the data at %u is not what was written", next);
		}
		inject(p, ACK);
	}
	check(p, peer_rcv_nxt(p) == end, "data came up to %u, want %u", peer_rcv_nxt(p), end);
}

/* The DUT writes so much, from the first byte on. */
static void sends(struct peer *p, uint32_t n)
{
	dut_set_option(p, SOL_SOCKET, SO_SNDBUF, 200000);
	for (uint32_t done = 0; done < n;) {
		uint32_t piece = n - done < PIECE ? n - done : PIECE;

		dut_write(p, stream(1 + done, piece));
		done += piece;
		comes(p, done + 1);
	}
}

CASE(data,
     .requirement = RFC9293(EV, RTO),
     .also        = {RFC9293(EV, LASTACK)},
     .claim       = "data that goes across the wrap comes whole and in order, is acknowledged, "
		    "and the connection closes behind it",
     .budget      = sec(10))
{
	uint32_t left, n;
	struct peer *p = open_near_the_wrap(lab, &left);

	n = left + 5000;
	sends(p, n);
	expect_silence(p, ms(300));
	dut_close(p);
	expect(p, FIN | ACK, .seq = is(n + 1), .ack = is(1), .when = within(ms(500)));
	inject(p, FIN | ACK);
	expect(p, ACK, .seq = is(n + 2), .ack = is(2), .when = within(ms(500)));
	dut_expect_state(p, TIME_WAIT);
}

/* 50 bytes before the wrap and 50 behind it, in one segment. */
CASE(segment_is_lost,
     .requirement = RFC9293(EV, RTO),
     .claim       = "a segment that goes across the wrap and is lost is sent again with the same "
		    "number, and an old ACK from before the wrap changes nothing",
     .budget      = sec(10))
{
	const struct heard *first;
	uint32_t left, next;
	nanos rto;
	struct peer *p = open_near_the_wrap(lab, &left);

	sends(p, left - 51);
	next = peer_rcv_nxt(p);
	expect_silence(p, ms(300));
	rto = dut_info(p).rto;
	dut_write(p, pattern(100));
	first = expect_lost(p, ACK, .seq = is(next), .data = pattern(100), .when = within(ms(500)));
	check(p, first->raw_seq == 0u - 50, "the segment begins %u before the wrap, not 50",
	      0u - first->raw_seq);
	inject(p, ACK, .ack = is(next - 1000 < next ? next - 1000 : 1));
	expect(p, ACK, .seq = is(next), .data = pattern(100), .when = about(rto),
	       .since = first->rung);
	inject(p, ACK);
	expect_silence(p, 2 * rto + ms(300));
}

/* Where the FIN's number lies: the last one there is, or 0. */
struct place {
	const char *name;
	uint32_t at;
};

static const struct place places[] = {
	{"fin_is_the_last_number", UINT32_MAX},
	{"fin_is_zero", 0},
};

CASE_EACH(fin, struct place, places,
	  .requirement = RFC9293(EV, LASTACK),
	  .also        = {RFC9293(EV, RTO)},
	  .claim       = "a FIN at the wrap is sent again when its ACK is lost, and acknowledged "
			 "by the number behind it",
	  .budget      = sec(10))
{
	const struct heard *got;
	uint32_t left, n;
	nanos rto;
	struct peer *p = open_near_the_wrap(lab, &left);

	n = left + row->at - 1;
	sends(p, n);
	inject(p, FIN | ACK);
	expect(p, ACK, .seq = is(n + 1), .ack = is(2), .len = is(0), .when = within(ms(500)));
	rto = dut_info(p).rto;
	dut_close(p);
	got = expect_lost(p, FIN | ACK, .seq = is(n + 1), .raw_seq = is(row->at), .ack = is(2),
			  .when = within(ms(500)));
	inject(p, ACK, .ack = is(n + 1));
	expect(p, FIN | ACK, .seq = is(n + 1), .raw_seq = is(row->at), .ack = is(2),
	       .when = about(rto), .since = got->rung);
	dut_expect_state(p, LAST_ACK);
	inject(p, ACK);
	dut_expect_state(p, CLOSED);
	expect_silence(p, ms(300));
}

CASE(acknowledgement_of_more,
     .requirement = RFC(5961, 13),
     .also        = {RFC9293(EV, SEQ_UNACC)},
     .claim       = "across the wrap data that acknowledges what was never sent is not taken, "
		    "and an ACK is sent",
     .budget      = sec(10))
{
	uint32_t left;
	struct peer *p = open_near_the_wrap(lab, &left);

	sends(p, left - 1);
	inject(p, ACK | PSH, .seq = is(1), .raw_ack = is(1), .data = text("a guess"));
	expect(p, ACK, .raw_seq = is(0), .ack = is(1), .len = is(0), .when = within(ms(500)));
	dut_expect_nothing_to_read(p);
	inject(p, ACK | PSH, .data = pattern(100));
	expect(p, ACK, .raw_seq = is(0), .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(100));
}

/* The right edge lies behind the wrap, its number is small: it is no old one. */
CASE(peers_window,
     .requirement = RFC9293(EV, RTO),
     .also        = {RFC(7323, 17)},
     .claim       = "a window of 2000 bytes that goes across the wrap is filled by half at least, "
		    "and not beyond",
     .budget      = sec(10))
{
	const struct heard *got;
	uint32_t left, first, next;
	struct peer *p = open_near_the_wrap(lab, &left);

	sends(p, left - 501);
	first = next = peer_rcv_nxt(p);
	/* Data with it, so that its window counts though it is smaller. */
	inject(p, ACK | PSH, .window = is(2000), .data = pattern(1));
	expect(p, ACK, .seq = is(first), .ack = is(2), .len = is(0), .when = within(ms(500)));
	inject(p, ACK, .window = is(2000));
	dut_write(p, pattern(8000));
	while (peer_listen(p, ms(100)))
		while ((got = peer_next(p))) {
			if (got->seq < next)
				continue;
			check(p, got->seq == next, "data at %u came, want %u", got->seq, next);
			next += got->len;
		}
	check(p, next - first >= 1000 && next - first <= 2000,
	      "%u bytes came into a window of 2000", next - first);
}
