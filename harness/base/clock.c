#include "base/base.h"
#include <time.h>

static struct {
	const volatile int64_t *time;
	nanos monotonic, realtime;
} shared;

static nanos clock_read(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (nanos)now.tv_sec * 1000000000 + now.tv_nsec;
}

struct timespec clock_timespec(nanos time)
{
	if (time < 0)
		time = 0;
	else if (time > sec(INT32_MAX))
		time = sec(INT32_MAX);
	return (struct timespec){.tv_sec = (time_t)(time / sec(1)),
				 .tv_nsec = (long)(time % sec(1))};
}

void clock_share(const volatile int64_t *time, nanos monotonic, nanos realtime)
{
	shared.monotonic = monotonic;
	shared.realtime = realtime;
	shared.time = time;
}

nanos clock_monotonic(void)
{
	return shared.time ? *shared.time + shared.monotonic : clock_read(CLOCK_MONOTONIC);
}

nanos clock_realtime(void)
{
	return shared.time ? *shared.time + shared.realtime : clock_read(CLOCK_REALTIME);
}

nanos clock_slack(nanos sleep)
{
	const nanos most = 100000000;

	return sleep / 200 < most ? sleep / 200 : most;
}

nanos clock_offset(void)
{
	nanos best = 0, tightest = NANOS_MAX;

	for (int i = 0; i < 3; i++) {
		nanos before = clock_monotonic();
		nanos real = clock_realtime();
		nanos after_ = clock_monotonic();

		if (after_ - before < tightest) {
			tightest = after_ - before;
			best = real - (before + (after_ - before) / 2);
		}
	}
	return best;
}
