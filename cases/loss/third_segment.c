/*
 * The segment that completes the handshake, the third, is lost.
 *
 * A widely taught account says that a server answers data with RST then. RFC 9293 section 3.10.7.4
 * says otherwise: in SYN-RECEIVED a segment whose acknowledgement lies in (SND.UNA, SND.NXT] makes
 * the connection ESTABLISHED, and the same segment's text and FIN are processed. Every data segment
 * carries that acknowledgement. A RST is due only where the half-open entry is no longer there, or
 * the acknowledgement is wrong (section 3.10.7.1, 3.10.7.4).
 */
#include <lastack/case.h>

FAMILY(third_segment, "The handshake's last ACK is lost");

/* A connection in SYN-RECEIVED whose third segment the network lost. */
static struct peer *third_lost(struct lab *lab)
{
	struct peer *p = dial(lab);

	inject(p, SYN);
	expect(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	dut_expect_state(p, SYN_RECEIVED);
	lose(p, ACK);
	return p;
}

CASE(syn_acks_go_on_until_the_ack,
     .requirement = RFC9293(EV, SYNACK_RTO),
     .also        = {RFC9293(EV, SYNRCVD_ACK)},
     .claim       = "the SYN-ACK comes again until the ACK does, and then the connection stands",
     .needs       = BLACK_BOX | SERVICE_WAITS,
     .budget      = sec(12))
{
	struct peer *p = dial(lab);
	const struct heard *first;

	inject(p, SYN);
	first = expect(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	lose(p, ACK);
	expect(p, SYN | ACK, .seq = is(0), .ack = is(1),
	       .when = dut_about(lab, dut_timer(lab, TIMER_SYN_ACK)), .since = first->rung);
	lose(p, ACK);
	dut_expect_no_accept(p);
	expect(p, SYN | ACK, .seq = is(0), .ack = is(1),
	       .when = dut_about(lab, 3 * dut_timer(lab, TIMER_SYN_ACK)), .since = first->rung);
	inject(p, ACK);
	dut_expect_state(p, ESTABLISHED);
	dut_accept(p);
	expect_silence(p, sec(5));
}

CASE(data_completes_the_handshake,
     .requirement = RFC9293(EV, SYNRCVD_ACK),
     .also        = {RFC9293(EV, DATA_BEFORE_ESTAB)},
     .claim       = "the first data segment's ACK completes the handshake, and its data is "
		    "delivered: no RST",
     .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = third_lost(lab);

	inject(p, ACK | PSH, .data = pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, ESTABLISHED);
	dut_accept(p);
	dut_expect_read(p, pattern(100));
	dut_expect_nothing_to_read(p);
	expect_silence(p, sec(2));
}

CASE(data_completes_it_after_a_retransmission,
     .requirement = RFC9293(EV, SYNRCVD_ACK),
     .claim       = "data completes the handshake also when the SYN-ACK was sent again before",
     .needs       = BLACK_BOX | SERVICE_QUIET)
{
	struct peer *p = dial(lab);
	const struct heard *first;

	inject(p, SYN);
	first = expect(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	lose(p, ACK);
	expect(p, SYN | ACK, .seq = is(0), .ack = is(1),
	       .when = dut_about(lab, dut_timer(lab, TIMER_SYN_ACK)), .since = first->rung);
	inject(p, ACK | PSH, .data = pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(101), .when = within(ms(500)));
	dut_expect_state(p, ESTABLISHED);
	dut_accept(p);
	dut_expect_read(p, pattern(100));
}

CASE(fin_completes_the_handshake_too,
     .requirement = RFC9293(EV, FIN_SYNRCVD),
     .also        = {RFC9293(EV, SYNRCVD_ACK)},
     .claim       = "data and FIN in one segment complete the handshake: data, the end, CLOSE-WAIT",
     .needs       = BLACK_BOX | SERVICE_HOLDS)
{
	struct peer *p = third_lost(lab);

	inject(p, ACK | FIN | PSH, .data = pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(102), .when = within(ms(500)));
	dut_expect_state(p, CLOSE_WAIT);
	dut_accept(p);
	dut_expect_read(p, pattern(100));
	dut_expect_eof(p);
}

/* RST does answer data in these: each is a reason of its own, and none is the lost ACK alone. */

CASE(data_after_the_entry_has_expired_gets_rst,
     .requirement = RFC9293(EV, LISTEN_ACK),
     .claim       = "data for a half-open connection that has expired gets RST with seq = SEG.ACK",
     .needs       = DUT_AGENT | SYSCTLS,
     .budget      = sec(10))
{
	struct peer *p;

	dut_sysctl(lab, "net.ipv4.tcp_synack_retries", 0);
	p = third_lost(lab);
	dut_expect_state_when(p, CLOSED, 0, within(sec(2)));
	inject(p, ACK | PSH, .data = pattern(100));
	premise_listener_resets(p, .seq = is(1), .when = within(ms(500)));
	dut_expect_no_accept(p);
}

CASE(data_with_a_wrong_ack_gets_rst,
     .requirement = RFC9293(EV, SYNRCVD_BADACK),
     .claim       = "data whose ACK acknowledges nothing sent gets RST with seq = SEG.ACK, and a "
		    "right ACK still completes the handshake",
     .needs       = BLACK_BOX | SERVICE_QUIET,
     .filtered    = "*")
{
	struct peer *p = third_lost(lab);

	inject(p, ACK | PSH, .seq = is(1), .ack = is(2), .data = pattern(100));
	expect(p, RST, .seq = is(2), .when = within(ms(500)));
	inject(p, ACK, .seq = is(1), .ack = is(0));
	expect(p, RST, .seq = is(0), .when = within(ms(500)));
	dut_expect_state(p, SYN_RECEIVED);
	inject(p, ACK | PSH, .seq = is(1), .ack = is(1), .data = pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(101), .when = within(ms(500)));
	dut_accept(p);
	dut_expect_read(p, pattern(100));
}

CASE(data_after_the_listener_closed_gets_rst,
     .requirement = RFC9293(EV, CLOSED_ACK),
     .claim       = "data for a half-open connection whose listener was closed gets RST")
{
	struct peer *p = third_lost(lab);

	dut_close_socket(lab, dut_listener(lab));
	inject(p, ACK | PSH, .data = pattern(100));
	expect(p, RST, .seq = is(1), .when = within(ms(500)));
}
