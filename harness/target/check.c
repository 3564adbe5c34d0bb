/*
 * The qualities of a path, by a burst of samples: in a process of its own, since it is asked for
 * while a run goes on, and since a process has one wire.
 */
#include "target/process.h"
#include "target/sampler.h"
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * With 100 requests in each direction a loss of 3 % is seen all but once in 400 checks. They come
 * no faster than hosts answer echo requests (FreeBSD: 200 a second).
 */
#define BURST 100
#define BURST_EVERY ms(5)
/* With a low rate of the run, what it allows in so long. */
#define BURST_TIME_MAX 2u
#define BURST_LEAST 4
/* How long a further copy of the last reply is waited for. */
#define COPY_PATIENCE ms(50)
#define CHECK_TIME sec(10)

struct told {
	int error;
	struct why why;
	struct path_facts facts;
};

struct path_check {
	struct process process;
	const struct lab_target *target;
};

enum path_kind path_kind_of(const struct lab_target *target)
{
	if (target->sure)
		return PATH_OWN;
	if (target->direct)
		return PATH_DIRECT;
	return target->link->routed || target->behind ? PATH_ROUTED : PATH_DIRECT;
}

static int burst_size(const struct lab_target *target)
{
	const unsigned rate = target->keeper ? link_rate(target->keeper) : 0;

	if (!rate || rate * BURST_TIME_MAX >= BURST)
		return BURST;
	return rate * BURST_TIME_MAX > BURST_LEAST ? (int)(rate * BURST_TIME_MAX) : BURST_LEAST;
}

/* Pairs, one right after the other, so that what overtakes shows. */
static int burst(struct sampler *sampler, struct why *why)
{
	const nanos begun = clock_monotonic();
	const int size = burst_size(sampler->target);
	int r = 0;

	for (int i = 0; i < size && !r; i++) {
		r = sampler_send(sampler, why);
		if (!r && i % 2)
			r = sampler_hear(sampler, begun + (i + 1) * BURST_EVERY, false, why);
	}
	if (!r)
		r = sampler_hear(sampler, clock_monotonic() + SAMPLE_PATIENCE, true, why);
	if (!r)
		r = sampler_hear(sampler, clock_monotonic() + COPY_PATIENCE, false, why);
	return r;
}

static int check_run(void *arg, int fd)
{
	const struct path_check *check = arg;
	const struct lab_target *target = check->target;
	struct told told = {.facts.kind = path_kind_of(target)};
	struct samples *samples = calloc(1, sizeof(*samples));
	struct sampler sampler = {.by = PATH_REQUEST_NONE};

	if (samples)
		told.error = sampler_open(&sampler, target, samples,
					  (uint16_t)(target->check_high - PATH_PORTS_CHECK + 1),
					  target->check_high, &told.why);
	else
		told.error = why_set(&told.why, ENOMEM, "out of memory");
	process_drop_capabilities();
	if (!told.error)
		told.error = burst(&sampler, &told.why);
	told.facts.by = sampler.by;
	if (!told.error)
		/* All that had no reply has had its time. */
		samples_add(samples, 0, INT64_MAX, INT64_MAX, &told.facts);
	return write(fd, &told, sizeof(told)) != (ssize_t)sizeof(told);
}

int path_check_begin(struct path_check **out, const struct lab_target *target, struct why *why)
{
	struct path_check *check = calloc(1, sizeof(*check));
	int r;

	if (!check)
		return why_set(why, ENOMEM, "out of memory");
	check->target = target;
	r = process_start(&check->process, check_run, check, why);
	if (r)
		free(check);
	else
		*out = check;
	return r;
}

int path_check_fd(const struct path_check *check)
{
	return check->process.fd;
}

int path_check_end(struct path_check *check, struct path_facts *out, struct why *why)
{
	struct pollfd ready = {.fd = check->process.fd, .events = POLLIN};
	struct told told;
	int r;

	if (poll(&ready, 1, 0) <= 0)
		r = why_set(why, ECANCELED, "the check of the path was not awaited");
	else if (read(ready.fd, &told, sizeof(told)) != (ssize_t)sizeof(told))
		r = why_set(why, EIO, "the process that checks the path has ended early");
	else if (told.error)
		r = why_set(why, -told.error, "%s", told.why.text);
	else
		r = 0;
	if (!r)
		*out = told.facts;
	process_end(&check->process);
	free(check);
	return r;
}

int path_check_await(struct path_check *check, struct path_facts *out, struct why *why)
{
	struct pollfd ready = {.fd = check->process.fd, .events = POLLIN};
	const nanos deadline = clock_monotonic() + CHECK_TIME;

	while (clock_monotonic() < deadline && poll(&ready, 1, (int)(CHECK_TIME / ms(1))) < 0 &&
	       errno == EINTR)
		;
	return path_check_end(check, out, why);
}
