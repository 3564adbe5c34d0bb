#include "lying_host/chosen.h"
#include "lying_host/received.h"
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MUTATIONS_MAX 1024

const struct tale *mutation_find(const char *name)
{
	static const struct tale *all[MUTATIONS_MAX];
	size_t n = mutations_list(all, MUTATIONS_MAX);

	for (size_t i = 0; i < n && i < MUTATIONS_MAX; i++)
		if (!strcmp(all[i]->name, name))
			return all[i];
	for (const struct tale *lie = lies_of_received; lie->name; lie++)
		if (!strcmp(lie->name, name))
			return lie;
	return NULL;
}

uint64_t *counter_open(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	void *at = MAP_FAILED;

	if (fd >= 0 && ftruncate(fd, sizeof(uint64_t)) == 0)
		at = mmap(NULL, sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd >= 0)
		close(fd);
	return at == MAP_FAILED ? NULL : at;
}
