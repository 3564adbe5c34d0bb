/*
 * A job: one case over one address family, and the process that it runs in. Of the run room only.
 */
#ifndef RUN_JOB_H
#define RUN_JOB_H

#include "run/run.h"
#include <sys/types.h>

#define OVERTIME sec(10)       /* past its budget, before a case is ended by force */
#define SETUP_TIME sec(600)    /* instead, for labs that are made in virtual time */
#define CLOSING_TIME sec(2)    /* between a case's verdict and the end of its process */
#define EVENT_LINE_MAX 262144u /* bytes of one event that a case's process may write */
#define SAID_MAX 2048u	       /* bytes kept of what a case's process wrote to its stderr */

struct job {
	const struct catalogue_entry *entry;
	uint8_t family;	  /* 4 or 6 */
	const char *over; /* "ipv4" or "ipv6" */
	nanos budget;	  /* stretched by the time scale */
	uint64_t seed;
	bool rehearsal; /* no DUT: see lab_config */
	bool alone;	/* it changes what others go by: with nothing beside it, after them */
	uint16_t port_low, port_high;	/* at a target */
	uint16_t again_low, again_high; /* and in later attempts */

	pid_t pid;	    /* 0: no process, or reaped */
	int events, errors; /* what it writes, non-blocking; -1: closed */
	int go;		    /* where the word to begin is written; -1: it does not wait for one */
	bool ahead;	    /* its lab is built before its turn: it waits for the word */
	bool ready;	    /* and waits now */
	bool gone;	    /* and has got it */
	nanos began;	    /* monotonic */
	struct cpu_use before; /* what its processes had used by then, once its lab stands */
	nanos deadline;	    /* monotonic: killed then */
	bool announced;	    /* the reporters know that it started */
	bool opened;	    /* said that its lab stands */
	bool told;	    /* its process has said how it ended: see end */
	bool asks;	    /* and is gone, so that the path to the host can be measured, */
	bool asked;	    /* which goes on now */
	struct event end;   /* told: the event, until it is judged */
	struct event_storage end_storage;
	nanos told_at;	    /* monotonic */
	bool judged;	    /* this try has its verdict */
	unsigned attempt;   /* its number, from 1; the later ones follow inconclusive ones */
	struct buffer line; /* an event that is not complete yet */
	struct buffer said; /* the end of its stderr */

	enum verdict verdict;  /* of the last try that ended */
	enum break_kind broke; /* and how the case broke in it, */
	int broke_at;	       /* at which line */
	bool counted;	       /* it stands in the tally */
	bool counts;	       /* and against the run */
	bool again;	       /* it was inconclusive, and another attempt is due */
	nanos ended;	       /* monotonic: when it had its verdict */
	struct cpu_use looked; /* what its process had used at the last look: see retry.c */
	struct ladder *ladder; /* for the evidence, or NULL */
	char *folder;	       /* the evidence's, or NULL */
};

/* The jobs of a run, the longest budget first. */
struct plan {
	struct job *jobs;
	size_t count;
	size_t all;	   /* jobs of all shares: see run_options */
	unsigned left_out; /* by --quick */
	unsigned too_slow; /* VIRTUAL_TIME, where time is real */
};
/* -ENOMEM; -ENOENT when nothing is left to run (why says which option left it out). */
int plan_new(struct plan *out, const struct run_options *options, struct why *why);
void plan_free(struct plan *plan);
/* How the cases could run that this run leaves out because of their time; NULL: not known. */
const char *plan_slow_way(const struct run_options *options);

/* What the job's case needs and does not have here, in words; NULL: nothing. */
const char *job_missing(const struct job *job, const struct run_options *options);

/* The seed of a case: the run's, and the case's name and family. */
uint64_t job_seed(uint64_t run_seed, const char *name, const char *over);

/* Give each job its ports at a target (NULL: none). -EINVAL where there are too few. */
int plan_ports(struct plan *plan, const struct run_target *target, struct why *why);
/* The target as this try of the job sees it; the agent is still to be reached. */
void job_target(const struct job *job, const struct run_target *target, struct lab_target *out);

struct nursery;

/*
 * Fork the case's process, a group of its own, and set pid, events, errors, go, began and deadline.
 * run_began: monotonic, events count from it. From the nursery, or, where that is NULL, from here.
 * -EAGAIN or -EMFILE and the like: nothing was started.
 */
int job_start(struct job *job, const struct run_options *options, nanos run_began,
	      struct nursery *nursery, struct why *why);
/* What the process does. descriptors: for its events, its errors, and -1 or the word to begin. */
_Noreturn void job_enter(const struct job *job, const struct run_options *options, nanos run_began,
			 pid_t run, const int descriptors[3]);

/* The start event of the case; its strings live as long as the catalogue. */
struct event job_start_event(const struct job *job);

/* A job that waits with its lab built may begin: its time counts from now. */
void job_go(struct job *job);

/* SIGKILL for the process and all that it started. */
void job_kill(const struct job *job);

/*
 * Close and free what a try held, once its process is reaped; pid is 0 afterwards. job_reset()
 * makes the job ready for another try.
 */
void job_close(struct job *job);
void job_reset(struct job *job);

#endif
