/*
 * The calls for time and idleness that a user-mode kernel makes, answered by a virtual clock.
 *
 * Signals: everything but clock_gettime is called with the kernel's interrupts off, when its own
 * handler of SIGALRM only takes a note; clock_gettime is not, but reads without changing. Idleness
 * and the freeze, which change, block all signals.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "guest/clock/shim.h"
#include "guest/clock/spin.h"
#include "guest/clock/virtual.h"

enum { SECOND = 1000000000, BOOT_RATE = 30 };

static enum shim_mode mode;
static struct virtual virtual;
static struct spin spin;
/* The kernel has one timer, and from 7.0 on a file descriptor on which it waits for its signal. */
static int timer = -1;
static int alarm_fd = -1;

static struct {
	bool wanted;
	int64_t reads;
	int64_t alarms;
	int64_t jumps;
	int64_t skipped;
	int64_t spins;
	int64_t stops;
} stats;

static int64_t nanoseconds(const struct timespec *at)
{
	return (int64_t)at->tv_sec * SECOND + at->tv_nsec;
}

static struct timespec timespec_of(int64_t ns)
{
	return (struct timespec){.tv_sec = ns / SECOND, .tv_nsec = ns % SECOND};
}

int64_t shim_machine(void)
{
	struct timespec at = {0};

	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &at);
	return nanoseconds(&at);
}

enum shim_mode shim_mode(void)
{
	return mode;
}

/* Before main, and again in the program that the kernel becomes when it executes itself anew. */
__attribute__((constructor)) static void start(void)
{
	const char *const wanted = getenv("LASTACK_CLOCK");
	const char *const boot = getenv("LASTACK_CLOCK_BOOT");
	const int64_t rate = boot ? atoll(boot) : BOOT_RATE;

	if (wanted && strcmp(wanted, "registers") == 0)
		mode = SHIM_REGISTERS;
	if (!wanted || strcmp(wanted, "skip") != 0)
		return;
	mode = SHIM_BOOT;
	stats.wanted = getenv("LASTACK_CLOCK_STATS") != NULL;
	virtual.base = virtual.since = shim_machine();
	virtual_set_rate(&virtual, virtual.since, rate > 0 ? rate : 1);
}

static void block_all(sigset_t *before)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, before);
}

/*
 * The timer's signal, to this very thread. It must not become one with a signal of the machine's
 * timer that is still pending: newer kernels drop that one when it is to be delivered and its timer
 * was disarmed meanwhile. Kernels from 7.0 on have the timer's signal sent to the thread, older
 * ones to the process: so what is pending of either is taken away first.
 */
static void raise_alarm(void)
{
	static const struct timespec now;
	sigset_t alarm;

	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	while (syscall(SYS_rt_sigtimedwait, &alarm, NULL, &now, _NSIG / 8) == SIGALRM)
		;
	stats.alarms++;
	syscall(SYS_tgkill, getpid(), (int)syscall(SYS_gettid), SIGALRM);
}

/* While the clock runs the machine's timer keeps the deadline; when it stands nothing does. */
static void arm_machine(void)
{
	const int64_t wait = virtual_wait(&virtual, shim_machine());
	const struct itimerspec when = {
		.it_value = timespec_of(wait),
		.it_interval = timespec_of(wait ? virtual.interval / virtual.rate : 0),
	};

	if (timer >= 0)
		syscall(SYS_timer_settime, timer, 0, &when, NULL);
}

void shim_freeze(void)
{
	sigset_t before;

	if (mode != SHIM_BOOT)
		return;
	block_all(&before);
	virtual_set_rate(&virtual, shim_machine(), 0);
	mode = SHIM_FROZEN;
	arm_machine();
	if (virtual_expire(&virtual, 0))
		raise_alarm();
	rescue_start();
	sigprocmask(SIG_SETMASK, &before, NULL);
}

void shim_pass(void)
{
	spin_moved(&spin);
	if (virtual_jump(&virtual, 0) > 0) {
		page_show(virtual_now(&virtual, 0));
		raise_alarm();
	}
}

void shim_share(const char *address)
{
	char *end;
	const unsigned long at = strtoul(address, &end, 16);

	if (mode != SHIM_FROZEN || *end || !spin.process)
		return;
	page_share(spin.process, at);
	page_show(virtual_now(&virtual, 0));
}

static void note_spin(bool spins)
{
	if (!spins || mode != SHIM_FROZEN)
		return;
	stats.spins++;
	shim_pass();
}

void shim_saw_call(int process, long call)
{
	rescue_beat(process);
	stats.stops++;
	note_spin(spin_call(&spin, process, call));
}

void shim_saw_stop(int process)
{
	rescue_beat(process);
	stats.stops++;
	note_spin(spin_stop(&spin, process));
}

void shim_stats(void)
{
	if (!stats.wanted)
		return;
	dprintf(STDERR_FILENO, "lastack-clock: %lld idle jumps, %.6f s skipped, %lld clock reads, "
		"%lld rescues, %lld spins, %lld alarms, %lld stops\n",
		(long long)stats.jumps, (double)stats.skipped / SECOND, (long long)stats.reads,
		(long long)rescue_count(), (long long)stats.spins, (long long)stats.alarms,
		(long long)stats.stops);
}

/*
 * The guest is idle. Where a signal waits for it, it is not: that comes first. The clock goes to
 * the deadline, and the signal of the timer becomes pending, for the caller to wait for. All
 * signals are blocked from here on, until the caller gives back those that were not.
 */
static bool skip_idle(sigset_t *before)
{
	sigset_t pending;
	int64_t skipped = 0;

	block_all(before);
	sigemptyset(&pending);
	sigpending(&pending);
	if (!sigismember(&pending, SIGIO) && !sigismember(&pending, SIGALRM))
		skipped = virtual_jump(&virtual, shim_machine());
	if (skipped > 0) {
		stats.jumps++;
		stats.skipped += skipped;
		spin_moved(&spin);
		rescue_beat(0);
		if (mode == SHIM_BOOT)
			arm_machine();
		else
			page_show(virtual_now(&virtual, 0));
		raise_alarm();
	}
	return skipped > 0;
}

static bool skips(void)
{
	return timer >= 0 && (mode == SHIM_BOOT || mode == SHIM_FROZEN);
}

/*
 * Wait for a descriptor or for a signal that mask lets through (NULL: those that were not blocked
 * before), which ends the wait also where it was pending already. A signal that came a moment
 * earlier, when the kernel had made up its mind to be idle, was only noted by its handler: so no
 * wait is long, and the kernel looks at its notes after each. -1 with EINTR, or how many
 * descriptors are ready.
 */
static int wait_idle(struct pollfd *fds, nfds_t count, const sigset_t *mask)
{
	static const struct timespec longest = {.tv_nsec = 100000000};
	struct timespec left = longest; /* the call writes what was left */
	sigset_t before;
	int ready;

	skip_idle(&before);
	ready = (int)syscall(SYS_ppoll, fds, count, &left, mask ? mask : &before, _NSIG / 8);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (ready == 0)
		errno = EINTR;
	return ready ? ready : -1;
}

/*
 * A kernel reads the time of day once, when it boots. Whole seconds make its two clocks show the
 * same nanoseconds, whenever that was.
 */
SHIM_EXPORT int clock_gettime(clockid_t clock, struct timespec *at)
{
	if (mode < SHIM_BOOT || (clock != CLOCK_MONOTONIC && clock != CLOCK_REALTIME))
		return (int)syscall(SYS_clock_gettime, clock, at);
	if (clock == CLOCK_REALTIME) {
		const int result = (int)syscall(SYS_clock_gettime, clock, at);

		at->tv_nsec = 0;
		return result;
	}
	stats.reads++;
	rescue_beat(0);
	if (mode == SHIM_FROZEN)
		note_spin(spin_read(&spin));
	*at = timespec_of(virtual_now(&virtual, mode == SHIM_BOOT ? shim_machine() : 0));
	return 0;
}

SHIM_EXPORT int timer_create(clockid_t clock, struct sigevent *event, timer_t *made)
{
	int number;

	if (syscall(SYS_timer_create, clock, event, &number))
		return -1;
	timer = number;
	*made = (timer_t)(intptr_t)number;
	return 0;
}

SHIM_EXPORT int timer_settime(timer_t which, int flags, const struct itimerspec *when,
			      struct itimerspec *old)
{
	int64_t after = nanoseconds(&when->it_value);

	if (mode < SHIM_BOOT)
		return (int)syscall(SYS_timer_settime, which, flags, when, old);
	/*
	 * The kernel asks for a nanosecond more than it needs, and for one more where a program
	 * sleeps, the least slack that there is: with them a jump ends a step late.
	 */
	if (after > 2)
		after -= 2;
	virtual_arm(&virtual, shim_machine(), after, nanoseconds(&when->it_interval));
	if (mode == SHIM_BOOT)
		arm_machine();
	rescue_beat(0);
	return 0;
}

SHIM_EXPORT int timer_gettime(timer_t which, struct itimerspec *left)
{
	if (mode < SHIM_BOOT)
		return (int)syscall(SYS_timer_gettime, which, left);
	memset(left, 0, sizeof(*left));
	left->it_value = timespec_of(virtual_left(&virtual, shim_machine()));
	left->it_interval = timespec_of(virtual.interval);
	return 0;
}

/* Idleness up to 5.10: a nap of a second, which the timer's signal ends. */
SHIM_EXPORT int clock_nanosleep(clockid_t clock, int flags, const struct timespec *span,
				struct timespec *left)
{
	sigset_t before;
	bool skipped;

	if (skips()) {
		skipped = skip_idle(&before);
		sigprocmask(SIG_SETMASK, &before, NULL);
		if (skipped)
			return 0;
	}
	return syscall(SYS_clock_nanosleep, clock, flags, span, left) ? errno : 0;
}

/* Idleness from 5.12 or so to 6.12: any signal ends it. */
SHIM_EXPORT int sigsuspend(const sigset_t *mask)
{
	if (skips())
		return wait_idle(NULL, 0, mask);
	return (int)syscall(SYS_rt_sigsuspend, mask, _NSIG / 8);
}

/* Idleness in newer kernels: the timer's signal is blocked, and read from a file descriptor. */
SHIM_EXPORT int signalfd(int fd, const sigset_t *mask, int flags)
{
	const int made = (int)syscall(SYS_signalfd4, fd, mask, _NSIG / 8, flags);

	if (made >= 0 && sigismember(mask, SIGALRM))
		alarm_fd = made;
	return made;
}

/* poll() by another name: the C library's header says that it only writes what fds points to. */
SHIM_EXPORT int wait_for(struct pollfd *fds, nfds_t count, int timeout) __asm__("poll");

SHIM_EXPORT int wait_for(struct pollfd *fds, nfds_t count, int timeout)
{
	if (timeout < 0 && count == 1 && alarm_fd >= 0 && fds->fd == alarm_fd && skips())
		return wait_idle(fds, count, NULL);
	return (int)syscall(SYS_poll, fds, count, timeout);
}
