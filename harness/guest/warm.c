/*
 * A forked child finds no page of a file's private mapping in its tables, unless the parent has
 * written to one of that mapping: then Linux copies them all. So one byte of each mapping is
 * written with what it holds already, the rest is read, and no case's process faults on it again.
 */
#include "guest/inside.h"
#include <elf.h>
#include <link.h>
#include <malloc.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define NEEDED_MAX 32

/* The libraries that the program itself asks for; theirs in turn are hardly used by a case. */
struct needed {
	const char *names[NEEDED_MAX];
	size_t count;
	size_t page;
};

static void pages_touch(unsigned char *from, const unsigned char *to, size_t page, int protection)
{
	volatile unsigned char *first = from;
	volatile unsigned char sum = 0;

	if (mprotect(from, (size_t)(to - from), protection | PROT_READ | PROT_WRITE))
		return;
	*first = *first;
	for (unsigned char *at = from; at < to; at += page)
		sum = (unsigned char)(sum + *(volatile unsigned char *)at);
	mprotect(from, (size_t)(to - from), protection);
}

static bool is_needed(const struct needed *needed, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;

	for (size_t i = 0; i < needed->count; i++)
		if (!strcmp(needed->names[i], name))
			return true;
	/* The program itself, which comes without a name, and the loader. */
	return !*name || !strncmp(name, "ld-", 3);
}

static int object_touch(struct dl_phdr_info *info, size_t size, void *arg)
{
	const struct needed *needed = arg;

	(void)size;
	if (!is_needed(needed, info->dlpi_name))
		return 0;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];
		uintptr_t from = info->dlpi_addr + part->p_vaddr, to = from + part->p_filesz;
		int protection = 0;

		/* What is writable may be read-only by now, in part: that is the loader's. */
		if (part->p_type != PT_LOAD || part->p_flags & PF_W || !part->p_filesz)
			continue;
		protection |= part->p_flags & PF_R ? PROT_READ : 0;
		protection |= part->p_flags & PF_X ? PROT_EXEC : 0;
		from &= ~(uintptr_t)(needed->page - 1);
		to = (to + needed->page - 1) & ~(uintptr_t)(needed->page - 1);
		pages_touch((unsigned char *)from, (const unsigned char *)to, needed->page,
			    protection);
	}
	return 0;
}

void warm_up(void)
{
	struct needed needed = {.page = (size_t)sysconf(_SC_PAGESIZE)};
	const char *strings = NULL;

	/* A child that gathers small free blocks would copy every page that has one. */
	mallopt(M_MXFAST, 0);
	for (const ElfW(Dyn) *entry = _DYNAMIC; entry->d_tag != DT_NULL; entry++)
		if (entry->d_tag == DT_STRTAB)
			strings = (const char *)entry->d_un.d_ptr;
	for (const ElfW(Dyn) *entry = _DYNAMIC; strings && entry->d_tag != DT_NULL; entry++)
		if (entry->d_tag == DT_NEEDED && needed.count < NEEDED_MAX)
			needed.names[needed.count++] = strings + entry->d_un.d_val;
	dl_iterate_phdr(object_touch, &needed);
}
