/*
 * What libnet builds for a packet: byte for byte what the packet room encodes by itself, lies
 * included, and nothing when it cannot be built.
 */
#include "packets.h"

static void sent_is_encoded(struct wire *wire, const struct packet *packet)
{
	static uint8_t want[70000];
	const uint8_t *frame = NULL;
	struct why why = {.text = ""};
	size_t len = 0, want_len = 0;

	assert_int_equal(packet_encode(packet, want, sizeof(want), &want_len), 0);
	assert_int_equal(wire_send(wire, packet, &frame, &len, &why), 0);
	assert_int_equal(len, want_len);
	assert_memory_equal(frame, want, len);
}

static void every_length_is_right(void **state)
{
	static uint8_t data[3000];
	struct wire *wire = double_open(NULL, NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 + 1);
	for (uint8_t family = 4; family <= 6; family = (uint8_t)(family + 2)) {
		struct packet packet = syn_of(family);

		packet.tcp.data = data;
		for (unsigned options = 0; options <= OPTION_BYTES_MAX; options++) {
			memset(packet.tcp.options, OPTION_NOP, options);
			packet.tcp.option_bytes = (uint8_t)options;
			for (size_t n = 0; n <= 9; n++) {
				packet.tcp.len = n * n * n * 4 + n;
				sent_is_encoded(wire, &packet);
			}
		}
	}
	wire_free(wire, true);
}

static void ip_options_are_sent(void **state)
{
	static const uint8_t options[] = "\x01\x01\x94\x04\x00\x00\x01\x00\x9e\x08ninety";
	struct wire *wire = double_open(NULL, NULL);
	struct packet packet = syn_of(4), parsed;
	uint8_t frame[200];
	size_t len;

	(void)state;
	for (size_t n = 0; n <= 16; n += 4) {
		packet.ip_options = (struct bytes){options, n};
		for (packet.tcp.len = 0; packet.tcp.len < 5; packet.tcp.len++) {
			packet.tcp.data = options;
			sent_is_encoded(wire, &packet);
			assert_int_equal(packet_encode(&packet, frame, sizeof(frame), &len), 0);
			packet_parse(frame, len, len, &parsed);
			assert_int_equal(parsed.kind, PACKET_TCP);
			assert_false(parsed.ip_checksum_bad);
			assert_int_equal(parsed.tcp.checksum_state, CHECKSUM_GOOD);
			assert_int_equal(parsed.tcp.len, packet.tcp.len);
		}
	}
	wire_free(wire, true);
}

static void ip_options_that_do_not_fit_are_refused(void **state)
{
	static const uint8_t options[44];
	struct wire *wire = double_open(NULL, NULL);
	struct packet four = syn_of(4), six = syn_of(6);
	uint8_t frame[200];
	struct why why;
	size_t len;

	(void)state;
	four.ip_options = (struct bytes){options, 3};
	assert_int_equal(wire_send(wire, &four, NULL, NULL, &why), -EINVAL);
	assert_int_equal(packet_encode(&four, frame, sizeof(frame), &len), -EINVAL);
	four.ip_options.len = 44;
	assert_int_equal(wire_send(wire, &four, NULL, NULL, &why), -EINVAL);
	assert_non_null(strstr(why.text, "up to 40 bytes"));
	assert_int_equal(packet_encode(&four, frame, sizeof(frame), &len), -EINVAL);
	six.ip_options = (struct bytes){options, 4};
	assert_int_equal(wire_send(wire, &six, NULL, NULL, &why), -EINVAL);
	assert_int_equal(packet_encode(&six, frame, sizeof(frame), &len), -EINVAL);
	wire_free(wire, true);
}

static void every_flag_and_field_is_sent(void **state)
{
	struct wire *wire = double_open(NULL, NULL);

	(void)state;
	for (uint8_t family = 4; family <= 6; family = (uint8_t)(family + 2)) {
		struct packet packet = syn_of(family), parsed;
		const uint8_t *frame;
		size_t len;

		for (uint16_t flags = 0; flags < 0x200; flags++) {
			packet.tcp.flags = flags;
			sent_is_encoded(wire, &packet);
		}
		packet.dont_fragment = false;
		packet.ttl = 0;
		packet.tos = 0xff;
		packet.flow_label = 0xfffff;
		sent_is_encoded(wire, &packet);
		assert_int_equal(wire_send(wire, &packet, &frame, &len, NULL), 0);
		packet_parse(frame, len, len, &parsed);
		assert_int_equal(parsed.kind, PACKET_TCP);
		assert_int_equal(parsed.tcp.checksum_state, CHECKSUM_GOOD);
		assert_int_equal(parsed.tcp.flags, 0x1ff);
		assert_int_equal(parsed.tcp.seq, 0x89abcdef);
		assert_int_equal(parsed.tcp.ack, 0x01234567);
		assert_int_equal(parsed.tcp.window, 0xfedc);
		assert_int_equal(parsed.tcp.urgent, 0x1122);
		assert_int_equal(parsed.ttl, 0);
		assert_int_equal(parsed.tos, 0xff);
		assert_false(parsed.dont_fragment);
		assert_int_equal(parsed.ip_id, family == 4 ? 0xbeef : 0);
		assert_int_equal(parsed.flow_label, family == 4 ? 0 : 0xfffff);
	}
	wire_free(wire, true);
}

/* Each lie alone, then the honest packet again: nothing of a lie stays behind. */
static void lies_are_told_once(void **state)
{
	struct wire *wire = double_open(NULL, NULL);

	(void)state;
	for (uint8_t family = 4; family <= 6; family = (uint8_t)(family + 2)) {
		const struct packet honest = syn_of(family);
		struct packet lies[7];

		for (size_t i = 0; i < 7; i++)
			lies[i] = honest;
		lies[0].lies = LIE_BAD_CHECKSUM;
		lies[1].lies = LIE_ZERO_CHECKSUM;
		lies[2].set_checksum = true;
		lies[2].tcp.checksum = 0x5555;
		lies[3].tcp.data_offset = 15;
		lies[4].tcp.reserved = 7;
		lies[5].set_ip_length = true;
		lies[5].ip_length = 61;
		lies[6].set_ip_checksum = true;
		lies[6].ip_checksum = 0x1234;
		for (size_t i = 0; i < 7; i++) {
			sent_is_encoded(wire, &lies[i]);
			sent_is_encoded(wire, &honest);
		}
	}
	wire_free(wire, true);
}

static void cannot_send(struct wire *wire, const struct packet *packet, int error)
{
	const uint8_t *frame = (const uint8_t *)"untouched";
	struct why why = {.text = ""};
	const struct packet good = syn_of(4);
	struct frame heard;
	size_t len = 99;

	assert_int_equal(wire_send(wire, packet, &frame, &len, &why), -error);
	assert_true(strlen(why.text) > 10);
	assert_null(strchr(why.text, '\n'));
	assert_string_equal(frame, "untouched");
	assert_int_equal(len, 99);
	assert_int_equal(wire_next(wire, &heard, &why), 0);
	/* And what was half built is forgotten. */
	sent_is_encoded(wire, &good);
	assert_int_equal(wire_next(wire, &heard, &why), 1);
}

static void what_cannot_be_built_is_refused(void **state)
{
	static const uint8_t data[70000];
	struct wire *wire = double_open(NULL, NULL);
	struct packet packet;

	(void)state;
	packet = syn_of(4);
	packet.kind = PACKET_ARP;
	cannot_send(wire, &packet, EINVAL);
	packet = syn_of(4);
	packet.dest = syn_of(6).dest;
	cannot_send(wire, &packet, EINVAL);
	packet = syn_of(4);
	packet.source.family = packet.dest.family = 5;
	cannot_send(wire, &packet, EINVAL);
	packet = syn_of(6);
	packet.has_vlan = true;
	cannot_send(wire, &packet, EINVAL);
	packet = syn_of(6);
	packet.tcp.option_bytes = OPTION_BYTES_MAX + 1;
	cannot_send(wire, &packet, EINVAL);
	packet = syn_of(4);
	packet.tcp.len = 1;
	cannot_send(wire, &packet, EINVAL);
	packet.tcp.data = data;
	packet.tcp.len = 65535 - 40 + 1;
	cannot_send(wire, &packet, EMSGSIZE);
	packet = syn_of(6);
	packet.tcp.data = data;
	packet.tcp.len = 65535 - 20 + 1;
	cannot_send(wire, &packet, EMSGSIZE);
	packet.tcp.len = sizeof(data);
	cannot_send(wire, &packet, EMSGSIZE);
	wire_free(wire, true);
}

static void the_largest_packet_is_sent(void **state)
{
	static const uint8_t data[65535];
	struct wire *wire = double_open(NULL, NULL);
	struct packet packet = syn_of(4), parsed;
	const uint8_t *frame;
	size_t len;

	(void)state;
	packet.tcp.data = data;
	packet.tcp.len = 65535 - 40;
	sent_is_encoded(wire, &packet);
	packet = syn_of(6);
	packet.tcp.data = data;
	packet.tcp.len = 65535 - 20;
	assert_int_equal(wire_send(wire, &packet, &frame, &len, NULL), 0);
	assert_int_equal(len, 14 + 40 + 65535);
	packet_parse(frame, len, len, &parsed);
	assert_int_equal(parsed.kind, PACKET_TCP);
	assert_int_equal(parsed.tcp.len, 65535 - 20);
	assert_int_equal(parsed.tcp.checksum_state, CHECKSUM_GOOD);
	wire_free(wire, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_length_is_right),
		cmocka_unit_test(ip_options_are_sent),
		cmocka_unit_test(ip_options_that_do_not_fit_are_refused),
		cmocka_unit_test(every_flag_and_field_is_sent),
		cmocka_unit_test(lies_are_told_once),
		cmocka_unit_test(what_cannot_be_built_is_refused),
		cmocka_unit_test(the_largest_packet_is_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
