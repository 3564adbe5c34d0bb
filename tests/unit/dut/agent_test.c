/* The agent's verbs, asked over loopback; calls that wait do not stop the others. */
#include "asking.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>

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

static void urgent_data_is_told_of_marked_and_read(void **state)
{
	struct scene scene = connected(*state, loopback4);
	struct agent_reply reply;

	assert_int_equal(ask(*state, AGENT_URGENT, .wait = ms(5)).error, ETIMEDOUT);
	reply = ask(*state, AGENT_READ, .socket = scene.server, .size = 1, .urgent = true);
	assert_int_equal(reply.error, EINVAL);
	ask_ok(*state, AGENT_WRITE, .socket = scene.client, .data = text("ab!"), .urgent = true,
	       .wait = sec(1));
	ask_ok(*state, AGENT_URGENT, .wait = sec(1));
	assert_int_equal(ask(*state, AGENT_URGENT).error, ETIMEDOUT);
	assert_int_equal(ask_ok(*state, AGENT_MARK, .socket = scene.server).number, 0);
	reply = ask_ok(*state, AGENT_READ, .socket = scene.server, .size = 9, .wait = sec(1));
	assert_int_equal(reply.data.len, 2);
	assert_int_equal(ask_ok(*state, AGENT_MARK, .socket = scene.server).number, 1);
	reply = ask_ok(*state, AGENT_READ, .socket = scene.server, .size = 9, .urgent = true);
	assert_int_equal(reply.data.len, 1);
	assert_memory_equal(reply.data.at, "!", 1);
	assert_int_equal(ask(*state, AGENT_MARK, .socket = 99).error, EBADF);
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

/* Stopped for so long, with a call waiting for less. */
static void an_agent_that_stands_still_says_so(void **state)
{
	struct scene scene = connected(*state, loopback4);
	nanos began = clock_monotonic();
	struct agent_reply reply;

	reply = ask(*state, AGENT_ACCEPT, .socket = scene.listener, .wait = ms(20));
	assert_int_equal(reply.error, EAGAIN);
	/* No later than it was seen to be; its times are told in another clock's, to the tick. */
	assert_true(reply.late <= clock_monotonic() - began - ms(20) + ms(1));
	start(*state, AGENT_ACCEPT, .socket = scene.listener, .wait = ms(300));
	/* The call is waiting, or nearly so, once one that came after it is answered. */
	ask_ok(*state, AGENT_MARK, .socket = scene.server);
	kill(agent_pid(*state), SIGSTOP);
	poll(NULL, 0, 400);
	kill(agent_pid(*state), SIGCONT);
	reply = next_reply(*state);
	assert_int_equal(reply.error, EAGAIN);
	assert_true(reply.late >= ms(50) && reply.late < sec(10));
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_agent(every_verb_does_its_work),
		with_agent(urgent_data_is_told_of_marked_and_read),
		with_agent(a_waiting_call_does_not_stop_the_others),
		with_agent(close_answers_the_calls_that_wait),
		with_agent(a_long_write_goes_on),
		with_agent(an_agent_that_stands_still_says_so),
		with_agent(deadlines_are_kept),
		with_agent(connect_errors_are_the_kernels),
		with_agent(sysctls_and_counters),
		with_agent(low_ports_stay_possible),
	};

	return run_in_namespace("agent", tests);
}
