/*
 * elapsed TIMES [NAME COMMAND]...: how long each command takes from its start to its end, in turn
 * with the others, TIMES times each: min, median, p90 and max in ms, and the status of
 * the last one that did not end with 0. A command is split at blanks, and its output thrown away.
 */
#include "base/base.h"
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define COMMANDS_MAX 16
#define WORDS_MAX 64

extern char **environ;

struct command {
	const char *name;
	char *words[WORDS_MAX + 1];
	nanos *took;
	int status;
};

static int compare(const void *a, const void *b)
{
	const nanos x = *(const nanos *)a, y = *(const nanos *)b;

	return (x > y) - (x < y);
}

static void command_run(struct command *command, unsigned turn)
{
	posix_spawn_file_actions_t actions;
	nanos begun;
	int status = -1;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	begun = clock_monotonic();
	if (posix_spawnp(&pid, command->words[0], &actions, NULL, command->words, environ)) {
		fprintf(stderr, "elapsed: %s cannot be run\n", command->words[0]);
		exit(4);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	command->took[turn] = clock_monotonic() - begun;
	if (status)
		command->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	posix_spawn_file_actions_destroy(&actions);
}

static void command_print(struct command *command, unsigned times)
{
	nanos *took = command->took;

	qsort(took, times, sizeof(*took), compare);
	printf("%-34s min %8.2f  median %8.2f  p90 %8.2f  max %8.2f ms", command->name,
	       (double)took[0] / 1e6, (double)took[times / 2] / 1e6,
	       (double)took[times * 9 / 10] / 1e6, (double)took[times - 1] / 1e6);
	if (command->status)
		printf("  (status %d)", command->status);
	putchar('\n');
}

int main(int argc, char **argv)
{
	static struct command commands[COMMANDS_MAX];
	unsigned times = argc > 1 ? (unsigned)atoi(argv[1]) : 0, count = 0;

	if (!times || argc % 2 || (argc - 2) / 2 > COMMANDS_MAX) {
		fprintf(stderr, "usage: elapsed TIMES [NAME COMMAND]...\n");
		return 3;
	}
	for (int i = 2; i < argc; i += 2) {
		struct command *command = &commands[count++];
		unsigned n = 0;

		command->name = argv[i];
		for (char *word = strtok(argv[i + 1], " "); word && n < WORDS_MAX;
		     word = strtok(NULL, " "))
			command->words[n++] = word;
		command->took = calloc(times, sizeof(*command->took));
		if (!command->took || !n)
			return 4;
	}
	for (unsigned turn = 0; turn < times; turn++)
		for (unsigned i = 0; i < count; i++)
			command_run(&commands[i], turn);
	for (unsigned i = 0; i < count; i++)
		command_print(&commands[i], times);
	return 0;
}
