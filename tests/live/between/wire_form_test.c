/* What a wire carries for a merged segment and for an open checksum, and the way back. */
#include "wire_form.h"
#include "packet/packet.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { LEN = 3500, SIZE = 1448 };

struct taken {
	unsigned n;
	size_t data; /* bytes of payload so far */
};

static uint8_t payload[LEN];

static struct packet merged(uint8_t family)
{
	struct packet packet = {.kind = PACKET_TCP, .ttl = 64, .ip_id = 7, .dont_fragment = true};

	packet.source.family = packet.dest.family = family;
	packet.source.at[0] = packet.dest.at[0] = 10;
	packet.dest.at[3] = 9;
	packet.tcp = (struct packet_tcp){.source_port = 1, .dest_port = 2, .seq = UINT32_MAX - 9,
					 .flags = FIN | PSH | ACK | CWR, .window = 100,
					 .option_bytes = 4, .options = {1, 1, 1, 1},
					 .data = payload, .len = LEN};
	for (size_t i = 0; i < LEN; i++)
		payload[i] = (uint8_t)(i * 31 + i / 256);
	return packet;
}

static size_t built(const struct packet *packet, uint8_t *frame, size_t size)
{
	size_t len = 0;

	assert_int_equal(packet_encode(packet, frame, size, &len), 0);
	return len;
}

static void check(uint8_t *bytes, size_t len, size_t room, void *context)
{
	struct taken *taken = context;
	const bool last = taken->data + SIZE >= LEN;
	unsigned flags = ACK;
	struct packet packet;

	(void)room;
	packet_parse(bytes, len, len, &packet);
	assert_int_equal(packet.kind, PACKET_TCP);
	assert_false(packet.ip_checksum_bad);
	assert_int_equal(packet.tcp.checksum_state, CHECKSUM_GOOD);
	if (packet.source.family == 4)
		assert_int_equal(packet.ip_id, 7 + taken->n);
	assert_int_equal(packet.tcp.len, last ? LEN - 2 * SIZE : SIZE);
	assert_memory_equal(packet.tcp.data, payload + taken->data, packet.tcp.len);
	assert_int_equal(packet.tcp.seq, (uint32_t)(UINT32_MAX - 9 + taken->data));
	if (last)
		flags |= FIN | PSH;
	if (!taken->n)
		flags |= CWR;
	assert_int_equal(packet.tcp.flags, flags);
	taken->n++;
	taken->data += packet.tcp.len;
}

static void merged_segments_are_cut(void **state)
{
	(void)state;
	for (uint8_t family = 4; family <= 6; family += 2) {
		const struct virtio_net_hdr header = {.gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
						      .gso_size = SIZE};
		const struct packet packet = merged(family);
		struct taken taken = {0};
		uint8_t frame[LEN + 100];
		const size_t len = built(&packet, frame, sizeof(frame));

		assert_true(wire_form(&header, frame, len, sizeof(frame), check, &taken));
		assert_int_equal(taken.n, 3);
		assert_int_equal(taken.data, LEN);
	}
}

static void good(uint8_t *bytes, size_t len, size_t room, void *context)
{
	struct packet packet;

	(void)room;
	packet_parse(bytes, len, len, &packet);
	assert_int_equal(packet.tcp.checksum_state, CHECKSUM_GOOD);
	*(bool *)context = true;
}

/* The header that is made for a long frame leaves a checksum that wire_form() completes. */
static void open_checksums_are_completed(void **state)
{
	(void)state;
	for (uint8_t family = 4; family <= 6; family += 2) {
		const struct packet packet = merged(family);
		struct virtio_net_hdr header;
		struct taken taken = {0};
		uint8_t frame[LEN + 100];
		const size_t len = built(&packet, frame, sizeof(frame));
		bool seen = false;

		assert_true(wire_form_merge(&header, frame, len, 1500));
		assert_int_equal(header.gso_size, family == 4 ? 1456 : 1436);
		header.gso_type = VIRTIO_NET_HDR_GSO_NONE;
		assert_true(wire_form(&header, frame, len, sizeof(frame), good, &seen));
		assert_true(seen);
		header.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
		header.gso_size = SIZE;
		assert_true(wire_form(&header, frame, len, sizeof(frame), check, &taken));
		assert_int_equal(taken.n, 3);
	}
}

static void damaged_frames_are_not_cut(void **state)
{
	const struct virtio_net_hdr header = {.gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
					      .gso_size = SIZE};
	const struct packet packet = merged(4);
	struct virtio_net_hdr made;
	uint8_t frame[LEN + 100];
	const size_t len = built(&packet, frame, sizeof(frame));

	(void)state;
	for (size_t cut = 0; cut < 58; cut++) {
		assert_false(wire_form(&header, frame, cut, sizeof(frame), good, NULL));
		assert_false(wire_form_merge(&made, frame, cut, 1500));
	}
	frame[46] = 0x10; /* the data offset is below 5 words */
	assert_false(wire_form(&header, frame, len, sizeof(frame), good, NULL));
	frame[23] = 17; /* UDP */
	assert_false(wire_form_merge(&made, frame, len, 1500));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(merged_segments_are_cut),
		cmocka_unit_test(open_checksums_are_completed),
		cmocka_unit_test(damaged_frames_are_not_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
