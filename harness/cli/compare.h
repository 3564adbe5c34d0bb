/*
 * The same run on several kernels. Of the cli room only.
 */
#ifndef CLI_COMPARE_H
#define CLI_COMPARE_H

#include "cli/cli.h"

struct compare_options {
	const struct run_options *run; /* reporters, evidence and command are each kernel's own */
	char *const *selectors;
	size_t selector_count;
	const char *profile, *format; /* as typed; format NULL: pretty */
	bool all;		      /* show the cases that do not differ, too */
};

/*
 * kernels: "uml,PATH,host", as typed. Runs on each, one after another, prints what differs, and
 * returns the exit status, the worst of the runs; what was refused is told.
 */
int compare_kernels(const char *kernels, const struct compare_options *options);

#endif
