/*
 * A channel as a small simulation: each event is a frame that reaches a fault at a time. Events are
 * taken in the order of their times, and each fault puts the frame back for the next fault, at the
 * same time or later, or not at all. Because an event is never taken before its time has come,
 * results do not depend on when the caller asks.
 */
#include "fault/channel.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct fault_channel *fault_channel_new(const struct fault *faults, size_t n, uint64_t seed)
{
	struct fault_channel *channel =
		calloc(1, sizeof(*channel) + n * sizeof(channel->stages[0]));
	struct random seeds = {seed};

	if (!channel)
		return NULL;
	TAILQ_INIT(&channel->events);
	channel->n = n;
	for (size_t i = 0; i < n; i++) {
		channel->stages[i].fault = faults[i];
		channel->stages[i].random.state = random_next(&seeds);
	}
	return channel;
}

void event_free(struct event *event)
{
	if (event)
		free(event->frame);
	free(event);
}

void fault_channel_free(struct fault_channel *channel)
{
	struct event *event;

	if (!channel)
		return;
	while ((event = TAILQ_FIRST(&channel->events))) {
		TAILQ_REMOVE(&channel->events, event, next);
		event_free(event);
	}
	free(channel);
}

void channel_insert(struct fault_channel *channel, struct event *event)
{
	struct event *before = TAILQ_LAST(&channel->events, event_list);

	while (before && before->at > event->at)
		before = TAILQ_PREV(before, event_list, next);
	if (before)
		TAILQ_INSERT_AFTER(&channel->events, before, event, next);
	else
		TAILQ_INSERT_HEAD(&channel->events, event, next);
}

static struct event *event_new(const uint8_t *bytes, size_t len, nanos at, size_t stage)
{
	struct event *event = calloc(1, sizeof(*event));

	if (!event)
		return NULL;
	event->at = at;
	event->stage = stage;
	event->room = len;
	event->frame = malloc(sizeof(*event->frame) + len);
	if (!event->frame) {
		free(event);
		return NULL;
	}
	event->frame->len = len;
	if (len)
		memcpy(event->frame->bytes, bytes, len);
	return event;
}

int fault_channel_put(struct fault_channel *channel, const uint8_t *bytes, size_t len, nanos now)
{
	struct event *event = event_new(bytes, len, now, 0);

	if (!event)
		return -ENOMEM;
	channel->counts.put++;
	channel_insert(channel, event);
	return 0;
}

/* True with this probability. */
static bool draw(struct stage *stage, double probability)
{
	return (double)(random_next(&stage->random) >> 11) * 0x1p-53 < probability;
}

static bool lost_in_burst(struct stage *stage)
{
	const struct fault_burst *burst = &stage->fault.burst;
	const bool lost = draw(stage, stage->bad ? burst->lost_bad : burst->lost_good);

	if (draw(stage, stage->bad ? burst->end : burst->begin))
		stage->bad = !stage->bad;
	return lost;
}

static void lose(struct fault_channel *channel, struct event *event)
{
	channel->counts.lost++;
	event_free(event);
}

static void duplicate(struct fault_channel *channel, const struct event *event)
{
	struct event *copy =
		event_new(event->frame->bytes, event->frame->len, event->at, event->stage + 1);

	if (!copy) {
		channel->counts.failed = true;
		return;
	}
	channel->counts.duplicated++;
	channel_insert(channel, copy);
}

/* The event, which is in no list, has reached its stage. */
static void apply(struct fault_channel *channel, struct event *event)
{
	struct stage *stage = &channel->stages[event->stage];
	const struct fault *fault = &stage->fault;

	switch (fault->kind) {
	case FAULT_LOSS:
		if (draw(stage, fault->rate)) {
			lose(channel, event);
			return;
		}
		break;
	case FAULT_BURST_LOSS:
		if (lost_in_burst(stage)) {
			lose(channel, event);
			return;
		}
		break;
	case FAULT_DUPLICATE:
		if (draw(stage, fault->rate))
			duplicate(channel, event);
		break;
	case FAULT_DELAY:
		event->at += fault->time;
		break;
	case FAULT_JITTER:
		event->at += (nanos)(random_next(&stage->random) % ((uint64_t)fault->time + 1));
		break;
	case FAULT_MERGE:
		merge_take(channel, event);
		return;
	}
	event->stage++;
	channel_insert(channel, event);
}

nanos fault_channel_due(const struct fault_channel *channel)
{
	const struct event *event = TAILQ_FIRST(&channel->events);

	return event ? event->at : NANOS_MAX;
}

struct fault_frame *fault_channel_take(struct fault_channel *channel, nanos now)
{
	struct event *event;

	while ((event = TAILQ_FIRST(&channel->events)) && event->at <= now) {
		struct fault_frame *frame;

		TAILQ_REMOVE(&channel->events, event, next);
		event->held = false;
		if (event->stage < channel->n) {
			apply(channel, event);
			continue;
		}
		frame = event->frame;
		frame->at = event->at;
		event->frame = NULL;
		event_free(event);
		channel->counts.taken++;
		return frame;
	}
	return NULL;
}

struct fault_counts fault_channel_counts(const struct fault_channel *channel)
{
	return channel->counts;
}
