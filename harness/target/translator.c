/*
 * A translator of addresses between lastack and the target that leaves segments untranslated which
 * fit no connection that it tracks. Linux's conntrack does so with an acknowledgement outside the
 * window, for one: masquerading routers and virtual addresses pass it on as it is, so that a stack
 * which knows nothing of the connection answers by a RST, while the connection itself lives on.
 */
#include "target/inside.h"

#define TRIES 3
#define ANSWER_PATIENCE ms(200)
/* Far outside every window, and less than half of the numbers away. */
#define FAR (1u << 30)

/*
 * The first answer to a segment that is not data, nor the SYN-ACK again; sent once more where there
 * is none.
 */
static const struct heard *answer_to(struct check *check, struct peer *p,
				     const struct segment *segment)
{
	const nanos patience = ANSWER_PATIENCE + 2 * check->told.path.rtt_worst;
	const struct heard *got = NULL;

	for (int i = 0; i < TRIES && !got; i++) {
		const nanos deadline = clock_monotonic() + patience;

		peer_inject(p, segment);
		do
			got = peer_answer(check, p, deadline);
		while (got && (got->flags & SYN || got->len));
	}
	return got;
}

void check_translator(struct check *check)
{
	struct peer *p = syn_send(check, check->target->port, 1, 0);
	const struct heard *got = peer_answer(check, p, clock_monotonic() + PATIENCE);
	const struct segment far = {.flags = ACK, .ack = is(1 + FAR)};
	const struct segment old = {.flags = ACK, .seq = is(0)};

	if (check->told.path.kind == PATH_ROUTED && got && got->flags & SYN) {
		peer_inject(p, &(struct segment){.flags = ACK});
		got = answer_to(check, p, &far);
		if (got && got->flags & RST) {
			got = answer_to(check, p, &old);
			check->told.path.translates = got && !(got->flags & RST);
		}
	}
	exchange_leave(lab_exchange(check->lab));
}
