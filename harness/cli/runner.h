/*
 * A run in a process of its own, so that some can go on at a time. Of the cli room only.
 */
#ifndef CLI_RUNNER_H
#define CLI_RUNNER_H

#include "cli/cli.h"
#include <sys/types.h>

struct runner {
	pid_t pid;	     /* 0: it is not there any more */
	int events;	     /* what it tells; -1: nothing will come */
	struct buffer heard; /* of that, what was not reported yet */
	nanos began;
	bool virtual_time;
	bool broken;	/* it told what is no event, why says what */
	bool ended;	/* it came to its end, and this is how: */
	int status;	/* as that of run_cases() */
	struct why why; /* of a status below 0 */
};

/* What runs there: as run_cases(), with this reporter. */
typedef int runner_run(void *arg, struct reporter *events, struct why *why);

/* Start it, with the signals of this process blocked as they are. -errno with why. */
int runner_start(struct runner *out, runner_run *run, void *arg, struct why *why);
/* Take in what there is to hear. False: that was all. */
bool runner_hear(struct runner *runner);
/* Hand what was heard to a reporter. */
void runner_report(struct runner *runner, struct reporter *reporter);
/* Its end: wait for it. Returns the run's status, -errno with runner->why where it did not run. */
int runner_end(struct runner *runner);

#endif
