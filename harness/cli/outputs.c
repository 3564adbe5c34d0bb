#include "cli/outputs.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

int outputs_add(struct outputs *outputs, bool first, const char *format, const char *path)
{
	struct output *all = outputs->all;

	if (outputs->count == OUTPUTS_MAX)
		return -E2BIG;
	if (first)
		memmove(all + 1, all, outputs->count * sizeof(*all));
	all[first ? 0 : outputs->count] = (struct output){.format = format, .path = path};
	outputs->count++;
	return 0;
}

static bool is_stdout(const struct output *output)
{
	return !strcmp(output->path, "-");
}

/* What a file is, as far as its reporter cares. */
static struct reporter_options options_for(const struct output *output, enum show show,
					   bool verbose)
{
	const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");
	bool terminal = is_stdout(output) && isatty(STDOUT_FILENO) && term && strcmp(term, "dumb");
	struct winsize size;
	struct reporter_options options = {.out = output->file,
					   .ladders = verbose,
					   .show = show,
					   .progress = terminal,
					   .colour = terminal && (!no_colour || !*no_colour)};

	if (terminal && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		options.width = size.ws_col;
	return options;
}

struct reporter_options stdout_options(void)
{
	return options_for(&(struct output){.path = "-", .file = stdout}, SHOW_UNEXPECTED, false);
}

static int output_open(struct output *output, struct why *why)
{
	int fd;

	if (is_stdout(output)) {
		output->file = stdout;
		return 0;
	}
	fd = open(output->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	output->fresh = fd >= 0;
	if (fd < 0 && errno == EEXIST)
		fd = open(output->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd >= 0)
		output->file = fdopen(fd, "w");
	if (output->file)
		return 0;
	why_set(why, EINVAL, "report %s: %s", output->path, strerror(errno));
	if (fd >= 0)
		close(fd);
	if (output->fresh)
		unlink(output->path);
	return -EINVAL;
}

/* Two reports in one place would be none. */
static int outputs_check(const struct outputs *outputs, struct why *why)
{
	for (size_t i = 0; i < outputs->count; i++)
		for (size_t j = 0; j < i; j++)
			if (!strcmp(outputs->all[i].path, outputs->all[j].path))
				return why_set(why, EINVAL, "%s and %s cannot both go to %s",
					       outputs->all[j].format, outputs->all[i].format,
					       is_stdout(&outputs->all[i]) ? "standard output"
									   : outputs->all[i].path);
	return 0;
}

/* Close the files again, and remove those that were not there before. */
static void outputs_abandon(struct outputs *outputs)
{
	for (size_t i = 0; i < outputs->count; i++) {
		struct output *output = &outputs->all[i];

		if (!output->file || is_stdout(output))
			continue;
		fclose(output->file);
		output->file = NULL;
		if (output->fresh)
			unlink(output->path);
	}
}

int outputs_open(struct outputs *outputs, bool verbose, struct why *why)
{
	int r = outputs_check(outputs, why);

	for (size_t i = 0; i < outputs->count && !r; i++)
		r = output_open(&outputs->all[i], why);
	/* Only the first's format was typed by somebody: when it is wrong, no reporter is there
	 * yet. */
	for (size_t i = 0; i < outputs->count && !r; i++) {
		struct reporter_options options = options_for(&outputs->all[i], outputs->show,
							       verbose);

		r = reporter_new(&outputs->reporters[i], outputs->all[i].format, &options, why);
	}
	if (r)
		outputs_abandon(outputs);
	return r;
}

/* A whole report, or none; a device or a pipe keeps what it got. */
static void output_remove(const struct output *output)
{
	struct stat stat;

	if (!lstat(output->path, &stat) && S_ISREG(stat.st_mode))
		unlink(output->path);
}

static int output_close(struct output *output, struct reporter *reporter)
{
	struct why why = {.text = ""};
	int r = reporter_finish(reporter, &why);

	if (is_stdout(output)) {
		if (!r && fflush(stdout))
			r = -errno;
	} else if (fclose(output->file) && !r) {
		r = -errno;
	}
	output->file = NULL;
	if (!r)
		return 0;
	log_warn("report %s: %s", is_stdout(output) ? "on standard output" : output->path,
		 strerror(-r));
	if (is_stdout(output)) {
		/* Told once is enough: main() looks at it again. */
		__fpurge(stdout);
		clearerr(stdout);
	} else {
		output_remove(output);
	}
	return r;
}

int outputs_close(struct outputs *outputs)
{
	int worst = 0;

	for (size_t i = 0; i < outputs->count; i++) {
		int r = outputs->all[i].file ? output_close(&outputs->all[i], outputs->reporters[i])
					     : 0;

		if (r)
			worst = r;
	}
	return worst;
}
