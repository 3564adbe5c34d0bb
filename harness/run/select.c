#include "run/select.h"
#include "run/nearest.h"
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* An entry's name without its row. */
static void case_part(const char *name, char out[static 256])
{
	size_t n = strcspn(name, "/");

	if (n > 255)
		n = 255;
	memcpy(out, name, n);
	out[n] = '\0';
}

bool selector_means(const char *selector, const struct catalogue_entry *entry)
{
	const struct case_record *record = entry->record;
	char without_row[256];

	case_part(entry->name, without_row);
	if (!fnmatch(selector, entry->area, 0) || !fnmatch(selector, record->family->name, 0) ||
	    !fnmatch(selector, without_row, 0) || !fnmatch(selector, entry->name, 0) ||
	    selector_means_requirement(selector, requirement_get(record->requirement)))
		return true;
	for (size_t i = 0; i < CASE_REQUIREMENTS_MAX; i++)
		if (selector_means_requirement(selector, requirement_get(record->also[i])))
			return true;
	return false;
}

/* Glob characters are no part of a name that was mistyped. */
static void without_globs(const char *selector, char out[static 256])
{
	size_t n = 0;

	for (; *selector && n < 255; selector++)
		if (!strchr("*?[]!", *selector))
			out[n++] = *selector;
	out[n] = '\0';
}

/* The case of one family that is nearest to what was typed behind the family's name. */
static const char *nearest_of_family(const struct catalogue *catalogue, const char *family,
				     const char *typed)
{
	struct nearest nearest = {.name = NULL};
	char without_row[256];

	for (size_t i = 0; i < catalogue->count; i++) {
		const struct catalogue_entry *entry = &catalogue->entries[i];

		if (strcmp(entry->record->family->name, family))
			continue;
		case_part(entry->name, without_row);
		/* A row that was mistyped still names its case. */
		nearest_try(&nearest, typed, without_row + strlen(family) + 1, entry->name);
		nearest_try(&nearest, typed, entry->name + strlen(family) + 1, entry->name);
	}
	return nearest_name_of(&nearest, typed);
}

/* The family whose name stands before the dot of what was typed, or NULL. */
static const char *family_of(const struct catalogue *catalogue, const char *typed)
{
	size_t n = strcspn(typed, ".");

	for (size_t i = 0; typed[n] && i < catalogue->count; i++) {
		const char *name = catalogue->entries[i].record->family->name;

		if (strlen(name) == n && !strncasecmp(name, typed, n))
			return name;
	}
	return NULL;
}

/* The area, family or case that is nearest to what was typed, or NULL. */
static const char *nearest_of_all(const struct catalogue *catalogue, const char *typed)
{
	struct nearest nearest = {.name = NULL};
	char without_row[256];

	for (size_t i = 0; i < catalogue->count; i++) {
		const struct catalogue_entry *entry = &catalogue->entries[i];

		nearest_try(&nearest, typed, entry->area, entry->area);
		nearest_try(&nearest, typed, entry->record->family->name,
			    entry->record->family->name);
		case_part(entry->name, without_row);
		nearest_try(&nearest, typed, without_row, entry->name);
		nearest_try(&nearest, typed, entry->name, entry->name);
	}
	/* A case without its family only wins where it is nearer than every name as it is typed. */
	for (size_t i = 0; i < catalogue->count; i++)
		nearest_try(&nearest, typed, catalogue->entries[i].record->name,
			    catalogue->entries[i].name);
	return nearest_name_of(&nearest, typed);
}

int catalogue_find(const struct catalogue *catalogue, const char *pattern, struct why *why)
{
	const char *family, *name = NULL;
	char typed[256];

	for (size_t i = 0; i < catalogue->count; i++)
		if (!fnmatch(pattern, catalogue->entries[i].name, 0))
			return 0;
	without_globs(pattern, typed);
	family = family_of(catalogue, typed);
	if (family)
		name = nearest_of_family(catalogue, family, typed + strlen(family) + 1);
	else if (*typed)
		name = nearest_of_all(catalogue, typed);
	return why_set(why, ENOENT, "no case matches '%s'%s%s", pattern,
		       name ? ": the nearest is " : "", name ? name : "");
}

static int nothing_matches(const struct catalogue *catalogue, const char *selector, struct why *why)
{
	const char *family, *name = NULL;
	char typed[256];

	if (!catalogue->count)
		return why_set(why, ENOENT, "nothing matches '%s': there is no case at all",
			       selector);
	if (!strncasecmp(selector, "RFC", 3) || strchr(selector, ' '))
		return requirement_none(selector, why);
	without_globs(selector, typed);
	family = family_of(catalogue, typed);
	if (family)
		name = nearest_of_family(catalogue, family, typed + strlen(family) + 1);
	else if (*typed)
		name = nearest_of_all(catalogue, typed);
	if (name)
		return why_set(why, ENOENT,
			       "no area, family, case or requirement matches '%s': the nearest is "
			       "%s", selector, name);
	if (family)
		return why_set(why, ENOENT,
			       "the family %s has no case that matches '%s': lastack list %s shows "
			       "all", family, selector, family);
	return why_set(why, ENOENT,
		       "no area, family, case or requirement matches '%s': lastack list shows all",
		       selector);
}

int catalogue_select(struct catalogue *catalogue, char *const *selectors, size_t n, struct why *why)
{
	bool *keep;
	int r = 0;

	if (!n)
		return 0;
	keep = calloc(catalogue->count + 1, sizeof(*keep));
	if (!keep)
		return why_set(why, ENOMEM, "no memory for a selection");
	for (size_t s = 0; s < n && !r; s++) {
		bool any = false;

		for (size_t i = 0; i < catalogue->count; i++)
			if (selector_means(selectors[s], &catalogue->entries[i]))
				keep[i] = any = true;
		if (!any)
			r = nothing_matches(catalogue, selectors[s], why);
	}
	if (!r)
		catalogue_keep(catalogue, keep);
	free(keep);
	return r;
}
