/* The body of an agent's process. Private to the room. */
#ifndef DUT_CHILD_H
#define DUT_CHILD_H

#include "base/base.h"
#include <sys/types.h>

/*
 * In the child of parent: become an agent on the socket fd, serve, and end the process with status
 * 0, or 1 when it could not start or serve.
 */
_Noreturn void child_run(int fd, pid_t parent, int (*prepare)(void *arg, struct why *why),
                         void *arg);

#endif
