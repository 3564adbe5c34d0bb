/* The loop that serves calls: one poll() over the other side and all that waits. */
#include "dut/server.h"
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define OUT_MAX ((size_t)1 << 20) /* bytes of replies not sent, before calls are left unread too */
#define CHUNK 65536

/* Carry out the messages that are complete. 0, or -EPROTO after one that breaks the protocol. */
static int server_messages(struct server *server, struct why *why)
{
	struct agent_storage storage;
	struct agent_request request;
	struct agent_reply complaint = {.error = EPROTO};
	struct why reason;
	size_t used = 0;
	uint32_t id;
	ssize_t n = 0;

	server->stopped = false;
	while (used < server->in.len && !server->stopped) {
		n = agent_request_decode((const uint8_t *)server->in.at + used,
		                         server->in.len - used, &id, &request, &storage, &reason);
		if (n <= 0)
			break;
		server_begin(server, id, &request);
		agent_storage_free(&storage);
		used += (size_t)n;
		server->stopped = server->out.len > OUT_MAX;
	}
	buffer_drop(&server->in, used);
	if (n >= 0)
		return 0;
	complaint.began = complaint.ended = clock_realtime();
	complaint.why = reason.text;
	agent_reply_encode(&server->out, &complaint);
	if (why)
		*why = reason;
	return (int)n;
}

/* 1 when there may be more, 0 when the other side is gone, -errno. */
static int server_receive(struct server *server)
{
	char chunk[CHUNK];
	ssize_t n = recv(server->fd, chunk, sizeof(chunk), MSG_DONTWAIT);

	if (n > 0)
		buffer_put(&server->in, chunk, (size_t)n);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 1;
	if (n < 0 && errno != ECONNRESET)
		return -errno;
	return n > 0;
}

/* As server_receive(). */
static int server_send(struct server *server)
{
	size_t sent = 0;
	ssize_t n = 0;

	while (sent < server->out.len) {
		n = send(server->fd, server->out.at + sent, server->out.len - sent,
		         MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0)
			break;
		sent += (size_t)n;
	}
	buffer_drop(&server->out, sent);
	if (n >= 0 || errno == EAGAIN || errno == EINTR)
		return 1;
	return errno == EPIPE || errno == ECONNRESET ? 0 : -errno;
}

static int server_reserve_polls(struct server *server)
{
	struct pollfd *polls;

	if (server->polls_cap > server->n)
		return 0;
	polls = realloc(server->polls, (server->n + 16) * sizeof(*polls));
	if (!polls)
		return -ENOMEM;
	server->polls = polls;
	server->polls_cap = server->n + 16;
	return 0;
}

/* We wanted to go on at this time, and do so now, after a sleep meant to be so long. */
static void server_woken(struct server *server, nanos slept, nanos wake)
{
	nanos late = clock_monotonic() - wake - clock_slack(slept);

	for (size_t i = 0; i < server->n; i++)
		if (late > server->calls[i].late)
			server->calls[i].late = late;
}

/* Until the other side, a socket or a time is due. */
static int server_wait(struct server *server)
{
	bool full = server->out.len > OUT_MAX;
	bool at_once = server->stopped && !full, forever;
	nanos now, left = 0, wake = NANOS_MAX;
	struct timespec timeout;

	if (server_reserve_polls(server) != 0)
		return -ENOMEM;
	server->polls[0] = (struct pollfd){.fd = server->fd};
	/* At most one message that is not complete and a chunk wait in in, whatever comes. */
	server->polls[0].events = (short)((full || server->stopped ? 0 : POLLIN) |
	                                  (server->out.len ? POLLOUT : 0));
	for (size_t i = 0; i < server->n; i++) {
		const struct call *call = &server->calls[i];

		server->polls[i + 1] = (struct pollfd){call->fd, call_events(call), 0};
		if (call->deadline < wake)
			wake = call->deadline;
		if (call->next < wake)
			wake = call->next;
	}
	now = clock_monotonic();
	if (wake > now && !at_once)
		left = wake - now;
	timeout = clock_timespec(left);
	forever = wake == NANOS_MAX && !at_once;
	if (ppoll(server->polls, server->n + 1, forever ? NULL : &timeout, NULL) >= 0) {
		/* A time that was over before the sleep counts too: we stood still then. */
		server_woken(server, left, wake);
		return 0;
	}
	for (size_t i = 0; i <= server->n; i++)
		server->polls[i].revents = 0;
	return errno == EINTR ? 0 : -errno;
}

/* 1 to go on, 0 when the other side is gone, -errno. */
static int server_turn(struct server *server, struct why *why)
{
	int error = server_wait(server), more = 1;

	if (error)
		return why_set(why, -error, "cannot wait: %s", strerror(-error));
	server_retry(server);
	if (!server->stopped && server->polls[0].revents & (POLLIN | POLLHUP | POLLERR))
		more = server_receive(server);
	if (more < 0)
		return why_set(why, -more, "cannot receive calls: %s", strerror(-more));
	error = server_messages(server, why);
	server_sweep(server);
	if (server->in.failed || server->out.failed)
		return why_set(why, ENOMEM, "no memory");
	if (more == 0 && !error && server->in.len > 0 && !server->stopped)
		error = why_set(why, EPROTO, "the last message is not complete");
	if (more == 1)
		more = server_send(server);
	if (error)
		return error;
	return more < 0 ? why_set(why, -more, "cannot send replies: %s", strerror(-more)) : more;
}

int agent_serve(int fd, struct why *why)
{
	return server_run(fd, NULL, why);
}

int server_run(int fd, const struct leave *leave, struct why *why)
{
	struct server *server = calloc(1, sizeof(*server));
	int error;

	if (!server)
		return why_set(why, ENOMEM, "no memory");
	urgent_begin();
	server->fd = fd;
	server->leave = leave;
	server->newest = AGENT_SOCKETS_MAX - 1;
	do
		error = server_turn(server, why);
	while (error > 0);
	server_drop(server);
	free(server->polls);
	free(server->scratch);
	diag_free(server->diag);
	buffer_free(&server->in);
	buffer_free(&server->out);
	free(server);
	return error;
}
