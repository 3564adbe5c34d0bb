/*
 * More half-open connections than the listener remembers, with SYN cookies.
 *
 * RFC 4987 section 3.6: the SYN-ACK's sequence number holds what the listener would have to
 * remember, under a keyed hash. It keeps nothing: no state, and no SYN-ACK is sent again. An ACK
 * of that number makes the connection; any other is an ACK to a port in LISTEN, and RFC 9293
 * section 3.10.7.2 has it answered by RST.
 */
#include <lastack/case.h>

FAMILY(cookies, "SYN cookies");

#define SYNS_MAX 16

/* A peer whose SYN was answered by a cookie: the SYN-ACK came, and the DUT knows nothing. */
static struct peer *answered_by_cookie(struct lab *lab, const struct heard **syn_ack)
{
	struct peer *p;
	bool kept = true;

	dut_sysctl(lab, "net.ipv4.tcp_syncookies", 1);
	dut_listen_as(lab, .backlog = 1);
	for (int i = 0; i < SYNS_MAX && kept; i++) {
		p = dial(lab);
		inject(p, SYN);
		*syn_ack = expect(p, SYN | ACK, .seq = is(0), .ack = is(1), .len = is(0),
				  .when = within(ms(500)));
		kept = dut_state(p) == SYN_RECEIVED;
	}
	check(p, !kept, "%d half-open connections are remembered with a backlog of 1", SYNS_MAX);
	return p;
}

/* An ACK with the cookie's number: the connection stands, and its data is delivered. */
static void completes(struct peer *p)
{
	inject(p, ACK, .seq = is(1), .ack = is(1));
	dut_expect_state(p, ESTABLISHED);
	dut_accept(p);
	inject(p, ACK | PSH, .seq = is(1), .ack = is(1), .data = pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(100));
}

CASE(answer_a_full_queue,
     .requirement = DOC(TCP_SYNCOOKIES),
     .also        = {RFC(4987, 5)},
     .claim       = "with tcp_syncookies=1 a SYN that finds the queue full is answered; no state "
		    "is kept, nothing is sent again, and the ACK still makes the connection",
     .needs       = DUT_AGENT | SYSCTLS | FLOOD,
     .budget      = sec(10))
{
	const struct heard *cookie = NULL;
	struct peer *p = answered_by_cookie(lab, &cookie);

	expect_silence(p, sec(4));
	dut_expect_state(p, CLOSED);
	completes(p);
}

CASE(data_completes_too,
     .requirement = DOC(TCP_SYNCOOKIES),
     .also        = {RFC(4987, 5)},
     .claim       = "when the ACK of a cookie is lost, the first data makes the connection and is "
		    "delivered",
     .needs       = DUT_AGENT | SYSCTLS | FLOOD)
{
	const struct heard *cookie = NULL;
	struct peer *p = answered_by_cookie(lab, &cookie);

	lose(p, ACK);
	inject(p, ACK | PSH, .seq = is(1), .ack = is(1), .data = pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, ESTABLISHED);
	dut_accept(p);
	dut_expect_read(p, pattern(100));
	dut_expect_nothing_to_read(p);
}

/*
 * Numbers near the right one are no test: the lowest bits say which of a few MSS values was
 * offered, and one of them passes for another.
 */
static void forged(struct peer *p, uint32_t seq, uint32_t ack)
{
	inject(p, ACK, .seq = is(seq), .ack = is(ack));
	premise_listener_resets(p, .seq = is(ack), .len = is(0), .when = within(ms(500)));
}

CASE(forged_gets_rst,
     .requirement = DOC(TCP_SYNCOOKIES),
     .also        = {RFC9293(EV, LISTEN_ACK), RFC(4987, 5)},
     .claim       = "an ACK of another number, from another sequence number or from another port "
		    "than the cookie's gets RST, and the right one still makes the connection",
     .needs       = DUT_AGENT | SYSCTLS | FLOOD)
{
	const struct heard *cookie = NULL;
	struct peer *p = answered_by_cookie(lab, &cookie), *other;

	forged(p, 1, 1 + 1000);
	forged(p, 1, 1 + (1u << 31));
	forged(p, 1 + 1000, 1);
	other = dial_as(lab, .use_isn = true, .isn = peer_iss(p));
	inject(other, ACK, .seq = is(1), .raw_ack = is(cookie->raw_seq + 1));
	premise_listener_resets(other, .raw_seq = is(cookie->raw_seq + 1), .len = is(0),
				.when = within(ms(500)));
	dut_expect_state(other, CLOSED);
	dut_expect_state(p, CLOSED);
	dut_expect_no_accept(p);
	completes(p);
}
