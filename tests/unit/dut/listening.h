/* For tests: an agent over TCP, which listens in a process of its own. */
#ifndef TEST_LISTENING_H
#define TEST_LISTENING_H

#include "asking.h"
#include "dut/connect.h"
#include "dut/handshake.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static const struct agent_token right = {.len = 20, .at = "a token of 20 bytes."};

struct host {
	pid_t pid;
	struct agent_address where;
	int log; /* what its processes wrote to standard error */
};

static inline void host_listening(void *arg, const struct agent_address *where)
{
	if (write(*(int *)arg, where, sizeof(*where)) != sizeof(*where))
		_exit(2);
}

/* On a port that the kernel chooses. Dies with the test. */
static inline void host_start(struct host *host, const char *const *sysctls, size_t n)
{
	struct agent_listen config = {.where.at = loopback4, .token = &right, .sysctls = sysctls,
	                              .n_sysctls = n, .listening = host_listening};
	int told[2];

	assert_int_equal(pipe(told), 0);
	host->log = memfd_create("log", MFD_CLOEXEC);
	host->pid = fork();
	assert_true(host->log >= 0 && host->pid >= 0);
	if (host->pid == 0) {
		dup2(host->log, STDERR_FILENO);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(told[0]);
		config.arg = &told[1];
		_exit(agent_listen(&config, NULL) ? 1 : 0);
	}
	close(told[1]);
	assert_int_equal(read(told[0], &host->where, sizeof(host->where)), sizeof(host->where));
	close(told[0]);
}

/* By SIGTERM, and it ends well. */
static inline void host_end(struct host *host)
{
	int status;

	assert_int_equal(kill(host->pid, SIGTERM), 0);
	assert_int_equal(waitpid(host->pid, &status, 0), host->pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	close(host->log);
}

/* What was logged, as one text. */
static inline const char *host_log(const struct host *host, char out[4096])
{
	ssize_t n = pread(host->log, out, 4095, 0);

	assert_true(n >= 0);
	out[n] = '\0';
	return out;
}

/* Until it logs this. */
static inline void host_says(const struct host *host, const char *text_)
{
	nanos deadline = clock_monotonic() + PATIENCE;
	char log[4096];

	while (!strstr(host_log(host, log), text_)) {
		if (clock_monotonic() > deadline)
			fail_msg("not logged: %s, but: %s", text_, log);
		poll(NULL, 0, 10);
	}
}

/* Connected, and the hello was heard. */
static inline struct agent *host_dial(const struct host *host)
{
	nanos deadline = clock_monotonic() + 2 * PATIENCE;
	struct agent_reply hello;
	struct agent *agent = NULL;
	struct why why = {.text = ""};

	if (agent_connect(&agent, &host->where, &right, deadline, &why) != 0)
		fail_msg("%s", why.text);
	hello = next_reply(agent);
	assert_int_equal(hello.id, 0);
	reply_ok(hello);
	return agent;
}

/* A socket connected to it, and nothing said. */
static inline int host_socket(const struct host *host)
{
	struct timeval patience = {.tv_sec = 10};
	struct sockaddr_storage at;
	socklen_t len = agent_sockaddr(&host->where, &at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	assert_int_equal(connect(fd, (struct sockaddr *)&at, len), 0);
	return fd;
}

/* Nothing but the end of the connection comes. fd is closed. */
static inline void nothing_but_the_end(int fd)
{
	char byte;
	ssize_t n = recv(fd, &byte, 1, 0);

	if (n != 0 && !(n < 0 && errno == ECONNRESET))
		fail_msg("%zd bytes came, or %s", n, strerror(errno));
	close(fd);
}

/* The processes that serve a client. */
static inline size_t host_children(const struct host *host, pid_t out[128])
{
	char path[64];
	size_t n = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", host->pid, host->pid);
	file = fopen(path, "re");
	assert_non_null(file);
	while (n < 128 && fscanf(file, "%d", &out[n]) == 1)
		n++;
	fclose(file);
	return n;
}

#endif
