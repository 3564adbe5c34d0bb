/*
 * Packets for the tests of wire, and what a test asks of a frame.
 */
#ifndef TESTS_WIRE_PACKETS_H
#define TESTS_WIRE_PACKETS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include "wire/wire.h"

/* A SYN with the fields that both families have. */
static inline struct packet syn_of(uint8_t family)
{
	struct packet packet = {
		.kind = PACKET_TCP,
		.source_mac = {{2, 0, 0, 0, 0, 1}},
		.dest_mac = {{2, 0, 0, 0, 0, 2}},
		.ttl = 57,
		.tos = 0x2e,
		.ip_id = 0xbeef,
		.flow_label = 0xabcde,
		.dont_fragment = true,
	};

	assert_int_equal(address_parse(family == 4 ? "192.0.2.1" : "2001:db8::1", &packet.source),
			 0);
	assert_int_equal(address_parse(family == 4 ? "192.0.2.2" : "2001:db8::2", &packet.dest), 0);
	packet.tcp = (struct packet_tcp){.source_port = 40001,
					 .dest_port = 80,
					 .seq = 0x89abcdef,
					 .ack = 0x01234567,
					 .flags = SYN,
					 .window = 0xfedc,
					 .urgent = 0x1122};
	return packet;
}

static inline struct wire *double_open(wire_double_fn on_send, void *arg)
{
	struct wire *wire = NULL;

	assert_int_equal(wire_double(&wire, on_send, arg), 0);
	assert_non_null(wire);
	return wire;
}

static inline bool readable(const struct wire *wire)
{
	struct pollfd fd = {.fd = wire_fd(wire), .events = POLLIN};

	assert_in_range(poll(&fd, 1, 0), 0, 1);
	return fd.revents & POLLIN;
}

#endif
