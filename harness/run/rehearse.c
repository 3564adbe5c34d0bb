/*
 * A rehearsal: a case's body without a DUT, for its ladder.
 */
#include "run/job.h"
#include "run/schedule.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define REHEARSAL_TIME sec(10)

/* What the rehearsal said so far. */
struct rehearsal {
	struct ladder *ladder;
	bool ended;
	enum verdict verdict;
	struct why message;
};

static int line_take(struct rehearsal *rehearsal, const char *line, size_t len, struct why *why)
{
	struct event_storage storage = {.json = NULL};
	struct event event;
	int r = event_read(line, len, &event, &storage, why);

	if (r)
		return r;
	if (event.kind == EVENT_RUNG)
		ladder_add(rehearsal->ladder, &event.rung);
	if (event.kind == EVENT_VERDICT) {
		rehearsal->ended = true;
		rehearsal->verdict = event.verdict.verdict;
		why_set(&rehearsal->message, 0, "%s",
			event.verdict.message ? event.verdict.message : "");
	}
	event_storage_free(&storage);
	return 0;
}

static int lines_take(struct rehearsal *rehearsal, struct buffer *lines, struct why *why)
{
	const char *end;
	int r = 0;

	while (!r && lines->len && (end = memchr(lines->at, '\n', lines->len))) {
		size_t len = (size_t)(end - lines->at);

		r = line_take(rehearsal, lines->at, len, why);
		buffer_drop(lines, len + 1);
	}
	if (!r && (lines->len > EVENT_LINE_MAX || lines->failed))
		r = why_set(why, EPROTO, "the rehearsal wrote a line without an end");
	return r;
}

/* Read until the process ends, or its time is over. */
static int rehearsal_hear(struct rehearsal *rehearsal, const struct job *job, struct why *why)
{
	struct pollfd waits = {.fd = job->events, .events = POLLIN};
	nanos deadline = clock_monotonic() + REHEARSAL_TIME;
	struct buffer lines = {.at = NULL};
	char chunk[4096];
	int r = 0;

	while (!r && !rehearsal->ended) {
		nanos left = deadline - clock_monotonic();
		ssize_t n;

		if (left <= 0) {
			r = why_set(why, ETIMEDOUT, "the rehearsal took longer than 10 s");
			break;
		}
		if (poll(&waits, 1, (int)(left / ms(1)) + 1) <= 0)
			continue;
		n = read(job->events, chunk, sizeof(chunk));
		if (!n)
			r = why_set(why, EPROTO, "the rehearsal ended without a verdict");
		if (n <= 0)
			continue;
		buffer_put(&lines, chunk, (size_t)n);
		r = lines_take(rehearsal, &lines, why);
	}
	buffer_free(&lines);
	return r;
}

int run_rehearse(const struct catalogue_entry *entry, struct ladder *ladder, struct why *why)
{
	unsigned over = entry->record->over;
	bool six = over && !(over & IPV4);
	struct job job = {.entry = entry,
			  .family = six ? 6 : 4,
			  .over = six ? "ipv6" : "ipv4",
			  .budget = case_budget(entry->record),
			  .rehearsal = true,
			  .events = -1,
			  .errors = -1,
			  .go = -1};
	struct rehearsal rehearsal = {.ladder = ladder};
	struct run_options options = {.time_scale = 1};
	struct profile *profile = NULL;
	int r = profile_load(&profile, "linux", why);

	if (r)
		return r;
	options.profile = profile;
	job.seed = job_seed(0, entry->name, job.over);
	r = job_start(&job, &options, clock_monotonic(), NULL, why);
	if (r)
		goto out;
	r = rehearsal_hear(&rehearsal, &job, why);
	job_kill(&job);
	while (waitpid(job.pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (!r && rehearsal.verdict != VERDICT_PASS)
		r = why_set(why, EPROTO, "%s: %s", verdict_name(rehearsal.verdict),
			    rehearsal.message.text);
out:
	job_close(&job);
	profile_free(profile);
	return r;
}
