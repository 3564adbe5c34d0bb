/*
 * verdict: one pure function makes a case's verdict, and the reason for it, of all that is known of
 * how the case ended. No other module decides a verdict, nor what a run adds up to. The module also
 * holds the profiles, which say what verdict is expected of a case.
 */
#ifndef VERDICT_VERDICT_H
#define VERDICT_VERDICT_H

#include "base/base.h"
#include "target/target.h"
#include <lastack/dut.h>
#include <lastack/requirement.h>
#include <lastack/verdict.h>

/* How one attempt of a case ended. */
enum attempt_end {
	END_TOLD,    /* its process said how: see told and facts */
	END_MISSING, /* it was not started: something that the case needs is not there */
	END_FAILED,  /* its process could not be started, died, or broke the protocol */
	END_OVERRUN, /* its process was still running after the case's budget */
	END_SILENT,  /* it was not started, or was ended: the host does not answer any more */
};

/* The path to a host, as far as a break of a case may be due to it. */
struct verdict_path {
	enum path_kind kind;
	const char *interface;    /* of this machine, by which the host is reached */
	struct path_facts before; /* the run */
	struct path_facts run;    /* since the run began */
	struct path_facts beside; /* the attempt */
	struct path_facts after;  /* the attempt's process had ended */
	int error;                /* -errno if it could not be measured then: after is unset */
	const char *why;          /* the reason for error */
};

/* All that is known of an attempt. Pointers are the caller's. */
struct verdict_input {
	enum attempt_end end;
	const char *message; /* text that the attempt ended with; "" for none */

	/* END_TOLD: the body's own verdict; facts->kind says if a claim broke instead. */
	enum verdict told;
	const struct break_facts *facts;
	enum level level; /* of the case's requirement */

	/* END_TOLD, where the DUT is a host. NULL: the DUT is on this machine, without a path. */
	const struct verdict_path *path;
	unsigned attempt; /* its number, from 1 */
	/* How and at which line the attempt before it broke; BREAK_NONE: it did not. */
	enum break_kind before;
	int before_line;

	/* END_OVERRUN: how long it ran, ns, and its processes' use of the processors. */
	nanos took, budget;
	struct cpu_use use;

	enum verdict expected; /* of the profile */
	bool strict;           /* deviations count as failures */
};

struct judgement {
	enum verdict verdict; /* by the RFC */
	bool expected;        /* it is what the profile expects */
	bool counts;          /* against the run: see verdict_counts() */
	bool again;           /* it is inconclusive: another attempt may be conclusive */
	char message[3072];   /* what is reported: the reason, and what the attempt ended with */
};

struct judgement verdict_decide(const struct verdict_input *in);

/* Against a host, may the path to it change the verdict of an attempt that was told to end so? */
bool verdict_rests_on_path(enum verdict told, const struct break_facts *facts);

/*
 * Why nothing can be judged by a capture (frames were dropped, the clock was set), written to text;
 * NULL: it can be judged by.
 */
const char *verdict_capture_fault(const struct break_facts *facts, char *text, size_t size);

/* The verdict that a broken claim of this level is: fail, deviation, or for a MAY pass. */
enum verdict verdict_broken(enum level level);

/* Is the verdict the one that the profile expects? A skip always is, since it shows nothing. */
bool verdict_expected(enum verdict verdict, enum verdict expected);

/*
 * Does a verdict count against the run? A fail that the profile does not expect does, and so does
 * any verdict other than the one that the profile names (named: it names another than pass). With
 * strict, an unexpected deviation does too. Inconclusive and error are counted apart, by
 * verdict_status().
 */
bool verdict_counts(enum verdict verdict, bool expected, bool named, bool strict);

/* A case with these needs (bits of enum need) cannot run where this is given: why, or NULL. */
const char *verdict_missing(unsigned needs, unsigned given);

/* What a run's verdicts add up to. */
struct tally {
	unsigned count[VERDICTS];
	unsigned unexpected; /* verdicts that count against the run */
};
void tally_add(struct tally *tally, enum verdict verdict, bool counts);
/* Takes back a verdict that another attempt replaces. */
void tally_remove(struct tally *tally, enum verdict verdict, bool counts);

/* Exit statuses, the same for every verb. */
enum exit_status {
	EXIT_EXPECTED = 0,
	EXIT_UNEXPECTED = 1,
	EXIT_SILENCE = 2,
	EXIT_USAGE = 3,
	EXIT_HARNESS = 4
};
/*
 * The exit status of a run; the worst wins: 4 for an error or if something was lost (evidence, a
 * guest kernel), 1 for a verdict that counts against the run, 4 for an inconclusive one, 0.
 */
int verdict_status(const struct tally *tally, bool lost);

/*
 * A profile: what is known of one operating system. A text file, a line each:
 *   timer NAME DURATION REASON...         NAME: time-wait, fin-wait-2, syn-ack, syn-received, tick
 *                                         (dut.h); DURATION: 60s, 500ms
 *   CASE [ipv4|ipv6] [since KERNEL] [before KERNEL] VERDICT REASON...
 *                                         CASE may be a glob; KERNEL: 6.5; VERDICT: fail,
 *                                         deviation, skip
 * '#' starts a comment. The last line that matches a case wins.
 */
struct profile;
/*
 * "linux", "lwip" and so on (built in), "none", "none:lwip" (its timers, and nothing else is
 * expected), or a file's path. -ENOENT, or -EINVAL with file, line and what.
 */
int profile_load(struct profile **out, const char *name, struct why *why);
void profile_free(struct profile *profile);
/*
 * Checks the pattern of each line, those about another kernel too. matches() gets arg, and returns
 * -ENOENT if no case matches the pattern; why then names the line, too.
 */
typedef int profile_case_fn(const void *arg, const char *pattern, struct why *why);
int profile_check(const struct profile *profile, profile_case_fn *matches, const void *arg,
		  struct why *why);
const char *profile_name(const struct profile *profile);
nanos profile_timer(const struct profile *profile, enum timer timer);
/* Returns the verdict expected of a case over "ipv4" or "ipv6"; sets *reason if it is not pass. */
enum verdict profile_expects(const struct profile *profile, const char *name, const char *over,
			     const char **reason);

#endif
