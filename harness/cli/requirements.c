/*
 * lastack list --requirements: the requirements, the cases that show each, or why none does.
 */
#include "cli/cli.h"
#include <errno.h>
#include <jansson.h>
#include <string.h>

#define INDENT 4
#define COLUMN 21 /* where what is said of a heading starts */

static const char no_reason[] = "(no reason is given)";

static const char *observable_name(enum observable observable)
{
	switch (observable) {
	case OBSERVABLE_BLACKBOX:
		return "blackbox";
	case OBSERVABLE_AGENT:
		return "agent";
	case OBSERVABLE_NO:
		break;
	}
	return "no";
}

/* The length of an entry's name without its row. */
static size_t case_length(const struct catalogue_entry *entry)
{
	return strcspn(entry->name, "/");
}

static json_t *cases_json(const struct catalogue_entry *const *entries, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(array,
				      json_stringn(entries[i]->name, case_length(entries[i])));
	return array;
}

static int row_json(const struct coverage *row)
{
	const struct requirement *requirement = row->requirement;
	json_t *object = json_pack(
		"{s:s, s:o, s:s, s:s, s:s, s:s, s:o, s:o, s:s?}", "requirement", requirement->name,
		"rfc", requirement->rfc ? json_integer(requirement->rfc) : json_null(), "section",
		requirement->section, "level", level_name(requirement->level), "observable",
		observable_name(requirement->observable), "sentence", requirement->sentence,
		"judged_by", cases_json(row->judged, row->judged_count), "shown_by",
		cases_json(row->shown, row->shown_count), "not_covered", row->reason);
	int r = object ? json_dumpf(object, stdout, JSON_COMPACT) : -1;

	json_decref(object);
	fputc('\n', stdout);
	return r ? json_complain() : 0;
}

static void fact_print(const char *heading, const char *text_)
{
	printf("%*s%-*s", INDENT, "", COLUMN - INDENT, heading);
	print_wrapped(stdout, COLUMN, text_width(), text_);
}

static int cases_print(const char *heading, const struct catalogue_entry *const *entries, size_t n)
{
	struct buffer names = {.at = NULL};
	int r;

	for (size_t i = 0; i < n; i++)
		buffer_printf(&names, "%s%.*s", i ? ", " : "", (int)case_length(entries[i]),
			      entries[i]->name);
	if (names.at && !names.failed)
		fact_print(heading, names.at);
	r = names.failed ? complain(EXIT_HARNESS, "no memory for names") : 0;
	buffer_free(&names);
	return r;
}

static int row_print(const struct coverage *row)
{
	const struct requirement *requirement = row->requirement;
	char line[256];
	int r;

	snprintf(line, sizeof(line), "%s (%s%s%s)", requirement->name,
		 level_name(requirement->level), requirement->rfc ? ", section " : "",
		 requirement->rfc ? requirement->section : "");
	print_wrapped(stdout, 0, text_width(), line);
	printf("%*s", INDENT, "");
	print_wrapped(stdout, INDENT, text_width(), requirement->sentence);
	r = cases_print("tested by", row->judged, row->judged_count);
	if (!r)
		r = cases_print("also covered by", row->shown, row->shown_count);
	if (!row->judged_count && !row->shown_count)
		fact_print("no case", row->reason ? row->reason : no_reason);
	return r;
}

/* How many there are, and how many of them a case shows. */
struct total {
	unsigned all, judged, shown;
};

static void total_print(const struct requirement_map *map, enum level level, enum level opposite,
			const char *name)
{
	struct total total = {.all = 0};

	for (size_t i = 0; i < map->count; i++) {
		const struct coverage *row = &map->rows[i];

		if (row->requirement->level != level && row->requirement->level != opposite)
			continue;
		total.all++;
		if (row->judged_count)
			total.judged++;
		else if (row->shown_count)
			total.shown++;
	}
	if (total.all)
		printf("%-10s %4u: %3u tested, %3u only covered, %3u neither\n", name,
		       total.all, total.judged, total.shown,
		       total.all - total.judged - total.shown);
}

static void totals_print(const struct requirement_map *map)
{
	printf("\n");
	total_print(map, LEVEL_MUST, LEVEL_MUST_NOT, "MUST");
	total_print(map, LEVEL_SHOULD, LEVEL_SHOULD_NOT, "SHOULD");
	total_print(map, LEVEL_MAY, LEVEL_MAY, "MAY");
	total_print(map, LEVEL_DOCUMENTED, LEVEL_DOCUMENTED, "DOCUMENTED");
}

static int map_list(const struct requirement_map *map, bool json)
{
	int status = 0;

	for (size_t i = 0; i < map->count && !status; i++)
		status = json ? row_json(&map->rows[i]) : row_print(&map->rows[i]);
	if (!json && !status)
		totals_print(map);
	return status;
}

int requirements_list(char *const *selectors, size_t n, bool json)
{
	struct catalogue catalogue;
	struct requirement_map map;
	struct why why = {.text = ""};
	int status = catalogue_open(&catalogue, NULL, 0);
	int r;

	if (status)
		return status;
	r = requirement_map_new(&map, &catalogue, NULL, &why);
	if (r) {
		catalogue_free(&catalogue);
		return complain(EXIT_HARNESS, "%s", why.text);
	}
	r = requirement_map_select(&map, selectors, n, &why);
	if (r)
		status = complain(r == -ENOENT ? EXIT_USAGE : EXIT_HARNESS, "%s", why.text);
	else
		status = map_list(&map, json);
	requirement_map_free(&map);
	catalogue_free(&catalogue);
	return status;
}
