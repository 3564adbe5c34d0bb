/*
 * A text that is read from the left, and the place in it that an error points at. Of the probe room
 * only.
 */
#ifndef PROBE_SCAN_H
#define PROBE_SCAN_H

#include "probe/probe.h"

struct scan {
	const char *what; /* how the text is called in an error */
	const char *text;
	size_t at;
	struct why *why;
};

/* "WHAT 'TEXT', character N: ..."; returns -EINVAL. */
int scan_refuse(const struct scan *s, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The same for another place. */
int scan_refuse_at(const struct scan *s, size_t at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static inline char scan_peek(const struct scan *s)
{
	return s->text[s->at];
}
void scan_blanks(struct scan *s);
/* Take this character, or say no. */
bool scan_char(struct scan *s, char c);
/* Take this word, whatever its case, where no letter or digit follows; blanks first. */
bool scan_word(struct scan *s, const char *word);
/* The word's end must be the text's. */
int scan_end(struct scan *s);

/* A number, decimal or 0x...; blanks first. */
int scan_number(struct scan *s, uint32_t max, uint32_t *out);
int scan_duration(struct scan *s, nanos *out);
/* The flags that stand before the first of the stops (or a blank). */
int scan_flags(struct scan *s, unsigned *out);
/* Pairs of hexadecimal digits, as far as they go, at most max bytes. */
int scan_hex(struct scan *s, uint8_t *out, size_t max, size_t *n);
/* A list of options, up to what ends it: end is '\0' for the text's end, or a bracket. */
int scan_options(struct scan *s, char end, struct option out[OPTIONS_MAX], size_t *n);
/* Escapes until the end character (which is taken), or the text's end for '\0'. */
int scan_text(struct scan *s, char end, struct buffer *out);
/* A payload: "TEXT" or hex:... */
int scan_data(struct scan *s, struct buffer *out);

/*
 * A segment in words: flags, then fields. Data of one to be sent goes to kept at *offset: the
 * template's data.at is set by the caller. An expected one may have ranges and no data's text.
 */
struct words {
	struct segment segment;
	bool has_data, any_data, has_options;
	size_t data_at, data_len; /* in the buffer */
	bool any_flags;           /* none were said */
	bool exact_flags;         /* they were a number */
};
int scan_segment(struct scan *s, bool expected, struct buffer *kept, struct words *out);
/* What follows '<' of a step. The data it names is put into kept; its place is in words. */
int scan_expectation(struct scan *s, struct expectation *out);

#endif
