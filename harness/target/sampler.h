/*
 * The sampler: sends requests that rest on no rule of TCP under test, and captures the replies. Not
 * a public header. One per process, since a process has one wire.
 */
#ifndef TARGET_SAMPLER_H
#define TARGET_SAMPLER_H

#include "target/samples.h"

/* Of the check's ports, the last are for path_check_begin(), and those before for the monitor. */
#define PATH_PORTS_CHECK 16
#define PATH_PORTS_MONITOR 16

/* A reply that comes after so many further requests is ignored. */
#define SAMPLER_OPEN 256u

struct sampler {
	const struct lab_target *target;
	struct samples *samples; /* the caller's */
	struct wire *wire;
	enum path_request by; /* what is sent: one of the kinds, or PATH_REQUEST_NONE */
	bool syns_too;        /* every second request is a SYN to the open port */
	uint64_t nonce;       /* of this process: tells its replies from those to others */
	uint16_t port_low, port_high;
	nanos left[SAMPLER_OPEN]; /* when a request left, by its number; since the epoch */
};

/*
 * Open the wire, and find out what is answered: ICMP echo requests; if they are not, and the target
 * is on the link, ARP or neighbour solicitations; else SYNs. ports: where SYNs come from.
 * -EHOSTUNREACH: nothing is answered, and by is PATH_REQUEST_NONE; or the errno of the wire.
 */
int sampler_open(struct sampler *sampler, const struct lab_target *target, struct samples *samples,
		 uint16_t port_low, uint16_t port_high, struct why *why);
/* Send the next request, when the run's rate allows it. -errno with why. */
int sampler_send(struct sampler *sampler, struct why *why);
/* Take in replies until the deadline, monotonic; with all, not longer than until all are there. */
int sampler_hear(struct sampler *sampler, nanos deadline, bool all, struct why *why);

/* path_check_end(), once the check has ended. */
int path_check_await(struct path_check *check, struct path_facts *out, struct why *why);

#endif
