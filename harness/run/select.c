#include "run/select.h"
#include "run/nearest.h"
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

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
	char without_row[256];

	case_part(entry->name, without_row);
	return !fnmatch(selector, entry->area, 0) ||
	       !fnmatch(selector, entry->record->family->name, 0) ||
	       !fnmatch(selector, without_row, 0) || !fnmatch(selector, entry->name, 0);
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

static int nothing_matches(const struct catalogue *catalogue, const char *selector, struct why *why)
{
	struct nearest nearest = {.name = NULL};
	char typed[256], without_row[256];
	const char *name;

	if (!catalogue->count)
		return why_set(why, ENOENT, "nothing matches '%s': there is no case at all",
			       selector);
	without_globs(selector, typed);
	for (size_t i = 0; i < catalogue->count; i++) {
		const struct catalogue_entry *entry = &catalogue->entries[i];

		nearest_try(&nearest, typed, entry->area, entry->area);
		nearest_try(&nearest, typed, entry->record->family->name,
			    entry->record->family->name);
		case_part(entry->name, without_row);
		nearest_try(&nearest, typed, without_row, entry->name);
		nearest_try(&nearest, typed, entry->record->name, entry->name);
		nearest_try(&nearest, typed, entry->name, entry->name);
	}
	name = *typed ? nearest_name_of(&nearest, typed) : NULL;
	if (name)
		return why_set(why, ENOENT,
			       "no area, family or case matches '%s': the nearest is %s", selector,
			       name);
	return why_set(why, ENOENT, "no area, family or case matches '%s': lastack list shows all",
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
