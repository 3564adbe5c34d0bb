/* For tests: an agent in a network namespace of its own, asked to talk to itself on loopback. */
#ifndef TEST_ASKING_H
#define TEST_ASKING_H

#include "dut/dut.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE sec(5)

/* Enter a new network namespace with loopback up; false when this machine does not let us. */
static inline bool enter_namespace(void)
{
	struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd, up;

	if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	up = ioctl(fd, SIOCSIFFLAGS, &lo);
	close(fd);
	return up == 0;
}

/* The next reply, or the test fails. */
static inline struct agent_reply next_reply(struct agent *agent)
{
	nanos deadline = clock_monotonic() + PATIENCE;
	struct agent_reply reply;
	struct why why;

	for (;;) {
		struct pollfd wait = {.fd = agent_fd(agent), .events = POLLIN};
		int got = agent_next(agent, &reply, &why);

		if (got == 1)
			return reply;
		if (got < 0)
			fail_msg("agent_next: %s", why.text);
		if (clock_monotonic() > deadline)
			fail_msg("no reply");
		poll(&wait, 1, (int)(PATIENCE / ms(1)));
	}
}

static inline uint32_t start(struct agent *agent, const struct agent_request *request)
{
	struct why why;
	uint32_t id = 0;

	if (agent_call(agent, request, &id, &why) != 0)
		fail_msg("agent_call: %s", why.text);
	return id;
}

/* A call whose reply is the next one. */
static inline struct agent_reply ask(struct agent *agent, const struct agent_request *request)
{
	uint32_t id = start(agent, request);
	struct agent_reply reply = next_reply(agent);

	assert_int_equal(reply.id, id);
	assert_true(reply.began > 0 && reply.began <= reply.ended);
	return reply;
}
#define ask(agent, ...) ask((agent), &(struct agent_request){.verb = __VA_ARGS__})
#define start(agent, ...) start((agent), &(struct agent_request){.verb = __VA_ARGS__})

/* A call that must succeed. */
#define ask_ok(agent, ...) reply_ok(ask(agent, __VA_ARGS__))
static inline struct agent_reply reply_ok(struct agent_reply reply)
{
	if (reply.error)
		fail_msg("error %d (%s): %s", reply.error, strerror(reply.error),
		         reply.why ? reply.why : "");
	return reply;
}

static inline struct agent *spawned(void)
{
	struct agent *agent = NULL;
	struct agent_reply hello;

	assert_int_equal(agent_spawn(&agent, NULL, NULL, NULL), 0);
	hello = next_reply(agent);
	assert_int_equal(hello.id, 0);
	reply_ok(hello);
	return agent;
}

static const struct address loopback4 = {.family = 4, .at = {127, 0, 0, 1}};
static const struct address loopback6 = {.family = 6, .at = {[15] = 1}};

static inline int setup(void **state)
{
	(void)state;
	*state = spawned();
	return 0;
}

static inline int teardown(void **state)
{
	agent_free(*state);
	return 0;
}

#define with_agent(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

/* A listener, a client and the accepted socket, in one agent. */
struct scene {
	struct agent *agent;
	struct address at;
	uint16_t port, client_port;
	int listener, client, server;
};

static inline struct scene listening(struct agent *agent, struct address at, int backlog)
{
	struct scene scene = {.agent = agent, .at = at};

	scene.listener = ask_ok(agent, AGENT_SOCKET, .family = at.family).socket;
	scene.port = (uint16_t)ask_ok(agent, AGENT_BIND, .socket = scene.listener, .local = at,
	                              .reuse = true).number;
	assert_int_not_equal(scene.port, 0);
	ask_ok(agent, AGENT_LISTEN, .socket = scene.listener, .value = backlog);
	return scene;
}

/* A socket of the client, bound so that its port is known. */
static inline int client_socket(struct scene *scene)
{
	int socket_ = ask_ok(scene->agent, AGENT_SOCKET, .family = scene->at.family).socket;

	scene->client_port = (uint16_t)ask_ok(scene->agent, AGENT_BIND, .socket = socket_,
	                                      .local = scene->at).number;
	return socket_;
}

static inline struct scene connected(struct agent *agent, struct address at)
{
	struct scene scene = listening(agent, at, 8);
	struct agent_reply reply;

	scene.client = client_socket(&scene);
	ask_ok(agent, AGENT_CONNECT, .socket = scene.client, .remote = at,
	       .remote_port = scene.port, .wait = sec(1));
	reply = ask_ok(agent, AGENT_ACCEPT, .socket = scene.listener, .wait = sec(1));
	scene.server = reply.socket;
	assert_true(address_equal(&reply.remote, &at));
	assert_int_equal(reply.remote_port, scene.client_port);
	return scene;
}

/* Write until nothing more fits, so that a FIN has to wait behind the bytes. */
static inline void fill(struct agent *agent, int socket_)
{
	struct agent_reply reply;

	do
		reply = ask(agent, AGENT_WRITE, .socket = socket_, .data = pattern(1 << 16));
	while (reply.error == 0);
	assert_int_equal(reply.error, EAGAIN);
}

/* 77, and not a pass, where no namespace can be made. */
#define run_in_namespace(name, tests)                                                              \
	(enter_namespace() ? cmocka_run_group_tests_name((name), (tests), NULL, NULL)              \
	                   : no_namespace())
static inline int no_namespace(void)
{
	print_message("skipped: no network namespace can be made here\n");
	return 77;
}

#endif
