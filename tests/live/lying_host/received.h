/*
 * Mutations of what a host receives. A host that breaks such a rule behaves as if the segment had
 * been another one, or none; a link can produce that, and a lab's case cannot.
 */
#ifndef LYING_HOST_RECEIVED_H
#define LYING_HOST_RECEIVED_H

#include "meta/mutator.h"

/* Ended by a NULL name. */
extern const struct tale lies_of_received[];

#endif
