/* The calls that an agent was given: tried, kept while they wait, answered. */
#include "dut/server.h"
#include "dut/verb.h"
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CALLS_MAX 4096              /* calls that wait at once */
#define HELD_MAX ((size_t)64 << 20) /* bytes that they hold, in a lab */

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
	[AGENT_SYSCTL_SET] = {attempt_sysctl_set, EBUSY, 0},
	[AGENT_COUNTER] = {attempt_counter, 0, 0},
	[AGENT_URGENT] = {attempt_urgent, ETIMEDOUT, 0},
	[AGENT_MARK] = {attempt_mark, 0, 0},
};

static void call_answer(struct server *server, struct call *call, struct agent_reply *reply,
                        int error, const struct why *why)
{
	reply->id = call->id;
	reply->error = -error;
	reply->began = call->began;
	reply->late = call->late;
	if (!reply->ended)
		reply->ended = clock_realtime();
	reply->why = error && why->text[0] ? why->text : NULL;
	/* All numbers are the kernel's or the request's: only memory can be missing. */
	if (agent_reply_encode(&server->out, reply) != 0)
		server->out.failed = true;
	call->over = true;
}

short call_events(const struct call *call)
{
	if (call->request.verb == AGENT_POLL)
		return (short)call->request.value;
	return actions[call->request.verb].events;
}

int server_add_socket(struct server *server, int fd)
{
	/* The longest unused number is taken, so that a stale one is an error and not another's. */
	for (int i = 1; i <= AGENT_SOCKETS_MAX; i++) {
		int index = (server->newest + i) % AGENT_SOCKETS_MAX;

		if (server->sockets[index] == 0) {
			urgent_watch(fd);
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
	bool turn = call_has_turn(server, call, before);
	int error = CALL_WAITS;

	call->next = NANOS_MAX;
	if (turn)
		error = action->attempt(server, call, &reply, &why);
	else
		why_set(&why, EAGAIN, "an older call of this kind was not done in time");
	if (error == CALL_WAITS) {
		if (clock_monotonic() < call->deadline)
			return;
		/* Nothing was tried: a deadline of now is no time that has passed. */
		error = !turn && call->request.wait == 0 ? -EAGAIN : -action->late;
	}
	call_answer(server, call, &reply, error, &why);
}

/* Keep a call that waits. -ENOBUFS when too much waits already, -ENOMEM. */
static int call_keep(struct server *server, const struct call *call)
{
	const size_t held_max = server->leave ? server->leave->held_max : HELD_MAX;
	struct call *kept;

	if (server->n >= CALLS_MAX || server->held + call->request.data.len > held_max)
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
	if (call->request.text) {
		kept->held = strdup(call->request.text);
		kept->request.text = kept->held;
	} else if (call->request.data.len) {
		kept->held = malloc(call->request.data.len);
		if (kept->held)
			memcpy(kept->held, call->request.data.at, call->request.data.len);
		kept->request.data.at = kept->held;
	}
	if (!kept->held && (call->request.text || call->request.data.len))
		return -ENOMEM;
	server->held += call->request.data.len;
	server->n++;
	return 0;
}

void server_begin(struct server *server, uint32_t id, const struct agent_request *request)
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
		reply.number = (int64_t)call.done;
		why_set(&why, -error, "too many calls wait");
		call_answer(server, &call, &reply, error, &why);
	}
}

void server_retry(struct server *server)
{
	nanos now = clock_monotonic();

	for (size_t i = 0; i < server->n; i++) {
		struct call *call = &server->calls[i];

		if (server->polls[i + 1].revents || call->next <= now || call->deadline <= now)
			call_try(server, call, i);
	}
}

void server_sweep(struct server *server)
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

void server_drop(struct server *server)
{
	static const struct linger reset = {.l_onoff = 1, .l_linger = 0};

	for (size_t i = 0; i < server->n; i++)
		free(server->calls[i].held);
	/* The peer may be gone, and what is left would be sent again for minutes: reset. */
	for (size_t i = 0; i < AGENT_SOCKETS_MAX; i++) {
		int fd = server->sockets[i] - 1;

		if (fd < 0)
			continue;
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		close(fd);
	}
	free(server->calls);
}
