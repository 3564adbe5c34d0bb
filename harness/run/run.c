#include "run/run.h"
#include "run/evidence.h"
#include "run/nursery.h"
#include "run/schedule.h"
#include "run/sysctls.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/utsname.h>
#include <unistd.h>

/*
 * Cases that go on at a time, where nothing else was asked for: they mostly wait, but a lab takes
 * 1.5 MB. The longest begin first, and the others find their turn before those have ended. A guest
 * has less memory, and its time is of no account.
 */
#define AT_ONCE 400
#define AT_ONCE_VIRTUAL 160
#define RATE_EACH 4 /* segments a second of a host's share that a case is given */
#define SURVEY_PAYS 8 /* from so many labs on, asking costs less than it saves */

/* Every case has two pipes: as many descriptors as this user may have. */
static void descriptors_raise(void)
{
	struct rlimit limit;

	if (!getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* The signals that the run's loop reads; blocked from now on. */
static int signals_open(sigset_t *before)
{
	static const int wanted[] = {SIGCHLD, SIGINT, SIGTERM, SIGHUP};
	struct sigaction action;
	sigset_t set;

	/* Where it was ignored, children would leave no status behind. */
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		/* Under nohup, or in a shell's background, what is ignored stays ignored. */
		if (sigaction(wanted[i], NULL, &action) || action.sa_handler != SIG_IGN)
			sigaddset(&set, wanted[i]);
	}
	sigprocmask(SIG_BLOCK, &set, before);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void report_start(struct schedule *schedule)
{
	const struct run_options *options = schedule->options;
	struct utsname kernel;
	struct event event = {.kind = EVENT_RUN};
	struct buffer path = {.at = NULL};

	if (uname(&kernel))
		strcpy(kernel.release, "unknown");
	event.run = (struct event_run){.strict = options->strict,
				       .version = LASTACK_VERSION,
				       .kernel = options->target ? options->target->label
								 : kernel.release,
				       .profile = profile_name(options->profile),
				       .seed = options->seed,
				       .cases = (unsigned)schedule->plan.all,
				       .left_out = schedule->plan.left_out,
				       .too_slow = schedule->plan.too_slow,
				       .slow_way = plan_slow_way(options),
				       .machine = options->machine};
	if (schedule->watch.target) {
		path_text(&path, &options->target->path);
		event.run.path = path.failed ? NULL : path.at;
	}
	schedule_report(schedule, &event);
	buffer_free(&path);
}

static int report_summary(struct schedule *schedule)
{
	struct event event = {.kind = EVENT_SUMMARY};
	struct buffer path = {.at = NULL};
	struct verdict_path facts;
	int status = verdict_status(&schedule->tally, schedule->evidence_lost);

	if (schedule->interrupted)
		status = 128 + schedule->interrupted;
	for (int i = 0; i < VERDICTS; i++)
		event.summary.count[i] = schedule->tally.count[i];
	event.summary.unexpected = schedule->tally.unexpected;
	event.summary.retries = schedule->retries;
	event.summary.seconds = clock_monotonic() - schedule->began;
	event.summary.interrupted = schedule->interrupted != 0;
	event.summary.status = status;
	if (schedule->watch.target) {
		path_watch_facts(&schedule->watch, 0, INT64_MAX, &facts);
		path_text(&path, &facts.run);
		event.summary.path = path.failed ? NULL : path.at;
	}
	schedule_report(schedule, &event);
	buffer_free(&path);
	return status;
}

/* Everything that can forbid the run, before anything is started. */
static int run_prepare(struct schedule *schedule, struct why *why)
{
	const struct run_options *options = schedule->options;
	bool made = false;
	int r = plan_new(&schedule->plan, options, why);

	if (r)
		return r;
	if (!options->target && lab_become_root(why))
		r = -EPERM;
	if (!r)
		r = sysctls_check(options->sysctls, why);
	if (!r && options->evidence)
		r = evidence_prepare(options->evidence, &made, why);
	if (!r && options->ready)
		r = options->ready(options->ready_arg, why);
	if (r && made)
		rmdir(options->evidence);
	return r;
}

static unsigned at_once(const struct run_options *options)
{
	bool remote = options->target && options->target->reach;
	unsigned rate = options->target ? options->target->rate : 0;
	unsigned most = options->machine ? AT_ONCE_VIRTUAL : AT_ONCE;

	/* Where each segment waits for its turn, a case must not wait for too many others. */
	if (rate && rate / RATE_EACH < most)
		most = rate > RATE_EACH ? rate / RATE_EACH : 1;
	if (options->jobs)
		most = options->jobs;
	return remote && most > RUN_AGENT_AT_ONCE ? RUN_AGENT_AT_ONCE : most;
}

int run_cases(const struct run_options *options, struct why *why)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	struct run_options own = *options;
	struct nursery nursery = {.fd = -1};
	struct lab_survey survey;
	struct schedule schedule = {.options = &own,
				    .epoll = -1,
				    .signals = -1,
				    .at_once = at_once(options),
				    .at_setup = cpus > 0 ? 2 * (unsigned)cpus : 2};
	sigset_t before;
	int r = run_prepare(&schedule, why);

	if (r) {
		plan_free(&schedule.plan);
		return r;
	}
	/* What labs wait for while they are made costs nothing where idle time is skipped. */
	if (options->setups)
		schedule.at_setup = options->setups;
	else if (options->machine)
		schedule.at_setup = AT_ONCE_VIRTUAL / 2;
	if (!options->target && schedule.plan.count >= SURVEY_PAYS && !lab_survey(&survey, NULL))
		own.survey = &survey;
	schedule.ahead = schedule.at_once < schedule.plan.count;
	descriptors_raise();
	schedule.signals = signals_open(&before);
	schedule.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (schedule.signals < 0 || schedule.epoll < 0) {
		r = why_set(why, errno, "signalfd, epoll: %s", strerror(errno));
		goto out;
	}
	schedule.began = clock_monotonic();
	if (options->machine) {
		r = nursery_open(&nursery, &schedule.plan, &own, schedule.began, why);
		if (r)
			goto out;
		schedule.nursery = &nursery;
	}
	r = path_watch_start(&schedule.watch, options->target, why);
	if (r)
		goto out;
	report_start(&schedule);
	schedule_run(&schedule);
	if (schedule.interrupted)
		schedule_kill(&schedule);
	r = report_summary(&schedule);
	schedule_end(&schedule);
out:
	path_watch_end(&schedule.watch);
	nursery_close(&nursery);
	if (schedule.epoll >= 0)
		close(schedule.epoll);
	if (schedule.signals >= 0)
		close(schedule.signals);
	sigprocmask(SIG_SETMASK, &before, NULL);
	plan_free(&schedule.plan);
	return r;
}
