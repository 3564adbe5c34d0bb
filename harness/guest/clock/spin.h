/*
 * spin: does the guest wait without sleeping? A clock that moves in idle time alone would let it
 * wait for ever. Counting only: what is counted are the stops at which the kernel takes over from
 * a process of the guest, and the kernel's looks at the clock.
 *
 * Work must not be taken for a spin, since the clock's move would then depend on the machine: the
 * counts know nothing of how long anything took.
 */
#ifndef GUEST_CLOCK_SPIN_H
#define GUEST_CLOCK_SPIN_H

#include <stdbool.h>

/*
 * How often, since the clock moved last or the run of such events was broken:
 *  asks    calls of the guest, none but such as a waiting loop makes: what time is it, has
 *          anything happened, let others run
 *  calls   calls of one process, and not so much as a page fault in between
 *  reads   looks at the clock by the kernel itself, between two stops
 *  stops   stops of any kind: the last resort, far above what thousands of cases need to start
 */
enum {
	SPIN_ASKS = 256,
	SPIN_CALLS = 20000,
	SPIN_READS = 20000,
	SPIN_STOPS = 2000000,
};

struct spin {
	int asks;
	int calls;
	int reads;
	int stops;
	int process;
};

/* The clock moved. */
void spin_moved(struct spin *spin);

/* A process of the guest made this system call (x86-64's number). True if the guest spins. */
bool spin_call(struct spin *spin, int process, long call);

/* A process of the guest stopped for another reason: it works. */
bool spin_stop(struct spin *spin, int process);

/* The guest's kernel read the clock. */
bool spin_read(struct spin *spin);

#endif
