/*
 * How long TIME-WAIT lasts, and what starts it anew.
 *
 * RFC 9293 section 3.6.1 (MUST-13): who closes first stays in TIME-WAIT for twice the maximum
 * segment lifetime, so that its last ACK can be repeated, and that nothing of the old connection
 * is taken for part of a new one. How long a segment lives is an engineering choice (section
 * 3.4.2): the RFC takes two minutes, which makes 240 s, and says that experience may change it.
 * Linux takes 30 s, which makes 60 s, and no sysctl changes that. So there are two claims: the
 * state lasts for just the time that the profile names, and that time is the RFC's.
 *
 * The budgets hold for 240 s as well; by a profile with less the cases end sooner.
 */
#include <lastack/case.h>

FAMILY(time_wait, "How long TIME-WAIT lasts");

/* The RFC's 2 MSL. */
#define TWO_MSL sec(240)
/* Late by a timer wheel's rounding, and some room. */
#define BUDGET (TWO_MSL * 9 / 8 + sec(10))

/* *fin is the rung of the peer's FIN, which starts the timer. */
static struct peer *in_time_wait(struct lab *lab, int *fin)
{
	struct peer *p = handshaken(lab);

	dut_close(p);
	expect(p, FIN | ACK, .seq = is(1), .ack = is(1), .when = within(ms(500)));
	inject(p, ACK);
	dut_expect_state(p, FIN_WAIT_2);
	*fin = inject(p, FIN | ACK);
	expect(p, ACK, .seq = is(2), .ack = is(2), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, TIME_WAIT);
	return p;
}

CASE(lasts_as_long_as_the_profile_says,
     .requirement = RFC9293(MUST, 13),
     .also        = {RFC(1122, 10), RFC9293(EV, LISTEN_ACK)},
     .claim       = "TIME-WAIT lasts for the profile's 2 MSL (60 s on Linux), no less and hardly "
		    "more, and ends without a word",
     .budget      = BUDGET)
{
	int fin;
	struct peer *p = in_time_wait(lab, &fin);

	dut_expect_state_when(p, CLOSED, fin, about(dut_timer(lab, TIMER_TIME_WAIT)));
	expect_silence(p, ms(500));
	inject(p, ACK);
	premise_listener_resets(p, .seq = is(2), .len = is(0), .when = within(ms(500)));
}

/* SHOULD, for the two minutes are an engineering choice that may be changed. */
CASE(lasts_two_times_two_minutes,
     .requirement = RFC9293(MUST, 13),
     .also        = {RFC(1122, 10)},
     .judged_as   = LEVEL_SHOULD,
     .claim       = "TIME-WAIT lasts for twice the RFC's maximum segment lifetime of two minutes, "
		    "240 s",
     .budget      = BUDGET)
{
	int fin;
	struct peer *p = in_time_wait(lab, &fin);

	dut_expect_state_until(p, TIME_WAIT, fin, TWO_MSL - ms(2));
}

/* Confused often: tcp_fin_timeout is FIN-WAIT-2's, and 60 s by default as well. */
CASE(fin_timeout_does_not_shorten_it,
     .requirement = RFC9293(MUST, 13),
     .also        = {DOC(TCP_FIN_TIMEOUT)},
     .claim       = "with tcp_fin_timeout=1 TIME-WAIT is still there after 4 s: it has a time of "
		    "its own",
     .needs       = DUT_AGENT | SYSCTLS,
     .budget      = sec(8))
{
	struct peer *p;
	int fin;

	dut_sysctl(lab, "net.ipv4.tcp_fin_timeout", 1);
	p = in_time_wait(lab, &fin);
	dut_expect_state_until(p, TIME_WAIT, fin, sec(4));
	expect_silence(p, ms(100));
}

/* The last ACK was lost, and the peer in LAST-ACK sends its FIN again. */
CASE(repeated_fin_is_acknowledged,
     .requirement = RFC9293(EV, TW_FIN),
     .claim       = "each repetition of the peer's FIN in TIME-WAIT is acknowledged as the first "
		    "was")
{
	int fin;
	struct peer *p = in_time_wait(lab, &fin);

	for (int i = 0; i < 3; i++) {
		inject(p, FIN | ACK, .seq = is(1));
		expect(p, ACK, .seq = is(2), .ack = is(2), .len = is(0), .when = within(ms(500)));
		dut_expect_state(p, TIME_WAIT);
	}
	expect_silence(p, ms(500));
}

/*
 * The repetition comes after a sixth of the time: an end that is counted from the first FIN would
 * be over, with all the wheel's rounding, before the earliest end that is counted from the second.
 */
CASE(repeated_fin_restarts_the_timer,
     .requirement = RFC9293(EV, TW_FIN),
     .also        = {RFC9293(MUST, 13)},
     .claim       = "TIME-WAIT ends one 2 MSL after the last repetition of the peer's FIN, not "
		    "after the first FIN",
     .budget      = TWO_MSL / 6 + BUDGET)
{
	int fin, again;
	struct peer *p = in_time_wait(lab, &fin);
	nanos two_msl = dut_timer(lab, TIMER_TIME_WAIT);

	expect_silence_until(p, fin, two_msl / 6);
	again = inject(p, FIN | ACK, .seq = is(1));
	expect(p, ACK, .seq = is(2), .ack = is(2), .len = is(0), .when = within(ms(500)));
	dut_expect_state_when(p, CLOSED, again, about(two_msl));
	expect_silence(p, ms(500));
}
