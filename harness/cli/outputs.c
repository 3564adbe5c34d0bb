/*
 * The reports of a run. Files are finished before the summary is reported on stdout, so that the
 * last line there knows whether they could be written.
 */
#include "cli/outputs.h"
#include <errno.h>
#include <signal.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
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

int outputs_choose_stdout(struct outputs *outputs, const char *format)
{
	bool taken = false;

	for (size_t i = 0; i < outputs->count; i++)
		taken |= is_stdout(&outputs->all[i]);
	if (format)
		return outputs_add(outputs, true, format, "-");
	return taken ? 0 : outputs_add(outputs, true, "pretty", "-");
}

/* What a file is, as far as its reporter cares. */
static struct reporter_options options_for(const struct output *output, enum show show,
					   bool verbose)
{
	const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");
	bool terminal = is_stdout(output) && isatty(STDOUT_FILENO) && term && strcmp(term, "dumb");
	struct winsize size;
	struct reporter_options options = {.out = output->file.file,
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
	return options_for(&(struct output){.path = "-", .file = {.file = stdout}}, SHOW_UNEXPECTED,
			   false);
}

static int output_open(struct output *output, struct why *why)
{
	if (is_stdout(output)) {
		output->file = (struct output_file){.file = stdout, .folder = -1};
		return 0;
	}
	if (output_file_open(&output->file, output->path, OUTPUT_WHOLE, why)) {
		why_add(why, "report ");
		return -EINVAL;
	}
	return 0;
}

/* Two reports in one place would be none. Those before number n are open. */
static int output_check(const struct outputs *outputs, size_t n, struct why *why)
{
	const struct output *output = &outputs->all[n];

	for (size_t i = 0; i < n; i++) {
		const struct output *other = &outputs->all[i];

		if (strcmp(other->path, output->path) &&
		    !output_file_same(&other->file, &output->file))
			continue;
		return why_set(why, EINVAL, "%s and %s cannot both go to %s", other->format,
			       output->format,
			       is_stdout(output) ? "standard output" : output->path);
	}
	return 0;
}

void outputs_abandon(struct outputs *outputs)
{
	for (size_t i = 0; i < outputs->count; i++) {
		struct output *output = &outputs->all[i];

		if (output->file.file && !is_stdout(output))
			output_file_abandon(&output->file);
		output->file.file = NULL;
	}
}

static int output_close(struct output *output, struct reporter *reporter)
{
	struct why why = {.text = ""};
	int r = reporter_finish(reporter, &why), closed;

	if (is_stdout(output))
		closed = fflush(stdout) ? -errno : 0;
	else
		closed = output_file_close(&output->file, !r);
	output->file.file = NULL;
	r = r ? r : closed;
	if (!r)
		return 0;
	log_warn("report %s: %s", is_stdout(output) ? "on standard output" : output->path,
		 strerror(-r));
	if (is_stdout(output)) {
		/* Told once is enough: main() looks at it again. */
		__fpurge(stdout);
		clearerr(stdout);
	}
	return r;
}

/* Finish the files, or with both everything. */
static void outputs_finish(struct outputs *outputs, bool both)
{
	for (size_t i = 0; i < outputs->count; i++) {
		struct output *output = &outputs->all[i];

		if (!output->file.file || (is_stdout(output) && !both))
			continue;
		if (output_close(output, outputs->reporters[i]))
			outputs->lost = true;
		outputs->reporters[i] = NULL;
	}
}

/* stdout's reporter is about to report the summary, which all others have taken in. */
static int files_finish(void *arg, int status)
{
	struct outputs *outputs = arg;

	outputs_finish(outputs, false);
	return outputs->lost ? EXIT_HARNESS : status;
}

/* The program ends as one does that has left SIGPIPE alone. */
static void stdout_failed(void *arg, int error)
{
	const struct outputs *outputs = arg;

	if (error != -EPIPE || !outputs->pipe_ends || outputs->count > 1)
		return;
	signal(SIGPIPE, SIG_DFL);
	raise(SIGPIPE);
}

int outputs_open(struct outputs *outputs, bool verbose, struct why *why)
{
	struct output *all = outputs->all, last;
	int r = 0;

	for (size_t i = 0; i + 1 < outputs->count; i++) {
		if (!is_stdout(&all[i]))
			continue;
		last = all[i];
		memmove(&all[i], &all[i + 1], (outputs->count - 1 - i) * sizeof(last));
		all[outputs->count - 1] = last;
	}
	for (size_t i = 0; i < outputs->count && !r; i++) {
		r = output_open(&all[i], why);
		if (!r)
			r = output_check(outputs, i, why);
	}
	/* Only one format was typed by somebody: when it is wrong, no reporter is there yet. */
	for (size_t i = 0; i < outputs->count && !r; i++) {
		struct reporter_options options = options_for(&all[i], outputs->show, verbose);

		if (is_stdout(&all[i])) {
			options.ending = files_finish;
			options.failed = stdout_failed;
			options.arg = outputs;
		}
		r = reporter_new(&outputs->reporters[i], all[i].format, &options, why);
	}
	if (r)
		outputs_abandon(outputs);
	return r;
}

int outputs_close(struct outputs *outputs)
{
	outputs_finish(outputs, true);
	return outputs->lost ? -EIO : 0;
}
