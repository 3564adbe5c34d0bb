/*
 * The nursery: a process whose memory is as it was before the run's first case, and from which the
 * cases' processes are forked. Of the run room only.
 *
 * A run's own heap grows and is torn to pieces by what its cases say. A child that allocates from
 * it copies a page for each piece that it takes, and so does the run for each page that it writes
 * to after a fork; where a page fault is costly, as in user-mode Linux, that was most of a case.
 */
#ifndef RUN_NURSERY_H
#define RUN_NURSERY_H

#include "run/job.h"

struct nursery {
	int fd;
	const struct plan *plan;
};

/*
 * Fork it. Every job of the plan can be started through it from now on; it ends with this process,
 * or when it is closed, and is to be reaped like any child then. -errno.
 */
int nursery_open(struct nursery *out, const struct plan *plan, const struct run_options *options,
		 nanos run_began, struct why *why);

/*
 * Start a job's process there, a child of this process. The descriptors stay the caller's: where
 * it writes events and errors, and reads the word to begin (-1: none). The process, or -errno.
 */
pid_t nursery_start(struct nursery *nursery, const struct job *job, const int descriptors[3]);

/* Closed already is fine. */
void nursery_close(struct nursery *nursery);

#endif
