/*
 * Asks the kernel for one TCP connection by its addresses and ports, through sock_diag(7). Private
 * to the room.
 */
#ifndef DUT_DIAG_H
#define DUT_DIAG_H

#include "dut/dut.h"

struct diag;

/* -errno of socket(); -EPROTONOSUPPORT without sock_diag in this kernel. */
int diag_open(struct diag **out, struct why *why);
void diag_free(struct diag *diag);

struct diag_answer {
	enum state state;     /* CLOSED: there is no such connection */
	unsigned queue;       /* of a listener: connections that accept() has not taken yet */
	struct dut_info info; /* .state is STATE_NONE where the kernel gives none */
};

/*
 * The connection between the request's local and remote; no remote (family 0) stands for the
 * listener. -EINVAL for addresses of no family or of two; -EPROTONOSUPPORT when the kernel cannot
 * tell of TCP; -errno of the question.
 */
int diag_ask(struct diag *diag, const struct agent_request *request, struct diag_answer *answer,
             struct why *why);

#endif
