/*
 * A DUT that is a process of this machine, as another TCP stack is, may have to wait for a
 * processor. It is late then, and it is not its fault.
 */
#include "peer/inside.h"

#define SHARE 20 /* a DUT that waits for less than this part of a time is not late by it */

void exchange_dut_mark(struct exchange *x)
{
	bool now;

	x->dut_marked = clock_monotonic();
	if (x->config.path.kept_waiting)
		x->dut_waited = (x->config.path.kept_waiting)(x->config.path.arg, &now);
}

bool exchange_dut_starved(const struct exchange *x)
{
	const nanos took = clock_monotonic() - x->dut_marked;
	bool now = false;
	nanos waited;

	if (!x->config.path.kept_waiting)
		return false;
	waited = (x->config.path.kept_waiting)(x->config.path.arg, &now) - x->dut_waited;
	return (x->silent && now) || (waited >= STALL_LIMIT && waited * SHARE >= took);
}
