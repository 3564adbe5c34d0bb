/*
 * What is known of a kernel that was found. Of the guest room only.
 */
#ifndef GUEST_KERNEL_H
#define GUEST_KERNEL_H

#include "guest/guest.h"
#include <sys/types.h>

#define GUEST_MODULES_MAX 16

enum guest_machine {
	MACHINE_UML,  /* a process of this machine; the clock shim skips its idle time */
	MACHINE_QEMU, /* instruction counting skips it */
};

struct guest_kernel {
	enum guest_machine machine;
	char *name;    /* as typed */
	char *path;    /* absolute, of the kernel's image */
	char *release; /* "6.1.176" */
	char *clock;   /* absolute, of the preloaded library; UML only */
	bool time_travel; /* UML skips idle time by itself */
	char *modules[GUEST_MODULES_MAX + 1]; /* absolute, in the order of loading; ended by NULL */
};

/* What the words of a configuration, as in .config, say. */
bool config_is(const char *config, const char *option, char value);

/*
 * What a program says to an argument on its stdout: at most 1 MiB, within ten seconds. Text, owned
 * by the caller. -ENOEXEC where it cannot be started, -ETIMEDOUT, -EPROTO where it fails.
 */
int kernel_ask(const char *path, const char *argument, char **out, struct why *why);

/*
 * Fill modules[] with what is a module in this configuration and needed by a lab, after what it
 * depends on, from the folder that holds modules.dep. -ENOENT with why.
 */
int modules_find(struct guest_kernel *kernel, const char *config, const char *folder,
		 struct why *why);

/* UML: find it, ask it. Fills what guest_free() frees. */
int uml_find(struct guest_kernel *kernel, const char *path, struct why *why);

/* A guest that was started. */
struct guest_process {
	pid_t pid;   /* also its process group */
	int channel; /* a stream socket: the order goes in, events come out */
	int console; /* what the kernel prints */
};
/*
 * Start the kernel; lastack: absolute path of this program; evidence: absolute path of a folder
 * that the guest may write, or NULL; place: see guest_options. -errno.
 */
int uml_start(const struct guest_kernel *kernel, const char *lastack, unsigned place,
	      struct guest_process *out, struct why *why);

#endif
