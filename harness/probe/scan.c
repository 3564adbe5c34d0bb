/*
 * Reading a typed text from the left: words, numbers, durations, and where an error is.
 */
#include "probe/scan.h"
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SHOWN_MAX 80

/* The line that a place is in: of a text with several, only that one is shown. */
static int refuse(const struct scan *s, size_t at, const char *format, va_list args)
{
	size_t begin = at, length, line = 1;
	char said[160];

	vsnprintf(said, sizeof(said), format, args);
	while (begin && s->text[begin - 1] != '\n')
		begin--;
	for (size_t i = 0; i < begin; i++)
		line += s->text[i] == '\n';
	length = strcspn(s->text + begin, "\n");
	if (strchr(s->text, '\n'))
		return why_set(s->why, EINVAL, "%s, line %zu, character %zu: %s", s->what, line,
			       at - begin + 1, said);
	return why_set(s->why, EINVAL, "%s '%.*s%s', character %zu: %s", s->what,
		       (int)(length < SHOWN_MAX ? length : SHOWN_MAX), s->text + begin,
		       length > SHOWN_MAX ? "..." : "", at - begin + 1, said);
}

int scan_refuse(const struct scan *s, const char *format, ...)
{
	va_list args;
	int r;

	va_start(args, format);
	r = refuse(s, s->at, format, args);
	va_end(args);
	return r;
}

int scan_refuse_at(const struct scan *s, size_t at, const char *format, ...)
{
	va_list args;
	int r;

	va_start(args, format);
	r = refuse(s, at, format, args);
	va_end(args);
	return r;
}

void scan_blanks(struct scan *s)
{
	while (scan_peek(s) == ' ' || scan_peek(s) == '\t')
		s->at++;
}

bool scan_char(struct scan *s, char c)
{
	if (scan_peek(s) != c)
		return false;
	s->at++;
	return true;
}

bool scan_word(struct scan *s, const char *word)
{
	size_t n = strlen(word), at;

	scan_blanks(s);
	at = s->at;
	if (strncasecmp(s->text + at, word, n) || isalnum((unsigned char)s->text[at + n]))
		return false;
	s->at += n;
	return true;
}

int scan_end(struct scan *s)
{
	scan_blanks(s);
	if (!scan_peek(s))
		return 0;
	return scan_refuse(s, "'%c' is not understood here", scan_peek(s));
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

int scan_number(struct scan *s, uint32_t max, uint32_t *out)
{
	uint64_t value = 0;
	unsigned base = 10;
	size_t begin;

	scan_blanks(s);
	begin = s->at;
	if (scan_peek(s) == '0' && (s->text[s->at + 1] | 0x20) == 'x' &&
	    digit_value(s->text[s->at + 2]) < 16) {
		base = 16;
		s->at += 2;
	}
	if (digit_value(scan_peek(s)) >= (int)base)
		return scan_refuse(s, "want a number");
	for (int digit; (digit = digit_value(scan_peek(s))) < (int)base; s->at++) {
		value = value * base + (unsigned)digit;
		if (value > max)
			return scan_refuse_at(s, begin, "at most %u", max);
	}
	*out = (uint32_t)value;
	return 0;
}

/* A unit behind a duration's digits; none is seconds. */
static nanos unit_scan(struct scan *s)
{
	static const struct {
		const char *name;
		nanos unit;
	} units[] = {{"ns", 1}, {"us", us(1)}, {"ms", ms(1)}, {"min", sec(60)}, {"m", sec(60)},
		     {"h", sec(3600)}, {"s", sec(1)}};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (scan_word(s, units[i].name))
			return units[i].unit;
	return isalpha((unsigned char)scan_peek(s)) ? 0 : sec(1);
}

int scan_duration(struct scan *s, nanos *out)
{
	const nanos most = sec(86400) * 10000;
	nanos whole = 0, parts = 0, scale = 1, unit;
	size_t begin;

	scan_blanks(s);
	begin = s->at;
	if (!isdigit((unsigned char)scan_peek(s)) && scan_peek(s) != '.')
		return scan_refuse(s, "want a duration, like 500ms or 2s");
	for (; isdigit((unsigned char)scan_peek(s)); s->at++) {
		whole = whole * 10 + (scan_peek(s) - '0');
		if (whole > most)
			return scan_refuse_at(s, begin, "longer than 10,000 days");
	}
	if (scan_char(s, '.')) {
		if (!isdigit((unsigned char)scan_peek(s)))
			return scan_refuse(s, "want a digit");
		for (; isdigit((unsigned char)scan_peek(s)); s->at++)
			if (scale < sec(1)) {
				parts = parts * 10 + (scan_peek(s) - '0');
				scale *= 10;
			}
	}
	unit = unit_scan(s);
	if (!unit)
		return scan_refuse(s, "want ns, us, ms, s, m or h");
	if (whole > most / unit)
		return scan_refuse_at(s, begin, "longer than 10,000 days");
	/* At most nine digits, and an hour's nanoseconds, stay below 2^63 this way. */
	*out = whole * unit + (unit >= sec(1) ? parts * (unit / sec(1)) * (sec(1) / scale)
					      : parts * unit / scale);
	return 0;
}

int scan_hex(struct scan *s, uint8_t *out, size_t max, size_t *n)
{
	*n = 0;
	while (digit_value(scan_peek(s)) < 16) {
		int high = digit_value(scan_peek(s)), low = digit_value(s->text[s->at + 1]);

		if (low >= 16) {
			s->at++;
			return scan_refuse(s, "half a byte: hexadecimal digits come in pairs");
		}
		if (*n == max)
			return scan_refuse(s, "more than %zu bytes", max);
		out[(*n)++] = (uint8_t)(high << 4 | low);
		s->at += 2;
	}
	return 0;
}

static int escape_scan(struct scan *s, struct buffer *out)
{
	static const char letters[] = "nrt0ae\\\"'", values[] = "\n\r\t\0\a\033\\\"'";
	const char *found;
	uint8_t byte;
	size_t n;

	if (scan_char(s, 'x')) {
		if (digit_value(scan_peek(s)) >= 16 || digit_value(s->text[s->at + 1]) >= 16)
			return scan_refuse(s, "\\x wants two hexadecimal digits");
		byte = (uint8_t)(digit_value(scan_peek(s)) << 4 | digit_value(s->text[s->at + 1]));
		s->at += 2;
	} else {
		found = scan_peek(s) ? strchr(letters, scan_peek(s)) : NULL;
		if (!found)
			return scan_refuse(s, "no such escape: \\n \\r \\t \\0 \\xHH \\\\ \\\"");
		byte = (uint8_t)values[found - letters];
		s->at++;
	}
	n = 1;
	buffer_put(out, &byte, n);
	return 0;
}

int scan_text(struct scan *s, char end, struct buffer *out)
{
	size_t begin = s->at;
	int r;

	while (scan_peek(s) != end) {
		if (!scan_peek(s))
			return scan_refuse_at(s, begin - 1, "this %c has no other one", end);
		if (scan_char(s, '\\')) {
			r = escape_scan(s, out);
			if (r)
				return r;
			continue;
		}
		buffer_put(out, s->text + s->at, 1);
		s->at++;
	}
	if (end)
		s->at++;
	return out->failed ? why_set(s->why, ENOMEM, "out of memory") : 0;
}

int scan_data(struct scan *s, struct buffer *out)
{
	scan_blanks(s);
	if (scan_char(s, '"'))
		return scan_text(s, '"', out);
	if (!strncmp(s->text + s->at, "hex:", 4)) {
		s->at += 4;
		while (digit_value(scan_peek(s)) < 16) {
			uint8_t byte;
			size_t n;
			char two[3] = {scan_peek(s), s->text[s->at + 1], '\0'};
			struct scan pair = {s->what, two, 0, NULL};

			if (scan_hex(&pair, &byte, 1, &n)) {
				s->at++;
				return scan_refuse(s, "half a byte: hexadecimal digits come in "
						      "pairs");
			}
			buffer_put(out, &byte, 1);
			s->at += 2;
		}
		return out->failed ? why_set(s->why, ENOMEM, "out of memory") : 0;
	}
	return scan_refuse(s, "want \"TEXT\" or hex:DIGITS");
}
