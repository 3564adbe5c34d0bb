/*
 * What is known of the guests of a run, each of which runs a share of its cases. Of the guest room
 * only.
 */
#ifndef GUEST_OUTSIDE_H
#define GUEST_OUTSIDE_H

#include "guest/kernel.h"
#include "guest/order.h"

#define GUESTS_MAX 8
#define CONSOLE_BYTES 65536u /* what is kept of the end of a guest's console */

enum guest_state {
	GUEST_BOOTING,
	GUEST_ORDERED, /* it is there, and takes its order */
	GUEST_RUNNING, /* its run has begun */
	GUEST_SUMMED,  /* its summary came, and fits what was heard */
	/* From here on nothing it says counts. */
	GUEST_ENDED,   /* it said so */
	GUEST_REFUSED, /* the run could not start: status is -errno, why says why */
	GUEST_BROKEN,  /* it is not to be trusted, or gone; why says why */
};

struct guests;

/* One guest. */
struct listener {
	struct guests *guests;
	unsigned share;
	struct guest_process process;
	enum guest_state state;
	struct why why;
	int status;	/* its run's */
	int ended;	/* wait status of the process, once process.pid is 0 */
	nanos heard_at; /* monotonic: its last line */
	struct buffer order, line, console;
	int haul;	/* a file in memory with the evidence's archive so far; -1: there is none */
	long long hauled; /* its bytes */
	size_t ordered;
	bool order_whole;
	unsigned heard[VERDICTS]; /* verdicts that came */
	size_t last_case; /* place in the catalogue of the case that the last event was about */
	struct event_summary summary;
};

/* All guests of a run. */
struct guests {
	const struct guest_options *options;
	const struct guest_kernel *kernel;
	struct listener listeners[GUESTS_MAX];
	unsigned count;
	int signals;
	int interrupted;    /* by this signal */
	int refused;	    /* -errno: the reporters could not be made; why says why */
	struct why why;
	bool told_run;	    /* the reporters know that the run has begun */
	unsigned cases;	    /* of all guests */
	nanos began, told;  /* monotonic: start, last event to the reporters */
	nanos patience;
	nanos time; /* of the run, virtual */
};

/* Hand an event to the reporters; its wall time is set. */
void guests_event(struct guests *guests, struct event *event);
/* The guest is not believed any more; the first reason counts. */
void listener_distrust(struct listener *listener, const char *what);
/* Take in what came through the channel. */
void listener_hear(struct listener *listener, const char *bytes, size_t n);

/* Read what came of the evidence. False: the other end has closed. */
bool haul_read(struct listener *listener);

/* Keep the last bytes of what a kernel prints. */
void console_take(struct buffer *console, const char *bytes, size_t n);
/* How the guest's process ended, in words, with the console's most telling line. */
void ending_text(const struct listener *listener, struct why *why);

/* What a guest is told of this machine: where things are. */
struct workplace {
	char *lastack;	/* absolute path of this program */
	char *evidence; /* absolute path, or NULL */
	char *profile;	/* absolute path of the profile's file, or NULL */
	bool made;	/* the evidence folder was not there before */
};
int workplace_open(struct workplace *workplace, const struct guest_options *options,
		   struct why *why);
/* unused: nothing has run, a folder that was made for it goes again. */
void workplace_close(struct workplace *workplace, bool unused);
/* Append the order of one guest of several. */
int workplace_order(const struct workplace *workplace, const struct guests *guests, unsigned share,
		    struct buffer *out, struct why *why);

/*
 * After the end: the run's summary to the reporters, the consoles into the evidence, one line on
 * stderr where something went wrong. The exit status, or -errno where nothing ran.
 */
int ending_report(struct guests *guests, const struct workplace *workplace, struct why *why);

#endif
