/* The name that was meant, by what was typed. Private to the room. */
#ifndef RUN_NEAREST_H
#define RUN_NEAREST_H

/* The best name so far, and how far it is. */
struct nearest {
	const char *name;
	unsigned distance;
	unsigned alike; /* number of letters at its beginning that are as typed */
};

/*
 * Compare typed with text, and remember name where it is the nearest yet. A name may also have been
 * begun rightly and not finished: then its beginning counts, a little behind a whole name.
 */
void nearest_try(struct nearest *nearest, const char *typed, const char *text_, const char *name);
/* Near enough to be what was meant: half of it is right. */
const char *nearest_name_of(const struct nearest *nearest, const char *typed);

#endif
