/*
 * What the files of the stack room share. Not a door: nobody else includes it.
 */
#ifndef STACK_INSIDE_H
#define STACK_INSIDE_H

#include "stack/stack.h"
#include <sys/types.h>

/* What is known of a stack that was started. */
struct started {
	pid_t pid;                  /* its process, a child of ours; 0: none */
	struct address address[2];  /* its own, over IPv4 and IPv6; family 0: it has none */
	struct address peer[2];     /* an address that is free there */
	struct mac mac[2];          /* that it answers at */
	char interface[IF_NAMESIZE]; /* of our namespace, leads to it */
	char version[64];           /* "lwIP 2.1.3" */
};

/* Start it, with this process in the namespace that its interface is in. Errors as stack_open(). */
int lwip_start(struct started *out, struct why *why);
int slirp_start(struct started *out, struct why *why);
int gvisor_start(struct started *out, struct why *why);

/* Move this process into a new network namespace. -EPERM, -ENOSPC. */
int namespace_enter(struct why *why);
/* Bring an interface of this process's namespace up: "lo". */
int interface_up(const char *name, struct why *why);
/* An Ethernet device whose frames are read and written at *fd, which is the caller's. */
int tap_make(const char *name, int *fd, struct why *why);

/*
 * A program that becomes a stack. ready is called in its process, in the namespace of the caller,
 * before the program is started; NULL is fine.
 */
#define PROGRAM_READY_FD 3
struct program {
	const char *path;
	char *const *argv;
	int input; /* its standard input; -1: it has none */
	int (*prepare)(void *arg, struct why *why);
	void *arg;
};
/*
 * Start it and wait until it writes to PROGRAM_READY_FD; what it wrote, up to a line's end, goes
 * to said. It dies with this process. *pid is set also where it does not become ready. -ETIMEDOUT,
 * -EIO with its last line of stderr, or prepare's error.
 */
int program_start(const struct program *program, pid_t *pid, char *said, size_t size,
		  struct why *why);
/* Kill it and wait for its end. 0 is nobody. */
void program_end(pid_t pid);
/* The first line that starts with key in what path says to --version, behind key. -errno. */
int program_version(const char *path, const char *key, char *out, size_t size);

/* Start a process for each service, at its port, in this process's namespace; they die with it. */
int services_start(struct why *why);

#endif
