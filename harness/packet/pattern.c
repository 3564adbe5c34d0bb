/*
 * The endless stream of test data. One period is computed once and laid out as often as the longest
 * piece needs, so that a piece is a pointer into it.
 */
#include <lastack/segment.h>
#include <string.h>
#include <threads.h>

/* A prime above 2^15, so that no power of two and no usual segment size divides it. */
#define PATTERN_PERIOD 65521u
#define PATTERN_MAX (UINT32_C(1) << 20)

/* Written once, under pattern_made, and only read from then on. */
static uint8_t stream[PATTERN_MAX + PATTERN_PERIOD];
static once_flag pattern_made = ONCE_FLAG_INIT;

static void pattern_make(void)
{
	size_t done = PATTERN_PERIOD;

	/* Mixed well, so that neighbours and equal distances do not look alike. */
	for (uint32_t i = 0; i < PATTERN_PERIOD; i++) {
		uint32_t x = (i + 1) * UINT32_C(0x9e3779b1);

		x ^= x >> 15;
		x *= UINT32_C(0x85ebca6b);
		stream[i] = (uint8_t)(x >> 24);
	}
	for (; done < sizeof(stream); done += PATTERN_PERIOD) {
		size_t left = sizeof(stream) - done;

		memcpy(stream + done, stream, left < PATTERN_PERIOD ? left : PATTERN_PERIOD);
	}
}

struct bytes pattern_at(size_t off, size_t n)
{
	if (off >= PATTERN_PERIOD || n > PATTERN_MAX)
		return (struct bytes){NULL, 0};
	call_once(&pattern_made, pattern_make);
	return (struct bytes){stream + off, n};
}

struct bytes pattern(size_t n)
{
	return pattern_at(0, n);
}
