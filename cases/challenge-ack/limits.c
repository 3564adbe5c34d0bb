/*
 * How often a challenge ACK is sent.
 *
 * RFC 5961 section 7: whoever sends segments in a window at a guess must not get an ACK for each,
 * so challenge ACKs should be throttled; and throttled or not, the segments have no effect, and the
 * real ones do. How many are let through is the DUT's affair.
 *
 * Linux has two limits, which every lab lifts and these cases set as they are by default, or low:
 * tcp_invalid_ratelimit, the least time between two answers on one connection, in ms; and
 * tcp_challenge_ack_limit, how many go out in a second over all connections. The latter is blurred
 * on purpose, by half each way, for a count that is known to the packet tells who else uses it.
 */
#include <lastack/case.h>

FAMILY(challenge_ack_limits, "Challenge ACKs are throttled");

#define SALVO 40
#define LIMIT 10

/* A salvo of segments at once; what is challenged by it. */
struct salvo {
	const char *name;
	unsigned flags;
	uint32_t seq;
	uint32_t ack;
};

static const struct salvo salvos[] = {
	{"syn", SYN, 1, 0},
	{"syn_within_the_window", SYN, 1001, 0},
	{"syn_ack", SYN | ACK, 1, 1},
	{"rst_within_the_window", RST, 1001, 0},
	{"ack_of_what_was_never_sent", ACK, 1, 100001},
};

/* How many ACKs answered the salvo, and nothing else did. */
static unsigned fire(struct peer *p, const struct salvo *salvo, unsigned n)
{
	const struct heard *got;
	unsigned answers = 0;

	for (unsigned i = 0; i < n; i++)
		inject(p, salvo->flags, .seq = is(salvo->seq), .ack = is(salvo->ack));
	peer_listen(p, ms(50));
	while ((got = peer_next(p))) {
		check(p, got->flags == ACK && got->seq == 1 && got->ack == 1 && !got->len,
		      "the answer has flags 0x%x seq %u ack %u: want an ACK with 1 and 1",
		      got->flags, got->seq, got->ack);
		answers++;
	}
	return answers;
}

CASE_EACH(of_one_connection, struct salvo, salvos,
	  .requirement = RFC(5961, 14),
	  .claim       = "with the default limits, of 40 segments at once that call for a "
			 "challenge ACK on one connection 10 at most are answered, and one at "
			 "least",
	  .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p;
	unsigned answers;

	dut_sysctl(lab, "net.ipv4.tcp_invalid_ratelimit", 500);
	p = handshaken(lab);
	answers = fire(p, row, SALVO);
	check(p, answers >= 1, "none of %d is answered", SALVO);
	check(p, answers <= 10, "%u of %d are answered", answers, SALVO);
	dut_expect_state(p, ESTABLISHED);
}

/* A window's worth later it is answered again: the limit is on the rate. */
CASE(for_half_a_second,
     .requirement = RFC(5961, 14),
     .claim       = "with the default limits a connection that was silent for longer than the "
		    "limit's time gets its challenge ACK again",
     .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p;

	dut_sysctl(lab, "net.ipv4.tcp_invalid_ratelimit", 500);
	p = handshaken(lab);
	for (int i = 0; i < 2; i++) {
		int rung = inject(p, SYN, .seq = is(1));

		expect(p, ACK, .seq = is(1), .ack = is(1), .len = is(0), .when = within(ms(500)));
		peer_wait_until(p, rung, ms(700));
	}
}

/*
 * The salvo is over several connections: from half the limit to one and a half are let through.
 * Before Linux 5.19 every namespace has the limit for itself, but one count is for all: beside
 * cases without a limit all 40 may be answered there, and alone 5 to 15 are.
 */
CASE(of_all_connections,
     .requirement = RFC(5961, 14),
     .claim       = "with tcp_challenge_ack_limit=10, of 40 RSTs within the windows of 8 "
		    "connections at once 30 at most are answered, and 5 at least",
     .needs       = DUT_AGENT | SYSCTLS)
{
	static const struct salvo rst = {"", RST, 1001, 0};
	struct peer *peers[8];
	unsigned answers = 0;

	dut_sysctl(lab, "net.ipv4.tcp_challenge_ack_limit", LIMIT);
	for (int i = 0; i < 8; i++)
		peers[i] = handshaken(lab);
	for (int i = 0; i < SALVO; i++)
		inject(peers[i % 8], RST, .seq = is(1001));
	for (int i = 0; i < 8; i++)
		answers += fire(peers[i], &rst, 0);
	/* A second may end in the middle of it: then there are two allowances. */
	check(peers[0], answers >= LIMIT / 2, "%u of %d are answered", answers, SALVO);
	check(peers[0], answers <= LIMIT * 3, "%u of %d are answered", answers, SALVO);
	for (int i = 0; i < 8; i++)
		dut_expect_state(peers[i], ESTABLISHED);
}

/* Who has used the allowance up has not taken the peer's own means away. */
struct end {
	const char *name;
	unsigned flags;
	enum state state;
};

static const struct end ends[] = {
	{"rst", RST, CLOSED},
	{"fin", FIN | ACK, CLOSE_WAIT},
	{"data", ACK | PSH, ESTABLISHED},
};

CASE_EACH(the_real_ones_count, struct end, ends,
	  .requirement = RFC(5961, 2),
	  .also        = {RFC(5961, 14), RFC(5961, 4)},
	  .claim       = "while challenge ACKs are throttled the peer's own RST, FIN and data at "
			 "RCV.NXT have their effect, and are acknowledged",
	  .needs       = DUT_AGENT | SYSCTLS)
{
	static const struct salvo rst = {"", RST, 1001, 0}, syn = {"", SYN, 1, 0};
	struct peer *p;

	dut_sysctl(lab, "net.ipv4.tcp_invalid_ratelimit", 500);
	p = handshaken(lab);
	fire(p, &rst, SALVO);
	fire(p, &syn, SALVO);
	dut_expect_state(p, ESTABLISHED);
	if (row->flags & PSH)
		inject(p, row->flags, .data = pattern(100));
	else
		inject(p, row->flags);
	if (!(row->flags & RST))
		expect(p, ACK, .seq = is(1), .ack = is(row->flags & PSH ? 101 : 2), .len = is(0),
		       .when = within(ms(500)));
	dut_expect_state(p, row->state);
}
