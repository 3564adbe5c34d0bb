/*
 * Where the clock shim keeps the guest's time, it is also written on a page that all processes of
 * the run share (clock/page.c): they look at the time hundreds of times a case.
 */
#include "guest/inside.h"
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PAGE "/.lastack-clock/page-%lx"

/* Asked of the kernel, do the clocks show what the page and the offsets say? */
static bool clocks_agree(const volatile int64_t *time, nanos monotonic, nanos realtime)
{
	return clock_monotonic() == *time + monotonic && clock_realtime() == *time + realtime;
}

void clock_take(void)
{
	const struct timespec moment = {.tv_nsec = ms(1)};
	const size_t size = (size_t)sysconf(_SC_PAGESIZE);
	volatile int64_t *time = mmap(NULL, size, PROT_READ | PROT_WRITE,
				      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	nanos monotonic, realtime;
	struct stat ignored;
	char path[64];

	if (time == MAP_FAILED)
		return;
	/* Written to once, it is there to be found. */
	*time = 0;
	snprintf(path, sizeof(path), PAGE, (unsigned long)(uintptr_t)time);
	/* It is not there; asking is what counts. */
	stat(path, &ignored);
	monotonic = clock_monotonic() - *time;
	realtime = clock_realtime() - *time;
	if (*time) {
		clock_nanosleep(CLOCK_MONOTONIC, 0, &moment, NULL);
		if (clocks_agree(time, monotonic, realtime)) {
			clock_share(time, monotonic, realtime);
			return;
		}
		log_debug("the shim's page and the kernel's clocks disagree");
	}
	munmap((void *)(uintptr_t)time, size);
}
