/*
 * A segment in words, as steps and expectations name it: flags, then fields in any order.
 */
#include "probe/scan.h"
#include <string.h>

/* N, or +N: absolute, or relative to the initial sequence number. */
static int place_scan(struct scan *s, struct span *raw, struct span *relative)
{
	uint32_t value;
	bool plus;
	int r;

	scan_blanks(s);
	plus = scan_char(s, '+');
	r = scan_number(s, UINT32_MAX, &value);
	if (r)
		return r;
	*(plus ? relative : raw) = is(value);
	return 0;
}

/* N, or for an expectation N..M. */
static int span_scan(struct scan *s, bool expected, uint32_t max, struct span *out)
{
	uint32_t low, high;
	int r = scan_number(s, max, &low);

	if (r)
		return r;
	high = low;
	if (expected && !strncmp(s->text + s->at, "..", 2)) {
		s->at += 2;
		r = scan_number(s, max, &high);
		if (r)
			return r;
		if (high < low)
			return scan_refuse(s, "%u is less than %u", high, low);
	}
	*out = high == low ? is(low) : from_to(low, high);
	return 0;
}

static int data_words(struct scan *s, bool expected, struct buffer *kept, struct words *out)
{
	int r;

	if (out->has_data || out->any_data)
		return scan_refuse(s, "data was there before");
	if (expected) {
		out->any_data = true;
		out->segment.len = from_to(1, UINT16_MAX);
		return 0;
	}
	out->data_at = kept->len;
	r = scan_data(s, kept);
	if (r)
		return r;
	out->has_data = true;
	out->data_len = kept->len - out->data_at;
	return 0;
}

/* Does a list of options begin here? A step's own '<' stands at its beginning. */
static int options_words(struct scan *s, bool expected, struct words *out)
{
	size_t n = 0;
	char end = scan_peek(s) == '<' ? '>' : ']';
	int r;

	if (out->has_options)
		return scan_refuse(s, "options were there before");
	s->at++;
	r = scan_options(s, end, out->segment.options, &n);
	if (r)
		return r;
	out->has_options = true;
	/* An empty list is no options at all. */
	if (!n && expected)
		out->segment.without = WITHOUT_ANY;
	else if (!n)
		out->segment.lies = LIE_NO_OPTIONS;
	return 0;
}

/* One field. 1: there is none here. */
static int field_scan(struct scan *s, bool expected, struct buffer *kept, struct words *out)
{
	static const struct {
		const char *name;
		uint32_t max;
		size_t offset;
		bool expected_only;
	} fields[] = {
		{"win", UINT16_MAX, offsetof(struct segment, window), false},
		{"window", UINT16_MAX, offsetof(struct segment, window), false},
		{"urg", UINT16_MAX, offsetof(struct segment, urgent), false},
		{"ttl", UINT8_MAX, offsetof(struct segment, ttl), false},
		{"tos", UINT8_MAX, offsetof(struct segment, tos), false},
		{"len", UINT32_MAX, offsetof(struct segment, len), true},
		{"length", UINT32_MAX, offsetof(struct segment, len), true},
		{"mss", UINT16_MAX, offsetof(struct segment, mss), true},
		{"wscale", UINT8_MAX, offsetof(struct segment, wscale), true},
	};

	if (scan_word(s, "seq"))
		return place_scan(s, &out->segment.raw_seq, &out->segment.seq);
	if (scan_word(s, "ack"))
		return place_scan(s, &out->segment.raw_ack, &out->segment.ack);
	if (scan_word(s, "data"))
		return data_words(s, expected, kept, out);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if ((expected || !fields[i].expected_only) && scan_word(s, fields[i].name))
			return span_scan(s, expected, fields[i].max,
					 (struct span *)(void *)((char *)&out->segment +
								 fields[i].offset));
	scan_blanks(s);
	if (scan_peek(s) == '<' || scan_peek(s) == '[')
		return options_words(s, expected, out);
	return 1;
}

int scan_segment(struct scan *s, bool expected, struct buffer *kept, struct words *out)
{
	struct words words = {.segment = {.flags = 0}};
	size_t begin;
	int r = 0;

	scan_blanks(s);
	begin = s->at;
	if (scan_word(s, "data")) {
		s->at = begin;
		words.any_flags = true;
		words.segment.flags = expected ? ACK : ACK | PSH;
	} else {
		r = scan_flags(s, &words.segment.flags);
		words.exact_flags = s->text[begin] >= '0' && s->text[begin] <= '9';
	}
	while (!r)
		r = field_scan(s, expected, kept, &words);
	if (r < 0)
		return r;
	*out = words;
	return 0;
}
