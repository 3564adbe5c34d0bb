/*
 * Connections that an agent has accepted and that have not sent a whole hello: they have no process
 * yet, so that many cost little. Their bytes are counted here, and read by the process alone.
 * Private to the module.
 */
#ifndef DUT_WAITING_H
#define DUT_WAITING_H

#include "dut/refusals.h"
#include <poll.h>

#define WAITING_MAX 256 /* beyond these, the source that has most of them loses its oldest */

struct waiting_one {
	int conn;
	bool whole;  /* its hello is there, or its end: it waits for a process */
	nanos until; /* monotonic: its hello is due */
	struct agent_address from;
};
struct waiting {
	struct waiting_one all[WAITING_MAX]; /* in the order in which they came */
	size_t n;
	struct refusals *refusals; /* of those that are sent away */
};

/* Take a connection, which is the table's now. */
void waiting_add(struct waiting *waiting, int conn, const struct agent_address *from);
/* Fill in what poll() is to look at, one for each. */
void waiting_poll(const struct waiting *waiting, struct pollfd *polls);
/* Take in what poll() found of the first n; send away those whose time is over. */
void waiting_hear(struct waiting *waiting, const struct pollfd *polls, size_t n);
/* When the next one's time is over; NANOS_MAX: there is none. */
nanos waiting_due(const struct waiting *waiting);
/* Is there one whose hello is whole? */
bool waiting_ready(const struct waiting *waiting);
/* Take out the first one whose hello is whole; its connection is the caller's. */
bool waiting_take(struct waiting *waiting, struct waiting_one *out);
/* Close all. */
void waiting_close(struct waiting *waiting);

#endif
