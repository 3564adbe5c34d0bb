/*
 * The process that looks at the path to a target, and what its files share. Not a door: nobody else
 * includes it. Each of these looks ends the process by check_end() where the path is not fit.
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

struct check {
	int fd;
	struct check_told told;
	char stray[160]; /* an ICMP error that came instead of an answer */
	struct lab *lab;
	const struct lab_target *target;
	struct peer *awaited;
	nanos deadline; /* of the check as a whole, monotonic */
	/* How many hops away is what answers for the closed port, and for the open one. */
	struct {
		unsigned least, most;
	} hops[2];
};

_Noreturn void check_end(struct check *check, int error);

/* A SYN with every option there is, as its tsval, from a port of its own. ttl 0: the usual one. */
#define PROBE_ISN 0x12345678u
struct peer *probe_send(struct check *check, uint16_t to, uint32_t tsval, unsigned ttl);
/* The options of a probe; returns their number. */
size_t check_options(const struct check *check, uint32_t tsval, struct option out[OPTIONS_MAX]);
/* The peer's next segment, or NULL: none until the deadline, monotonic. */
const struct heard *probe_answer(struct check *check, struct peer *p, nanos deadline);

/*
 * What a segment shows of other hands: an acknowledgement (want: relative), timestamp or bit that
 * is not ours.
 */
void answer_judge(struct check *check, const struct heard *got, uint16_t port, uint32_t ack,
		  uint32_t tsval);

/* By what routers quote of segments that get no further: do they arrive there as they were sent? */
void check_quotes(struct check *check);
/* By a connection: does what answers it later answer SYNs, and are numbers the same everywhere? */
void check_connection(struct check *check);
/* How many hops away is what sent this, by its TTL? */
unsigned hops_by(uint8_t ttl);

/* Are the open port's SYN-ACKs SYN cookies? */
void check_cookies(struct check *check);

/* What listens on the target's port: found out, and held against what was declared. */
void check_service(struct check *check);

#endif
