/*
 * The program interrupted and killed in the middle of a case: no process of it is left.
 */
#include "called.h"
#include <dirent.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/pidfd.h>

#define PROCESSES_MAX 16

/* Wait until a file is made in this folder, 10 s at most. */
static void await_file(int watched)
{
	struct pollfd made = {.fd = watched, .events = POLLIN};

	assert_int_equal(poll(&made, 1, 10000), 1);
}

/* Handles on the processes whose command line has this marker. */
static size_t processes_with(const char *marker, struct pollfd ends[PROCESSES_MAX])
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	size_t n = 0;

	assert_non_null(proc);
	while ((entry = readdir(proc)) && n < PROCESSES_MAX) {
		char path[300], line[4096];
		FILE *file;
		size_t got;
		int fd;

		snprintf(path, sizeof(path), "/proc/%s/cmdline", entry->d_name);
		file = fopen(path, "r");
		if (!file)
			continue;
		got = fread(line, 1, sizeof(line), file);
		fclose(file);
		if (!got || !memmem(line, got, marker, strlen(marker)))
			continue;
		fd = pidfd_open(atoi(entry->d_name), 0);
		if (fd >= 0)
			ends[n++] = (struct pollfd){.fd = fd, .events = POLLIN};
	}
	closedir(proc);
	return n;
}

/* Run the long case, and end its run with a signal once its lab is being built. */
static void end_with(int signal_, struct called *called)
{
	struct pollfd ends[PROCESSES_MAX];
	char path[200], marker[64], line[300];
	int watched = inotify_init1(IN_CLOEXEC);
	size_t n;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/evidence", folder);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/evidence/" LONG_CASE ".ipv4", folder);
	mkdir(path, 0700);
	assert_true(inotify_add_watch(watched, path, IN_CREATE) >= 0);
	snprintf(marker, sizeof(marker), "%d%03d", getpid(), signal_);
	snprintf(line, sizeof(line), "run " LONG_CASE " -4 --evidence %%/evidence --seed %s",
		 marker);
	pid = start(line, NULL);
	/* The capture is opened when the agent has started: run, case and agent are there. */
	await_file(watched);
	n = processes_with(marker, ends);
	assert_true(n >= 3);
	kill(pid, signal_);
	finish(pid, called);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(poll(&ends[i], 1, 2000), 1);
		close(ends[i].fd);
	}
	assert_int_equal(processes_with(marker, ends), 0);
	close(watched);
}

static void interrupted_it_tells_what_is_known(void **state)
{
	static struct called called;

	(void)state;
	if (!works_here())
		skip();
	end_with(SIGINT, &called);
	assert_int_equal(called.status, 128 + SIGINT);
	assert_non_null(strstr(called.out, "interrupted"));
	end_with(SIGTERM, &called);
	assert_int_equal(called.status, 128 + SIGTERM);
	assert_string_equal(called.err, "");
}

static void killed_it_leaves_no_process(void **state)
{
	static struct called called;

	(void)state;
	if (!works_here())
		skip();
	end_with(SIGKILL, &called);
	assert_int_equal(called.status, -SIGKILL);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		OWN_FOLDER(interrupted_it_tells_what_is_known),
		OWN_FOLDER(killed_it_leaves_no_process),
	};

	program_take(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
