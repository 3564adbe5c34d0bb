#include "run/select.h"
#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#define EDIT_MAX 127

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

static unsigned smallest(unsigned a, unsigned b, unsigned c)
{
	unsigned least = a < b ? a : b;

	return least < c ? least : c;
}

unsigned edit_distance(const char *a, const char *b)
{
	unsigned rows[3][EDIT_MAX + 1];
	size_t na = strnlen(a, EDIT_MAX), nb = strnlen(b, EDIT_MAX);

	for (size_t j = 0; j <= nb; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= na; i++) {
		unsigned *now = rows[i % 3];
		const unsigned *before = rows[(i + 2) % 3], *two_before = rows[(i + 1) % 3];

		now[0] = (unsigned)i;
		for (size_t j = 1; j <= nb; j++) {
			int ca = tolower((unsigned char)a[i - 1]);
			int cb = tolower((unsigned char)b[j - 1]);

			now[j] =
				smallest(before[j] + 1, now[j - 1] + 1, before[j - 1] + (ca != cb));
			if (i > 1 && j > 1 && ca == tolower((unsigned char)b[j - 2]) &&
			    cb == tolower((unsigned char)a[i - 2]) &&
			    two_before[j - 2] + 1 < now[j])
				now[j] = two_before[j - 2] + 1;
		}
	}
	return rows[na % 3][nb];
}

/* The best name so far, and how far it is. */
struct nearest {
	const char *name;
	unsigned distance;
};

/*
 * Compare typed with text, and remember name where it is the nearest yet. A name may also have been
 * begun rightly and not finished: then its beginning counts, a little behind a whole name.
 */
static void nearest_try(struct nearest *nearest, const char *typed, const char *text_,
			const char *name)
{
	char beginning[EDIT_MAX + 1];
	unsigned distance = edit_distance(typed, text_), begun;
	size_t n = strnlen(typed, EDIT_MAX);

	if (strlen(text_) > n) {
		memcpy(beginning, text_, n);
		beginning[n] = '\0';
		begun = edit_distance(typed, beginning) + 2;
		distance = begun < distance ? begun : distance;
	}

	if (*text_ && (!nearest->name || distance < nearest->distance))
		*nearest = (struct nearest){name, distance};
}

/* Near enough to be what was meant: half of it is right. */
static const char *nearest_name_of(const struct nearest *nearest, const char *typed)
{
	size_t n = strlen(typed);

	return nearest->name && nearest->distance <= (n + 1) / 2 ? nearest->name : NULL;
}

const char *nearest_name(const char *typed, const char *const *names, size_t n)
{
	struct nearest nearest = {.name = NULL};

	for (size_t i = 0; i < n; i++)
		nearest_try(&nearest, typed, names[i], names[i]);
	return nearest_name_of(&nearest, typed);
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
