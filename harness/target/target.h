/*
 * target: a host that lastack tests: whether it can be reached, and the qualities of the path to
 * it.
 */
#ifndef TARGET_TARGET_H
#define TARGET_TARGET_H

#include "lab/lab.h"

/*
 * Is the path to a target fit to judge by, and what listens at its end? In a process of its own,
 * with the ports of its own: SYNs to the open port and the closed one, over and over, some of them
 * with a small TTL for what routers quote of them, and connections that find the service out. 0;
 * -EHOSTUNREACH: nothing answers; -EPROTO: a port or its service is not as declared, or something
 * between changes segments or answers for the target, and why names it; or the errno of what
 * failed. Nothing is left open. With again it asks whether segments are lost, and no more.
 */
struct path_facts {
	unsigned sent, answered; /* segments that ask for an answer */
	nanos rtt, rtt_worst;
	enum lab_service service; /* as declared, or found out */
	/* What the open port's SYN-ACK offers, where a SYN offered all: see heard_options. */
	uint64_t kinds;
	uint16_t mss;
	bool cookies; /* its SYN-ACKs are SYN cookies: it keeps nothing of a SYN */
};
int path_measure(struct path_facts *out, const struct lab_target *target, struct why *why);

/* For struct lab_target: asks the path a second time. The text is valid until the next call. */
const char *path_doubt(const struct lab_target *target, int line);

#endif
