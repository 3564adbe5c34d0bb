/*
 * User-mode Linux: a kernel that is a process of this machine.
 */
#include "guest/kernel.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHANNEL_BYTES (8 << 20) /* the guest never waits for us to read */
#define CHILD_CHANNEL 3
#define MEMORY "mem=640M"

/* The folder of a path, without the slash; owned by the caller. */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? strndup(path, (size_t)(slash - path)) : strdup(".");
}

/* A file or folder that is there, as an absolute path owned by the caller, or NULL. */
static char *there(const char *folder, const char *middle, const char *name)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s%s", folder, middle, name) >= (int)sizeof(path))
		return NULL;
	return realpath(path, NULL);
}

/* Where the modules of a kernel are: beside it, or where the package puts them. */
static char *modules_folder(const struct guest_kernel *kernel)
{
	static const char *const places[] = {"modules/", "../lib/uml/modules/", "../lib/modules/",
					     "lib/modules/", "uml/modules/"};
	char *folder = folder_of(kernel->path), *found = NULL;

	for (size_t i = 0; folder && !found && i < sizeof(places) / sizeof(places[0]); i++)
		found = there(folder, places[i], kernel->release);
	if (!found)
		found = there("/usr/lib/uml/modules", "", kernel->release);
	free(folder);
	return found;
}

/* The preloaded library is beside this program, or where an installation puts it. */
static int clock_find(struct guest_kernel *kernel, struct why *why)
{
	char *self = realpath("/proc/self/exe", NULL), *folder = self ? folder_of(self) : NULL;

	if (folder)
		kernel->clock = there(folder, "", "liblastack-clock.so");
	if (folder && !kernel->clock)
		kernel->clock = there(folder, "../lib/lastack/", "liblastack-clock.so");
	if (!kernel->clock)
		why_set(why, EINVAL, "liblastack-clock.so is not beside %s: build it",
			self ? self : "lastack");
	free(folder);
	free(self);
	return kernel->clock ? 0 : -EINVAL;
}

static int path_check(struct guest_kernel *kernel, const char *path, struct why *why)
{
	kernel->path = realpath(path, NULL);
	if (!kernel->path && errno == ENOENT && !strcmp(kernel->name, "uml"))
		return why_set(why, EINVAL,
			       "--kernel uml: there is no %s; install the package user-mode-linux",
			       path);
	if (!kernel->path)
		return why_set(why, EINVAL, "--kernel %s: %s", kernel->name, strerror(errno));
	if (access(kernel->path, X_OK))
		return why_set(why, EINVAL,
			       "--kernel %s: not a program; only user-mode Linux is one, other "
			       "kernels run as qemu:%s",
			       kernel->name, kernel->name);
	return 0;
}

int uml_find(struct guest_kernel *kernel, const char *path, struct why *why)
{
	char *config = NULL, *folder = NULL;
	int r = path_check(kernel, path, why);

	if (r)
		return r;
	kernel->machine = MACHINE_UML;
	if (kernel_ask(kernel->path, "--showconfig", &config, NULL) ||
	    !config_is(config, "CONFIG_UML", 'y') ||
	    kernel_ask(kernel->path, "--version", &kernel->release, NULL)) {
		r = why_set(why, EINVAL, "--kernel %s: this is no user-mode Linux kernel",
			    kernel->name);
		goto out;
	}
	kernel->release[strcspn(kernel->release, "\n")] = '\0';
	kernel->time_travel = config_is(config, "CONFIG_UML_TIME_TRAVEL_SUPPORT", 'y');
	folder = modules_folder(kernel);
	r = modules_find(kernel, config, folder, why);
	if (r == -ENOENT)
		r = -EINVAL;
	if (!r)
		r = clock_find(kernel, why);
out:
	free(folder);
	free(config);
	return r;
}

/* One processor for the kernel and what it traces: they take turns, and never wake each other far.
 */
static void processor_choose(unsigned place)
{
	cpu_set_t all, one;
	unsigned n;

	if (sched_getaffinity(0, sizeof(all), &all))
		return;
	n = (unsigned)CPU_COUNT(&all);
	if (!n)
		return;
	place = n - 1 - place % n;
	for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &all) || place--)
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		sched_setaffinity(0, sizeof(one), &one);
		return;
	}
}

static _Noreturn void uml_enter(const struct guest_kernel *kernel, const char *lastack,
				unsigned place, pid_t run, int channel, int console)
{
	char init[PATH_MAX + 16], preload[PATH_MAX + 16];
	char *const argv[] = {kernel->path,
			      MEMORY,
			      "rootfstype=hostfs",
			      "rootflags=/",
			      "ro",
			      init,
			      "con=null",
			      "ssl=null",
			      "con0=fd:0,fd:1",
			      "con1=fd:3",
			      "loglevel=4",
			      "panic=-1",
			      /* No folder for a monitor's socket: none can be made there. */
			      "uml_dir=/proc/",
			      kernel->time_travel ? "time-travel=inf-cpu" : "quiet",
			      "--",
			      "guest",
			      "/dev/tty1",
			      NULL};
	char *const environment[] = {preload,
				     kernel->time_travel ? "LASTACK_CLOCK=registers"
							 : "LASTACK_CLOCK=skip",
				     "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
				     "HOME=/",
				     NULL};
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	sigset_t none;

	setpgid(0, 0);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != run)
		_exit(1);
	processor_choose(place);
	snprintf(init, sizeof(init), "init=\"%s\"", lastack);
	snprintf(preload, sizeof(preload), "LD_PRELOAD=%s", kernel->clock);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	channel = fcntl(channel, F_DUPFD, 10);
	console = fcntl(console, F_DUPFD, 10);
	if (channel < 0 || console < 0 || dup2(null, 0) < 0 || dup2(console, 1) < 0 ||
	    dup2(console, 2) < 0 || dup2(channel, CHILD_CHANNEL) < 0 ||
	    close_range(CHILD_CHANNEL + 1, ~0u, 0))
		_exit(1);
	execve(kernel->path, argv, environment);
	dprintf(2, "%s cannot be started: %s\n", kernel->path, strerror(errno));
	_exit(1);
}

int uml_start(const struct guest_kernel *kernel, const char *lastack, unsigned place,
	      struct guest_process *out, struct why *why)
{
	int channel[2] = {-1, -1}, console[2] = {-1, -1}, size = CHANNEL_BYTES, r = 0;
	pid_t pid, run = getpid();

	if (strpbrk(lastack, "\" \t\n,") || strlen(lastack) >= PATH_MAX)
		return why_set(why, EINVAL,
			       "%s: a kernel's command line cannot name it; move lastack to a path "
			       "without blanks, commas and quotes",
			       lastack);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel) ||
	    pipe2(console, O_CLOEXEC | O_NONBLOCK)) {
		r = why_set(why, errno, "socketpair, pipe: %s", strerror(errno));
		goto out;
	}
	if (setsockopt(channel[1], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		setsockopt(channel[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	/* The guest shares its end's flags only, and its prints may wait. */
	fcntl(channel[0], F_SETFL, O_NONBLOCK);
	fcntl(console[1], F_SETFL, 0);
	fflush(NULL);
	pid = fork();
	if (!pid)
		uml_enter(kernel, lastack, place, run, channel[1], console[1]);
	if (pid < 0) {
		r = why_set(why, errno, "fork: %s", strerror(errno));
		goto out;
	}
	setpgid(pid, pid);
	*out = (struct guest_process){.pid = pid, .channel = channel[0], .console = console[0]};
	channel[0] = console[0] = -1;
out:
	for (int i = 0; i < 2; i++) {
		if (channel[i] >= 0)
			close(channel[i]);
		if (console[i] >= 0)
			close(console[i]);
	}
	return r;
}
