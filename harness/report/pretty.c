/*
 * The report for people: the cases that reporter_options.show names, as they end, and the lists at
 * the end. On a terminal a status below them is redrawn in place while cases wait; apart from that,
 * a terminal and a pipe get the same text.
 */
#include "report/pretty.h"
#include "report/clean.h"
#include <string.h>

void pretty_paint(struct reporter *reporter, const char *codes)
{
	if (reporter->options.colour)
		buffer_printf(&reporter->out, "\033[%sm", codes);
}

const char *pretty_colour(enum outcome outcome)
{
	static const char *const colours[OUTCOMES] = {
		[OUTCOME_NONE] = "0",
		[OUTCOME_PASS] = "32",
		[OUTCOME_SKIP] = "36",
		[OUTCOME_FORESEEN] = "33",
		[OUTCOME_DEVIATION] = "33",
		[OUTCOME_SURPRISE] = "1;33",
		[OUTCOME_FAIL] = "1;31",
		[OUTCOME_INCONCLUSIVE] = "35",
		[OUTCOME_ERROR] = "1;35",
	};

	return colours[outcome];
}

size_t pretty_width(const struct reporter *reporter)
{
	int width = reporter->options.width;

	/* A pipe has none, and text that is wider than this is hard to read. */
	return width >= 40 && width < 100 ? (size_t)width : 100;
}

void pretty_wrap(struct reporter *reporter, const char *text, size_t column)
{
	struct buffer *out = &reporter->out, clean = {.at = NULL};
	size_t width = pretty_width(reporter) - column;
	const char *at;

	clean_line(&clean, text);
	buffer_put(&clean, "", 0);
	at = clean.failed ? "" : clean.at;
	while (strlen(at) > width) {
		size_t cut = width;

		while (cut && at[cut] != ' ')
			cut--;
		if (!cut)
			cut = strcspn(at, " ");
		buffer_put(out, at, cut);
		at += cut + strspn(at + cut, " ");
		if (*at)
			buffer_printf(out, "\n%*s", (int)column, "");
	}
	buffer_text(out, at);
	buffer_put(out, "\n", 1);
	out->failed |= clean.failed;
	buffer_free(&clean);
}

void pretty_command(struct reporter *reporter, const char *command)
{
	clean_line(&reporter->out, command);
	buffer_text(&reporter->out, "\n");
}

void pretty_gap(struct reporter *reporter)
{
	if (!reporter->gap)
		buffer_put(&reporter->out, "\n", 1);
	reporter->gap = true;
}

void pretty_ladder(struct reporter *reporter, const struct record *record)
{
	if (record->ladder)
		ladder_set_width(record->ladder, pretty_width(reporter));
	record_draw(record, &reporter->out, reporter->options.colour);
}

static void pretty_run(struct reporter *reporter)
{
	const struct event_run *run = &reporter->books.run->run;

	reporter_describe_run(reporter, &reporter->out);
	buffer_text(&reporter->out, "\n");
	if (!run->path)
		return;
	buffer_text(&reporter->out, "path: ");
	clean_line(&reporter->out, run->path);
	buffer_text(&reporter->out, "\n");
	if (run->profile && !strcmp(run->profile, "none"))
		buffer_text(&reporter->out, "No failure is expected; --profile linux (or lwip, or "
					    "a file) names those that are.\n");
}

static void pretty_ended(struct reporter *reporter, struct record *record)
{
	bool block = reporter_shows_block(reporter, record->outcome);

	if (!block && record->outcome != OUTCOME_SURPRISE && reporter->options.show != SHOW_ALL)
		return;
	pretty_status_clear(reporter);
	if (block) {
		pretty_block(reporter, record);
		return;
	}
	pretty_line(reporter, record);
	if (reporter_shows_ladder(reporter, record)) {
		pretty_ladder(reporter, record);
		pretty_gap(reporter);
	}
}

static void pretty_seen(struct reporter *reporter, const struct event *event,
			struct record *record)
{
	(void)record;
	pretty_status_seen(reporter, event);
}

static void pretty_close(struct reporter *reporter, const struct event_summary *summary)
{
	pretty_status_clear(reporter);
	pretty_end(reporter, summary);
}

const struct format format_pretty = {.name = "pretty", .run = pretty_run, .ended = pretty_ended,
	.seen = pretty_seen, .close = pretty_close};
