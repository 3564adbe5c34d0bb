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

/* What it is made of, for agents that start in another way. */

/* Die with the parent, which may be dead already. The kernel forgets this when credentials grow. */
int child_tie(pid_t parent, struct why *why);
/*
 * What a parent handles or ignores is no matter of ours: of the signals that programs do that with,
 * not of those that are errors. What a terminal sends to all of its processes is the parent's
 * to judge: the agent dies with it anyway.
 */
void child_reset_signals(void);
/* Of all descriptors, keep these, as 3 and on, and standard error. The others are /dev/null. */
int child_keep(int *const fds[], size_t n, struct why *why);
/*
 * What cases ask for needs two capabilities: ports below 1024, and, where admin is true, sysctls
 * and socket options of the network's administrator. All else goes, and cannot come back. A
 * capability that the process has not is told by the kernel, which is far cheaper than libcap-ng's
 * reading of /proc.
 */
int child_drop_capabilities(bool admin, struct why *why);
/* The reply with id 0, which is always the first; over TCP number says how many sysctls there are
 * to be set. */
int child_say_hello(int fd, int error, int64_t number, const struct why *why);

#endif
