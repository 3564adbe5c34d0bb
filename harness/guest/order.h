/*
 * The order: what is to be run, from outside to the guest, as one JSON text. Of the guest room
 * only.
 */
#ifndef GUEST_ORDER_H
#define GUEST_ORDER_H

#include "guest/guest.h"

#define ORDER_BYTES_MAX (1u << 18)
#define ORDER_NAMES_MAX 4096
#define ORDER_SYSCTLS_MAX 64
/*
 * The order goes through a terminal's line: in lines of so many bytes, each of them answered by
 * GUEST_GO_ON, and an empty one at the end. The guest says GUEST_READY first.
 */
#define ORDER_LINE_MAX 1000u
#define GUEST_READY "lastack guest ready"
#define GUEST_GO_ON "lastack guest go on"
/* And last of all, behind its events: GUEST_END STATUS [TEXT]. */
#define GUEST_END "lastack guest end "

struct order {
	struct run_options run; /* catalogue, profile and reporters are not told */
	const char **selectors;
	size_t selector_count;
	const char *profile;
	const char *stack; /* see guest_options */
	const char *machine;	 /* for run_options */
	const char *modules[32]; /* ended by NULL */
	bool freeze;		 /* the clock shim wants to be told when boot is over */
	const char *carrier;	 /* the device that takes the evidence; NULL: the folder is there */
	struct lab_sysctl sysctls[ORDER_SYSCTLS_MAX + 1];
	void *json; /* what the strings belong to */
};

/* Append the JSON, without a line end. -ENOMEM. */
int order_write(struct buffer *out, const struct order *order);
/* -EPROTO, with why. order_free() frees what it holds. */
int order_read(const char *text, size_t len, struct order *out, struct why *why);
void order_free(struct order *order);

#endif
