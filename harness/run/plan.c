#include "run/job.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define QUICK_BUDGET sec(10)
#define A_DAY sec(86400)

uint64_t job_seed(uint64_t run_seed, const char *name, const char *over)
{
	struct random random = {.state = run_seed};
	uint64_t seed = random_next(&random) ^ random_hash(name);

	random.state = seed;
	return random_next(&random) ^ random_hash(over);
}

/* Longest first; then by name, IPv4 before IPv6. Last come those that go on alone. */
static int by_budget(const void *a, const void *b)
{
	const struct job *left = a, *right = b;

	if (left->alone != right->alone)
		return left->alone - right->alone;
	if (left->budget != right->budget)
		return left->budget > right->budget ? -1 : 1;
	if (left->entry != right->entry)
		return strcmp(left->entry->name, right->entry->name);
	return left->family - right->family;
}

bool case_too_slow(const struct case_record *record, const struct run_options *options)
{
	if (!(record->needs & VIRTUAL_TIME))
		return false;
	return !options->machine || (!options->days && case_budget(record) > A_DAY);
}

/* All cases have one host: what a sysctl there is, it is for each of them. */
static bool is_alone(const struct case_record *record, const struct run_options *options)
{
	return options->target && options->target->sysctls && record->needs & SYSCTLS;
}

/* A DUT whose first timeout is longer than RFC 6298's second needs so much more time. */
static double slowness(const struct profile *profile)
{
	nanos first = profile ? profile_timer(profile, TIMER_SYN_ACK) : 0;

	return first > sec(1) ? (double)first / (double)sec(1) : 1;
}

static void plan_add(struct plan *plan, const struct run_options *options,
		     const struct catalogue_entry *entry, uint8_t family)
{
	const char *over = family == 4 ? "ipv4" : "ipv6";
	nanos budget = case_budget(entry->record);

	if (case_too_slow(entry->record, options)) {
		plan->too_slow++;
		return;
	}
	if (options->quick && budget > QUICK_BUDGET) {
		plan->left_out++;
		return;
	}
	budget = (nanos)((double)budget * slowness(options->profile));
	if (options->time_scale > 1)
		budget = (nanos)((double)budget * options->time_scale);
	plan->jobs[plan->count++] = (struct job){.entry = entry,
						 .family = family,
						 .over = over,
						 .budget = budget,
						 .attempt = 1,
						 .alone = is_alone(entry->record, options),
						 .seed = job_seed(options->seed, entry->name, over),
						 .events = -1,
						 .errors = -1,
						 .go = -1};
}

/* Keep one share; the longest jobs are dealt out first, so that no share has them all. */
static void plan_share(struct plan *plan, unsigned share, unsigned shares)
{
	size_t kept = 0;

	plan->all = plan->count;
	for (size_t i = 0; i < plan->count; i++)
		if (!shares || i % shares == share)
			plan->jobs[kept++] = plan->jobs[i];
	plan->count = kept;
}

const char *plan_slow_way(const struct run_options *options)
{
	if (options->machine)
		return "a kernel with time travel runs them (harness/guest/build)";
	return options->target ? options->target->slow_way : "--kernel uml runs them";
}

static int nothing_left(const struct plan *plan, const struct run_options *options, struct why *why)
{
	const char *way = plan_slow_way(options);

	if (plan->too_slow && !plan->left_out)
		return why_set(why, ENOENT, "each case of the selection takes %s%s%s",
			       options->machine ? "days" : "hours", way ? ": " : "",
			       way ? way : "");
	if (plan->left_out)
		return why_set(why, ENOENT,
			       "--quick leaves no case: all of the selection takes longer");
	if (options->over)
		return why_set(why, ENOENT, "no case of the selection runs over %s",
			       options->over == IPV4 ? "IPv4" : "IPv6");
	return why_set(why, ENOENT, "there is no case to run");
}

int plan_new(struct plan *out, const struct run_options *options, struct why *why)
{
	const struct catalogue *catalogue = options->catalogue;
	unsigned wanted = options->over ? options->over : (unsigned)IPV4 | IPV6;
	struct plan plan = {.jobs = calloc(catalogue->count * 2 + 1, sizeof(*plan.jobs))};

	if (!plan.jobs)
		return why_set(why, ENOMEM, "no memory for the plan");
	for (size_t i = 0; i < catalogue->count; i++) {
		const struct catalogue_entry *entry = &catalogue->entries[i];
		unsigned over = entry->record->over ? entry->record->over : (unsigned)IPV4 | IPV6;

		if (over & wanted & IPV4)
			plan_add(&plan, options, entry, 4);
		if (over & wanted & IPV6)
			plan_add(&plan, options, entry, 6);
	}
	if (!plan.count) {
		free(plan.jobs);
		return nothing_left(&plan, options, why);
	}
	qsort(plan.jobs, plan.count, sizeof(*plan.jobs), by_budget);
	plan_share(&plan, options->share, options->shares);
	if (plan_ports(&plan, options->target, why)) {
		free(plan.jobs);
		return -EINVAL;
	}
	*out = plan;
	return 0;
}

void plan_free(struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		job_close(&plan->jobs[i]);
		ladder_free(plan->jobs[i].ladder);
		free(plan->jobs[i].folder);
	}
	free(plan->jobs);
	*plan = (struct plan){.jobs = NULL};
}
