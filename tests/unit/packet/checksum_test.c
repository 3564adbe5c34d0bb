/*
 * The internet checksum, its corner cases in ones' complement, and TCP's use of it.
 */
#include "frames.h"

static void rfc_1071_example(void **state)
{
	const uint8_t bytes[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};

	(void)state;
	/* Section 3: the sum is ddf2. */
	assert_int_equal(checksum_fold(checksum_add(0, bytes, sizeof(bytes))), 0xffff - 0xddf2);
}

static void odd_length_is_padded_with_zero(void **state)
{
	const uint8_t odd[] = {0x00, 0x01, 0xf2}, even[] = {0x00, 0x01, 0xf2, 0x00};

	(void)state;
	assert_int_equal(checksum_fold(checksum_add(0, odd, 3)), 0xffff - 0xf201);
	assert_int_equal(checksum_add(0, odd, 3), checksum_add(0, even, 4));
	assert_int_equal(checksum_fold(checksum_add(0, odd, 1)), 0xffff);
}

static void nothing_sums_to_zero(void **state)
{
	(void)state;
	assert_int_equal(checksum_add(5, NULL, 0), 5);
	assert_int_equal(checksum_fold(0), 0xffff);
}

static void carries_come_round(void **state)
{
	size_t n = 300000;
	uint8_t *bytes = malloc(n);

	(void)state;
	assert_non_null(bytes);
	memset(bytes, 0xff, n);
	/* Words of 0xffff are zero in ones' complement, however many; 2^32 is passed on the way. */
	assert_int_equal(checksum_fold(checksum_add(0, bytes, n)), 0);
	assert_int_equal(checksum_fold(checksum_add(UINT32_MAX, bytes, n)), 0);
	assert_int_equal(checksum_fold(checksum_add(UINT32_MAX, (const uint8_t[]){0, 1}, 2)),
			 0xfffe);
	assert_int_equal(checksum_fold(0x1fffe), 0);
	free(bytes);
}

static void pieces_sum_as_the_whole(void **state)
{
	struct bytes whole = pattern(1461);
	const uint8_t *bytes = whole.at;
	uint16_t want = checksum_fold(checksum_add(0, bytes, whole.len));

	(void)state;
	for (size_t cut = 0; cut < whole.len; cut += 2) {
		uint32_t sum = checksum_add(0, bytes, cut);

		sum = checksum_add(sum, bytes + cut, whole.len - cut);
		assert_int_equal(checksum_fold(sum), want);
	}
}

/* A SYN summed by hand. */
static void segment_sums_as_by_hand(void **state)
{
	static const uint8_t syn[] = {
		0x9c, 0x40, 0x00, 0x50, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00,
		0x00, 0x00, 0x50, 0x02, 0xfa, 0xf0, 0x00, 0x00, 0x00, 0x00,
	};
	uint8_t bytes[sizeof(syn)];
	struct address a = address_of("192.0.2.1"), b = address_of("192.0.2.2");
	/* By hand: c000 0201 c000 0202 0006 0014, 9c40 0050 0000 0001 0 0 5002 faf0. */
	uint32_t sum =
		0xc000 + 0x0201 + 0xc000 + 0x0202 + 6 + 20 + 0x9c40 + 0x50 + 1 + 0x5002 + 0xfaf0;
	uint16_t want = (uint16_t) ~((sum & 0xffff) + (sum >> 16));

	(void)state;
	memcpy(bytes, syn, sizeof(syn));
	assert_int_equal(checksum_tcp(&a, &b, bytes, sizeof(bytes)), want);
	set_u16(bytes + 16, want);
	assert_int_equal(checksum_tcp(&a, &b, bytes, sizeof(bytes)), 0);
}

static void every_flipped_bit_is_seen(void **state)
{
	(void)state;
	for (unsigned family = 4; family <= 6; family += 2) {
		struct packet packet = segment_of(family);
		size_t at = family == 4 ? AT_TCP4 : AT_TCP6;
		struct frame frame = frame_of(&packet);

		assert_int_equal(frame.len % 2, 1);
		for (size_t i = at; i < frame.len; i++)
			for (unsigned bit = 0; bit < 8; bit++) {
				frame.at[i] ^= (uint8_t)(1u << bit);
				assert_int_not_equal(checksum_tcp(&packet.source, &packet.dest,
								  frame.at + at, frame.len - at),
						     0);
				frame.at[i] ^= (uint8_t)(1u << bit);
			}
		assert_int_equal(
			checksum_tcp(&packet.source, &packet.dest, frame.at + at, frame.len - at),
			0);
	}
}

static void pseudo_header_is_covered(void **state)
{
	struct packet packet = segment_of(6);
	struct frame frame = frame_of(&packet);
	struct address other = packet.dest;

	(void)state;
	other.at[15] ^= 1;
	assert_int_not_equal(
		checksum_tcp(&packet.source, &other, frame.at + AT_TCP6, frame.len - AT_TCP6), 0);
	/* The length is part of it: a zero byte more is another segment. */
	frame.at[frame.len] = 0;
	assert_int_not_equal(checksum_tcp(&packet.source, &packet.dest, frame.at + AT_TCP6,
					  frame.len - AT_TCP6 + 1),
			     0);
}

/* 0 and 0xffff are one number: a segment whose sum is 0 verifies with either in the field. */
static void both_zeros_verify(void **state)
{
	struct packet packet = segment_of(4), out;
	struct frame frame;

	(void)state;
	packet.tcp.urgent = 0;
	frame = frame_of(&packet);
	packet.tcp.urgent = get_u16(frame.at + AT_TCP4 + 16);
	frame = frame_of(&packet);
	assert_int_equal(get_u16(frame.at + AT_TCP4 + 16), 0);
	out = parsed_whole(&frame);
	assert_int_equal(out.tcp.checksum_state, CHECKSUM_GOOD);
	set_u16(frame.at + AT_TCP4 + 16, 0xffff);
	out = parsed_whole(&frame);
	assert_int_equal(out.tcp.checksum_state, CHECKSUM_GOOD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc_1071_example),
		cmocka_unit_test(odd_length_is_padded_with_zero),
		cmocka_unit_test(nothing_sums_to_zero),
		cmocka_unit_test(carries_come_round),
		cmocka_unit_test(pieces_sum_as_the_whole),
		cmocka_unit_test(segment_sums_as_by_hand),
		cmocka_unit_test(every_flipped_bit_is_seen),
		cmocka_unit_test(pseudo_header_is_covered),
		cmocka_unit_test(both_zeros_verify),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
