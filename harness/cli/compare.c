/*
 * lastack run --kernels: a run on each, as many at a time as there are processors, and what differs
 * between them. They are reported one after another, in the order in which they were named.
 */
#include "cli/compare.h"
#include "cli/outputs.h"
#include "cli/runner.h"
#include "guest/guest.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOST "host" /* this machine's own kernel, in real time */
#define FOLDER_MAX 100
#define AT_ONCE_MAX 4 /* each wants some memory */

struct compared_kernel {
	const char *name;
	struct guest_kernel *guest;  /* NULL: the host */
	char folder[FOLDER_MAX + 8]; /* below the evidence folder */
	unsigned place;		     /* its processor, of those that run at a time */
	const struct compare_options *options;
	struct runner runner;
};

struct compare {
	const struct compare_options *options;
	struct reporter_options out;
	char *names; /* the list, cut up */
	struct compared_kernel kernels[COMPARISON_RUNS_MAX];
	size_t count;
	unsigned at_once;
	size_t started, reported; /* of the kernels, in their order */
	size_t ran;
	struct comparison *comparison;
	struct reporter *reporter; /* of the one that is being reported */
	int interrupted;
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

/* What ends all runs; read by the loop, where it was not ignored. */
static int signals_open(sigset_t *before)
{
	static const int wanted[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action;
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (sigaction(wanted[i], NULL, &action) || action.sa_handler != SIG_IGN)
			sigaddset(&set, wanted[i]);
	sigprocmask(SIG_BLOCK, &set, before);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* In the run's own process. */
static int run_one(void *arg, struct reporter *events, struct why *why)
{
	const struct compared_kernel *kernel = arg;
	const struct compare_options *options = kernel->options;
	struct run_options run = *options->run;
	struct guest_options guest = {.run = &run,
				      .selectors = options->selectors,
				      .selector_count = options->selector_count,
				      .profile = options->profile,
				      .place = kernel->place};
	struct buffer folder = {.at = NULL}, command = {.at = NULL};
	int r;

	buffer_text(&command, run.command);
	if (kernel->guest)
		command_option(&command, "kernel", kernel->name);
	if (run.evidence)
		buffer_printf(&folder, "%s/%s", run.evidence, kernel->folder);
	run.command = command.at;
	run.evidence = folder.at;
	run.reporters = &events;
	run.reporter_count = 1;
	run.ready = NULL;
	if (folder.failed || command.failed)
		r = why_set(why, ENOMEM, "no memory for a run");
	else
		r = kernel->guest ? guest_run(kernel->guest, &guest, why) : run_cases(&run, why);
	buffer_free(&folder);
	buffer_free(&command);
	return r;
}

/* The run of kernel i is over, with this status or -errno. */
static void run_ended(struct compare *compare, size_t i, int r, const char *reason)
{
	if (r < 0) {
		comparison_refused(compare->comparison, i, reason);
		if (!*compare->first.text)
			why_set(&compare->first, EINVAL, "%s: %s", compare->kernels[i].name,
				reason);
		r = r == -EINVAL || r == -ENOENT ? EXIT_USAGE : EXIT_HARNESS;
	} else {
		compare->ran++;
	}
	if (r > compare->status)
		compare->status = r;
}

/* The processor that no run has. */
static unsigned free_place(const struct compare *compare)
{
	for (unsigned place = 0;; place++) {
		bool taken = false;

		for (size_t i = 0; i < compare->started; i++)
			taken |= compare->kernels[i].runner.events >= 0 &&
				 compare->kernels[i].place == place;
		if (!taken)
			return place;
	}
}

/* May the next one start now? A run in real time is alone. */
static bool may_start(const struct compare *compare)
{
	size_t running = 0;

	if (compare->started == compare->count || compare->interrupted)
		return false;
	for (size_t i = 0; i < compare->started; i++) {
		if (compare->kernels[i].runner.events < 0)
			continue;
		if (!compare->kernels[i].guest || !compare->kernels[compare->started].guest)
			return false;
		running++;
	}
	return running < compare->at_once;
}

static void start_next(struct compare *compare)
{
	struct compared_kernel *kernel = &compare->kernels[compare->started];
	struct why why = {.text = ""};
	int r;

	kernel->options = compare->options;
	kernel->place = free_place(compare);
	r = runner_start(&kernel->runner, run_one, kernel, &why);
	if (r)
		kernel->runner =
			(struct runner){.events = -1, .ended = true, .status = r, .why = why};
	compare->started++;
}

/* Those that are reported one after another, as far as they have got. */
static void report_next(struct compare *compare)
{
	while (compare->reported < compare->started) {
		size_t i = compare->reported;
		struct runner *runner = &compare->kernels[i].runner;
		struct why why = {.text = ""};
		int r = 0;

		if (!compare->reporter)
			r = comparison_reporter(compare->comparison, i, &compare->out,
						&compare->reporter, &why);
		if (!r)
			runner_report(runner, compare->reporter);
		if (runner->events >= 0)
			return;
		r = runner_end(runner);
		if (reporter_finish(compare->reporter, &why) && r >= 0)
			r = EXIT_HARNESS;
		compare->reporter = NULL;
		run_ended(compare, i, r, runner->why.text);
		compare->reported++;
	}
}

static void signals_pass_on(struct compare *compare, int signals)
{
	struct signalfd_siginfo info;

	while (read(signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (!compare->interrupted)
			compare->interrupted = (int)info.ssi_signo;
		for (size_t i = 0; i < compare->started; i++)
			if (compare->kernels[i].runner.pid)
				kill(compare->kernels[i].runner.pid, (int)info.ssi_signo);
	}
}

/* Wait for something to be heard, and take it in. */
static void listen_to_all(struct compare *compare, int signals)
{
	struct pollfd fds[COMPARISON_RUNS_MAX + 1];

	for (size_t i = 0; i < compare->started; i++)
		fds[i] = (struct pollfd){.fd = compare->kernels[i].runner.events, .events = POLLIN};
	fds[compare->started] = (struct pollfd){.fd = signals, .events = POLLIN};
	poll(fds, compare->started + 1, -1);
	if (fds[compare->started].revents)
		signals_pass_on(compare, signals);
	for (size_t i = 0; i < compare->started; i++)
		if (fds[i].revents)
			runner_hear(&compare->kernels[i].runner);
}

static void run_loop(struct compare *compare, int signals)
{
	for (;;) {
		while (may_start(compare))
			start_next(compare);
		report_next(compare);
		if (compare->reported == compare->started && !may_start(compare))
			break;
		if (compare->reported < compare->started)
			listen_to_all(compare, signals);
	}
	for (size_t i = compare->started; i < compare->count; i++)
		comparison_refused(compare->comparison, i, "interrupted");
	if (compare->interrupted)
		compare->status = 128 + compare->interrupted;
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
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	bool made = false;
	sigset_t before;
	int signals, r;

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
	compare->at_once = cpus < 1 ? 1 : cpus > AT_ONCE_MAX ? AT_ONCE_MAX : (unsigned)cpus;
	signals = signals_open(&before);
	if (signals < 0)
		r = why_set(why, errno, "signalfd: %s", strerror(errno));
	else
		run_loop(compare, signals);
	if (!compare->ran && made)
		rmdir(evidence);
	if (signals >= 0)
		close(signals);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return r;
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
