/*
 * A program that is a stack: started, heard until it is ready, ended.
 */
#include "stack/inside.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define START_TIME sec(20)
#define PRINTED_MAX 65536 /* bytes kept of what it prints; a write beyond them fails */

static void signals_restore(void)
{
	sigset_t none;

	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	/* What a terminal sends to all is for the one who started it to judge. */
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the child. said: a file that takes what it prints. */
static _Noreturn void program_become(const struct program *program, pid_t parent, int ready,
				     int said)
{
	struct why why = {.text = ""};
	int input = program->input >= 0 ? program->input : open("/dev/null", O_RDONLY);
	int kept = program->kept >= 0 ? program->kept : input;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(1);
	signals_restore();
	/* Above what they are to become. */
	input = fcntl(input, F_DUPFD_CLOEXEC, 10);
	ready = fcntl(ready, F_DUPFD_CLOEXEC, 10);
	kept = fcntl(kept, F_DUPFD_CLOEXEC, 10);
	if (input < 0 || ready < 0 || dup2(said, 1) < 0 || dup2(said, 2) < 0 ||
	    dup2(input, 0) < 0 || dup2(ready, PROGRAM_READY_FD) < 0 ||
	    dup3(kept, PROGRAM_KEPT_FD, O_CLOEXEC) < 0)
		_exit(1);
	close_range(PROGRAM_KEPT_FD + 1, ~0u, 0);
	if (program->prepare && (program->prepare)(program->arg, &why)) {
		dprintf(2, "%s\n", why.text);
		_exit(1);
	}
	execv(program->path, program->argv);
	dprintf(2, "%s\n", strerror(errno));
	_exit(1);
}

/* The last line that it printed; "" where there is none. */
static void last_line(int printed, char *out, size_t size)
{
	char text_[1024];
	ssize_t n = pread(printed, text_, sizeof(text_) - 1, 0);
	char *line = text_, *end;

	text_[n > 0 ? n : 0] = '\0';
	end = text_ + strlen(text_);
	while (end > text_ && end[-1] == '\n')
		*--end = '\0';
	if (strrchr(text_, '\n'))
		line = strrchr(text_, '\n') + 1;
	snprintf(out, size, "%s", line);
}

/* Its word that it is ready. */
static int ready_hear(const struct program *program, int fd, int printed, char *said, size_t size,
		      struct why *why)
{
	char line[512];
	nanos deadline = clock_monotonic() + START_TIME;
	size_t n = 0;

	for (;;) {
		struct pollfd ready = {.fd = fd, .events = POLLIN};
		nanos left = deadline - clock_monotonic();
		ssize_t got;

		if (left <= 0)
			return why_set(why, ETIMEDOUT, "%s is not ready within %d s", program->path,
				       (int)(START_TIME / sec(1)));
		if (poll(&ready, 1, (int)(left / ms(1)) + 1) <= 0)
			continue;
		got = read(fd, said + n, size - 1 - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0 && !n) {
			last_line(printed, line, sizeof(line));
			return why_set(why, EIO, "%s does not start: %s", program->path,
				       *line ? line : "it ended without a word");
		}
		n += got > 0 ? (size_t)got : 0;
		said[n] = '\0';
		/* Some say it without a line's end. */
		if (got <= 0 || n + 1 == size || strchr(said, '\n') || !strcmp(said, "1"))
			break;
	}
	said[strcspn(said, "\n")] = '\0';
	return 0;
}

/* A file of a fixed size: a program that prints without end must not fill the memory. */
static int printed_make(void)
{
	int fd = memfd_create("lastack-stack", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd >= 0 && !ftruncate(fd, PRINTED_MAX) &&
	    !fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

int program_start(const struct program *program, struct running *out, char *said, size_t size,
		  struct why *why)
{
	pid_t parent = getpid();
	int pair[2] = {-1, -1}, r = 0;

	*out = (struct running){.printed = printed_make()};
	if (out->printed < 0 || pipe2(pair, O_CLOEXEC))
		return why_set(why, errno, "cannot start %s: %s", program->path, strerror(errno));
	fflush(NULL);
	out->pid = fork();
	if (!out->pid)
		program_become(program, parent, pair[1], out->printed);
	close(pair[1]);
	if (out->pid < 0) {
		r = why_set(why, errno, "fork: %s", strerror(errno));
		out->pid = 0;
	} else {
		r = ready_hear(program, pair[0], out->printed, said, size, why);
	}
	close(pair[0]);
	return r;
}

void program_end(struct running *running)
{
	if (running->pid > 0) {
		kill(running->pid, SIGKILL);
		while (waitpid(running->pid, NULL, 0) < 0 && errno == EINTR)
			;
		close(running->printed);
	}
	*running = (struct running){.pid = 0};
}

int program_version(const char *path, const char *key, char *out, size_t size)
{
	char *const argv[] = {(char *)(uintptr_t)path, (char *)(uintptr_t) "--version", NULL};
	char line[256];
	pid_t pid, parent = getpid();
	int pair[2], r = -ENOENT;
	FILE *said;

	if (pipe2(pair, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent && dup2(pair[1], 1) >= 0)
			execv(path, argv);
		_exit(1);
	}
	close(pair[1]);
	said = fdopen(pair[0], "r");
	while (said && fgets(line, sizeof(line), said)) {
		if (!r || strncmp(line, key, strlen(key)))
			continue;
		line[strcspn(line, "\n")] = '\0';
		snprintf(out, size, "%s", line + strlen(key));
		r = 0;
	}
	if (said)
		fclose(said);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return r;
}
