/*
 * Selection: which entries a selector means, and which name somebody may have meant. Of the run
 * room only.
 */
#ifndef RUN_SELECT_H
#define RUN_SELECT_H

#include "run/run.h"

/* Keep the entries whose place in keep[] is true, and free the others. */
void catalogue_keep(struct catalogue *catalogue, const bool *keep);

/*
 * Does the selector mean this requirement: by its name (RFC9293 MUST-15), by its RFC or manual
 * (RFC9293), or by its section or one above (RFC9293 3.10.7)? Letters' case does not count. The
 * part behind the first blank may have globs.
 */
bool selector_means_requirement(const char *selector, const struct requirement *requirement);
/* "RFC9293" of "RFC9293 MUST-15". */
void requirement_first_word(const char *name, char *out, size_t size);
/* No requirement matches: -ENOENT, why names the nearest requirement, RFC or section. */
int requirement_none(const char *selector, struct why *why);

/* Does the selector mean this entry? A requirement means the cases that test or also cover it. */
bool selector_means(const char *selector, const struct catalogue_entry *entry);

/*
 * Edits (insert, delete, change, swap two neighbours) from one text to another; letters' case does
 * not count. Texts over 127 bytes are cut there.
 */
unsigned edit_distance(const char *a, const char *b);

#endif
