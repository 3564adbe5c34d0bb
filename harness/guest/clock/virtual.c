/* The clock's arithmetic. */
#include "guest/clock/virtual.h"

int64_t virtual_now(const struct virtual *clock, int64_t machine)
{
	return clock->base + (machine - clock->since) * clock->rate;
}

void virtual_set_rate(struct virtual *clock, int64_t machine, int64_t rate)
{
	clock->base = virtual_now(clock, machine);
	clock->since = machine;
	clock->rate = rate;
}

void virtual_arm(struct virtual *clock, int64_t machine, int64_t after, int64_t interval)
{
	clock->deadline = after > 0 ? virtual_now(clock, machine) + after : 0;
	clock->interval = after > 0 ? interval : 0;
}

int64_t virtual_left(const struct virtual *clock, int64_t machine)
{
	const int64_t now = virtual_now(clock, machine);

	return clock->deadline > now ? clock->deadline - now : 0;
}

int64_t virtual_wait(const struct virtual *clock, int64_t machine)
{
	const int64_t left = virtual_left(clock, machine);

	if (clock->deadline == 0 || clock->rate == 0)
		return 0;
	return left > clock->rate ? (left + clock->rate - 1) / clock->rate : 1;
}

int64_t virtual_jump(struct virtual *clock, int64_t machine)
{
	const int64_t left = virtual_left(clock, machine);
	const int64_t before = virtual_now(clock, machine);

	if (left == 0)
		return 0;
	clock->base = (clock->deadline + VIRTUAL_STEP - 1) / VIRTUAL_STEP * VIRTUAL_STEP;
	clock->since = machine;
	virtual_expire(clock, machine);
	return clock->base - before;
}

bool virtual_expire(struct virtual *clock, int64_t machine)
{
	const int64_t now = virtual_now(clock, machine);

	if (clock->deadline == 0 || now < clock->deadline)
		return false;
	if (clock->interval > 0)
		clock->deadline += ((now - clock->deadline) / clock->interval + 1) *
			clock->interval;
	else
		clock->deadline = 0;
	return true;
}
