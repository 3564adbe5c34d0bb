/*
 * What is done in the guest before a run. Of the guest room only.
 */
#ifndef GUEST_INSIDE_H
#define GUEST_INSIDE_H

#include "guest/order.h"

/*
 * Let each page of this program's text and libraries be there before the first fork, in a way that
 * children inherit. Under user-mode Linux a page fault costs what 100 system calls cost elsewhere.
 */
void warm_up(void);

/*
 * Have the time written by the clock shim where all of the run can read it without a system call,
 * if it can do that, and the guest's own clocks agree.
 */
void clock_take(void);

#endif
