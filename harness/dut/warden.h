/*
 * Sysctls that cases may set, one case at a time each, and what they were before. Private to the
 * room.
 */
#ifndef DUT_WARDEN_H
#define DUT_WARDEN_H

#include "dut/dut.h"

struct warden_entry {
	const char *name; /* the caller's */
	pid_t owner;      /* who has set it; 0: nobody */
	int64_t before;   /* what it was then */
};

struct warden {
	struct warden_entry entries[AGENT_SYSCTLS_MAX];
	size_t n;
};

/* Each must be there, be a number and be ours to set. -E2BIG, or as sysctl_get() and sysctl_set. */
int warden_init(struct warden *warden, const char *const *names, size_t n, struct why *why);
/* -EPERM: not one of them; -EBUSY: another has set it; or as sysctl_set(). */
int warden_set(struct warden *warden, pid_t owner, const char *name, int64_t value,
               struct why *why);
/* Put back all that owner has set. What cannot be is logged. */
void warden_restore(struct warden *warden, pid_t owner);

#endif
