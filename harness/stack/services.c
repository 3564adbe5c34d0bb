/*
 * The services as programs that use sockets have them, for stacks that have such programs: a
 * process for each connection, so that none waits for another.
 */
#include "stack/inside.h"
#include "stack/ports.h"
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 1024

static void say(int fd, const char *words)
{
	if (write(fd, words, strlen(words)) < 0)
		_exit(0);
}

static void echo(int fd)
{
	char bytes[65536];
	ssize_t n;

	while ((n = read(fd, bytes, sizeof(bytes))) > 0)
		for (ssize_t done = 0, wrote; done < n; done += wrote) {
			wrote = write(fd, bytes + done, (size_t)(n - done));
			if (wrote <= 0)
				return;
		}
}

static void discard(int fd)
{
	char bytes[65536];

	while (read(fd, bytes, sizeof(bytes)) > 0)
		;
}

static void greet(int fd)
{
	say(fd, GREETING);
	discard(fd);
}

/* One request, whatever it is, and the connection is closed. */
static void http(int fd)
{
	char bytes[4096] = "";
	size_t len = 0;
	ssize_t n;

	while (!strstr(bytes, HTTP_REQUEST_END) && len < sizeof(bytes) - 1) {
		n = read(fd, bytes + len, sizeof(bytes) - 1 - len);
		if (n <= 0)
			return;
		len += (size_t)n;
		bytes[len] = '\0';
	}
	say(fd, HTTP_ANSWER);
}

static void silent(int fd)
{
	(void)fd;
	for (;;)
		pause();
}

static int listen_at(uint16_t port, struct why *why)
{
	struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	const int off = 0;
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && !setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) &&
	    !bind(fd, (struct sockaddr *)&address, sizeof(address)) && !listen(fd, BACKLOG))
		return fd;
	if (fd >= 0)
		close(fd);
	return why_set(why, errno, "a service at port %u: %s", port, strerror(errno));
}

static _Noreturn void serve(int listener, void (*service)(int fd))
{
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	for (;;) {
		pid_t parent = getpid();
		int fd = accept(listener, NULL, NULL);

		if (fd >= 0 && !fork()) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (getppid() == parent)
				service(fd);
			_exit(0);
		}
		if (fd >= 0)
			close(fd);
	}
}

int services_start(struct why *why)
{
	static const struct {
		uint16_t port;
		void (*service)(int fd);
	} services[] = {{PORT_ECHO, echo}, {PORT_DISCARD, discard}, {PORT_SILENT, silent},
			{PORT_GREET, greet}, {PORT_HTTP, http}};
	pid_t parent = getpid();

	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		int listener = listen_at(services[i].port, why);
		pid_t pid;

		if (listener < 0)
			return listener;
		pid = fork();
		if (!pid) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (getppid() != parent)
				_exit(0);
			serve(listener, services[i].service);
		}
		close(listener);
		if (pid < 0)
			return why_set(why, errno, "fork: %s", strerror(errno));
	}
	return 0;
}
