/*
 * A comparison for people: a line a kernel, and a table of the verdicts. The table takes the first
 * of some layouts that fits: columns headed by the kernels' names, their releases, or numbers.
 */
#include "report/compare.h"
#include "report/clean.h"
#include "report/pretty.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD_MAX 40
#define WIDTH_LEAST 60 /* a table that is narrower than this is none */
#define NAME_ENOUGH 64 /* longer names may have a line of their own */
#define MARK 2	       /* "* " before a row that differs, where the others are shown, too */
#define NOT_RUN "not run"

struct layout {
	char heads[COMPARISON_RUNS_MAX][HEAD_MAX + 1];
	size_t columns[COMPARISON_RUNS_MAX];
	size_t between; /* blanks before a column */
	size_t name;	/* columns for the case's name and family */
	bool brief;	/* verdicts in four letters */
};

static const char *verdict_word(const struct record *record, bool brief)
{
	static const char *const words[VERDICTS] = {
		[VERDICT_PASS] = "pass",      [VERDICT_SKIP] = "skip",
		[VERDICT_DEVIATION] = "dev.", [VERDICT_INCONCLUSIVE] = "inc.",
		[VERDICT_FAIL] = "fail",      [VERDICT_ERROR] = "err.",
	};

	if (!record)
		return brief ? "-" : NOT_RUN;
	return brief ? words[record_verdict(record)->verdict]
		     : verdict_name(record_verdict(record)->verdict);
}

static size_t name_length(const struct compared_row *row)
{
	struct buffer name = {.at = NULL};
	size_t n;

	clean_line(&name, row->name);
	n = name.len + 1 + strlen(row->over);
	buffer_free(&name);
	return n;
}

enum heads { HEADS_NAMES, HEADS_RELEASES, HEADS_NUMBERS };

/* Fill the heads. False: these do not tell the kernels apart, or are too long. */
static bool heads_fill(struct layout *layout, const struct comparison *comparison, enum heads heads)
{
	for (size_t i = 0; i < comparison->count; i++) {
		const struct compared_run *run = &comparison->runs[i];
		struct buffer head = {.at = NULL};
		bool good;

		if (heads == HEADS_NUMBERS)
			buffer_printf(&head, "[%zu]", i + 1);
		else if (heads == HEADS_NAMES)
			buffer_text(&head, run->name);
		else if (run->books.run)
			clean_line(&head, run->books.run->run.kernel);
		good = head.len && head.len <= HEAD_MAX && !head.failed;
		if (good)
			strcpy(layout->heads[i], head.at);
		buffer_free(&head);
		for (size_t j = 0; j < i && good; j++)
			good = strcmp(layout->heads[i], layout->heads[j]) != 0;
		if (!good)
			return false;
	}
	return true;
}

/* How wide all columns are; the name's gets what is left. False: they do not fit. */
static bool layout_fits(struct layout *layout, const struct comparison *comparison,
			const struct compared_row *rows, size_t count, size_t width, bool all)
{
	size_t used = MARK, longest = 0;

	for (size_t i = 0; i < comparison->count; i++) {
		layout->columns[i] = strlen(layout->heads[i]);
		for (size_t r = 0; r < count; r++) {
			size_t n = strlen(verdict_word(rows[r].records[i], layout->brief));

			if ((all || rows[r].differs) && n > layout->columns[i])
				layout->columns[i] = n;
		}
		used += layout->between + layout->columns[i];
	}
	for (size_t r = 0; r < count; r++) {
		size_t n = all || rows[r].differs ? name_length(&rows[r]) : 0;

		longest = n > longest ? n : longest;
	}
	layout->name = used < width ? width - used : 0;
	if (longest < layout->name)
		layout->name = longest;
	return layout->name >= (longest < NAME_ENOUGH ? longest : NAME_ENOUGH);
}

static void layout_choose(struct layout *layout, const struct comparison *comparison,
			  const struct compared_row *rows, size_t count, size_t width, bool all)
{
	static const struct {
		enum heads heads;
		size_t between;
		bool brief;
	} ways[] = {{HEADS_NAMES, 2, false},
		    {HEADS_RELEASES, 2, false},
		    {HEADS_NUMBERS, 2, false},
		    {HEADS_NUMBERS, 1, true}};

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		layout->between = ways[i].between;
		layout->brief = ways[i].brief;
		if (heads_fill(layout, comparison, ways[i].heads) &&
		    layout_fits(layout, comparison, rows, count, width, all))
			return;
	}
}

/* A cell's text, after the blanks that lead to its column; those behind it come with the next. */
static void put_cell(struct reporter *page, const struct layout *layout, size_t column,
		     const char *text, const char *codes, size_t *behind)
{
	buffer_printf(&page->out, "%*s", (int)(*behind + layout->between), "");
	pretty_paint(page, codes);
	buffer_text(&page->out, text);
	pretty_paint(page, "0");
	*behind = layout->columns[column] - strlen(text);
}

/* The name, in lines of its own where it is too long; returns the blanks that follow it. */
static size_t put_name(struct reporter *page, const struct layout *layout,
		       const struct compared_row *row, size_t width)
{
	struct buffer name = {.at = NULL};
	size_t at = 0, room = width - MARK, behind;

	clean_line(&name, row->name);
	buffer_printf(&name, " %s", row->over);
	page->out.failed |= name.failed;
	if (name.len <= layout->name) {
		buffer_put(&page->out, name.at, name.len);
		behind = layout->name - name.len;
	} else {
		for (; at < name.len; at += room)
			buffer_printf(&page->out, "%.*s\n%*s", (int)room, name.at + at, MARK, "");
		behind = layout->name;
	}
	buffer_free(&name);
	return behind;
}

static void put_row(struct reporter *page, const struct comparison *comparison,
		    const struct layout *layout, const struct compared_row *row, size_t width,
		    bool all)
{
	size_t behind;

	buffer_text(&page->out, all && row->differs ? "* " : "  ");
	behind = put_name(page, layout, row, width);
	for (size_t i = 0; i < comparison->count; i++) {
		const struct record *record = row->records[i];

		put_cell(page, layout, i, verdict_word(record, layout->brief),
			 pretty_colour(record ? record->outcome : OUTCOME_NONE), &behind);
	}
	buffer_text(&page->out, "\n");
}

static void put_head(struct reporter *page, const struct comparison *comparison,
		     const struct layout *layout)
{
	size_t behind = MARK + layout->name;

	for (size_t i = 0; i < comparison->count; i++)
		put_cell(page, layout, i, layout->heads[i], "1", &behind);
	buffer_text(&page->out, "\n");
}

static void put_table(struct reporter *page, const struct comparison *comparison,
		      const struct compared_row *rows, size_t count, bool all)
{
	struct layout layout = {.name = 0};
	size_t width = pretty_width(page);

	if (width < WIDTH_LEAST)
		width = WIDTH_LEAST;
	layout_choose(&layout, comparison, rows, count, width, all);
	put_head(page, comparison, &layout);
	for (size_t i = 0; i < count; i++)
		if (all || rows[i].differs)
			put_row(page, comparison, &layout, &rows[i], width, all);
	if (!layout.brief)
		return;
	buffer_printf(&page->out, "%*s", MARK, "");
	pretty_wrap(page, "dev.: deviation, inc.: inconclusive, err.: error, -: not run", MARK);
}

static bool something_cut_short(const struct comparison *comparison)
{
	for (size_t i = 0; i < comparison->count; i++)
		if (!compared_whole(&comparison->runs[i]))
			return true;
	return false;
}

static bool something_unexpected(const struct comparison *comparison)
{
	for (size_t i = 0; i < comparison->count; i++)
		if (comparison->runs[i].ended && comparison->runs[i].summary.status == 1)
			return true;
	return false;
}

void comparison_text(const struct comparison *comparison, const struct reporter_options *options,
		     bool all, struct buffer *out)
{
	struct reporter page = {.options = *options};
	struct compared_row *rows = NULL;
	size_t count = 0, differing = 0;

	out->failed |= comparison_rows(comparison, &rows, &count) != 0;
	for (size_t i = 0; i < count; i++)
		differing += rows[i].differs;
	for (size_t i = 0; i < comparison->count; i++)
		if (!comparison->runs[i].told)
			compared_line(&page, comparison, i);
	pretty_gap(&page);
	pretty_paint(&page, "1");
	if (differing)
		buffer_printf(&page.out, "The verdicts of %zu of %zu cases differ", differing,
			      count);
	else
		buffer_printf(&page.out, "No verdict differs in %zu case%s", count,
			      count == 1 ? "" : "s");
	pretty_paint(&page, "0");
	buffer_text(&page.out, "\n");
	if (differing || (all && count))
		put_table(&page, comparison, rows, count, all);
	if (something_cut_short(comparison))
		pretty_wrap(&page,
			    "A run was cut short or did not start: what it did not get to counts "
			    "as no difference.",
			    0);
	if (something_unexpected(comparison))
		pretty_wrap(&page, "lastack run --kernel KERNEL shows what was not as expected.",
			    0);
	free(rows);
	out->failed |= page.out.failed;
	buffer_put(out, page.out.at, page.out.len);
	buffer_free(&page.out);
}

void compared_line(struct reporter *page, const struct comparison *comparison, size_t i)
{
	const struct compared_run *run = &comparison->runs[i];
	const struct event_run *start = run->books.run ? &run->books.run->run : NULL;
	struct buffer text = {.at = NULL};
	char number[24];

	snprintf(number, sizeof(number), "[%zu] ", i + 1);
	buffer_printf(&text, "%s: ", run->name);
	if (start) {
		clean_line(&text, start->kernel);
		buffer_text(&text, " (");
		clean_line(&text, start->machine ? start->machine : "in real time");
		buffer_text(&text, "): ");
	}
	if (run->refused) {
		buffer_text(&text, "did not run: ");
		clean_line(&text, run->refused);
	} else if (!run->ended) {
		buffer_text(&text,
			    start ? "the run ended without a summary" : "the run did not begin");
	} else {
		summary_text(&text, &run->summary);
		if (run->summary.status == 1)
			buffer_printf(&text, "; %u not as expected", run->summary.unexpected);
		else if (run->summary.status)
			buffer_printf(&text, "; %s", status_text(run->summary.status));
	}
	pretty_paint(page, "1");
	buffer_text(&page->out, number);
	pretty_paint(page, "0");
	pretty_wrap(page, text.at ? text.at : "", strlen(number));
	page->out.failed |= text.failed;
	buffer_free(&text);
}
