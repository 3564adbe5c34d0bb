/* Segments that continue one another are joined, and all others pass as they are. */
#include "fault/fault.h"
#include "packet/packet.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define FRAME_MAX 2048

static struct fault_channel *channel;
static unsigned family;
static uint8_t payload[1000];

static void begin(unsigned of_family, const char *text)
{
	struct why why = {""};
	struct fault fault;

	family = of_family;
	for (size_t i = 0; i < sizeof(payload); i++)
		payload[i] = (uint8_t)(i * 7 + i / 256);
	assert_int_equal(fault_parse(text, &fault, &why), 0);
	channel = fault_channel_new(&fault, 1, 1);
	assert_non_null(channel);
}

static struct packet segment(uint32_t seq, unsigned flags, size_t from, size_t len)
{
	struct packet packet = {.kind = PACKET_TCP, .ttl = 64, .dont_fragment = true};

	packet.source.family = packet.dest.family = (uint8_t)family;
	packet.source.at[0] = packet.dest.at[0] = 10;
	packet.dest.at[3] = 9;
	packet.tcp = (struct packet_tcp){.source_port = 1, .dest_port = 2, .seq = seq, .ack = 5,
					 .flags = (uint16_t)flags, .window = 100, .option_bytes = 4,
					 .options = {1, 1, 1, 1}, .data = payload + from,
					 .len = len};
	return packet;
}

static void put(const struct packet *packet, nanos now)
{
	uint8_t frame[FRAME_MAX];
	size_t len = 0;

	assert_int_equal(packet_encode(packet, frame, sizeof(frame), &len), 0);
	assert_int_equal(fault_channel_put(channel, frame, len, now), 0);
}

/* The next frame leaves at that time, with this seq, flags and payload. */
static void leaves(nanos at, uint32_t seq, unsigned flags, size_t from, size_t len)
{
	struct fault_frame *frame = fault_channel_take(channel, at);
	struct packet packet;

	assert_non_null(frame);
	assert_true(frame->at == at);
	packet_parse(frame->bytes, frame->len, frame->len, &packet);
	assert_int_equal(packet.kind, PACKET_TCP);
	assert_false(packet.ip_checksum_bad);
	assert_int_equal(packet.tcp.checksum_state, CHECKSUM_GOOD);
	assert_int_equal(packet.tcp.seq, seq);
	assert_int_equal(packet.tcp.flags, flags);
	assert_int_equal(packet.tcp.len, len);
	assert_memory_equal(packet.tcp.data, payload + from, len);
	free(frame);
}

static void end(unsigned long merged)
{
	assert_null(fault_channel_take(channel, NANOS_MAX));
	assert_int_equal(fault_channel_counts(channel).merged, merged);
	fault_channel_free(channel);
}

static void consecutive_segments_are_joined(void **state)
{
	(void)state;
	for (unsigned of = 4; of <= 6; of += 2) {
		const uint32_t isn = UINT32_MAX - 149;
		struct packet packets[3];

		begin(of, "merge 1500 2ms");
		packets[0] = segment(isn, ACK | PSH, 0, 100);
		packets[1] = segment(isn + 100, ACK, 100, 100);
		packets[2] = segment(isn + 200, ACK | PSH, 200, 101);
		put(&packets[0], ms(1));
		put(&packets[1], ms(2));
		assert_null(fault_channel_take(channel, ms(2)));
		put(&packets[2], ms(3) - 1);
		assert_null(fault_channel_take(channel, ms(3) - 1));
		assert_true(fault_channel_due(channel) == ms(3));
		leaves(ms(3), isn, ACK | PSH, 0, 301);
		end(2);
	}
}

static void a_fin_ends_the_wait(void **state)
{
	struct packet first, last;

	(void)state;
	begin(4, "merge 1500 2ms");
	first = segment(10, ACK, 0, 50);
	last = segment(60, ACK | FIN, 50, 50);
	put(&first, 0);
	put(&last, ms(1));
	leaves(ms(1), 10, ACK | FIN, 0, 100);
	end(1);
}

static void a_size_is_kept(void **state)
{
	struct packet first, last;

	(void)state;
	/* 20 of IP, 24 of TCP, 100 of data. */
	begin(4, "merge 143 2ms");
	first = segment(10, ACK, 0, 50);
	last = segment(60, ACK, 50, 50);
	put(&first, 0);
	put(&last, ms(1));
	leaves(ms(1), 10, ACK, 0, 50);
	leaves(ms(3), 60, ACK, 50, 50);
	end(0);
	begin(4, "merge 144 2ms");
	put(&first, 0);
	put(&last, ms(1));
	leaves(ms(2), 10, ACK, 0, 100);
	end(1);
}

/* What each change to a continuation does: it is not joined, and keeps its place. */
static void others_pass_in_order(void **state)
{
	enum { ROWS = 10 };

	(void)state;
	for (unsigned row = 0; row < ROWS; row++) {
		struct packet first, next;

		begin(6, "merge 1500 2ms");
		first = segment(10, ACK, 0, 50);
		next = segment(60, ACK, 50, 50);
		switch (row) {
		case 0: next.tcp.seq = 61; break;
		case 1: next.tcp.seq = 59; break;
		case 2: next.tcp.ack = 6; break;
		case 3: next.tcp.window = 101; break;
		case 4: next.tcp.options[0] = 0; break;
		case 5: next.tcp.flags = ACK | URG; break;
		case 6: next.tcp.flags = ACK | RST; break;
		case 7: next.ttl = 63; break;
		case 8: next.tos = 4; break;
		case 9: next.tcp.len = 0; break;
		default: break;
		}
		put(&first, 0);
		put(&next, ms(1));
		leaves(ms(1), 10, ACK, 0, 50);
		/* A segment that may be joined with a later one waits itself. */
		leaves(row == 5 || row == 6 || row == 9 ? ms(1) : ms(3), next.tcp.seq,
		       next.tcp.flags, 50, next.tcp.len);
		end(0);
	}
}

static void connections_are_apart(void **state)
{
	struct packet first, other, next;

	(void)state;
	begin(4, "merge 1500 2ms");
	first = segment(10, ACK, 0, 50);
	next = other = segment(60, ACK, 50, 50);
	other.tcp.source_port = 77;
	put(&first, 0);
	put(&other, ms(1));
	put(&next, ms(1));
	leaves(ms(2), 10, ACK, 0, 100);
	leaves(ms(3), 60, ACK, 50, 50);
	end(1);
}

/* A damaged segment would be hidden by a right checksum over all. */
static void bad_checksums_are_not_joined(void **state)
{
	struct packet first, next;
	struct fault_frame *frame;
	struct packet got;

	(void)state;
	begin(4, "merge 1500 2ms");
	first = segment(10, ACK, 0, 50);
	next = segment(60, ACK, 50, 50);
	next.lies = LIE_BAD_CHECKSUM;
	put(&first, 0);
	{
		uint8_t bytes[FRAME_MAX];
		size_t len = 0;

		assert_int_equal(packet_encode(&next, bytes, sizeof(bytes), &len), 0);
		assert_int_equal(packet_apply_lies(&next, bytes, len), 0);
		assert_int_equal(fault_channel_put(channel, bytes, len, ms(1)), 0);
	}
	leaves(ms(1), 10, ACK, 0, 50);
	frame = fault_channel_take(channel, ms(1));
	assert_non_null(frame);
	packet_parse(frame->bytes, frame->len, frame->len, &got);
	assert_int_equal(got.tcp.checksum_state, CHECKSUM_BAD);
	free(frame);
	end(0);
}

static void other_frames_pass_at_once(void **state)
{
	const uint8_t bytes[60] = {1, 2, 3};
	struct fault_frame *frame;

	(void)state;
	begin(4, "merge 1500 2ms");
	for (size_t len = 0; len <= sizeof(bytes); len += 20) {
		assert_int_equal(fault_channel_put(channel, bytes, len, ms(1)), 0);
		frame = fault_channel_take(channel, ms(1));
		assert_non_null(frame);
		assert_int_equal(frame->len, len);
		assert_memory_equal(frame->bytes, bytes, len);
		free(frame);
	}
	end(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(consecutive_segments_are_joined),
		cmocka_unit_test(a_fin_ends_the_wait),
		cmocka_unit_test(a_size_is_kept),
		cmocka_unit_test(others_pass_in_order),
		cmocka_unit_test(connections_are_apart),
		cmocka_unit_test(bad_checksums_are_not_joined),
		cmocka_unit_test(other_frames_pass_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
