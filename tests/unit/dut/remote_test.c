/* An agent over TCP: it serves who knows the token, and undoes what was done. */
#include "listening.h"
#include <netinet/in.h>
#include <netinet/tcp.h>

#define SYSCTL "net.ipv4.tcp_fin_timeout"
#define COOKIES "net.ipv4.tcp_syncookies"
static const char *const sysctls[] = {SYSCTL, COOKIES};

static int begin(void **state)
{
	static struct host host;

	host_start(&host, sysctls, 2);
	*state = &host;
	return 0;
}

static int end(void **state)
{
	host_end(*state);
	return 0;
}
#define with_host(test) cmocka_unit_test_setup_teardown(test, begin, end)

static void it_does_what_the_labs_agent_does(void **state)
{
	struct agent *agent = host_dial(*state);
	struct scene scene = connected(agent, loopback4);
	struct agent_reply reply;

	assert_int_equal(agent_pid(agent), 0);
	ask_ok(agent, AGENT_WRITE, .socket = scene.client, .data = text("hello"), .wait = sec(1));
	reply = ask_ok(agent, AGENT_READ, .socket = scene.server, .size = 100, .wait = sec(1));
	assert_int_equal(reply.data.len, 5);
	assert_memory_equal(reply.data.at, "hello", 5);
	reply = ask_ok(agent, AGENT_STATE, .local = loopback4, .local_port = scene.port,
	               .remote = loopback4, .remote_port = scene.client_port);
	assert_int_equal(reply.state, ESTABLISHED);
	/* One clock: the times are as they were, and no further off than the answer was quick. */
	assert_true(clock_realtime() - reply.ended >= 0);
	assert_true(clock_realtime() - reply.ended < PATIENCE);
	assert_true(agent_clock_error(agent) > 0 && agent_clock_error(agent) < PATIENCE);
	agent_free(agent);
}

static void two_clients_do_not_see_each_other(void **state)
{
	struct agent *one = host_dial(*state), *two = host_dial(*state);
	struct scene scene = connected(one, loopback4), other = connected(two, loopback4);
	uint32_t reading = start(one, AGENT_READ, .socket = scene.server, .size = 9,
	                         .wait = sec(9));

	/* The same numbers, other sockets; and the one's waiting does not stop the other. */
	assert_int_equal(scene.server, other.server);
	ask_ok(two, AGENT_WRITE, .socket = other.client, .data = text("two"), .wait = sec(1));
	assert_int_equal(ask_ok(two, AGENT_READ, .socket = other.server, .size = 9).number, 3);
	agent_free(two);
	start(one, AGENT_WRITE, .socket = scene.client, .data = text("one!"), .wait = sec(1));
	for (int i = 0; i < 2; i++) {
		struct agent_reply reply = reply_ok(next_reply(one));

		assert_int_equal(reply.number, 4);
		if (reply.id == reading)
			assert_memory_equal(reply.data.at, "one!", 4);
	}
	agent_free(one);
}

/* A socket of the test that is connected to one of the agent's, which is *server. */
static int reached(struct agent *agent, int *server)
{
	struct scene scene = listening(agent, loopback4, 8);
	const struct agent_address at = {.at = loopback4, .port = scene.port};
	struct sockaddr_storage to;
	socklen_t len = agent_sockaddr(&at, &to);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&to, len), 0);
	*server = ask_ok(agent, AGENT_ACCEPT, .socket = scene.listener, .wait = sec(1)).socket;
	return fd;
}

static void sockets_are_reset_when_the_client_goes(void **state)
{
	struct agent *agent = host_dial(*state);
	char byte;
	int server, fd = reached(agent, &server);

	agent_free(agent);
	/* agent_free() has waited for it. */
	assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
	assert_int_equal(errno, ECONNRESET);
	close(fd);
}

static int64_t sysctl_now(const struct host *host)
{
	struct agent *agent = host_dial(host);
	int64_t value = ask_ok(agent, AGENT_SYSCTL_GET, .text = SYSCTL).number;

	agent_free(agent);
	return value;
}

static void a_sysctl_is_put_back_when_the_client_goes(void **state)
{
	struct agent *agent = host_dial(*state);
	int64_t before = ask_ok(agent, AGENT_SYSCTL_GET, .text = SYSCTL).number;

	ask_ok(agent, AGENT_SYSCTL_SET, .text = SYSCTL, .number = before + 5);
	ask_ok(agent, AGENT_SYSCTL_SET, .text = SYSCTL, .number = before + 6);
	assert_int_equal(sysctl_now(*state), before + 6);
	agent_free(agent);
	assert_int_equal(sysctl_now(*state), before);
}

/* Until the agent is seen to be gone. */
static void await_end(struct agent *agent, struct why *why)
{
	nanos deadline = clock_monotonic() + PATIENCE;
	struct agent_reply reply;
	int got;

	while ((got = agent_next(agent, &reply, why)) == 0) {
		struct pollfd wait = {.fd = agent_fd(agent), .events = POLLIN};

		assert_true(clock_monotonic() < deadline);
		poll(&wait, 1, (int)(PATIENCE / ms(1)));
	}
	assert_int_equal(got, -EPIPE);
}

static void a_sysctl_is_put_back_when_the_process_is_killed(void **state)
{
	const struct host *host = *state;
	struct agent *agent = host_dial(host);
	int64_t before = ask_ok(agent, AGENT_SYSCTL_GET, .text = SYSCTL).number;
	char want[128], text_[AGENT_ADDRESS_TEXT_MAX];
	pid_t children[128];
	struct why why;
	uint32_t id;

	ask_ok(agent, AGENT_SYSCTL_SET, .text = SYSCTL, .number = before + 5);
	start(agent, AGENT_STATE_HOLD, .local = loopback4, .local_port = 9, .state = CLOSED,
	      .wait = sec(9));
	assert_int_equal(host_children(host, children), 1);
	assert_int_equal(kill(children[0], SIGKILL), 0);
	await_end(agent, &why);
	snprintf(want, sizeof(want), "the agent at %s is gone: it closed the connection",
	         agent_address_text(&host->where, text_));
	assert_string_equal(why.text, want);
	assert_int_equal(agent_call(agent, &(struct agent_request){.family = 4}, &id, &why),
	                 -EPIPE);
	assert_string_equal(why.text, want);
	/* The end is seen when all is undone, and not before. */
	assert_int_equal(sysctl_now(host), before);
	agent_free(agent);
}

static void a_sysctl_is_one_clients_at_a_time(void **state)
{
	struct agent *one = host_dial(*state), *two = host_dial(*state);
	int64_t before = ask_ok(one, AGENT_SYSCTL_GET, .text = SYSCTL).number;
	struct agent_reply reply;
	uint32_t id;

	ask_ok(one, AGENT_SYSCTL_SET, .text = SYSCTL, .number = before + 5);
	reply = ask(two, AGENT_SYSCTL_SET, .text = SYSCTL, .number = before + 6);
	assert_int_equal(reply.error, EBUSY);
	assert_string_equal(reply.why, "another case has set it");
	/* The wait for it is answered when the one goes. */
	id = start(two, AGENT_SYSCTL_SET, .text = SYSCTL, .number = before + 7);
	agent_free(one);
	assert_int_equal(reply_ok(next_reply(two)).id, id);
	assert_int_equal(sysctl_now(*state), before + 7);
	agent_free(two);
	assert_int_equal(sysctl_now(*state), before);
}

static void other_sysctls_are_not_to_be_set(void **state)
{
	static const char *const names[] = {"net.ipv4.ip_forward", "net.ipv4.tcp_fin_timeou",
	                                    "net.ipv4.tcp_fin_timeout.", "kernel.panic", "../x"};
	struct agent *agent = host_dial(*state);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct agent_reply reply = ask(agent, AGENT_SYSCTL_SET, .text = names[i]);

		assert_int_equal(reply.error, EPERM);
		assert_non_null(strstr(reply.why, "--allow-sysctl"));
	}
	assert_int_equal(ask(agent, AGENT_SYSCTL_SET, .text = COOKIES, .number = 999).error,
	                 EINVAL);
	agent_free(agent);
}

static void sysctls_that_are_none_are_told_at_the_start(void **state)
{
	static const char *const bad[] = {"net.ipv4.no_such_thing", "kernel.panic",
	                                  "net.ipv4.tcp_congestion_control"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct agent_listen config = {.where.at = loopback4, .token = &right,
		                              .sysctls = &bad[i], .n_sysctls = 1};
		struct why why = {.text = ""};

		assert_true(agent_listen(&config, &why) < 0);
		assert_true(why.text[0] && !strchr(why.text, '\n'));
	}
}

static void sigterm_ends_all(void **state)
{
	struct host host;
	struct agent *agent;
	struct why why;
	int64_t before;
	int server, fd;
	char byte;

	(void)state;
	host_start(&host, sysctls, 2);
	agent = host_dial(&host);
	before = ask_ok(agent, AGENT_SYSCTL_GET, .text = SYSCTL).number;
	ask_ok(agent, AGENT_SYSCTL_SET, .text = SYSCTL, .number = before + 5);
	fd = reached(agent, &server);
	close(host_socket(&host));
	host_end(&host);
	await_end(agent, &why);
	agent_free(agent);
	assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
	assert_int_equal(errno, ECONNRESET);
	close(fd);
	host_start(&host, NULL, 0);
	assert_int_equal(sysctl_now(&host), before);
	host_end(&host);
}

static void a_serving_process_holds_no_more_than_it_needs(void **state)
{
	struct agent *agent = host_dial(*state);
	pid_t children[128];
	char path[64], line[256];
	int seen = 0;
	FILE *file;

	/* It serves once it has answered. */
	ask_ok(agent, AGENT_SYSCTL_GET, .text = SYSCTL);
	assert_int_equal(host_children(*state, children), 1);
	snprintf(path, sizeof(path), "/proc/%d/status", children[0]);
	file = fopen(path, "re");
	assert_non_null(file);
	/* CAP_NET_BIND_SERVICE is bit 10; of signals only SIGURG, the 23rd, is blocked. */
	while (fgets(line, sizeof(line), file))
		seen += strcmp(line, "CapPrm:\t0000000000000400\n") == 0 ||
		        strcmp(line, "CapEff:\t0000000000000400\n") == 0 ||
		        strcmp(line, "NoNewPrivs:\t1\n") == 0 ||
		        strcmp(line, "SigBlk:\t0000000000400000\n") == 0;
	fclose(file);
	assert_int_equal(seen, 4);
	for (int fd = 0; fd <= 5; fd++) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", children[0], fd);
		assert_int_equal(readlink(path, line, sizeof(line)) > 0, fd < 5);
	}
	agent_free(agent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_host(it_does_what_the_labs_agent_does),
		with_host(two_clients_do_not_see_each_other),
		with_host(sockets_are_reset_when_the_client_goes),
		with_host(a_sysctl_is_put_back_when_the_client_goes),
		with_host(a_sysctl_is_put_back_when_the_process_is_killed),
		with_host(a_sysctl_is_one_clients_at_a_time),
		with_host(other_sysctls_are_not_to_be_set),
		cmocka_unit_test(sysctls_that_are_none_are_told_at_the_start),
		cmocka_unit_test(sigterm_ends_all),
		with_host(a_serving_process_holds_no_more_than_it_needs),
	};

	return run_in_namespace("remote", tests);
}
