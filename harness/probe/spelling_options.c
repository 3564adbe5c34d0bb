/*
 * TCP options as tcpdump prints them, and any other by its number.
 */
#include "probe/scan.h"
#include <ctype.h>
#include <string.h>

static void put_be(uint8_t *at, size_t n, uint32_t value)
{
	while (n--) {
		at[n] = (uint8_t)value;
		value >>= 8;
	}
}

/* A number of n bytes behind the value so far. */
static int number_add(struct scan *s, struct option *option, size_t n)
{
	const uint32_t max = n == 1 ? UINT8_MAX : n == 2 ? UINT16_MAX : UINT32_MAX;
	uint32_t value;
	int r = scan_number(s, max, &value);

	if (r)
		return r;
	put_be(option->value + option->size - 2, n, value);
	option->size = (uint8_t)(option->size + n);
	return 0;
}

static int hex_add(struct scan *s, struct option *option)
{
	size_t n;
	int r;

	if (scan_peek(s) == '0' && s->text[s->at + 1] == 'x')
		s->at += 2;
	r = scan_hex(s, option->value, sizeof(option->value), &n);
	if (!r)
		option->size = (uint8_t)(2 + n);
	return r;
}

static int sack_value(struct scan *s, struct option *option)
{
	uint32_t count;
	int r = 0;

	scan_blanks(s);
	/* tcpdump says how many there are; the blocks themselves count. */
	if (isdigit((unsigned char)scan_peek(s)))
		r = scan_number(s, 4, &count);
	while (!r) {
		scan_blanks(s);
		if (!scan_char(s, '{'))
			break;
		if (option->size + 8u > sizeof(option->value) + 2)
			return scan_refuse(s, "at most 4 blocks");
		r = number_add(s, option, 4);
		if (!r && !scan_char(s, ':'))
			return scan_refuse(s, "want :");
		if (!r)
			r = number_add(s, option, 4);
		if (!r && !scan_char(s, '}'))
			return scan_refuse(s, "want }");
	}
	return r;
}

static int timestamps_value(struct scan *s, struct option *option)
{
	int r;

	scan_word(s, "val");
	r = number_add(s, option, 4);
	if (r)
		return r;
	scan_word(s, "ecr");
	return number_add(s, option, 4);
}

static int user_timeout_value(struct scan *s, struct option *option)
{
	uint32_t value;
	int r = scan_number(s, 0x7fff, &value);

	if (r)
		return r;
	if (scan_word(s, "min") || scan_word(s, "m"))
		value |= 0x8000;
	else
		scan_word(s, "s");
	put_be(option->value, 2, value);
	option->size = 4;
	return 0;
}

static int value_scan(struct scan *s, struct option *option, bool named)
{
	if (!named) {
		scan_char(s, ':');
		scan_blanks(s);
		return hex_add(s, option);
	}
	switch (option->kind) {
	case OPTION_MSS:
		return number_add(s, option, 2);
	case OPTION_WSCALE:
		return number_add(s, option, 1);
	case OPTION_SACK:
		return sack_value(s, option);
	case OPTION_TIMESTAMPS:
		return timestamps_value(s, option);
	case OPTION_USER_TIMEOUT:
		return user_timeout_value(s, option);
	case OPTION_FAST_OPEN:
		if (scan_word(s, "cookiereq"))
			return 0;
		scan_word(s, "cookie");
		scan_blanks(s);
		return hex_add(s, option);
	case OPTION_SACK_PERMITTED:
		return 0;
	default:
		scan_blanks(s);
		return hex_add(s, option);
	}
}

/* The kind, and whether it was a name that says what follows. */
static int kind_scan(struct scan *s, uint8_t *kind, bool *named)
{
	static const struct {
		const char *name;
		uint8_t kind;
	} names[] = {
		{"mss", OPTION_MSS},	     {"wscale", OPTION_WSCALE},
		{"ws", OPTION_WSCALE},	     {"sackOK", OPTION_SACK_PERMITTED},
		{"sack", OPTION_SACK},	     {"TS", OPTION_TIMESTAMPS},
		{"nop", OPTION_NOP},	     {"eol", OPTION_EOL},
		{"md5", OPTION_MD5},	     {"uto", OPTION_USER_TIMEOUT},
		{"mptcp", OPTION_MPTCP},     {"tfo", OPTION_FAST_OPEN},
		{"fastopen", OPTION_FAST_OPEN},
	};
	uint32_t number;
	int r;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (scan_word(s, names[i].name)) {
			*kind = names[i].kind;
			*named = true;
			return 0;
		}
	*named = false;
	if (!strncmp(s->text + s->at, "unknown-", 8))
		s->at += 8;
	if (!isdigit((unsigned char)scan_peek(s)))
		return scan_refuse(s, "no such option: mss, wscale, sackOK, sack, TS, nop, eol, "
				      "md5, uto, mptcp, tfo, or KIND:HEX");
	r = scan_number(s, UINT8_MAX, &number);
	if (!r)
		*kind = (uint8_t)number;
	return r;
}

static int option_scan(struct scan *s, struct option *out)
{
	struct option option = {.used = true, .size = 2};
	uint32_t told = 0;
	bool named, lies;
	int r = kind_scan(s, &option.kind, &named);

	if (r)
		return r;
	lies = scan_char(s, '/');
	if (lies) {
		r = scan_number(s, UINT8_MAX, &told);
		if (r)
			return r;
	}
	if (option.kind == OPTION_EOL || option.kind == OPTION_NOP) {
		*out = opt_raw(option.kind, 1, NULL, 0);
		return 0;
	}
	r = value_scan(s, &option, named);
	if (r)
		return r;
	option.told = lies ? (uint8_t)told : option.size;
	*out = option;
	return 0;
}

int scan_options(struct scan *s, char end, struct option out[OPTIONS_MAX], size_t *n)
{
	size_t count = 0, bytes = 0;

	scan_blanks(s);
	while (scan_peek(s) != end) {
		size_t begin = s->at;
		int r;

		if (count == OPTIONS_MAX)
			return scan_refuse(s, "more than %d options", OPTIONS_MAX);
		r = option_scan(s, &out[count]);
		if (r)
			return r;
		bytes += out[count++].size;
		if (bytes > OPTION_BYTES_MAX)
			return scan_refuse_at(s, begin, "with this one %zu bytes, and a header has "
						       "room for %d", bytes, OPTION_BYTES_MAX);
		scan_blanks(s);
		if (scan_peek(s) == end)
			break;
		if (!scan_char(s, ','))
			return scan_peek(s) ? scan_refuse(s, "want a comma, got '%c'", scan_peek(s))
					    : scan_refuse(s, "want %c", end);
		scan_blanks(s);
		if (scan_peek(s) == end)
			return scan_refuse(s, "want an option");
	}
	if (end)
		s->at++;
	*n = count;
	return 0;
}
