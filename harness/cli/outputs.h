/*
 * Where the reports of a run go: a format for stdout, and files beside it. Of the cli room only.
 */
#ifndef CLI_OUTPUTS_H
#define CLI_OUTPUTS_H

#include "cli/cli.h"

#define OUTPUTS_MAX 8

struct output {
	const char *format;
	const char *path; /* "-" is stdout */
	FILE *file;	  /* NULL: not open */
	bool fresh;	  /* the file was not there before */
};

struct outputs {
	struct output all[OUTPUTS_MAX];
	struct reporter *reporters[OUTPUTS_MAX];
	size_t count;
	enum show show; /* which cases the reports print */
};

/* What a report on stdout can do there. */
struct reporter_options stdout_options(void);
/* Note one more; the first of all with first. -E2BIG. */
int outputs_add(struct outputs *outputs, bool first, const char *format, const char *path);
/*
 * Open all and make their reporters; verbose draws every ladder. -EINVAL with why, and nothing is
 * left behind.
 */
int outputs_open(struct outputs *outputs, bool verbose, struct why *why);
/*
 * Finish the reporters and close the files. -errno when a report could not be written whole, which
 * is told on stderr; what there is of it is removed.
 */
int outputs_close(struct outputs *outputs);

#endif
