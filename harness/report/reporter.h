/*
 * What every reporter has, and what a format adds to it. Of the report room only.
 */
#ifndef REPORT_REPORTER_H
#define REPORT_REPORTER_H

#include "report/record.h"
#include "report/report.h"
#include "report/requirements.h"

struct reporter;
struct comparison;

/* A hook may be NULL. The books are up to date when one is called. */
struct format {
	const char *name;
	bool keeps_ladders; /* those of bad outcomes are drawn at the end */
	/* Is there what the format needs? -errno with why. */
	int (*load)(struct why *why);
	/* The run starts. */
	void (*run)(struct reporter *reporter);
	/* A case's verdict counts. */
	void (*ended)(struct reporter *reporter, struct record *record);
	/* Any event has been taken in, after run() and ended(); record is the one it is about. */
	void (*seen)(struct reporter *reporter, const struct event *event, struct record *record);
	/* No event will follow. summary is NULL if none came. */
	void (*close)(struct reporter *reporter, const struct event_summary *summary);
};
extern const struct format format_pretty, format_tap, format_junit, format_json, format_ladder,
	format_events;

struct reporter {
	const struct format *format;
	struct reporter_options options;
	struct books books;
	struct event *summary;
	/* How the requirements came off, once no event will follow. */
	struct requirement_count requirements[GROUPS];
	struct buffer out; /* what a hook puts here is written when it returns */
	bool held;         /* out may wait for what comes next, until it is HELD_MAX bytes */
	int error;         /* the first -errno of the file, or 0 */
	nanos now;         /* since the run started, by the latest event */
	nanos wall;        /* and outside, where that time is virtual; else 0 */

	bool headed;                 /* tap: the first line is written */
	unsigned ended;              /* cases whose verdict counts; TAP's number */
	unsigned outcomes[OUTCOMES]; /* how many ended like this */
	bool gap;                    /* pretty: the last line was empty */
	nanos drawn;                 /* pretty: when the status was last drawn */
	unsigned status_lines;       /* pretty: lines of the status on the terminal */
	char label[128]; /* the status's first line: which run of several */
	struct comparison *comparison; /* comparison: this is its run number compared */
	size_t compared;
};

/* Does the report print all that is known of a case with this outcome, and not one line? */
bool reporter_shows_block(const struct reporter *reporter, enum outcome outcome);
/* Does the report show this record's ladder? */
bool reporter_shows_ladder(const struct reporter *reporter, const struct record *record);
/* How many cases started and have not ended. */
unsigned reporter_unfinished(const struct reporter *reporter);

/* A line of text, "lastack 0.1.0, Linux 6.1, ...", cleaned for a terminal; no line end. */
void reporter_describe_run(const struct reporter *reporter, struct buffer *out);
/* "FILE:LINE" of where a case ended, cleaned; nothing for one without a file. */
void record_place(const struct record *record, struct buffer *out);
/* ns as seconds, for JSON and attributes. */
double seconds_of(nanos time);

#endif
