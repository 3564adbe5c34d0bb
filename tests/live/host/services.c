/*
 * services PORT...: the usual services on five ports in a row for each first PORT: echo, discard,
 * greet, http, silent. Over IPv4 and IPv6, until it is killed. Says "ready" when it listens.
 */
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

static void say(int fd, const char *text)
{
	if (write(fd, text, strlen(text)) < 0)
		_exit(0);
}

static void echo(int fd)
{
	char bytes[65536];
	ssize_t n;

	while ((n = read(fd, bytes, sizeof(bytes))) > 0)
		if (write(fd, bytes, (size_t)n) != n)
			return;
}

static void discard(int fd)
{
	char bytes[65536];

	while (read(fd, bytes, sizeof(bytes)) > 0)
		;
}

static void greet(int fd)
{
	say(fd, "220 greetings\r\n");
	discard(fd);
}

/* One request, whatever it is, and the connection is closed. */
static void http(int fd)
{
	char bytes[4096] = "";
	size_t len = 0;
	ssize_t n;

	while (!strstr(bytes, "\r\n\r\n") && len < sizeof(bytes) - 1) {
		n = read(fd, bytes + len, sizeof(bytes) - 1 - len);
		if (n <= 0)
			return;
		len += (size_t)n;
	}
	say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n");
}

static void silent(int fd)
{
	(void)fd;
	pause();
}

static int listen_on(unsigned port)
{
	struct sockaddr_in6 address = {.sin6_family = AF_INET6,
				       .sin6_port = htons((uint16_t)port)};
	const int on = 1, off = 0;
	int fd = socket(AF_INET6, SOCK_STREAM, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 1024)) {
		perror("services");
		exit(1);
	}
	return fd;
}

static void serve(unsigned port, void (*service)(int fd))
{
	int listener = listen_on(port);

	if (fork())
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd >= 0 && !fork()) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			service(fd);
			_exit(0);
		}
		if (fd >= 0)
			close(fd);
	}
}

int main(int argc, char **argv)
{
	void (*const services[])(int) = {echo, discard, greet, http, silent};

	signal(SIGCHLD, SIG_IGN);
	for (int i = 1; i < argc; i++)
		for (unsigned each = 0; each < sizeof(services) / sizeof(services[0]); each++)
			serve((unsigned)atoi(argv[i]) + each, services[each]);
	puts("ready");
	fflush(stdout);
	pause();
	return 0;
}
