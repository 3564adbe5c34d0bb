/*
 * Files that the user names and that are read. A named pipe (FIFO) without a writer would block for
 * ever, so its writer is waited for, but not for long. A pipe of the shell's, "<(COMMAND)", has its
 * writer from the start, and is read to its end like any other.
 */
#include "base/base.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WRITER_PATIENCE sec(2)
#define NO_BYTE (-1)

/* Only a read tells whether a pipe has a writer. *first: the byte that this took from it. */
static int writer_await(int fd, int *first, struct why *why)
{
	const nanos until = clock_monotonic() + WRITER_PATIENCE;
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	bool ended = false;

	for (;;) {
		nanos left = until - clock_monotonic();
		unsigned char byte;
		ssize_t n = read(fd, &byte, 1);

		if (n == 1)
			*first = byte;
		if (n > 0 || ended || (n < 0 && errno == EAGAIN))
			return 0;
		if (n < 0 && errno != EINTR)
			return why_set(why, errno, "%s", strerror(errno));
		if (left <= 0)
			return why_set(why, ENXIO, "no process writes to this FIFO: start its "
						   "writer first");
		ended = poll(&ready, 1, (int)(left / ms(1)) + 1) > 0 &&
			ready.revents & POLLHUP;
	}
}

int input_file_open(FILE **out, const char *path, struct why *why)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), first = NO_BYTE, r = 0;
	struct stat about;
	FILE *file = NULL;

	if (fd < 0)
		return why_set(why, errno, "%s", strerror(errno));
	if (!fstat(fd, &about) && S_ISFIFO(about.st_mode))
		r = writer_await(fd, &first, why);
	if (!r && fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK))
		r = why_set(why, errno, "%s", strerror(errno));
	if (!r) {
		file = fdopen(fd, "r");
		if (!file)
			r = why_set(why, errno, "%s", strerror(errno));
	}
	if (r) {
		close(fd);
		return r;
	}
	if (first != NO_BYTE)
		ungetc(first, file);
	*out = file;
	return 0;
}
