/* The agent, asked over loopback: every verb, and every state of RFC 9293 section 3.3.2. */
#include "asking.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>

/* A listener, a client and the accepted socket, in one agent. */
struct scene {
	struct agent *agent;
	struct address at;
	uint16_t port, client_port;
	int listener, client, server;
};

static int setup(void **state)
{
	(void)state;
	*state = spawned();
	return 0;
}

static int teardown(void **state)
{
	agent_free(*state);
	return 0;
}

static struct scene listening(struct agent *agent, struct address at, int backlog)
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
static int client_socket(struct scene *scene)
{
	int socket_ = ask_ok(scene->agent, AGENT_SOCKET, .family = scene->at.family).socket;

	scene->client_port = (uint16_t)ask_ok(scene->agent, AGENT_BIND, .socket = socket_,
	                                      .local = scene->at).number;
	return socket_;
}

static struct scene connected(struct agent *agent, struct address at)
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

/* The state that the connection comes to: an ACK may be delayed by 40 ms. */
static enum state state_of(const struct scene *scene, uint16_t local, uint16_t remote,
                           enum state expected)
{
	struct agent_reply reply =
		ask(scene->agent, AGENT_STATE_WAIT, .local = scene->at, .local_port = local,
	            .remote = scene->at, .remote_port = remote, .state = expected,
	            .wait = sec(1));

	assert_true(reply.error == 0 || reply.error == ETIMEDOUT);
	return reply.state;
}
#define expect_server(scene, state)                                                                \
	assert_string_equal(state_name(state_of((scene), (scene)->port, (scene)->client_port,      \
	                                        (state))),                                         \
	                    state_name(state))
#define expect_client(scene, state)                                                                \
	assert_string_equal(state_name(state_of((scene), (scene)->client_port, (scene)->port,      \
	                                        (state))),                                         \
	                    state_name(state))

static void all_verbs_over(struct agent *agent, struct address at)
{
	struct scene scene = connected(agent, at);
	struct agent_reply reply;

	reply = ask_ok(agent, AGENT_WRITE, .socket = scene.client, .data = text("hello"),
	               .wait = sec(1));
	assert_int_equal(reply.number, 5);
	reply = ask_ok(agent, AGENT_POLL, .socket = scene.server, .value = POLLIN, .wait = sec(1));
	assert_int_equal(reply.number, POLLIN);
	reply = ask_ok(agent, AGENT_READ, .socket = scene.server, .size = 100, .wait = sec(1));
	assert_int_equal(reply.number, 5);
	assert_int_equal(reply.data.len, 5);
	assert_memory_equal(reply.data.at, "hello", 5);
	assert_int_equal(ask(agent, AGENT_READ, .socket = scene.server, .size = 1).error, EAGAIN);

	ask_ok(agent, AGENT_SETSOCKOPT, .socket = scene.client, .level = IPPROTO_TCP,
	       .name = TCP_NODELAY, .value = 1);
	reply = ask_ok(agent, AGENT_GETSOCKOPT, .socket = scene.client, .level = IPPROTO_TCP,
	               .name = TCP_NODELAY);
	assert_int_equal(reply.number, 1);

	reply = ask_ok(agent, AGENT_INFO, .socket = scene.client);
	assert_int_equal(reply.info.state, ESTABLISHED);
	assert_true(reply.info.rto >= ms(100) && reply.info.rto <= sec(10));
	assert_true(reply.info.snd_mss > 500);
	assert_true(reply.info.sack && reply.info.timestamps);
	reply = ask_ok(agent, AGENT_STATE, .local = at, .local_port = scene.port, .remote = at,
	               .remote_port = scene.client_port);
	assert_int_equal(reply.state, ESTABLISHED);
	assert_int_equal(reply.info.state, ESTABLISHED);
	assert_true(reply.info.snd_mss > 500);

	ask_ok(agent, AGENT_SHUTDOWN, .socket = scene.client, .value = SHUT_WR);
	reply = ask_ok(agent, AGENT_READ, .socket = scene.server, .size = 1, .wait = sec(1));
	assert_int_equal(reply.number, 0);
	ask_ok(agent, AGENT_LINGER, .socket = scene.server, .value = 1, .size = 0);
	ask_ok(agent, AGENT_CLOSE, .socket = scene.server);
	reply = ask(agent, AGENT_READ, .socket = scene.client, .size = 1, .wait = sec(1));
	assert_int_equal(reply.error, ECONNRESET);
	assert_int_equal(ask(agent, AGENT_READ, .socket = scene.server, .size = 1).error, EBADF);
	assert_int_equal(ask(agent, AGENT_CLOSE, .socket = scene.server).error, EBADF);
	ask_ok(agent, AGENT_CLOSE, .socket = scene.client);
	ask_ok(agent, AGENT_CLOSE, .socket = scene.listener);
}

static void every_verb_does_its_work(void **state)
{
	all_verbs_over(*state, loopback4);
	all_verbs_over(*state, loopback6);
}

static void states_of_a_connection_that_lives_and_ends(void **state)
{
	struct scene scene = connected(*state, loopback4);
	struct agent_reply reply;

	reply = ask_ok(*state, AGENT_STATE, .local = scene.at, .local_port = scene.port);
	assert_int_equal(reply.state, LISTEN);
	expect_server(&scene, ESTABLISHED);
	expect_client(&scene, ESTABLISHED);

	ask_ok(*state, AGENT_SHUTDOWN, .socket = scene.client, .value = SHUT_WR);
	expect_server(&scene, CLOSE_WAIT);
	expect_client(&scene, FIN_WAIT_2);
	/* Without a socket, the kernel keeps FIN-WAIT-2 in a smaller form. */
	ask_ok(*state, AGENT_CLOSE, .socket = scene.client);
	expect_client(&scene, FIN_WAIT_2);

	ask_ok(*state, AGENT_CLOSE, .socket = scene.server);
	expect_client(&scene, TIME_WAIT);
	/* The listener, to which the kernel's lookup falls back, is not the connection. */
	expect_server(&scene, CLOSED);
	ask_ok(*state, AGENT_CLOSE, .socket = scene.listener);
	expect_server(&scene, CLOSED);
	reply = ask_ok(*state, AGENT_STATE, .local = scene.at, .local_port = scene.port);
	assert_int_equal(reply.state, CLOSED);
}

/* With TCP_DEFER_ACCEPT the third ACK leaves the connection half open until data comes. */
static void syn_received_is_seen(struct agent *agent, struct address at)
{
	struct scene scene = listening(agent, at, 8);

	ask_ok(agent, AGENT_SETSOCKOPT, .socket = scene.listener, .level = IPPROTO_TCP,
	       .name = TCP_DEFER_ACCEPT, .value = 30);
	scene.client = client_socket(&scene);
	ask_ok(agent, AGENT_CONNECT, .socket = scene.client, .remote = at,
	       .remote_port = scene.port, .wait = sec(1));
	expect_client(&scene, ESTABLISHED);
	expect_server(&scene, SYN_RECEIVED);
	assert_int_equal(ask(agent, AGENT_ACCEPT, .socket = scene.listener).error, EAGAIN);
	ask_ok(agent, AGENT_WRITE, .socket = scene.client, .data = text("x"), .wait = sec(1));
	expect_server(&scene, ESTABLISHED);
	ask_ok(agent, AGENT_ACCEPT, .socket = scene.listener, .wait = sec(1));
}

static void a_half_open_connection_is_syn_received(void **state)
{
	syn_received_is_seen(*state, loopback4);
	syn_received_is_seen(*state, loopback6);
}

/* A full accept queue drops the next SYN, so that its connect() goes on. */
static void an_unanswered_connect_is_syn_sent(void **state)
{
	struct scene scene = listening(*state, loopback4, 0);
	int first = client_socket(&scene);
	struct agent_reply reply;

	reply = ask_ok(*state, AGENT_QUEUE_WAIT, .local = scene.at, .local_port = scene.port,
	               .size = 0, .wait = 0);
	assert_int_equal(reply.number, 0);
	ask_ok(*state, AGENT_CONNECT, .socket = first, .remote = scene.at,
	       .remote_port = scene.port, .wait = sec(1));
	reply = ask_ok(*state, AGENT_QUEUE_WAIT, .local = scene.at, .local_port = scene.port,
	               .size = 1, .wait = sec(1));
	assert_int_equal(reply.number, 1);
	reply = ask(*state, AGENT_QUEUE_WAIT, .local = scene.at, .local_port = scene.port,
	            .size = 2, .wait = ms(5));
	assert_int_equal(reply.error, ETIMEDOUT);
	assert_int_equal(reply.number, 1);

	scene.client = client_socket(&scene);
	reply = ask(*state, AGENT_CONNECT, .socket = scene.client, .remote = scene.at,
	            .remote_port = scene.port);
	assert_int_equal(reply.error, EINPROGRESS);
	expect_client(&scene, SYN_SENT);
	reply = ask(*state, AGENT_QUEUE_WAIT, .local = scene.at,
	            .local_port = scene.client_port, .size = 0);
	assert_int_equal(reply.error, ENOENT);
}

/* Write until nothing more fits, so that a FIN has to wait behind the bytes. */
static void fill(struct agent *agent, int socket_)
{
	struct agent_reply reply;

	do
		reply = ask(agent, AGENT_WRITE, .socket = socket_, .data = pattern(1 << 16));
	while (reply.error == 0);
	assert_int_equal(reply.error, EAGAIN);
}

static void states_with_a_fin_that_is_not_acknowledged(void **state)
{
	struct scene scene = connected(*state, loopback4);

	fill(*state, scene.client);
	ask_ok(*state, AGENT_SHUTDOWN, .socket = scene.client, .value = SHUT_WR);
	expect_client(&scene, FIN_WAIT_1);
	ask_ok(*state, AGENT_SHUTDOWN, .socket = scene.server, .value = SHUT_WR);
	expect_client(&scene, CLOSING);
	expect_server(&scene, FIN_WAIT_2);

	scene = connected(*state, loopback4);
	fill(*state, scene.client);
	ask_ok(*state, AGENT_SHUTDOWN, .socket = scene.server, .value = SHUT_WR);
	expect_client(&scene, CLOSE_WAIT);
	ask_ok(*state, AGENT_SHUTDOWN, .socket = scene.client, .value = SHUT_WR);
	expect_client(&scene, LAST_ACK);
}

static void a_waiting_call_does_not_stop_the_others(void **state)
{
	struct scene scene = listening(*state, loopback4, 8);
	uint32_t accepting = start(*state, AGENT_ACCEPT, .socket = scene.listener, .wait = sec(5));
	struct agent_reply reply;
	nanos began;

	scene.client = client_socket(&scene);
	began = clock_realtime();
	start(*state, AGENT_CONNECT, .socket = scene.client, .remote = scene.at,
	      .remote_port = scene.port, .wait = sec(1));
	for (int i = 0; i < 2; i++) {
		reply = reply_ok(next_reply(*state));
		if (reply.id == accepting) {
			assert_true(reply.began < began && reply.ended > began);
			scene.server = reply.socket;
		} else {
			assert_true(reply.began >= began);
		}
	}
	/* Reads of one socket are done in their order; the second has nothing left to read. */
	start(*state, AGENT_READ, .socket = scene.server, .size = 3, .wait = sec(5));
	start(*state, AGENT_READ, .socket = scene.server, .size = 9, .wait = sec(5));
	reply = ask(*state, AGENT_READ, .socket = scene.server, .size = 1);
	assert_int_equal(reply.error, EAGAIN);
	start(*state, AGENT_WRITE, .socket = scene.client, .data = text("abcde"), .wait = sec(1));
	for (int i = 0; i < 3; i++) {
		reply = reply_ok(next_reply(*state));
		if (reply.number == 3)
			assert_memory_equal(reply.data.at, "abc", 3);
		else if (reply.number == 2)
			assert_memory_equal(reply.data.at, "de", 2);
		else
			assert_int_equal(reply.number, 5);
	}
}

static void close_answers_the_calls_that_wait(void **state)
{
	struct scene scene = listening(*state, loopback4, 8);
	uint32_t accepting = start(*state, AGENT_ACCEPT, .socket = scene.listener, .wait = sec(5));
	struct agent_reply reply;

	start(*state, AGENT_CLOSE, .socket = scene.listener);
	reply = next_reply(*state);
	assert_int_equal(reply.id, accepting);
	assert_int_equal(reply.error, EBADF);
	reply_ok(next_reply(*state));
}

static void a_long_write_goes_on(void **state)
{
	struct scene scene = connected(*state, loopback4);
	const size_t size = 1 << 20;
	uint32_t writing;
	size_t read_ = 0;

	/* Small buffers, so that it cannot be done at once. */
	ask_ok(*state, AGENT_SETSOCKOPT, .socket = scene.client, .level = SOL_SOCKET,
	       .name = SO_SNDBUF, .value = 20000);
	writing = start(*state, AGENT_WRITE, .socket = scene.client, .data = pattern(size),
	                .wait = sec(5));
	start(*state, AGENT_READ, .socket = scene.server, .size = 50000, .wait = sec(1));
	while (read_ < size) {
		struct agent_reply reply = reply_ok(next_reply(*state));

		if (reply.id == writing) {
			assert_int_equal(reply.number, size);
			writing = 0;
			continue;
		}
		assert_memory_equal(reply.data.at, pattern_at(read_ % 65521, reply.data.len).at,
		                    reply.data.len);
		read_ += reply.data.len;
		if (read_ < size)
			start(*state, AGENT_READ, .socket = scene.server, .size = 50000,
			      .wait = sec(1));
	}
	if (writing)
		assert_int_equal(reply_ok(next_reply(*state)).number, size);
}

static void deadlines_are_kept(void **state)
{
	struct scene scene = connected(*state, loopback4);
	nanos began = clock_monotonic();
	struct agent_reply reply;

	reply = ask(*state, AGENT_ACCEPT, .socket = scene.listener, .wait = ms(20));
	assert_int_equal(reply.error, EAGAIN);
	assert_true(clock_monotonic() - began >= ms(20));
	reply = ask(*state, AGENT_READ, .socket = scene.server, .size = 1, .wait = ms(5));
	assert_int_equal(reply.error, EAGAIN);
	reply = ask(*state, AGENT_POLL, .socket = scene.server, .value = POLLIN, .wait = ms(5));
	assert_int_equal(reply.error, ETIMEDOUT);
	fill(*state, scene.client);
	reply = ask(*state, AGENT_WRITE, .socket = scene.client, .data = pattern(1 << 20),
	            .wait = ms(5));
	assert_int_equal(reply.error, ETIMEDOUT);
	assert_true(reply.number >= 0 && reply.number < 1 << 20);
	assert_non_null(reply.why);
	reply = ask(*state, AGENT_STATE_WAIT, .local = scene.at, .local_port = scene.port,
	            .remote = scene.at, .remote_port = scene.client_port, .state = TIME_WAIT,
	            .wait = ms(130));
	assert_int_equal(reply.error, ETIMEDOUT);
	assert_int_equal(reply.state, ESTABLISHED);
}

static void states_are_awaited_and_held(void **state)
{
	struct scene scene = connected(*state, loopback4);
	uint32_t waiting, holding;

	waiting = start(*state, AGENT_STATE_WAIT, .local = scene.at, .local_port = scene.port,
	                .remote = scene.at, .remote_port = scene.client_port,
	                .state = CLOSE_WAIT, .wait = sec(5));
	holding = start(*state, AGENT_STATE_HOLD, .local = scene.at,
	                .local_port = scene.client_port, .remote = scene.at,
	                .remote_port = scene.port, .state = ESTABLISHED, .wait = sec(5));
	start(*state, AGENT_SHUTDOWN, .socket = scene.client, .value = SHUT_WR);
	for (int i = 0; i < 3; i++) {
		struct agent_reply reply = reply_ok(next_reply(*state));

		if (reply.id == waiting)
			assert_int_equal(reply.state, CLOSE_WAIT);
		else if (reply.id == holding)
			assert_int_equal(reply.state, FIN_WAIT_2);
	}
	assert_int_equal(ask(*state, AGENT_STATE_HOLD, .local = scene.at,
	                     .local_port = scene.port, .remote = scene.at,
	                     .remote_port = scene.client_port, .state = CLOSE_WAIT,
	                     .wait = ms(50)).error, ETIMEDOUT);
}

static void connect_errors_are_the_kernels(void **state)
{
	struct scene scene = listening(*state, loopback4, 8);
	struct agent_reply reply;

	ask_ok(*state, AGENT_CLOSE, .socket = scene.listener);
	scene.client = client_socket(&scene);
	reply = ask(*state, AGENT_CONNECT, .socket = scene.client, .remote = scene.at,
	            .remote_port = scene.port, .wait = sec(1));
	assert_int_equal(reply.error, ECONNREFUSED);
}

static void sysctls_and_counters(void **state)
{
	int64_t before;
	struct scene scene;
	struct agent_reply reply;

	ask_ok(*state, AGENT_SYSCTL_SET, .text = "net.ipv4.tcp_fin_timeout", .number = 7);
	reply = ask_ok(*state, AGENT_SYSCTL_GET, .text = "net.ipv4.tcp_fin_timeout");
	assert_int_equal(reply.number, 7);
	reply = ask_ok(*state, AGENT_SYSCTL_GET, .text = "net.ipv4.tcp_rmem");
	assert_true(reply.number > 0);
	reply = ask(*state, AGENT_SYSCTL_GET, .text = "net.ipv4.no_such_thing");
	assert_int_equal(reply.error, ENOENT);
	reply = ask(*state, AGENT_SYSCTL_SET, .text = "net.ipv4.tcp_syncookies", .number = 1000);
	assert_int_equal(reply.error, EINVAL);
	reply = ask(*state, AGENT_SYSCTL_GET, .text = "net.ipv4.tcp_congestion_control");
	assert_int_equal(reply.error, EINVAL);

	before = ask_ok(*state, AGENT_COUNTER, .text = "TcpPassiveOpens").number;
	scene = connected(*state, loopback4);
	reply = ask_ok(*state, AGENT_COUNTER, .text = "TcpPassiveOpens");
	assert_int_equal(reply.number, before + 1);
	ask_ok(*state, AGENT_CLOSE, .socket = scene.server);
	ask_ok(*state, AGENT_COUNTER, .text = "TcpExtListenDrops");
	reply = ask(*state, AGENT_COUNTER, .text = "TcpExtNoSuchThing");
	assert_int_equal(reply.error, ENOENT);
}

static void low_ports_stay_possible(void **state)
{
	int socket_ = ask_ok(*state, AGENT_SOCKET, .family = 4).socket;
	struct agent_reply reply;

	reply = ask_ok(*state, AGENT_BIND, .socket = socket_, .local = loopback4,
	               .local_port = 80);
	assert_int_equal(reply.number, 80);
}

static void a_killed_agent_is_told(void **state)
{
	struct agent_reply reply;
	struct pollfd wait = {.fd = agent_fd(*state), .events = POLLIN};
	struct why why;
	uint32_t id;

	kill(agent_pid(*state), SIGKILL);
	assert_int_equal(poll(&wait, 1, 5000), 1);
	assert_int_equal(agent_next(*state, &reply, &why), -EPIPE);
	assert_string_equal(why.text, "the agent died (signal 9)");
	assert_int_equal(agent_call(*state, &(struct agent_request){.family = 4}, &id, &why),
	                 -EPIPE);
	assert_string_equal(why.text, "the agent died (signal 9)");
}

static int prepare_failing(void *arg, struct why *why)
{
	return why_set(why, ENODEV, "no interface %s", (const char *)arg);
}

static void a_failed_preparation_is_the_first_reply(void **state)
{
	struct agent *agent;
	struct agent_reply reply;
	struct pollfd wait;
	struct why why;
	char name[] = "nix0";

	(void)state;
	assert_int_equal(agent_spawn(&agent, prepare_failing, name, &why), 0);
	reply = next_reply(agent);
	assert_int_equal(reply.id, 0);
	assert_int_equal(reply.error, ENODEV);
	assert_string_equal(reply.why, "no interface nix0");
	wait = (struct pollfd){.fd = agent_fd(agent), .events = POLLIN};
	assert_int_equal(poll(&wait, 1, 5000), 1);
	assert_int_equal(agent_next(agent, &reply, &why), -EPIPE);
	assert_string_equal(why.text, "the agent died (exit status 1)");
	agent_free(agent);
	agent_free(NULL);
}

#define with_agent(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_agent(every_verb_does_its_work),
		with_agent(states_of_a_connection_that_lives_and_ends),
		with_agent(a_half_open_connection_is_syn_received),
		with_agent(an_unanswered_connect_is_syn_sent),
		with_agent(states_with_a_fin_that_is_not_acknowledged),
		with_agent(a_waiting_call_does_not_stop_the_others),
		with_agent(close_answers_the_calls_that_wait),
		with_agent(a_long_write_goes_on),
		with_agent(deadlines_are_kept),
		with_agent(states_are_awaited_and_held),
		with_agent(connect_errors_are_the_kernels),
		with_agent(sysctls_and_counters),
		with_agent(low_ports_stay_possible),
		with_agent(a_killed_agent_is_told),
		cmocka_unit_test(a_failed_preparation_is_the_first_reply),
	};

	if (!enter_namespace()) {
		print_message("skipped: no network namespace can be made here\n");
		return 77;
	}
	return cmocka_run_group_tests_name("agent", tests, NULL, NULL);
}
