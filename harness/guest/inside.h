/*
 * What is done in the guest before a run. Of the guest room only.
 */
#ifndef GUEST_INSIDE_H
#define GUEST_INSIDE_H

#include "guest/order.h"

/*
 * Make this program and its libraries one piece of memory that children inherit, before the first
 * fork. Under user-mode Linux a page fault costs what 100 system calls cost elsewhere. Where it
 * cannot be done, all is as before, but slower.
 */
void warm_up(void);

/*
 * Have the time written by the clock shim where all of the run can read it without a system call,
 * if it can do that, and the guest's own clocks agree.
 */
void clock_take(void);

#endif
