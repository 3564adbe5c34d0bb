/*
 * TAP, version 13: the plan, then a test point a case, with diagnostics as YAML. Debian's prove
 * (TAP::Parser) reads no newer version.
 *
 * What a reader makes of the points agrees with the run's exit status: a verdict that the profile
 * expects is "not ok" with a TODO, which fails no run; an unexpected pass is "not ok"; a deviation
 * that fails no run is "ok" with its diagnostics. A run that could not do all of its work although
 * every point is fine ends with "Bail out!".
 */
#include "report/clean.h"
#include "report/pretty.h"
#include "report/reporter.h"
#include <string.h>

/* A description: "#" would start a directive. */
static void put_description(struct buffer *out, const char *text)
{
	struct buffer clean = {.at = NULL};

	clean_line(&clean, text);
	for (size_t i = 0; i < clean.len; i++) {
		if (clean.at[i] == '#' || clean.at[i] == '\\')
			buffer_put(out, "\\", 1);
		buffer_put(out, &clean.at[i], 1);
	}
	out->failed |= clean.failed;
	buffer_free(&clean);
}

/* A double-quoted YAML scalar of clean text. */
static void put_quoted(struct buffer *out, const char *text, size_t n)
{
	buffer_put(out, "\"", 1);
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '"' || text[i] == '\\')
			buffer_put(out, "\\", 1);
		buffer_put(out, &text[i], 1);
	}
	buffer_text(out, "\"\n");
}

/* key: "text", in a YAML block; nothing for an empty text. */
static void put_pair(struct buffer *out, const char *key, const char *text)
{
	struct buffer clean = {.at = NULL};

	if (!text || !*text)
		return;
	clean_line(&clean, text);
	buffer_printf(out, "  %s: ", key);
	put_quoted(out, clean.at, clean.len);
	out->failed |= clean.failed;
	buffer_free(&clean);
}

/*
 * The drawing, a quoted line each: some of TAP's readers know no literal blocks whose first line is
 * indented.
 */
static void put_ladder(struct buffer *out, const struct record *record)
{
	struct buffer drawing = {.at = NULL};
	const char *line, *end;

	record_draw(record, &drawing, false);
	if (drawing.len)
		buffer_text(out, "  ladder:\n");
	for (line = drawing.at; line && (end = strchr(line, '\n')); line = end + 1) {
		buffer_text(out, "    - ");
		put_quoted(out, line, (size_t)(end - line));
	}
	out->failed |= drawing.failed;
	buffer_free(&drawing);
}

static void put_diagnostics(const struct reporter *reporter, struct buffer *out,
			    const struct record *record)
{
	const struct event_verdict *verdict = record_verdict(record);
	const struct event_case *start = record_start(record);
	struct judged_by by = record_judged_by(record);
	struct buffer place = {.at = NULL};

	record_place(record, &place);
	buffer_text(out, "  ---\n");
	buffer_printf(out, "  verdict: %s\n", verdict_name(verdict->verdict));
	buffer_printf(out, "  duration_ms: %.3f\n", seconds_of(verdict->seconds) * 1e3);
	put_pair(out, "message", verdict->message);
	put_pair(out, "profile", verdict->reason);
	put_pair(out, "claim", start->claim);
	put_pair(out, "requirement", by.name);
	put_pair(out, "level", by.level);
	put_pair(out, "sentence", by.sentence);
	put_pair(out, "place", place.at);
	put_pair(out, "evidence", verdict->evidence);
	put_pair(out, "again", verdict->command);
	if (record_attempts(record) > 1)
		buffer_printf(out, "  attempts: %u\n", record_attempts(record));
	if (reporter_shows_ladder(reporter, record))
		put_ladder(out, record);
	buffer_text(out, "  ...\n");
	out->failed |= place.failed;
	buffer_free(&place);
}

static void put_directive(struct buffer *out, const struct record *record)
{
	const struct event_verdict *verdict = record_verdict(record);
	const char *text = NULL;

	switch (record->outcome) {
	case OUTCOME_SKIP:
		buffer_text(out, " # SKIP");
		text = verdict->message;
		break;
	case OUTCOME_FORESEEN:
		buffer_text(out, " # TODO");
		text = verdict->reason;
		break;
	case OUTCOME_SURPRISE:
		buffer_text(out, " # unexpected pass");
		break;
	case OUTCOME_DEVIATION:
		buffer_text(out, " # deviation");
		break;
	case OUTCOME_NONE:
	case OUTCOME_PASS:
	case OUTCOME_FAIL:
	case OUTCOME_INCONCLUSIVE:
	case OUTCOME_ERROR:
		break;
	}
	if (text && *text) {
		buffer_put(out, " ", 1);
		clean_line(out, text);
	}
}

static bool is_ok(enum outcome outcome)
{
	return outcome == OUTCOME_PASS || outcome == OUTCOME_SKIP || outcome == OUTCOME_DEVIATION;
}

static void tap_head(struct reporter *reporter)
{
	if (reporter->headed)
		return;
	reporter->headed = true;
	buffer_text(&reporter->out, "TAP version 13\n");
}

/* How many points the run has promised; 0: nobody knows. */
static unsigned planned(const struct reporter *reporter)
{
	return reporter->books.run ? reporter->books.run->run.cases : 0;
}

static void tap_run(struct reporter *reporter)
{
	tap_head(reporter);
	/* A plan of none would be taken for a skipped test. */
	if (planned(reporter))
		buffer_printf(&reporter->out, "1..%u\n", planned(reporter));
	buffer_text(&reporter->out, "# ");
	reporter_describe_run(reporter, &reporter->out);
	buffer_text(&reporter->out, "\n");
}

static void tap_ended(struct reporter *reporter, struct record *record)
{
	struct buffer *out = &reporter->out;

	tap_head(reporter);
	buffer_printf(out, "%s %u - ", is_ok(record->outcome) ? "ok" : "not ok", reporter->ended);
	put_description(out, record->name);
	buffer_text(out, " ");
	put_description(out, record->over);
	put_directive(out, record);
	buffer_text(out, "\n");
	/* A pass and a skip have said all already. */
	if (record->outcome > OUTCOME_SKIP || reporter_shows_ladder(reporter, record))
		put_diagnostics(reporter, out, record);
}

/* A point that makes a reader's result a failure. */
static bool any_not_ok(const struct reporter *reporter)
{
	return reporter->outcomes[OUTCOME_SURPRISE] || reporter->outcomes[OUTCOME_FAIL] ||
	       reporter->outcomes[OUTCOME_INCONCLUSIVE] || reporter->outcomes[OUTCOME_ERROR];
}

static void put_end(struct buffer *out, const struct event_summary *summary)
{
	buffer_printf(out, "# %u not as expected, %.1f s", summary->unexpected,
		      seconds_of(summary->seconds));
	if (summary->wall)
		buffer_printf(out, " of virtual time, %.1f s of real time",
			      seconds_of(summary->wall));
	retries_text(out, summary);
	buffer_text(out, "\n");
}

static void tap_close(struct reporter *reporter, const struct event_summary *summary)
{
	struct buffer *out = &reporter->out;
	unsigned unfinished = reporter_unfinished(reporter);

	tap_head(reporter);
	if (!planned(reporter) && reporter->ended)
		buffer_printf(out, "1..%u\n", reporter->ended);
	if (summary && reporter->ended)
		put_end(out, summary);
	if (!summary)
		buffer_text(out, "Bail out! The run ended without a summary\n");
	else if (summary->interrupted || unfinished)
		buffer_printf(out, "Bail out! Interrupted; %u started and did not end\n",
			      unfinished);
	else if (!reporter->ended)
		buffer_text(out, "Bail out! No case has ended\n");
	else if (planned(reporter) && reporter->ended != planned(reporter))
		buffer_printf(out, "Bail out! %u of %u cases have a verdict\n", reporter->ended,
			      planned(reporter));
	else if (summary->status && !any_not_ok(reporter))
		buffer_printf(out, "Bail out! The run's exit status is %d\n", summary->status);
}

const struct format format_tap = {.name = "tap", .run = tap_run, .ended = tap_ended,
	.close = tap_close};
