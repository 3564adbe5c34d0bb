/*
 * The runs of a comparison, and what each kept. Of the report room only.
 */
#ifndef REPORT_COMPARE_H
#define REPORT_COMPARE_H

#include "report/reporter.h"

struct compared_run {
	char *typed, *name;	      /* of the kernel; name is cleaned */
	struct books books;	      /* the reporter's, since it was finished */
	struct event_summary summary; /* where ended is set */
	bool ended;		      /* a summary came */
	char *refused;		      /* why it did not start, or NULL */
	bool told;		      /* its line is written */
};

struct comparison {
	struct compared_run runs[COMPARISON_RUNS_MAX];
	size_t count;
};

/* A case over one family of addresses, and its record in each run, NULL where that has none. */
struct compared_row {
	const char *name, *over;
	const struct record *records[COMPARISON_RUNS_MAX];
	bool differs;
};

/* All rows, sorted by name and family; the array is the caller's. -ENOMEM. */
int comparison_rows(const struct comparison *comparison, struct compared_row **out, size_t *count);
/* Did the run start, and end with a verdict for each of its cases? */
bool compared_whole(const struct compared_run *run);

/* "[2] NAME: 6.1.176 (MACHINE): 203 pass in 12 min of virtual time, ...", broken into lines. */
void compared_line(struct reporter *page, const struct comparison *comparison, size_t run);

#endif
