/*
 * Urgent data: SIGURG, which tells that some is on its way, and the mark where it stands.
 *
 * The signal is blocked, and taken when somebody asks: no handler, and no call that it interrupts.
 */
#include "dut/server.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ASK_EVERY ms(1)

static sigset_t urgent_signal(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGURG);
	return set;
}

void urgent_begin(void)
{
	const sigset_t set = urgent_signal();

	sigprocmask(SIG_BLOCK, &set, NULL);
}

void urgent_watch(int fd)
{
	/* Where it fails nothing is told, which a case that waits for it will say. */
	fcntl(fd, F_SETOWN, getpid());
}

int attempt_urgent(struct server *server, struct call *call, struct agent_reply *reply,
                   struct why *why)
{
	const sigset_t set = urgent_signal();
	const struct timespec now = {.tv_sec = 0};

	(void)server;
	(void)reply;
	(void)why;
	if (sigtimedwait(&set, NULL, &now) == SIGURG)
		return 0;
	call->next = clock_monotonic() + ASK_EVERY;
	return CALL_WAITS;
}

int attempt_mark(struct server *server, struct call *call, struct agent_reply *reply,
                 struct why *why)
{
	int at_mark = sockatmark(call->fd);

	(void)server;
	(void)why;
	if (at_mark < 0)
		return -errno;
	reply->number = at_mark;
	return 0;
}
