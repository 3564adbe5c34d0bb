/* The secret that a client and an agent share, and where it lies. */
#include "dut/dut.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int token_judge(int fd, const char *path, struct why *why)
{
	struct stat about;

	if (fstat(fd, &about) != 0)
		return why_set(why, errno, "token file %s: %s", path, strerror(errno));
	if (!S_ISREG(about.st_mode))
		return why_set(why, EINVAL, "token file %s is no ordinary file", path);
	if (about.st_uid != geteuid() && about.st_uid != 0)
		return why_set(why, EPERM, "token file %s belongs to another user (uid %u)", path,
		               (unsigned)about.st_uid);
	if (about.st_mode & (S_IRWXG | S_IRWXO))
		return why_set(why, EPERM, "token file %s is open to others (mode %03o): "
		               "chmod 600 %s", path, (unsigned)about.st_mode & 0777, path);
	return 0;
}

int agent_token_read(struct agent_token *out, const char *path, struct why *why)
{
	/* Not blocking, for a FIFO; one byte more, to see that there is no more. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	uint8_t bytes[AGENT_TOKEN_MAX + 2];
	size_t len = 0;
	ssize_t n = 0;
	int error;

	if (fd < 0)
		return why_set(why, errno, "token file %s: %s", path, strerror(errno));
	error = token_judge(fd, path, why);
	while (!error && (n = read(fd, bytes + len, sizeof(bytes) - len)) > 0)
		len += (size_t)n;
	if (!error && n < 0)
		error = why_set(why, errno, "token file %s: %s", path, strerror(errno));
	close(fd);
	if (error)
		return error;
	/* The newline that an editor or echo puts there is no part of it. */
	if (len > 0 && bytes[len - 1] == '\n')
		len--;
	if (len < AGENT_TOKEN_MIN || len > AGENT_TOKEN_MAX) {
		error = why_set(why, EINVAL, "token file %s has %s than %u bytes", path,
		                len < AGENT_TOKEN_MIN ? "fewer" : "more",
		                len < AGENT_TOKEN_MIN ? AGENT_TOKEN_MIN : AGENT_TOKEN_MAX);
	} else {
		memcpy(out->at, bytes, len);
		out->len = len;
	}
	explicit_bzero(bytes, sizeof(bytes));
	return error;
}
