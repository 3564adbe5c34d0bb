/*
 * The catalogue: the records that the linker gathered, a row at a time.
 */
#include "run/run.h"
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * The linker's names for the section's two ends; weak, because a program without cases has no such
 * section.
 */
extern const struct case_record *const __start_lastack_cases[] __attribute__((weak));
extern const struct case_record *const __stop_lastack_cases[] __attribute__((weak));

enum level case_level(const struct case_record *record)
{
	const struct requirement *requirement = requirement_get(record->requirement);

	if (record->judged_as != LEVEL_UNSET)
		return record->judged_as;
	return requirement ? requirement->level : LEVEL_UNSET;
}

nanos case_budget(const struct case_record *record)
{
	return record->budget > 0 ? record->budget : sec(5);
}

/* The folder of a file below cases/, or just its folder's name where there is no cases/. */
static char *area_of(const char *file)
{
	const char *end = strrchr(file, '/');
	const char *from = strstr(file, "cases/");

	if (!end)
		return strdup("");
	if (from && (from == file || from[-1] == '/')) {
		from += strlen("cases/");
	} else {
		from = end;
		while (from > file && from[-1] != '/')
			from--;
	}
	return from < end ? strndup(from, (size_t)(end - from)) : strdup("");
}

/* Letters, digits and _, at least one: what may stand in a name. */
static bool is_word(const char *name)
{
	const char *const allowed =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

	return name && *name && strspn(name, allowed) == strlen(name);
}

/* The next pattern of a list that is separated by spaces; false at its end. */
static bool pattern_next(const char **at, char *pattern, size_t size)
{
	const size_t n = strcspn(*at, " ");

	snprintf(pattern, size, "%.*s", (int)n, *at);
	*at += n + strspn(*at + n, " ");
	return n > 0;
}

static const char *row_name(const struct case_record *record, size_t i)
{
	const char *name;

	if (!record->rows)
		return "";
	memcpy(&name, (const char *)record->rows + i * record->row_size, sizeof(name));
	return name ? name : "";
}

/* Does each of the patterns match a row? */
static int patterns_check(const struct case_record *record, const char *patterns, struct why *why)
{
	const size_t rows = record->rows ? record->row_count : 1;
	const char *at = patterns ? patterns : "";
	char pattern[64];

	while (pattern_next(&at, pattern, sizeof(pattern))) {
		size_t i = 0;

		while (i < rows && fnmatch(pattern, row_name(record, i), 0))
			i++;
		if (i == rows)
			return why_set(why, EINVAL, "case %s.%s (%s:%d) has no row '%s'",
				       record->family->name, record->name, record->file,
				       record->line, pattern);
	}
	return 0;
}

static int record_check(const struct case_record *record, struct why *why)
{
	if (!record->family || !is_word(record->family->name) || !is_word(record->name))
		return why_set(why, EINVAL, "a case of %s has no name", record->file);
	if (!requirement_get(record->requirement))
		return why_set(why, EINVAL, "case %s.%s (%s:%d) has no requirement",
			       record->family->name, record->name, record->file, record->line);
	if (!record->claim || !*record->claim)
		return why_set(why, EINVAL, "case %s.%s (%s:%d) has no claim", record->family->name,
			       record->name, record->file, record->line);
	if (record->rows && !record->row_count)
		return why_set(why, EINVAL, "case %s.%s (%s:%d) has a table without rows",
			       record->family->name, record->name, record->file, record->line);
	return patterns_check(record, record->filtered, why) ||
			       patterns_check(record, record->filtered_strictly, why)
		       ? -EINVAL
		       : 0;
}

/* Is the word among the patterns, which are separated by spaces? */
static bool has_word(const char *patterns, const char *word)
{
	const char *at = patterns ? patterns : "";
	char pattern[64];

	while (pattern_next(&at, pattern, sizeof(pattern)))
		if (!fnmatch(pattern, word, 0))
			return true;
	return false;
}

static unsigned needs_of(const struct case_record *record, const char *row_word)
{
	const char *row = row_word ? row_word : "";
	unsigned needs = record->needs ? record->needs : (unsigned)DUT_AGENT;

	needs |= has_word(record->filtered, row) ? NO_FILTER : 0u;
	needs |= has_word(record->filtered_strictly, row) ? NO_STRICT_FILTER : 0u;
	return needs;
}

/* Append an entry; its two strings are the catalogue's. */
static int entry_add(struct catalogue *catalogue, const struct case_record *record, const void *row,
		     struct why *why)
{
	struct catalogue_entry *entries;
	const char *row_word = NULL;
	char *name = NULL, *area;
	int n;

	if (row) {
		memcpy(&row_word, row, sizeof(row_word));
		if (!is_word(row_word))
			return why_set(why, EINVAL, "case %s.%s (%s:%d) has a row without a name",
				       record->family->name, record->name, record->file,
				       record->line);
	}
	entries = realloc(catalogue->entries, (catalogue->count + 1) * sizeof(*entries));
	if (!entries)
		return why_set(why, ENOMEM, "no memory for the catalogue");
	catalogue->entries = entries;
	n = asprintf(&name, "%s.%s%s%s", record->family->name, record->name, row ? "/" : "",
		     row ? row_word : "");
	area = area_of(record->file);
	if (n < 0 || !area) {
		if (n >= 0)
			free(name);
		free(area);
		return why_set(why, ENOMEM, "no memory for the catalogue");
	}
	entries[catalogue->count++] = (struct catalogue_entry){
		record, row, area, name, needs_of(record, row_word)};
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct catalogue_entry *)a)->name,
		      ((const struct catalogue_entry *)b)->name);
}

static int record_add(struct catalogue *catalogue, const struct case_record *record,
		      struct why *why)
{
	int r = record_check(record, why);

	if (r || !record->rows)
		return r ? r : entry_add(catalogue, record, NULL, why);
	for (size_t i = 0; i < record->row_count && !r; i++)
		r = entry_add(catalogue, record, (const char *)record->rows + i * record->row_size,
			      why);
	return r;
}

int catalogue_new(struct catalogue *out, struct why *why)
{
	struct catalogue made = {.entries = NULL};
	int r = 0;

	if (__start_lastack_cases)
		for (const struct case_record *const *at = __start_lastack_cases;
		     at < __stop_lastack_cases && !r; at++)
			r = record_add(&made, *at, why);
	if (r)
		goto out;
	if (made.count)
		qsort(made.entries, made.count, sizeof(*made.entries), by_name);
	for (size_t i = 1; i < made.count && !r; i++)
		if (!strcmp(made.entries[i - 1].name, made.entries[i].name))
			r = why_set(why, EINVAL, "two cases are called %s: %s:%d and %s:%d",
				    made.entries[i].name, made.entries[i - 1].record->file,
				    made.entries[i - 1].record->line, made.entries[i].record->file,
				    made.entries[i].record->line);
out:
	if (r)
		catalogue_free(&made);
	else
		*out = made;
	return r;
}

static void entry_free(struct catalogue_entry *entry)
{
	free((void *)(uintptr_t)entry->area);
	free((void *)(uintptr_t)entry->name);
}

void catalogue_free(struct catalogue *catalogue)
{
	if (!catalogue)
		return;
	for (size_t i = 0; i < catalogue->count; i++)
		entry_free(&catalogue->entries[i]);
	free(catalogue->entries);
	*catalogue = (struct catalogue){.entries = NULL};
}

void catalogue_keep(struct catalogue *catalogue, const bool *keep)
{
	size_t kept = 0;

	for (size_t i = 0; i < catalogue->count; i++) {
		if (keep[i])
			catalogue->entries[kept++] = catalogue->entries[i];
		else
			entry_free(&catalogue->entries[i]);
	}
	catalogue->count = kept;
}
