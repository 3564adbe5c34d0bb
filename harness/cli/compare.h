/*
 * The same run on several kernels. Of the cli room only.
 */
#ifndef CLI_COMPARE_H
#define CLI_COMPARE_H

#include "cli/runner.h"
#include "guest/guest.h"

struct compare_options {
	const struct run_options *run; /* reporters, evidence and command are each kernel's own */
	char *const *selectors;
	size_t selector_count;
	const char *profile, *format; /* as typed; format NULL: pretty */
	bool all;		      /* show the cases that do not differ, too */
};

/*
 * kernels: "uml,PATH,host", as typed. Runs on each, prints what differs, and
 * returns the exit status, the worst of the runs; what was refused is told.
 */
int compare_kernels(const char *kernels, const struct compare_options *options);

#define FOLDER_MAX 100

struct compared_kernel {
	const char *name;
	struct guest_kernel *guest;  /* NULL: the host */
	char folder[FOLDER_MAX + 8]; /* below the evidence folder */
	unsigned place;		     /* of the kernels that run at a time, from 0 */
	unsigned guests;	     /* and its guests at a time */
	const struct compare_options *options;
	struct runner runner;
};

struct compare {
	const struct compare_options *options;
	struct reporter_options out;
	char *names; /* the list, cut up */
	struct compared_kernel kernels[COMPARISON_RUNS_MAX];
	size_t count;
	unsigned processors, at_once;
	size_t started, reported; /* of the kernels, in their order */
	size_t ran;
	struct comparison *comparison;
	struct reporter *reporter; /* of the one that is being reported */
	int interrupted;
	struct why first; /* why the first one that did not run did not */
	int status;
};

/*
 * Run on each kernel, with the evidence folder there and the comparison made: every run is in it
 * then, and their worst status in status. -errno with why where nothing could run.
 */
int compare_run(struct compare *compare, struct why *why);

#endif
