/*
 * The log. Each line is one write(), so that lines of several processes do not mix, and is cleaned
 * here and nowhere else: it may quote what came from the wire, an agent or a command line.
 */
#include "base/base.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LINE_BYTES 512 /* bytes of a line before it is cleaned */

int log_level;

static void line_write(const char *prefix, const char *line)
{
	char clean[4 * LINE_BYTES];

	text_clean(clean, sizeof(clean), line);
	fprintf(stderr, "%s%s\n", prefix, clean);
}

static void log_line(const char *format, va_list args)
{
	char line[LINE_BYTES];

	vsnprintf(line, sizeof(line), format, args);
	line_write("lastack: ", line);
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

void log_foreign(const char *bytes, size_t n)
{
	while (n) {
		const char *end = memchr(bytes, '\n', n);
		size_t len = end ? (size_t)(end - bytes) : n;
		char line[LINE_BYTES];

		if (len >= sizeof(line))
			len = sizeof(line) - 1;
		memcpy(line, bytes, len);
		line[len] = '\0';
		/* A byte that is zero would end it. */
		for (size_t i = 0; i < len; i++)
			if (!line[i])
				line[i] = ' ';
		line_write("", line);
		if (end == bytes + len)
			len++;
		bytes += len;
		n -= len;
	}
}
