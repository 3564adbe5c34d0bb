/*
 * What the path to a host explains: each way to break with each cause, on the link and behind
 * routers, in a first and in a second attempt.
 */
#include "attempt.h"

/* As is_made(); and what is inconclusive also says how the attempt broke. */
static void is_decided(const struct attempt *attempt, enum verdict verdict, const char *message)
{
	struct judgement made = is_made(attempt, verdict, message);

	assert_true(made.verdict != VERDICT_INCONCLUSIVE || strstr(made.message, MESSAGE));
}

static void loses(struct attempt *attempt)
{
	attempt->path.after.lost = 1;
}

static void lost_before(struct attempt *attempt)
{
	attempt->path.before.lost = 3;
}

static void lost_meanwhile(struct attempt *attempt)
{
	attempt->path.run.lost = 3;
}

static void copies(struct attempt *attempt)
{
	attempt->path.beside.duplicated = attempt->path.run.duplicated = 5;
}

static void reorders(struct attempt *attempt)
{
	attempt->path.after.reordered = 1;
}

static void is_slower(struct attempt *attempt)
{
	attempt->path.beside.rtt_worst = ms(25);
	attempt->facts.off_by = ms(49);
}

static void merges(struct attempt *attempt)
{
	attempt->facts.longest = 2974;
	attempt->facts.mtu = 1500;
}

static void hears_errors(struct attempt *attempt)
{
	attempt->facts.foreign_error = "192.0.2.9";
}

#define ALL_BUT_FORM                                                                               \
	(1u << BREAK_MISSING | 1u << BREAK_UNEXPECTED | 1u << BREAK_REPEATED | 1u << BREAK_ORDER | \
	 1u << BREAK_LENGTH | 1u << BREAK_VALUE | 1u << BREAK_EARLY | 1u << BREAK_LATE |           \
	 1u << BREAK_CHECK | 1u << BREAK_RATE | 1u << BREAK_CALL)

/* Those in which a time is wrong. */
#define TIMES (1u << BREAK_MISSING | 1u << BREAK_EARLY | 1u << BREAK_LATE)

static const struct {
	void (*set)(struct attempt *attempt);
	unsigned kinds; /* of breaks that it explains */
	const char *reason;
} causes[] = {
	{loses, ALL_BUT_FORM, "the path lost 1 of 300 requests; then: "},
	{lost_before, ALL_BUT_FORM, "the path lost 3 of 300 requests; then: "},
	{lost_meanwhile, ALL_BUT_FORM, "the path lost 3 of 300 requests; then: "},
	{copies, ALL_BUT_FORM & ~(1u << BREAK_MISSING | 1u << BREAK_ORDER | 1u << BREAK_LATE),
	 "the path duplicated 5 of 300 replies; then: "},
	{reorders, ALL_BUT_FORM, "the path reordered 1 of 300 replies; then: "},
	{is_slower, ALL_BUT_FORM, "the round trip took 0.050 to 25.000 ms; then: "},
	{merges, ALL_BUT_FORM & ~(1u << BREAK_REPEATED | 1u << BREAK_EARLY),
	 "a frame of 2974 bytes is longer than the MTU of 1500 allows"},
	{hears_errors, ALL_BUT_FORM, "192.0.2.9 sent an ICMP error"},
};
#define CAUSES (sizeof(causes) / sizeof(causes[0]))

static void a_break_on_a_clean_link_stands_at_once(void **state)
{
	struct attempt attempt;

	(void)state;
	for (int k = BREAK_NONE + 1; k < BREAKS; k++) {
		begin(&attempt, (enum break_kind)k, PATH_DIRECT);
		is_decided(&attempt, VERDICT_FAIL, MESSAGE);
		attempt.in.level = LEVEL_SHOULD;
		is_decided(&attempt, VERDICT_DEVIATION, MESSAGE);
		/* A server may set its own hop limit. */
		attempt.facts.hops_least = 63;
		is_decided(&attempt, VERDICT_DEVIATION, MESSAGE);
	}
}

static void each_cause_explains_its_breaks(void **state)
{
	struct attempt attempt;

	(void)state;
	for (size_t c = 0; c < CAUSES; c++)
		for (int k = BREAK_NONE + 1; k < BREAKS; k++) {
			const bool explained = causes[c].kinds & 1u << k;

			begin(&attempt, (enum break_kind)k, PATH_DIRECT);
			causes[c].set(&attempt);
			is_decided(&attempt, explained ? VERDICT_INCONCLUSIVE : VERDICT_FAIL,
				   explained ? causes[c].reason : MESSAGE);
			/* It does so in each attempt, where it is not rare. */
			begin_again(&attempt, (enum break_kind)k, PATH_DIRECT);
			causes[c].set(&attempt);
			if (causes[c].set != is_slower || TIMES & 1u << k)
				is_decided(&attempt,
					   explained ? VERDICT_INCONCLUSIVE : VERDICT_FAIL,
					   explained ? causes[c].reason : MESSAGE);
			else
				is_decided(&attempt, VERDICT_FAIL, MESSAGE);
			/* A stack of ours has no path. */
			attempt.path.kind = PATH_OWN;
			is_decided(&attempt, VERDICT_FAIL, MESSAGE);
		}
}

static void the_merged_frame_names_the_way_out(void **state)
{
	struct attempt attempt;

	(void)state;
	begin(&attempt, BREAK_LENGTH, PATH_DIRECT);
	merges(&attempt);
	is_decided(&attempt, VERDICT_INCONCLUSIVE, "here: ethtool -K t0 gro off lro off");
}

/* What happened once, long ago, does not happen twice at the same place. */
static void a_rare_fault_explains_no_second_break(void **state)
{
	struct attempt attempt;

	(void)state;
	begin_again(&attempt, BREAK_MISSING, PATH_DIRECT);
	attempt.path.run = (struct path_facts){.sent = 3000, .lost = 2, .rtt_worst = us(300)};
	is_decided(&attempt, VERDICT_FAIL, MESSAGE);
	/* But a first one, or one at another place, or of another kind, */
	attempt.in.attempt = 1;
	is_decided(&attempt, VERDICT_INCONCLUSIVE, "the path lost 2 of 3200");
	attempt.in.attempt = 2;
	attempt.in.before_line = LINE + 1;
	is_decided(&attempt, VERDICT_INCONCLUSIVE, "the path lost 2 of 3200");
	attempt.in.before_line = LINE;
	attempt.in.before = BREAK_LATE;
	is_decided(&attempt, VERDICT_INCONCLUSIVE, "the path lost 2 of 3200");
	/* and one while it happens again. */
	attempt.in.before = BREAK_MISSING;
	attempt.path.beside.lost = 1;
	is_decided(&attempt, VERDICT_INCONCLUSIVE, "the path lost 2 of 3200");
}

static void times_are_explained_by_twice_the_jitter(void **state)
{
	static const struct {
		nanos jitter, off_by;
		enum verdict verdict;
	} rows[] = {
		{us(900), us(100), VERDICT_FAIL}, /* that is none */
		{ms(1), ms(2), VERDICT_INCONCLUSIVE},
		{ms(1), ms(2) + 1, VERDICT_FAIL},
		{ms(100), ms(200), VERDICT_INCONCLUSIVE},
		{ms(100), ms(201), VERDICT_FAIL},
	};
	struct attempt attempt;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (int k = BREAK_NONE + 1; k < BREAKS; k++) {
			if (!(TIMES & 1u << k))
				continue;
			begin(&attempt, (enum break_kind)k, PATH_DIRECT);
			attempt.path.after.rtt_worst = us(50) + rows[i].jitter;
			attempt.path.before.rtt_worst = attempt.path.beside.rtt_worst = us(50);
			attempt.facts.off_by = rows[i].off_by;
			is_decided(&attempt, rows[i].verdict, MESSAGE);
		}
	begin(&attempt, BREAK_UNEXPECTED, PATH_DIRECT);
	attempt.path.after.rtt_worst = us(50) + ms(20) - 1;
	is_decided(&attempt, VERDICT_FAIL, MESSAGE);
}

/* Requests may pass a router that loses segments: a break must come twice, at one place. */
static void behind_routers_a_claim_breaks_twice(void **state)
{
	struct attempt attempt;

	(void)state;
	for (int k = BREAK_NONE + 1; k < BREAKS; k++) {
		const bool lossy = ALL_BUT_FORM & 1u << k;

		begin(&attempt, (enum break_kind)k, PATH_ROUTED);
		is_decided(&attempt, lossy ? VERDICT_INCONCLUSIVE : VERDICT_FAIL,
			   lossy ? "a segment may have been lost" : MESSAGE);
		begin_again(&attempt, (enum break_kind)k, PATH_ROUTED);
		is_decided(&attempt, VERDICT_FAIL, MESSAGE);
		attempt.in.before_line = LINE - 1;
		is_decided(&attempt, lossy ? VERDICT_INCONCLUSIVE : VERDICT_FAIL,
			   lossy ? "not what broke in the attempt before" : MESSAGE);
		/* Two boxes answer. */
		begin_again(&attempt, (enum break_kind)k, PATH_ROUTED);
		attempt.facts.hops_least = 63;
		is_decided(&attempt, VERDICT_INCONCLUSIVE, "hop limits 63 and 64");
		/* And one of them sent the SYN-ACKs before the run. */
		begin_again(&attempt, (enum break_kind)k, PATH_ROUTED);
		attempt.path.before.distance_known = true;
		is_decided(&attempt, VERDICT_FAIL, MESSAGE);
		attempt.path.before.distance_least = attempt.path.before.distance_most = 1;
		is_decided(&attempt, VERDICT_INCONCLUSIVE, "passed 0 routers, and the port's "
			   "SYN-ACKs 1");
		attempt.facts.hops_least = attempt.facts.hops_most = 127;
		is_decided(&attempt, VERDICT_FAIL, MESSAGE);
		/* One box, which begins with another hop limit in some segments. */
		begin_again(&attempt, (enum break_kind)k, PATH_ROUTED);
		attempt.facts.hops_least = 62;
		attempt.facts.hops_most = 253;
		is_decided(&attempt, VERDICT_FAIL, MESSAGE);
	}
	/* On a link where nothing is answered but SYNs, nothing is known of it either. */
	begin(&attempt, BREAK_MISSING, PATH_DIRECT);
	attempt.path.after.sent = 0;
	is_decided(&attempt, VERDICT_INCONCLUSIVE, "a segment may have been lost");
}

static void a_path_that_cannot_be_measured_excuses(void **state)
{
	struct attempt attempt;

	(void)state;
	for (int k = BREAK_NONE + 1; k < BREAKS; k++) {
		/* A host that is silent is not judged at all. */
		begin_again(&attempt, (enum break_kind)k, PATH_DIRECT);
		attempt.path.error = -EHOSTUNREACH;
		attempt.path.why = "no reply to 100 requests";
		is_decided(&attempt, VERDICT_INCONCLUSIVE, "the host does not answer any more");
		attempt.path.error = -EIO;
		is_decided(&attempt, k == BREAK_FORM ? VERDICT_FAIL : VERDICT_INCONCLUSIVE,
			   k == BREAK_FORM ? MESSAGE : "could not be measured again (no reply");
	}
}

/* What a host that is gone lets a case end in is no error of the harness, and no skip's matter. */
static void a_host_that_is_gone_is_no_error(void **state)
{
	struct attempt attempt;

	(void)state;
	for (int v = 0; v < VERDICTS; v++) {
		const bool spoilt = v == VERDICT_INCONCLUSIVE || v == VERDICT_ERROR;

		begin(&attempt, BREAK_NONE, PATH_DIRECT);
		attempt.in.told = (enum verdict)v;
		assert_int_equal(verdict_rests_on_path((enum verdict)v, &attempt.facts), spoilt);
		is_decided(&attempt, (enum verdict)v, MESSAGE);
		attempt.path.error = -EHOSTUNREACH;
		is_decided(&attempt, spoilt ? VERDICT_INCONCLUSIVE : (enum verdict)v,
			   spoilt ? "the host does not answer any more; then: " : MESSAGE);
	}
	begin(&attempt, BREAK_NONE, PATH_DIRECT);
	attempt.in.told = VERDICT_ERROR;
	attempt.facts.no_lab = ENETDOWN;
	is_decided(&attempt, VERDICT_ERROR, MESSAGE);
	attempt.path.error = -EHOSTUNREACH;
	is_decided(&attempt, VERDICT_INCONCLUSIVE, "the host does not answer any more");
}

/* A header that cannot be read is nobody's lateness and no loss. */
static void an_unreadable_segment_is_the_hosts(void **state)
{
	struct attempt attempt;
	struct judgement made;

	(void)state;
	begin(&attempt, BREAK_FORM, PATH_DIRECT);
	attempt.in.level = LEVEL_MAY;
	attempt.path.after.lost = 50;
	attempt.facts.late = sec(1);
	attempt.facts.unreadable = "TCP data offset below 5";
	is_decided(&attempt, VERDICT_FAIL, "RFC9293 3.1 doff: the host sent");
	attempt.facts.unreadable = "IPv4 total length below the header's";
	is_decided(&attempt, VERDICT_FAIL, "RFC791 3.1");
	/* It is so, too, if it was seen when the case had ended. */
	attempt.facts.kind = BREAK_NONE;
	attempt.in.told = VERDICT_PASS;
	is_decided(&attempt, VERDICT_FAIL, "RFC791 3.1");
	attempt.path.kind = PATH_ROUTED;
	made = verdict_decide(&attempt.in);
	assert_int_equal(made.verdict, VERDICT_INCONCLUSIVE);
	assert_non_null(strstr(made.message, "--path direct"));
	/* A lab has no path. */
	attempt.in.path = NULL;
	is_decided(&attempt, VERDICT_FAIL, "RFC791 3.1");
}

static void a_frame_that_was_cut_is_not_judged(void **state)
{
	struct attempt attempt;
	struct judgement made;

	(void)state;
	for (int k = BREAK_NONE; k < BREAKS; k++) {
		begin_again(&attempt, (enum break_kind)k, PATH_DIRECT);
		attempt.in.told = k ? VERDICT_FAIL : VERDICT_PASS;
		attempt.facts.cut = 70000;
		made = verdict_decide(&attempt.in);
		assert_int_equal(made.verdict, VERDICT_INCONCLUSIVE);
		assert_non_null(strstr(made.message, "70000 bytes was captured only in part"));
	}
}

/* An agent that does not answer is an error, unless the path loses what goes to it. */
static void a_lossy_path_explains_a_silent_agent(void **state)
{
	struct attempt attempt;

	(void)state;
	begin(&attempt, BREAK_NONE, PATH_DIRECT);
	attempt.in.told = VERDICT_ERROR;
	attempt.facts.no_reach = ETIMEDOUT;
	is_decided(&attempt, VERDICT_ERROR, MESSAGE);
	loses(&attempt);
	is_decided(&attempt, VERDICT_INCONCLUSIVE, "the path lost 1 of 300 requests; then: ");
	attempt.facts.no_reach = ECONNREFUSED;
	is_decided(&attempt, VERDICT_ERROR, MESSAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_break_on_a_clean_link_stands_at_once),
		cmocka_unit_test(each_cause_explains_its_breaks),
		cmocka_unit_test(the_merged_frame_names_the_way_out),
		cmocka_unit_test(a_rare_fault_explains_no_second_break),
		cmocka_unit_test(times_are_explained_by_twice_the_jitter),
		cmocka_unit_test(behind_routers_a_claim_breaks_twice),
		cmocka_unit_test(a_path_that_cannot_be_measured_excuses),
		cmocka_unit_test(a_host_that_is_gone_is_no_error),
		cmocka_unit_test(an_unreadable_segment_is_the_hosts),
		cmocka_unit_test(a_frame_that_was_cut_is_not_judged),
		cmocka_unit_test(a_lossy_path_explains_a_silent_agent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
