/*
 * The liar: sits between the DUT and the case, in the case's own process, and tells there the lie
 * that its case was given; or is a witness, who tells none and notes which it could have told.
 */
#ifndef META_LIAR_H
#define META_LIAR_H

#include "lab/lab.h"
#include "lies.h"

#define NO_LIE SIZE_MAX

/* How often a lie was told in a case, or could have been; shared with the cases' processes. */
struct chance {
	unsigned count;
	nanos first, last; /* since the case began */
};

struct liar_state; /* of a case's process */

struct company {
	const struct tale **lies; /* all of the tables */
	size_t lie_count;
	const char **cases; /* the catalogue's names */
	size_t case_count;

	/* To be set before a run. */
	bool witness;
	size_t *given;        /* a lie for each case, or NO_LIE */
	unsigned *spare;      /* and how often the truth is told first */
	struct chance *told;  /* by case: of the given lie; zeroed by company_ready() */
	struct chance *could; /* by case and lie: what the witness saw */

	struct liar_state *state;
};

/* Every lie for these names (the caller's). -ENOMEM. */
int company_new(struct company *out, const char **names, size_t n, struct why *why);
void company_free(struct company *company);

/* Forget what was given and told. */
void company_ready(struct company *company);

/* What run_cases() takes; its arg is the company. */
struct liar company_liar(struct company *company);

#endif
