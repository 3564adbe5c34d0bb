#include "base/base.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int why_set(struct why *why, int error, const char *format, ...)
{
	va_list args;

	if (why) {
		va_start(args, format);
		vsnprintf(why->text, sizeof(why->text), format, args);
		va_end(args);
	}
	return -error;
}

void why_add(struct why *why, const char *format, ...)
{
	char rest[sizeof(why->text)];
	va_list args;
	size_t used;

	if (!why)
		return;
	memcpy(rest, why->text, sizeof(rest));
	va_start(args, format);
	vsnprintf(why->text, sizeof(why->text), format, args);
	va_end(args);
	used = strlen(why->text);
	snprintf(why->text + used, sizeof(why->text) - used, "%s", rest);
}
