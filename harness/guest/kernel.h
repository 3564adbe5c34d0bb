/*
 * What is known of a kernel that was found. Of the guest room only.
 */
#ifndef GUEST_KERNEL_H
#define GUEST_KERNEL_H

#include "guest/guest.h"
#include <sys/types.h>

#define GUEST_MODULES_MAX 24

struct guest_start;
struct guest_process;

struct guest_kernel {
	char *name;			      /* as typed */
	char *path;			      /* absolute, of the kernel's image */
	char *release;			      /* "6.1.176" */
	const char *machine;		      /* what it runs on, in words for the user */
	char *modules[GUEST_MODULES_MAX + 1]; /* absolute, in the order of loading; ended by NULL */
	size_t early;			      /* so many of them lead to the channel */
	char *clock;			      /* UML: absolute, of the preloaded library */
	bool time_travel;		      /* UML skips idle time by itself */
	bool freeze; /* the clock shim wants to be told when boot is over */
	const char
		*carrier; /* the guest's device that takes the evidence; NULL: it sees the folder */
	unsigned setups;	  /* labs that it makes at a time; 0: as many as are wanted */
	char *program;	  /* absolute, of the emulator; NULL: the kernel is a program itself */
	/* Start it. -errno. */
	int (*start)(const struct guest_kernel *kernel, const struct guest_start *start,
		     struct guest_process *out, struct why *why);
};

/* What the words of a configuration, as in .config, say. */
bool config_is(const char *config, const char *option, char value);

/*
 * What a program says to an argument on its stdout: at most 1 MiB, within ten seconds. Text, owned
 * by the caller. -ENOEXEC where it cannot be started, -ETIMEDOUT, -EPROTO where it fails.
 */
int kernel_ask(const char *path, const char *argument, char **out, struct why *why);

/* What modules are needed for. */
enum modules_for {
	MODULES_CHANNEL, /* QEMU's way outside */
	MODULES_LAB,
};
/*
 * Add to modules[] what is a module in this configuration and needed, after what it depends on,
 * from the folder of the kernel's modules. config: text, or NULL where it is not known: then what
 * is no module there is taken as built in. -ENOENT with why.
 */
int modules_find(struct guest_kernel *kernel, enum modules_for what, const char *config,
		 const char *folder, struct why *why);
/* The bytes of a module, which may be compressed: at most 64 MiB. -errno. */
int module_read(const char *path, struct buffer *out, struct why *why);

/* Find the kernel, see what it can do. They fill what guest_free() frees. */
int uml_find(struct guest_kernel *kernel, const char *path, struct why *why);
int qemu_find(struct guest_kernel *kernel, const char *path, struct why *why);

/* What a guest is started with. */
struct guest_start {
	const char *lastack;  /* absolute path of this program */
	const char *profile;  /* absolute path of a file, or NULL */
	const struct buffer *order;
	unsigned place; /* see guest_options */
	uint64_t seed;
};

/* A guest that was started. */
struct guest_process {
	pid_t pid;    /* also its process group */
	int hold;     /* when this is closed, the group's processes end */
	int channel;  /* a stream socket: the order goes in, events come out */
	int console;  /* what the kernel prints */
	int evidence; /* a stream socket: the evidence's archive; -1: it is in its folder */
};

/*
 * A program to start for a guest. It gets the console as 1 and 2, LAUNCH_CHANNEL, and inherit[]
 * after it; it ends with this process. They stay the caller's.
 */
#define LAUNCH_CHANNEL 3
struct launch {
	const char *program; /* absolute path */
	char *const *argv, *const *environment;
	const int *inherit;
	size_t inherit_count;
	int processor; /* of those there are, counted from the last: its only one. -1: any */
};
/* A pair of stream sockets with room for what the guest writes; the first one does not block. */
int launch_pair(int pair[2], struct why *why);
/* Fills pid, hold, channel, console. -errno. */
int launch(const struct launch *what, struct guest_process *out, struct why *why);

#endif
