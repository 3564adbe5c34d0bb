/*
 * The guest's page with the time on it. A program of the guest asks its kernel for the time by a
 * system call, which costs it two turns of the machine's scheduler; memory that it shares with all
 * its children is read for nothing.
 *
 * The guest's memory is a file of the machine, which the kernel's process has mapped whole, and
 * each process of the guest in pieces: so the guest's address leads to a place in the file, and
 * that to an address here.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest/clock/shim.h"

enum { LINE_MAX_ = 512 };

/* A line of /proc/PID/maps. */
struct mapping {
	unsigned long from, to, offset, inode;
	unsigned major, minor;
	bool writable, shared;
};

/* A file's lines, by calls that need little of a kernel's small stack. */
struct lines {
	int fd;
	size_t at, len;
	char bytes[4096], line[LINE_MAX_];
};

static int64_t *page;

static bool line_next(struct lines *lines)
{
	size_t n = 0;

	for (;;) {
		if (lines->at == lines->len) {
			const long got = syscall(SYS_read, lines->fd, lines->bytes,
						 sizeof(lines->bytes));

			if (got <= 0)
				return false;
			lines->at = 0;
			lines->len = (size_t)got;
		}
		lines->line[n] = lines->bytes[lines->at++];
		if (lines->line[n] == '\n')
			break;
		if (n < sizeof(lines->line) - 1)
			n++;
	}
	lines->line[n] = '\0';
	return true;
}

static bool mapping_read(const char *line, struct mapping *out)
{
	char rights[5];

	if (sscanf(line, "%lx-%lx %4s %lx %x:%x %lu", &out->from, &out->to, rights, &out->offset,
		   &out->major, &out->minor, &out->inode) != 7)
		return false;
	out->writable = rights[1] == 'w';
	out->shared = rights[3] == 's';
	return true;
}

/* The first mapping of a process that fits; wanted: its inode and device, or only an address. */
static bool mapping_find(const char *path, const struct mapping *wanted, unsigned long at,
			 struct mapping *out)
{
	static struct lines lines;
	bool found = false;

	lines = (struct lines){.fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY)};
	if (lines.fd < 0)
		return false;
	while (!found && line_next(&lines)) {
		if (!mapping_read(lines.line, out) || !out->writable || !out->shared)
			continue;
		if (!wanted)
			found = at >= out->from && at < out->to;
		else
			found = out->inode == wanted->inode && out->major == wanted->major &&
				out->minor == wanted->minor && at >= out->offset &&
				at - out->offset < out->to - out->from;
	}
	syscall(SYS_close, lines.fd);
	return found;
}

void page_share(int process, unsigned long address)
{
	struct mapping theirs, ours;
	unsigned long offset;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/maps", process);
	if (address % sizeof(*page) || !mapping_find(path, NULL, address, &theirs))
		return;
	offset = theirs.offset + (address - theirs.from);
	if (mapping_find("/proc/self/maps", &theirs, offset, &ours))
		page = (int64_t *)(ours.from + (offset - ours.offset));
}

void page_show(int64_t now)
{
	if (page)
		__atomic_store_n(page, now, __ATOMIC_RELEASE);
}
