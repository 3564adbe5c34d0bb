/*
 * ICMP errors: what they say, what they quote, and how the ladder shows them.
 */
#include "world.h"

/* A segment of the DUT's, as a case holds it. */
static const struct heard about = {.flags = ACK | PSH, .raw_seq = DUT_ISN + 1,
	.raw_ack = PEER_ISN + 1, .window = 1000, .ttl = 63, .tos = 8, .ip_id = 77,
	.options = {.size = 4, .bytes = {1, 1, 1, 1}}, .len = 3, .data = (const uint8_t *)"abc"};

static void parse_left(const struct world *w, struct packet *out)
{
	assert_true(w->left_len > 0);
	packet_parse(w->left, w->left_len, w->left_len, out);
	assert_int_equal(out->kind, PACKET_ICMP);
	assert_int_equal(out->icmp.checksum_state, CHECKSUM_GOOD);
}

static void it_quotes_the_segment(void **state)
{
	struct world *w = *state;
	struct packet packet;
	int rung;

	if (setjmp(w->end))
		fail_msg("%s", w->message);
	inject(w->p, SYN);
	peer_expect(w->p, SEGMENT(SYN | ACK, .when = within(sec(1))));
	rung = inject_icmp(w->p, &about, .type = 3, .code = 4, .parameter = 600);
	parse_left(w, &packet);
	assert_true(address_equal(&packet.source, &peer_ip));
	assert_true(address_equal(&packet.dest, &dut_ip));
	assert_int_equal(packet.icmp.type, 3);
	assert_int_equal(packet.icmp.code, 4);
	assert_int_equal(packet.icmp.parameter, 600);
	assert_true(packet.icmp.quotes_tcp);
	assert_true(address_equal(&packet.icmp.quoted_source, &dut_ip));
	assert_true(address_equal(&packet.icmp.quoted_dest, &peer_ip));
	assert_int_equal(packet.icmp.quoted_source_port, 80);
	assert_int_equal(packet.icmp.quoted_dest_port, 40000);
	assert_int_equal(packet.icmp.quoted_seq, DUT_ISN + 1);
	/* IP, TCP, its options and its data. */
	assert_int_equal(packet.icmp.quote_len, 20 + 20 + 4 + 3);
	assert_memory_equal(packet.icmp.quote + packet.icmp.quote_len - 3, "abc", 3);
	/* Its time is that of its leaving. */
	assert_true(rung_time(w->p, rung) > 0);
	exchange_audit(w->x);
	capture_is_sound(w);
	assert_non_null(strstr(w->rungs[w->count - 1].text, "need to frag (mtu 600)"));
	assert_int_equal(w->rungs[w->count - 1].kind, RUNG_SENT);
}

static void it_may_quote_another_number(void **state)
{
	struct world *w = *state;
	struct packet packet;

	if (setjmp(w->end))
		fail_msg("%s", w->message);
	inject(w->p, SYN);
	peer_expect(w->p, SEGMENT(SYN | ACK, .when = within(sec(1))));
	inject_icmp(w->p, &about, .type = 11, .seq = is(500));
	parse_left(w, &packet);
	assert_int_equal(packet.icmp.quoted_seq, DUT_ISN + 500);
}

static void a_long_segment_is_quoted_in_part(void **state)
{
	static const uint8_t data[1400];
	struct heard longer = about;
	struct world *w = *state;
	struct packet packet;

	if (setjmp(w->end))
		fail_msg("%s", w->message);
	longer.data = data;
	longer.len = sizeof(data);
	inject_icmp(w->p, &longer, .type = 3, .code = 1);
	parse_left(w, &packet);
	assert_int_equal(packet.icmp.quote_len, 576 - 20 - 8);
	assert_true(packet.icmp.quotes_tcp);
}

static void a_rehearsal_sends_nothing(void **state)
{
	struct world *w = *state;

	if (setjmp(w->end))
		fail_msg("%s", w->message);
	inject_icmp(w->p, &about, .type = 3, .code = 1);
	inject(w->p, SYN);
	peer_expect(w->p, SEGMENT(SYN | ACK, .when = within(sec(1))));
	assert_int_equal(w->left_len, 0);
	exchange_audit(w->x);
	capture_is_sound(w);
	assert_string_equal(w->rungs[0].text, "ICMP error, type 3, code 1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_quotes_the_segment, setup, teardown),
		cmocka_unit_test_setup_teardown(it_may_quote_another_number, setup, teardown),
		cmocka_unit_test_setup_teardown(a_long_segment_is_quoted_in_part, setup, teardown),
		cmocka_unit_test_setup_teardown(a_rehearsal_sends_nothing, setup_rehearsal,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
