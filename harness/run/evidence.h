/*
 * Evidence: a folder a case, with wire.pcap (the case's process writes it), ladder.txt and
 * verdict.json. Of the run room only.
 */
#ifndef RUN_EVIDENCE_H
#define RUN_EVIDENCE_H

#include "run/job.h"

/*
 * Make the folder of the run, or see that files can be made in it; *made: it was not there before.
 * -EINVAL when it cannot be used, with nothing left behind.
 */
int evidence_prepare(const char *path, bool *made, struct why *why);

/* Make the job's own folder, empty of an earlier run's files, and set job->folder. -errno. */
int evidence_open(struct job *job, const char *path, struct why *why);

/*
 * Write the ladder and the verdict below path, the run's folder. -errno when a file could not be
 * written, or the capture is not there although the lab stood; what was written in part is removed.
 */
int evidence_keep(const struct job *job, const char *path, const struct event *start,
		  const struct event *verdict, struct why *why);

#endif
