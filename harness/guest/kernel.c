/*
 * Which kernel is meant, and what it can do: it is asked.
 */
#include "guest/kernel.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The clock shim and the emulator are for this processor only. */
#ifdef __x86_64__
static const bool processor_fits = true;
#else
static const bool processor_fits = false;
#endif
#define SAID_MAX (1u << 20)
#define ASKING_TIME sec(10)

bool config_is(const char *config, const char *option, char value)
{
	size_t n = strlen(option);

	for (const char *at = config; at && *at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (!strncmp(at, option, n) && at[n] == '=' && at[n + 1] == value &&
		    (at[n + 2] == '\n' || !at[n + 2]))
			return true;
	}
	return false;
}

/* Read until the end, the bound or the deadline. */
static int read_all(int fd, struct buffer *out)
{
	nanos until = clock_monotonic() + ASKING_TIME;

	for (;;) {
		struct pollfd more = {.fd = fd, .events = POLLIN};
		nanos left = until - clock_monotonic();
		char chunk[4096];
		ssize_t n;

		if (left <= 0 || poll(&more, 1, (int)(left / ms(1)) + 1) == 0)
			return -ETIMEDOUT;
		n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			return out->failed ? -ENOMEM : 0;
		buffer_put(out, chunk, (size_t)n);
		if (out->len > SAID_MAX)
			return -EPROTO;
	}
}

static int spawn_quietly(const char *path, const char *argument, int out, pid_t *pid)
{
	char *argv[] = {(char *)(uintptr_t)path, (char *)(uintptr_t)argument, NULL};
	char *environment[] = {NULL};
	posix_spawn_file_actions_t actions;
	int error = posix_spawn_file_actions_init(&actions);

	if (error)
		return -error;
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	error = posix_spawn(pid, path, &actions, NULL, argv, environment);
	posix_spawn_file_actions_destroy(&actions);
	return -error;
}

int kernel_ask(const char *path, const char *argument, char **out, struct why *why)
{
	struct buffer said = {.at = NULL};
	int pair[2], status = 0, r;
	pid_t pid;

	if (pipe2(pair, O_CLOEXEC))
		return why_set(why, errno, "pipe: %s", strerror(errno));
	r = spawn_quietly(path, argument, pair[1], &pid);
	close(pair[1]);
	if (r) {
		why_set(why, -r, "%s cannot be started: %s", path, strerror(-r));
		r = -ENOEXEC;
		goto out;
	}
	r = read_all(pair[0], &said);
	if (r)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!r && (!WIFEXITED(status) || WEXITSTATUS(status)))
		r = -EPROTO;
	buffer_put(&said, "", 0);
	if (!r && !said.at)
		r = -EPROTO;
	if (r) {
		why_set(why, -r, "%s does not answer %s", path, argument);
		goto out;
	}
	*out = said.at;
	said.at = NULL;
out:
	close(pair[0]);
	buffer_free(&said);
	return r;
}

int guest_find(struct guest_kernel **out, const char *name, struct why *why)
{
	struct guest_kernel *kernel = calloc(1, sizeof(*kernel));
	int r;

	if (!kernel)
		return why_set(why, ENOMEM, "no memory");
	kernel->name = strdup(name);
	if (!kernel->name)
		r = why_set(why, ENOMEM, "no memory");
	else if (!processor_fits)
		r = why_set(why, ENOTSUP,
			    "--kernel %s: virtual time is not available on this processor, only "
			    "on x86-64",
			    name);
	else if (!strncmp(name, "qemu:", 5))
		r = qemu_find(kernel, name + 5, why);
	else
		r = uml_find(kernel, !strcmp(name, "uml") ? "/usr/bin/linux.uml" : name, why);
	if (r) {
		guest_free(kernel);
		return r;
	}
	*out = kernel;
	return 0;
}

void guest_free(struct guest_kernel *kernel)
{
	if (!kernel)
		return;
	for (size_t i = 0; i < GUEST_MODULES_MAX; i++)
		free(kernel->modules[i]);
	free(kernel->name);
	free(kernel->path);
	free(kernel->release);
	free(kernel->clock);
	free(kernel->program);
	free(kernel);
}

const char *guest_name(const struct guest_kernel *kernel)
{
	return kernel->name;
}

const char *guest_path(const struct guest_kernel *kernel)
{
	return kernel->path;
}

const char *guest_release(const struct guest_kernel *kernel)
{
	return kernel->release;
}
