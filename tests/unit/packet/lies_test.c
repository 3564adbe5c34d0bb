/*
 * Lies over a finished frame: each alone, and that nothing else changes.
 */
#include "frames.h"

/* Where the frames of both families differ between an honest packet and one that lies. */
static size_t differences(const struct packet *honest, const struct packet *lying)
{
	struct frame a = frame_of(honest), b = frame_of(lying);
	size_t n = 0;

	assert_int_equal(a.len, b.len);
	for (size_t i = 0; i < a.len; i++)
		n += a.at[i] != b.at[i];
	return n;
}

static void checksums_are_made_wrong(void **state)
{
	(void)state;
	for (unsigned family = 4; family <= 6; family += 2) {
		struct packet packet = segment_of(family), got;
		size_t sum = (family == 4 ? AT_TCP4 : AT_TCP6) + 16;
		struct frame right = frame_of(&packet), frame;

		packet.lies = LIE_BAD_CHECKSUM;
		frame = frame_of(&packet);
		got = parsed_whole(&frame);
		assert_int_equal(got.tcp.checksum_state, CHECKSUM_BAD);
		assert_int_equal(get_u16(frame.at + sum), 0xffff - get_u16(right.at + sum));
		packet.lies = LIE_ZERO_CHECKSUM;
		frame = frame_of(&packet);
		assert_int_equal(get_u16(frame.at + sum), 0);
		packet.set_checksum = true;
		packet.tcp.checksum = 0x1234;
		frame = frame_of(&packet);
		assert_int_equal(get_u16(frame.at + sum), 0x1234);
		/* Nothing but the field was touched. */
		set_u16(frame.at + sum, get_u16(right.at + sum));
		assert_memory_equal(frame.at, right.at, right.len);
	}
}

/* The inverse of a right 0 would verify too: 0 and 0xffff are one number. */
static void a_bad_checksum_is_bad_even_of_zero(void **state)
{
	struct packet packet = segment_of(4);
	struct frame frame;

	(void)state;
	packet.tcp.urgent = 0;
	frame = frame_of(&packet);
	packet.tcp.urgent = get_u16(frame.at + AT_TCP4 + 16);
	frame = frame_of(&packet);
	assert_int_equal(get_u16(frame.at + AT_TCP4 + 16), 0);
	packet.lies = LIE_BAD_CHECKSUM;
	frame = frame_of(&packet);
	assert_int_equal(parsed_whole(&frame).tcp.checksum_state, CHECKSUM_BAD);
}

static void every_bad_checksum_is_bad(void **state)
{
	(void)state;
	for (unsigned urgent = 0; urgent < 0x10000; urgent++) {
		struct packet packet = segment_of(4), got;
		struct frame frame;

		/* The urgent pointer takes the right checksum through all its values. */
		packet.tcp.urgent = (uint16_t)urgent;
		packet.tcp.len = 0;
		packet.lies = LIE_BAD_CHECKSUM;
		frame = frame_of(&packet);
		got = parsed_whole(&frame);
		assert_int_not_equal(got.tcp.checksum_state, CHECKSUM_GOOD);
	}
}

static void a_checksum_may_leave_out_the_pseudo_header(void **state)
{
	(void)state;
	for (unsigned family = 4; family <= 6; family += 2) {
		struct packet packet = segment_of(family);
		size_t tcp = family == 4 ? AT_TCP4 : AT_TCP6;
		struct frame frame;

		packet.lies = LIE_NO_PSEUDO_HEADER;
		frame = frame_of(&packet);
		assert_int_equal(parsed_whole(&frame).tcp.checksum_state, CHECKSUM_BAD);
		assert_int_equal(
			checksum_fold(checksum_add(0, frame.at + tcp, frame.len - tcp)), 0);
	}
}

static void the_last_byte_is_inverted_behind_the_checksum(void **state)
{
	(void)state;
	for (unsigned family = 4; family <= 6; family += 2) {
		struct packet packet = segment_of(family);
		struct frame right = frame_of(&packet), frame;

		packet.lies = LIE_LAST_BYTE;
		frame = frame_of(&packet);
		assert_int_equal(parsed_whole(&frame).tcp.checksum_state, CHECKSUM_BAD);
		frame.at[frame.len - 1] = (uint8_t)~frame.at[frame.len - 1];
		assert_memory_equal(frame.at, right.at, right.len);
		/* Without data there is no such byte. */
		packet.tcp.len = 0;
		frame = frame_of(&packet);
		assert_int_equal(parsed_whole(&frame).tcp.checksum_state, CHECKSUM_GOOD);
	}
}

/* RFC 1071: 0x0000 and 0xffff are one number, and both are right where one is. */
static void the_right_checksum_can_be_made_zero(void **state)
{
	(void)state;
	for (unsigned family = 4; family <= 6; family += 2) {
		struct packet packet = segment_of(family);
		size_t sum = (family == 4 ? AT_TCP4 : AT_TCP6) + 16;
		struct frame frame;

		packet.lies = LIE_SUM_OF_ZERO;
		frame = frame_of(&packet);
		assert_int_equal(get_u16(frame.at + sum), 0);
		assert_int_equal(parsed_whole(&frame).tcp.checksum_state, CHECKSUM_GOOD);
		packet.set_checksum = true;
		packet.tcp.checksum = 0xffff;
		frame = frame_of(&packet);
		assert_int_equal(get_u16(frame.at + sum), 0xffff);
		assert_int_equal(parsed_whole(&frame).tcp.checksum_state, CHECKSUM_GOOD);
	}
}

static void header_lies_keep_the_checksum_right(void **state)
{
	(void)state;
	for (unsigned family = 4; family <= 6; family += 2) {
		struct packet packet = segment_of(family), honest = packet;
		size_t at = family == 4 ? AT_TCP4 : AT_TCP6;
		struct frame frame;

		packet.tcp.data_offset = 15;
		packet.tcp.reserved = 3;
		packet.tcp.flags |= AE;
		frame = frame_of(&packet);
		assert_int_equal(frame.at[at + 12], 0xf7);
		assert_int_equal(
			checksum_tcp(&packet.source, &packet.dest, frame.at + at, frame.len - at),
			0);
		/* The byte of offset and bits, and the two of the checksum, at most. */
		assert_in_range(differences(&honest, &packet), 2, 3);
		packet.tcp.data_offset = 0;
		frame = frame_of(&packet);
		assert_int_equal(frame.at[at + 12], 0x87);
	}
}

static void ip_lies(void **state)
{
	struct packet packet = segment_of(4), honest = packet, got;
	struct frame frame;

	(void)state;
	packet.set_ip_length = true;
	packet.ip_length = 9999;
	frame = frame_of(&packet);
	assert_int_equal(get_u16(frame.at + AT_IP + 2), 9999);
	/* Only the length lies: the header's own checksum covers it. */
	assert_int_equal(checksum_fold(checksum_add(0, frame.at + AT_IP, 20)), 0);
	got = parsed_whole(&frame);
	assert_int_equal(got.kind, PACKET_MALFORMED);
	assert_in_range(differences(&honest, &packet), 2, 4);

	packet = segment_of(4);
	packet.set_ip_checksum = true;
	packet.ip_checksum = 0xbeef;
	frame = frame_of(&packet);
	assert_int_equal(get_u16(frame.at + AT_IP + 10), 0xbeef);
	assert_true(parsed_whole(&frame).ip_checksum_bad);
	assert_int_equal(differences(&honest, &packet), 2);

	packet = segment_of(6);
	packet.set_ip_length = true;
	packet.ip_length = 21;
	frame = frame_of(&packet);
	assert_int_equal(get_u16(frame.at + AT_IP + 4), 21);
	/* The checksum is over the segment that is there, not over the length that was told. */
	assert_int_equal(
		checksum_tcp(&packet.source, &packet.dest, frame.at + AT_TCP6, frame.len - AT_TCP6),
		0);
}

static void tagged_frames_are_found_their_way_in(void **state)
{
	struct packet packet = segment_of(6);
	struct frame frame;

	(void)state;
	packet.has_vlan = true;
	packet.lies = LIE_ZERO_CHECKSUM;
	frame = frame_of(&packet);
	assert_int_equal(get_u16(frame.at + AT_TCP6 + 4 + 16), 0);
	assert_int_equal(get_u16(frame.at + 12), 0x8100);
}

static void frames_too_short_are_refused(void **state)
{
	(void)state;
	for (unsigned family = 4; family <= 6; family += 2) {
		struct packet packet = segment_of(family);
		struct frame frame = frame_of(&packet);
		size_t least = (family == 4 ? AT_TCP4 : AT_TCP6) + 20;

		for (size_t n = 0; n < frame.len; n++) {
			uint8_t *copy = malloc(n ? n : 1);

			assert_non_null(copy);
			memcpy(copy, frame.at, n);
			assert_int_equal(packet_apply_lies(&packet, copy, n),
					 n < least ? -EINVAL : 0);
			free(copy);
		}
		frame.at[12] ^= 0x40;
		assert_int_equal(packet_apply_lies(&packet, frame.at, frame.len), -EINVAL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checksums_are_made_wrong),
		cmocka_unit_test(a_bad_checksum_is_bad_even_of_zero),
		cmocka_unit_test(every_bad_checksum_is_bad),
		cmocka_unit_test(a_checksum_may_leave_out_the_pseudo_header),
		cmocka_unit_test(the_last_byte_is_inverted_behind_the_checksum),
		cmocka_unit_test(the_right_checksum_can_be_made_zero),
		cmocka_unit_test(header_lies_keep_the_checksum_right),
		cmocka_unit_test(ip_lies),
		cmocka_unit_test(tagged_frames_are_found_their_way_in),
		cmocka_unit_test(frames_too_short_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
