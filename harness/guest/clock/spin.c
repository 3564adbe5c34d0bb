/* What tells a spin from work. */
#include <sys/syscall.h>

#include "guest/clock/spin.h"

/* The calls of which a loop consists that waits for a time or an event without sleeping. */
static bool asks(long call)
{
	switch (call) {
	case SYS_clock_gettime:
	case SYS_gettimeofday:
	case SYS_time:
	case SYS_sched_yield:
	case SYS_wait4:
	case SYS_waitid:
	case SYS_poll:
	case SYS_ppoll:
	case SYS_select:
	case SYS_pselect6:
	case SYS_epoll_wait:
	case SYS_epoll_pwait:
		return true;
	default:
		return false;
	}
}

void spin_moved(struct spin *spin)
{
	*spin = (struct spin){.process = spin->process};
}

bool spin_call(struct spin *spin, int process, long call)
{
	spin->reads = 0;
	spin->asks = asks(call) ? spin->asks + 1 : 0;
	spin->calls = process == spin->process ? spin->calls + 1 : 1;
	spin->process = process;
	spin->stops++;
	return spin->asks >= SPIN_ASKS || spin->calls >= SPIN_CALLS || spin->stops >= SPIN_STOPS;
}

bool spin_stop(struct spin *spin, int process)
{
	spin->reads = 0;
	spin->asks = 0;
	spin->calls = 0;
	spin->process = process;
	spin->stops++;
	return spin->stops >= SPIN_STOPS;
}

bool spin_read(struct spin *spin)
{
	spin->reads++;
	return spin->reads >= SPIN_READS;
}
