#include "dut/child.h"
#include "dut/dut.h"
#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define FIRST_FD 3 /* the agent's socket, after standard input, output and error */

int child_tie(pid_t parent, struct why *why)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		return why_set(why, errno, "cannot tie the agent to its parent: %s",
		               strerror(errno));
	if (getppid() != parent)
		_exit(1);
	return 0;
}

void child_reset_signals(void)
{
	static const int ignored[] = {SIGPIPE, SIGINT, SIGQUIT, SIGHUP, SIGTSTP};
	/* What a parent may have changed; the others nobody does. */
	static const int usual[] = {SIGTERM, SIGCHLD, SIGURG, SIGALRM, SIGCONT, SIGUSR1, SIGUSR2};
	const struct sigaction deaf = {.sa_handler = SIG_IGN};
	const struct sigaction plain = {.sa_handler = SIG_DFL};
	sigset_t none;

	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		sigaction(usual[i], &plain, NULL);
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		sigaction(ignored[i], &deaf, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

int child_keep(int *const fds[], size_t n, struct why *why)
{
	/* Out of the way of the numbers that are about to be taken. */
	const int above = FIRST_FD + (int)n;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int high_null = fcntl(null, F_DUPFD_CLOEXEC, above);

	if (null < 0 || high_null < 0)
		return why_set(why, errno, "cannot open /dev/null: %s", strerror(errno));
	dup2(high_null, STDIN_FILENO);
	dup2(high_null, STDOUT_FILENO);
	if (fcntl(STDERR_FILENO, F_GETFD) < 0)
		dup2(high_null, STDERR_FILENO);
	for (size_t i = 0; i < n; i++) {
		*fds[i] = fcntl(*fds[i], F_DUPFD_CLOEXEC, above);
		if (*fds[i] < 0)
			return why_set(why, errno, "cannot move a socket: %s", strerror(errno));
	}
	for (size_t i = 0; i < n; i++) {
		if (dup3(*fds[i], FIRST_FD + (int)i, O_CLOEXEC) < 0)
			return why_set(why, errno, "cannot move a socket: %s", strerror(errno));
		*fds[i] = FIRST_FD + (int)i;
	}
	closefrom(above);
	return 0;
}

/* Have room for all sockets of the agent. */
static void child_raise_files(void)
{
	const rlim_t want = AGENT_SOCKETS_MAX + 64;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max < want ? limit.rlim_max : want;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int child_drop_capabilities(bool admin, struct why *why)
{
	static const capng_type_t sets = CAPNG_EFFECTIVE | CAPNG_PERMITTED;
	static const bool kept[][2] = {{true, true}, {true, false}, {false, true}, {false, false}};
	int error = -1;

	capng_setpid(getpid()); /* libcap-ng may remember the parent's */
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]) && error; i++) {
		capng_clear(CAPNG_SELECT_CAPS);
		if (kept[i][0])
			capng_update(CAPNG_ADD, sets, CAP_NET_BIND_SERVICE);
		if (kept[i][1] && admin)
			capng_update(CAPNG_ADD, sets, CAP_NET_ADMIN);
		error = capng_apply(CAPNG_SELECT_CAPS);
	}
	if (error || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return why_set(why, EPERM, "cannot drop the agent's capabilities");
	return 0;
}

int child_say_hello(int fd, int error, int64_t number, const struct why *why)
{
	struct agent_reply hello = {.error = -error, .number = number,
	                            .why = error ? why->text : NULL};
	struct buffer out = {.at = NULL};
	int result;

	hello.began = hello.ended = clock_realtime();
	result = agent_reply_encode(&out, &hello);
	/* A new socket holds this little at once. */
	if (!result && send(fd, out.at, out.len, MSG_NOSIGNAL) != (ssize_t)out.len)
		result = -errno;
	buffer_free(&out);
	return result;
}

_Noreturn void child_run(int fd, pid_t parent, int (*prepare)(void *arg, struct why *why),
                         void *arg)
{
	struct why why = {.text = ""};
	int error = child_tie(parent, &why);
	int *const fds[] = {&fd};

	child_reset_signals();
	if (!error && prepare)
		error = prepare(arg, &why);
	/* Only now: prepare may need what it was given, and may change credentials. */
	if (!error)
		error = child_tie(parent, &why);
	if (!error)
		error = child_keep(fds, 1, &why);
	if (!error)
		error = child_drop_capabilities(true, &why);
	child_raise_files();
	if (child_say_hello(fd, error, 0, &why) != 0 || error)
		_exit(1);
	_exit(agent_serve(fd, &why) ? 1 : 0);
}
