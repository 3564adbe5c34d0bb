/* The verbs that are one socket call. */
#include "dut/info.h"
#include "dut/server.h"
#include "dut/sockaddr.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

int attempt_socket(struct server *server, struct call *call, struct agent_reply *reply,
                   struct why *why)
{
	int family = call->request.family == 4 ? AF_INET : AF_INET6;
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
	int socket_;

	(void)why;
	if (fd < 0)
		return -errno;
	socket_ = server_add_socket(server, fd);
	if (socket_ < 0)
		return socket_;
	reply->socket = socket_;
	return 0;
}

int attempt_bind(struct server *server, struct call *call, struct agent_reply *reply,
                 struct why *why)
{
	struct sockaddr_storage bound;
	struct address address;
	socklen_t len = sockaddr_make(&call->request.local, call->request.local_port, &bound);
	const int on = 1;
	uint16_t port;

	(void)server;
	(void)why;
	if (call->request.reuse &&
	    setsockopt(call->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0)
		return -errno;
	if (bind(call->fd, (struct sockaddr *)&bound, len) != 0)
		return -errno;
	len = sizeof(bound);
	if (getsockname(call->fd, (struct sockaddr *)&bound, &len) != 0)
		return -errno;
	sockaddr_read(&bound, len, &address, &port);
	reply->number = port;
	return 0;
}

int attempt_listen(struct server *server, struct call *call, struct agent_reply *reply,
                   struct why *why)
{
	(void)server;
	(void)reply;
	(void)why;
	return listen(call->fd, call->request.value) == 0 ? 0 : -errno;
}

int attempt_shutdown(struct server *server, struct call *call, struct agent_reply *reply,
                     struct why *why)
{
	(void)server;
	(void)reply;
	(void)why;
	return shutdown(call->fd, call->request.value) == 0 ? 0 : -errno;
}

/* With SO_LINGER {1, seconds} this stops the agent for so long: close() waits in the kernel. */
int attempt_close(struct server *server, struct call *call, struct agent_reply *reply,
                  struct why *why)
{
	(void)reply;
	(void)why;
	return server_close_socket(server, call->request.socket);
}

int attempt_setsockopt(struct server *server, struct call *call, struct agent_reply *reply,
                       struct why *why)
{
	const struct agent_request *request = &call->request;

	(void)server;
	(void)reply;
	(void)why;
	return setsockopt(call->fd, request->level, request->name, &request->value,
	                  sizeof(request->value)) == 0 ? 0 : -errno;
}

int attempt_linger(struct server *server, struct call *call, struct agent_reply *reply,
                   struct why *why)
{
	const struct linger linger = {.l_onoff = call->request.value,
	                              .l_linger = (int)call->request.size};

	(void)server;
	(void)reply;
	(void)why;
	if (setsockopt(call->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)) != 0)
		return -errno;
	return 0;
}

int attempt_getsockopt(struct server *server, struct call *call, struct agent_reply *reply,
                       struct why *why)
{
	int value = 0;
	socklen_t len = sizeof(value);

	(void)server;
	(void)why;
	if (getsockopt(call->fd, call->request.level, call->request.name, &value, &len) != 0)
		return -errno;
	reply->number = value;
	return 0;
}

int attempt_info(struct server *server, struct call *call, struct agent_reply *reply,
                 struct why *why)
{
	/* More than today's struct tcp_info: what a newer kernel adds at its end is not read. */
	uint8_t raw[512];
	socklen_t len = sizeof(raw);

	(void)server;
	(void)why;
	if (getsockopt(call->fd, IPPROTO_TCP, TCP_INFO, raw, &len) != 0)
		return -errno;
	info_read(raw, len, &reply->info);
	return 0;
}
