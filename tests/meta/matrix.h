/*
 * The matrix of cases and lies: which lie was told in which case, and what became of it.
 */
#ifndef META_MATRIX_H
#define META_MATRIX_H

#include "liar.h"
#include "run/run.h"

/* A lie may be told always, or only the last time that it could be: then what is before is true. */
enum telling_when { TOLD_LAST, TOLD_ALWAYS, TELLING_WHENS };

enum outcome {
	UNTRIED,
	UNTOLD,   /* there was no occasion this time */
	BELIEVED, /* told, and the verdict was that of the truth */
	CAUGHT,   /* told, and the case broke */
	SPOILT,   /* told, and the verdict says nothing: inconclusive, error, skip */
};

struct cell {
	enum outcome outcome[TELLING_WHENS];
	unsigned char tries[TELLING_WHENS];
	bool claimed; /* the lie belies what the case claims: see claims.c */
	enum telling_when claimed_when;
	char *message; /* of the verdict when it was caught, last over always */
};

struct subject {
	const struct catalogue_entry *entry;
	unsigned over; /* IPV4 where the case has it, else IPV6 */
	bool honest;   /* it passed, as foreseen, with no lie told: the lies are worth a try */
	bool fails_already; /* the profile foresees that the truth breaks it, and it did */
	bool skipped;
	enum verdict verdict; /* by the truth */
	nanos seconds;
	char *message;
	unsigned claims; /* lies that it must catch */
	struct proof {
		bool wanted;     /* the witness saw an occasion */
		unsigned caught; /* lies */
		size_t best;     /* of these the one told the latest, or NO_LIE */
		enum telling_when when;
	} proofs[KINDS];
};

struct matrix {
	struct company company;
	struct subject *subjects;
	size_t count; /* of subjects; the company counts lies */
	struct cell *cells;
	unsigned *catchers; /* by lie: cases that caught it */
	unsigned *tries;    /* by lie, in the round that is being chosen */
	size_t *short_first; /* subjects by how long the truth took */
	const char **names;
	const struct profile *profile;
	const char *machine;   /* as of struct run_options, as is the next */
	bool days;
	unsigned rounds, told; /* runs with lies, and cases in them */
	unsigned gap_rounds;   /* of these, for lies that nobody had caught */
};

/* Of the entries (the caller's). -ENOMEM. */
int matrix_new(struct matrix *out, const struct catalogue *catalogue,
               const struct profile *profile, struct why *why);
void matrix_free(struct matrix *matrix);

/* It can fail: it has caught a lie of each kind that there is occasion for, and one at all. */
bool subject_is_proven(const struct subject *subject);

struct cell *matrix_cell(const struct matrix *matrix, size_t subject, size_t lie);
const struct chance *matrix_chance(const struct matrix *matrix, size_t subject, size_t lie);

/* A row of claims: selectors of cases, and the names of lies with blanks between. */
struct claim {
	const char *cases;
	const char *lies;
};

/* Tables beside that of claims.c, each ended by NULL. */
extern const struct claim claims_of_timers[];
extern const struct claim claims_of_stamps[];
extern const struct claim claims_of_windows[];
extern const struct claim claims_of_header[];

/*
 * Enter what claims.c and these hold. -EINVAL for a row without a case in the whole catalogue, or a
 * lie.
 */
int claims_enter(struct matrix *matrix, const struct catalogue *whole, struct why *why);

/* Prints the selectors of the cases that claim to catch this lie, a blank before each. */
void claims_print(const char *lie, FILE *out);

/* Where there is one occasion, always is last. */
enum telling_when matrix_when(const struct matrix *matrix, size_t subject, size_t lie,
                              enum telling_when when);
/* A claimed lie was not caught when it had to be. */
bool matrix_fell_for(const struct matrix *matrix, size_t subject, size_t lie);

/*
 * Run every case without a lie, the witness looking on. 0, also when some case did not end as
 * foreseen; or run_cases()'s -errno, or -EINTR when a signal ended it.
 */
int matrix_truth(struct matrix *matrix, struct why *why);
/* Run every case that was given a lie, and enter what became of it. The same. */
int matrix_round(struct matrix *matrix, const enum telling_when *when, struct why *why);

/* One case's line of a report. */
struct ended {
	size_t subject;
	enum verdict verdict;
	bool expected;
	nanos seconds;
	const char *message;
	const char *judged_by; /* the rule of a premise; NULL: the case's own */
};
typedef int (*ended_fn)(struct matrix *matrix, const struct ended *ended, const void *arg);
/* Run every case that was given a mutation. The same. enter() returns 0 or -ENOMEM. */
int matrix_run_given(struct matrix *matrix, ended_fn enter, const void *arg, struct why *why);

/* Does the selector of a row mean this case? The number of a mutation, or NO_LIE. */
bool claims_mean(const char *selector, const char *name);
size_t claims_lie(const struct matrix *matrix, const char *name);
/*
 * Show that premises end a case by their own rule. 0; 1, and a line on out for each that does not;
 * or as matrix_truth().
 */
int premises_check(struct matrix *matrix, FILE *out, struct why *why);

/* How much is to be found out: see matrix_choose(). */
enum search {
	SEARCH_PROOFS, /* each case's claims, and a proof of each kind */
	SEARCH_GAPS,   /* and whether lies that no case caught are caught at all */
	SEARCH_ALL,    /* every lie in every case where there is occasion for it */
};

/* Give each case its next lie: returns how many got one, 0 when there is nothing to find out. */
size_t matrix_choose(struct matrix *matrix, enum search search, enum telling_when *when);

/* What was found, as text; the number of things that are not as they should be. */
struct shown {
	bool all;   /* every case's catches, not one each */
	bool whole; /* the whole catalogue was run: a lie without occasion is a gap too */
	bool part;  /* some families only: gaps say nothing */
};
unsigned matrix_print(const struct matrix *matrix, const struct shown *shown, FILE *out);

#endif
