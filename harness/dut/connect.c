/* An agent over TCP, from the client's side: how it is reached, and how it is left. */
#include "dut/client.h"
#include "dut/connect.h"
#include "dut/handshake.h"
#include "dut/sockaddr.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LEAVE_WAIT sec(2)

socklen_t agent_sockaddr(const struct agent_address *where, struct sockaddr_storage *out)
{
	socklen_t len = sockaddr_make(&where->at, where->port, out);

	if (where->at.family == 6)
		((struct sockaddr_in6 *)out)->sin6_scope_id = where->scope;
	return len;
}

int control_tune(int fd)
{
	/* A call is small, and answered at once. A side that is gone is missed in half a minute. */
	static const int options[][3] = {
		{IPPROTO_TCP, TCP_NODELAY, 1},    {SOL_SOCKET, SO_KEEPALIVE, 1},
		{IPPROTO_TCP, TCP_KEEPIDLE, 10},  {IPPROTO_TCP, TCP_KEEPINTVL, 5},
		{IPPROTO_TCP, TCP_KEEPCNT, 3},    {IPPROTO_TCP, TCP_USER_TIMEOUT, 25000},
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (setsockopt(fd, options[i][0], options[i][1], &options[i][2], sizeof(int)) != 0)
			return -errno;
	}
	return 0;
}

int socket_await(int fd, short events, nanos deadline)
{
	struct pollfd wait = {.fd = fd, .events = events};
	int got;

	do {
		nanos left = deadline - clock_monotonic();

		if (left <= 0)
			return -ETIMEDOUT;
		got = poll(&wait, 1, (int)((left + ms(1) - 1) / ms(1)));
	} while (got == 0 || (got < 0 && errno == EINTR));
	return got < 0 ? -errno : 0;
}

/* A connected socket, or -errno. */
static int control_dial(const struct agent_address *where, nanos deadline)
{
	struct sockaddr_storage to;
	socklen_t len = agent_sockaddr(where, &to), error_len = sizeof(int);
	int fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error = fd < 0 ? -errno : control_tune(fd);

	if (!error && connect(fd, (struct sockaddr *)&to, len) != 0)
		error = -errno;
	if (error == -EINPROGRESS) {
		error = socket_await(fd, POLLOUT, deadline);
		if (!error && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_len) != 0)
			error = errno;
		error = error > 0 ? -error : error;
	}
	if (!error)
		return fd;
	if (fd >= 0)
		close(fd);
	return error;
}

int agent_connect(struct agent **out, const struct agent_address *where,
                  const struct agent_token *token, nanos deadline, struct why *why)
{
	struct agent *agent = calloc(1, sizeof(*agent));
	char text[AGENT_ADDRESS_TEXT_MAX];
	int error = -ENOMEM;

	agent_address_text(where, text);
	if (!agent)
		return why_set(why, ENOMEM, "no memory");
	agent->fd = -1;
	agent->where = strdup(text);
	if (!agent->where) {
		why_set(why, ENOMEM, "no memory");
		goto out;
	}
	agent->fd = error = control_dial(where, deadline);
	if (error < 0) {
		why_set(why, -error, "cannot connect: %s", strerror(-error));
		goto out;
	}
	/* Its first reply comes after this, whatever the handshake takes. */
	agent->asked = clock_realtime();
	error = handshake_client(agent->fd, token, deadline, why);
	if (!error) {
		*out = agent;
		return 0;
	}
out:
	why_add(why, "the agent at %s: ", text);
	agent_free(agent);
	return error;
}

/* The next reply. */
static int agent_await(struct agent *agent, nanos deadline, struct agent_reply *reply,
                       struct why *why)
{
	int got;

	while ((got = agent_next(agent, reply, why)) == 0) {
		int error = socket_await(agent_fd(agent), POLLIN, deadline);

		if (error)
			return why_set(why, -error, "the agent does not answer: %s",
			               strerror(-error));
	}
	return got < 0 ? got : 0;
}

int agent_ask(struct agent *agent, const struct agent_request *request, nanos deadline,
              struct agent_reply *reply, struct why *why)
{
	uint32_t id;
	int error = agent_call(agent, request, &id, why);

	return error ? error : agent_await(agent, deadline, reply, why);
}

int agent_reach(struct agent **out, const struct agent_address *where,
                const struct agent_token *token, nanos deadline, bool *sysctls, struct why *why)
{
	struct agent *agent = NULL;
	struct agent_reply hello;
	int error = agent_connect(&agent, where, token, deadline, why);

	if (!error)
		error = agent_await(agent, deadline, &hello, why);
	if (!error && hello.error)
		error = why_set(why, hello.error, "the agent at %s: %s", agent->where,
		                hello.why ? hello.why : strerror(hello.error));
	if (error) {
		agent_free(agent);
		return error;
	}
	if (sysctls)
		*sysctls = hello.number > 0;
	*out = agent;
	return 0;
}

bool agent_own_address(const struct agent *agent, struct agent_address *out)
{
	struct sockaddr_storage own;
	socklen_t size = sizeof(own);

	*out = (struct agent_address){.port = 0};
	if (!agent->where || getsockname(agent->fd, (struct sockaddr *)&own, &size))
		return false;
	sockaddr_read(&own, size, &out->at, &out->port);
	return true;
}

void agent_leave(struct agent *agent)
{
	nanos deadline = clock_monotonic() + LEAVE_WAIT;
	char rest[4096];
	ssize_t n = 1;

	if (agent->fd < 0)
		return;
	if (!agent->ended && shutdown(agent->fd, SHUT_WR) == 0) {
		while (n > 0 && socket_await(agent->fd, POLLIN, deadline) == 0)
			n = recv(agent->fd, rest, sizeof(rest), MSG_DONTWAIT);
	}
	close(agent->fd);
}
