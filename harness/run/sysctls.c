#include "run/sysctls.h"
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the child found: an errno and the reason for it. */
struct found {
	int error;
	struct why why;
};

static void sysctls_try(const struct lab_sysctl *sysctls, struct found *found)
{
	if (unshare(CLONE_NEWNET)) {
		found->error = errno;
		why_set(&found->why, errno, "network namespace: %s", strerror(errno));
		return;
	}
	for (; sysctls->name && !found->error; sysctls++)
		if (lab_sysctl_write(sysctls->name, sysctls->value, &found->why)) {
			found->error = EINVAL;
			why_add(&found->why, "--sysctl %s=%s: ", sysctls->name, sysctls->value);
		}
}

/* All of n bytes; false when the other side ended first. */
static bool read_all(int fd, void *out, size_t n)
{
	char *at = out;

	while (n) {
		ssize_t got = read(fd, at, n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		at += got;
		n -= (size_t)got;
	}
	return true;
}

int sysctls_check(const struct lab_sysctl *sysctls, struct why *why)
{
	struct found found = {.error = 0};
	int ends[2];
	pid_t pid;
	bool whole;

	if (!sysctls || !sysctls->name)
		return 0;
	if (pipe(ends))
		return why_set(why, errno, "pipe: %s", strerror(errno));
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		sysctls_try(sysctls, &found);
		_exit(write(ends[1], &found, sizeof(found)) != (ssize_t)sizeof(found));
	}
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return why_set(why, errno, "fork: %s", strerror(errno));
	}
	whole = read_all(ends[0], &found, sizeof(found));
	close(ends[0]);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (!whole)
		return why_set(why, EIO, "the process that tries the sysctls ended early");
	return found.error ? why_set(why, found.error, "%s", found.why.text) : 0;
}
