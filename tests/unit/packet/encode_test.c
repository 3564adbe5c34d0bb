/*
 * Packets into frames: round trips, and what cannot be encoded.
 */
#include "frames.h"

/* A random packet of TCP, by the generator's next numbers. */
static struct packet random_segment(struct random *random)
{
	struct packet packet = packet_of(random_next(random) & 1 ? 4 : 6);
	struct packet_tcp *tcp = &packet.tcp;
	uint64_t bits = random_next(random);

	packet.kind = PACKET_TCP;
	packet.has_vlan = bits & 1;
	packet.vlan = packet.has_vlan ? (uint16_t)(bits >> 8) : 0;
	packet.ttl = (uint8_t)(bits >> 24);
	packet.tos = (uint8_t)(bits >> 32);
	*tcp = (struct packet_tcp){
		.source_port = (uint16_t)(bits >> 40),
		.dest_port = (uint16_t)random_next(random),
		.seq = (uint32_t)random_next(random),
		.ack = (uint32_t)random_next(random),
		.flags = random_next(random) & 0x1ff,
		.reserved = random_next(random) & 7,
		.window = (uint16_t)random_next(random),
		.urgent = (uint16_t)random_next(random),
		.option_bytes = (uint8_t)(4 * random_between(random, 0, 10)),
		.len = random_between(random, 0, 1500),
	};
	for (size_t i = 0; i < tcp->option_bytes; i++)
		tcp->options[i] = (uint8_t)random_next(random);
	tcp->data = pattern_at(random_between(random, 0, 60000), tcp->len).at;
	return packet;
}

static void random_segments_come_back(void **state)
{
	struct random random = {42};

	(void)state;
	for (int i = 0; i < 3000; i++) {
		struct packet want = random_segment(&random), got;
		struct frame frame = frame_of(&want);

		got = parsed_whole(&frame);
		assert_int_equal(got.kind, PACKET_TCP);
		assert_int_equal(got.has_vlan, want.has_vlan);
		assert_int_equal(got.vlan, want.vlan);
		assert_int_equal(got.ttl, want.ttl);
		assert_int_equal(got.tos, want.tos);
		assert_false(got.ip_checksum_bad);
		assert_int_equal(got.tcp.source_port, want.tcp.source_port);
		assert_int_equal(got.tcp.dest_port, want.tcp.dest_port);
		assert_int_equal(got.tcp.seq, want.tcp.seq);
		assert_int_equal(got.tcp.ack, want.tcp.ack);
		assert_int_equal(got.tcp.data_offset, 5 + want.tcp.option_bytes / 4);
		assert_int_equal(got.tcp.reserved, want.tcp.reserved);
		assert_int_equal(got.tcp.flags, want.tcp.flags);
		assert_int_equal(got.tcp.window, want.tcp.window);
		assert_int_equal(got.tcp.urgent, want.tcp.urgent);
		assert_int_equal(got.tcp.option_bytes, want.tcp.option_bytes);
		assert_memory_equal(got.tcp.options, want.tcp.options, want.tcp.option_bytes);
		assert_int_equal(got.tcp.len, want.tcp.len);
		assert_memory_equal(got.tcp.data, want.tcp.data, want.tcp.len);
		assert_int_equal(got.tcp.checksum_state, CHECKSUM_GOOD);
	}
}

static void options_are_padded_with_eol(void **state)
{
	struct packet packet = segment_of(4), got;
	struct frame frame;

	(void)state;
	for (uint8_t n = 0; n <= OPTION_BYTES_MAX; n++) {
		packet.tcp.option_bytes = n;
		memset(packet.tcp.options, OPTION_NOP, sizeof(packet.tcp.options));
		frame = frame_of(&packet);
		got = parsed_whole(&frame);
		assert_int_equal(got.tcp.option_bytes, (n + 3) / 4 * 4);
		for (size_t i = 0; i < got.tcp.option_bytes; i++)
			assert_int_equal(got.tcp.options[i], i < n ? OPTION_NOP : OPTION_EOL);
		assert_int_equal(got.tcp.len, 5);
	}
}

/* One packet of each kind that can be encoded. */
static size_t every_kind(struct packet out[8])
{
	size_t n = 0;

	for (unsigned family = 4; family <= 6; family += 2) {
		out[n++] = segment_of(family);
		out[n] = packet_of(family);
		out[n].kind = PACKET_ICMP;
		out[n++].icmp =
			(struct packet_icmp){.type = 3, .quote = pattern(28).at, .quote_len = 28};
	}
	out[n] = packet_of(6);
	out[n].kind = PACKET_ND;
	out[n++].nd = (struct packet_nd){.target = address_of("2001:db8::9"), .has_mac = true};
	out[n] = packet_of(4);
	out[n].kind = PACKET_ARP;
	out[n].arp.sender = out[n].source;
	out[n].arp.target = out[n].dest;
	return n + 1;
}

static void too_little_room_is_enospc(void **state)
{
	struct packet packets[8];
	size_t n = every_kind(packets), len;

	(void)state;
	assert_int_equal(n, 6);
	for (size_t i = 0; i < n; i++)
		for (int tag = 0; tag < 2; tag++) {
			struct frame frame;

			packets[i].has_vlan = tag;
			frame = frame_of(&packets[i]);
			for (size_t room = 0; room < frame.len; room++) {
				uint8_t *at = malloc(room ? room : 1);

				assert_non_null(at);
				len = 12345;
				assert_int_equal(packet_encode(&packets[i], at, room, &len),
						 -ENOSPC);
				assert_int_equal(len, 12345);
				free(at);
			}
		}
}

static void refused(const struct packet *packet)
{
	uint8_t out[FRAME_MAX];
	size_t len;

	assert_int_equal(packet_encode(packet, out, sizeof(out), &len), -EINVAL);
}

static void what_cannot_be_encoded_is_einval(void **state)
{
	struct packet packets[8];
	size_t n = every_kind(packets);
	struct packet packet;

	(void)state;
	for (size_t i = 0; i + 1 < n; i++) {
		packet = packets[i];
		packet.source.family = 0;
		refused(&packet);
		packet = packets[i];
		packet.dest.family = packet.source.family == 4 ? 6 : 4;
		refused(&packet);
	}
	packet = segment_of(4);
	packet.tcp.option_bytes = 41;
	refused(&packet);
	packet = segment_of(4);
	packet.tcp.len = 65536;
	refused(&packet);
	packet.tcp.len = 1;
	packet.tcp.data = NULL;
	refused(&packet);
	packet = packets[5];
	packet.arp.sender = address_of("::1");
	refused(&packet);
	packet = packets[4];
	packet.nd.target = address_of("192.0.2.1");
	refused(&packet);
	packet = segment_of(4);
	packet.kind = PACKET_OTHER;
	refused(&packet);
	packet.kind = PACKET_MALFORMED;
	refused(&packet);
}

static void the_largest_datagrams(void **state)
{
	uint8_t *out = malloc(70000);
	struct packet packet = segment_of(6), got;
	size_t len;

	(void)state;
	assert_non_null(out);
	/* IPv4's total length is 16 bits; the same limit serves IPv6. */
	packet.tcp.option_bytes = 0;
	packet.tcp.data = pattern(65535).at;
	packet.tcp.len = 65535 - 40;
	assert_int_equal(packet_encode(&packet, out, 70000, &len), 0);
	packet_parse(out, len, len, &got);
	assert_int_equal(got.tcp.len, 65535 - 40);
	assert_int_equal(got.tcp.checksum_state, CHECKSUM_GOOD);
	packet.tcp.len++;
	assert_int_equal(packet_encode(&packet, out, 70000, &len), -EINVAL);
	free(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_segments_come_back),
		cmocka_unit_test(options_are_padded_with_eol),
		cmocka_unit_test(too_little_room_is_enospc),
		cmocka_unit_test(what_cannot_be_encoded_is_einval),
		cmocka_unit_test(the_largest_datagrams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
