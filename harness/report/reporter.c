#include "report/reporter.h"
#include "report/clean.h"
#include "report/event_fields.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct format *const formats[] = {&format_pretty, &format_tap, &format_junit,
	&format_json, &format_ladder, &format_events};
#define FORMATS (sizeof(formats) / sizeof(formats[0]))
#define HELD_MAX 65536

/* The format of this name, or NULL. */
static const struct format *format_find(const char *name)
{
	for (size_t i = 0; i < FORMATS; i++)
		if (!strcmp(formats[i]->name, name))
			return formats[i];
	return NULL;
}

bool reporter_has_format(const char *name)
{
	return format_find(name) != NULL;
}

int reporter_new(struct reporter **out, const char *format, const struct reporter_options *options,
		 struct why *why)
{
	const struct format *found = format_find(format);
	struct reporter *reporter;

	if (!found)
		return why_set(why, EINVAL,
			       "no format \"%s\"; there are pretty, tap, junit, json and ladder",
			       format);
	if (found->load && found->load(why))
		return -ENOENT;
	reporter = calloc(1, sizeof(*reporter));
	if (!reporter)
		return why_set(why, ENOMEM, "out of memory");
	reporter->format = found;
	reporter->options = *options;
	*out = reporter;
	return 0;
}

static void fail(struct reporter *reporter, int error)
{
	if (reporter->error)
		return;
	reporter->error = -error;
	if (reporter->options.failed)
		reporter->options.failed(reporter->options.arg, -error);
}

/* Write what the hooks have put together. After a failure nothing more is written. */
static void write_out(struct reporter *reporter)
{
	struct buffer *out = &reporter->out;
	FILE *file = reporter->options.out;

	if (reporter->held && out->len < HELD_MAX)
		return;
	if (out->failed) {
		fail(reporter, ENOMEM);
		buffer_free(out);
	}
	if (out->len && !reporter->error) {
		errno = 0;
		if (fwrite(out->at, 1, out->len, file) != out->len || fflush(file))
			fail(reporter, errno ? errno : EIO);
	}
	buffer_drop(out, out->len);
}

bool reporter_shows_block(const struct reporter *reporter, enum outcome outcome)
{
	return outcome_bad(outcome) ||
	       (outcome == OUTCOME_FORESEEN && reporter->options.show >= SHOW_FAIL);
}

bool reporter_shows_ladder(const struct reporter *reporter, const struct record *record)
{
	return record->ladder && (reporter->options.ladders ||
				  reporter_shows_block(reporter, record->outcome));
}

static void end(struct reporter *reporter, struct record *record)
{
	reporter->ended++;
	reporter->outcomes[record->outcome]++;
	if (reporter->format->ended)
		reporter->format->ended(reporter, record);
	if (!reporter->format->keeps_ladders || !reporter_shows_ladder(reporter, record))
		record_forget_ladder(record);
}

/* No further attempt will replace an inconclusive one any more. */
static void settle(struct reporter *reporter)
{
	for (size_t i = 0; i < reporter->books.count; i++)
		if (books_settle(&reporter->books, reporter->books.records[i]))
			end(reporter, reporter->books.records[i]);
}

void reporter_event(struct reporter *reporter, const struct event *event)
{
	struct record *record, *ended;
	struct event ending;

	if (!reporter || reporter->summary)
		return;
	if (event->kind == EVENT_SUMMARY && reporter->options.ending) {
		ending = *event;
		ending.summary.status = reporter->options.ending(reporter->options.arg,
								 event->summary.status);
		event = &ending;
	}
	if (event->time > reporter->now)
		reporter->now = nanos_bounded(event->time);
	if (event->wall > reporter->wall)
		reporter->wall = nanos_bounded(event->wall);
	ended = books_take(&reporter->books, event, &record);
	if (event->kind == EVENT_RUN && reporter->format->run)
		reporter->format->run(reporter);
	if (ended)
		end(reporter, ended);
	if (event->kind == EVENT_SUMMARY) {
		reporter->summary = event_copy(event);
		if (!reporter->summary)
			fail(reporter, ENOMEM);
		settle(reporter);
	}
	if (reporter->format->seen)
		reporter->format->seen(reporter, event, record);
	write_out(reporter);
}

int reporter_finish(struct reporter *reporter, struct why *why)
{
	int error;

	if (!reporter)
		return 0;
	reporter->held = false;
	settle(reporter);
	if (reporter->books.failed)
		fail(reporter, ENOMEM);
	requirements_count(&reporter->books, reporter->requirements);
	if (reporter->format->close)
		reporter->format->close(reporter,
					reporter->summary ? &reporter->summary->summary : NULL);
	write_out(reporter);
	error = reporter->error;
	if (error)
		why_set(why, -error, "the %s report could not be written: %s",
			reporter->format->name, strerror(-error));
	books_free(&reporter->books);
	buffer_free(&reporter->out);
	free(reporter->summary);
	free(reporter);
	return error;
}

unsigned reporter_unfinished(const struct reporter *reporter)
{
	unsigned n = 0;

	for (size_t i = 0; i < reporter->books.count; i++)
		n += !reporter->books.records[i]->outcome;
	return n;
}

void reporter_describe_run(const struct reporter *reporter, struct buffer *out)
{
	const struct event_run *run = &reporter->books.run->run;

	buffer_text(out, "lastack ");
	clean_line(out, run->version);
	if (run->kernel) {
		buffer_text(out, ", ");
		clean_line(out, run->kernel);
	}
	if (run->machine) {
		buffer_text(out, " (");
		clean_line(out, run->machine);
		buffer_text(out, ")");
	}
	if (run->profile) {
		buffer_text(out, ", profile ");
		clean_line(out, run->profile);
	}
	buffer_printf(out, ", seed %llu: %u case%s", (unsigned long long)run->seed, run->cases,
		      run->cases == 1 ? "" : "s");
	if (run->left_out)
		buffer_printf(out, ", %u left out by --quick", run->left_out);
	if (run->too_slow)
		buffer_printf(out, ", %u left out because they take %s", run->too_slow,
			      run->machine ? "days" : "hours");
}

void record_place(const struct record *record, struct buffer *out)
{
	const struct event_case *start = record_start(record);
	int line = record_verdict(record)->line;

	if (!start->file)
		return;
	clean_line(out, start->file);
	if (!line)
		line = start->line;
	if (line)
		buffer_printf(out, ":%d", line);
}

double seconds_of(nanos time)
{
	/*
	 * Whole microseconds, the nearest: finer digits mean nothing for a case's time, and the
	 * clock of a guest has steps of 256 ns, by one of which two runs may differ.
	 */
	return (double)((nanos_bounded(time) + 500) / 1000) / 1e6;
}
