/* The log of clients that were refused: one line a second, however many come. Private. */
#ifndef DUT_REFUSALS_H
#define DUT_REFUSALS_H

#include "dut/dut.h"

struct refusals {
	nanos again;     /* no line before this, monotonic */
	unsigned untold; /* refused since the last line */
	struct agent_address from; /* the last of them */
	struct why why;
};

void refusals_add(struct refusals *refusals, const struct agent_address *from, const char *why);
/* When refusals_tell() has something to say: monotonic, NANOS_MAX for never. */
nanos refusals_due(const struct refusals *refusals);
void refusals_tell(struct refusals *refusals);
/* At the end: what is untold, at once. */
void refusals_flush(struct refusals *refusals);

#endif
