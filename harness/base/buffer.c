#include "base/base.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for n more bytes and a final NUL. */
static bool buffer_reserve(struct buffer *buffer, size_t n)
{
	size_t cap = buffer->cap ? buffer->cap : 128;
	char *at;

	if (buffer->failed)
		return false;
	if (n >= SIZE_MAX / 2 - buffer->len) {
		buffer->failed = true;
		return false;
	}
	while (cap < buffer->len + n + 1)
		cap *= 2;
	if (cap == buffer->cap)
		return true;
	at = realloc(buffer->at, cap);
	if (!at) {
		buffer->failed = true;
		return false;
	}
	buffer->at = at;
	buffer->cap = cap;
	return true;
}

void buffer_put(struct buffer *buffer, const void *bytes, size_t n)
{
	if (!buffer_reserve(buffer, n))
		return;
	if (n)
		memcpy(buffer->at + buffer->len, bytes, n);
	buffer->len += n;
	buffer->at[buffer->len] = '\0';
}

void buffer_text(struct buffer *buffer, const char *text_)
{
	buffer_put(buffer, text_, strlen(text_));
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0) {
		buffer->failed = true;
		return;
	}
	if (!buffer_reserve(buffer, (size_t)n))
		return;
	va_start(args, format);
	vsnprintf(buffer->at + buffer->len, (size_t)n + 1, format, args);
	va_end(args);
	buffer->len += (size_t)n;
}

void buffer_drop(struct buffer *buffer, size_t n)
{
	if (n >= buffer->len) {
		buffer->len = 0;
	} else {
		memmove(buffer->at, buffer->at + n, buffer->len - n);
		buffer->len -= n;
	}
	if (buffer->at)
		buffer->at[buffer->len] = '\0';
}

void buffer_free(struct buffer *buffer)
{
	free(buffer->at);
	*buffer = (struct buffer){.at = NULL};
}

void buffer_file(struct buffer *buffer, FILE *file, size_t most)
{
	char chunk[4096];
	size_t n;

	while (buffer->len < most && (n = fread(chunk, 1, sizeof(chunk), file)) > 0)
		buffer_put(buffer, chunk, n);
}
