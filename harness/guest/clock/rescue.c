/*
 * The rescue of a guest that burns processor time without a sign of life: a process that computes
 * or waits for a variable to change, with others ready to run, is only interrupted by its kernel's
 * tick; and a kernel may wait for its tick counter to change. Neither would ever end.
 *
 * What counts is processor time: the guest's own and that of the process that it runs. A guest
 * that merely gets little of the machine lives on undisturbed, however long that takes.
 */
#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "guest/clock/shim.h"

/* ns of the machine's time between two looks, and of processor time that is too much. */
enum { LOOK = 250 * 1000 * 1000, ENOUGH = 500 * 1000 * 1000 };

static volatile sig_atomic_t beats;
static volatile sig_atomic_t running;
static sig_atomic_t seen;
static int64_t spent_then;
static int64_t rescues;

static int64_t clock_of(int clock)
{
	struct timespec at = {0};

	if (syscall(SYS_clock_gettime, clock, &at))
		return 0;
	return (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
}

/* The clock of a process's time on the processor is its inverted number and three bits of kind. */
static int64_t spent(void)
{
	const int process = running;

	return clock_of(CLOCK_PROCESS_CPUTIME_ID) + (process ? clock_of(~process * 8 + 2) : 0);
}

static void look(int number)
{
	const sig_atomic_t now = beats;

	(void)number;
	if (now != seen) {
		seen = now;
		spent_then = spent();
		return;
	}
	if (spent() - spent_then < ENOUGH)
		return;
	spent_then = spent();
	rescues++;
	shim_pass();
}

void rescue_start(void)
{
	/* A signal that user-mode Linux does not use; glibc keeps the first two for itself. */
	const int number = SIGRTMIN + 5;
	/* Calls go on after it, on the stack that the kernel's other signals have. */
	const struct sigaction action = {.sa_handler = look, .sa_flags = SA_RESTART | SA_ONSTACK};
	const struct itimerspec every = {{0, LOOK}, {0, LOOK}};
	struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = number};
	int timer = 0;

	event._sigev_un._tid = (int)syscall(SYS_gettid);
	if (sigaction(number, &action, NULL) == 0 &&
	    syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer) == 0)
		syscall(SYS_timer_settime, timer, 0, &every, NULL);
}

void rescue_beat(int process)
{
	beats = (int)((unsigned)beats + 1);
	if (process)
		running = process;
}

int64_t rescue_count(void)
{
	return rescues;
}
