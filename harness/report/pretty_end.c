/*
 * The end of the pretty report: lists of the failures that the profile expects, of the skipped
 * cases by reason and of the cases that did not end as expected, and the summary.
 */
#include "report/clean.h"
#include "report/duration.h"
#include "report/pretty.h"
#include <string.h>

#define VERDICT_COLUMNS 9

static void put_title(struct reporter *reporter, const char *title, unsigned n)
{
	pretty_gap(reporter);
	reporter->gap = false;
	pretty_paint(reporter, "1");
	buffer_printf(&reporter->out, "%s (%u)", title, n);
	pretty_paint(reporter, "0");
	buffer_put(&reporter->out, "\n", 1);
}

/* "  fail       NAME OVER", and below it how to run it again, or why it is known. */
static void put_entry(struct reporter *reporter, const struct record *record, bool again)
{
	const struct event_verdict *verdict = record_verdict(record);
	const char *text = again ? verdict->command : verdict->reason;
	struct buffer *out = &reporter->out;

	buffer_text(out, "  ");
	pretty_paint(reporter, pretty_colour(record->outcome));
	buffer_printf(out, "%-*s", VERDICT_COLUMNS, verdict_name(record_verdict(record)->verdict));
	pretty_paint(reporter, "0");
	buffer_text(out, "  ");
	clean_line(out, record->name);
	buffer_text(out, " ");
	clean_line(out, record->over);
	buffer_put(out, "\n", 1);
	if (!text || !*text)
		return;
	buffer_printf(out, "%*s", VERDICT_COLUMNS + 4, "");
	if (again)
		pretty_command(reporter, text);
	else
		pretty_wrap(reporter, text, VERDICT_COLUMNS + 4);
}

/* The cases with outcomes from one to another, and how to run each again, or why it is known. */
static void put_list(struct reporter *reporter, const char *title, enum outcome from,
		     enum outcome to, bool again)
{
	unsigned n = 0;

	for (unsigned i = from; i <= to; i++)
		n += reporter->outcomes[i];
	if (!n)
		return;
	put_title(reporter, title, n);
	for (size_t i = 0; i < reporter->books.count; i++) {
		const struct record *record = reporter->books.records[i];

		if (record->outcome >= from && record->outcome <= to)
			put_entry(reporter, record, again);
	}
}

static bool skipped_for(const struct record *record, const char *message)
{
	const char *other = record_verdict(record)->message;

	return record->outcome == OUTCOME_SKIP && !strcmp(other ? other : "", message);
}

/* A line a reason: many cases miss the same thing. */
static void put_skipped(struct reporter *reporter)
{
	const struct books *books = &reporter->books;

	if (!reporter->outcomes[OUTCOME_SKIP])
		return;
	put_title(reporter, "Skipped", reporter->outcomes[OUTCOME_SKIP]);
	for (size_t i = 0; i < books->count; i++) {
		const char *message = record_verdict(books->records[i])->message;
		unsigned n = 0;

		message = message ? message : "";
		if (books->records[i]->outcome != OUTCOME_SKIP)
			continue;
		for (size_t j = 0; j < books->count; j++) {
			if (!skipped_for(books->records[j], message))
				continue;
			if (j < i) {
				n = 0;
				break;
			}
			n++;
		}
		if (n) {
			buffer_printf(&reporter->out, "  %*u  ", VERDICT_COLUMNS, n);
			pretty_wrap(reporter, *message ? message : "no reason given",
				    VERDICT_COLUMNS + 4);
		}
	}
}

void retries_text(struct buffer *out, const struct event_summary *summary)
{
	if (summary->retries)
		buffer_printf(out, ", %u inconclusive attempt%s repeated", summary->retries,
			      summary->retries == 1 ? "" : "s");
}

void summary_text(struct buffer *out, const struct event_summary *summary)
{
	static const enum verdict order[VERDICTS] = {VERDICT_PASS, VERDICT_DEVIATION, VERDICT_SKIP,
		VERDICT_FAIL, VERDICT_INCONCLUSIVE, VERDICT_ERROR};
	const char *comma = "";

	for (size_t i = 0; i < VERDICTS; i++) {
		if (!summary->count[order[i]])
			continue;
		buffer_printf(out, "%s%u %s", comma, summary->count[order[i]],
			      verdict_name(order[i]));
		comma = ", ";
	}
	if (!*comma)
		buffer_text(out, "no case has ended");
	buffer_text(out, " in ");
	put_duration(out, summary->seconds, 1);
	if (!summary->wall)
		return;
	buffer_text(out, " of virtual time, ");
	put_duration(out, summary->wall, 1);
	buffer_text(out, " of real time");
}

/* "profile linux", cleaned for a terminal. */
static void put_profile_name(const struct reporter *reporter, struct buffer *out)
{
	const struct event *run = reporter->books.run;

	if (!run || !run->run.profile) {
		buffer_text(out, "the profile");
		return;
	}
	buffer_text(out, "profile ");
	clean_line(out, run->run.profile);
}

static void put_summary(struct reporter *reporter, const struct event_summary *summary)
{
	unsigned known = reporter->outcomes[OUTCOME_FORESEEN];
	const struct event_run *run = reporter->books.run ? &reporter->books.run->run : NULL;
	unsigned left_out = run ? run->left_out : 0, too_slow = run ? run->too_slow : 0;
	struct buffer *out = &reporter->out;

	pretty_gap(reporter);
	summary_text(out, summary);
	retries_text(out, summary);
	buffer_text(out, "\n");
	if (known) {
		buffer_printf(out, "%u %s known from ", known,
			      known == 1 ? "failure or deviation" : "failures and deviations");
		put_profile_name(reporter, out);
	}
	if (left_out)
		buffer_printf(out, "%s%u left out by --quick", known ? ", " : "", left_out);
	if (too_slow) {
		buffer_printf(out, "%s%u left out because they take %s",
			      known || left_out ? ", " : "", too_slow,
			      run->machine ? "days" : "hours");
		buffer_text(out, run->slow_way ? ": " : "");
		clean_line(out, run->slow_way);
	}
	if (known || left_out || too_slow)
		buffer_text(out, "\n");
}

const char *status_text(int status)
{
	switch (status) {
	case 0:
		return "as expected";
	case 1:
		return "not as expected";
	case 3:
		return "nothing to do";
	case 4:
		return "the harness could not do all of its work";
	default:
		return "ended early";
	}
}

static void put_requirements(struct reporter *reporter)
{
	struct buffer line = {.at = NULL};

	requirements_text(reporter->requirements, &line);
	reporter->out.failed |= line.failed;
	if (line.len && !line.failed)
		pretty_wrap(reporter, line.at, 0);
	buffer_free(&line);
}

/* Why the run is as expected although not every case passed. */
static void put_why_expected(const struct reporter *reporter, struct buffer *out)
{
	if (reporter->outcomes[OUTCOME_FORESEEN]) {
		buffer_printf(out, "; all failures%s are known from ",
			      reporter->outcomes[OUTCOME_DEVIATION] ? "" : " and deviations");
		put_profile_name(reporter, out);
	}
	if (reporter->outcomes[OUTCOME_DEVIATION])
		buffer_printf(out, "; %s counts only with --strict",
			      reporter->outcomes[OUTCOME_FORESEEN] ? "another deviation"
								   : "a deviation");
}

/* A list whose title has the profile's name at its %s. */
static void put_list_of_profile(struct reporter *reporter, const char *title, enum outcome outcome)
{
	struct buffer name = {.at = NULL}, words = {.at = NULL};
	const char *at = strstr(title, "%s");

	put_profile_name(reporter, &name);
	buffer_put(&words, title, (size_t)(at - title));
	buffer_text(&words, name.at);
	buffer_text(&words, at + 2);
	if (!name.failed && !words.failed)
		put_list(reporter, words.at, outcome, outcome, outcome == OUTCOME_DEVIATION);
	reporter->out.failed |= name.failed || words.failed;
	buffer_free(&name);
	buffer_free(&words);
}

void pretty_end(struct reporter *reporter, const struct event_summary *summary)
{
	struct buffer *out = &reporter->out;
	unsigned unfinished = reporter_unfinished(reporter);

	put_list_of_profile(reporter, "Failures and deviations known from %s", OUTCOME_FORESEEN);
	put_skipped(reporter);
	put_list_of_profile(reporter, "Deviations that %s does not name", OUTCOME_DEVIATION);
	put_list(reporter, "Not as expected", OUTCOME_SURPRISE, OUTCOME_ERROR, true);
	if (!summary) {
		pretty_gap(reporter);
		buffer_printf(out, "The run ended without a summary; %u started and did not end.\n",
			      unfinished);
		return;
	}
	put_summary(reporter, summary);
	put_requirements(reporter);
	if (summary->path) {
		buffer_text(out, "path beside the run: ");
		clean_line(out, summary->path);
		buffer_text(out, "\n");
	}
	if (summary->interrupted)
		buffer_printf(out, "interrupted: %u started and did not end\n", unfinished);
	pretty_paint(reporter, summary->status ? "1;31" : "1;32");
	buffer_printf(out, "exit %d: %s", summary->status, status_text(summary->status));
	if (!summary->status)
		put_why_expected(reporter, out);
	pretty_paint(reporter, "0");
	buffer_put(out, "\n", 1);
}
