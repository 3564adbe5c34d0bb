/*
 * A world for a live test: a process of its own with both namespaces, a wire in the peer's, and a
 * process in the DUT's. It dies with that process, whatever happens.
 */
#ifndef TESTS_LIVE_WORLD_H
#define TESTS_LIVE_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
/* cmocka and the words of a case both have one; here it is the latter. */
#undef expect_any
#include "lab/lab.h"
#include "wire/wire.h"

/* In a child what is not so ends the process: cmocka's assertions would go on in its parent. */
#define must(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);    \
			_exit(1);                                                                  \
		}                                                                                  \
	} while (0)

/* A call of ours that returns -errno, with the reason. */
#define must_call(call, why)                                                                       \
	do {                                                                                       \
		(why).text[0] = '\0';                                                              \
		if ((call) < 0) {                                                                  \
			fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call, (why).text); \
			_exit(1);                                                                  \
		}                                                                                  \
	} while (0)

/* How long anything that must come may take. */
#define SOON sec(10)

struct world {
	struct lab_net net;
	struct wire *wire;
	int dut; /* messages to and from the DUT's process */
};

/* The DUT's process: runs in its namespace once that is ready, and ends when the test does. */
typedef void (*dut_fn)(const struct lab_net *net, int fd);

/* Run a body in a process of its own; the test fails when that does. */
static inline void in_child(void (*body)(uint8_t family), uint8_t family)
{
	const pid_t child = fork();
	int status = -1;

	assert_true(child >= 0);
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(60);
		body(family);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static inline bool wait_readable(int fd, nanos deadline)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	const nanos left = deadline - clock_monotonic();

	return poll(&ready, 1, left > 0 ? (int)(left / ms(1)) + 1 : 0) > 0;
}

static inline void dut_run(const struct world *world, dut_fn dut, int fd)
{
	struct why why;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	must_call(lab_net_prepare_dut(&world->net, &why), why);
	if (dut)
		dut(&world->net, fd);
	else
		must(send(fd, "", 1, 0) == 1);
	pause();
}

/* Everything but the wire. dut sends a first message when it is ready. */
static inline void world_make(struct world *world, uint8_t family, const struct lab_sysctl *sysctls,
			      dut_fn dut)
{
	struct why why;
	int pair[2];
	char ready;

	*world = (struct world){.dut = -1};
	must_call(lab_become_root(&why), why);
	must_call(lab_net_enter_dut(&world->net, family, &why), why);
	world->net.sysctls = sysctls;
	must_call(lab_net_connect(&world->net, &why), why);
	must(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
	switch (fork()) {
	case -1:
		must(false);
		break;
	case 0:
		dut_run(world, dut, pair[1]);
		_exit(0);
	default:
		break;
	}
	close(pair[1]);
	world->dut = pair[0];
	must(wait_readable(world->dut, clock_monotonic() + SOON));
	must(recv(world->dut, &ready, 1, 0) == 1);
}

/* The wire of the peer's side; hears only what concerns its address. */
static inline void world_wire(struct world *world, const char *capture_path)
{
	char address[ADDRESS_TEXT_MAX], filter[80];
	struct wire_config config = {.interface = world->net.peer_interface,
				     .mac = world->net.peer_mac,
				     .filter = filter,
				     .capture_path = capture_path};
	struct why why;

	snprintf(filter, sizeof(filter), "tcp and host %s",
		 address_text(&world->net.peer_address, address));
	must_call(wire_open(&world->wire, &config, &why), why);
}

/* A segment from the peer to the DUT's port 80, with everything right. */
static inline struct packet world_packet(const struct world *world, unsigned flags, uint32_t seq,
					 uint32_t ack)
{
	struct packet packet = {.kind = PACKET_TCP,
				.source_mac = world->net.peer_mac,
				.dest_mac = world->net.dut_mac,
				.source = world->net.peer_address,
				.dest = world->net.dut_address,
				.ttl = 64,
				.dont_fragment = true};

	packet.tcp = (struct packet_tcp){.source_port = 40001,
					 .dest_port = 80,
					 .seq = seq,
					 .ack = ack,
					 .flags = (uint16_t)flags,
					 .window = 65535};
	return packet;
}

/* The next frame before the deadline; false when none comes. */
static inline bool world_hear(struct world *world, struct frame *frame, struct packet *packet,
			      nanos deadline)
{
	struct why why;
	int r = 0;

	while (r == 0) {
		must_call(r = wire_next(world->wire, frame, &why), why);
		if (r == 0 && !wait_readable(wire_fd(world->wire), deadline))
			return false;
	}
	packet_parse(frame->bytes, frame->captured, frame->len, packet);
	return true;
}

/* The DUT's next segment, within SOON; ours are passed over. */
static inline void world_expect(struct world *world, struct packet *packet)
{
	const nanos deadline = clock_monotonic() + SOON;
	struct frame frame;

	do
		must(world_hear(world, &frame, packet, deadline));
	while (frame.outgoing);
	must(packet->kind == PACKET_TCP);
}

/* A body as two tests of cmocka: FAMILIES(body) before main(), BOTH(body) in its list. */
#define FAMILIES(body)                                                                             \
	static void body##_ipv4(void **state)                                                      \
	{                                                                                          \
		(void)state;                                                                       \
		in_child(body, 4);                                                                 \
	}                                                                                          \
	static void body##_ipv6(void **state)                                                      \
	{                                                                                          \
		(void)state;                                                                       \
		in_child(body, 6);                                                                 \
	}
#define BOTH(body) cmocka_unit_test(body##_ipv4), cmocka_unit_test(body##_ipv6)

#endif
