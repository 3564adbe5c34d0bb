/*
 * The schedule: which jobs run when, what their processes say, and how they end. Of the run room
 * only.
 */
#ifndef RUN_SCHEDULE_H
#define RUN_SCHEDULE_H

#include "run/job.h"
#include "run/path_watch.h"

struct schedule {
	const struct run_options *options;
	struct plan plan;
	struct tally tally;
	nanos began;	    /* monotonic */
	int epoll, signals; /* descriptors */
	struct nursery *nursery; /* the cases' processes come from there; NULL: from here */
	size_t next;	    /* the first job that was never started */
	unsigned at_once;   /* tries that may go on at a time */
	unsigned at_setup;  /* labs that may be in the making at a time */
	bool ahead;	    /* not all go on at once: labs are built before their turn */
	unsigned running;   /* tries without a verdict */
	unsigned opening;   /* and of these, without a lab */
	unsigned ready;	    /* or with one, and waiting for their turn */
	unsigned alive;	    /* processes that are not reaped */
	unsigned firsts;    /* cases whose first attempt has no verdict yet */
	nanos firsts_ended; /* monotonic: the last of these verdicts, once firsts is 0 */
	struct path_watch watch; /* the path, where the DUT is a host */
	unsigned asking;    /* jobs that wait for a measurement of it */
	unsigned waiting;   /* inconclusive cases that another attempt is due for */
	unsigned reopening; /* tries without a lab that are not a case's first */
	unsigned retries;   /* attempts that were not a case's first */
	nanos looked_at;    /* monotonic: the cases' use of the processors; see retry.c */
	bool calm;	    /* and it was next to none */
	unsigned in_wave;   /* labs begun of this wave: see schedule.c */
	nanos wave_end;	    /* monotonic */
	bool full;	    /* the machine had no room for one more process */
	int interrupted;    /* by this signal */
	bool evidence_lost;
	nanos quiet_since; /* monotonic: the last event */
};

/* Hand an event to every reporter; its time is set. */
void schedule_report(struct schedule *schedule, struct event *event);

/* Run every job, and the inconclusive ones again, until all ended or a signal came. */
void schedule_run(struct schedule *schedule);

/* Let those begin that wait with their labs built, as far as there is room for them. */
void schedule_go(struct schedule *schedule);
/* Send SIGKILL to every process; schedule_end() also reaps them, and takes 800 ms at most. */
void schedule_kill(struct schedule *schedule);
void schedule_end(struct schedule *schedule);

/*
 * From retry.c. May a case be run again whose attempt ended now, or that waits for another one? The
 * limits of --retries decide.
 */
bool retry_in_time(const struct schedule *schedule, const struct job *job);
/* The inconclusive case to be run again now, or NULL: none, or the other cases are busy. */
struct job *retry_next(struct schedule *schedule);
/* The next point of time to ask for it; NANOS_MAX where nothing waits for another attempt. */
nanos retry_look(const struct schedule *schedule);

/*
 * From ask.c. A claim broke, and the job's process has ended: the path to the host is measured, and
 * then the job has its verdict.
 */
void job_ask(struct schedule *schedule, struct job *job);
/* The measurement has ended: take its result, and judge those that it was made for. */
void ask_take(struct schedule *schedule);
/* Judge them by the result that there is. */
void ask_decide(struct schedule *schedule);
/* The host is silent for good: what has not run, or goes on still, ends without a verdict on it. */
void ask_give_up(struct schedule *schedule);

/* From inbox.c. Read what the job's process wrote; events go on to the reporters. */
void inbox_read(struct schedule *schedule, struct job *job);
void inbox_read_errors(struct schedule *schedule, struct job *job);
/* Nothing more is wanted of it. */
void inbox_end(struct schedule *schedule, struct job *job);

/* The case's start reaches the reporters once a try, even where its process never said it. */
void job_announce(struct schedule *schedule, struct job *job);

/* This attempt has ended, and took so long, ns. input: how; what the run knows is added here. */
void job_end(struct schedule *schedule, struct job *job, struct verdict_input *input,
	     nanos seconds);
/* The end that its process told is judged. */
void job_judge(struct schedule *schedule, struct job *job, const struct verdict_path *path);
/* The harness could not do its work. */
void job_fail(struct schedule *schedule, struct job *job, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
