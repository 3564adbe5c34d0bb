/*
 * User-mode Linux: a kernel that is a process of this machine.
 */
#include "guest/kernel.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MEMORY "mem=1024M"

/* Where the modules of a kernel are: beside it, or where the package puts them. */
static char *modules_folder(const struct guest_kernel *kernel)
{
	static const char *const places[] = {"modules/", "../lib/uml/modules/", "../lib/modules/",
					     "lib/modules/", "uml/modules/"};
	char *folder = path_folder(kernel->path), *found = NULL;

	for (size_t i = 0; folder && !found && i < sizeof(places) / sizeof(places[0]); i++)
		found = path_there(folder, places[i], kernel->release);
	if (!found)
		found = path_there("/usr/lib/uml/modules", "", kernel->release);
	free(folder);
	return found;
}

static int clock_find(struct guest_kernel *kernel, struct why *why)
{
	kernel->clock = path_beside("liblastack-clock.so");
	return kernel->clock ? 0
			     : why_set(why, ELIBACC,
				       "--kernel %s: liblastack-clock.so is not in the folder of "
				       "this program; build it there with sh harness/bootstrap "
				       "run, or copy it there",
				       kernel->name);
}

static int path_check(struct guest_kernel *kernel, const char *path, struct why *why)
{
	kernel->path = realpath(path, NULL);
	if (!kernel->path && errno == ENOENT && !strcmp(kernel->name, "uml"))
		return why_set(why, ENOPKG,
			       "--kernel uml: there is no %s; install the package user-mode-linux",
			       path);
	if (!kernel->path && errno == ENOENT)
		return why_set(why, EINVAL, "--kernel %s: No such file or directory; want uml, "
			       "a path or qemu:PATH", kernel->name);
	if (!kernel->path)
		return why_set(why, EINVAL, "--kernel %s: %s", kernel->name, strerror(errno));
	if (access(kernel->path, X_OK))
		return why_set(why, EINVAL,
			       "--kernel %s: not a program; only user-mode Linux is one, other "
			       "kernels run as qemu:%s",
			       kernel->name, kernel->name);
	return 0;
}

static int uml_start(const struct guest_kernel *kernel, const struct guest_start *start,
		     struct guest_process *out, struct why *why)
{
	char init[PATH_MAX + 16], preload[PATH_MAX + 16];
	char *const argv[] = {
		kernel->path, MEMORY, "rootfstype=hostfs", "rootflags=/", "ro", init, "con=null",
		"ssl=null", "con0=fd:0,fd:1", "con1=fd:3", "loglevel=4", "panic=-1",
		/* No folder for a monitor's socket: none can be made there. */
		"uml_dir=/proc/", kernel->time_travel ? "time-travel=inf-cpu" : "quiet",
		/* For init: what its children would each look up anew is looked up once. */
		"LD_BIND_NOW=1", "--",
		"guest", "/dev/tty1", NULL};
	char *const environment[] = {
		preload, kernel->time_travel ? "LASTACK_CLOCK=registers" : "LASTACK_CLOCK=skip",
		"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/", NULL};
	/* The kernel and what it traces take turns, and never wake each other far. */
	struct launch what = {.program = kernel->path,
			      .argv = argv,
			      .environment = environment,
			      .processor = (int)(start->place % INT_MAX)};

	if (strpbrk(start->lastack, "\" \t\n,") || strlen(start->lastack) >= PATH_MAX)
		return why_set(why, EINVAL,
			       "%s: a kernel's command line cannot name it; move lastack to a path "
			       "without blanks, commas and quotes",
			       start->lastack);
	snprintf(init, sizeof(init), "init=\"%s\"", start->lastack);
	snprintf(preload, sizeof(preload), "LD_PRELOAD=%s", kernel->clock);
	return launch(&what, out, why);
}

int uml_find(struct guest_kernel *kernel, const char *path, struct why *why)
{
	char *config = NULL, *folder = NULL;
	int r = path_check(kernel, path, why);

	if (r)
		return r;
	kernel->start = uml_start;
	if (kernel_ask(kernel->path, "--showconfig", &config, NULL) ||
	    !config_is(config, "CONFIG_UML", 'y') ||
	    kernel_ask(kernel->path, "--version", &kernel->release, NULL)) {
		r = why_set(why, EINVAL, "--kernel %s: this is no user-mode Linux kernel",
			    kernel->name);
		goto out;
	}
	kernel->release[strcspn(kernel->release, "\n")] = '\0';
	kernel->time_travel = config_is(config, "CONFIG_UML_TIME_TRAVEL_SUPPORT", 'y');
	kernel->freeze = !kernel->time_travel;
	kernel->machine = kernel->time_travel ? "user-mode Linux with time travel"
					      : "user-mode Linux, its idle time skipped";
	folder = modules_folder(kernel);
	r = modules_find(kernel, MODULES_LAB, config, folder, why);
	if (r == -ENOENT)
		r = -EINVAL;
	if (!r)
		r = clock_find(kernel, why);
out:
	free(folder);
	free(config);
	return r;
}
