/*
 * A DUT that is a process of this machine, as another TCP stack is, may have to wait for a
 * processor. It is late then, and it is not its fault.
 */
#include "peer/inside.h"

void exchange_dut_mark(struct exchange *x)
{
	bool now;

	if (x->config.path.kept_waiting)
		x->dut_waited = (x->config.path.kept_waiting)(x->config.path.arg, &now);
}

bool exchange_dut_starved(const struct exchange *x)
{
	bool now = false;
	nanos waited;

	if (!x->config.path.kept_waiting)
		return false;
	waited = (x->config.path.kept_waiting)(x->config.path.arg, &now) - x->dut_waited;
	return now || waited >= STALL_LIMIT;
}
