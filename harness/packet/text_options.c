/*
 * Options in words, as tcpdump prints them.
 */
#include "packet/parse.h"
#include <stdio.h>

static const struct {
	uint8_t kind;
	const char *name;
} names[] = {
	{OPTION_EOL, "eol"},
	{OPTION_NOP, "nop"},
	{OPTION_MSS, "mss"},
	{OPTION_WSCALE, "wscale"},
	{OPTION_SACK_PERMITTED, "sackOK"},
	{OPTION_SACK, "sack"},
	{OPTION_TIMESTAMPS, "TS"},
	{OPTION_MD5, "md5"},
	{OPTION_USER_TIMEOUT, "uto"},
	{OPTION_MPTCP, "mptcp"},
	{OPTION_FAST_OPEN, "tfo"},
};

const char *option_name(uint8_t kind, char out[OPTION_NAME_MAX])
{
	snprintf(out, OPTION_NAME_MAX, "unknown-%u", kind);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].kind == kind)
			snprintf(out, OPTION_NAME_MAX, "%s", names[i].name);
	return out;
}

static void hex_text(struct buffer *out, const struct view *v, size_t off)
{
	for (; off < v->have; off++)
		buffer_printf(out, "%02x", view_u8(v, off));
}

static void sack_text(struct buffer *out, const struct view *option)
{
	buffer_printf(out, " %zu ", (option->have - 2) / 8);
	for (size_t at = 2; at + 8 <= option->have; at += 8)
		buffer_printf(out, "{%u:%u}", view_u32(option, at), view_u32(option, at + 4));
}

/* The value of an option whose length its RFC allows. */
static void value_text(struct buffer *out, const struct view *option)
{
	switch (view_u8(option, 0)) {
	case OPTION_MSS:
		buffer_printf(out, " %u", view_u16(option, 2));
		return;
	case OPTION_WSCALE:
		buffer_printf(out, " %u", view_u8(option, 2));
		return;
	case OPTION_TIMESTAMPS:
		buffer_printf(out, " val %u ecr %u", view_u32(option, 2), view_u32(option, 6));
		return;
	case OPTION_SACK:
		sack_text(out, option);
		return;
	case OPTION_USER_TIMEOUT:
		buffer_printf(out, " %u %s", view_u16(option, 2) & 0x7fff,
			      view_u8(option, 2) & 0x80 ? "min" : "s");
		return;
	case OPTION_FAST_OPEN:
		buffer_text(out, option->have > 2 ? " cookie " : " cookiereq");
		hex_text(out, option, 2);
		return;
	default:
		break;
	}
	if (option->have > 2) {
		buffer_text(out, " 0x");
		hex_text(out, option, 2);
	}
}

void options_text(struct buffer *out, const uint8_t *bytes, size_t len)
{
	for (size_t at = 0, size; at < len; at += size) {
		char name[OPTION_NAME_MAX];
		struct view option;

		if (at)
			buffer_text(out, ",");
		buffer_text(out, option_name(bytes[at], name));
		size = option_size(bytes + at, len - at);
		if (!size) {
			if (len - at < 2)
				buffer_text(out, " [no length]");
			else
				buffer_printf(out, " [bad length %u]", bytes[at + 1]);
			return;
		}
		if (!option_length_legal(bytes[at], size)) {
			buffer_printf(out, " [bad length %zu]", size);
			continue;
		}
		if (bytes[at] == OPTION_EOL)
			return;
		option = (struct view){bytes + at, size, size};
		if (size > 1)
			value_text(out, &option);
	}
}
