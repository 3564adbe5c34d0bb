/*
 * target: a host that lastack tests: whether it can be reached, and the qualities of the path to
 * it.
 *
 * The qualities are measured by requests that rest on no rule of TCP under test: ICMP echo, ARP and
 * neighbour solicitations on the link, and SYNs from ports of their own where nothing else is
 * answered. On the link they are the path's, and all else is the host's; behind a router SYNs count
 * too, because a router may treat TCP differently.
 */
#ifndef TARGET_TARGET_H
#define TARGET_TARGET_H

#include "lab/lab.h"

enum path_kind {
	PATH_OWN,    /* a lab, or a process that lastack has started */
	PATH_DIRECT, /* the host is on the link, or was declared to be so */
	PATH_ROUTED,
};

struct path_facts {
	enum path_kind kind;
	enum path_request by;          /* what was sent */
	unsigned sent, lost;           /* requests; those without a reply after a second */
	unsigned duplicated, reordered; /* further copies of a reply; replies out of order */
	nanos rtt_least, rtt_worst;    /* of the round trip; 0: no reply came */
	/* From path_measure() only: */
	unsigned syns, syns_lost;      /* SYNs sent to the target's ports; those without a reply */
	/* Routers that the SYN-ACKs of the open port have passed, least and most. */
	bool distance_known;
	unsigned distance_least, distance_most;
	bool stand_in;    /* segments that answer one port, or two ports, come from two distances */
	bool filter;      /* FIN+ACK and SYN-ACK of no connection get no reply from either port */
	bool filter_acks; /* nor does an ACK */
	bool rejects;     /* an ICMP error answers one of the three */
	bool translates;  /* routed: a translator of addresses does not translate what fits none */
	enum lab_service service; /* as declared, or found out */
	uint64_t kinds;   /* of options in the open port's SYN-ACK, if a SYN offered all */
	uint16_t mss;
	bool cookies;     /* the open port's SYN-ACKs are SYN cookies */
};

/*
 * Append the facts in words, without a line end: "100 echo requests, none lost, duplicated or
 * reordered; round trip 0.051 to 0.180 ms".
 */
void path_text(struct buffer *out, const struct path_facts *facts);

/*
 * Before a run: is the path fit to test the host by, what are its qualities, and what listens at
 * its end? In processes of its own, with ports of its own; nothing is left open. 0; -EHOSTUNREACH:
 * nothing answers; -EPROTO: a port or its service is not as declared, or, not on the link, a box on
 * the path may change segments or answer for the target, and why names it; or another errno.
 */
int path_measure(struct path_facts *out, const struct lab_target *target, struct why *why);

/*
 * Measure the qualities again, quickly, in a process of its own: it takes 0.6 s where all requests
 * are answered, and 2 s where some are not. path_check_fd() becomes readable when it has ended.
 * path_check_end() takes the result and frees; called earlier, it ends the process: -ECANCELED.
 * -EHOSTUNREACH: the host answers nothing at all. -errno with why.
 */
struct path_check;
int path_check_begin(struct path_check **out, const struct lab_target *target, struct why *why);
int path_check_fd(const struct path_check *check);
int path_check_end(struct path_check *check, struct path_facts *out, struct why *why);

/*
 * Beside a run: a process that sends two requests every 100 ms, fewer where the run's rate is below
 * 400 a second, and ends with the caller's process. -errno with why; -EHOSTUNREACH is no error of
 * it: a host that answers nothing has no samples.
 */
struct path_monitor;
int path_monitor_start(struct path_monitor **out, const struct lab_target *target,
		       struct why *why);
/*
 * What was measured from since until until, monotonic; 0 and INT64_MAX: all that is kept. Sets the
 * first group of the facts; the rest is 0. A request is counted as lost a second after it was sent,
 * and not at all before.
 */
void path_monitor_facts(const struct path_monitor *monitor, nanos since, nanos until,
			struct path_facts *out);
void path_monitor_free(struct path_monitor *monitor);

enum path_kind path_kind_of(const struct lab_target *target);

#endif
