/*
 * lastack run --kernels: one run after another, and what differs between them.
 */
#include "cli/compare.h"
#include "cli/outputs.h"
#include "guest/guest.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOST "host" /* this machine's own kernel, in real time */
#define FOLDER_MAX 100

struct compared_kernel {
	const char *name;
	struct guest_kernel *guest;  /* NULL: the host */
	char folder[FOLDER_MAX + 8]; /* below the evidence folder */
};

struct compare {
	const struct compare_options *options;
	struct reporter_options out;
	char *names; /* the list, cut up */
	struct compared_kernel kernels[COMPARISON_RUNS_MAX];
	size_t count, ran;
	struct comparison *comparison;
	struct why first; /* why the first one that did not run did not */
	int status;
};

/* The names between the commas. */
static int names_split(struct compare *compare, const char *typed, struct why *why)
{
	char *rest = compare->names = strdup(typed), *name;

	if (!rest)
		return why_set(why, ENOMEM, "no memory for the kernels' names");
	while ((name = strsep(&rest, ","))) {
		if (!*name)
			return why_set(why, EINVAL, "--kernels %s: a name is empty", typed);
		if (compare->count == COMPARISON_RUNS_MAX)
			return why_set(why, EINVAL, "--kernels: more than %d of them",
				       COMPARISON_RUNS_MAX);
		compare->kernels[compare->count++].name = name;
	}
	if (compare->count < 2)
		return why_set(why, EINVAL,
			       "--kernels %s: want two or more, like uml,host; --kernel runs on "
			       "one",
			       typed);
	for (size_t i = 0; i < compare->count; i++)
		for (size_t j = 0; j < i; j++)
			if (!strcmp(compare->kernels[i].name, compare->kernels[j].name))
				return why_set(why, EINVAL, "--kernels: %s is named twice",
					       compare->kernels[i].name);
	return 0;
}

static int kernels_find(struct compare *compare, struct why *why)
{
	for (size_t i = 0; i < compare->count; i++) {
		struct compared_kernel *kernel = &compare->kernels[i];
		int r = strcmp(kernel->name, HOST) ? guest_find(&kernel->guest, kernel->name, why)
						   : 0;

		if (r)
			return r;
		for (size_t j = 0; j < i && kernel->guest; j++)
			if (compare->kernels[j].guest &&
			    !strcmp(guest_path(compare->kernels[j].guest),
				    guest_path(kernel->guest)))
				return why_set(why, EINVAL, "--kernels: %s and %s are the same",
					       compare->kernels[j].name, kernel->name);
	}
	return 0;
}

/* A kernel's name as that of a folder: its end, where it is long. */
static void folder_name(struct compare *compare, size_t i)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				    "_-";
	struct compared_kernel *kernel = &compare->kernels[i];
	const char *name = kernel->name;
	size_t n = strlen(name), at = 0;

	for (name += n > FOLDER_MAX ? n - FOLDER_MAX : 0; *name; name++) {
		bool good = strchr(plain, *name) || (at && *name == '.');

		if (at || *name != '/')
			kernel->folder[at++] = (char)(good ? *name : '_');
	}
	for (size_t j = 0; j < i; j++)
		if (!strcmp(kernel->folder, compare->kernels[j].folder)) {
			snprintf(kernel->folder + at, sizeof(kernel->folder) - at, "~%zu", i + 1);
			break;
		}
}

/* What is blocked between two runs ends the next one as soon as it has begun. */
static void signals_block(sigset_t *set)
{
	static const int wanted[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action;

	sigemptyset(set);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (sigaction(wanted[i], NULL, &action) || action.sa_handler != SIG_IGN)
			sigaddset(set, wanted[i]);
	sigprocmask(SIG_BLOCK, set, NULL);
}

static int run_one(struct compare *compare, const struct compared_kernel *kernel,
		   struct run_options *run, struct why *why)
{
	const struct compare_options *options = compare->options;
	struct guest_options guest = {.run = run,
				      .selectors = options->selectors,
				      .selector_count = options->selector_count,
				      .profile = options->profile};

	return kernel->guest ? guest_run(kernel->guest, &guest, why) : run_cases(run, why);
}

/* Run on one kernel; its status goes into the worst one. */
static void run_next(struct compare *compare, size_t i)
{
	const struct compared_kernel *kernel = &compare->kernels[i];
	struct run_options run = *compare->options->run;
	struct buffer folder = {.at = NULL}, command = {.at = NULL};
	struct reporter *reporter = NULL;
	struct why why = {.text = ""};
	int r;

	buffer_text(&command, run.command);
	if (kernel->guest)
		command_option(&command, "kernel", kernel->name);
	if (run.evidence)
		buffer_printf(&folder, "%s/%s", run.evidence, kernel->folder);
	run.command = command.at;
	run.evidence = folder.at;
	run.reporters = &reporter;
	run.reporter_count = 1;
	run.ready = NULL;
	r = comparison_reporter(compare->comparison, i, &compare->out, &reporter, &why);
	if (!r && (folder.failed || command.failed))
		r = why_set(&why, ENOMEM, "no memory for a run on %s", kernel->name);
	if (!r)
		r = run_one(compare, kernel, &run, &why);
	if (reporter_finish(reporter, r < 0 ? NULL : &why) && r >= 0)
		r = EXIT_HARNESS;
	if (r < 0) {
		comparison_refused(compare->comparison, i, why.text);
		if (!*compare->first.text)
			why_set(&compare->first, EINVAL, "%s: %s", kernel->name, why.text);
		r = r == -EINVAL || r == -ENOENT ? EXIT_USAGE : EXIT_HARNESS;
	} else {
		compare->ran++;
	}
	if (r > compare->status)
		compare->status = r;
	buffer_free(&folder);
	buffer_free(&command);
}

static int print(const struct compare *compare, bool json)
{
	struct buffer out = {.at = NULL};
	int status = compare->status;

	if (json)
		comparison_json(compare->comparison, &out);
	else
		comparison_text(compare->comparison, &compare->out, compare->options->all, &out);
	if (out.failed)
		status = complain(EXIT_HARNESS, "no memory for the comparison");
	else
		fwrite(out.at, 1, out.len, stdout);
	buffer_free(&out);
	return status;
}

static int run_all(struct compare *compare, struct why *why)
{
	const char *names[COMPARISON_RUNS_MAX], *evidence = compare->options->run->evidence;
	const struct timespec now = {.tv_sec = 0};
	bool made = false;
	sigset_t signals;
	int r;

	for (size_t i = 0; i < compare->count; i++) {
		names[i] = compare->kernels[i].name;
		folder_name(compare, i);
	}
	r = comparison_new(&compare->comparison, names, compare->count, why);
	if (r)
		return r;
	if (evidence) {
		made = !mkdir(evidence, 0777);
		if (!made && errno != EEXIST)
			return why_set(why, EINVAL, "evidence folder %s: %s", evidence,
				       strerror(errno));
	}
	signals_block(&signals);
	for (size_t i = 0; i < compare->count; i++) {
		int signal_ = sigtimedwait(&signals, NULL, &now);

		if (signal_ > 0)
			compare->status = 128 + signal_;
		if (compare->status < 128)
			run_next(compare, i);
		else
			comparison_refused(compare->comparison, i, "interrupted");
	}
	if (!compare->ran && made)
		rmdir(evidence);
	return 0;
}

static void compare_free(struct compare *compare)
{
	for (size_t i = 0; i < compare->count; i++)
		guest_free(compare->kernels[i].guest);
	comparison_free(compare->comparison);
	free(compare->names);
}

int compare_kernels(const char *kernels, const struct compare_options *options)
{
	const char *format = options->format ? options->format : "pretty";
	bool json = !strcmp(format, "json");
	struct compare compare = {.options = options};
	struct why why = {.text = ""};
	int r;

	if (!json && strcmp(format, "pretty"))
		return complain(EXIT_USAGE, "--format %s: --kernels prints pretty or json", format);
	if (!json)
		compare.out = stdout_options();
	r = names_split(&compare, kernels, &why);
	if (!r)
		r = kernels_find(&compare, &why);
	if (!r)
		r = run_all(&compare, &why);
	if (r)
		compare.status = complain(r == -ENOMEM ? EXIT_HARNESS : EXIT_USAGE, "%s", why.text);
	else if (!compare.ran)
		complain(compare.status, "%s", compare.first.text);
	else
		compare.status = print(&compare, json);
	compare_free(&compare);
	return compare.status;
}
