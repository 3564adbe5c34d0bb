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
