#include "dut/kernel.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME_MAX_LEN 128

/* The file of a sysctl. The name comes from outside: it must not leave /proc/sys/net. */
static int sysctl_path(const char *name, char path[NAME_MAX_LEN + 16], struct why *why)
{
	size_t len = strnlen(name, NAME_MAX_LEN + 1);

	if (len > NAME_MAX_LEN || strncmp(name, "net.", 4) != 0 || strstr(name, "..") ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_.-") != len || name[len - 1] == '.')
		return why_set(why, EINVAL, "not the name of a sysctl below net");
	snprintf(path, NAME_MAX_LEN + 16, "/proc/sys/%s", name);
	for (char *at = path + strlen("/proc/sys/"); *at; at++) {
		if (*at == '.')
			*at = '/';
	}
	return 0;
}

static int sysctl_open(const char *name, int flags, struct why *why)
{
	char path[NAME_MAX_LEN + 16];
	int error = sysctl_path(name, path, why);
	int fd;

	if (error)
		return error;
	fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0)
		return fd;
	error = errno == EACCES ? EPERM : errno;
	return why_set(why, error, "sysctl %s: %s", name, strerror(error));
}

int sysctl_get(const char *name, int64_t *value, struct why *why)
{
	int fd = sysctl_open(name, O_RDONLY, why);
	char contents[128];
	long long number;
	ssize_t n;
	char *end;

	if (fd < 0)
		return fd;
	n = read(fd, contents, sizeof(contents) - 1);
	if (n < 0)
		n = -errno;
	close(fd);
	if (n < 0)
		return why_set(why, (int)-n, "sysctl %s: %s", name, strerror((int)-n));
	contents[n] = '\0';
	errno = 0;
	number = strtoll(contents, &end, 10);
	if (end == contents || errno || (*end && !strchr(" \t\n", *end)))
		return why_set(why, EINVAL, "sysctl %s is not a number", name);
	*value = number;
	return 0;
}

int sysctl_set(const char *name, int64_t value, struct why *why)
{
	int fd = sysctl_open(name, O_WRONLY, why);
	char contents[32];
	int error = 0;
	int n;

	if (fd < 0)
		return fd;
	n = snprintf(contents, sizeof(contents), "%" PRId64 "\n", value);
	if (write(fd, contents, (size_t)n) != n)
		error = errno == EACCES ? EPERM : errno;
	close(fd);
	if (error)
		return why_set(why, error, "sysctl %s cannot be %" PRId64 ": %s", name, value,
		               strerror(error));
	return 0;
}
