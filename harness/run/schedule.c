#include "run/schedule.h"
#include "run/evidence.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define TICK ms(200)	   /* a terminal is refreshed this often when nothing happens */
#define WAIT_MAX sec(1000000) /* what epoll's int of ms has room for */
#define END_TIME ms(800)   /* for all processes to be gone, once they were killed */
/*
 * Where idle time is skipped, so many labs are begun within so much of it. Namespaces are taken
 * down in time that passes, and none would while there is always one more case to begin.
 */
#define WAVE 48
#define WAVE_TIME ms(500)
/* What epoll says for the signals and the path; jobs are 2 * place + 0 or 1. */
#define SIGNALS UINT64_MAX
#define PATH (UINT64_MAX - 1)

static void watch_fd(struct schedule *schedule, int fd, uint64_t what)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = what};

	epoll_ctl(schedule->epoll, EPOLL_CTL_ADD, fd, &event);
}

/* No room for a process or a descriptor now; there will be when another case has ended. */
static bool is_full(int r)
{
	return r == -EAGAIN || r == -EMFILE || r == -ENFILE || r == -ENOMEM;
}

static void folder_make(struct schedule *schedule, struct job *job)
{
	struct why why = {.text = ""};

	if (!schedule->options->evidence || !evidence_open(job, schedule->options->evidence, &why))
		return;
	if (!schedule->evidence_lost)
		log_warn("%s", why.text);
	schedule->evidence_lost = true;
}

/* Start a try. False: the machine is full, and the job still waits for its turn. */
static bool try_start(struct schedule *schedule, struct job *job)
{
	const char *missing = job_missing(job, schedule->options);
	uint64_t place = (uint64_t)(job - schedule->plan.jobs);
	struct verdict_input skip = {.end = END_MISSING, .message = missing};
	struct why why = {.text = ""};
	int r;

	folder_make(schedule, job);
	if (job->folder)
		job->ladder = ladder_new();
	schedule->running++;
	schedule->opening++;
	schedule->reopening += job->attempt > 1;
	if (missing) {
		job_end(schedule, job, &skip, 0);
		return true;
	}
	r = job_start(job, schedule->options, schedule->began, schedule->nursery, &why);
	if (is_full(r) && schedule->alive) {
		schedule->running--;
		schedule->opening--;
		schedule->reopening -= job->attempt > 1;
		return false;
	}
	if (r) {
		job_fail(schedule, job, "could not be started: %s", why.text);
		return true;
	}
	schedule->alive++;
	watch_fd(schedule, job->events, place * 2);
	watch_fd(schedule, job->errors, place * 2 + 1);
	return true;
}

void schedule_go(struct schedule *schedule)
{
	if (schedule->watch.silent)
		return;
	for (size_t i = 0; i < schedule->next && schedule->ready; i++) {
		struct job *job = &schedule->plan.jobs[i];

		if (schedule->running - schedule->opening - schedule->ready >= schedule->at_once)
			return;
		if (!job->ready)
			continue;
		job->ready = false;
		job->gone = true;
		schedule->ready--;
		job_go(job);
		job_announce(schedule, job);
	}
}

/* Is this wave's share begun? The next one is due at wave_end then. */
static bool wave_is_over(struct schedule *schedule)
{
	nanos now = clock_monotonic();

	if (!schedule->options->machine)
		return false;
	if (now >= schedule->wave_end) {
		schedule->wave_end = now + WAVE_TIME;
		schedule->in_wave = 0;
	}
	return schedule->in_wave >= WAVE;
}

/*
 * May one more process start? What a lab costs is mostly waiting for the kernel, so where only some
 * cases go on at a time the labs of the next ones are built meanwhile.
 */
static bool is_room(struct schedule *schedule)
{
	if (schedule->watch.silent || schedule->full || schedule->next == schedule->plan.count ||
	    wave_is_over(schedule))
		return false;
	if (schedule->plan.jobs[schedule->next].alone)
		return !schedule->alive;
	if (schedule->ahead)
		return schedule->opening + schedule->ready < schedule->at_setup;
	return schedule->running < schedule->at_once && schedule->opening < schedule->at_setup;
}

static void jobs_start(struct schedule *schedule)
{
	while (is_room(schedule)) {
		struct job *job = &schedule->plan.jobs[schedule->next];

		job->ahead = schedule->ahead && !job->alone;
		if (try_start(schedule, job)) {
			schedule->next++;
			schedule->in_wave++;
		} else {
			job_reset(job);
			schedule->full = true;
		}
	}
}

/* The last line that the process wrote to its stderr, which said[] holds from now on. */
static const char *last_words(struct job *job)
{
	char *at = job->said.at, *line;
	size_t n = job->said.len;

	while (n && (at[n - 1] == '\n' || at[n - 1] == ' '))
		at[--n] = '\0';
	if (!n)
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (at[i] != '\n' && (unsigned char)at[i] < ' ')
			at[i] = ' ';
	line = memrchr(at, '\n', n);
	return line ? line + 1 : at;
}

/* A process has ended; it is still a zombie, so that its group's number is its own. */
static void job_reap(struct schedule *schedule, struct job *job, const siginfo_t *info)
{
	const char *words;

	inbox_read(schedule, job);
	inbox_read_errors(schedule, job);
	job_kill(job);
	while (waitpid(job->pid, NULL, 0) < 0 && errno == EINTR)
		;
	schedule->alive--;
	schedule->full = false;
	words = last_words(job);
	if (job->told && !job->judged)
		job_ask(schedule, job);
	else if (!job->judged && info->si_code == CLD_EXITED)
		job_fail(schedule, job, "its process ended with status %d and no verdict%s%s",
			 info->si_status, words ? ": " : "", words ? words : "");
	else if (!job->judged)
		job_fail(schedule, job, "its process was ended by signal %d (%s)%s%s",
			 info->si_status, strsignal(info->si_status), words ? ": " : "",
			 words ? words : "");
	inbox_end(schedule, job);
	job_close(job);
}

static void children_reap(struct schedule *schedule)
{
	for (;;) {
		siginfo_t info = {.si_pid = 0};
		struct job *job = NULL;

		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) || !info.si_pid)
			return;
		for (size_t i = 0; i < schedule->plan.count && !job; i++)
			if (schedule->plan.jobs[i].pid == info.si_pid)
				job = &schedule->plan.jobs[i];
		if (job)
			job_reap(schedule, job, &info);
		else
			waitpid(info.si_pid, NULL, WNOHANG);
	}
}

static void signals_take(struct schedule *schedule)
{
	struct signalfd_siginfo info;

	while (read(schedule->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			children_reap(schedule);
		else if (!schedule->interrupted)
			schedule->interrupted = (int)info.ssi_signo;
	}
}

/*
 * How long the job's processes waited for a processor, and ran on one, in the time that counts.
 * Labs in the making also wait for each other, since the kernel makes namespaces and links one
 * after another: until a lab stands, the longest wait of all of them counts.
 */
static struct cpu_use job_cpu_use(const struct schedule *schedule, const struct job *job)
{
	struct cpu_use use = cpu_use_of(job->pid);

	if (job->opened) {
		use.ran -= job->before.ran;
		use.waited -= job->before.waited;
		return use;
	}
	for (size_t i = 0; i < schedule->plan.count; i++) {
		const struct job *other = &schedule->plan.jobs[i];
		nanos waited = other->pid && !other->opened ? cpu_use_of(other->pid).waited : 0;

		if (waited > use.waited)
			use.waited = waited;
	}
	return use;
}

/* A job is past its deadline: it has its verdict now, and its processes are killed. */
static void job_overrun(struct schedule *schedule, struct job *job)
{
	struct verdict_input late = {.end = END_OVERRUN, .message = "", .budget = job->budget};

	/* What it wrote may be here already, and this process late. Then it has more time. */
	inbox_read(schedule, job);
	if (clock_monotonic() < job->deadline)
		return;
	if (job->told) {
		/* Its process does not end by itself. */
		job_kill(job);
		job->deadline = NANOS_MAX;
		return;
	}
	late.use = job->judged ? (struct cpu_use){.ran = 0} : job_cpu_use(schedule, job);
	late.took = clock_monotonic() - job->began;
	job_end(schedule, job, &late, late.took);
	job_kill(job);
	job->deadline = NANOS_MAX;
}

/* Kill what is past its time. Returns the next point at which to look again. */
static nanos deadlines_keep(struct schedule *schedule)
{
	nanos now = clock_monotonic(), next = NANOS_MAX;

	for (size_t i = 0; i < schedule->next; i++) {
		struct job *job = &schedule->plan.jobs[i];

		if (!job->pid)
			continue;
		if (now >= job->deadline)
			job_overrun(schedule, job);
		if (job->deadline < next)
			next = job->deadline;
	}
	return next;
}

/* Wait for something to happen, at most until a point of time, and take it in. */
static void schedule_wait(struct schedule *schedule, nanos until)
{
	struct epoll_event happened[64];
	nanos next = deadlines_keep(schedule), now = clock_monotonic();
	/* Where idle time is skipped, it would not be idle; ticks are made outside. */
	bool real = !schedule->options->machine;
	nanos tick = real ? schedule->quiet_since + TICK : NANOS_MAX;
	int n;

	if (until < next)
		next = until;
	if (!real && schedule->in_wave >= WAVE && schedule->next < schedule->plan.count &&
	    schedule->wave_end < next)
		next = schedule->wave_end;
	if (tick < next)
		next = tick;
	next = next > now ? next - now : 0;
	next = next < WAIT_MAX ? (next + ms(1) - 1) / ms(1) : WAIT_MAX / ms(1);
	n = epoll_wait(schedule->epoll, happened, 64, (int)next);
	for (int i = 0; i < n; i++) {
		uint64_t what = happened[i].data.u64;

		if (what == SIGNALS)
			signals_take(schedule);
		else if (what == PATH)
			ask_take(schedule);
		else if (what % 2)
			inbox_read_errors(schedule, &schedule->plan.jobs[what / 2]);
		else
			inbox_read(schedule, &schedule->plan.jobs[what / 2]);
	}
	if (real && clock_monotonic() >= schedule->quiet_since + TICK)
		schedule_report(schedule, &(struct event){.kind = EVENT_TICK});
}

/* Start the inconclusive case that another attempt is due for, if there is one. */
static void job_retry(struct schedule *schedule)
{
	struct job *job = retry_next(schedule);

	if (!job)
		return;
	job_reset(job);
	job->attempt++;
	/* Where only some cases go on at a time, it waits for its turn like the others. */
	job->ahead = schedule->ahead && !job->alone;
	if (try_start(schedule, job)) {
		job->again = false;
		schedule->waiting--;
		schedule->retries++;
	} else {
		job_reset(job);
		job->attempt--;
		schedule->full = true;
	}
}

/* Measure the path for all that ask for it, and again as long as the host is silent. */
static void path_ask(struct schedule *schedule)
{
	struct path_watch *watch = &schedule->watch;
	int fd;

	if (watch->check || watch->given_up || (!schedule->asking && !watch->silent))
		return;
	fd = path_watch_check(watch);
	for (size_t i = 0; i < schedule->plan.count; i++)
		schedule->plan.jobs[i].asked = schedule->plan.jobs[i].asks;
	if (fd >= 0)
		watch_fd(schedule, fd, PATH);
	else
		ask_decide(schedule);
}

void schedule_run(struct schedule *schedule)
{
	watch_fd(schedule, schedule->signals, SIGNALS);
	schedule->firsts = (unsigned)schedule->plan.count;
	while (!schedule->interrupted) {
		if (schedule->watch.given_up)
			ask_give_up(schedule);
		path_ask(schedule);
		jobs_start(schedule);
		job_retry(schedule);
		if (!schedule->running && schedule->next == schedule->plan.count &&
		    !schedule->waiting)
			break;
		schedule_wait(schedule, retry_look(schedule));
	}
}

void schedule_kill(struct schedule *schedule)
{
	for (size_t i = 0; i < schedule->plan.count; i++) {
		/* Nothing that they still say counts. */
		schedule->plan.jobs[i].judged = true;
		job_kill(&schedule->plan.jobs[i]);
	}
}

void schedule_end(struct schedule *schedule)
{
	nanos until = clock_monotonic() + END_TIME;

	schedule_kill(schedule);
	while (schedule->alive && clock_monotonic() < until)
		schedule_wait(schedule, until);
}
