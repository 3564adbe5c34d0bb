/*
 * Samples of a path: requests that any host answers, and what came back. Not a public header. Pure:
 * one process writes, and others may read at the same time in memory that they share.
 */
#ifndef TARGET_SAMPLES_H
#define TARGET_SAMPLES_H

#include "target/target.h"
#include <stdatomic.h>

/* Those that are kept; an older one is overwritten. A power of 2. At 20 a second: 13 minutes. */
#define SAMPLES_MAX 16384u
/* A request that has no reply after so long is lost. */
#define SAMPLE_PATIENCE sec(1)

struct sample {
	_Atomic nanos sent; /* monotonic; 0: there is none */
	_Atomic nanos rtt;  /* of the first reply, 1 at least; 0: none came */
	atomic_uint replies;
	atomic_bool overtaken; /* the reply to a later request came before it */
};

struct samples {
	atomic_uint count; /* of all requests sent */
	atomic_uint last;  /* 1 + the highest number that was replied to; 0: none was */
	struct sample at[SAMPLES_MAX];
};

/* A request was sent at this time, monotonic. Returns its number, from 0. */
unsigned samples_sent(struct samples *samples, nanos when);
/* A reply to it was captured, rtt after it left. A number that was not sent is ignored. */
void samples_replied(struct samples *samples, unsigned number, nanos rtt);
/* How many of the requests have no reply yet. */
unsigned samples_unanswered(const struct samples *samples);
/*
 * Add the samples that were sent from since until until (monotonic) to the facts. One that has no
 * reply and is younger than SAMPLE_PATIENCE at the time now is left out.
 */
void samples_add(const struct samples *samples, nanos since, nanos until, nanos now,
		 struct path_facts *facts);

#endif
