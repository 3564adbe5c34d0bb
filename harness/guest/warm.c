/*
 * A fork costs a process of user-mode Linux as much as it has mappings, and pieces of memory that
 * are no neighbours in the kernel's; and a child finds no page of a file's mapping in its tables,
 * but faults on each. So the program and its libraries, five mappings each, are made one mapping of
 * memory that is this process's own, which a child has at once.
 *
 * What was read-only is writable then, which is borne by a guest that lives for one run.
 */
#include "guest/inside.h"
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

/*
 * Memory that the copies are cut from, from its end: what is in pieces goes to its beginning, and
 * is given back.
 */
#define POOL ((size_t)32 << 20)
#define MAPS_BYTES_MAX ((size_t)1 << 20)

struct pool {
	char *at;
	size_t left;
};

/* Mappings one after the other. */
struct stretch {
	uintptr_t from, to;
	bool file; /* one of them is of a file */
};

/*
 * The code that does this is in what is replaced, and finds itself again. The kernel copies, as
 * each page that we read would be a fault.
 */
static void stretch_replace(const struct stretch *stretch, struct pool *pool)
{
	const size_t size = stretch->to - stretch->from;
	struct iovec there = {(void *)stretch->from, size}, here;

	/* What is larger is no program's, but a sanitizer's. */
	if (!stretch->file || size > pool->left)
		return;
	here = (struct iovec){pool->at + pool->left - size, size};
	if (process_vm_readv(getpid(), &here, 1, &there, 1, 0) == (ssize_t)size &&
	    mremap(here.iov_base, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, there.iov_base) !=
		    MAP_FAILED)
		pool->left -= size;
}

/* maps: text of /proc/self/maps. The kernel's own mappings, the heap and the stack stay. */
static void stretches_replace(const char *maps, struct pool *pool)
{
	struct stretch stretch = {0}, next;
	char read, private, name[2];

	for (; *maps; maps = strchr(maps, '\n') + 1) {
		int n = sscanf(maps,
			       "%" SCNxPTR "-%" SCNxPTR " %c%*2c%c %*x %*s %*u%*[ ]%1[^\n]",
			       &next.from, &next.to, &read, &private, name);

		if (n < 4 || read != 'r' || private != 'p' || (n == 5 && name[0] != '/'))
			continue;
		next.file = n == 5;
		if (next.from == stretch.to) {
			stretch.to = next.to;
			stretch.file = stretch.file || next.file;
			continue;
		}
		stretch_replace(&stretch, pool);
		stretch = next;
	}
	stretch_replace(&stretch, pool);
}

void warm_up(void)
{
	struct buffer maps = {.at = NULL};
	struct pool pool = {.left = POOL};
	FILE *file = fopen("/proc/self/maps", "re");

	/* A child that gathers small free blocks would copy every page that has one. */
	mallopt(M_MXFAST, 0);
	/* All of it first: it changes under who reads it. */
	if (file) {
		buffer_file(&maps, file, MAPS_BYTES_MAX);
		fclose(file);
	}
	pool.at = mmap(NULL, POOL, PROT_READ | PROT_WRITE | PROT_EXEC,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (pool.at != MAP_FAILED) {
		if (maps.len && !maps.failed && maps.len < MAPS_BYTES_MAX)
			stretches_replace(maps.at, &pool);
		munmap(pool.at, pool.left);
	}
	buffer_free(&maps);
}
