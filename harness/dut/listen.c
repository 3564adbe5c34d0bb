/*
 * The listening side of an agent over TCP: a process a client, what they may do together, and
 * undoing what one has done.
 */
#include "dut/attend.h"
#include "dut/child.h"
#include "dut/connect.h"
#include "dut/refusals.h"
#include "dut/sockaddr.h"
#include "dut/waiting.h"
#include "dut/warden.h"
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define STRANGERS_MAX 16 /* processes at once whose clients have not shown the token */
#define STRANGER_TIME sec(1) /* one of them has this long, if others wait */
#define CLIENTS_MAX (AGENT_CONNECTIONS_MAX + STRANGERS_MAX)
#define BACKLOG 512
#define ACCEPTED_AT_ONCE 64
#define END_WITHIN sec(1)

struct client {
	pid_t pid;
	int conn; /* kept until all is undone: then the client sees the end */
	int control;
	bool admitted;
	nanos began; /* monotonic */
	struct agent_address from;
};

struct listener {
	const struct agent_listen *config;
	struct agent_token *token;
	int fd, signals;
	struct client clients[CLIENTS_MAX];
	size_t n, admitted;
	struct warden warden;
	struct refusals refusals;
	struct waiting waiting;
};

static int listener_open(struct listener *listener, struct why *why)
{
	struct agent_address where = listener->config->where;
	char text[AGENT_ADDRESS_TEXT_MAX];
	struct sockaddr_storage at;
	socklen_t len = agent_sockaddr(&where, &at);
	const int on = 1;

	agent_address_text(&where, text);
	listener->fd = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener->fd < 0 ||
	    setsockopt(listener->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    (where.at.family == 6 &&
	     setsockopt(listener->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0) ||
	    bind(listener->fd, (struct sockaddr *)&at, len) != 0 ||
	    listen(listener->fd, BACKLOG) != 0)
		return why_set(why, errno, "cannot listen on %s: %s", text, strerror(errno));
	len = sizeof(at);
	if (getsockname(listener->fd, (struct sockaddr *)&at, &len) != 0)
		return why_set(why, errno, "cannot listen on %s: %s", text, strerror(errno));
	sockaddr_read(&at, len, &where.at, &where.port);
	if (listener->config->listening)
		listener->config->listening(listener->config->arg, &where);
	return 0;
}

/* A process for a new connection. conn is taken. */
static int client_start(struct listener *listener, int conn, const struct agent_address *from)
{
	struct client *client = &listener->clients[listener->n];
	pid_t parent = getpid();
	int pair[2], error;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
		error = -errno;
		close(conn);
		return error;
	}
	*client = (struct client){
		.conn = conn, .control = pair[0], .began = clock_monotonic(), .from = *from};
	client->pid = fork();
	if (client->pid == 0)
		attend_run(conn, pair[1], parent, listener->token);
	error = -errno;
	close(pair[1]);
	if (client->pid > 0) {
		listener->n++;
		return 0;
	}
	close(pair[0]);
	close(conn);
	return error;
}

/* Take one of the connections that wait to be accepted. False: there is none. */
static bool listener_accept(struct listener *listener)
{
	struct sockaddr_storage at;
	struct agent_address from = {.port = 0};
	socklen_t len = sizeof(at);
	int conn = accept4(listener->fd, (struct sockaddr *)&at, &len, SOCK_CLOEXEC);

	if (conn < 0) {
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			refusals_add(&listener->refusals, &from, strerror(errno));
		return false;
	}
	sockaddr_read(&at, len, &from.at, &from.port);
	control_tune(conn);
	waiting_add(&listener->waiting, conn, &from);
	return true;
}

/* Its process is gone, or will be at once. */
static void client_end(struct listener *listener, struct client *client)
{
	pid_t pid;

	kill(client->pid, SIGKILL);
	do
		pid = waitpid(client->pid, NULL, 0);
	while (pid < 0 && errno == EINTR);
	warden_restore(&listener->warden, client->pid);
	close(client->control);
	close(client->conn);
	listener->admitted -= client->admitted;
	*client = listener->clients[--listener->n];
}

static struct client *oldest_stranger(struct listener *listener)
{
	struct client *oldest = NULL;

	for (size_t i = 0; i < listener->n; i++) {
		struct client *client = &listener->clients[i];

		if (!client->admitted && (!oldest || client->began < oldest->began))
			oldest = client;
	}
	return oldest;
}

/* When there can be a process for one that waits for it; NANOS_MAX: none waits. */
static nanos listener_room(struct listener *listener)
{
	if (!waiting_ready(&listener->waiting))
		return NANOS_MAX;
	if (listener->n - listener->admitted < STRANGERS_MAX)
		return 0;
	return oldest_stranger(listener)->began + STRANGER_TIME;
}

/* Processes for those whose hello is there; a stranger that takes its time makes room. */
static void listener_start(struct listener *listener)
{
	struct waiting_one one;

	while (listener_room(listener) <= clock_monotonic() &&
	       waiting_take(&listener->waiting, &one)) {
		struct client *oldest = oldest_stranger(listener);
		int error;

		if (listener->n - listener->admitted >= STRANGERS_MAX) {
			refusals_add(&listener->refusals, &oldest->from,
			             "half a handshake, and others wait");
			client_end(listener, oldest);
		}
		error = client_start(listener, one.conn, &one.from);
		if (error)
			refusals_add(&listener->refusals, &one.from, strerror(-error));
	}
}

static void client_admit(struct listener *listener, struct client *client, struct word *word)
{
	struct why why = {.text = ""};

	if (client->admitted)
		return;
	if (listener->admitted >= AGENT_CONNECTIONS_MAX) {
		why_set(&why, EUSERS, "the agent serves %d clients, and no more",
		        AGENT_CONNECTIONS_MAX);
		refusals_add(&listener->refusals, &client->from, why.text);
		memcpy(word->text, why.text, sizeof(word->text));
		word->error = EUSERS;
		return;
	}
	client->admitted = true;
	listener->admitted++;
	word->value = (int64_t)listener->warden.n;
}

/*
 * What a client's process says. It has parsed what came from outside, so that it is not trusted
 * either. False: it is to end.
 */
static bool client_hear(struct listener *listener, struct client *client)
{
	struct word word;
	ssize_t n = recv(client->control, &word, sizeof(word), MSG_DONTWAIT);
	struct why why = {.text = ""};

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n != (ssize_t)sizeof(word))
		return false;
	word.text[sizeof(word.text) - 1] = '\0';
	word.error = 0;
	switch (word.kind) {
	case WORD_ADMIT:
		client_admit(listener, client, &word);
		break;
	case WORD_SYSCTL:
		word.error = !client->admitted ? EPERM
		             : -warden_set(&listener->warden, client->pid, word.text, word.value,
		                           &why);
		memcpy(word.text, why.text, sizeof(word.text));
		break;
	case WORD_REFUSED:
		refusals_add(&listener->refusals, &client->from, word.text);
		return false;
	default:
		return false;
	}
	return send(client->control, &word, sizeof(word), MSG_NOSIGNAL | MSG_DONTWAIT) ==
	       (ssize_t)sizeof(word);
}

/* How long nothing is due, but what comes. */
static struct timespec listener_rest(struct listener *listener, nanos deadline)
{
	const nanos due[] = {refusals_due(&listener->refusals), waiting_due(&listener->waiting),
	                     listener_room(listener)};
	nanos now = clock_monotonic();

	for (size_t i = 0; i < sizeof(due) / sizeof(due[0]); i++)
		deadline = due[i] < deadline ? due[i] : deadline;
	deadline = deadline < now ? 0 : deadline - now;
	return clock_timespec(deadline);
}

/* Until something is due or the deadline is past (monotonic). True: a signal to end came. */
static bool listener_turn(struct listener *listener, bool accepting, nanos deadline)
{
	struct pollfd polls[2 + CLIENTS_MAX + WAITING_MAX] = {
		{.fd = listener->signals, .events = POLLIN},
		{.fd = accepting ? listener->fd : -1, .events = POLLIN},
	};
	struct pollfd *waiting = &polls[2 + listener->n];
	const size_t waiting_n = listener->waiting.n;
	struct timespec timeout = listener_rest(listener, deadline);
	struct signalfd_siginfo ended;

	for (size_t i = 0; i < listener->n; i++)
		polls[2 + i] = (struct pollfd){listener->clients[i].control, POLLIN, 0};
	waiting_poll(&listener->waiting, waiting);
	if (ppoll(polls, 2 + listener->n + waiting_n, &timeout, NULL) < 0)
		return false;
	refusals_tell(&listener->refusals);
	waiting_hear(&listener->waiting, waiting, waiting_n);
	/* Backwards: the last one takes the place of one that ends. */
	for (size_t i = listener->n; i-- > 0;) {
		struct client *client = &listener->clients[i];

		if (polls[2 + i].revents && !client_hear(listener, client))
			client_end(listener, client);
	}
	for (int i = 0; polls[1].revents && i < ACCEPTED_AT_ONCE; i++)
		if (!listener_accept(listener))
			break;
	listener_start(listener);
	/* Taken, it does not come again when the mask is what it was before. */
	return polls[0].revents && read(listener->signals, &ended, sizeof(ended)) > 0;
}

/* All clients' processes see the end of their connections, and have a moment to reset sockets. */
static void listener_close(struct listener *listener)
{
	nanos deadline = clock_monotonic() + END_WITHIN;

	waiting_close(&listener->waiting);
	for (size_t i = 0; i < listener->n; i++)
		shutdown(listener->clients[i].conn, SHUT_RD);
	while (listener->n > 0 && clock_monotonic() < deadline)
		listener_turn(listener, false, deadline);
	while (listener->n > 0)
		client_end(listener, &listener->clients[0]);
	refusals_flush(&listener->refusals);
}

int agent_listen(const struct agent_listen *config, struct why *why)
{
	struct listener *listener = calloc(1, sizeof(*listener));
	struct agent_token token = *config->token;
	/* Who reads the log may go: no sysctl stays changed for that. */
	const struct sigaction deaf = {.sa_handler = SIG_IGN};
	struct sigaction on_pipe;
	sigset_t ends, before;
	int error;

	if (!listener)
		return why_set(why, ENOMEM, "no memory");
	*listener = (struct listener){.config = config, .token = &token, .fd = -1};
	listener->waiting.refusals = &listener->refusals;
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGHUP);
	sigprocmask(SIG_BLOCK, &ends, &before);
	sigaction(SIGPIPE, &deaf, &on_pipe);
	listener->signals = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
	error = listener->signals < 0 ? why_set(why, errno, "signalfd: %s", strerror(errno)) : 0;
	if (!error)
		error = warden_init(&listener->warden, config->sysctls, config->n_sysctls, why);
	if (!error)
		error = listener_open(listener, why);
	while (!error && !listener_turn(listener, true, NANOS_MAX))
		continue;
	listener_close(listener);
	if (listener->signals >= 0)
		close(listener->signals);
	if (listener->fd >= 0)
		close(listener->fd);
	sigprocmask(SIG_SETMASK, &before, NULL);
	sigaction(SIGPIPE, &on_pipe, NULL);
	explicit_bzero(&token, sizeof(token));
	free(listener);
	return error;
}
