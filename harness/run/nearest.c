/*
 * The name that somebody meant, by the number of edits from what was typed.
 */
#include "run/nearest.h"
#include "run/run.h"
#include <ctype.h>
#include <string.h>

#define EDIT_MAX 127

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

/* Number of letters at the beginning that two texts have in common. */
static unsigned common_beginning(const char *a, const char *b)
{
	unsigned n = 0;

	while (a[n] && tolower((unsigned char)a[n]) == tolower((unsigned char)b[n]))
		n++;
	return n;
}

void nearest_try(struct nearest *nearest, const char *typed, const char *text_,
			const char *name)
{
	char beginning[EDIT_MAX + 1];
	unsigned distance = edit_distance(typed, text_), begun;
	unsigned alike = common_beginning(typed, text_);
	size_t n = strnlen(typed, EDIT_MAX);

	if (strlen(text_) > n) {
		memcpy(beginning, text_, n);
		beginning[n] = '\0';
		begun = edit_distance(typed, beginning) + 2;
		distance = begun < distance ? begun : distance;
	}
	if (!*text_ || (nearest->name && distance > nearest->distance))
		return;
	/* Of names that are equally far, the one that begins as it was typed. */
	if (nearest->name && distance == nearest->distance && alike <= nearest->alike)
		return;
	*nearest = (struct nearest){name, distance, alike};
}

const char *nearest_name_of(const struct nearest *nearest, const char *typed)
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
