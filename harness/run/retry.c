/*
 * Inconclusive cases are run again. What made such a case inconclusive is nearly always that this
 * machine was late, so another attempt begins as soon as the other cases of this run only wait.
 * Nothing here waits for other programs to become idle: they may be busy for ever.
 */
#include "run/schedule.h"

#define ATTEMPTS_AGAIN 4   /* further attempts of a case, unless --retries says otherwise */
#define TIME_AGAIN sec(30) /* see run_retries */
#define PATIENCE sec(10)   /* after so long another attempt begins, busy or not */
#define PAUSE sec(1)	   /* for each further attempt before, so that a busy spell may pass */
#define LOOK_EVERY ms(200) /* how often the cases' use of the processors is measured */
#define BUSY_PERCENT 10	   /* of one processor: less, and the cases only wait */

struct run_retries run_retries_default(void)
{
	return (struct run_retries){.per_case = ATTEMPTS_AGAIN, .time = TIME_AGAIN};
}

static struct run_retries limits(const struct schedule *schedule)
{
	const struct run_retries *retries = &schedule->options->retries;

	return retries->set ? *retries : run_retries_default();
}

/*
 * A host is shared by all cases, and what breaks there twice is its fault: nothing of this run may
 * disturb the second attempt. A lab, or a stack that is started for each case, is the case's own.
 */
static bool is_shared(const struct schedule *schedule)
{
	const struct run_target *target = schedule->options->target;

	return target && !target->make;
}

bool retry_in_time(const struct schedule *schedule, const struct job *job)
{
	struct run_retries retries = limits(schedule);

	if (schedule->interrupted || job->attempt > retries.per_case || !retries.time)
		return false;
	/* Against a host nothing is judged before the second attempt. */
	if (schedule->firsts || (is_shared(schedule) && job->attempt == 1))
		return true;
	return clock_monotonic() < schedule->firsts_ended + retries.time;
}

/*
 * Does a case's process run, or wait for a processor, right now? The scheduler counts such a wait
 * only when it has ended.
 */
static bool one_is_runnable(const struct schedule *schedule)
{
	for (size_t i = 0; i < schedule->plan.count; i++)
		if (schedule->plan.jobs[i].pid &&
		    process_is_runnable(schedule->plan.jobs[i].pid))
			return true;
	return false;
}

/*
 * Returns whether the other cases need no processor. Labs in the making need one most; the caller
 * asks for these. Beyond them the scheduler's counts say what the cases' processes needed since the
 * last look: together next to nothing of a processor, and none of them was kept waiting for one
 * much of the time. The agents of the cases are not measured: an agent works only while its case
 * does. In a guest without these counts, time passes only while nothing needs a processor.
 */
static bool cases_only_wait(struct schedule *schedule)
{
	nanos now = clock_monotonic(), used = 0, since = now - schedule->looked_at;
	bool kept_waiting = false;

	if (since < LOOK_EVERY)
		return schedule->calm;
	for (size_t i = 0; i < schedule->plan.count; i++) {
		struct job *job = &schedule->plan.jobs[i];
		struct cpu_use use, before = job->looked;

		if (!job->pid)
			continue;
		use = cpu_use_of_process(job->pid);
		used += use.ran - before.ran;
		/* A wait that has not ended yet is not counted: well below all of the time. */
		kept_waiting |= 4 * (use.ran + use.waited - before.ran - before.waited) > since;
		job->looked = use;
	}
	/* Over a long time, a busy moment would not be seen. */
	schedule->calm = since < 5 * LOOK_EVERY && used * 100 < since * BUSY_PERCENT &&
			 !kept_waiting && !one_is_runnable(schedule);
	schedule->looked_at = now;
	return schedule->calm;
}

/* May this attempt begin now, as far as the job itself is concerned? */
static bool is_due(const struct schedule *schedule, const struct job *job)
{
	bool going = schedule->running || schedule->next < schedule->plan.count;

	if (job->pid || clock_monotonic() < job->ended + PAUSE * (job->attempt - 1))
		return false;
	if (is_shared(schedule))
		return !schedule->alive && !going;
	return true;
}

/* The case with the fewest attempts so far that may begin, or NULL. */
static struct job *next_due(struct schedule *schedule)
{
	struct job *first = NULL;

	for (size_t i = 0; i < schedule->plan.count; i++) {
		struct job *job = &schedule->plan.jobs[i];

		if (!job->again)
			continue;
		if (!retry_in_time(schedule, job)) {
			job->again = false;
			schedule->waiting--;
			continue;
		}
		if (is_due(schedule, job) && (!first || job->attempt < first->attempt))
			first = job;
	}
	return first;
}

struct job *retry_next(struct schedule *schedule)
{
	struct job *job;
	bool calm;

	if (!schedule->waiting || schedule->full || schedule->watch.silent)
		return NULL;
	/* At a host, what is due has nothing beside it. */
	calm = is_shared(schedule) || (!schedule->opening && cases_only_wait(schedule));
	job = next_due(schedule);
	if (!job)
		return NULL;
	/* Those that cannot wait any longer come one after another, not all at once. */
	if (!calm && (schedule->reopening || clock_monotonic() < job->ended + PATIENCE))
		return NULL;
	/* What its lab needs is seen at the next look. */
	schedule->calm = false;
	return job;
}

nanos retry_look(const struct schedule *schedule)
{
	return schedule->waiting ? clock_monotonic() + LOOK_EVERY : NANOS_MAX;
}
