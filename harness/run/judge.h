/*
 * Verdict arithmetic: what a broken claim is, what was foreseen, what a run adds up to. Pure, and
 * of the run room only.
 */
#ifndef RUN_JUDGE_H
#define RUN_JUDGE_H

#include "run/run.h"

/* What a broken claim of this level is: fail, deviation, or for a MAY pass. */
enum verdict judge_broken(enum level level);

/*
 * Is the verdict as foreseen? Where nothing but a pass was, a pass and a skip are; otherwise the
 * foreseen verdict, and a skip, which shows nothing.
 */
bool judge_expected(enum verdict verdict, enum verdict foreseen);

/*
 * Does it count against the run? An unforeseen fail does, a pass (or other end) where another
 * verdict was foreseen does, and under strict an unforeseen deviation. Inconclusive and error are
 * counted apart, by judge_status().
 */
bool judge_counts(enum verdict verdict, enum verdict foreseen, bool strict);

/* Add up and take back one verdict. */
struct tally {
	unsigned count[VERDICTS];
	unsigned unexpected; /* that count against the run */
};
void tally_add(struct tally *tally, enum verdict verdict, bool counts);
void tally_remove(struct tally *tally, enum verdict verdict, bool counts);

/*
 * The exit status; the worst wins: 4 for an error, 1 for what counts against the run, 4 for an
 * inconclusive verdict or lost evidence, 0.
 */
int judge_status(const struct tally *tally, bool evidence_lost);

/* What of a case's needs is not given, in words for a skip, or NULL. Both are bits of enum need. */
const char *judge_missing(unsigned needs, unsigned given);

#endif
