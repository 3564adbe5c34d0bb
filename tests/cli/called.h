/*
 * For the tests of the program itself: calling it, and what it printed. Every test has a folder of
 * its own.
 */
#ifndef TESTS_CLI_CALLED_H
#define TESTS_CLI_CALLED_H

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

extern char **environ;

/* A case that every build has: short, and over both families. */
#define CASE "passive_open.three_segments"
#define LONG_CASE "second_segment.default_retries_to_the_end"

static char *program;
static char folder[] = "/tmp/lastack-cli-XXXXXX";

/* What a call printed, and how it ended. */
struct called {
	int status;
	char out[262144], err[65536];
};

/* What a file of the test's folder holds; "" where there is none. */
static inline void read_back(const char *name, char *out, size_t size)
{
	char path[128];
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	out[0] = '\0';
	file = fopen(path, "r");
	if (!file)
		return;
	n = fread(out, 1, size - 1, file);
	out[n] = '\0';
	fclose(file);
}

/*
 * Start the program; a line's words are its arguments. "%" at the start of one stands for the
 * test's folder, and "~" for a blank.
 */
static inline pid_t start(const char *line, const char *out)
{
	char words[1024], grown[16][160], path[2][128], *argv[18] = {program};
	posix_spawn_file_actions_t actions;
	size_t n = 1;
	char *rest;
	pid_t pid;

	snprintf(words, sizeof(words), "%s", line);
	for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		assert_true(n < 17);
		if (*word == '%')
			snprintf(grown[n - 1], 160, "%s%s", folder, word + 1);
		else
			snprintf(grown[n - 1], 160, "%s", word);
		for (char *at = grown[n - 1]; (at = strchr(at, '~'));)
			*at = ' ';
		argv[n] = grown[n - 1];
		n++;
	}
	argv[n] = NULL;
	snprintf(path[0], 128, "%s/out", folder);
	snprintf(path[1], 128, "%s/err", folder);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, out ? out : path[0],
					 O_CREAT | O_TRUNC | O_WRONLY, 0600);
	posix_spawn_file_actions_addopen(&actions, 2, path[1], O_CREAT | O_TRUNC | O_WRONLY, 0600);
	assert_int_equal(posix_spawn(&pid, program, &actions, NULL, argv, environ), 0);
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

static inline void finish(pid_t pid, struct called *called)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	called->status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
	read_back("out", called->out, sizeof(called->out));
	read_back("err", called->err, sizeof(called->err));
}

static inline struct called *call(const char *line)
{
	static struct called called;

	finish(start(line, NULL), &called);
	return &called;
}

static inline bool is_one_line(const char *text)
{
	const char *end = strchr(text, '\n');

	return end && !end[1];
}

/* Is lastack run possible here? Asked of doctor, whose own test looks closer. */
static inline bool works_here(void)
{
	return call("doctor")->status == 0;
}

static inline int setup(void **state)
{
	(void)state;
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static inline int teardown(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

#define OWN_FOLDER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

/* The program to be called is the test's only argument. */
static inline void program_take(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: %s LASTACK\n", argv[0]);
		exit(2);
	}
	program = argv[1];
}

#endif
