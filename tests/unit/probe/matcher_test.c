/*
 * Which reply belongs to which probe, what it means, and what is the same once more.
 */
#include "spelt.h"

#define TARGET 80

static const struct probe_sent syn = {.number = 1, .port = 1000, .flags = SYN, .seq = 0xffffffff,
				      .end = 0};
static const struct probe_sent ack = {.number = 2, .port = 1001, .flags = ACK, .seq = 50, .ack = 77,
				      .end = 50};
static const struct probe_sent data = {.number = 3, .port = 1002, .flags = ACK | PSH, .seq = 50,
				       .ack = 77, .end = 60};
static const struct probe_sent fin = {.number = 4, .port = 1003, .flags = FIN, .seq = 9, .end = 10};
static const struct probe_sent rst = {.number = 5, .port = 1004, .flags = RST, .seq = 9, .end = 9};

static struct packet reply_to(const struct probe_sent *sent, unsigned flags, uint32_t seq,
			      uint32_t acked)
{
	return (struct packet){
		.kind = PACKET_TCP,
		.tcp = {.source_port = TARGET, .dest_port = sent->port, .flags = (uint16_t)flags,
			.seq = seq, .ack = acked, .window = 1000},
	};
}

static struct packet icmp_about(const struct probe_sent *sent, uint8_t family, uint8_t type,
				uint8_t code)
{
	return (struct packet){
		.kind = PACKET_ICMP,
		.source.family = family,
		.icmp = {.type = type, .code = code, .quotes_tcp = true,
			 .quoted_source_port = sent->port, .quoted_dest_port = TARGET,
			 .quoted_seq = sent->seq},
	};
}

static void a_reply_is_matched_by_its_numbers(void **state)
{
	const struct {
		const struct probe_sent *sent;
		unsigned flags;
		uint32_t seq, ack;
		enum match_rule rule;
	} table[] = {
		{&syn, SYN | ACK, 5, 0, RULE_ACK},
		{&syn, RST | ACK, 0, 0, RULE_ACK},
		{&syn, SYN | ACK, 5, 1, RULE_PORTS},
		{&syn, ACK, 5, 0xffffffff, RULE_PORTS},
		{&syn, SYN, 5, 0, RULE_PORTS},
		{&ack, RST, 77, 0, RULE_RESET},
		{&ack, RST, 78, 0, RULE_PORTS},
		{&ack, ACK, 77, 50, RULE_ACK},
		{&ack, ACK, 77, 51, RULE_PORTS},
		{&data, ACK, 77, 60, RULE_ACK},
		{&data, ACK, 77, 55, RULE_ACK},
		{&data, ACK, 77, 50, RULE_PORTS},
		{&data, ACK, 77, 61, RULE_PORTS},
		{&fin, RST | ACK, 0, 10, RULE_ACK},
	};

	(void)state;
	for (size_t i = 0; i < CASES(table); i++) {
		struct packet packet = reply_to(table[i].sent, table[i].flags, table[i].seq,
						table[i].ack);

		assert_int_equal(match_reply(table[i].sent, TARGET, &packet), table[i].rule);
		assert_int_equal(match_reply(table[i].sent, TARGET + 1, &packet), RULE_NONE);
		packet.tcp.dest_port++;
		assert_int_equal(match_reply(table[i].sent, TARGET, &packet), RULE_NONE);
	}
}

static void an_error_is_matched_by_what_it_quotes(void **state)
{
	struct packet icmp = icmp_about(&syn, 4, 3, 13);

	(void)state;
	assert_int_equal(match_reply(&syn, TARGET, &icmp), RULE_QUOTE);
	assert_true(reply_is_error(&icmp));
	icmp.icmp.quoted_seq++;
	assert_int_equal(match_reply(&syn, TARGET, &icmp), RULE_NONE);
	icmp.icmp.quoted_seq--;
	icmp.icmp.quotes_tcp = false;
	assert_int_equal(match_reply(&syn, TARGET, &icmp), RULE_NONE);
}

static void replies_in_words(void **state)
{
	const struct {
		const struct probe_sent *sent;
		unsigned flags;
		uint32_t seq, ack;
		const char *meaning;
	} table[] = {
		{&syn, SYN | ACK, 5, 0, "open"},
		{&syn, SYN | ACK, 5, 7, "open, but acknowledges +8, and +1 is right"},
		{&syn, RST | ACK, 0, 0, "closed: RST with the right numbers"},
		{&syn, RST | ACK, 9, 0, "reset: RST with seq 9, where a closed port has 0"},
		{&syn, RST | ACK, 0, 4, "closed: RST with ack +5, and +1 is right"},
		{&syn, RST, 0, 0, "closed: RST without the ACK that is due"},
		{&syn, ACK, 5, 900, "challenge ACK"},
		{&syn, SYN, 5, 0, "a SYN back: a simultaneous open"},
		{&ack, RST, 77, 0, "no connection: RST with the right numbers"},
		{&ack, RST, 3, 0, "no connection: RST with seq 3, and 77 is right"},
		{&ack, ACK, 77, 50, "challenge ACK"},
		{&data, ACK, 77, 60, "acknowledged"},
		{&data, ACK, 77, 45, "duplicate ACK: what comes before is missing"},
		{&data, ACK, 77, 70, "challenge ACK"},
		{&data, ACK, 77, UINT32_MAX - 1000, "challenge ACK"},
		{&data, FIN | ACK, 77, 60, "a FIN: the other side closes"},
		{&fin, RST | ACK, 0, 10, "no connection: RST with the right numbers"},
		{&fin, 0, 0, 10, "a segment without ACK: wrong"},
		{&rst, RST, 0, 10, "a RST answered by a RST: wrong"},
	};
	struct probe_sent connected = ack;
	char words[MEANING_MAX];

	(void)state;
	connected.connected = true;
	for (size_t i = 0; i < CASES(table); i++) {
		struct packet packet = reply_to(table[i].sent, table[i].flags, table[i].seq,
						table[i].ack);

		assert_string_equal(meaning_text(table[i].sent, &packet, words), table[i].meaning);
	}
	assert_string_equal(meaning_text(&syn, NULL, words), "filtered, or lost: no answer");
	assert_string_equal(meaning_text(&fin, NULL, words), "open or filtered: no answer");
	assert_string_equal(meaning_text(&ack, NULL, words), "filtered, or lost: no answer");
	assert_string_equal(meaning_text(&connected, NULL, words),
			    "no answer (an acceptable ACK without data gets none)");
	assert_string_equal(meaning_text(&rst, NULL, words),
			    "silence, which is all that a RST gets");
}

static void errors_in_words(void **state)
{
	static const struct {
		uint8_t family, type, code;
		const char *meaning;
	} table[] = {
		{4, 3, 13, "filtered: ICMP admin-prohibited"},
		{4, 3, 10, "filtered: ICMP admin-prohibited"},
		{4, 3, 3, "filtered: ICMP port unreachable"},
		{4, 3, 1, "unreachable: ICMP host unreachable"},
		{4, 11, 0, "lost: ICMP time to live exceeded"},
		{4, 12, 0, "refused: ICMP parameter problem"},
		{6, 1, 1, "filtered: ICMPv6 admin-prohibited"},
		{6, 1, 4, "filtered: ICMPv6 port unreachable"},
		{6, 2, 0, "too large: ICMPv6 packet too big"},
		{6, 3, 0, "lost: ICMPv6 hop limit exceeded"},
	};
	struct packet odd = reply_to(&syn, SYN | ACK, 5, 0);
	char words[MEANING_MAX];

	(void)state;
	for (size_t i = 0; i < CASES(table); i++) {
		struct packet icmp = icmp_about(&syn, table[i].family, table[i].type,
						table[i].code);

		assert_string_equal(meaning_text(&syn, &icmp, words), table[i].meaning);
	}
	odd.tcp.checksum_state = CHECKSUM_BAD;
	assert_string_equal(meaning_text(&syn, &odd, words),
			    "not to be believed: its checksum is wrong");
	odd.kind = PACKET_MALFORMED;
	odd.fault = "TCP data offset below 5";
	assert_string_equal(meaning_text(&syn, &odd, words), "malformed: TCP data offset below 5");
}

static enum again again_after(struct packet *first, struct packet *next, nanos gap)
{
	struct reply_marks a = reply_marks(first, sec(1)), b = reply_marks(next, sec(1) + gap);

	return reply_again(&a, &b);
}

static void a_duplicate_is_told_from_a_retransmission(void **state)
{
	struct packet first = reply_to(&syn, SYN | ACK, 5, 0), next = first;
	const struct option early = opt_timestamps(1, 2), late = opt_timestamps(3, 2);
	size_t len;

	(void)state;
	assert_int_equal(again_after(&first, &next, ms(1)), AGAIN_DUPLICATE);
	assert_int_equal(again_after(&first, &next, sec(1)), AGAIN_RETRANSMITTED);
	first.ip_id = 9;
	assert_int_equal(again_after(&first, &next, ms(1)), AGAIN_RETRANSMITTED);
	next.ip_id = 9;
	assert_int_equal(again_after(&first, &next, sec(1)), AGAIN_DUPLICATE);
	options_encode(&early, 1, first.tcp.options, &len);
	options_encode(&late, 1, next.tcp.options, &len);
	first.tcp.option_bytes = next.tcp.option_bytes = (uint8_t)len;
	assert_int_equal(again_after(&first, &next, ms(1)), AGAIN_RETRANSMITTED);
	next.tcp.flags = RST;
	assert_int_equal(again_after(&first, &next, ms(1)), AGAIN_OTHER);
	next = icmp_about(&syn, 4, 3, 1);
	assert_int_equal(again_after(&first, &next, ms(1)), AGAIN_OTHER);
}

static void figures_of_round_trips(void **state)
{
	struct probe_summary summary = {.sent = 0};
	struct rtt_figures figures;

	(void)state;
	assert_false(summary_figures(&summary, &figures));
	for (nanos i = 200; i > 0; i--)
		assert_int_equal(summary_add_rtt(&summary, us(i)), 0);
	assert_true(summary_figures(&summary, &figures));
	assert_int_equal(figures.min, us(1));
	assert_int_equal(figures.median, us(100));
	assert_int_equal(figures.p99, us(198));
	assert_int_equal(figures.max, us(200));
	assert_int_equal(figures.mean, 100500);
	summary_free(&summary);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reply_is_matched_by_its_numbers),
		cmocka_unit_test(an_error_is_matched_by_what_it_quotes),
		cmocka_unit_test(replies_in_words),
		cmocka_unit_test(errors_in_words),
		cmocka_unit_test(a_duplicate_is_told_from_a_retransmission),
		cmocka_unit_test(figures_of_round_trips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
