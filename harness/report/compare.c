/*
 * Runs of the same selection on several kernels: each run's reporter keeps its books, and they are
 * laid side by side.
 */
#include "report/compare.h"
#include "report/clean.h"
#include "report/pretty.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool run_name(struct compared_run *run, const char *typed)
{
	struct buffer name = {.at = NULL};

	clean_line(&name, typed);
	buffer_put(&name, "", 0);
	run->name = name.failed ? NULL : name.at;
	run->typed = strdup(typed);
	return run->name && run->typed;
}

/* What cannot be told apart when it is shown must not be compared. */
static bool name_is_taken(const struct comparison *comparison, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (!strcmp(comparison->runs[i].name, comparison->runs[j].name))
			return true;
	return false;
}

int comparison_new(struct comparison **out, const char *const *kernels, size_t count,
		   struct why *why)
{
	struct comparison *comparison;
	int r = 0;

	if (!count || count > COMPARISON_RUNS_MAX)
		return why_set(why, EINVAL, "%zu kernels: want 1 to %d", count,
			       COMPARISON_RUNS_MAX);
	comparison = calloc(1, sizeof(*comparison));
	if (!comparison)
		return why_set(why, ENOMEM, "no memory for a comparison");
	comparison->count = count;
	for (size_t i = 0; i < count && !r; i++) {
		if (!run_name(&comparison->runs[i], kernels[i]))
			r = why_set(why, ENOMEM, "no memory for a comparison");
		else if (name_is_taken(comparison, i))
			r = why_set(why, EINVAL, "the kernel %s is named twice",
				    comparison->runs[i].name);
	}
	if (r)
		comparison_free(comparison);
	else
		*out = comparison;
	return r;
}

void comparison_free(struct comparison *comparison)
{
	if (!comparison)
		return;
	for (size_t i = 0; i < comparison->count; i++) {
		free(comparison->runs[i].name);
		free(comparison->runs[i].typed);
		free(comparison->runs[i].refused);
		books_free(&comparison->runs[i].books);
	}
	free(comparison);
}

/* The books outlive the reporter that kept them. */
static void compared_close(struct reporter *reporter, const struct event_summary *summary)
{
	struct comparison *comparison = reporter->comparison;
	struct compared_run *run = &comparison->runs[reporter->compared];

	pretty_status_clear(reporter);
	run->books = reporter->books;
	reporter->books = (struct books){.records = NULL};
	run->ended = summary != NULL;
	if (summary)
		run->summary = *summary;
	/* Why a run did not begin is not known yet. */
	run->told = reporter->options.out && run->books.run;
	if (run->told)
		compared_line(reporter, comparison, reporter->compared);
}

static void compared_seen(struct reporter *reporter, const struct event *event,
			  struct record *record)
{
	(void)record;
	pretty_status_seen(reporter, event);
}

static const struct format format_compared = {
	.name = "comparison", .seen = compared_seen, .close = compared_close};

int comparison_reporter(struct comparison *comparison, size_t run,
			const struct reporter_options *options, struct reporter **out,
			struct why *why)
{
	struct reporter *reporter = calloc(1, sizeof(*reporter));

	if (!reporter)
		return why_set(why, ENOMEM, "out of memory");
	reporter->format = &format_compared;
	reporter->options = *options;
	reporter->comparison = comparison;
	reporter->compared = run;
	snprintf(reporter->label, sizeof(reporter->label), "[%zu of %zu] %s", run + 1,
		 comparison->count, comparison->runs[run].name);
	*out = reporter;
	return 0;
}

void comparison_refused(struct comparison *comparison, size_t run, const char *reason)
{
	free(comparison->runs[run].refused);
	comparison->runs[run].refused = strdup(reason);
}

bool compared_whole(const struct compared_run *run)
{
	unsigned told = 0;

	if (!run->ended || run->summary.interrupted || !run->books.run)
		return false;
	for (int i = 0; i < VERDICTS; i++)
		told += run->summary.count[i];
	return told == run->books.run->run.cases;
}

struct found {
	const struct record *record;
	size_t run;
};

static int found_compare(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	int order = strcmp(x->record->name, y->record->name);

	if (!order)
		order = strcmp(x->record->over, y->record->over);
	return order ? order : (x->run > y->run) - (x->run < y->run);
}

/* A run that was cut short says nothing by what it lacks. */
static bool row_differs(const struct comparison *comparison, const struct compared_row *row)
{
	const struct record *first = NULL;
	bool missing = false;

	for (size_t i = 0; i < comparison->count; i++) {
		const struct record *record = row->records[i];

		if (!record) {
			missing |= compared_whole(&comparison->runs[i]);
			continue;
		}
		if (!first)
			first = record;
		if (record_verdict(record)->verdict != record_verdict(first)->verdict)
			return true;
	}
	return missing && first;
}

int comparison_rows(const struct comparison *comparison, struct compared_row **out, size_t *count)
{
	size_t all = 0, n = 0, rows = 0;
	struct compared_row *row = NULL;
	struct found *found;

	for (size_t i = 0; i < comparison->count; i++)
		all += comparison->runs[i].books.count;
	found = calloc(all + 1, sizeof(*found));
	*out = calloc(all + 1, sizeof(**out));
	if (!found || !*out) {
		free(found);
		free(*out);
		*out = NULL;
		return -ENOMEM;
	}
	for (size_t i = 0; i < comparison->count; i++)
		for (size_t j = 0; j < comparison->runs[i].books.count; j++)
			/* What has begun and not ended has no verdict. */
			if (comparison->runs[i].books.records[j]->outcome)
				found[n++] =
					(struct found){comparison->runs[i].books.records[j], i};
	qsort(found, n, sizeof(*found), found_compare);
	for (size_t i = 0; i < n; i++) {
		const struct record *record = found[i].record;

		if (!row || strcmp(row->name, record->name) || strcmp(row->over, record->over)) {
			row = &(*out)[rows++];
			row->name = record->name;
			row->over = record->over;
		}
		row->records[found[i].run] = record;
	}
	for (size_t i = 0; i < rows; i++)
		(*out)[i].differs = row_differs(comparison, &(*out)[i]);
	free(found);
	*count = rows;
	return 0;
}
