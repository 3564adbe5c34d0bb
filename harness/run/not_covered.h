/*
 * The table of cases/not-covered.md. Of the run room only.
 */
#ifndef RUN_NOT_COVERED_H
#define RUN_NOT_COVERED_H

#include "run/run.h"

/* Rows "| name | reason |"; whatever else the file says is for people. */
struct not_covered {
	const char *name; /* a requirement's or "RFC5681" */
	const char *reason;
	bool used; /* a requirement goes by it */
};

/*
 * A row of the table in a copy of a line, which is cut in pieces. False for a line that is no row:
 * text, the table's head, or the rule below it.
 */
bool not_covered_parse(char *line, struct not_covered *out);
/* Is this a whole RFC's name, and which? 0: no. */
unsigned not_covered_rfc(const char *name);

#endif
