/*
 * What the files of the verdict module share. Not a public header.
 */
#ifndef VERDICT_INSIDE_H
#define VERDICT_INSIDE_H

#include "verdict/verdict.h"

/*
 * The reason for which the path to a host, or what arrived by it, may have caused the break, as
 * text; NULL: it did not.
 */
const char *path_fault(const struct verdict_input *in, char *words, size_t size);

#endif
