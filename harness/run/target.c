/*
 * Cases against a host: what each may use of it.
 */
#include "run/job.h"
#include <errno.h>

/* A second try goes on alone, and what it needs more than others is there. */
#define AGAIN_PORTS 64
#define AGAIN_BLOCKS (RUN_PORTS_AGAIN / AGAIN_PORTS)
#define PORTS_OF_A_CASE_MAX 1024
/* How often a case may wait for a round trip. */
#define TRIPS 250
/* How many segments of its own and others' it may wait for, where the rate is the limit. */
#define TURNS 1000

unsigned job_given(const struct run_options *options)
{
	const unsigned services[] = {
		[LAB_SILENT] = SERVICE_WAITS | SERVICE_QUIET | SERVICE_HOLDS,
		[LAB_ECHO] = SERVICE_WAITS | SERVICE_ECHO,
		[LAB_DISCARD] = SERVICE_WAITS | SERVICE_QUIET,
		[LAB_GREET] = SERVICE_GREET,
		[LAB_HTTP] = SERVICE_WAITS | SERVICE_CLOSE,
		[LAB_OTHER] = SERVICE_WAITS,
		[LAB_UNKNOWN] = 0,
	};
	const unsigned all = SERVICE_ECHO | SERVICE_GREET | SERVICE_CLOSE | SERVICE_WAITS |
			     SERVICE_QUIET | SERVICE_HOLDS;
	const struct run_target *target = options->target;
	unsigned given = BLACK_BOX;

	/* What takes hours is in the plan only where it does not. */
	if (!target)
		return given | all | DUT_AGENT | SYSCTLS | FLOOD | VIRTUAL_TIME;
	given |= target->intrusive ? FLOOD : 0u;
	/* The agent plays every service. */
	if (target->reach)
		return given | all | DUT_AGENT | (target->sysctls ? SYSCTLS : 0u);
	return given | services[target->lab.service];
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
	*out = target->lab;
	out->port_low = job->again ? job->again_low : job->port_low;
	out->port_high = job->again ? job->again_high : job->port_high;
	out->again = job->again;
	out->broken_at = job->broken_at;
	run_target_check_ports(out, target->port_low, target->port_high);
}
