/* The agent as a process: how it starts, how it ends, and what it does not put up with. */
#include "asking.h"
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

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

/* The agent's end: waits for it, and gives the words for it. */
static const char *last_words(struct agent *agent, struct why *why)
{
	struct agent_reply reply;
	nanos deadline = clock_monotonic() + PATIENCE;
	int got;

	while ((got = agent_next(agent, &reply, why)) == 0 && clock_monotonic() < deadline) {
		struct pollfd wait = {.fd = agent_fd(agent), .events = POLLIN};

		poll(&wait, 1, (int)(PATIENCE / ms(1)));
	}
	assert_int_equal(got, -EPIPE);
	return why->text;
}

static void what_breaks_the_protocol_ends_the_agent(void **state)
{
	static const char garbage[] = "GET / HTTP/1.1\r\n\r\n";
	struct agent_reply reply;
	struct why why;

	assert_int_equal(write(agent_fd(*state), garbage, sizeof(garbage)), sizeof(garbage));
	reply = next_reply(*state);
	assert_int_equal(reply.id, 0);
	assert_int_equal(reply.error, EPROTO);
	assert_string_equal(reply.why, "a message's header has 1195725856 bytes");
	assert_string_equal(last_words(*state, &why), "the agent died (exit status 1)");
}

static void a_closed_socket_ends_the_agent_well(void **state)
{
	struct why why;

	assert_int_equal(shutdown(agent_fd(*state), SHUT_WR), 0);
	assert_string_equal(last_words(*state, &why), "the agent died (exit status 0)");
}

static void it_holds_no_more_than_it_needs(void **state)
{
	char path[64], line[256];
	int capabilities = 0, descriptors = 0;
	struct dirent *entry;
	FILE *status;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", agent_pid(*state));
	dir = opendir(path);
	assert_non_null(dir);
	while ((entry = readdir(dir)))
		descriptors += entry->d_name[0] != '.';
	closedir(dir);
	assert_int_equal(descriptors, 4);

	snprintf(path, sizeof(path), "/proc/%d/status", agent_pid(*state));
	status = fopen(path, "re");
	assert_non_null(status);
	/* CAP_NET_BIND_SERVICE is bit 10, CAP_NET_ADMIN bit 12. */
	while (fgets(line, sizeof(line), status))
		capabilities += strcmp(line, "CapPrm:\t0000000000001400\n") == 0 ||
				strcmp(line, "CapEff:\t0000000000001400\n") == 0;
	fclose(status);
	assert_int_equal(capabilities, 2);
}

/* In a process of its own: spawn an agent, tell its pid, and die without a word to it. */
static void parent_that_dies(int fd)
{
	struct agent *agent;
	pid_t pid;

	if (agent_spawn(&agent, NULL, NULL, NULL) != 0)
		_exit(1);
	pid = agent_pid(agent);
	if (write(fd, &pid, sizeof(pid)) != sizeof(pid))
		_exit(1);
	pause();
	_exit(1);
}

static void it_dies_with_its_parent(void **state)
{
	struct pollfd ended = {.events = POLLIN};
	int pipes[2], status;
	pid_t parent, agent;

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	parent = fork();
	if (parent == 0)
		parent_that_dies(pipes[1]);
	assert_int_equal(read(pipes[0], &agent, sizeof(agent)), sizeof(agent));
	ended.fd = pidfd_open(agent, 0);
	assert_true(ended.fd >= 0);
	kill(parent, SIGKILL);
	assert_int_equal(waitpid(parent, &status, 0), parent);
	assert_int_equal(poll(&ended, 1, 5000), 1);
	close(ended.fd);
	close(pipes[0]);
	close(pipes[1]);
}

/* Send calls until the agent takes no more; how many bytes it took. */
static size_t send_all_it_takes(int fd, const struct buffer *calls)
{
	struct pollfd room = {.fd = fd, .events = POLLOUT};
	size_t sent = 0;

	while (sent < calls->len && poll(&room, 1, 200) == 1) {
		ssize_t n = send(fd, calls->at + sent, calls->len - sent, MSG_DONTWAIT);

		sent += n > 0 ? (size_t)n : 0;
	}
	return sent;
}

/* The agent does not hoard replies that nobody reads: it stops reading calls, and loses none. */
static void unread_replies_stop_the_agent(void **state)
{
	struct agent_request request = {.verb = AGENT_INFO, .socket = 1};
	struct buffer calls = {.at = NULL};
	const uint32_t many = 40000;
	struct agent_reply reply;
	struct why why;
	size_t sent;
	uint32_t id = 0;

	for (uint32_t i = 1; i <= many; i++)
		assert_int_equal(agent_request_encode(&calls, i, &request), 0);
	sent = send_all_it_takes(agent_fd(*state), &calls);
	assert_true(sent < calls.len);
	while (id < many) {
		struct pollfd wait = {.fd = agent_fd(*state), .events = POLLIN | POLLOUT};
		ssize_t n = send(wait.fd, calls.at + sent, calls.len - sent, MSG_DONTWAIT);
		int got;

		sent += n > 0 ? (size_t)n : 0;
		if (sent == calls.len)
			wait.events = POLLIN;
		while ((got = agent_next(*state, &reply, &why)) == 1) {
			assert_int_equal(reply.id, ++id);
			assert_int_equal(reply.error, EBADF);
		}
		assert_int_equal(got, 0);
		if (id < many)
			assert_int_equal(poll(&wait, 1, 5000), 1);
	}
	buffer_free(&calls);
}

static void too_many_waiting_calls_are_refused(void **state)
{
	struct scene scene = listening(*state, loopback4, 8);
	const int most = 4096;
	struct agent_reply reply;

	for (int i = 0; i < most; i++)
		start(*state, AGENT_POLL, .socket = scene.listener, .value = POLLIN,
		      .wait = sec(60));
	reply = ask(*state, AGENT_ACCEPT, .socket = scene.listener, .wait = sec(60));
	assert_int_equal(reply.error, ENOBUFS);
	reply = ask(*state, AGENT_ACCEPT, .socket = scene.listener);
	assert_int_equal(reply.error, EAGAIN);
	start(*state, AGENT_CLOSE, .socket = scene.listener);
	for (int i = 0; i < most; i++)
		assert_int_equal(next_reply(*state).error, EBADF);
	reply_ok(next_reply(*state));
}

static void sockets_run_out_and_come_back(void **state)
{
	struct agent_reply reply;
	int made = 0;

	/* The limit of descriptors may be the lower one. */
	while ((reply = ask(*state, AGENT_SOCKET, .family = 4)).error == 0)
		assert_int_equal(reply.socket, ++made);
	assert_true(reply.error == ENFILE || reply.error == EMFILE);
	assert_true(made <= AGENT_SOCKETS_MAX);
	ask_ok(*state, AGENT_CLOSE, .socket = 5);
	reply = ask_ok(*state, AGENT_SOCKET, .family = 6);
	if (made == AGENT_SOCKETS_MAX)
		assert_int_equal(reply.socket, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_agent(a_killed_agent_is_told),
		cmocka_unit_test(a_failed_preparation_is_the_first_reply),
		with_agent(what_breaks_the_protocol_ends_the_agent),
		with_agent(a_closed_socket_ends_the_agent_well),
		with_agent(it_holds_no_more_than_it_needs),
		cmocka_unit_test(it_dies_with_its_parent),
		with_agent(unread_replies_stop_the_agent),
		with_agent(too_many_waiting_calls_are_refused),
		with_agent(sockets_run_out_and_come_back),
	};

	return run_in_namespace("process", tests);
}
