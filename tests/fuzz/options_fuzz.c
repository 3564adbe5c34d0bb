/*
 * options_decode, options_text, options_encode, and match on what was decoded.
 *
 * Input: the option bytes between a header and its data.
 */
#include "match/match.h"
#include "packet/packet.h"
#include "replay.h"
#include <string.h>

/* Take a list apart into options, one for each place where one begins. How many, or 0: too many. */
static size_t list_of(const uint8_t *bytes, size_t n, struct option list[OPTIONS_MAX])
{
	size_t used = 0;

	for (size_t at = 0, size; at < n; at += size) {
		size = option_size(bytes + at, n - at);
		if (!size || used == OPTIONS_MAX)
			return 0;
		list[used++] = opt_raw(bytes[at], size > 1 ? bytes[at + 1] : 1,
				       size > 2 ? bytes + at + 2 : NULL, size > 2 ? size - 2 : 0);
		if (bytes[at] == OPTION_EOL)
			break;
	}
	return used;
}

/* The list taken apart and put together is itself, and is found in the segment it came from. */
static void encode_check(const uint8_t *bytes, size_t n, const struct heard_options *options)
{
	struct segment want = {.flags = ACK};
	struct heard got = {.flags = ACK, .options = *options};
	uint8_t again[OPTION_BYTES_MAX];
	size_t used = list_of(bytes, n, want.options), len;

	if (!used)
		return;
	HOLDS(!options_encode(want.options, used, again, &len));
	HOLDS(len <= n && !memcmp(again, bytes, len));
	HOLDS(match_segment(&want, &got, NULL));
}

static void text_check(const uint8_t *bytes, size_t n)
{
	struct buffer out = {.at = NULL};

	options_text(&out, bytes, n);
	HOLDS((n == 0) == (out.len == 0));
	HOLDS(!out.len || (strlen(out.at) == out.len && !strchr(out.at, '\n')));
	buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct heard_options options;
	struct heard got = {.flags = SYN, .checksum_good = true};
	struct match_report report;

	options_decode(bytes, n, &options);
	HOLDS(options.size == (n < OPTION_BYTES_MAX ? n : OPTION_BYTES_MAX));
	n = options.size;
	HOLDS(!n || !memcmp(options.bytes, bytes, n));
	HOLDS(!(options.kinds & WITHOUT(OPTION_SACK)) == !options.sack_blocks);
	HOLDS(options.sack_blocks <= 4);
	text_check(bytes, n);
	encode_check(bytes, n, &options);
	got.options = options;
	/* With a good checksum and SYN, only lengths and what follows EOL can be wrong. */
	HOLDS(match_wellformed(&got, &report) == (report.text[0] == '\0'));
	HOLDS(!options.malformed || report.text[0]);
	return 0;
}
