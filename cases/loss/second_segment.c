/*
 * The SYN-ACK is lost on its way to the peer, or the peer never answers it.
 *
 * RFC 6298 sections 2 and 5: the first retransmission comes after 1 s, or after more where a stack
 * has it so (its profile says), and each later interval is twice the one before. The RFCs give no
 * limit for a passive open; Linux's is tcp_synack_retries (5), after which the half-open entry goes
 * without a word, 63 s after the SYN by the doubled timer.
 *
 * Measured on Linux 6.18 at HZ 250: intervals 1.01, 2.02, 4.03 to 4.26, 8.19, 16.13 s; the entry
 * gone between 63.5 and 65.0 s: the timer wheel rounds up, and the end is judged as a bracket.
 */
#include <lastack/case.h>

FAMILY(second_segment, "The SYN-ACK is lost");

/* The sixth interval ends the series: alive shortly before it, gone after the wheel's rounding. */
#define GIVE_UP sec(63)
/* No SYN-ACK is waited for beyond. */
#define LONG_ENOUGH sec(45)

CASE(sent_again_with_doubling_intervals,
     .requirement = RFC9293(EV, SYNACK_RTO),
     .also        = {RFC(6298, 1), RFC(6298, 15)},
     .claim       = "a SYN-ACK that is not acknowledged is sent again after the first timeout, and "
		    "then each time after twice as long",
     .needs       = BLACK_BOX,
     .budget      = sec(40))
{
	nanos interval = dut_timer(lab, TIMER_SYN_ACK), age = interval;
	struct peer *p = dial(lab);

	inject(p, SYN);
	expect_lost(p, SYN | ACK, .seq = is(0), .ack = is(1), .when = within(ms(500)));
	for (; age < LONG_ENOUGH && age < dut_timer(lab, TIMER_SYN_RECEIVED); age += interval) {
		expect_lost(p, SYN | ACK, .seq = is(0), .ack = is(1),
			    .when = dut_about(lab, interval));
		interval *= 2;
	}
	dut_expect_state(p, SYN_RECEIVED);
}

/* All but the timestamp value must be as the first time: same ISN, same options, same window. */
CASE(sent_again_unchanged,
     .requirement = RFC9293(EV, SYNACK_SAME),
     .also        = {RFC9293(EV, SYNACK_RTO)},
     .claim       = "a SYN-ACK that is sent again is the first one but for its timestamp value",
     .needs       = BLACK_BOX,
     .budget      = sec(10))
{
	nanos interval = dut_timer(lab, TIMER_SYN_ACK), age = interval;
	struct peer *p = dial(lab);
	const struct heard *first, *again;

	inject(p, SYN, .options = {opt_mss(1460), opt_sack_permitted(), opt_timestamps(1000, 0),
				   opt_nop(), opt_wscale(7)});
	first = expect_lost(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	check(p, !(first->options.kinds & WITHOUT(OPTION_TIMESTAMPS)) ||
		 first->options.tsecr == 1000,
	      "the timestamp's echo is %u, want 1000", first->options.tsecr);
	for (int i = 0; i < 2 && age < dut_timer(lab, TIMER_SYN_RECEIVED); i++) {
		again = expect_lost(p, SYN | ACK, .raw_seq = is(first->raw_seq),
				    .raw_ack = is(first->raw_ack), .window = is(first->window),
				    .when = dut_about(lab, interval));
		check(p, again->options.size == first->options.size,
		      "the options took %u bytes first, then %u", first->options.size,
		      again->options.size);
		check(p, again->options.kinds == first->options.kinds,
		      "the options of the first are not those of a later one");
		check(p, again->options.mss == first->options.mss &&
			 again->options.wscale == first->options.wscale &&
			 again->options.tsecr == first->options.tsecr,
		      "the options of the first say another thing than those of a later one");
		interval *= 2;
		age += interval;
	}
}

/*
 * RFC 9293 section 3.10.7.4, first check: the repeated SYN lies left of the window, so an
 * acknowledgement is due. Linux sends the whole SYN-ACK again, which acknowledges too.
 */
CASE(repeated_syn_is_answered_at_once,
     .requirement = RFC9293(EV, SYNRCVD_SYN_OLD),
     .also        = {RFC9293(EV, SYNACK_SAME)},
     .claim       = "a repeated SYN is answered at once, with the same ISN and acknowledgement",
     .needs       = BLACK_BOX)
{
	struct peer *p = dial(lab);
	const struct heard *first, *again;

	inject(p, SYN);
	first = expect_lost(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	inject(p, SYN, .seq = is(0));
	if (expect_any(p, &again,
		       either(SYN | ACK, .raw_seq = is(first->raw_seq), .ack = is(1),
			      .when = within(ms(500))),
		       either(ACK, .seq = is(1), .ack = is(1), .when = within(ms(500)))) == 0)
		check(p, again->window == first->window, "the window was %u, and is %u now",
		      first->window, again->window);
	dut_expect_state(p, SYN_RECEIVED);
	inject(p, ACK, .seq = is(1), .ack = is(1));
	dut_expect_state(p, ESTABLISHED);
	dut_accept(p);
}

CASE(retries_exhausted,
     .requirement = DOC(TCP_SYNACK_RETRIES),
     .also        = {RFC9293(EV, LISTEN_ACK)},
     .claim       = "after tcp_synack_retries the half-open entry is gone, without a segment, and "
		    "a late ACK gets RST",
     .needs       = DUT_AGENT | SYSCTLS,
     .budget      = sec(10))
{
	struct peer *p;

	dut_sysctl(lab, "net.ipv4.tcp_synack_retries", 1);
	p = dial(lab);
	inject(p, SYN);
	expect_lost(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	expect_lost(p, SYN | ACK, .ack = is(1), .when = about(sec(1)));
	dut_expect_state_when(p, CLOSED, 0, about(sec(2)));
	expect_silence(p, sec(5));
	inject(p, ACK, .seq = is(1), .ack = is(1));
	premise_listener_resets(p, .seq = is(1), .when = within(ms(500)));
	dut_expect_no_accept(p);
}

CASE(retries_of_one_listener,
     .requirement = DOC(TCP_SYNCNT),
     .claim       = "TCP_SYNCNT on a listener limits how often its SYN-ACKs are sent again",
     .budget      = sec(15))
{
	struct peer *p;

	dut_listen_as(lab, .syncnt = 2);
	p = dial(lab);
	inject(p, SYN);
	expect_lost(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	expect_lost(p, SYN | ACK, .ack = is(1), .when = about(sec(1)));
	expect_lost(p, SYN | ACK, .ack = is(1), .when = about(sec(2)));
	dut_expect_state_when(p, CLOSED, 0, about(sec(4)));
	expect_silence(p, sec(9));
}

CASE(default_retries_to_the_end,
     .requirement = DOC(TCP_SYNACK_RETRIES),
     .also        = {RFC9293(EV, SYNACK_RTO), RFC9293(EV, LISTEN_ACK)},
     .claim       = "with the default of five retries the entry is there 62 s after the SYN and "
		    "gone after 72 s",
     .needs       = BLACK_BOX,
     .budget      = sec(80))
{
	struct peer *p = dial(lab);
	int syn;

	syn = inject(p, SYN);
	expect_lost(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	for (int interval = 1; interval <= 16; interval *= 2)
		expect_lost(p, SYN | ACK, .ack = is(1), .when = about(sec(interval)));
	dut_expect_state_until(p, SYN_RECEIVED, syn, sec(62));
	dut_expect_state_when(p, CLOSED, syn, about(GIVE_UP));
	expect_silence_until(p, syn, sec(72));
	/* With data, which a connection would acknowledge. */
	inject(p, ACK | PSH, .seq = is(1), .ack = is(1), .data = pattern(10));
	premise_listener_resets(p, .seq = is(1), .when = within(ms(500)));
}
