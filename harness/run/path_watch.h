/*
 * The path to a host while cases run: measured beside them, and once more after the process of a
 * case that broke has ended. Not a public header.
 */
#ifndef RUN_PATH_WATCH_H
#define RUN_PATH_WATCH_H

#include "run/run.h"

struct path_watch {
	const struct run_target *target; /* NULL: there is no path */
	struct path_monitor *monitor;
	struct path_check *check; /* the one that goes on; NULL: none */
	struct path_facts after;  /* by the last one that ended */
	int error;		  /* of that one: -errno */
	struct why why;
	nanos since;  /* monotonic: what was measured before is not the path's quality any more */
	nanos silent; /* monotonic: since when the host is known to be silent; 0: it answers */
	bool given_up; /* it has been silent for too long */
};

/* Begin to measure, if the target is a host. -errno with why. */
int path_watch_start(struct path_watch *watch, const struct run_target *target, struct why *why);
void path_watch_end(struct path_watch *watch);

/* Begin a check. Its descriptor, which becomes readable, or -errno: see error and why. */
int path_watch_check(struct path_watch *watch);
/* That descriptor is readable: after, error, silent and given_up are as of now. */
void path_watch_take(struct path_watch *watch);

/* What is known of the path for an attempt that ran from began to ended, monotonic. */
void path_watch_facts(const struct path_watch *watch, nanos began, nanos ended,
		      struct verdict_path *out);

#endif
