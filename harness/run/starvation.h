/*
 * Whether a case ran past its budget because its processes had to wait for a processor. Of the run
 * room only.
 */
#ifndef RUN_STARVATION_H
#define RUN_STARVATION_H

#include "base/base.h"
#include <sys/types.h>

/*
 * The time that a process and its living descendants ran on a processor, and the time that they
 * were ready to run while other processes ran, ns since each began. Both are 0 where the kernel
 * does not say (no /proc/PID/schedstat).
 */
struct cpu_use {
	nanos ran, waited;
};
struct cpu_use cpu_use_of(pid_t pid);
/* The same without the descendants. */
struct cpu_use cpu_use_of_process(pid_t pid);
/* Is the process running, or ready to run, now? False too if there is no such process. */
bool process_is_runnable(pid_t pid);

/*
 * Is it this machine's fault that a case is past its budget after so much time? It is where its
 * processes waited so long for a processor that the rest of the time is within the budget. A case
 * whose processes used a lot of a processor is no such case: it does not come to its end.
 */
bool starved(const struct cpu_use *use, nanos took, nanos budget);

#endif
