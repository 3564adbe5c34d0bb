/*
 * Samples beside a run, in a process of its own; they stand in memory that it shares with the run.
 */
#include "target/process.h"
#include "target/sampler.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Two requests, one right after the other, so that what overtakes shows. */
#define PAIR_EVERY ms(100)
/* Of the run's segments no more than one in so many is the monitor's. */
#define SHARE 20u

struct monitored {
	atomic_int by; /* enum path_request */
	struct samples samples;
};

struct path_monitor {
	struct process process;
	struct lab_target target;
	struct monitored *shared;
};

static nanos pair_every(const struct lab_target *target)
{
	const unsigned rate = target->keeper ? link_rate(target->keeper) : 0;
	const nanos least = rate ? 2 * sec(SHARE) / (nanos)rate : 0;

	return least > PAIR_EVERY ? least : PAIR_EVERY;
}

/* Without an end: the parent ends it, or its own end does. */
static int monitor_run(void *arg, int fd)
{
	struct path_monitor *monitor = arg;
	const struct lab_target *target = &monitor->target;
	const nanos every = pair_every(target);
	const uint16_t high = (uint16_t)(target->check_high - PATH_PORTS_CHECK);
	struct sampler sampler;
	struct why why;
	nanos turn;
	int r;

	(void)fd;
	r = sampler_open(&sampler, target, &monitor->shared->samples,
			 (uint16_t)(high - PATH_PORTS_MONITOR + 1), high, &why);
	process_drop_capabilities();
	if (r)
		return 1;
	atomic_store(&monitor->shared->by, (int)sampler.by);
	for (turn = clock_monotonic(); !r; turn += every) {
		r = sampler_send(&sampler, &why);
		if (!r)
			r = sampler_send(&sampler, &why);
		if (!r)
			r = sampler_hear(&sampler, turn + every, false, &why);
		/* After a time without a processor there is nothing to catch up with. */
		if (turn + every < clock_monotonic())
			turn = clock_monotonic() - every;
	}
	return 1;
}

int path_monitor_start(struct path_monitor **out, const struct lab_target *target, struct why *why)
{
	struct path_monitor *monitor = calloc(1, sizeof(*monitor));
	int r = 0;

	if (!monitor)
		return why_set(why, ENOMEM, "out of memory");
	monitor->target = *target;
	monitor->process.fd = -1;
	monitor->shared = mmap(NULL, sizeof(*monitor->shared), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (monitor->shared == MAP_FAILED) {
		monitor->shared = NULL;
		r = why_set(why, ENOMEM, "out of memory");
	}
	if (!r)
		r = process_start(&monitor->process, monitor_run, monitor, why);
	if (r)
		path_monitor_free(monitor);
	else
		*out = monitor;
	return r;
}

void path_monitor_facts(const struct path_monitor *monitor, nanos since, nanos until,
			struct path_facts *out)
{
	*out = (struct path_facts){.kind = path_kind_of(&monitor->target)};
	out->by = (enum path_request)atomic_load(&monitor->shared->by);
	/* Until then the samples are those by which it is chosen what to send. */
	if (out->by)
		samples_add(&monitor->shared->samples, since, until, clock_monotonic(), out);
}

void path_monitor_free(struct path_monitor *monitor)
{
	if (!monitor)
		return;
	process_end(&monitor->process);
	if (monitor->shared)
		munmap(monitor->shared, sizeof(*monitor->shared));
	free(monitor);
}
