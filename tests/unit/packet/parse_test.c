/*
 * Frames with TCP into packets: what is well-formed, what lies, and what was cut at every byte.
 */
#include "frames.h"

static void fields_are_read(void **state)
{
	(void)state;
	for (unsigned family = 4; family <= 6; family += 2) {
		struct packet want = segment_of(family), got;
		struct frame frame = frame_of(&want);

		got = parsed_whole(&frame);
		assert_int_equal(got.kind, PACKET_TCP);
		assert_null(got.fault);
		assert_memory_equal(&got.source_mac, &want.source_mac, 6);
		assert_memory_equal(&got.dest_mac, &want.dest_mac, 6);
		assert_false(got.has_vlan);
		assert_true(address_equal(&got.source, &want.source));
		assert_true(address_equal(&got.dest, &want.dest));
		assert_int_equal(got.ttl, 64);
		assert_int_equal(got.tos, 0x2e);
		assert_int_equal(got.ip_id, family == 4 ? 0x1234 : 0);
		assert_int_equal(got.dont_fragment, family == 4);
		assert_int_equal(got.flow_label, family == 4 ? 0 : 0xabcde);
		assert_false(got.ip_checksum_bad);
		assert_int_equal(got.tcp.source_port, 40000);
		assert_int_equal(got.tcp.dest_port, 80);
		assert_int_equal(got.tcp.seq, 0xfffffffe);
		assert_int_equal(got.tcp.ack, 1001);
		assert_int_equal(got.tcp.data_offset, 8);
		assert_int_equal(got.tcp.reserved, 0);
		assert_int_equal(got.tcp.flags, PSH | ACK);
		assert_int_equal(got.tcp.window, 64240);
		assert_int_equal(got.tcp.urgent, 9);
		assert_int_equal(got.tcp.option_bytes, 12);
		assert_memory_equal(got.tcp.options, want.tcp.options, 12);
		assert_int_equal(got.tcp.len, 5);
		assert_int_equal(got.tcp.cut, 0);
		assert_ptr_equal(got.tcp.data, frame.at + frame.len - 5);
		assert_int_equal(got.tcp.checksum_state, CHECKSUM_GOOD);
	}
}

/* Captured to n bytes of a frame that was whole on the wire. */
static void captures_cut_at_every_byte(void **state)
{
	(void)state;
	for (unsigned family = 4; family <= 6; family += 2) {
		struct packet packet = segment_of(family);
		struct frame frame = frame_of(&packet);

		for (size_t n = 0; n <= frame.len; n++) {
			uint8_t *copy;
			struct packet got = parsed(frame.at, n, frame.len, &copy);

			if (n < frame.len - 5) {
				assert_int_equal(got.kind, PACKET_MALFORMED);
				assert_true(strstr(got.fault, "cut inside the TCP") ||
					    strstr(got.fault, "ends "));
			} else {
				assert_int_equal(got.kind, PACKET_TCP);
				assert_int_equal(got.tcp.len, n - (frame.len - 5));
				assert_int_equal(got.tcp.cut, frame.len - n);
				assert_int_equal(got.tcp.checksum_state,
						 n < frame.len ? CHECKSUM_UNKNOWN : CHECKSUM_GOOD);
			}
			free(copy);
		}
	}
}

/* The frame itself ends early: the IP header tells of bytes that never were. */
static void short_frames_are_malformed(void **state)
{
	(void)state;
	for (unsigned family = 4; family <= 6; family += 2) {
		struct packet packet = segment_of(family);
		struct frame frame = frame_of(&packet);

		packet.has_vlan = true;
		for (size_t n = 0; n < frame.len; n++) {
			uint8_t *copy;
			struct packet got = parsed(frame.at, n, n, &copy);

			assert_int_equal(got.kind, PACKET_MALFORMED);
			assert_non_null(got.fault);
			free(copy);
		}
	}
}

static void padding_is_no_data(void **state)
{
	struct packet packet = segment_of(4), got;
	struct frame frame;

	(void)state;
	packet.tcp.len = 0;
	packet.tcp.option_bytes = 0;
	frame = frame_of(&packet);
	assert_int_equal(frame.len, 54);
	/* Ethernet fills up to 60 bytes, and not always with zeros. */
	memset(frame.at + frame.len, 0xee, 6);
	frame.len = 60;
	got = parsed_whole(&frame);
	assert_int_equal(got.kind, PACKET_TCP);
	assert_int_equal(got.tcp.len, 0);
	assert_int_equal(got.tcp.checksum_state, CHECKSUM_GOOD);
}

static void tags_are_read(void **state)
{
	struct packet packet = segment_of(6), got;
	struct frame frame;

	(void)state;
	packet.has_vlan = true;
	packet.vlan = 0xe123;
	frame = frame_of(&packet);
	got = parsed_whole(&frame);
	assert_int_equal(got.kind, PACKET_TCP);
	assert_true(got.has_vlan);
	assert_int_equal(got.vlan, 0xe123);
	assert_int_equal(got.tcp.checksum_state, CHECKSUM_GOOD);
	for (size_t n = 0; n < frame.len - 5; n++) {
		uint8_t *copy;

		assert_int_equal(parsed(frame.at, n, frame.len, &copy).kind, PACKET_MALFORMED);
		free(copy);
	}
}

static void other_types_are_left_alone(void **state)
{
	static const uint16_t types[] = {0x0000, 0x05dc, 0x0805, 0x0842,
					 0x8035, 0x8847, 0x88a8, 0xffff};
	struct packet packet = segment_of(4);
	struct frame frame = frame_of(&packet);

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		set_u16(frame.at + 12, types[i]);
		assert_int_equal(parsed_whole(&frame).kind, PACKET_OTHER);
	}
	/* Another protocol than TCP and ICMP; ICMPv6 in IPv4 is none either. */
	frame = frame_of(&packet);
	frame.at[AT_IP + 9] = 17;
	assert_int_equal(parsed_whole(&frame).kind, PACKET_OTHER);
	frame.at[AT_IP + 9] = 58;
	assert_int_equal(parsed_whole(&frame).kind, PACKET_OTHER);
}

static void is_malformed(const struct frame *frame, const char *fault)
{
	struct packet got = parsed_whole(frame);

	assert_int_equal(got.kind, PACKET_MALFORMED);
	assert_string_equal(got.fault, fault);
}

static void ip_headers_that_lie(void **state)
{
	struct packet packet = segment_of(4);
	struct frame frame = frame_of(&packet);

	(void)state;
	frame.at[AT_IP] = 0x44;
	is_malformed(&frame, "IPv4 header length below 20 bytes");
	frame.at[AT_IP] = 0x65;
	is_malformed(&frame, "IP version that is not the Ethernet type's");
	/* 57 bytes in all: a header of 60 is more, one of 56 leaves too little for TCP. */
	frame.at[AT_IP] = 0x4f;
	is_malformed(&frame, "IPv4 total length below the header's");
	frame.at[AT_IP] = 0x4e;
	is_malformed(&frame, "TCP segment below 20 bytes");
	frame.at[AT_IP] = 0x45;
	set_u16(frame.at + AT_IP + 2, 19);
	is_malformed(&frame, "IPv4 total length below the header's");
	set_u16(frame.at + AT_IP + 2, 0);
	is_malformed(&frame, "IPv4 total length below the header's");
	set_u16(frame.at + AT_IP + 2, (unsigned)(frame.len - AT_IP + 1));
	is_malformed(&frame, "IP length past the frame's end");
	set_u16(frame.at + AT_IP + 2, 0xffff);
	is_malformed(&frame, "IP length past the frame's end");
	set_u16(frame.at + AT_IP + 2, 39);
	is_malformed(&frame, "TCP segment below 20 bytes");

	packet = segment_of(6);
	frame = frame_of(&packet);
	set_u16(frame.at + AT_IP + 4, (unsigned)(frame.len - AT_TCP6 + 1));
	is_malformed(&frame, "IP length past the frame's end");
	set_u16(frame.at + AT_IP + 4, 0);
	is_malformed(&frame, "TCP segment below 20 bytes");
	frame.at[AT_IP] = 0x40;
	is_malformed(&frame, "IP version that is not the Ethernet type's");
}

static void ip4_checksums_are_judged_apart(void **state)
{
	struct packet packet = segment_of(4), got;
	struct frame frame = frame_of(&packet);

	(void)state;
	frame.at[AT_IP + 8]--;
	got = parsed_whole(&frame);
	assert_int_equal(got.kind, PACKET_TCP);
	assert_true(got.ip_checksum_bad);
	/* The time to live is in no pseudo-header. */
	assert_int_equal(got.tcp.checksum_state, CHECKSUM_GOOD);
}

static void ip4_options_are_passed_over(void **state)
{
	struct packet packet = segment_of(4), got;
	struct frame frame = frame_of(&packet);

	(void)state;
	frame_insert(&frame, AT_TCP4, (const uint8_t[]){0x94, 4, 0, 0}, 4);
	frame.at[AT_IP] = 0x46;
	set_u16(frame.at + AT_IP + 2, (unsigned)(frame.len - AT_IP));
	frame_ip4_sum(&frame);
	got = parsed_whole(&frame);
	assert_int_equal(got.kind, PACKET_TCP);
	assert_false(got.ip_checksum_bad);
	assert_int_equal(got.tcp.checksum_state, CHECKSUM_GOOD);
	assert_int_equal(got.tcp.len, 5);
	for (size_t n = AT_IP; n < frame.len - 5; n++) {
		uint8_t *copy;

		got = parsed(frame.at, n, frame.len, &copy);
		assert_int_equal(got.kind, PACKET_MALFORMED);
		free(copy);
	}
}

static void ip4_fragments(void **state)
{
	static const struct {
		uint16_t field;
		enum packet_kind kind;
		enum checksum_state sum;
	} rows[] = {
		{0x0000, PACKET_TCP, CHECKSUM_GOOD},
		{0x4000, PACKET_TCP, CHECKSUM_GOOD},	/* don't fragment */
		{0x8000, PACKET_TCP, CHECKSUM_GOOD},	/* the evil bit, RFC 3514 */
		{0x2000, PACKET_TCP, CHECKSUM_UNKNOWN}, /* first of several */
		{0x2001, PACKET_OTHER, CHECKSUM_GOOD},
		{0x0001, PACKET_OTHER, CHECKSUM_GOOD}, /* the last */
		{0x1fff, PACKET_OTHER, CHECKSUM_GOOD},
	};
	struct packet packet = segment_of(4);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct frame frame = frame_of(&packet);
		struct packet got;

		set_u16(frame.at + AT_IP + 6, rows[i].field);
		frame_ip4_sum(&frame);
		got = parsed_whole(&frame);
		assert_int_equal(got.kind, rows[i].kind);
		assert_int_equal(got.dont_fragment, rows[i].field >> 14 & 1);
		if (got.kind == PACKET_TCP)
			assert_int_equal(got.tcp.checksum_state, rows[i].sum);
	}
}

static void offsets_that_lie(void **state)
{
	(void)state;
	for (unsigned family = 4; family <= 6; family += 2) {
		struct packet packet = segment_of(family), got;
		size_t at = family == 4 ? AT_TCP4 : AT_TCP6;
		struct frame frame = frame_of(&packet);

		for (unsigned offset = 0; offset < 16; offset++) {
			/* 20 bytes, 12 of options, 5 of data: 9 words end inside the segment. */
			frame.at[at + 12] = (uint8_t)(offset << 4);
			got = parsed_whole(&frame);
			if (offset < 5)
				is_malformed(&frame, "TCP data offset below 5");
			else if (offset > 9)
				is_malformed(&frame, "TCP data offset past the segment's end");
			else
				assert_int_equal(got.tcp.len, 37 - 4 * offset);
			/* What was read before the fault is there. */
			assert_int_equal(got.tcp.source_port, 40000);
			assert_int_equal(got.tcp.seq, 0xfffffffe);
		}
	}
}

static void checksums_are_judged(void **state)
{
	(void)state;
	for (unsigned family = 4; family <= 6; family += 2) {
		struct packet packet = segment_of(family), got;
		size_t at = family == 4 ? AT_TCP4 : AT_TCP6;
		struct frame frame = frame_of(&packet);
		uint32_t sum = 0;
		uint8_t tail[4] = {0, 6, 0, (uint8_t)(frame.len - at)};

		frame.at[at + 16] ^= 0x80;
		got = parsed_whole(&frame);
		assert_int_equal(got.tcp.checksum_state, CHECKSUM_BAD);
		/* Left to the network card: the pseudo-header's sum, not inverted. */
		sum = checksum_add(sum, packet.source.at, family == 4 ? 4 : 16);
		sum = checksum_add(sum, packet.dest.at, family == 4 ? 4 : 16);
		sum = checksum_add(sum, tail, 4);
		set_u16(frame.at + at + 16, (uint16_t)~checksum_fold(sum));
		got = parsed_whole(&frame);
		assert_int_equal(got.tcp.checksum_state, CHECKSUM_UNKNOWN);
		set_u16(frame.at + at + 16, checksum_fold(sum));
		got = parsed_whole(&frame);
		assert_int_equal(got.tcp.checksum_state, CHECKSUM_BAD);
	}
}

static void the_bits_beside_the_offset_are_read(void **state)
{
	struct packet packet = segment_of(4), got;
	struct frame frame;

	(void)state;
	packet.tcp.flags = AE | CWR | ECE | URG | ACK | PSH | RST | SYN | FIN;
	packet.tcp.reserved = 5;
	frame = frame_of(&packet);
	assert_int_equal(frame.at[AT_TCP4 + 12], 0x8b);
	assert_int_equal(frame.at[AT_TCP4 + 13], 0xff);
	got = parsed_whole(&frame);
	assert_int_equal(got.tcp.flags, 0x1ff);
	assert_int_equal(got.tcp.reserved, 5);
	assert_int_equal(got.tcp.checksum_state, CHECKSUM_GOOD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_read),
		cmocka_unit_test(captures_cut_at_every_byte),
		cmocka_unit_test(short_frames_are_malformed),
		cmocka_unit_test(padding_is_no_data),
		cmocka_unit_test(tags_are_read),
		cmocka_unit_test(other_types_are_left_alone),
		cmocka_unit_test(ip_headers_that_lie),
		cmocka_unit_test(ip4_checksums_are_judged_apart),
		cmocka_unit_test(ip4_options_are_passed_over),
		cmocka_unit_test(ip4_fragments),
		cmocka_unit_test(offsets_that_lie),
		cmocka_unit_test(checksums_are_judged),
		cmocka_unit_test(the_bits_beside_the_offset_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
