/*
 * An ordinary user's way to namespaces: root of a user namespace of one's own.
 */
#include "lab/plumbing.h"
#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static bool privileged(void)
{
	return capng_get_caps_process() == 0 &&
	       capng_have_capability(CAPNG_EFFECTIVE, CAP_SYS_ADMIN) &&
	       capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_ADMIN) &&
	       capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_RAW);
}

/* A sysctl of the machine as a number; missing is -1. */
static long machine_sysctl(const char *path)
{
	char text[32];
	long value = -1;
	FILE *file = fopen(path, "re");

	if (!file)
		return -1;
	if (fgets(text, sizeof(text), file))
		value = strtol(text, NULL, 10);
	fclose(file);
	return value;
}

/* Why the machine said no, and the way out. */
static int refused(int error, const char *what, struct why *why)
{
	if (machine_sysctl("/proc/sys/user/max_user_namespaces") == 0)
		return why_set(why, EPERM,
			       "user namespaces are off: run as root, or set "
			       "user.max_user_namespaces above 0");
	if (machine_sysctl("/proc/sys/kernel/unprivileged_userns_clone") == 0)
		return why_set(why, EPERM,
			       "user namespaces are for root only: run as root, or set "
			       "kernel.unprivileged_userns_clone=1");
	if (machine_sysctl("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == 1)
		return why_set(why, EPERM,
			       "AppArmor restricts user namespaces: run as root, or set "
			       "kernel.apparmor_restrict_unprivileged_userns=0");
	if (error == ENOSPC)
		return why_set(why, EPERM,
			       "too many user namespaces: run as root, or raise "
			       "user.max_user_namespaces");
	return why_set(why, EPERM, "%s: %s; run as root (in a container: with --privileged)", what,
		       strerror(error));
}

/* The kernel wants each map in one write. Returns an errno. */
static int map_write(const char *path, const char *text)
{
	const int fd = open(path, O_WRONLY | O_CLOEXEC);
	int error = 0;

	if (fd < 0)
		return errno;
	if (write(fd, text, strlen(text)) < 0)
		error = errno;
	close(fd);
	return error;
}

/*
 * A program with file capabilities (setcap) is made undumpable at exec, and its files in /proc
 * belong to root, so that its user cannot write the maps. A lab needs none of the machine's
 * capabilities: they are dropped first, because whoever may trace this process then has what it
 * has. Root keeps them: CAP_SETFCAP is needed to map root itself.
 */
static int give_up_capabilities(struct why *why)
{
	if (prctl(PR_GET_DUMPABLE) == 1 || !geteuid())
		return 0;
	capng_clear(CAPNG_SELECT_CAPS);
	if (capng_apply(CAPNG_SELECT_CAPS))
		return why_set(why, EPERM, "the file capabilities of this program cannot be "
			       "dropped; run a copy without them");
	if (prctl(PR_SET_DUMPABLE, 1))
		return why_set(why, EPERM, "prctl(PR_SET_DUMPABLE): %s; run a copy of this "
			       "program without file capabilities", strerror(errno));
	return 0;
}

int lab_become_root(struct why *why)
{
	const uid_t uid = geteuid();
	const gid_t gid = getegid();
	char text[32];
	int error;

	if (privileged())
		return 0;
	if (give_up_capabilities(why))
		return -EPERM;
	if (unshare(CLONE_NEWUSER) < 0) {
		if (errno == EINVAL)
			return why_set(why, EINVAL,
				       "a user namespace cannot be made by a process "
				       "with threads, or by this kernel");
		return refused(errno, "a user namespace cannot be made", why);
	}
	/* Without it no group may be mapped. A kernel before 3.19 has no such file. */
	error = map_write("/proc/self/setgroups", "deny");
	if (error && error != ENOENT)
		return refused(error, "/proc/self/setgroups", why);
	snprintf(text, sizeof(text), "0 %u 1", uid);
	error = map_write("/proc/self/uid_map", text);
	if (error)
		return refused(error, "/proc/self/uid_map", why);
	snprintf(text, sizeof(text), "0 %u 1", gid);
	error = map_write("/proc/self/gid_map", text);
	if (error)
		return refused(error, "/proc/self/gid_map", why);
	return 0;
}
