/*
 * How long processes ran, and how long they waited for a processor, by the kernel's scheduler.
 */
#include "base/base.h"
#include <stdio.h>
#include <string.h>

#define DEPTH_MAX 3 /* a case's process, its agent, and what an agent may start */

struct cpu_use cpu_use_of_process(pid_t pid)
{
	long long ran = 0, waited = 0;
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return (struct cpu_use){.ran = 0};
	if (fscanf(file, "%lld %lld", &ran, &waited) != 2)
		ran = waited = 0;
	fclose(file);
	return (struct cpu_use){.ran = ran, .waited = waited};
}

bool process_is_runnable(pid_t pid)
{
	char path[64], text[512], *state;
	size_t n = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	n = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[n] = '\0';
	/* After the name, which may have any character. */
	state = strrchr(text, ')');
	return state && state[1] == ' ' && state[2] == 'R';
}

static void add(struct cpu_use *use, pid_t pid, int depth);

static void add_children(struct cpu_use *use, pid_t pid, int depth)
{
	char path[64];
	FILE *file;
	int child;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	file = depth < DEPTH_MAX ? fopen(path, "re") : NULL;
	if (!file)
		return;
	while (fscanf(file, "%d", &child) == 1)
		add(use, child, depth + 1);
	fclose(file);
}

static void add(struct cpu_use *use, pid_t pid, int depth)
{
	struct cpu_use own = cpu_use_of_process(pid);

	use->ran += own.ran;
	use->waited += own.waited;
	use->runnable |= process_is_runnable(pid);
	add_children(use, pid, depth);
}

struct cpu_use cpu_use_of(pid_t pid)
{
	struct cpu_use use = {.ran = 0};

	add(&use, pid, 1);
	return use;
}

struct cpu_use cpu_use_of_descendants(pid_t pid)
{
	struct cpu_use use = {.ran = 0};

	add_children(&use, pid, 1);
	return use;
}
