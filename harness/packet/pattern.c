/*
 * The endless stream of test data. One period is computed and laid out as often as the longest
 * piece so far needs, so that a piece is a pointer into it.
 */
#include <lastack/segment.h>
#include <string.h>
#include <threads.h>

/* A prime above 2^15, so that no power of two and no usual segment size divides it. */
#define PATTERN_PERIOD 65521u
#define PATTERN_MAX (UINT32_C(1) << 20)

/* Grows under the lock, a period at a time: most pieces are short. What is there never changes. */
static uint8_t stream[PATTERN_MAX + PATTERN_PERIOD];
static size_t made;
static mtx_t lock;
static once_flag lock_made = ONCE_FLAG_INIT;

static void lock_make(void)
{
	mtx_init(&lock, mtx_plain);
}

static void first_period_make(void)
{
	/* Mixed well, so that neighbours and equal distances do not look alike. */
	for (uint32_t i = 0; i < PATTERN_PERIOD; i++) {
		uint32_t x = (i + 1) * UINT32_C(0x9e3779b1);

		x ^= x >> 15;
		x *= UINT32_C(0x85ebca6b);
		stream[i] = (uint8_t)(x >> 24);
	}
	made = PATTERN_PERIOD;
}

static void grow_to(size_t size)
{
	if (!made)
		first_period_make();
	while (made < size) {
		size_t left = sizeof(stream) - made;
		size_t n = left < PATTERN_PERIOD ? left : PATTERN_PERIOD;

		memcpy(stream + made, stream, n);
		made += n;
	}
}

struct bytes pattern_at(size_t off, size_t n)
{
	off %= PATTERN_PERIOD;
	if (n > PATTERN_MAX)
		return (struct bytes){NULL, 0};
	call_once(&lock_made, lock_make);
	mtx_lock(&lock);
	grow_to(off + n);
	mtx_unlock(&lock);
	return (struct bytes){stream + off, n};
}

struct bytes pattern(size_t n)
{
	return pattern_at(0, n);
}
