/*
 * What comes for a connection in TIME-WAIT: SYN, old data, RST.
 *
 * RFC 9293 section 3.6.1 (MAY-2) lets a new SYN open the 4-tuple again, where the new connection's
 * numbers lie beyond the old one's on both sides; RFC 6191 section 2 says which SYNs. The widely
 * taught account, that TIME-WAIT blocks the 4-tuple, holds for the rest, and for the DUT's own
 * connect() (see time_wait_port).
 *
 * RFC 9293 section 3.10.7.4 lets a RST end TIME-WAIT, and so an old duplicate can: it is
 * acknowledged, the peer, which knows the connection no more, answers that ACK with RST, and the
 * RST is right to the number. RFC 1337 calls it assassination, and section 3 (F1) says not to
 * listen; Linux has tcp_rfc1337 for that, off by default.
 */
#include <lastack/case.h>

FAMILY(time_wait_segment, "What comes in TIME-WAIT");

/*
 * 100 bytes in, 200 out, and then TIME-WAIT: the DUT's next number is 202, the peer's 102. The
 * application has read everything, and holds its socket still.
 */
static struct peer *talked_and_closed(struct peer *p)
{
	inject(p, ACK | PSH, .data = pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(100));
	dut_write(p, pattern(200));
	expect(p, ACK, .seq = is(1), .data = pattern(200), .when = within(ms(500)));
	inject(p, ACK);
	dut_shutdown(p);
	expect(p, FIN | ACK, .seq = is(201), .ack = is(101), .when = within(ms(500)));
	inject(p, ACK);
	dut_expect_state(p, FIN_WAIT_2);
	inject(p, FIN | ACK);
	expect(p, ACK, .seq = is(202), .ack = is(102), .len = is(0), .when = within(ms(500)));
	dut_expect_state(p, TIME_WAIT);
	dut_expect_eof(p);
	return p;
}

static struct peer *in_time_wait(struct lab *lab)
{
	return talked_and_closed(handshaken(lab));
}

/* The same with timestamps; the peer's clock was at TSVAL when it began. */
#define TSVAL 100000
static struct peer *in_time_wait_with_timestamps(struct lab *lab)
{
	struct peer *p = dial(lab);

	inject(p, SYN, .options = {opt_mss(1440), opt_nop(), opt_nop(), opt_timestamps(TSVAL, 0)});
	expect(p, SYN | ACK, .ack = is(1), .tsecr = is(TSVAL), .when = within(ms(500)));
	inject(p, ACK);
	dut_accept(p);
	return talked_and_closed(p);
}

/*
 * The next incarnation: the same 4-tuple, and this ISN. A millisecond after the old one, in which
 * an ISN that is a clock's passes the few bytes that were sent; Linux up to 6.9 has no other means.
 */
static struct peer *again(struct lab *lab, struct peer *old, uint32_t isn)
{
	expect_silence(old, ms(1));
	return dial_as(lab, .port = peer_port(old), .to = peer_dut_port(old), .use_isn = true,
		       .isn = isn);
}

/* The ACK that old data should get; not the rule that forbids to take the data. */
static const struct heard *expect_refused(struct peer *p)
{
	return premise(p, RFC9293(EV, SEQ_UNACC),
		       either(ACK, .seq = is(202), .ack = is(102), .len = is(0),
			      .when = within(ms(500))),
		       NOTHING);
}

/* Silence, or one ACK with the old connection's numbers: TIME-WAIT goes on. */
static void expect_at_most_an_ack(struct peer *p)
{
	const struct heard *got;

	check(p, peer_listen(p, ms(500)) <= 1, "more than one segment came for an answer");
	got = peer_next(p);
	if (got)
		check(p, got->flags == ACK && !got->len && got->seq == 202 && got->ack == 102,
		      "the answer has flags 0x%x seq %u ack %u: want an ACK with 202 and 102",
		      got->flags, got->seq, got->ack);
	dut_expect_state(p, TIME_WAIT);
}

/* How far a SYN's number lies from the peer's next one: 102 is what the DUT expects. */
struct distance {
	const char *name;
	uint32_t distance;
};

static const struct distance beyond[] = {
	{"by_one", 1},
	{"by_64k", 65536},
	{"by_1g", 1u << 30},
};

CASE_EACH(syn_beyond_the_old_numbers, struct distance, beyond,
	  .requirement = RFC(6191, 6),
	  .also        = {RFC9293(MAY, 2)},
	  .claim       = "a SYN beyond the old numbers opens a new connection, and the DUT's ISN "
			 "lies beyond its own old ones")
{
	struct peer *old = in_time_wait(lab), *p;
	const struct heard *syn_ack;
	uint32_t next = peer_irs(old) + peer_rcv_nxt(old);

	p = again(lab, old, peer_iss(old) + peer_snd_nxt(old) + row->distance);
	inject(p, SYN);
	syn_ack = expect(p, SYN | ACK, .ack = is(1), .len = is(0), .when = within(ms(500)));
	check(p, syn_ack->raw_seq - next < 1u << 31,
	      "the new ISN %u lies below the old connection's next number %u", syn_ack->raw_seq,
	      next);
	dut_expect_state(p, SYN_RECEIVED);
	inject(p, ACK);
	dut_expect_state(p, ESTABLISHED);
	dut_accept(p);
	inject(p, ACK | PSH, .data = text("the next incarnation"));
	expect(p, ACK, .seq = is(1), .ack = is(21), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, text("the next incarnation"));
}

static const struct distance within_them[] = {
	{"first_number", 0u - 102},
	{"middle", 0u - 50},
	{"number_of_the_fin", 0u - 1},
};

/*
 * RFC 9293 section 3.10.7.4 answers a SYN in a synchronized state by an ACK, RFC 6191 section 2 by
 * silence. Neither opens a connection.
 */
CASE_EACH(syn_within_the_old_numbers, struct distance, within_them,
	  .requirement = RFC9293(EV, SYN_SYNC),
	  .also        = {RFC(6191, 7), RFC(6191, 8)},
	  .claim       = "a SYN within the old numbers opens nothing: the answer is an ACK of the "
			 "old connection at most, and TIME-WAIT goes on",
	  .filtered    = "*")
{
	struct peer *p = in_time_wait(lab);

	inject(p, SYN, .seq = is(102 + row->distance));
	expect_at_most_an_ack(p);
	dut_expect_no_accept(p);
	inject(p, FIN | ACK, .seq = is(101));
	expect(p, ACK, .seq = is(202), .ack = is(102), .len = is(0), .when = within(ms(500)));
}

/* Timestamps tell old from new where the numbers do not. An hour later, by the peer's clock: */
CASE(syn_with_a_newer_timestamp,
     .requirement = RFC(6191, 1),
     .also        = {RFC9293(MAY, 2)},
     .claim       = "where the old connection had timestamps, a SYN with a newer one opens a new "
		    "connection though its number lies within the old ones")
{
	struct peer *old = in_time_wait_with_timestamps(lab), *p;
	const struct heard *syn_ack;
	uint32_t next = peer_irs(old) + peer_rcv_nxt(old);

	p = again(lab, old, peer_iss(old) + 50);
	inject(p, SYN, .options = {opt_mss(1440), opt_nop(), opt_nop(),
				   opt_timestamps(TSVAL + 3600000, 0)});
	syn_ack = expect(p, SYN | ACK, .ack = is(1), .len = is(0), .tsecr = is(TSVAL + 3600000),
			 .when = within(ms(500)));
	check(p, syn_ack->raw_seq - next < 1u << 31,
	      "the new ISN %u lies below the old connection's next number %u", syn_ack->raw_seq,
	      next);
	inject(p, ACK);
	dut_expect_state(p, ESTABLISHED);
	dut_accept(p);
}

/* And an old duplicate shows itself by its timestamp, wherever its number lies. */
CASE(syn_with_an_older_timestamp,
     .requirement = RFC(6191, 4),
     .also        = {RFC9293(EV, SYN_SYNC)},
     .judged_as   = LEVEL_MUST,
     .claim       = "where the old connection had timestamps, a SYN with an older one opens "
		    "nothing, though its number lies beyond the old ones")
{
	struct peer *p = in_time_wait_with_timestamps(lab);

	inject(p, SYN, .seq = is(1102), .options = {opt_mss(1440), opt_nop(), opt_nop(),
						    opt_timestamps(TSVAL - 1000, 0)});
	expect_at_most_an_ack(p);
	dut_expect_no_accept(p);
}

CASE(old_data_is_acknowledged_only,
     .requirement = RFC9293(EV, TW_TEXT),
     .also        = {RFC9293(EV, SEQ_UNACC)},
     .claim       = "an old duplicate's data in TIME-WAIT is acknowledged, and never delivered")
{
	struct peer *p = in_time_wait(lab);

	inject(p, ACK | PSH, .seq = is(1), .ack = is(201), .data = pattern(100));
	dut_expect_state(p, TIME_WAIT);
	expect_refused(p);
	inject(p, ACK | PSH, .seq = is(51), .ack = is(202), .data = pattern(50));
	dut_expect_state(p, TIME_WAIT);
	expect_refused(p);
	dut_expect_eof(p);
	expect_silence(p, ms(500));
}

/* Behind a FIN there is nothing: this is no old duplicate but a broken peer's, and ignored too. */
CASE(data_behind_the_fin_is_never_delivered,
     .requirement = RFC9293(EV, TW_TEXT),
     .claim       = "data behind the peer's FIN in TIME-WAIT is never delivered, nor acknowledged "
		    "as taken")
{
	struct peer *p = in_time_wait(lab);

	inject(p, ACK | PSH, .seq = is(102), .data = pattern(100));
	expect_at_most_an_ack(p);
	dut_expect_eof(p);
}

/* RFC 1337's hazard H1, which TIME-WAIT is there for: old bytes end up in a new connection. */
CASE(old_data_is_not_taken_for_new,
     .requirement = RFC(1337, H1),
     .also        = {RFC9293(EV, SEQ_UNACC), RFC9293(MAY, 2)},
     .judged_as   = LEVEL_MUST,
     .claim       = "an old duplicate's data is not delivered to the connection that took the "
		    "4-tuple up again")
{
	struct peer *old = in_time_wait(lab), *p;

	p = again(lab, old, peer_iss(old) + peer_snd_nxt(old) + 1000);
	inject(p, SYN);
	premise(p, RFC9293(MAY, 2), either(SYN | ACK, .ack = is(1), .when = within(ms(500))),
		either(ACK), NOTHING);
	inject(p, ACK);
	dut_accept(p);
	inject(p, ACK | PSH, .raw_seq = is(peer_iss(old) + 1),
	       .raw_ack = is(peer_irs(old) + 201), .data = pattern(100));
	premise(p, RFC9293(EV, SEQ_UNACC),
		either(ACK, .seq = is(1), .ack = is(1), .len = is(0), .when = within(ms(500))),
		NOTHING);
	dut_expect_nothing_to_read(p);
	inject(p, ACK | PSH, .data = text("new"));
	expect(p, ACK, .seq = is(1), .ack = is(4), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, text("new"));
	dut_expect_nothing_to_read(p);
}

/* An old duplicate, its ACK, and the RST of a peer that has forgotten: each segment is right. */
static void assassinate(struct peer *p)
{
	const struct heard *ack;

	inject(p, ACK | PSH, .seq = is(1), .ack = is(201), .data = pattern(100));
	ack = expect_refused(p);
	inject(p, RST, .raw_seq = is(ack->raw_ack));
}

CASE(rst_ends_it,
     .requirement = RFC9293(EV, RST_TIMEWAIT),
     .also        = {RFC(1337, F1), DOC(TCP_RFC1337), RFC9293(EV, LISTEN_ACK)},
     .claim       = "with tcp_rfc1337=0 a RST at RCV.NXT ends TIME-WAIT, as RFC 1337 tells it",
     .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p;

	dut_sysctl(lab, "net.ipv4.tcp_rfc1337", 0);
	p = in_time_wait(lab);
	assassinate(p);
	dut_expect_state(p, CLOSED);
	expect_silence(p, ms(500));
	inject(p, FIN | ACK, .seq = is(101));
	premise_listener_resets(p, .seq = is(202), .len = is(0), .when = within(ms(500)));
}

CASE(rst_is_ignored_with_rfc1337,
     .requirement = DOC(TCP_RFC1337),
     .also        = {RFC(1337, F1)},
     .claim       = "with tcp_rfc1337=1 the same RST is ignored: TIME-WAIT goes on, and "
		    "acknowledges the peer's FIN again",
     .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p;

	dut_sysctl(lab, "net.ipv4.tcp_rfc1337", 1);
	p = in_time_wait(lab);
	assassinate(p);
	expect_silence(p, sec(1));
	dut_expect_state(p, TIME_WAIT);
	inject(p, FIN | ACK, .seq = is(101));
	expect(p, ACK, .seq = is(202), .ack = is(102), .len = is(0), .when = within(ms(500)));
}

static const struct distance elsewhere[] = {
	{"left_of_the_window", 0u - 1},
	{"right_of_the_left_edge", 1},
};

/* RFC 5961 section 3.2: only RCV.NXT itself counts; within the window an ACK may challenge it. */
CASE_EACH(rst_elsewhere_is_ignored, struct distance, elsewhere,
	  .requirement = RFC(5961, 1),
	  .also        = {RFC(5961, 4), RFC(5961, 5)},
	  .judged_as   = LEVEL_MUST,
	  .claim       = "a RST that is not at RCV.NXT does not end TIME-WAIT")
{
	struct peer *p = in_time_wait(lab);

	inject(p, RST, .seq = is(102 + row->distance));
	expect_at_most_an_ack(p);
	inject(p, FIN | ACK, .seq = is(101));
	expect(p, ACK, .seq = is(202), .ack = is(102), .len = is(0), .when = within(ms(500)));
}
