/*
 * ICMP and ICMPv6 with what they quote, neighbour discovery, ARP.
 */
#include "frames.h"

/* An error that quotes the first n bytes of a segment's datagram; storage is the caller's. */
static struct packet error_of(unsigned family, uint8_t type, uint8_t code,
			      const struct frame *about, size_t n)
{
	struct packet packet = packet_of(family);

	packet.kind = PACKET_ICMP;
	packet.icmp = (struct packet_icmp){
		.type = type,
		.code = code,
		.parameter = 1400,
		.quote = about->at + AT_IP,
		.quote_len = n,
	};
	return packet;
}

static void errors_quote_a_segment(void **state)
{
	(void)state;
	for (unsigned family = 4; family <= 6; family += 2) {
		struct packet segment = segment_of(family), error, got;
		struct frame about = frame_of(&segment), frame;
		size_t header = family == 4 ? 20 : 40;

		for (size_t n = 0; n <= about.len - AT_IP; n++) {
			error = error_of(family, family == 4 ? 3 : 1, 1, &about, n);
			frame = frame_of(&error);
			got = parsed_whole(&frame);
			assert_int_equal(got.kind, PACKET_ICMP);
			assert_int_equal(got.icmp.checksum_state, CHECKSUM_GOOD);
			assert_int_equal(got.icmp.type, error.icmp.type);
			assert_int_equal(got.icmp.code, 1);
			assert_int_equal(got.icmp.parameter, 1400);
			assert_int_equal(got.icmp.quote_len, n);
			assert_memory_equal(got.icmp.quote, about.at + AT_IP, n);
			/* Ports and sequence number are TCP's first 8 bytes. */
			assert_int_equal(got.icmp.quotes_tcp, n >= header + 8);
			if (!got.icmp.quotes_tcp)
				continue;
			assert_true(address_equal(&got.icmp.quoted_source, &segment.source));
			assert_true(address_equal(&got.icmp.quoted_dest, &segment.dest));
			assert_int_equal(got.icmp.quoted_source_port, 40000);
			assert_int_equal(got.icmp.quoted_dest_port, 80);
			assert_int_equal(got.icmp.quoted_seq, 0xfffffffe);
		}
	}
}

static void only_errors_quote(void **state)
{
	static const struct {
		unsigned family;
		uint8_t type;
		bool quotes;
	} rows[] = {
		{4, 0, false},	 {4, 3, true},	  {4, 4, true},	  {4, 5, true},	   {4, 8, false},
		{4, 11, true},	 {4, 12, true},	  {4, 13, false}, {6, 1, true},	   {6, 2, true},
		{6, 3, true},	 {6, 4, true},	  {6, 127, true}, {6, 128, false}, {6, 129, false},
		{6, 133, false}, {6, 255, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct packet segment = segment_of(rows[i].family), error, got;
		struct frame about = frame_of(&segment), frame;

		error = error_of(rows[i].family, rows[i].type, 0, &about, about.len - AT_IP);
		frame = frame_of(&error);
		got = parsed_whole(&frame);
		assert_int_equal(got.kind, PACKET_ICMP);
		assert_int_equal(got.icmp.quotes_tcp, rows[i].quotes);
		assert_int_equal(got.icmp.quote_len, about.len - AT_IP);
	}
}

static void quotes_that_are_not_a_segments_beginning(void **state)
{
	struct packet segment = segment_of(4), error, got;
	struct frame about = frame_of(&segment), frame;

	(void)state;
	about.at[AT_IP + 9] = 17;
	error = error_of(4, 3, 3, &about, about.len - AT_IP);
	frame = frame_of(&error);
	got = parsed_whole(&frame);
	assert_false(got.icmp.quotes_tcp);
	about.at[AT_IP + 9] = 6;
	set_u16(about.at + AT_IP + 6, 0x0003);
	frame = frame_of(&error);
	got = parsed_whole(&frame);
	assert_false(got.icmp.quotes_tcp);
	set_u16(about.at + AT_IP + 6, 0);
	about.at[AT_IP] = 0x4f;
	frame = frame_of(&error);
	got = parsed_whole(&frame);
	assert_false(got.icmp.quotes_tcp);
	about.at[AT_IP] = 0x05;
	frame = frame_of(&error);
	assert_false(parsed_whole(&frame).icmp.quotes_tcp);
	/* A quoted total length below the 8 bytes wins over what follows in the message. */
	about.at[AT_IP] = 0x45;
	set_u16(about.at + AT_IP + 2, 27);
	frame = frame_of(&error);
	assert_false(parsed_whole(&frame).icmp.quotes_tcp);
	set_u16(about.at + AT_IP + 2, 28);
	frame = frame_of(&error);
	assert_true(parsed_whole(&frame).icmp.quotes_tcp);
}

static void messages_cut_and_short(void **state)
{
	(void)state;
	for (unsigned family = 4; family <= 6; family += 2) {
		struct packet segment = segment_of(family), error, got;
		struct frame about = frame_of(&segment), frame;
		size_t begin = family == 4 ? AT_TCP4 : AT_TCP6;
		uint8_t *copy;

		error = error_of(family, family == 4 ? 11 : 3, 0, &about, about.len - AT_IP);
		frame = frame_of(&error);
		for (size_t n = 0; n < frame.len; n++) {
			got = parsed(frame.at, n, frame.len, &copy);
			assert_int_equal(got.kind, n < begin + 8 ? PACKET_MALFORMED : PACKET_ICMP);
			if (got.kind == PACKET_ICMP) {
				assert_int_equal(got.icmp.checksum_state, CHECKSUM_UNKNOWN);
				assert_int_equal(got.icmp.quote_len, n - begin - 8);
			}
			free(copy);
			got = parsed(frame.at, n, n, &copy);
			assert_int_equal(got.kind, PACKET_MALFORMED);
			free(copy);
		}
		frame.at[begin + 4] ^= 1;
		assert_int_equal(parsed_whole(&frame).icmp.checksum_state, CHECKSUM_BAD);
	}
}

static struct packet nd_of(bool advertisement, bool has_mac)
{
	struct packet packet = packet_of(6);

	packet.kind = PACKET_ND;
	packet.nd = (struct packet_nd){
		.advertisement = advertisement,
		.flags = advertisement ? 0x60 : 0,
		.target = address_of("2001:db8::9"),
		.has_mac = has_mac,
		.mac = {{2, 3, 4, 5, 6, 7}},
	};
	return packet;
}

static void neighbours_are_read(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct packet packet = nd_of(i & 1, i & 2), got;
		struct frame frame = frame_of(&packet);

		got = parsed_whole(&frame);
		assert_int_equal(got.kind, PACKET_ND);
		assert_int_equal(got.ttl, 255);
		assert_int_equal(got.nd.advertisement, i & 1);
		assert_int_equal(got.nd.flags, packet.nd.flags);
		assert_true(address_equal(&got.nd.target, &packet.nd.target));
		assert_int_equal(got.nd.has_mac, (i & 2) != 0);
		if (got.nd.has_mac)
			assert_memory_equal(&got.nd.mac, &packet.nd.mac, 6);
		for (size_t n = 0; n < frame.len; n++) {
			uint8_t *copy;

			got = parsed(frame.at, n, frame.len, &copy);
			assert_int_equal(got.kind, PACKET_MALFORMED);
			free(copy);
		}
	}
}

/* Make an ICMPv6 message's length and checksum right for what the frame holds now. */
static void frame_icmp6_finish(struct frame *frame, const struct packet *packet)
{
	uint8_t *message = frame->at + AT_TCP6;
	size_t len = frame->len - AT_TCP6;
	uint8_t tail[4] = {(uint8_t)(len >> 8), (uint8_t)len, 0, 58};
	uint32_t sum = 0;

	set_u16(frame->at + AT_IP + 4, (unsigned)len);
	set_u16(message + 2, 0);
	sum = checksum_add(sum, packet->source.at, 16);
	sum = checksum_add(sum, packet->dest.at, 16);
	sum = checksum_add(sum, tail, 4);
	set_u16(message + 2, checksum_fold(checksum_add(sum, message, len)));
}

static void neighbours_that_no_receiver_believes(void **state)
{
	struct packet packet = nd_of(true, true);
	struct frame frame = frame_of(&packet);

	(void)state;
	frame.at[AT_IP + 7] = 254;
	assert_int_equal(parsed_whole(&frame).kind, PACKET_MALFORMED);
	frame.at[AT_IP + 7] = 255;
	assert_int_equal(parsed_whole(&frame).kind, PACKET_ND);
	frame.at[AT_TCP6 + 2] ^= 1;
	assert_string_equal(parsed_whole(&frame).fault, "neighbour discovery with a bad checksum");
	frame.at[AT_TCP6 + 1] = 1;
	frame_icmp6_finish(&frame, &packet);
	assert_int_equal(parsed_whole(&frame).kind, PACKET_MALFORMED);
	frame.at[AT_TCP6 + 1] = 0;
	frame.len = AT_TCP6 + 23;
	frame_icmp6_finish(&frame, &packet);
	assert_string_equal(parsed_whole(&frame).fault, "neighbour discovery below 24 bytes");
	frame.len = AT_TCP6 + 32;
	/* Option lengths of zero and past the end. */
	for (unsigned units = 0; units < 256; units++) {
		frame.at[AT_TCP6 + 25] = (uint8_t)units;
		frame_icmp6_finish(&frame, &packet);
		assert_int_equal(parsed_whole(&frame).kind,
				 units == 1 ? PACKET_ND : PACKET_MALFORMED);
	}
}

static void neighbour_options_are_told_apart(void **state)
{
	struct packet packet = nd_of(true, true), got;
	struct frame frame = frame_of(&packet);
	const uint8_t nonce[16] = {14, 2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14};

	(void)state;
	frame_insert(&frame, AT_TCP6 + 24, nonce, sizeof(nonce));
	frame_icmp6_finish(&frame, &packet);
	got = parsed_whole(&frame);
	assert_int_equal(got.kind, PACKET_ND);
	assert_true(got.nd.has_mac);
	assert_memory_equal(&got.nd.mac, &packet.nd.mac, 6);
	/* A source link-layer address is none of an advertisement's options. */
	frame.at[AT_TCP6 + 40] = 1;
	frame_icmp6_finish(&frame, &packet);
	got = parsed_whole(&frame);
	assert_int_equal(got.kind, PACKET_ND);
	assert_false(got.nd.has_mac);
}

static void arp_is_read(void **state)
{
	struct packet packet = packet_of(4), got;
	struct frame frame;
	uint8_t *copy;

	(void)state;
	packet.kind = PACKET_ARP;
	packet.arp = (struct packet_arp){
		.operation = 2,
		.sender_mac = {{2, 0, 0, 0, 0, 1}},
		.target_mac = {{2, 0, 0, 0, 0, 2}},
		.sender = packet.source,
		.target = packet.dest,
	};
	frame = frame_of(&packet);
	assert_int_equal(frame.len, 42);
	got = parsed_whole(&frame);
	assert_int_equal(got.kind, PACKET_ARP);
	assert_int_equal(got.arp.operation, 2);
	assert_memory_equal(&got.arp.sender_mac, &packet.arp.sender_mac, 6);
	assert_memory_equal(&got.arp.target_mac, &packet.arp.target_mac, 6);
	assert_true(address_equal(&got.arp.sender, &packet.source));
	assert_true(address_equal(&got.arp.target, &packet.dest));
	for (size_t n = 0; n < frame.len; n++) {
		got = parsed(frame.at, n, frame.len, &copy);
		assert_int_equal(got.kind, PACKET_MALFORMED);
		free(copy);
	}
	/* Other hardware, protocol, or address sizes are not ours. */
	for (size_t i = 14; i < 20; i++) {
		frame.at[i] ^= 1;
		assert_int_equal(parsed_whole(&frame).kind, PACKET_OTHER);
		frame.at[i] ^= 1;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_quote_a_segment),
		cmocka_unit_test(only_errors_quote),
		cmocka_unit_test(quotes_that_are_not_a_segments_beginning),
		cmocka_unit_test(messages_cut_and_short),
		cmocka_unit_test(neighbours_are_read),
		cmocka_unit_test(neighbours_that_no_receiver_believes),
		cmocka_unit_test(neighbour_options_are_told_apart),
		cmocka_unit_test(arp_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
