/*
 * The names of the ways in which a claim breaks.
 */
#include "base/base.h"
#include <errno.h>
#include <string.h>

static const char *const names[BREAKS] = {
	[BREAK_NONE] = "",	     [BREAK_MISSING] = "missing", [BREAK_UNEXPECTED] = "unexpected",
	[BREAK_REPEATED] = "repeated", [BREAK_ORDER] = "order",	[BREAK_LENGTH] = "length",
	[BREAK_VALUE] = "value",     [BREAK_EARLY] = "early",	 [BREAK_LATE] = "late",
	[BREAK_FORM] = "form",	     [BREAK_CHECK] = "check",	 [BREAK_CALL] = "call",
};

const char *break_name(enum break_kind kind)
{
	return (unsigned)kind < BREAKS ? names[kind] : "unknown";
}

int break_parse(const char *name, enum break_kind *out)
{
	for (unsigned i = 0; i < BREAKS; i++)
		if (!strcmp(names[i], name)) {
			*out = (enum break_kind)i;
			return 0;
		}
	return -EINVAL;
}
