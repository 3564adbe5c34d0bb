/* The verbs that may have to wait for a socket. */
#include "dut/server.h"
#include "dut/sockaddr.h"
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

int attempt_accept(struct server *server, struct call *call, struct agent_reply *reply,
                   struct why *why)
{
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);
	int fd = accept4(call->fd, (struct sockaddr *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	int socket_;

	(void)why;
	if (fd < 0)
		return errno == EAGAIN ? CALL_WAITS : -errno;
	socket_ = server_add_socket(server, fd);
	if (socket_ < 0)
		return socket_;
	reply->socket = socket_;
	sockaddr_read(&from, len, &reply->remote, &reply->remote_port);
	return 0;
}

/* What became of a connect() that went on: connect(2), EINPROGRESS. */
static int connect_outcome(int fd)
{
	struct pollfd ready = {.fd = fd, .events = POLLOUT};
	struct sockaddr_storage peer;
	socklen_t len = sizeof(int);
	int error = 0;

	if (poll(&ready, 1, 0) < 0)
		return errno == EINTR ? CALL_WAITS : -errno;
	if (!ready.revents)
		return CALL_WAITS;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		return -errno;
	if (error)
		return -error;
	/* Another call may have taken the error before. */
	len = sizeof(peer);
	return getpeername(fd, (struct sockaddr *)&peer, &len) == 0 ? 0 : -ECONNABORTED;
}

int attempt_connect(struct server *server, struct call *call, struct agent_reply *reply,
                    struct why *why)
{
	const struct agent_request *request = &call->request;
	struct sockaddr_storage to;
	socklen_t len;

	(void)server;
	(void)reply;
	(void)why;
	if (call->started)
		return connect_outcome(call->fd);
	call->started = true;
	len = sockaddr_make(&request->remote, request->remote_port, &to);
	call->began = clock_realtime();
	if (connect(call->fd, (struct sockaddr *)&to, len) == 0)
		return 0;
	return errno == EINPROGRESS ? CALL_WAITS : -errno;
}

int attempt_read(struct server *server, struct call *call, struct agent_reply *reply,
                 struct why *why)
{
	size_t size = call->request.size;
	ssize_t n;

	(void)why;
	if (server->scratch_size < size) {
		uint8_t *scratch = realloc(server->scratch, size);

		if (!scratch)
			return -ENOMEM;
		server->scratch = scratch;
		server->scratch_size = size;
	}
	n = recv(call->fd, server->scratch, size,
	         MSG_DONTWAIT | (call->request.urgent ? MSG_OOB : 0));
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? CALL_WAITS : -errno;
	reply->number = n;
	reply->data = (struct bytes){server->scratch, (size_t)n};
	return 0;
}

int attempt_write(struct server *server, struct call *call, struct agent_reply *reply,
                  struct why *why)
{
	const struct bytes *data = &call->request.data;
	const int flags = MSG_NOSIGNAL | MSG_DONTWAIT | (call->request.urgent ? MSG_OOB : 0);
	int error = 0;

	(void)server;
	do {
		ssize_t n = send(call->fd, (const char *)data->at + call->done,
		                 data->len - call->done, flags);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			error = errno == EAGAIN ? CALL_WAITS : -errno;
		else
			call->done += (size_t)n;
	} while (!error && call->done < data->len);
	reply->number = (int64_t)call->done;
	if (error != CALL_WAITS)
		return error;
	if (call->request.wait == 0)
		return call->done ? 0 : -EAGAIN;
	/* Where time is up now, this tells it from the socket's own ETIMEDOUT. */
	why_set(why, ETIMEDOUT, "%zu of %zu bytes were written in time", call->done, data->len);
	return CALL_WAITS;
}

int attempt_poll(struct server *server, struct call *call, struct agent_reply *reply,
                 struct why *why)
{
	struct pollfd ready = {.fd = call->fd, .events = (short)call->request.value};

	(void)server;
	if (call->request.value < 0 || call->request.value > SHRT_MAX)
		return why_set(why, EINVAL, "no events of poll(): %d", call->request.value);
	if (poll(&ready, 1, 0) < 0)
		return errno == EINTR ? CALL_WAITS : -errno;
	reply->number = ready.revents;
	return ready.revents ? 0 : CALL_WAITS;
}
