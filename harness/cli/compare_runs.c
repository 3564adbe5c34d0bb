/*
 * A run on each kernel, as many at a time as there are processors. They are reported one after
 * another, in the order in which they were named.
 */
#include "cli/compare.h"
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define AT_ONCE_MAX 4 /* each wants some memory */

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
				      .place = kernel->place * kernel->guests,
				      .guests = kernel->guests};
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

/* The place that no run has. */
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
	kernel->guests = compare->processors / compare->at_once;
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

/* How many kernels run at a time; what processors are left over go to their guests. */
static void processors_share(struct compare *compare)
{
	unsigned guests = 0;
	cpu_set_t all;

	compare->processors = 1;
	if (!sched_getaffinity(0, sizeof(all), &all) && CPU_COUNT(&all) > 0)
		compare->processors = (unsigned)CPU_COUNT(&all);
	for (size_t i = 0; i < compare->count; i++)
		guests += compare->kernels[i].guest != NULL;
	compare->at_once = compare->processors;
	if (compare->at_once > AT_ONCE_MAX)
		compare->at_once = AT_ONCE_MAX;
	if (compare->at_once > guests)
		compare->at_once = guests;
}

int compare_run(struct compare *compare, struct why *why)
{
	sigset_t before;
	int signals = signals_open(&before), r = 0;

	processors_share(compare);
	if (signals < 0)
		r = why_set(why, errno, "signalfd: %s", strerror(errno));
	else
		run_loop(compare, signals);
	if (signals >= 0)
		close(signals);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return r;
}
