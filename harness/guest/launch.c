/*
 * A program is started for a guest, with the ways to hear it.
 */
#include "guest/kernel.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHANNEL_BYTES (8 << 20) /* the guest never waits for us to read */
#define HIGH 64			/* descriptors from here on are out of the way */

static void processor_choose(unsigned place)
{
	cpu_set_t all, one;
	unsigned n;

	if (sched_getaffinity(0, sizeof(all), &all))
		return;
	n = (unsigned)CPU_COUNT(&all);
	if (!n)
		return;
	place = n - 1 - place % n;
	for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &all) || place--)
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		sched_setaffinity(0, sizeof(one), &one);
		return;
	}
}

/* A descriptor gets its number for the program, and all else is closed. */
static int descriptors_place(const struct launch *what, int channel, int console)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC), first = LAUNCH_CHANNEL + 1, high;

	/* Out of the way first: none may be at another's place. */
	null = fcntl(null, F_DUPFD, HIGH);
	channel = fcntl(channel, F_DUPFD, HIGH);
	console = fcntl(console, F_DUPFD, HIGH);
	high = HIGH + 32;
	for (size_t i = 0; i < what->inherit_count; i++)
		if (dup2(what->inherit[i], high + (int)i) < 0)
			return -errno;
	for (size_t i = 0; i < what->inherit_count; i++)
		if (dup2(high + (int)i, first + (int)i) < 0)
			return -errno;
	if (dup2(null, 0) < 0 || dup2(console, 1) < 0 || dup2(console, 2) < 0 ||
	    dup2(channel, LAUNCH_CHANNEL) < 0 ||
	    close_range((unsigned)first + (unsigned)what->inherit_count, ~0u, 0))
		return -errno;
	return 0;
}

static _Noreturn void program_enter(const struct launch *what, pid_t run, int channel, int console)
{
	sigset_t none;

	setpgid(0, 0);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != run)
		_exit(1);
	if (what->processor >= 0)
		processor_choose((unsigned)what->processor);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (descriptors_place(what, channel, console))
		_exit(1);
	execve(what->program, what->argv, what->environment);
	dprintf(2, "%s cannot be started: %s\n", what->program, strerror(errno));
	_exit(1);
}

/*
 * Ends the program's process group when this process ends, however it ends. That the program ends
 * with this process is not enough: a user-mode kernel's processes make others, and one that is made
 * while the kernel is killed would be traced by process 1, and stay stopped for ever.
 */
static _Noreturn void guard_run(pid_t group, int hold)
{
	char byte;

	if (setpgid(0, group) || dup2(hold, 0) < 0 || close_range(1, ~0u, 0))
		_exit(1);
	while (read(0, &byte, 1) < 0 && errno == EINTR)
		;
	kill(0, SIGKILL);
	_exit(1);
}

/* The descriptor that holds the guard back, or -errno. */
static int guard_start(pid_t group)
{
	int pair[2];
	pid_t pid;

	if (pipe2(pair, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (!pid) {
		close(pair[1]);
		guard_run(group, pair[0]);
	}
	close(pair[0]);
	if (pid > 0)
		return pair[1];
	close(pair[1]);
	return -EAGAIN;
}

int launch_pair(int pair[2], struct why *why)
{
	int size = CHANNEL_BYTES;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return why_set(why, errno, "socketpair: %s", strerror(errno));
	if (setsockopt(pair[1], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	fcntl(pair[0], F_SETFL, O_NONBLOCK);
	return 0;
}

int launch(const struct launch *what, struct guest_process *out, struct why *why)
{
	int channel[2] = {-1, -1}, console[2] = {-1, -1}, r;
	pid_t pid, run = getpid();

	r = launch_pair(channel, why);
	if (!r && pipe2(console, O_CLOEXEC | O_NONBLOCK))
		r = why_set(why, errno, "pipe: %s", strerror(errno));
	if (r)
		goto out;
	/* The kernel's prints may wait. */
	fcntl(console[1], F_SETFL, 0);
	fflush(NULL);
	pid = fork();
	if (!pid)
		program_enter(what, run, channel[1], console[1]);
	if (pid < 0) {
		r = why_set(why, errno, "fork: %s", strerror(errno));
		goto out;
	}
	setpgid(pid, pid);
	r = guard_start(pid);
	if (r < 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		r = why_set(why, -r, "fork: %s", strerror(-r));
		goto out;
	}
	*out = (struct guest_process){.pid = pid,
				      .hold = r,
				      .channel = channel[0],
				      .console = console[0],
				      .evidence = -1};
	r = 0;
	channel[0] = console[0] = -1;
out:
	for (int i = 0; i < 2; i++) {
		if (channel[i] >= 0)
			close(channel[i]);
		if (console[i] >= 0)
			close(console[i]);
	}
	return r;
}
