/*
 * The only process of a user-mode kernel with the clock shim: lets go of the boot's clock, stands
 * at a fixed place of the timer wheel, waits in every way there is, and says on the console how
 * long each took by the guest's own clocks: "WHAT NANOSECONDS". clock.sh judges.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MS INT64_C(1000000)
#define SEC (1000 * MS)

static int64_t now(clockid_t clock)
{
	struct timespec at;

	clock_gettime(clock, &at);
	return (int64_t)at.tv_sec * SEC + at.tv_nsec;
}

static void sleep_until(int64_t when)
{
	const struct timespec at = {.tv_sec = when / SEC, .tv_nsec = when % SEC};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
		;
}

static void say(const char *what, int64_t value)
{
	printf("%s %lld\n", what, (long long)value);
}

static void sleeps(void)
{
	static const struct {
		const char *what;
		int64_t span;
	} all[] = {
		{"sleep_10us", MS / 100},	{"sleep_10ms", 10 * MS},
		{"sleep_200ms", 200 * MS},	{"sleep_4.29s", 4290 * MS},
		{"sleep_4.3s", 4300 * MS},	{"sleep_120s", 120 * SEC},
		{"sleep_7200s", 7200 * SEC},	{"sleep_7200s_again", 7200 * SEC},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		const int64_t began = now(CLOCK_MONOTONIC);

		sleep_until(began + all[i].span);
		say(all[i].what, now(CLOCK_MONOTONIC) - began - all[i].span);
	}
}

/* A timer of the wheel, which rounds to ticks: the two ends of a pipe that stay silent. */
static void waits(void)
{
	struct pollfd fd = {.events = POLLIN};
	const int64_t began = now(CLOCK_MONOTONIC);
	int ends[2];

	if (pipe(ends))
		return;
	fd.fd = ends[0];
	poll(&fd, 1, 1000);
	say("poll_1s", now(CLOCK_MONOTONIC) - began);
}

static struct {
	const volatile int64_t *time;
	int64_t apart;
} shared;

/* The page that the shim writes the time on, and how far the kernel's clock is from it. */
static void page_share(void)
{
	volatile int64_t *const at = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
					  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct stat ignored;
	char path[64];

	if (at == MAP_FAILED)
		return;
	*at = 0;
	snprintf(path, sizeof(path), "/.lastack-clock/page-%lx", (unsigned long)(uintptr_t)at);
	stat(path, &ignored);
	say("page_written", *at != 0);
	shared.time = at;
	shared.apart = now(CLOCK_MONOTONIC) - *at;
	/* One of somebody else's, and no address. */
	say("page_of_nobody", stat("/.lastack-clock/page-1000", &ignored) ? errno : 0);
	say("page_nowhere", stat("/.lastack-clock/page-x", &ignored) ? errno : 0);
}

static void page_check(const char *what)
{
	say(what, now(CLOCK_MONOTONIC) - *shared.time - shared.apart);
}

static void spins(void)
{
	int64_t began = now(CLOCK_MONOTONIC);
	volatile unsigned count = 0;
	int status;
	pid_t child;

	while (now(CLOCK_MONOTONIC) - began < 50 * MS)
		;
	say("spin_on_the_clock", now(CLOCK_MONOTONIC) - began);

	began = now(CLOCK_MONOTONIC);
	while (count < 50000000)
		count++;
	say("compute", now(CLOCK_MONOTONIC) - began);

	began = now(CLOCK_MONOTONIC);
	child = fork();
	if (child == 0) {
		sleep_until(began + 100 * MS);
		_exit(0);
	}
	while (waitpid(child, &status, WNOHANG) == 0)
		;
	say("spin_for_a_child", now(CLOCK_MONOTONIC) - began);
}

/* Two processes that are both ready to run, and a variable that only the other one changes. */
static void spin_in_memory(void)
{
	const int64_t began = now(CLOCK_MONOTONIC);
	int status;
	const pid_t child = fork();

	if (child == 0)
		for (;;)
			;
	sleep_until(began + 20 * MS);
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	say("beside_a_spin_in_memory", now(CLOCK_MONOTONIC) - began);
}

/* Vector registers over a system call in which another process runs, and over a page fault. */
static bool kept(uint64_t pattern, volatile unsigned char *page)
{
	const uint64_t set[4] = {pattern, ~pattern, pattern * 3, pattern * 7};
	uint64_t got[4] = {0};
	long call = SYS_sched_yield;

	__asm__ volatile("movdqu (%[set]), %%xmm6\n\t"
			 "movdqu 16(%[set]), %%xmm13\n\t"
			 "syscall\n\t"
			 "movb $1, (%[page])\n\t"
			 "movdqu %%xmm6, (%[got])\n\t"
			 "movdqu %%xmm13, 16(%[got])"
			 : "+a"(call)
			 : [set] "r"(set), [got] "r"(got), [page] "r"(page)
			 : "rcx", "r11", "xmm6", "xmm13", "memory");
	return memcmp(set, got, sizeof(got)) == 0;
}

/* How often a register was not kept, in three processes that take turns. */
static int registers_lost(void)
{
	enum { ROUNDS = 400, PAGE = 4096 };
	unsigned char *const pages = mmap(NULL, ROUNDS * PAGE, PROT_READ | PROT_WRITE,
					  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const int me = fork() ? fork() ? 1 : 2 : 3;
	int lost = 0;
	int status;

	for (int i = 0; i < ROUNDS; i++)
		if (!kept((uint64_t)(me * 1000 + (i % 3 ? i : 0)), pages + i * PAGE))
			lost++;
	if (me != 1)
		_exit(lost > 0);
	while (wait(&status) > 0)
		lost += status != 0;
	return lost;
}

int main(void)
{
	const int console = open("/dev/console", O_RDWR);
	const int64_t turn = 327680 * MS;
	int64_t apart;
	struct stat ignored;

	if (console < 0)
		return 1;
	dup2(console, 1);
	setvbuf(stdout, NULL, _IOLBF, 0);
	prctl(PR_SET_TIMERSLACK, 1);
	say("freeze", stat("/.lastack-clock/freeze", &ignored) ? errno : 0);
	sleep_until((now(CLOCK_MONOTONIC) / turn + 1) * turn);
	say("aligned", now(CLOCK_MONOTONIC) % turn);
	apart = now(CLOCK_REALTIME) - now(CLOCK_MONOTONIC);
	say("fraction", apart % SEC);
	page_share();
	sleeps();
	page_check("page_after_sleeps");
	waits();
	say("registers_lost", registers_lost());
	spins();
	spin_in_memory();
	page_check("page_after_spins");
	say("drift", now(CLOCK_REALTIME) - now(CLOCK_MONOTONIC) - apart);
	if (!stat("/.lastack-clock/stats", &ignored))
		say("stats", 0);
	say("end", 0);
	sync();
	reboot(RB_POWER_OFF);
	return 1;
}
