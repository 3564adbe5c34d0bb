/* The loop that serves calls: one poll() over the other side and all that waits. */
#include "dut/server.h"
#include "dut/verb.h"
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CALLS_MAX 4096                /* calls that wait at once */
#define HELD_MAX (64 * (size_t)1048576) /* and the bytes that they hold */
#define OUT_MAX (4 * (size_t)1048576) /* replies not read, before calls are left unread too */
#define CHUNK 65536

/* How a verb is done. */
struct action {
	call_attempt *attempt;
	int late;     /* errno when the deadline is past */
	short events; /* of its socket, that make another attempt worth it */
};
static const struct action actions[AGENT_VERBS] = {
	[AGENT_SOCKET] = {attempt_socket, 0, 0},
	[AGENT_BIND] = {attempt_bind, 0, 0},
	[AGENT_LISTEN] = {attempt_listen, 0, 0},
	[AGENT_ACCEPT] = {attempt_accept, EAGAIN, POLLIN},
	[AGENT_CONNECT] = {attempt_connect, EINPROGRESS, POLLOUT},
	[AGENT_READ] = {attempt_read, EAGAIN, POLLIN},
	[AGENT_WRITE] = {attempt_write, ETIMEDOUT, POLLOUT},
	[AGENT_SHUTDOWN] = {attempt_shutdown, 0, 0},
	[AGENT_CLOSE] = {attempt_close, 0, 0},
	[AGENT_SETSOCKOPT] = {attempt_setsockopt, 0, 0},
	[AGENT_LINGER] = {attempt_linger, 0, 0},
	[AGENT_GETSOCKOPT] = {attempt_getsockopt, 0, 0},
	[AGENT_INFO] = {attempt_info, 0, 0},
	[AGENT_STATE] = {attempt_state, 0, 0},
	[AGENT_STATE_WAIT] = {attempt_state_wait, ETIMEDOUT, 0},
	[AGENT_STATE_HOLD] = {attempt_state_hold, ETIMEDOUT, 0},
	[AGENT_QUEUE_WAIT] = {attempt_queue_wait, ETIMEDOUT, 0},
	[AGENT_POLL] = {attempt_poll, ETIMEDOUT, 0},
	[AGENT_SYSCTL_GET] = {attempt_sysctl_get, 0, 0},
	[AGENT_SYSCTL_SET] = {attempt_sysctl_set, 0, 0},
	[AGENT_COUNTER] = {attempt_counter, 0, 0},
};

static void call_answer(struct server *server, struct call *call, struct agent_reply *reply,
                        int error, const struct why *why)
{
	reply->id = call->id;
	reply->error = -error;
	reply->began = call->began;
	if (!reply->ended)
		reply->ended = clock_realtime();
	reply->why = error && why->text[0] ? why->text : NULL;
	/* All numbers are the kernel's or the request's: only memory can be missing. */
	if (agent_reply_encode(&server->out, reply) != 0)
		server->out.failed = true;
	call->over = true;
}

int server_add_socket(struct server *server, int fd)
{
	/* The longest unused number is taken, so that a stale one is an error and not another's. */
	for (int i = 1; i <= AGENT_SOCKETS_MAX; i++) {
		int index = (server->newest + i) % AGENT_SOCKETS_MAX;

		if (server->sockets[index] == 0) {
			server->sockets[index] = fd + 1;
			server->newest = index;
			return index + 1;
		}
	}
	close(fd);
	return -ENFILE;
}

static int server_socket(const struct server *server, int socket)
{
	return socket >= 1 && socket <= AGENT_SOCKETS_MAX ? server->sockets[socket - 1] - 1 : -1;
}

int server_close_socket(struct server *server, int socket)
{
	int fd = server_socket(server, socket);

	for (size_t i = 0; i < server->n; i++) {
		struct call *call = &server->calls[i];
		struct agent_reply reply = {.number = (int64_t)call->done};
		struct why why;

		if (call->over || call->fd != fd)
			continue;
		why_set(&why, EBADF, "the socket was closed");
		call_answer(server, call, &reply, -EBADF, &why);
	}
	server->sockets[socket - 1] = 0;
	return close(fd) == 0 ? 0 : -errno;
}

/* Calls of one verb on one socket are done in the order that they came in. */
static bool call_has_turn(const struct server *server, const struct call *call, size_t before)
{
	if (call->fd < 0 || call->request.verb == AGENT_POLL)
		return true;
	for (size_t i = 0; i < before; i++) {
		const struct call *other = &server->calls[i];

		if (!other->over && other->fd == call->fd &&
		    other->request.verb == call->request.verb)
			return false;
	}
	return true;
}

/* Try a call, and answer it if it is over: done, failed or late. before: calls older than it. */
static void call_try(struct server *server, struct call *call, size_t before)
{
	const struct action *action = &actions[call->request.verb];
	struct agent_reply reply = {.number = 0};
	struct why why = {.text = ""};
	int error = CALL_WAITS;

	call->next = NANOS_MAX;
	if (call_has_turn(server, call, before))
		error = action->attempt(server, call, &reply, &why);
	if (error == CALL_WAITS) {
		if (clock_monotonic() < call->deadline)
			return;
		error = -action->late;
	}
	call_answer(server, call, &reply, error, &why);
}

/* Keep a call that waits. -ENOBUFS when too much waits already, -ENOMEM. */
static int call_keep(struct server *server, const struct call *call)
{
	struct call *kept;

	if (server->n >= CALLS_MAX || server->held + call->request.data.len > HELD_MAX)
		return -ENOBUFS;
	if (server->n == server->cap) {
		size_t cap = server->cap ? server->cap * 2 : 16;
		struct call *calls = realloc(server->calls, cap * sizeof(*calls));

		if (!calls)
			return -ENOMEM;
		server->calls = calls;
		server->cap = cap;
	}
	kept = &server->calls[server->n];
	*kept = *call;
	kept->request.text = NULL;
	if (call->request.data.len) {
		kept->held = malloc(call->request.data.len);
		if (!kept->held)
			return -ENOMEM;
		memcpy(kept->held, call->request.data.at, call->request.data.len);
		kept->request.data.at = kept->held;
		server->held += call->request.data.len;
	}
	server->n++;
	return 0;
}

static void call_begin(struct server *server, uint32_t id, const struct agent_request *request)
{
	bool on_socket = verbs[request->verb].fields & IN_SOCKET;
	nanos now = clock_monotonic();
	struct call call = {
		.id = id,
		.request = *request,
		.fd = on_socket ? server_socket(server, request->socket) : -1,
		.start = now,
		.deadline = request->wait > NANOS_MAX - now ? NANOS_MAX : now + request->wait,
		.began = clock_realtime(),
	};
	struct agent_reply reply = {.number = 0};
	struct why why;
	int error;

	if (on_socket && call.fd < 0) {
		why_set(&why, EBADF, "there is no socket %d", request->socket);
		call_answer(server, &call, &reply, -EBADF, &why);
		return;
	}
	call_try(server, &call, server->n);
	if (call.over)
		return;
	error = call_keep(server, &call);
	if (error) {
		why_set(&why, -error, "too many calls wait");
		call_answer(server, &call, &reply, error, &why);
	}
}

static size_t server_unsent(const struct server *server)
{
	return server->out.len;
}

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
		call_begin(server, id, &request);
		agent_storage_free(&storage);
		used += (size_t)n;
		server->stopped = server_unsent(server) > OUT_MAX;
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

/* Until the other side, a socket or a time is due. */
static int server_wait(struct server *server)
{
	bool full = server_unsent(server) > OUT_MAX;
	nanos now, wake = server->stopped && !full ? 0 : NANOS_MAX;
	struct timespec timeout;

	if (server_reserve_polls(server) != 0)
		return -ENOMEM;
	server->polls[0] = (struct pollfd){.fd = server->fd};
	server->polls[0].events = (short)((full ? 0 : POLLIN) | (server->out.len ? POLLOUT : 0));
	for (size_t i = 0; i < server->n; i++) {
		const struct call *call = &server->calls[i];
		bool polls = call->request.verb == AGENT_POLL;

		server->polls[i + 1] = (struct pollfd){.fd = call->fd};
		server->polls[i + 1].events =
			polls ? (short)call->request.value : actions[call->request.verb].events;
		if (call->deadline < wake)
			wake = call->deadline;
		if (call->next < wake)
			wake = call->next;
	}
	now = clock_monotonic();
	if (wake < now)
		wake = now;
	timeout.tv_sec = (time_t)((wake - now) / sec(1));
	timeout.tv_nsec = (long)((wake - now) % sec(1));
	if (ppoll(server->polls, server->n + 1, wake == NANOS_MAX ? NULL : &timeout, NULL) >= 0)
		return 0;
	for (size_t i = 0; i <= server->n; i++)
		server->polls[i].revents = 0;
	return errno == EINTR ? 0 : -errno;
}

/* Try again what waits and is ready or due. */
static void server_calls(struct server *server)
{
	nanos now = clock_monotonic();

	for (size_t i = 0; i < server->n; i++) {
		struct call *call = &server->calls[i];

		if (server->polls[i + 1].revents || call->next <= now || call->deadline <= now)
			call_try(server, call, i);
	}
}

/* Take out the calls that have their answer. */
static void server_sweep(struct server *server)
{
	size_t kept = 0;

	for (size_t i = 0; i < server->n; i++) {
		struct call *call = &server->calls[i];

		if (!call->over) {
			server->calls[kept++] = *call;
			continue;
		}
		if (call->held)
			server->held -= call->request.data.len;
		free(call->held);
	}
	server->n = kept;
}

/* 1 to go on, 0 when the other side is gone, -errno. */
static int server_turn(struct server *server, struct why *why)
{
	int error = server_wait(server), more = 1;

	if (error)
		return why_set(why, -error, "cannot wait: %s", strerror(-error));
	server_calls(server);
	if (server->polls[0].revents & (POLLIN | POLLHUP | POLLERR))
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
	struct server *server = calloc(1, sizeof(*server));
	int error;

	if (!server)
		return why_set(why, ENOMEM, "no memory");
	server->fd = fd;
	server->newest = AGENT_SOCKETS_MAX - 1;
	do
		error = server_turn(server, why);
	while (error > 0);
	for (size_t i = 0; i < server->n; i++)
		free(server->calls[i].held);
	for (size_t i = 0; i < AGENT_SOCKETS_MAX; i++) {
		if (server->sockets[i])
			close(server->sockets[i] - 1);
	}
	free(server->calls);
	free(server->polls);
	free(server->scratch);
	diag_free(server->diag);
	buffer_free(&server->in);
	buffer_free(&server->out);
	free(server);
	return error;
}
