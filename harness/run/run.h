/*
 * run: which cases, in which order, each in a process of its own; verdicts and what they add up to.
 */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include "base/base.h"
#include "lab/lab.h"
#include "report/report.h"
#include "verdict/verdict.h"
#include <lastack/case.h>

/* Every case that was linked in, CASE_EACH rows counted one by one; sorted by name. */
struct catalogue_entry {
	const struct case_record *record;
	const void *row;  /* of CASE_EACH, or NULL */
	const char *area; /* folder of the case's file below cases/ */
	const char *name; /* FAMILY.CASE or FAMILY.CASE/ROW */
	unsigned needs;   /* enum need: the record's, and what its row adds */
};
struct catalogue {
	struct catalogue_entry *entries;
	size_t count;
};
/* -ENOMEM, or -EINVAL for two cases of one name or one without requirement or claim (why names it).
 */
int catalogue_new(struct catalogue *out, struct why *why);
void catalogue_free(struct catalogue *catalogue);

/*
 * Keep the entries that match one of n selectors: AREA, FAMILY, FAMILY.CASE, FAMILY.CASE/ROW, globs
 * allowed (fnmatch), or a requirement as for requirement_map_select(), for the cases that test it
 * or also cover it. n 0 keeps all. A selector that matches nothing: -ENOENT, why names the nearest.
 */
int catalogue_select(struct catalogue *catalogue, char *const *selectors, size_t n,
		     struct why *why);

/* The one of n names that is nearest to what was typed, or NULL where none is near. */
const char *nearest_name(const char *typed, const char *const *names, size_t n);

/*
 * The requirement map: what of the table the cases show, and why none does where none does. The
 * reasons stand in cases/not-covered.md, which is built in; a line there on a whole RFC
 * ("RFC5681") counts for those of its requirements that no case shows and that have no line of
 * their own.
 */
struct coverage {
	const struct requirement *requirement;
	/* The cases judged by it, and those that show it too; a case is one, whatever its rows. */
	const struct catalogue_entry **judged, **shown;
	size_t judged_count, shown_count;
	const char *reason; /* NULL where a case shows it, and where nobody gave one */
};
struct requirement_map {
	struct coverage *rows; /* in the table's order */
	size_t count;
	struct buffer wrongs; /* a line each: what the table of reasons is wrong in */
	char **reasons;
};
/*
 * The map of a catalogue, which must outlive it. table: the lines of not-covered.md, ended by NULL,
 * or NULL for those that are built in. A wrong there is no error: it stands in wrongs. -ENOMEM.
 */
int requirement_map_new(struct requirement_map *out, const struct catalogue *catalogue,
			const char *const *table, struct why *why);
/*
 * Keep what one of n selectors means: an RFC ("RFC9293"), one of its sections with those below it
 * ("RFC9293 3.10.7"), a requirement's name ("RFC9293 MUST-15"), a glob of RFC or name.
 * n 0 keeps all. A selector that means nothing: -ENOENT, why names the nearest.
 */
int requirement_map_select(struct requirement_map *map, char *const *selectors, size_t n,
			   struct why *why);
void requirement_map_free(struct requirement_map *map);
/* The lines of cases/not-covered.md as they were built in, ended by NULL. */
const char *const *not_covered_lines(void);

/* The level that a case is judged by. */
enum level case_level(const struct case_record *record);
nanos case_budget(const struct case_record *record);
/*
 * Hours take seconds where idle time is skipped, but days only where the kernel itself skips it:
 * others stop every few seconds, or every quarter of one, to look at the clock.
 */
struct run_options;
bool case_too_slow(const struct case_record *record, const struct run_options *options);

/* A DUT that is a host somewhere. */
struct run_target {
	struct lab_target lab; /* ports, again and agent are each case's own */
	/*
	 * Where several services listen: their ports, 0 for none, and each case gets the one that
	 * it needs. All 0: lab's port and service are for all.
	 */
	uint16_t services[LAB_SERVICES];
	/*
	 * Make the DUT, in each case's process: fills the link and the keeper of the case's target
	 * for this family. -errno with why. NULL: it is there already.
	 */
	int (*make)(struct lab_target *target, uint8_t family, void *arg, struct why *why);
	void *make_arg;
	const char *label;     /* "10.0.0.2 port 80", for the report */
	const char *slow_way;  /* text on how cases that take hours could run; NULL: not known */
	uint16_t port_low, port_high; /* of all cases together: RUN_PORTS(cases) at least */
	struct path_facts path;       /* of the way to a host, before the run */
	unsigned rate;                /* segments a second that all cases together may send */
	bool intrusive;               /* cases that fill queues may run */
	bool sysctls;                 /* the agent may set some */
	bool timestamps, scale;       /* its SYN-ACKs agree to them */
	bool filter, filter_acks;     /* see struct path_facts; both false: cases go on anyway */
	bool no_linux;                /* what Linux's manual promises is none of its business */
	/*
	 * Reach the agent, in each case's process. The agent is the lab's. -errno with why. NULL:
	 * there is none.
	 */
	int (*reach)(struct agent **out, void *arg, struct why *why);
	void *reach_arg;
};
/* Cases with an agent that go on at a time: two runs find room in one. */
#define RUN_AGENT_AT_ONCE 56
/* Ports that so many cases need. */
#define RUN_PORTS_AGAIN 512
#define RUN_PORTS(cases) ((cases) * LAB_PORTS_MIN + RUN_PORTS_AGAIN + LAB_PORTS_CHECK)
/* The last ones of the range are for the path's check. */
void run_target_check_ports(struct lab_target *lab, uint16_t port_low, uint16_t port_high);

/* How often inconclusive cases are run again. Both limits hold. */
struct run_retries {
	bool set;	   /* false: the default limits hold, whatever the others say */
	unsigned per_case; /* further attempts of a case */
	/*
	 * As long as some case's first attempt goes on, further ones cost no time. After that they
	 * begin within so much time; 0: there are none at all.
	 */
	nanos time;
};

struct run_retries run_retries_default(void);

struct run_options {
	const struct catalogue *catalogue; /* what was selected */
	const struct profile *profile;
	unsigned over; /* enum over: families wanted; 0: both */
	unsigned jobs; /* cases at once; 0: all */
	unsigned setups; /* labs in the making at a time; 0: as many as suit the machine */
	struct run_retries retries;
	bool quick;    /* only budgets of 10 s or less */
	const char *machine; /* this kernel's machine, where idle time is skipped: VIRTUAL_TIME
	                      * is there. NULL: time is real */
	bool strict;   /* deviations count as failures */
	double time_scale;
	bool days;      /* and even days of it cost next to nothing: see plan.c */
	/* Of the plan, only each shares-th job from number share on; 0 shares: all. */
	unsigned share, shares;
	uint64_t seed;
	const struct run_target *target; /* NULL: each case has a lab of its own */
	const struct lab_sysctl *sysctls;
	const char *evidence; /* folder; NULL: none */
	const char *command;  /* how this lastack is called, for "run it again" */
	struct reporter *const *reporters;
	size_t reporter_count;
	/*
	 * Called when nothing forbids the run any more, before its first event: the reporters may
	 * be made now. NULL is fine. Its -errno is run_cases()'s, with nothing left behind.
	 */
	int (*ready)(void *arg, struct why *why);
	void *ready_arg;
	const struct liar *liar; /* tests/meta only */
	const struct lab_survey *survey; /* run_cases() asks for it itself */
};

/*
 * Run. Returns the exit status: 0 as expected, 1 not, 4 the harness could not do its work. SIGINT,
 * SIGTERM and SIGHUP end it within a second with what is known so far, and 128 + the signal. -errno
 * with why when the run could not start, and then nothing is left behind: -ENOENT nothing is left
 * to run, -EINVAL a sysctl or the evidence folder is no good, -EPERM no privilege and no way to it.
 */
int run_cases(const struct run_options *options, struct why *why);

/* Rehearse one case without a DUT: its ladder, every expectation met. */
int run_rehearse(const struct catalogue_entry *entry, struct ladder *ladder, struct why *why);

#endif
