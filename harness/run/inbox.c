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

/* What the run knows of the attempt, beside how it ended. */
static void input_complete(const struct schedule *schedule, const struct job *job,
			   struct verdict_input *input, const char **reason)
{
	static const struct break_facts nothing = {.kind = BREAK_NONE};
	const struct run_options *options = schedule->options;

	input->level = case_level(job->entry->record);
	input->attempt = job->attempt;
	input->before = job->broke;
	input->before_line = job->broke_at;
	input->strict = options->strict;
	input->expected = profile_expects(options->profile, job->entry->name, job->over, reason);
	if (!input->facts)
		input->facts = &nothing;
}

/* The attempt is over: it goes on no longer in the schedule's books. */
static void job_leave(struct schedule *schedule, struct job *job)
{
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
}

/* The verdict goes into the run's books; one of the attempt before comes out of them. */
static void job_count(struct schedule *schedule, struct job *job, const struct judgement *made)
{
	if (job->counted)
		tally_remove(&schedule->tally, job->verdict, job->counts);
	job->verdict = made->verdict;
	job->counts = made->counts;
	job->counted = true;
	job->again = made->again && retry_in_time(schedule, job);
	schedule->waiting += job->again;
	tally_add(&schedule->tally, job->verdict, job->counts);
}

void job_end(struct schedule *schedule, struct job *job, struct verdict_input *input,
	     nanos seconds)
{
	const struct run_options *options = schedule->options;
	struct event event = {.kind = EVENT_VERDICT, .name = job->entry->name, .over = job->over};
	const char *reason = NULL;
	struct judgement made;
	char *command = NULL;

	if (job->judged)
		return;
	schedule->asking -= job->asks;
	job->asks = job->asked = false;
	job_announce(schedule, job);
	input_complete(schedule, job, input, &reason);
	made = verdict_decide(input);
	job_leave(schedule, job);
	job_count(schedule, job, &made);
	job->broke = input->facts->kind;
	job->broke_at = input->facts->line;
	if (asprintf(&command, "%s --seed %llu --over %s %s",
		     options->command ? options->command : "lastack run",
		     (unsigned long long)options->seed, job->over, job->entry->name) < 0)
		command = NULL;
	event.verdict = (struct event_verdict){
		.verdict = made.verdict,
		.expected = made.expected,
		.reason = reason,
		.attempt = job->attempt,
		.retry = job->again,
		.seconds = seconds,
		.message = made.message,
		.line = input->facts->line,
		.late = input->facts->late > 0 ? (unsigned)(input->facts->late / ms(1)) : 0,
		.evidence = job->folder,
		.command = command,
		.facts = *input->facts};
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
	struct verdict_input input = {.end = END_FAILED, .message = message};
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	job_end(schedule, job, &input, job->pid ? clock_monotonic() - job->began : 0);
}

/* A process that breaks the protocol is not listened to any more. */
static void job_distrust(struct schedule *schedule, struct job *job, const char *what)
{
	job_fail(schedule, job, "its process wrote what is no event of it: %s", what);
	job_kill(job);
}

void job_judge(struct schedule *schedule, struct job *job, const struct verdict_path *path)
{
	const struct event_verdict *told = &job->end.verdict;
	struct verdict_input input = {.end = END_TOLD,
				      .told = told->verdict,
				      .facts = &told->facts,
				      .path = path,
				      .message = told->message ? told->message : ""};

	job_end(schedule, job, &input, told->seconds);
	event_storage_free(&job->end_storage);
}

/* The job keeps the event, and its strings. */
static void verdict_take(struct schedule *schedule, struct job *job, const struct event *event,
			 struct event_storage *storage)
{
	struct verdict_path path;

	job->end = *event;
	job->end_storage = *storage;
	*storage = (struct event_storage){.json = NULL};
	job->told = true;
	job->told_at = clock_monotonic();
	if (!schedule->watch.target) {
		job_judge(schedule, job, NULL);
	} else if (!verdict_rests_on_path(event->verdict.verdict, &event->verdict.facts)) {
		path_watch_facts(&schedule->watch, job->began, job->told_at, &path);
		path.after = (struct path_facts){.sent = 0};
		path.error = 0;
		job_judge(schedule, job, &path);
	} else {
		/* What is measured beside its process, or by it, could be what it did. */
		job->deadline = job->told_at + CLOSING_TIME;
	}
}

static void event_take(struct schedule *schedule, struct job *job, struct event *event,
		       struct event_storage *storage)
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
		verdict_take(schedule, job, event, storage);
		return;
	case EVENT_RUN:
	case EVENT_TICK:
	case EVENT_SUMMARY:
		break;
	}
	job_distrust(schedule, job, "an event of the run as a whole");
}

/* Nothing that its process still writes counts. */
static bool has_said_all(const struct job *job)
{
	return job->judged || job->told;
}

/* One line, without its end. */
static void line_take(struct schedule *schedule, struct job *job, const char *line, size_t len)
{
	struct event_storage storage = {.json = NULL};
	struct why why = {.text = ""};
	struct event event;

	if (has_said_all(job))
		return;
	if (event_read(line, len, &event, &storage, &why)) {
		job_distrust(schedule, job, why.text);
		return;
	}
	event_take(schedule, job, &event, &storage);
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
	if (job->line.len > EVENT_LINE_MAX && !has_said_all(job))
		job_distrust(schedule, job, "a line without an end");
	if (has_said_all(job))
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
		if (has_said_all(job))
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
