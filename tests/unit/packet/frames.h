/*
 * Frames for the tests of packet: a usual packet of each family, and heap copies without a byte to
 * spare, so that the sanitizer sees each read past an end.
 */
#ifndef TESTS_PACKET_FRAMES_H
#define TESTS_PACKET_FRAMES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "packet/packet.h"

#define FRAME_MAX 2048

struct frame {
	uint8_t at[FRAME_MAX];
	size_t len;
};

/* Where the headers of an untagged frame are. */
enum { AT_IP = 14, AT_TCP4 = 34, AT_TCP6 = 54 };

static inline struct address address_of(const char *words)
{
	struct address address;

	assert_int_equal(address_parse(words, &address), 0);
	return address;
}

/* Everything but the kind, for one family. */
static inline struct packet packet_of(unsigned family)
{
	struct packet packet = {
		.source_mac = {{2, 0, 0, 0, 0, 1}},
		.dest_mac = {{2, 0, 0, 0, 0, 2}},
		.source = address_of(family == 4 ? "192.0.2.1" : "2001:db8::1"),
		.dest = address_of(family == 4 ? "192.0.2.2" : "2001:db8::2"),
		.ttl = 64,
		.tos = 0x2e,
	};

	if (family == 4) {
		packet.ip_id = 0x1234;
		packet.dont_fragment = true;
	} else {
		packet.flow_label = 0xabcde;
	}
	return packet;
}

/* A segment with timestamps and five bytes of data. */
static inline struct packet segment_of(unsigned family)
{
	struct packet packet = packet_of(family);
	const struct option options[] = {opt_nop(), opt_nop(), opt_timestamps(7, 8)};
	size_t n;

	packet.kind = PACKET_TCP;
	packet.tcp = (struct packet_tcp){
		.source_port = 40000,
		.dest_port = 80,
		.seq = 0xfffffffe,
		.ack = 1001,
		.flags = PSH | ACK,
		.window = 64240,
		.urgent = 9,
		.data = (const uint8_t *)"hello",
		.len = 5,
	};
	assert_int_equal(options_encode(options, 3, packet.tcp.options, &n), 0);
	packet.tcp.option_bytes = (uint8_t)n;
	return packet;
}

static inline struct frame frame_of(const struct packet *packet)
{
	struct frame frame = {.len = 0};

	assert_int_equal(packet_encode(packet, frame.at, sizeof(frame.at), &frame.len), 0);
	return frame;
}

/*
 * Parse a heap copy of just the captured bytes. The copy must live as long as what points into it:
 * the caller frees *copy.
 */
static inline struct packet parsed(const uint8_t *frame, size_t captured, size_t len,
				   uint8_t **copy)
{
	struct packet out;

	*copy = malloc(captured ? captured : 1);
	assert_non_null(*copy);
	memcpy(*copy, frame, captured);
	/* An empty capture still has an address, one past which nothing may be read. */
	packet_parse(captured ? *copy : *copy + 1, captured, len, &out);
	return out;
}

/* Parse a whole frame in place. */
static inline struct packet parsed_whole(const struct frame *frame)
{
	struct packet out;

	packet_parse(frame->at, frame->len, frame->len, &out);
	return out;
}

static inline uint16_t get_u16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline void set_u16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* Insert bytes in the middle of a frame. */
static inline void frame_insert(struct frame *frame, size_t at, const uint8_t *bytes, size_t n)
{
	assert_true(frame->len + n <= sizeof(frame->at));
	memmove(frame->at + at + n, frame->at + at, frame->len - at);
	memcpy(frame->at + at, bytes, n);
	frame->len += n;
}

/* Make the IPv4 header's checksum right again. */
static inline void frame_ip4_sum(struct frame *frame)
{
	uint8_t *ip = frame->at + AT_IP;

	set_u16(ip + 10, 0);
	set_u16(ip + 10, checksum_fold(checksum_add(0, ip, (ip[0] & 15u) * 4)));
}

#endif
