/*
 * The clock shim: a library that is preloaded into a user-mode Linux kernel, between it and the C
 * library. It lets Debian's kernels, which know nothing of it, skip their idle time.
 *
 *	LD_PRELOAD=/.../liblastack-clock.so LASTACK_CLOCK=skip linux.uml ...
 *
 * LASTACK_CLOCK        skip: the guest's time is virtual. registers: only what the registers of
 *                      newer processors need is done (registers.c), for a kernel with a virtual
 *                      time of its own. Otherwise the library does nothing.
 * LASTACK_CLOCK_BOOT   how much faster than the machine's the guest's clock runs while it boots:
 *                      30, unless said otherwise. The loops with which a kernel measures how fast
 *                      it is then take a thirtieth.
 * LASTACK_CLOCK_STATS  1: with the guest's stat() of /.lastack-clock/stats a line is written to
 *                      standard error.
 *
 * The guest's first stat() of /.lastack-clock/freeze, on its hostfs of the machine's root, ends
 * the boot. From then on:
 *
 *  - Nothing that the guest does takes time: all clock reads between two waits give the same.
 *  - When all of the guest waits, its clock jumps to the deadline of its timer, and the timer's
 *    signal comes at once.
 *  - A guest that waits without sleeping is found by what it does (spin.h), or by the processor
 *    time that it burns while it does nothing that can be seen (rescue.c); then, too, the clock
 *    jumps to the deadline, which a busy kernel's tick keeps within 10 ms.
 *
 * With stat() of /.lastack-clock/page-ADDRESS a program of the guest names a page of its own that
 * the time is written on from then on: see shim_share().
 *
 * So the guest's time depends on what it does alone, never on how fast the machine is.
 *
 * It must be told to the kernel's program only, not to a shell or timeout(1) around it.
 */
#ifndef GUEST_CLOCK_SHIM_H
#define GUEST_CLOCK_SHIM_H

#include <stdbool.h>
#include <stdint.h>

#define SHIM_EXPORT __attribute__((visibility("default")))

enum shim_mode { SHIM_OFF, SHIM_REGISTERS, SHIM_BOOT, SHIM_FROZEN };

/* What LASTACK_CLOCK asked for, and how far it has come. */
enum shim_mode shim_mode(void);

/* The machine's own monotonic clock, ns. */
int64_t shim_machine(void);

/* The boot is over. */
void shim_freeze(void);

/* The guest spins: let the timer fire. */
void shim_pass(void);

/* What the guest did, for its spins to be seen. process is one of the guest's, call its number. */
void shim_saw_call(int process, long call);
void shim_saw_stop(int process);

/*
 * A program of the guest has a writable, shared page at this address, in hexadecimal digits, and
 * wants to read there what the clock shows: ns, as a kernel reads it, 0 until the shim has found
 * the page. Once the boot is over; for a guest whose processes are run under ptrace.
 */
void shim_share(const char *address);

/* Write the line of statistics. */
void shim_stats(void);

/*
 * page.c: find the page that a process of the guest has there, among this process's own mappings;
 * and write the time on it, if there is one.
 */
void page_share(int process, unsigned long address);
void page_show(int64_t now);

/*
 * rescue.c: watch a frozen guest. rescue_beat() says that it lives, and with which process
 * (0: the same as before); a guest that burns the processor between two beats is rescued by
 * shim_pass(). Returns how often that was.
 */
void rescue_start(void);
void rescue_beat(int process);
int64_t rescue_count(void);

#endif
