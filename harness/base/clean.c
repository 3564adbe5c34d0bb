/*
 * Text that came from elsewhere, for a terminal. Unicode's general category Cf holds more than is
 * named here: the rest joins letters of some scripts, and is left to them.
 */
#include "base/base.h"
#include <string.h>

size_t utf8_next(const char *text, uint32_t *code)
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

/* Does a terminal show this character, and where it stands? */
static bool is_shown(uint32_t code)
{
	static const uint32_t obeyed[][2] = {
		{0x00, 0x1f},	    {0x7f, 0x9f},	/* controls: C0, DEL, C1 */
		{0x61c, 0x61c},	    {0x200e, 0x200f},	/* marks of the direction */
		{0x2028, 0x202e},   {0x2066, 0x206f},	/* line ends, embeddings, isolates */
		{0xfeff, 0xfeff},   {0xfff9, 0xfffb},	/* byte order, annotations */
		{0xe0000, 0xe007f},			/* tags */
	};

	for (size_t i = 0; i < sizeof(obeyed) / sizeof(obeyed[0]); i++)
		if (code >= obeyed[i][0] && code <= obeyed[i][1])
			return false;
	return (code & 0xfffe) != 0xfffe;
}

void text_clean(char *out, size_t size, const char *text)
{
	char shown[4 * 4 + 1];
	size_t used = 0;

	while (*text && size) {
		uint32_t code = 0;
		size_t n = utf8_next(text, &code), len = 0;

		if (*text == '\n' || *text == '\t') {
			shown[len++] = ' ';
		} else if (n && is_shown(code)) {
			memcpy(shown, text, n);
			len = n;
		} else {
			for (size_t i = 0; i < (n ? n : 1); i++)
				len += (size_t)snprintf(shown + len, sizeof(shown) - len, "\\x%02x",
							(unsigned char)text[i]);
		}
		if (used + len >= size)
			break;
		memcpy(out + used, shown, len);
		used += len;
		text += n ? n : 1;
	}
	if (size)
		out[used] = '\0';
}
