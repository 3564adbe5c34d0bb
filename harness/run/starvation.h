/*
 * Whether a case ran past its budget because its processes had to wait for a processor. Of the run
 * room only.
 */
#ifndef RUN_STARVATION_H
#define RUN_STARVATION_H

#include "base/base.h"

/*
 * Is it this machine's fault that a case is past its budget after so much time? It is where its
 * processes waited so long for a processor that the rest of the time is within the budget. A case
 * whose processes used a lot of a processor is no such case: it does not come to its end.
 */
bool starved(const struct cpu_use *use, nanos took, nanos budget);

#endif
