/*
 * What the files of the stack room share. Not a door: nobody else includes it.
 */
#ifndef STACK_INSIDE_H
#define STACK_INSIDE_H

#include "stack/stack.h"
#include <sys/types.h>

/* A program that was started. */
struct running {
	pid_t pid;   /* a child of ours; 0: none */
	int printed; /* a file with what it has printed */
};

/* What is known of a stack that was started. */
struct started {
	struct running running;
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
/*
 * An Ethernet device whose frames are read and written at *fd, which is the caller's; with fd NULL
 * it is there for a program that opens it by its name, and stays when that ends.
 */
int tap_make(const char *name, int *fd, struct why *why);

/* A program that becomes a stack. */
#define PROGRAM_READY_FD 3
#define PROGRAM_KEPT_FD 4
struct program {
	const char *path;
	char *const *argv;
	int input; /* its standard input; -1: it has none */
	int kept;  /* one that prepare() finds at PROGRAM_KEPT_FD; -1: none */
	/* Called in its process, in the caller's namespace, before it is started; NULL is fine. */
	int (*prepare)(void *arg, struct why *why);
	void *arg;
};
/*
 * Start it and wait until it writes to PROGRAM_READY_FD; what it wrote, up to a line's end, goes
 * to said. It dies with this process. *out is set also where it does not become ready, and is the
 * caller's to end. -ETIMEDOUT; -EIO with the last line that it printed.
 */
int program_start(const struct program *program, struct running *out, char *said, size_t size,
		  struct why *why);
/* Kill it and wait for its end. */
void program_end(struct running *running);
/* The first line that starts with key in what path says to --version, behind key. -errno. */
int program_version(const char *path, const char *key, char *out, size_t size);

/* Start a process for each service, at its port, in this process's namespace; they die with it. */
int services_start(struct why *why);

#endif
