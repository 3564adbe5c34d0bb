/*
 * Another machine's real-time clock, told by when its answers come. Private to the room.
 *
 * What the agent began after we asked it, and what it had done before we heard of it, bound how far
 * its clock is ahead of ours: ended - heard <= ahead <= began - asked. Each call tightens that.
 */
#ifndef DUT_REMOTE_CLOCK_H
#define DUT_REMOTE_CLOCK_H

#include "base/base.h"

struct remote_clock {
	bool known;
	nanos low, high; /* of how far it is ahead */
};

/*
 * All in ns of real time: asked and heard by our clock, began and ended by its own. asked 0: not
 * known. Where the bounds have parted, a clock was stepped or has drifted: the newest holds.
 */
void remote_clock_learn(struct remote_clock *clock, nanos asked, nanos began, nanos ended,
                        nanos heard);
/* Its time as ours: as it is, where the two clocks may well be one. */
nanos remote_clock_ours(const struct remote_clock *clock, nanos theirs);
/* How wrong that may be, ns. */
nanos remote_clock_error(const struct remote_clock *clock);

#endif
