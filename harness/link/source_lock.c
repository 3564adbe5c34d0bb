/*
 * The lock on a source address that is not this machine's own.
 *
 * Two processes of this machine that play one address receive each other's segments. To ask on the
 * link is not enough: a process that waits for a processor, or is stopped, does not answer in time,
 * and one that was killed may answer once more before it ends. The lock is a socket with an
 * abstract name, which exists once in a network namespace and as long as the process that has it.
 */
#include "link/inside.h"
#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* How long a process that has the lock is given to end, and the pause if it cannot be reached. */
#define LOCK_PATIENCE sec(2)
#define LOCK_PAUSE_MS 10

static socklen_t lock_name(const struct link *link, struct sockaddr_un *out)
{
	char words[ADDRESS_TEXT_MAX];
	int n;

	*out = (struct sockaddr_un){.sun_family = AF_UNIX};
	n = snprintf(out->sun_path + 1, sizeof(out->sun_path) - 1, "lastack %d %s",
		     link->ifindex, address_text(&link->source, words));
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n);
}

/* Anybody may take the name. What counts is a process of root's, or of the same user. */
static bool trusted(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) &&
	       (peer.uid == 0 || peer.uid == geteuid());
}

/* Wait for the end of the process that has the lock. False: it is one that has no right to it. */
static bool holder_await(const struct sockaddr_un *name, socklen_t len, nanos deadline)
{
	const int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct pollfd gone = {.fd = fd, .events = POLLIN};
	const nanos left = deadline - clock_monotonic();
	bool right = true;

	if (fd >= 0 && !connect(fd, (const struct sockaddr *)name, len)) {
		right = trusted(fd);
		if (right && left > 0)
			poll(&gone, 1, (int)(left / ms(1)) + 1);
	} else {
		poll(NULL, 0, LOCK_PAUSE_MS);
	}
	if (fd >= 0)
		close(fd);
	return right;
}

/* 1: the lock is ours. 0: a process has it that has no right to it. */
static int lock_take(const struct link *link, int fd, struct why *why)
{
	const nanos deadline = clock_monotonic() + LOCK_PATIENCE;
	char words[ADDRESS_TEXT_MAX];
	struct sockaddr_un name;
	const socklen_t len = lock_name(link, &name);

	while (bind(fd, (struct sockaddr *)&name, len)) {
		if (errno != EADDRINUSE)
			return why_set(why, errno, "bind: %s", strerror(errno));
		if (clock_monotonic() >= deadline)
			return why_set(why, EADDRINUSE,
				       "somebody on '%s' has the address %s already: another "
				       "process of this machine",
				       link->interface, address_text(&link->source, words));
		if (!holder_await(&name, len, deadline))
			return 0;
	}
	return listen(fd, 1) ? why_set(why, errno, "listen: %s", strerror(errno)) : 1;
}

int source_lock(const struct link *link, struct why *why)
{
	const int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	int r;

	if (fd < 0)
		return why_set(why, errno, "socket: %s", strerror(errno));
	r = lock_take(link, fd, why);
	if (r < 0)
		close(fd);
	return r < 0 ? r : fd;
}
