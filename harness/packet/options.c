/*
 * TCP options: constructors, encoding, decoding.
 */
#include "packet/parse.h"
#include <errno.h>

/* A size that no header has room for: what broke a constructor's limits is refused when encoded. */
#define SIZE_TOO_LARGE UINT8_MAX

struct option opt_raw(uint8_t kind, uint8_t told, const void *value, size_t n)
{
	struct option option = {.used = true, .kind = kind, .told = told};

	if (kind == OPTION_EOL || kind == OPTION_NOP) {
		option.size = 1;
	} else if (n > sizeof(option.value)) {
		option.size = SIZE_TOO_LARGE;
	} else {
		option.size = (uint8_t)(2 + n);
		if (value && n)
			memcpy(option.value, value, n);
	}
	return option;
}

static struct option option_honest(uint8_t kind, const void *value, size_t n)
{
	return opt_raw(kind, (uint8_t)(2 + n), value, n);
}

struct option opt_eol(void)
{
	return opt_raw(OPTION_EOL, 1, NULL, 0);
}

struct option opt_nop(void)
{
	return opt_raw(OPTION_NOP, 1, NULL, 0);
}

struct option opt_mss(uint16_t mss)
{
	uint8_t value[2];

	put_u16(value, mss);
	return option_honest(OPTION_MSS, value, sizeof(value));
}

struct option opt_wscale(uint8_t shift)
{
	return option_honest(OPTION_WSCALE, &shift, 1);
}

struct option opt_sack_permitted(void)
{
	return option_honest(OPTION_SACK_PERMITTED, NULL, 0);
}

struct option opt_sack(const uint32_t *edges, size_t n)
{
	uint8_t value[32];

	if (n > 8 || n % 2)
		return opt_raw(OPTION_SACK, 0, NULL, OPTION_BYTES_MAX);
	for (size_t i = 0; i < n; i++)
		put_u32(value + 4 * i, edges[i]);
	return option_honest(OPTION_SACK, value, 4 * n);
}

struct option opt_timestamps(uint32_t val, uint32_t ecr)
{
	uint8_t value[8];

	put_u32(value, val);
	put_u32(value + 4, ecr);
	return option_honest(OPTION_TIMESTAMPS, value, sizeof(value));
}

struct option opt_md5(const uint8_t digest[16])
{
	return option_honest(OPTION_MD5, digest, 16);
}

struct option opt_user_timeout(bool minutes, uint16_t t)
{
	uint8_t value[2];

	/* The granularity bit, then 15 bits of time. */
	put_u16(value, (minutes ? 0x8000u : 0u) | (t & 0x7fffu));
	return option_honest(OPTION_USER_TIMEOUT, value, sizeof(value));
}

struct option opt_fast_open(const void *cookie, size_t n)
{
	if (n > 16)
		return opt_raw(OPTION_FAST_OPEN, 0, NULL, OPTION_BYTES_MAX);
	return option_honest(OPTION_FAST_OPEN, cookie, n);
}

int options_encode(const struct option *list, size_t n, uint8_t out[OPTION_BYTES_MAX], size_t *len)
{
	uint8_t bytes[OPTION_BYTES_MAX];
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		const struct option *option = &list[i];

		if (!option->used)
			continue;
		if (option->size > OPTION_BYTES_MAX - used)
			return -ENOSPC;
		if (option->size > 0)
			bytes[used] = option->kind;
		if (option->size > 1)
			bytes[used + 1] = option->told;
		if (option->size > 2)
			memcpy(bytes + used + 2, option->value, option->size - 2u);
		used += option->size;
	}
	if (used)
		memcpy(out, bytes, used);
	*len = used;
	return 0;
}

size_t option_size(const uint8_t *bytes, size_t len)
{
	if (!len)
		return 0;
	if (bytes[0] == OPTION_EOL || bytes[0] == OPTION_NOP)
		return 1;
	return len < 2 || bytes[1] < 2 || bytes[1] > len ? 0 : bytes[1];
}

bool option_length_legal(uint8_t kind, size_t size)
{
	switch (kind) {
	case OPTION_MSS:
	case OPTION_USER_TIMEOUT:
		return size == 4;
	case OPTION_WSCALE:
		return size == 3;
	case OPTION_SACK_PERMITTED:
		return size == 2;
	case OPTION_SACK:
		return size >= 10 && size <= 34 && size % 8 == 2;
	case OPTION_TIMESTAMPS:
		return size == 10;
	case OPTION_MD5:
		return size == 18;
	case OPTION_FAST_OPEN:
		return size == 2 || (size >= 6 && size <= 18 && size % 2 == 0);
	default:
		return true;
	}
}

static void option_decode(const struct view *option, struct heard_options *out)
{
	uint8_t kind = view_u8(option, 0);

	if (kind < 64)
		out->kinds |= UINT64_C(1) << kind;
	switch (kind) {
	case OPTION_MSS:
		out->mss = view_u16(option, 2);
		break;
	case OPTION_WSCALE:
		out->wscale = view_u8(option, 2);
		break;
	case OPTION_TIMESTAMPS:
		out->tsval = view_u32(option, 2);
		out->tsecr = view_u32(option, 6);
		break;
	case OPTION_SACK:
		out->sack_blocks = (uint8_t)((option->have - 2) / 8);
		for (size_t i = 0; i < 2u * out->sack_blocks; i++)
			out->sack[i] = view_u32(option, 2 + 4 * i);
		break;
	default:
		break;
	}
}

void options_decode(const uint8_t *bytes, size_t len, struct heard_options *out)
{
	*out = (struct heard_options){.size = 0};
	if (len > OPTION_BYTES_MAX)
		len = OPTION_BYTES_MAX;
	out->size = (uint8_t)len;
	if (len)
		memcpy(out->bytes, bytes, len);

	for (size_t at = 0, size; at < len; at += size) {
		struct view option;

		size = option_size(bytes + at, len - at);
		if (!size || !option_length_legal(bytes[at], size)) {
			out->malformed = true;
			return;
		}
		option = (struct view){bytes + at, size, size};
		option_decode(&option, out);
		if (bytes[at] == OPTION_EOL)
			return;
	}
}
