/*
 * The process that looks at the path to a target, and what its files share. Not a public header.
 * Each of the checks ends the process by check_end() if the path is not fit.
 */
#ifndef TARGET_INSIDE_H
#define TARGET_INSIDE_H

#include "target/target.h"

/* How long an answer may take before it is lost. */
#define PATIENCE sec(1)

/* What the process says at its end. */
struct check_told {
	int error;
	struct why why;
	struct path_facts path;
};

/* Numbers of routers that the segments of a port have passed, by their TTL. */
struct hops {
	bool known;
	unsigned least, most;
};

struct check {
	int fd;
	struct check_told told;
	char stray[160]; /* an ICMP error that came instead of an answer */
	struct lab *lab;
	const struct lab_target *target;
	struct peer *const *awaited;
	size_t awaited_count;
	nanos deadline; /* of the check as a whole, monotonic */
	struct hops hops[2]; /* of the closed port, and of the open one */
};

_Noreturn void check_end(struct check *check, int error);

/*
 * An answer is not as a host's should be. On the link that is the host's, and its cases will tell:
 * this returns. Behind a router it may be the path's, and the run ends with both possibilities.
 * does: what a box on the path may do ("changes timestamps"); format: what was captured.
 */
void suspect(struct check *check, const char *does, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* A SYN with every option there is, as its tsval, from a port of its own. ttl 0: the usual one. */
#define SYN_ISN 0x12345678u
struct peer *syn_send(struct check *check, uint16_t to, uint32_t tsval, unsigned ttl);
/* The options of such a SYN; returns their number. */
size_t check_options(const struct check *check, uint32_t tsval, struct option out[OPTIONS_MAX]);
/* The peer's next segment, or NULL: none until the deadline, monotonic. */
const struct heard *peer_answer(struct check *check, struct peer *p, nanos deadline);
/* The next segment of any of n peers. */
const struct heard *any_answer(struct check *check, struct peer *const *peers, size_t n,
			       nanos deadline);

/* Is an acknowledgement (want: relative), timestamp or bit not ours? Then it is suspect. */
void answer_judge(struct check *check, const struct heard *got, uint16_t port, uint32_t ack,
		  uint32_t tsval);

/* By SYNs: is the open port open, and the closed one closed? */
void check_ports(struct check *check);
/* By hop limits: do both ports answer from the same distance? */
void check_distances(struct check *check);
/* By what routers quote of segments that get no further: do they arrive there as they were sent? */
void check_quotes(struct check *check);
/* By a connection: does what answers it later answer SYNs, and are numbers the same everywhere? */
void check_connection(struct check *check);
/* By segments of no connection: does a stateful filter drop them? */
void check_filter(struct check *check);
/* The number of routers that a segment has passed, by its TTL. */
unsigned hops_by(uint8_t ttl);

/* Are the open port's SYN-ACKs SYN cookies? */
void check_cookies(struct check *check);

/* What listens on the target's port: found out, and compared with what was declared. */
void check_service(struct check *check);

#endif
