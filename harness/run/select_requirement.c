/*
 * Requirements as selectors: by name, by RFC, by section.
 */
#include "run/nearest.h"
#include "run/select.h"
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

void requirement_first_word(const char *name, char *out, size_t size)
{
	snprintf(out, size, "%.*s", (int)strcspn(name, " "), name);
}

/* Is the section the one that was typed, or below it? 3.10 is not below 3.1. */
static bool is_in_section(const char *section, const char *typed)
{
	size_t n = strlen(typed);

	return n && !strncmp(section, typed, n) && (!section[n] || section[n] == '.');
}

bool selector_means_requirement(const char *selector, const struct requirement *requirement)
{
	const size_t n = strcspn(selector, " ");
	const char *rest = selector + n + strspn(selector + n, " ");

	/* The first word is meant literally: a glob of cases' names means no requirement. */
	if (!requirement || strcspn(requirement->name, " ") != n ||
	    strncasecmp(requirement->name, selector, n))
		return false;
	return !*rest || !fnmatch(rest, requirement->name + n + 1, FNM_CASEFOLD) ||
	       is_in_section(requirement->section, rest);
}

/* What was typed against a requirement's name, its RFC, and its section. */
static void names_try(struct nearest *name, struct nearest *section, const char *typed,
		      const struct requirement *requirement)
{
	char rfc[32], at[96];

	requirement_first_word(requirement->name, rfc, sizeof(rfc));
	nearest_try(name, typed, requirement->name, requirement->name);
	snprintf(at, sizeof(at), "%s %s", rfc, requirement->section);
	/* The place's name is put together again by the caller. */
	nearest_try(section, typed, strchr(typed, ' ') ? at : rfc, requirement->name);
}

int requirement_none(const char *selector, struct why *why)
{
	struct nearest name = {.name = NULL}, section = {.name = NULL};
	const struct requirement *found;
	char rfc[32];

	for (int id = REQUIREMENT_NONE + 1; id < REQUIREMENT_END; id++)
		names_try(&name, &section, selector, requirement_get((enum requirement_id)id));
	if (section.name && section.distance < name.distance &&
	    nearest_name_of(&section, selector)) {
		found = requirement_find(section.name);
		requirement_first_word(found->name, rfc, sizeof(rfc));
		return why_set(why, ENOENT, "no requirement matches '%s': the nearest is %s%s%s",
			       selector, rfc, strchr(selector, ' ') ? " " : "",
			       strchr(selector, ' ') ? found->section : "");
	}
	if (nearest_name_of(&name, selector))
		return why_set(why, ENOENT, "no requirement matches '%s': the nearest is %s",
			       selector, name.name);
	return why_set(why, ENOENT,
		       "no requirement matches '%s': lastack list --requirements shows all",
		       selector);
}
