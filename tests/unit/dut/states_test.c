/* Every state of RFC 9293 section 3.3.2, as sock_diag tells it of real connections. */
#include "asking.h"
#include <netinet/in.h>
#include <netinet/tcp.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_agent(states_of_a_connection_that_lives_and_ends),
		with_agent(a_half_open_connection_is_syn_received),
		with_agent(an_unanswered_connect_is_syn_sent),
		with_agent(states_with_a_fin_that_is_not_acknowledged),
		with_agent(states_are_awaited_and_held),
	};

	return run_in_namespace("states", tests);
}
