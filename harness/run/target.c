/*
 * Cases against a host: what each may use of it.
 */
#include "run/job.h"
#include "target/target.h"
#include <errno.h>

/* A further attempt goes on alone, and what it needs more than others is there. */
#define AGAIN_PORTS 64
#define AGAIN_BLOCKS (RUN_PORTS_AGAIN / AGAIN_PORTS)
#define PORTS_OF_A_CASE_MAX 1024
/* How often a case may wait for a round trip. */
#define TRIPS 600
/* How many segments of its own and others' it may wait for, where the rate is the limit. */
#define TURNS 1000

/* All that a service may have. */
#define SERVICE_ANY                                                                                \
	(SERVICE_ECHO | SERVICE_GREET | SERVICE_CLOSE | SERVICE_WAITS | SERVICE_QUIET |            \
	 SERVICE_HOLDS)

static const unsigned services[LAB_SERVICES] = {
	[LAB_SILENT] = SERVICE_WAITS | SERVICE_QUIET | SERVICE_HOLDS,
	[LAB_ECHO] = SERVICE_WAITS | SERVICE_ECHO,
	[LAB_DISCARD] = SERVICE_WAITS | SERVICE_QUIET,
	[LAB_GREET] = SERVICE_GREET,
	[LAB_HTTP] = SERVICE_WAITS | SERVICE_CLOSE,
	[LAB_OTHER] = SERVICE_WAITS,
	[LAB_UNKNOWN] = 0,
};

/* The service for a case: one that listens, and has all that the case needs where one has. */
static enum lab_service service_for(const struct run_target *target, unsigned needs)
{
	for (size_t i = 0; i < LAB_SERVICES; i++)
		if (target->services[i] && !(needs & SERVICE_ANY & ~services[i]))
			return (enum lab_service)i;
	return target->lab.service;
}

/* Bits of enum need, for a case that needs this. */
static unsigned given_to(const struct run_options *options, unsigned needs)
{
	const struct run_target *target = options->target;
	/* What takes hours is in the plan only where it does not. */
	unsigned given = BLACK_BOX | VIRTUAL_TIME;

	if (!target || target->timestamps)
		given |= AGREES_TO_TIMESTAMPS;
	if (!target || target->scale)
		given |= AGREES_TO_SCALE;
	if (!target)
		return given | SERVICE_ANY | DUT_AGENT | SYSCTLS | FLOOD | ON_LINK | OWN_DUT |
		       NO_FILTER | NO_STRICT_FILTER | WHOLE_MSS;
	given |= target->intrusive ? FLOOD : 0u;
	given |= target->lab.link && path_kind_of(&target->lab) == PATH_ROUTED ? 0u : ON_LINK;
	given |= target->filter ? 0u : NO_FILTER;
	given |= target->filter_acks ? 0u : NO_STRICT_FILTER;
	given |= target->clamp ? 0u : WHOLE_MSS;
	/* The agent plays every service. */
	if (target->reach)
		return given | SERVICE_ANY | DUT_AGENT | (target->sysctls ? SYSCTLS : 0u);
	return given | services[service_for(target, needs)];
}

const char *job_missing(const struct job *job, const struct run_options *options)
{
	const struct case_record *record = job->entry->record;
	const unsigned needs = job->entry->needs;

	if (options->target && options->target->no_linux && case_level(record) == LEVEL_DOCUMENTED)
		return "is what Linux's manual promises, and this is another stack";
	return verdict_missing(needs, given_to(options, needs));
}

void run_target_check_ports(struct lab_target *lab, uint16_t port_low, uint16_t port_high)
{
	(void)port_low;
	lab->check_high = port_high;
	lab->check_low = (uint16_t)(port_high - LAB_PORTS_CHECK + 1);
}

int plan_ports(struct plan *plan, const struct run_target *target, struct why *why)
{
	unsigned range = target ? (unsigned)target->port_high - target->port_low + 1 : 0;
	unsigned tail = RUN_PORTS_AGAIN + LAB_PORTS_CHECK, size, again;
	nanos extra;

	if (!target || !plan->count)
		return 0;
	if (range < RUN_PORTS(plan->count))
		return why_set(why, EINVAL, "%zu cases need %zu ports, and there are %u",
			       plan->count, RUN_PORTS(plan->count), range);
	extra = TRIPS * target->lab.rtt + (target->rate ? TURNS * sec(1) / target->rate : 0);
	size = (range - tail) / (unsigned)plan->count;
	if (size > PORTS_OF_A_CASE_MAX)
		size = PORTS_OF_A_CASE_MAX;
	again = target->port_high - tail + 1u;
	for (size_t i = 0; i < plan->count; i++) {
		struct job *job = &plan->jobs[i];
		size_t own = target->port_low + i * size;
		size_t second = again + i % AGAIN_BLOCKS * AGAIN_PORTS;

		job->budget += extra;
		job->port_low = (uint16_t)own;
		job->port_high = (uint16_t)(own + size - 1);
		job->again_low = (uint16_t)second;
		job->again_high = (uint16_t)(second + AGAIN_PORTS - 1);
	}
	return 0;
}

void job_target(const struct job *job, const struct run_target *target, struct lab_target *out)
{
	const enum lab_service service = service_for(target, job->entry->record->needs);

	*out = target->lab;
	if (target->services[service]) {
		out->port = target->services[service];
		out->service = service;
	}
	out->port_low = job->attempt > 1 ? job->again_low : job->port_low;
	out->port_high = job->attempt > 1 ? job->again_high : job->port_high;
	out->again = job->attempt > 1;
	run_target_check_ports(out, target->port_low, target->port_high);
}
