/*
 * virtual: a clock that stands still while its owner works, and jumps to the next deadline when
 * its owner has nothing to do. Arithmetic only: no call, no clock of the machine.
 *
 * The shim that Debian's user-mode kernels are started with (see shim.h) keeps one.
 */
#ifndef GUEST_CLOCK_VIRTUAL_H
#define GUEST_CLOCK_VIRTUAL_H

#include <stdbool.h>
#include <stdint.h>

/*
 * User-mode Linux counts its clock in steps of 256 ns, rounded down. A jump ends on such a step,
 * or the kernel would read a time just before its own deadline, and ask for another wake-up.
 */
enum { VIRTUAL_STEP = 256 };

/*
 * Times in ns. While rate is not 0 the clock also runs: rate ns for each ns of the machine's
 * clock, counted from since. deadline 0 is none; interval 0 is a timer that fires once.
 */
struct virtual {
	int64_t base;
	int64_t since;
	int64_t rate;
	int64_t deadline;
	int64_t interval;
};

/* The time, when the machine's clock shows machine. */
int64_t virtual_now(const struct virtual *clock, int64_t machine);

/* From now on the clock runs at this rate; 0 stops it. */
void virtual_set_rate(struct virtual *clock, int64_t machine, int64_t rate);

/* Set the timer to fire after this long, and then each interval; after 0 disarms it. */
void virtual_arm(struct virtual *clock, int64_t machine, int64_t after, int64_t interval);

/* How long it is to the deadline: 0 if there is none, or it has passed. */
int64_t virtual_left(const struct virtual *clock, int64_t machine);

/*
 * How long the machine's clock runs until the deadline is reached, rounded up: at least 1; 0 where
 * that never happens, without a deadline or with a clock that stands.
 */
int64_t virtual_wait(const struct virtual *clock, int64_t machine);

/*
 * Go to the deadline, if there is one ahead. The timer has fired then: it has its next deadline,
 * or none. Returns how far the clock went, 0 if it did not move.
 */
int64_t virtual_jump(struct virtual *clock, int64_t machine);

/*
 * The machine's own timer has fired, or the deadline went by: take the deadline that has passed
 * away, or move it on. True if there was one.
 */
bool virtual_expire(struct virtual *clock, int64_t machine);

#endif
