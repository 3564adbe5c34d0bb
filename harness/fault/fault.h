/*
 * fault: what a bad network does to frames.
 *
 * Pure: no I/O and no clock. A channel is one direction of a link with a list of faults. The caller
 * puts frames into it with the times of their arrival, and takes frames out of it with the times at
 * which they leave. What leaves, and when, depends on the faults, the frames, their times and a
 * seed alone, and not on how often the caller asks; so a run can be repeated.
 *
 * Each frame passes the faults of the list in their order, as it would pass several boxes in a row:
 * "duplicate 5%" before "jitter 30ms" gives each copy a delay of its own, and after it gives both
 * the same. Each fault draws from a random sequence of its own.
 */
#ifndef FAULT_FAULT_H
#define FAULT_FAULT_H

#include "base/base.h"

enum fault_kind {
	FAULT_LOSS,       /* drops a frame with the probability .rate */
	FAULT_BURST_LOSS, /* drops frames by the Gilbert-Elliott model .burst */
	FAULT_DUPLICATE,  /* sends a frame twice, at the same time, with the probability .rate */
	FAULT_DELAY,      /* delays each frame by .time; their order stays */
	FAULT_JITTER,     /* delays each frame by a random time from 0 to .time: reorders them */
	FAULT_MERGE,      /* joins consecutive TCP segments; see below */
};

/*
 * The Gilbert-Elliott model: a channel of two states, good at first. Each frame is judged by the
 * present state; then the state may change. Probabilities, 0 to 1.
 */
struct fault_burst {
	double begin;     /* of a change from good to bad */
	double end;       /* of a change from bad to good */
	double lost_bad;  /* of the loss of a frame in the bad state */
	double lost_good; /* of the loss of a frame in the good state */
};

/*
 * FAULT_MERGE does what a box with LRO or GRO does: a TCP segment with data waits up to .time for
 * the one that continues it (same addresses, ports, acknowledgement, window, options, TTL and
 * traffic class; in order and with a good checksum), which is appended, up to IP packets of .bytes.
 * A segment that does not continue it ends the wait; so does a FIN. Unlike GRO, PSH does not.
 */
struct fault {
	enum fault_kind kind;
	double rate;
	struct fault_burst burst;
	nanos time;
	size_t bytes;
};

/*
 * Reads a fault:
 *   loss RATE | duplicate RATE        RATE is a percentage: 3%, 0.5%
 *   burst-loss RATE LENGTH            that rate over all, in bursts of LENGTH frames on average
 *   delay TIME | jitter TIME          TIME has a unit: 40ms, 500us, 1s
 *   merge BYTES TIME                  BYTES from 100 to 65535
 * Returns 0, or -EINVAL with why.
 */
int fault_parse(const char *text, struct fault *out, struct why *why);

struct fault_channel;

/* A channel with a copy of n faults; NULL without memory. */
struct fault_channel *fault_channel_new(const struct fault *faults, size_t n, uint64_t seed);
void fault_channel_free(struct fault_channel *channel);

/*
 * Puts in a copy of an Ethernet frame that arrives at the time now, on any clock. Times must not
 * decrease from call to call, those of fault_channel_take() included. 0, or -ENOMEM.
 */
int fault_channel_put(struct fault_channel *channel, const uint8_t *bytes, size_t len, nanos now);

/* The time at which to call fault_channel_take() next; NANOS_MAX while the channel is empty. */
nanos fault_channel_due(const struct fault_channel *channel);

struct fault_frame {
	nanos at; /* when it leaves; never later than the time of the call that returned it */
	size_t len;
	uint8_t bytes[];
};

/* The next frame that leaves by the time now, to be freed with free(), or NULL if there is none. */
struct fault_frame *fault_channel_take(struct fault_channel *channel, nanos now);

/* How many frames the faults have changed so far. */
struct fault_counts {
	unsigned long put, taken;
	unsigned long lost;
	unsigned long duplicated; /* copies that were added */
	unsigned long merged;     /* segments that were appended to another one */
	bool failed;              /* a copy is missing because memory ran out */
};
struct fault_counts fault_channel_counts(const struct fault_channel *channel);

#endif
