#include "cli/run_numbers.h"
#include "probe/probe.h"
#include <string.h>

#define JOBS_MAX 10000
#define RETRIES_MAX 1000

error_t jobs_take(struct run_options *run, const char *arg, struct argp_state *state)
{
	unsigned long long n;

	if (!number_parse(arg, 10, 1, JOBS_MAX, &n))
		return options_refuse(state, "--jobs %s: want a number from 1 to %d",
				      shown(arg), JOBS_MAX);
	run->jobs = (unsigned)n;
	return 0;
}

error_t seed_take(struct run_options *run, const char *arg, struct argp_state *state)
{
	unsigned long long n;

	if (!number_parse(arg, 0, 0, UINT64_MAX, &n))
		return options_refuse(state, "--seed %s: want a number from 0 to %llu", shown(arg),
				      (unsigned long long)UINT64_MAX);
	run->seed = n;
	return 0;
}

error_t retries_take(struct run_options *run, const char *arg, struct argp_state *state)
{
	unsigned long long n;
	nanos time;

	if (!run->retries.set)
		run->retries = run_retries_default();
	if (number_parse(arg, 10, 0, RETRIES_MAX, &n))
		run->retries.per_case = (unsigned)n;
	else if (strpbrk(arg, "smh") && !spell_duration("--retries", arg, &time, NULL))
		run->retries.time = time;
	else
		return options_refuse(state,
				      "--retries %s: want a number from 0 to %d, or a time like "
				      "30s or 5min",
				      shown(arg), RETRIES_MAX);
	run->retries.set = true;
	return 0;
}
