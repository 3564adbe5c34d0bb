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

/*
 * The reason for which the path may have hidden a deviation that the profile expects, as text;
 * NULL: it did not.
 */
const char *path_hides(const struct verdict_input *in, char *words, size_t size);

/* The path to a host loses segments, as text; NULL: it was not seen to. */
const char *path_loses(const struct verdict_input *in, char *words, size_t size);

/*
 * The reason, as text, for which a break may rest on a segment that a filter or a translator of
 * addresses spoils, and that was found before the run; NULL: it does not. Such a break says nothing
 * of the host, also if it is repeated.
 */
const char *filter_fault(const struct verdict_input *in);

#endif
