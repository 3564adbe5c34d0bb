/*
 * Selection: which entries a selector means, and which name somebody may have meant. Of the run
 * room only.
 */
#ifndef RUN_SELECT_H
#define RUN_SELECT_H

#include "run/run.h"

/* Keep the entries whose place in keep[] is true, and free the others. */
void catalogue_keep(struct catalogue *catalogue, const bool *keep);

/* Does the selector mean this entry? */
bool selector_means(const char *selector, const struct catalogue_entry *entry);

/*
 * Edits (insert, delete, change, swap two neighbours) from one text to another; letters' case does
 * not count. Texts over 127 bytes are cut there.
 */
unsigned edit_distance(const char *a, const char *b);

#endif
