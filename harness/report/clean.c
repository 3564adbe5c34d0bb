#include "report/clean.h"
#include <string.h>

static void put_hex(struct buffer *out, unsigned char byte)
{
	buffer_printf(out, "\\x%02x", byte);
}

void clean_line(struct buffer *out, const char *text)
{
	if (!text)
		return;
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte == '\n' || byte == '\t')
			buffer_put(out, " ", 1);
		else if (byte < 0x20 || byte > 0x7e)
			put_hex(out, byte);
		else
			buffer_put(out, &byte, 1);
	}
}

/* The length of the UTF-8 character at text and its code point (RFC 3629), or 0 for a bad one. */
static size_t utf8_next(const char *text, uint32_t *code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned char lead = (unsigned char)*text;
	size_t n = lead < 0x80 ? 1 : lead < 0xc0 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;

	if (!n || lead > 0xf4)
		return 0;
	*code = n == 1 ? lead : lead & (0xffu >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		/* The text's final zero is no continuation byte either. */
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | ((unsigned char)text[i] & 0x3f);
	}
	if (*code < least[n] || *code > 0x10ffff || (*code >= 0xd800 && *code < 0xe000))
		return 0;
	return n;
}

/* XML 1.0, section 2.2, without the control characters that it allows but discourages. */
static bool xml_character(uint32_t code)
{
	if (code == '\n' || code == '\t')
		return true;
	return code >= 0x20 && !(code >= 0x7f && code < 0xa0) && (code & 0xfffe) != 0xfffe;
}

void clean_xml(struct buffer *out, const char *text)
{
	uint32_t code;

	while (text && *text) {
		size_t n = utf8_next(text, &code);

		if (n && xml_character(code))
			buffer_put(out, text, n);
		else
			for (size_t i = 0; i < (n ? n : 1); i++)
				put_hex(out, (unsigned char)text[i]);
		text += n ? n : 1;
	}
}

void clean_utf8(struct buffer *out, const char *text, size_t max)
{
	uint32_t code;
	size_t used = 0;

	while (text && *text) {
		size_t n = utf8_next(text, &code);
		size_t size = n ? n : 3;

		if (used + size > max)
			return;
		buffer_put(out, n ? text : "\xef\xbf\xbd", size);
		used += size;
		text += n ? n : 1;
	}
}
