#include "base/base.h"
#include <stdarg.h>
#include <stdio.h>

int log_level;

static void log_line(const char *format, va_list args)
{
	char line[512];

	vsnprintf(line, sizeof(line), format, args);
	fprintf(stderr, "lastack: %s\n", line);
}

void log_warn(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_line(format, args);
	va_end(args);
}

void log_debug(const char *format, ...)
{
	va_list args;

	if (log_level < 1)
		return;
	va_start(args, format);
	log_line(format, args);
	va_end(args);
}
