/*
 * The child is named by a descriptor (pidfd), because a caller may reap all of its children.
 */
#include "target/process.h"
#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The child's only descriptor beside the standard ones, and a number above it meanwhile. */
#define KEPT 3
#define KEPT_HIGH 16
#ifndef P_PIDFD
#define P_PIDFD 3
#endif

void process_drop_capabilities(void)
{
	capng_clear(CAPNG_SELECT_BOTH);
	capng_apply(CAPNG_SELECT_BOTH);
}

/* What a terminal sends is for the parent, whose end is this process's end. */
static void signals_leave(void)
{
	static const int left[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGTSTP};
	sigset_t none;

	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++)
		signal(left[i], SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void child_run(int (*run)(void *arg, int fd), void *arg, int fd, pid_t parent)
{
	int high;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	signals_leave();
	/* A copy of a descriptor of the parent's would keep its reader waiting. */
	high = fcntl(fd, F_DUPFD_CLOEXEC, KEPT_HIGH);
	if (high < 0 || dup3(high, KEPT, O_CLOEXEC) < 0 || close_range(KEPT + 1, ~0u, 0) ||
	    close_range(0, KEPT - 1, 0))
		_exit(1);
	process_prepare();
	_exit(run(arg, KEPT));
}

int process_start(struct process *out, int (*run)(void *arg, int fd), void *arg, struct why *why)
{
	const pid_t parent = getpid();
	int pair[2], pidfd;
	pid_t pid;

	if (pipe2(pair, O_CLOEXEC))
		return why_set(why, errno, "pipe: %s", strerror(errno));
	pid = fork();
	if (!pid)
		child_run(run, arg, pair[1], parent);
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		return why_set(why, errno, "fork: %s", strerror(errno));
	}
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0) {
		kill(pid, SIGKILL);
		close(pair[0]);
		return why_set(why, errno, "pidfd_open: %s", strerror(errno));
	}
	*out = (struct process){.fd = pair[0], .pidfd = pidfd};
	return 0;
}

void process_end(struct process *process)
{
	siginfo_t info;

	if (process->fd < 0)
		return;
	syscall(SYS_pidfd_send_signal, process->pidfd, SIGKILL, NULL, 0);
	while (waitid((idtype_t)P_PIDFD, (id_t)process->pidfd, &info, WEXITED) && errno == EINTR)
		;
	close(process->pidfd);
	close(process->fd);
	process->fd = -1;
}
