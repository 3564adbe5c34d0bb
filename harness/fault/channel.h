/* What the files of fault share: a channel is a queue of events ordered by time. */
#ifndef FAULT_CHANNEL_H
#define FAULT_CHANNEL_H

#include "fault/fault.h"
#include <sys/queue.h>

/* A frame on its way: at this time it reaches the fault at index stage, or leaves. */
struct event {
	TAILQ_ENTRY(event) next;
	nanos at;
	size_t stage;
	bool held; /* it waits in a FAULT_MERGE, whose index is stage - 1 */
	size_t room;
	struct fault_frame *frame;
};

struct stage {
	struct fault fault;
	struct random random;
	bool bad; /* FAULT_BURST_LOSS: the state */
};

TAILQ_HEAD(event_list, event);

struct fault_channel {
	struct event_list events;
	struct fault_counts counts;
	size_t n;
	struct stage stages[];
};

/* Inserts the event by its time, after those of the same time. */
void channel_insert(struct fault_channel *channel, struct event *event);
void event_free(struct event *event);

/* What a FAULT_MERGE does with an event that has reached it; owns the event. */
void merge_take(struct fault_channel *channel, struct event *event);

#endif
