/*
 * One case in the pretty report: its line, and the block of one that needs a look.
 */
#include "report/clean.h"
#include "report/duration.h"
#include "report/pretty.h"
#include <string.h>

#define VERDICT_COLUMNS 9 /* "deviation"; an "inconclusive" is rare enough to stick out */
#define NAME_COLUMNS 56
#define DURATION_COLUMNS 9
#define FACT_COLUMNS 13
#define INDENT 2

/* VERDICT  NAME OVER  SECONDS s */
static void put_head(struct reporter *reporter, const struct record *record)
{
	struct buffer *out = &reporter->out;
	const struct event_verdict *verdict = record_verdict(record);
	struct buffer duration = {.at = NULL};
	size_t start;

	pretty_paint(reporter, pretty_colour(record->outcome));
	buffer_printf(out, "%-*s", VERDICT_COLUMNS, verdict_name(verdict->verdict));
	pretty_paint(reporter, "0");
	buffer_text(out, "  ");
	start = out->len;
	clean_line(out, record->name);
	buffer_text(out, " ");
	clean_line(out, record->over);
	start = out->len - start;
	put_duration(&duration, verdict->seconds, 3);
	buffer_printf(out, "%*s  %*s", start < NAME_COLUMNS ? (int)(NAME_COLUMNS - start) : 0, "",
		      DURATION_COLUMNS, duration.at ? duration.at : "");
	out->failed |= duration.failed;
	buffer_free(&duration);
}

void pretty_line(struct reporter *reporter, const struct record *record)
{
	struct buffer *out = &reporter->out;
	const struct event_verdict *verdict = record_verdict(record);
	const char *remark = NULL, *text = NULL;

	if (record->outcome == OUTCOME_SKIP) {
		remark = "";
		text = verdict->message;
	} else if (record->outcome == OUTCOME_SURPRISE) {
		remark = "unexpected pass; the profile expects otherwise: ";
		text = verdict->reason;
	}
	put_head(reporter, record);
	if (remark && text && *text) {
		buffer_printf(out, "\n%*s%s", VERDICT_COLUMNS + 2, "", remark);
		pretty_wrap(reporter, text, VERDICT_COLUMNS + 2 + strlen(remark));
	} else {
		buffer_put(out, "\n", 1);
	}
	reporter->gap = false;
}

/* "  name         text", nothing for an empty text. */
static void put_name(struct reporter *reporter, const char *name)
{
	buffer_printf(&reporter->out, "%*s", INDENT, "");
	pretty_paint(reporter, "2");
	buffer_printf(&reporter->out, "%-*s", FACT_COLUMNS, name);
	pretty_paint(reporter, "0");
}

static void put_fact(struct reporter *reporter, const char *name, const char *text)
{
	if (!text || !*text)
		return;
	put_name(reporter, name);
	pretty_wrap(reporter, text, INDENT + FACT_COLUMNS);
}

/*
 * "RFC9293 MUST-15 (MUST): the sentence", and the other requirements by name. If a premise of the
 * claim is judged, its requirement comes first, and the case's own is one of the others.
 */
static void put_requirements(struct reporter *reporter, const struct record *record)
{
	const struct event_case *start = record_start(record);
	struct judged_by by = record_judged_by(record);
	struct buffer text = {.at = NULL};

	if (!by.name)
		return;
	buffer_text(&text, by.name);
	if (by.level && *by.level)
		buffer_printf(&text, " (%s)", by.level);
	if (by.sentence && *by.sentence)
		buffer_printf(&text, ": %s", by.sentence);
	put_fact(reporter, "requirement", text.at);
	if (by.premise)
		put_fact(reporter, "not judged", start->requirements[0]);
	buffer_drop(&text, text.len);
	for (size_t i = 1; i < EVENT_REQUIREMENTS_MAX && start->requirements[i]; i++)
		buffer_printf(&text, "%s%s", i > 1 ? ", " : "", start->requirements[i]);
	if (text.len)
		put_fact(reporter, "also covers", text.at);
	reporter->out.failed |= text.failed;
	buffer_free(&text);
}

static void put_where(struct reporter *reporter, const struct record *record)
{
	const struct event_verdict *verdict = record_verdict(record);
	struct buffer text = {.at = NULL};

	record_place(record, &text);
	if (text.len)
		put_fact(reporter, "source", text.at);
	buffer_drop(&text, text.len);
	if (verdict->evidence)
		buffer_printf(&text, "%s/wire.pcap", verdict->evidence);
	else
		buffer_text(&text, "none; --evidence DIR keeps the capture");
	put_fact(reporter, "capture", text.at);
	if (verdict->late) {
		buffer_drop(&text, text.len);
		buffer_printf(&text, "lastack itself was up to %u ms late", verdict->late);
		put_fact(reporter, "lateness", text.at);
	}
	if (record_attempts(record) > 1) {
		buffer_drop(&text, text.len);
		buffer_printf(&text, "%u; those before the last were inconclusive",
			      record_attempts(record));
		put_fact(reporter, "attempts", text.at);
	}
	if (verdict->command && *verdict->command) {
		put_name(reporter, "again");
		pretty_command(reporter, verdict->command);
	}
	reporter->out.failed |= text.failed;
	buffer_free(&text);
}

/* The profile's reason, if it has a line on the case. */
static void put_profile(struct reporter *reporter, const struct record *record)
{
	const char *reason = record_verdict(record)->reason;
	struct buffer text = {.at = NULL};

	if (!reason || !*reason)
		return;
	if (record->outcome == OUTCOME_FORESEEN) {
		put_fact(reporter, "known", reason);
		return;
	}
	buffer_printf(&text, "expects another verdict: %s", reason);
	put_fact(reporter, "profile", text.at);
	reporter->out.failed |= text.failed;
	buffer_free(&text);
}

void pretty_block(struct reporter *reporter, const struct record *record)
{
	struct buffer *out = &reporter->out;
	const struct event_verdict *verdict = record_verdict(record);
	const struct event_case *start = record_start(record);

	pretty_gap(reporter);
	put_head(reporter, record);
	buffer_put(out, "\n", 1);
	put_fact(reporter, "claim", start->claim);
	put_requirements(reporter, record);
	put_fact(reporter, "message", verdict->message);
	put_profile(reporter, record);
	if (reporter_shows_ladder(reporter, record)) {
		buffer_put(out, "\n", 1);
		pretty_ladder(reporter, record);
		buffer_put(out, "\n", 1);
	}
	put_where(reporter, record);
	reporter->gap = false;
	pretty_gap(reporter);
}
