/*
 * The recorder: the observer in a case's process. What happens is copied when it happens, and
 * becomes JSON lines only when the case waits, so that nothing is formatted between a segment heard
 * and the case's answer to it. Of the run room only.
 */
#ifndef RUN_RECORDER_H
#define RUN_RECORDER_H

#include "run/run.h"

struct recorder {
	const char *name, *over; /* of the case; stay the caller's */
	int fd;			 /* where the lines go, non-blocking */
	nanos began;		 /* of the run, monotonic: events count from it */
	nanos case_began;	 /* monotonic */

	struct lab *lab;     /* audited at the end, once it is open */
	nanos first;	     /* time of the first rung, ns since the epoch; 0: none yet */
	struct buffer notes; /* copies of rungs, not encoded yet */
	char what[160];	     /* what the case waits for, not encoded yet, */
	nanos until;	     /* and until when, monotonic; 0: for nothing */
	struct buffer lines; /* encoded, not written yet */
	unsigned long long dropped; /* rungs beyond what may wait in notes and lines */
	bool ending;
};

/* The observer that hands over to this recorder. */
struct observer recorder_observer(struct recorder *recorder);

/* Write that the case has started. */
void recorder_start(struct recorder *recorder, const struct event_case *start);

/* The body has come to its end: audit the lab, write everything, and end the process. */
void recorder_end(struct recorder *recorder) __attribute__((noreturn));
/* There is no lab, for this error (positive), or no way to the DUT: the same, without an audit. */
void recorder_end_without(struct recorder *recorder, int no_lab, int no_reach, const char *message)
	__attribute__((noreturn));

#endif
