/*
 * The log. Each line is one write(), so that lines of several processes do not mix, and is cleaned
 * here and nowhere else: it may quote what came from the wire, an agent or a command line. A log
 * that nobody reads any more ends nothing.
 */
#include "base/base.h"
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#define LINE_BYTES 512 /* of a line, before it is cleaned */

int log_level;

/* SIGPIPE of this write alone is taken back; one that was pending before is not ours. */
static void stderr_write(const char *text)
{
	const struct timespec at_once = {.tv_sec = 0};
	sigset_t pipe_only, before, pending;

	sigemptyset(&pipe_only);
	sigaddset(&pipe_only, SIGPIPE);
	sigpending(&pending);
	sigprocmask(SIG_BLOCK, &pipe_only, &before);
	fputs(text, stderr);
	if (!sigismember(&pending, SIGPIPE))
		sigtimedwait(&pipe_only, NULL, &at_once);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

static void log_line(const char *format, va_list args)
{
	static const char prefix[] = "lastack: ";
	char line[LINE_BYTES], clean[sizeof(prefix) + 4 * LINE_BYTES];
	const size_t start = sizeof(prefix) - 1;

	vsnprintf(line, sizeof(line), format, args);
	memcpy(clean, prefix, start);
	/* One byte less, for the line's end. */
	text_clean(clean + start, sizeof(clean) - start - 1, line);
	strcat(clean, "\n");
	stderr_write(clean);
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
	char line[LINE_BYTES], clean[4 * LINE_BYTES];

	while (n) {
		const char *end = memchr(bytes, '\n', n);
		size_t len = end ? (size_t)(end - bytes) : n;

		if (len >= sizeof(line))
			len = sizeof(line) - 1;
		for (size_t i = 0; i < len; i++)
			line[i] = bytes[i] ? bytes[i] : ' ';
		line[len] = '\0';
		text_clean(clean, sizeof(clean) - 1, line);
		if (end == bytes + len) {
			strcat(clean, "\n");
			len++;
		}
		stderr_write(clean);
		bytes += len;
		n -= len;
	}
}
