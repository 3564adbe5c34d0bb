/*
 * A child process that samples a path: it ends with its parent, keeps one descriptor of it, and has
 * no capability once its wire is open. Not a public header.
 */
#ifndef TARGET_PROCESS_H
#define TARGET_PROCESS_H

#include "base/base.h"
#include <sys/types.h>

struct process {
	int fd; /* what run() writes; readable or at its end when the process has ended; -1: none */
	int pidfd;
};

/*
 * Start it: run() gets the writing end of a pipe, and returns the exit status. Descriptors are
 * close-on-exec. -errno with why.
 */
int process_start(struct process *out, int (*run)(void *arg, int fd), void *arg, struct why *why);
/* End it if it has not ended, wait for it, and close. A process that was not started is fine. */
void process_end(struct process *process);
/* In the child, once its sockets are open. */
void process_drop_capabilities(void);

#endif
