/*
 * Requests and replies become loss, duplication, reordering, and times of the round trip.
 */
#include "target/samples.h"

static struct sample *sample_at(struct samples *samples, unsigned number)
{
	return &samples->at[number % SAMPLES_MAX];
}

unsigned samples_sent(struct samples *samples, nanos when)
{
	const unsigned number = atomic_load(&samples->count);
	struct sample *sample = sample_at(samples, number);

	/* A reader skips it until its time is there. */
	atomic_store(&sample->sent, 0);
	atomic_store(&sample->rtt, 0);
	atomic_store(&sample->replies, 0);
	atomic_store(&sample->overtaken, false);
	atomic_store(&sample->sent, when);
	atomic_store(&samples->count, number + 1);
	return number;
}

void samples_replied(struct samples *samples, unsigned number, nanos rtt)
{
	const unsigned count = atomic_load(&samples->count), last = atomic_load(&samples->last);
	struct sample *sample = sample_at(samples, number);

	if (number >= count || count - number > SAMPLES_MAX)
		return;
	if (atomic_fetch_add(&sample->replies, 1) > 0)
		return;
	atomic_store(&sample->rtt, rtt > 0 ? rtt : 1);
	if (number + 1 < last)
		atomic_store(&sample->overtaken, true);
	else
		atomic_store(&samples->last, number + 1);
}

unsigned samples_unanswered(const struct samples *samples)
{
	const unsigned count = atomic_load(&samples->count);
	const unsigned kept = count < SAMPLES_MAX ? count : SAMPLES_MAX;
	unsigned unanswered = 0;

	for (unsigned i = 0; i < kept; i++)
		unanswered += !atomic_load(&samples->at[i].replies);
	return unanswered;
}

static void rtt_add(struct path_facts *facts, nanos rtt)
{
	if (!facts->rtt_least || rtt < facts->rtt_least)
		facts->rtt_least = rtt;
	if (rtt > facts->rtt_worst)
		facts->rtt_worst = rtt;
}

void samples_add(const struct samples *samples, nanos since, nanos until, nanos now,
		 struct path_facts *facts)
{
	const unsigned count = atomic_load(&samples->count);
	const unsigned kept = count < SAMPLES_MAX ? count : SAMPLES_MAX;

	for (unsigned i = 0; i < kept; i++) {
		const struct sample *sample = &samples->at[i];
		const nanos sent = atomic_load(&sample->sent);
		const unsigned replies = atomic_load(&sample->replies);

		if (!sent || sent < since || sent > until ||
		    (!replies && now - sent < SAMPLE_PATIENCE))
			continue;
		facts->sent++;
		facts->lost += !replies;
		facts->duplicated += replies > 1 ? replies - 1 : 0;
		facts->reordered += atomic_load(&sample->overtaken);
		if (replies)
			rtt_add(facts, atomic_load(&sample->rtt));
	}
}
