/*
 * Can these sysctls be set in a DUT's namespace? Asked before a run starts. Of the run room only.
 */
#ifndef RUN_SYSCTLS_H
#define RUN_SYSCTLS_H

#include "run/run.h"

/*
 * Set each in a fresh network namespace, in a child process. sysctls may be NULL; otherwise a NULL
 * name ends them. -EINVAL for one that is unknown, or takes no such value (why names it); -EPERM
 * and the like where no namespace can be made.
 */
int sysctls_check(const struct lab_sysctl *sysctls, struct why *why);

#endif
