/* The one mutation of a test program, and how often it was applied. */
#ifndef LYING_HOST_CHOSEN_H
#define LYING_HOST_CHOSEN_H

#include "meta/mutator.h"

/* The mutation of this name, of all tables. NULL: there is none. */
const struct tale *mutation_find(const char *name);

/*
 * A number in a file of 8 bytes, made anew; processes that are forked afterwards share it, and may
 * add to it although they may write no file. NULL with errno.
 */
uint64_t *counter_open(const char *path);

#endif
