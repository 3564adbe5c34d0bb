/*
 * A case's process: how it starts, what it does, how it is made to end.
 */
#include "run/job.h"
#include "run/nursery.h"
#include "run/recorder.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHILD_EVENTS 3 /* the descriptor of the events in a case's process */
#define CHILD_GO 4     /* and of the word to begin */

struct event job_start_event(const struct job *job)
{
	const struct case_record *record = job->entry->record;
	const struct requirement *first = requirement_get(record->requirement);
	struct event event = {.kind = EVENT_CASE, .name = job->entry->name, .over = job->over};
	size_t n = 0;

	event.start = (struct event_case){.claim = record->claim,
					  .file = record->file,
					  .line = record->line,
					  .budget = job->budget,
					  .sentence = first->sentence,
					  .level = level_name(case_level(record))};
	event.start.requirements[n++] = first->name;
	for (size_t i = 0; i < CASE_REQUIREMENTS_MAX && n < EVENT_REQUIREMENTS_MAX - 1; i++) {
		const struct requirement *also = requirement_get(record->also[i]);

		if (also)
			event.start.requirements[n++] = also->name;
	}
	return event;
}

/* Standard input is empty, output and errors go to the run, and no other descriptor stays open. */
static int descriptors_arrange(int events, int errors, int go)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int kept_events = fcntl(events, F_DUPFD_CLOEXEC, 10);
	int kept_errors = fcntl(errors, F_DUPFD_CLOEXEC, 10);
	int kept_go = fcntl(go >= 0 ? go : null, F_DUPFD_CLOEXEC, 10);

	if (null < 0 || kept_events < 0 || kept_errors < 0 || kept_go < 0 || dup2(null, 0) < 0 ||
	    dup2(kept_errors, 1) < 0 || dup2(kept_errors, 2) < 0 ||
	    dup3(kept_events, CHILD_EVENTS, O_CLOEXEC) < 0 ||
	    dup3(kept_go, CHILD_GO, O_CLOEXEC) < 0)
		return -errno;
	return close_range(CHILD_GO + 1, ~0u, 0) ? -errno : 0;
}

/* The lab stands; the case begins when it is its turn. A run that has gone never says so. */
static void turn_await(struct recorder *recorder)
{
	char word;
	ssize_t n;

	do
		n = read(CHILD_GO, &word, 1);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		_exit(1);
	recorder->case_began = clock_monotonic();
	/* It could not have begun before. */
	exchange_could(lab_exchange(recorder->lab), clock_realtime());
}

/* Signals as a program finds them at its start. */
static void signals_restore(void)
{
	sigset_t none;

	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The target and its agent, where there is one. */
static int job_reach(const struct job *job, const struct run_options *options,
		     struct lab_target *target, struct lab_config *config, struct why *why)
{
	if (!options->target || job->rehearsal)
		return 0;
	job_target(job, options->target, target);
	config->target = target;
	if (options->target->make)
		return (options->target->make)(target, job->family, options->target->make_arg, why);
	if (!options->target->reach)
		return 0;
	return (options->target->reach)(&target->agent, options->target->reach_arg, why);
}

static _Noreturn void job_body(const struct job *job, const struct run_options *options,
			       nanos run_began)
{
	const struct case_record *record = job->entry->record;
	struct recorder recorder = {.name = job->entry->name,
				    .over = job->over,
				    .fd = CHILD_EVENTS,
				    .began = run_began,
				    .case_began = clock_monotonic()};
	struct lab_config config = {.family = job->family,
				    .seed = job->seed,
				    .sysctls = options->sysctls,
				    .survey = options->survey,
				    .flood = record->needs & FLOOD,
				    .idle_skipped = options->machine != NULL,
				    .time_scale = options->time_scale > 1 ? options->time_scale : 1,
				    .rehearsal = job->rehearsal,
				    .observer = recorder_observer(&recorder)};
	struct event start = job_start_event(job);
	char capture[4096];
	struct why why = {.text = ""};
	struct lab_target target;
	struct lab *lab = NULL;
	bool reached;
	int r;

	for (int i = 0; i < TIMER_END; i++)
		config.timers[i] = profile_timer(options->profile, (enum timer)i);
	if (job->folder) {
		snprintf(capture, sizeof(capture), "%s/wire.pcap", job->folder);
		config.capture_path = capture;
	}
	r = job_reach(job, options, &target, &config, &why);
	reached = !r;
	if (reached)
		r = lab_open(&lab, &config, &why);
	recorder_start(&recorder, &start.start);
	if (r)
		recorder_end_without(&recorder, reached ? -r : 0, reached ? 0 : -r,
				     *why.text ? why.text : strerror(-r));
	/* Seconds that are skipped while a lab is made say nothing of the case. */
	if (options->machine)
		recorder.case_began = clock_monotonic();
	recorder.lab = lab;
	if (job->ahead)
		turn_await(&recorder);
	if (options->liar) {
		if (options->liar->begin)
			options->liar->begin(options->liar->arg, job->entry->name);
		lab_set_liar(lab, options->liar);
	}
	record->body(lab, job->entry->row);
	recorder_end(&recorder);
}

_Noreturn void job_enter(const struct job *job, const struct run_options *options, nanos run_began,
			 pid_t run, const int descriptors[3])
{
	int r;

	setpgid(0, 0);
	/* The run may be gone already; then nobody is there to die with. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != run)
		_exit(1);
	r = descriptors_arrange(descriptors[0], descriptors[1], descriptors[2]);
	if (r) {
		dprintf(descriptors[1], "descriptors: %s\n", strerror(-r));
		_exit(1);
	}
	signals_restore();
	job_body(job, options, run_began);
}

static void pair_close(int pair[2])
{
	for (int i = 0; i < 2; i++)
		if (pair[i] >= 0)
			close(pair[i]);
}

/* The process, or -errno. */
static pid_t job_fork(const struct job *job, const struct run_options *options, nanos run_began,
		      const int descriptors[3])
{
	pid_t pid, run = getpid();

	/* What is buffered is written here, and not a second time by a child that calls exit(). */
	fflush(NULL);
	pid = fork();
	if (!pid)
		job_enter(job, options, run_began, run, descriptors);
	return pid < 0 ? -errno : pid;
}

int job_start(struct job *job, const struct run_options *options, nanos run_began,
	      struct nursery *nursery, struct why *why)
{
	int events[2] = {-1, -1}, errors[2] = {-1, -1}, go[2] = {-1, -1};
	pid_t pid;
	int r = 0;

	if (pipe2(events, O_CLOEXEC | O_NONBLOCK) || pipe2(errors, O_CLOEXEC) ||
	    (job->ahead && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, go))) {
		r = why_set(why, errno, "pipe: %s", strerror(errno));
		goto out;
	}
	if (nursery)
		pid = nursery_start(nursery, job, (int[]){events[1], errors[1], go[0]});
	else
		pid = job_fork(job, options, run_began, (int[]){events[1], errors[1], go[0]});
	if (pid < 0) {
		r = why_set(why, -pid, "fork: %s", strerror(-pid));
		goto out;
	}
	setpgid(pid, pid);
	fcntl(errors[0], F_SETFL, O_NONBLOCK);
	job->pid = pid;
	job->events = events[0];
	job->errors = errors[0];
	job->go = go[1];
	events[0] = errors[0] = go[1] = -1;
	job->began = clock_monotonic();
	job->deadline = job->began + job->budget + (options->machine ? SETUP_TIME : OVERTIME);
out:
	pair_close(events);
	pair_close(errors);
	pair_close(go);
	return r;
}

void job_go(struct job *job)
{
	/* A process that has died meanwhile is reaped as one; there is nobody to tell. */
	if (send(job->go, "", 1, MSG_NOSIGNAL) < 0)
		log_debug("%s is gone before its turn", job->entry->name);
	close(job->go);
	job->go = -1;
	job->began = clock_monotonic();
	job->before = cpu_use_of(job->pid);
	job->deadline = job->began + job->budget + OVERTIME;
}

void job_kill(const struct job *job)
{
	if (job->pid > 0 && kill(-job->pid, SIGKILL))
		kill(job->pid, SIGKILL);
}

void job_close(struct job *job)
{
	if (job->events >= 0)
		close(job->events);
	if (job->errors >= 0)
		close(job->errors);
	if (job->go >= 0)
		close(job->go);
	job->events = job->errors = job->go = -1;
	job->pid = 0;
	buffer_free(&job->line);
	buffer_free(&job->said);
}

void job_reset(struct job *job)
{
	job_close(job);
	job->opened = job->judged = job->ahead = job->ready = job->gone = false;
	job->told = job->asks = job->asked = false;
	event_storage_free(&job->end_storage);
	job->announced = false;
	job->looked = (struct cpu_use){.ran = 0};
	ladder_free(job->ladder);
	job->ladder = NULL;
}
