/*
 * What a case's process writes: its events, checked and handed on, and its verdict, completed.
 */
#include "run/evidence.h"
#include "run/schedule.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

void schedule_report(struct schedule *schedule, struct event *event)
{
	const struct run_options *options = schedule->options;
	nanos now = clock_monotonic();

	event->time = now - schedule->began;
	schedule->quiet_since = now;
	for (size_t i = 0; i < options->reporter_count; i++)
		reporter_event(options->reporters[i], event);
}

void job_announce(struct schedule *schedule, struct job *job)
{
	struct event start = job_start_event(job);

	if (!job->announced)
		schedule_report(schedule, &start);
	job->announced = true;
}

static void job_evidence(struct schedule *schedule, struct job *job, const struct event *verdict)
{
	struct event start = job_start_event(job);
	struct why why = {.text = ""};

	if (!evidence_keep(job, schedule->options->evidence, &start, verdict, &why))
		return;
	if (!schedule->evidence_lost)
		log_warn("%s", why.text);
	schedule->evidence_lost = true;
}

/* Its lab stands, or is not wanted any more. */
static void job_opened(struct schedule *schedule, const struct job *job)
{
	schedule->opening--;
	schedule->reopening -= job->attempt > 1;
}

void job_end(struct schedule *schedule, struct job *job, const struct ending *ending)
{
	const struct run_options *options = schedule->options;
	struct event event = {.kind = EVENT_VERDICT, .name = job->entry->name, .over = job->over};
	const char *reason = NULL;
	enum verdict foreseen =
		profile_expects(options->profile, job->entry->name, job->over, &reason);
	char *command = NULL;

	if (job->judged)
		return;
	job_announce(schedule, job);
	job->judged = true;
	schedule->running--;
	if (!job->opened)
		job_opened(schedule, job);
	else if (job->ready)
		schedule->ready--;
	job->ready = false;
	job->ended = clock_monotonic();
	if (job->attempt == 1 && !--schedule->firsts)
		schedule->firsts_ended = job->ended;
	if (job->counted)
		tally_remove(&schedule->tally, job->verdict, job->counts);
	job->verdict = ending->verdict;
	job->ended_at = ending->line;
	job->counts = judge_counts(ending->verdict, foreseen, options->strict);
	job->counted = true;
	job->again = ending->verdict == VERDICT_INCONCLUSIVE && retry_in_time(schedule, job);
	schedule->waiting += job->again;
	tally_add(&schedule->tally, job->verdict, job->counts);
	if (asprintf(&command, "%s --seed %llu --over %s %s",
		     options->command ? options->command : "lastack run",
		     (unsigned long long)options->seed, job->over, job->entry->name) < 0)
		command = NULL;
	event.verdict =
		(struct event_verdict){.verdict = ending->verdict,
				       .expected = judge_expected(ending->verdict, foreseen),
				       .reason = reason,
				       .attempt = job->attempt,
				       .retry = job->again,
				       .seconds = ending->seconds,
				       .message = ending->message,
				       .line = ending->line,
				       .requirement = ending->requirement,
				       .late = ending->late,
				       .evidence = job->folder,
				       .command = command};
	if (job->folder)
		job_evidence(schedule, job, &event);
	schedule_report(schedule, &event);
	free(command);
	job->deadline = clock_monotonic() + CLOSING_TIME;
	schedule_go(schedule);
}

void job_fail(struct schedule *schedule, struct job *job, const char *format, ...)
{
	char message[512 + SAID_MAX];
	struct ending ending = {.verdict = VERDICT_ERROR, .message = message};
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	ending.seconds = job->pid ? clock_monotonic() - job->began : 0;
	job_end(schedule, job, &ending);
}

/* A process that breaks the protocol is not listened to any more. */
static void job_distrust(struct schedule *schedule, struct job *job, const char *what)
{
	job_fail(schedule, job, "its process wrote what is no event of it: %s", what);
	job_kill(job);
}

static void verdict_take(struct schedule *schedule, struct job *job, const struct event *event)
{
	struct ending ending = {.verdict = event->verdict.verdict,
				.line = event->verdict.line,
				.requirement = event->verdict.requirement,
				.late = event->verdict.late,
				.seconds = event->verdict.seconds,
				.message = event->verdict.message ? event->verdict.message : ""};

	job_end(schedule, job, &ending);
}

static void event_take(struct schedule *schedule, struct job *job, struct event *event)
{
	if (!event->name || strcmp(event->name, job->entry->name) || !event->over ||
	    strcmp(event->over, job->over)) {
		job_distrust(schedule, job, "an event of another case");
		return;
	}
	switch (event->kind) {
	case EVENT_CASE:
		/* The run knows what the case claims; the event says that its lab stands. */
		if (job->opened)
			return;
		job->opened = true;
		job_opened(schedule, job);
		if (!job->ahead) {
			job->began = clock_monotonic();
			job->before = cpu_use_of(job->pid);
			job->deadline = job->began + job->budget + OVERTIME;
			job_announce(schedule, job);
			return;
		}
		job->ready = true;
		/* However long the others take: its own time begins with its turn. */
		job->deadline = NANOS_MAX;
		schedule->ready++;
		schedule_go(schedule);
		return;
	case EVENT_RUNG:
		if (job->ladder)
			ladder_add(job->ladder, &event->rung);
		schedule_report(schedule, event);
		return;
	case EVENT_WAIT:
		schedule_report(schedule, event);
		return;
	case EVENT_VERDICT:
		verdict_take(schedule, job, event);
		return;
	case EVENT_RUN:
	case EVENT_TICK:
	case EVENT_SUMMARY:
		break;
	}
	job_distrust(schedule, job, "an event of the run as a whole");
}

/* One line, without its end. */
static void line_take(struct schedule *schedule, struct job *job, const char *line, size_t len)
{
	struct event_storage storage = {.json = NULL};
	struct why why = {.text = ""};
	struct event event;

	if (job->judged)
		return;
	if (event_read(line, len, &event, &storage, &why)) {
		job_distrust(schedule, job, why.text);
		return;
	}
	event_take(schedule, job, &event);
	event_storage_free(&storage);
}

static void lines_take(struct schedule *schedule, struct job *job)
{
	size_t taken = 0;

	while (taken < job->line.len) {
		const char *line = job->line.at + taken;
		const char *end = memchr(line, '\n', job->line.len - taken);

		if (!end)
			break;
		line_take(schedule, job, line, (size_t)(end - line));
		taken += (size_t)(end - line) + 1;
	}
	buffer_drop(&job->line, taken);
	if (job->line.len > EVENT_LINE_MAX && !job->judged)
		job_distrust(schedule, job, "a line without an end");
	if (job->judged)
		buffer_free(&job->line);
}

/*
 * Listen to this pipe no more. Closing is not enough: a process that was forked meanwhile may hold
 * it too, and as long as one does epoll would go on to say that it has ended.
 */
static void inbox_close(struct schedule *schedule, int *fd)
{
	if (*fd < 0)
		return;
	epoll_ctl(schedule->epoll, EPOLL_CTL_DEL, *fd, NULL);
	close(*fd);
	*fd = -1;
}

void inbox_end(struct schedule *schedule, struct job *job)
{
	inbox_close(schedule, &job->events);
	inbox_close(schedule, &job->errors);
}

void inbox_read(struct schedule *schedule, struct job *job)
{
	char chunk[16384];
	ssize_t n;

	while (job->events >= 0) {
		n = read(job->events, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			inbox_close(schedule, &job->events);
			return;
		}
		if (job->judged)
			continue;
		buffer_put(&job->line, chunk, (size_t)n);
		if (job->line.failed) {
			job_distrust(schedule, job, "more than fits into memory");
			continue;
		}
		lines_take(schedule, job);
	}
}

void inbox_read_errors(struct schedule *schedule, struct job *job)
{
	char chunk[SAID_MAX];
	ssize_t n;

	while (job->errors >= 0) {
		n = read(job->errors, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			inbox_close(schedule, &job->errors);
			return;
		}
		if (log_level > 0)
			log_foreign(chunk, (size_t)n);
		buffer_put(&job->said, chunk, (size_t)n);
		if (job->said.len > SAID_MAX)
			buffer_drop(&job->said, job->said.len - SAID_MAX);
	}
}
