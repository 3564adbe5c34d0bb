/*
 * What a reporter knows of each case: built up from the stream, one record a case and family of
 * addresses. All reporters keep these books, and differ only in what they write of them.
 */
#ifndef REPORT_RECORD_H
#define REPORT_RECORD_H

#include "report/report.h"

/* What a verdict means to somebody who reads the report. */
enum outcome {
	OUTCOME_NONE,         /* it has not ended */
	OUTCOME_PASS,
	OUTCOME_SKIP,
	OUTCOME_FORESEEN,     /* a fail or deviation that the profile foresaw */
	OUTCOME_DEVIATION,    /* one that it did not foresee, and that fails no run */
	OUTCOME_SURPRISE,     /* a pass where the profile foresaw another verdict */
	OUTCOME_FAIL,         /* an unforeseen fail, or a deviation that counts as one */
	OUTCOME_INCONCLUSIVE,
	OUTCOME_ERROR,
};
#define OUTCOMES (OUTCOME_ERROR + 1)

struct record {
	const char *name, *over;
	/* Copies of the last event of each kind, or NULL. */
	struct event *start, *wait, *verdict;
	struct ladder *ladder;
	/* The last inconclusive attempt, until the next one or the summary makes it count. */
	struct event *held;
	struct ladder *held_ladder;
	bool running;
	enum outcome outcome;
};

struct books {
	struct record **records; /* in the order in which they were first heard of */
	size_t count, room;
	void *tree;              /* of tsearch(3), by name and family */
	struct event *run;       /* or NULL */
	bool failed;             /* memory ran out: something is missing */
};

/*
 * Take an event in. Returns the record whose verdict counts by it, or NULL. *touched is set to the
 * record that the event is about, or NULL.
 */
struct record *books_take(struct books *books, const struct event *event, struct record **touched);
/* The verdict that was held back counts after all: true if there was one. */
bool books_settle(struct books *books, struct record *record);
/* Forget the ladder of a record that nobody will draw any more. */
void record_forget_ladder(struct record *record);
void books_free(struct books *books);

/* The fields of a record's events, with what stands for an absent one. */
const struct event_case *record_start(const struct record *record);
const struct event_verdict *record_verdict(const struct record *record);
/* The requirement that the verdict is about: that of a premise, or the case's own. May be NULL. */
struct judged_by {
	const char *name, *level, *sentence;
	bool premise; /* it is that of a premise */
};
struct judged_by record_judged_by(const struct record *record);
/* How often the case was run: once, and again each time that it was inconclusive. */
unsigned record_attempts(const struct record *record);
/* The ladder, its drawing appended, or nothing for a case without one. */
void record_draw(const struct record *record, struct buffer *out, bool colour);
/* Is this an outcome that somebody has to look at? */
bool outcome_bad(enum outcome outcome);

#endif
