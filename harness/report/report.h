/*
 * report: a run is one stream of events; reporters consume it and know nothing else.
 *
 * The stream's written form is JSON lines. A case's process writes them to the run, a guest kernel
 * would too, and a stored stream can be reported again.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "base/base.h"
#include <lastack/verdict.h>
#include <stdio.h>

enum event_kind {
	EVENT_RUN,     /* the run starts */
	EVENT_CASE,    /* a case starts */
	EVENT_RUNG,    /* one line of its ladder */
	EVENT_WAIT,    /* what it waits for now */
	EVENT_VERDICT, /* it has ended; a later one replaces one with .retry set */
	EVENT_TICK,    /* nothing happened for a while: a terminal may be refreshed */
	EVENT_SUMMARY, /* the run has ended */
};

#define EVENT_REQUIREMENTS_MAX 8

struct event_run {
	const char *version, *kernel, *profile;
	uint64_t seed;
	unsigned cases; /* to run: cases times families */
	unsigned left_out; /* by --quick */
	unsigned too_slow; /* left out because they wait for hours, and time is real here */
	const char *slow_way; /* text on how these could run; NULL: none is known */
	const char *machine; /* the kernel's machine and its clock; NULL: this one, in real time */
	bool strict;       /* deviations count as failures */
	const char *path;  /* to a host, before the run: its facts in words; NULL: there is none */
};

struct event_case {
	const char *claim, *level; /* "MUST", ... */
	const char *requirements[EVENT_REQUIREMENTS_MAX]; /* "RFC9293 MUST-15"; ended by NULL */
	const char *sentence;      /* of the first */
	const char *file;
	int line;
	nanos budget;
};

struct event_rung {
	int number;
	/*
	 * "sent", "lost" (ours, lost on purpose), "heard", "heard-lost", "silence", "call",
	 * "state", "stray", "missing" (expected, and it did not come). Another one is drawn as a
	 * remark.
	 */
	const char *kind;
	int peer;
	nanos time; /* since the ladder's first rung */
	const char *text;
	const char *want; /* NULL: nothing was judged */
	bool broken;
};

struct event_wait {
	const char *what;
	nanos left; /* when the event was made */
};

struct event_verdict {
	enum verdict verdict; /* by the RFC */
	bool expected;        /* it is what the profile expects: its own verdict, or else a pass */
	const char *reason;   /* the profile's, if it expects another verdict than pass */
	unsigned attempt;     /* its number; 0: as 1, the first */
	bool retry;           /* inconclusive, and another attempt follows if the run goes on */
	nanos seconds;
	const char *message;
	int line;             /* of the case where it ended, 0: none */
	const char *evidence; /* the case's folder; NULL: none was kept */
	const char *command;  /* how to run just this case again */
	unsigned late;        /* harness lateness seen, ms */
	/*
	 * What the case's process knew about its end. The event that this process writes has the
	 * body's own verdict; the run makes the verdict of both.
	 */
	struct break_facts facts;
};

struct event_summary {
	unsigned count[VERDICTS];
	unsigned unexpected;
	nanos seconds;
	unsigned retries; /* attempts that were not a case's first */
	nanos wall; /* where time is virtual: what it took outside, boot included; else 0 */
	bool interrupted;
	int status; /* the exit status */
	const char *path; /* to a host, beside the run, as for event_run; NULL: there is none */
};

/* case and over ("ipv4", "ipv6") are NULL for events of the run as a whole. */
struct event {
	enum event_kind kind;
	nanos time; /* since the run started */
	nanos wall; /* and outside, where that time is virtual; else 0. It is not written */
	const char *name, *over;
	union {
		struct event_run run;
		struct event_case start;
		struct event_rung rung;
		struct event_wait wait;
		struct event_verdict verdict;
		struct event_summary summary;
	};
};

/*
 * Append the event as one line of JSON in ASCII, line end included. 0 or -ENOMEM. Strings that are
 * too long for event_read() are cut, bytes that are no UTF-8 replaced, times kept within 31 years.
 */
int event_write(struct buffer *out, const struct event *event);
/*
 * Read one line (no line end). Strings belong to *storage, which event_storage_free() frees.
 * -EPROTO for anything but an event. Every field is bounded and checked.
 */
struct event_storage {
	void *json;
};
int event_read(const char *line, size_t len, struct event *out, struct event_storage *storage,
               struct why *why);
void event_storage_free(struct event_storage *storage);

/*
 * A reporter: one format, one file. event() keeps what it needs of an event by copying. finish()
 * writes what is left, flushes, and frees; its -errno (ENOSPC) is the file's. NULL is fine.
 *
 * A verdict that another attempt follows is held back until that one's verdict comes, or the
 * summary. Any other one is final, and so is the summary: what comes after it is ignored. Whatever
 * a string holds, pretty, tap and ladder write printable ASCII, junit valid XML, json valid JSON.
 */
struct reporter;

/* Which cases the pretty report prints as they end, whether it goes to a terminal or to a pipe. */
enum show {
	SHOW_UNEXPECTED, /* those that are not as expected, and unknown deviations */
	SHOW_FAIL,       /* also failures and deviations that the profile expects */
	SHOW_ALL,        /* also passes and skips */
};

struct reporter_options {
	FILE *out;         /* stays the caller's */
	bool colour;       /* escape sequences are welcome */
	bool progress;     /* out is a terminal: progress is redrawn in place */
	int width;         /* of the terminal, 0: unknown */
	/*
	 * Ladders are drawn for failures: those that the profile expects only if they are shown.
	 * ladders: for every case.
	 */
	bool ladders;
	enum show show;
	/*
	 * Called with the summary's exit status before the summary is reported: returns the status
	 * that the report is to show, which depends on other reports too. NULL: as it came.
	 */
	int (*ending)(void *arg, int status);
	/* Called once, with -errno, when out cannot be written to. NULL is fine. */
	void (*failed)(void *arg, int error);
	void *arg; /* of both */
};
/* Is this the name of a format? */
bool reporter_has_format(const char *name);
/*
 * format: "pretty", "tap", "junit", "json", "ladder", and "events", the stream as it is. -EINVAL
 * for another, why naming those for people; -ENOENT where a format's library is not there.
 */
int reporter_new(struct reporter **out, const char *format, const struct reporter_options *options,
                 struct why *why);
/* A NULL reporter takes in nothing. */
void reporter_event(struct reporter *reporter, const struct event *event);
int reporter_finish(struct reporter *reporter, struct why *why);

/*
 * The same selection run on several kernels, side by side. Each run's events go to a reporter of
 * the comparison's own, which keeps the verdicts, draws the status of a pretty report on a
 * terminal, and writes a line on its kernel when it is finished; with options.out NULL it is
 * silent. Where all of them are finished, the comparison tells which verdicts differ.
 *
 * A case that a run lacks differs from one that has a verdict, unless the run was cut short.
 */
#define COMPARISON_RUNS_MAX 16
struct comparison;
/* The kernels' names, copied. -EINVAL with why: too many, or two that look alike. */
int comparison_new(struct comparison **out, const char *const *kernels, size_t count,
                   struct why *why);
/* The reporter of run number run, from 0. It must be finished before the comparison is freed. */
int comparison_reporter(struct comparison *comparison, size_t run,
                        const struct reporter_options *options, struct reporter **out,
                        struct why *why);
/* This run did not start, for this reason. */
void comparison_refused(struct comparison *comparison, size_t run, const char *reason);
/*
 * Append the lines on kernels that no reporter wrote, and the table of the cases whose verdict
 * differs, or all, at most 100 columns wide. Of options, colour and width count.
 */
void comparison_text(const struct comparison *comparison, const struct reporter_options *options,
                     bool all, struct buffer *out);
/*
 * Append a line of JSON for each case, {"case", "over", "verdicts": {KERNEL: VERDICT or null},
 * "differs"}, and {"summary": [...]} with an object a kernel.
 */
void comparison_json(const struct comparison *comparison, struct buffer *out);
void comparison_free(struct comparison *comparison);

/*
 * The ladder of one case as text, at most 100 columns wide, from its rungs: the drawing of pretty,
 * show and ladder.txt. Of many rungs the first 200 and the last 100 are kept. ladder_new() returns
 * NULL without memory; what ladder_add() has no memory for makes the buffer of ladder_text() fail.
 */
struct ladder;
struct ladder *ladder_new(void);
void ladder_add(struct ladder *ladder, const struct event_rung *rung);
/* At most so many columns wide, from 60 to 100. */
void ladder_set_width(struct ladder *ladder, size_t columns);
void ladder_text(const struct ladder *ladder, struct buffer *out, bool colour);
void ladder_free(struct ladder *ladder);

#endif
