/*
 * Are the SYN-ACKs of a host SYN cookies? See lab/cookies.c on what that means. They are if an ACK
 * opens a connection although a RST came between it and the SYN-ACK.
 */
#include "target/inside.h"

/* A byte this far ahead is acknowledged at once, and the service does not see it. */
#define AHEAD 10

void check_cookies(struct check *check)
{
	struct peer *p = syn_send(check, check->target->port, 1, 0);
	nanos deadline = clock_monotonic() + PATIENCE;
	const struct heard *got = peer_answer(check, p, deadline);
	struct option stamp = opt_timestamps(2, got ? got->options.tsval : 0);

	if (!got || !(got->flags & SYN))
		return;
	peer_inject(p, &(struct segment){.flags = RST});
	if (!(got->options.kinds & WITHOUT(OPTION_TIMESTAMPS)))
		stamp = opt_nop();
	peer_inject(p, &(struct segment){.flags = ACK, .options = {stamp}});
	peer_inject(p, &(struct segment){.flags = ACK, .seq = is(1 + AHEAD), .data = pattern(1),
		.options = {stamp}});
	while (!check->told.path.cookies && (got = peer_answer(check, p, deadline))) {
		if (got->flags & RST)
			break;
		check->told.path.cookies = !(got->flags & SYN) && got->ack == 1;
	}
	exchange_leave(lab_exchange(check->lab));
}
