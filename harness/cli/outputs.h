/*
 * Where the reports of a run go: a format for stdout, and files beside it. Of the cli room only.
 */
#ifndef CLI_OUTPUTS_H
#define CLI_OUTPUTS_H

#include "cli/cli.h"

#define OUTPUTS_MAX 8

struct output {
	const char *format;
	const char *path;	 /* "-" is stdout */
	struct output_file file; /* file.file NULL: not open */
};

struct outputs {
	struct output all[OUTPUTS_MAX];
	struct reporter *reporters[OUTPUTS_MAX]; /* in the order of all; what has ended is NULL */
	size_t count;
	enum show show; /* which cases the reports print */
	bool lost; /* a report could not be written whole */
	/* stdout's reader may end the run by going away, if a report there is all that is wanted */
	bool pipe_ends;
};

/* What a report on stdout can do there. */
struct reporter_options stdout_options(void);
/* Note one more; the first of all with first. -E2BIG. */
int outputs_add(struct outputs *outputs, bool first, const char *format, const char *path);
/* Note what stdout shows: this format, or pretty (NULL) if no report goes there. -E2BIG. */
int outputs_choose_stdout(struct outputs *outputs, const char *format);
/*
 * Open all and make their reporters, of which stdout's is the last; verbose draws every ladder.
 * -EINVAL with why, and nothing is left behind.
 */
int outputs_open(struct outputs *outputs, bool verbose, struct why *why);
/*
 * Finish the reporters and close the files. -errno when a report could not be written whole, which
 * is told on stderr; what there is of it is removed.
 */
int outputs_close(struct outputs *outputs);
/* Close the files as if they had not been opened: older files of these names remain. */
void outputs_abandon(struct outputs *outputs);

#endif
