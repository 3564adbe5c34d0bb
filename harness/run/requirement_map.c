/*
 * The requirement map: the table of requirements, the cases, and the table of reasons, brought
 * together. The last two may not contradict each other.
 */
#include "run/not_covered.h"
#include "run/select.h"
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

/* The table of reasons, as far as it could be read. */
struct reasons {
	struct not_covered *rows;
	size_t count;
};

static bool is_covered(const struct coverage *row)
{
	return row->judged_count || row->shown_count;
}

/* Append an entry, unless it is another row of the case before it. */
static int entry_append(const struct catalogue_entry ***list, size_t *count,
			const struct catalogue_entry *entry)
{
	const struct catalogue_entry **grown;

	if (*count && (*list)[*count - 1]->record == entry->record)
		return 0;
	grown = realloc(*list, (*count + 1) * sizeof(const struct catalogue_entry *));
	if (!grown)
		return -ENOMEM;
	grown[(*count)++] = entry;
	*list = grown;
	return 0;
}

static int entry_place(struct requirement_map *map, const struct catalogue_entry *entry)
{
	const struct case_record *record = entry->record;
	struct coverage *row = &map->rows[record->requirement - 1];
	int r = entry_append(&row->judged, &row->judged_count, entry);

	for (size_t i = 0; i < CASE_REQUIREMENTS_MAX && !r; i++) {
		/* Naming twice what it is judged by says nothing new. */
		if (!requirement_get(record->also[i]) || record->also[i] == record->requirement)
			continue;
		row = &map->rows[record->also[i] - 1];
		r = entry_append(&row->shown, &row->shown_count, entry);
	}
	return r;
}

/* Read the table of reasons; its lines are copied into the map, which frees them. */
static int reasons_read(struct requirement_map *map, struct reasons *out, const char *const *lines)
{
	size_t n = 0;

	while (lines[n])
		n++;
	map->reasons = calloc(n + 1, sizeof(*map->reasons));
	out->rows = calloc(n + 1, sizeof(*out->rows));
	if (!map->reasons || !out->rows)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		map->reasons[i] = strdup(lines[i]);
		if (!map->reasons[i])
			return -ENOMEM;
		out->count += not_covered_parse(map->reasons[i], &out->rows[out->count]);
	}
	return 0;
}

static bool rfc_is_in_table(const struct requirement_map *map, unsigned rfc)
{
	for (size_t i = 0; i < map->count && rfc; i++)
		if (map->rows[i].requirement->rfc == rfc)
			return true;
	return false;
}

/* What can be said of a row of the table of reasons without a look at the cases. */
static void reason_check(struct requirement_map *map, const struct reasons *reasons, size_t at)
{
	const struct not_covered *row = &reasons->rows[at];

	if (!requirement_find(row->name) && !rfc_is_in_table(map, not_covered_rfc(row->name)))
		buffer_printf(&map->wrongs, "there is no requirement %s\n", row->name);
	if (!*row->reason)
		buffer_printf(&map->wrongs, "%s has no reason\n", row->name);
	for (size_t i = 0; i < at; i++)
		if (!strcmp(reasons->rows[i].name, row->name))
			buffer_printf(&map->wrongs, "%s stands there twice\n", row->name);
}

/* The row that speaks of a requirement: its own, or else its RFC's. */
static struct not_covered *reason_of(const struct reasons *reasons,
				     const struct requirement *requirement)
{
	struct not_covered *of_rfc = NULL;

	for (size_t i = 0; i < reasons->count; i++) {
		struct not_covered *row = &reasons->rows[i];

		if (!strcmp(row->name, requirement->name))
			return row;
		if (requirement->rfc && not_covered_rfc(row->name) == requirement->rfc)
			of_rfc = row;
	}
	return of_rfc;
}

static void reasons_place(struct requirement_map *map, struct reasons *reasons)
{
	for (size_t i = 0; i < map->count; i++) {
		struct coverage *row = &map->rows[i];
		struct not_covered *reason = reason_of(reasons, row->requirement);

		if (is_covered(row))
			continue;
		if (reason) {
			reason->used = true;
			row->reason = reason->reason;
		} else {
			buffer_printf(&map->wrongs, "no case shows %s, and no reason is given\n",
				      row->requirement->name);
		}
	}
	for (size_t i = 0; i < reasons->count; i++) {
		const char *name = reasons->rows[i].name;

		if (reasons->rows[i].used)
			continue;
		if (requirement_find(name))
			buffer_printf(&map->wrongs, "a case shows %s\n", name);
		else if (rfc_is_in_table(map, not_covered_rfc(name)))
			buffer_printf(&map->wrongs, "nothing of %s is left to its line\n", name);
	}
}

int requirement_map_new(struct requirement_map *out, const struct catalogue *catalogue,
			const char *const *table, struct why *why)
{
	struct requirement_map map = {.count = REQUIREMENT_END - 1};
	struct reasons reasons = {.rows = NULL};
	int r = -ENOMEM;

	map.rows = calloc(map.count, sizeof(*map.rows));
	if (!map.rows)
		goto out;
	for (size_t i = 0; i < map.count; i++)
		map.rows[i].requirement = requirement_get((enum requirement_id)(i + 1));
	for (size_t i = 0; i < catalogue->count; i++)
		if (entry_place(&map, &catalogue->entries[i]))
			goto out;
	if (reasons_read(&map, &reasons, table ? table : not_covered_lines()))
		goto out;
	for (size_t i = 0; i < reasons.count; i++)
		reason_check(&map, &reasons, i);
	reasons_place(&map, &reasons);
	r = map.wrongs.failed ? -ENOMEM : 0;
out:
	free(reasons.rows);
	if (r) {
		requirement_map_free(&map);
		return why_set(why, ENOMEM, "no memory for the requirement map");
	}
	*out = map;
	return 0;
}

/* As a selector of cases means it, or by a glob of its RFC or of its whole name. */
static bool is_meant(const char *selector, const struct requirement *requirement)
{
	char rfc[32];

	requirement_first_word(requirement->name, rfc, sizeof(rfc));
	return selector_means_requirement(selector, requirement) ||
	       !fnmatch(selector, requirement->name, FNM_CASEFOLD) ||
	       !fnmatch(selector, rfc, FNM_CASEFOLD);
}

static void row_free(struct coverage *row)
{
	free(row->judged);
	free(row->shown);
}

int requirement_map_select(struct requirement_map *map, char *const *selectors, size_t n,
			   struct why *why)
{
	bool keep[REQUIREMENT_END] = {false};
	size_t kept = 0;

	if (!n)
		return 0;
	for (size_t s = 0; s < n; s++) {
		bool any = false;

		for (size_t i = 0; i < map->count; i++)
			if (is_meant(selectors[s], map->rows[i].requirement))
				keep[i] = any = true;
		if (!any)
			return requirement_none(selectors[s], why);
	}
	for (size_t i = 0; i < map->count; i++) {
		if (keep[i])
			map->rows[kept++] = map->rows[i];
		else
			row_free(&map->rows[i]);
	}
	map->count = kept;
	return 0;
}

void requirement_map_free(struct requirement_map *map)
{
	if (!map)
		return;
	for (size_t i = 0; map->rows && i < map->count; i++)
		row_free(&map->rows[i]);
	free(map->rows);
	for (char **reason = map->reasons; reason && *reason; reason++)
		free(*reason);
	free(map->reasons);
	buffer_free(&map->wrongs);
	*map = (struct requirement_map){.rows = NULL};
}
