#include "frames.h"

#define PERIOD 65521u
#define LONGEST (1u << 20)

static void pieces_are_of_one_stream(void **state)
{
	const uint8_t *stream = pattern(LONGEST).at;

	(void)state;
	for (size_t off = 0; off < PERIOD; off += 1009) {
		struct bytes piece = pattern_at(off, 3000);

		assert_int_equal(piece.len, 3000);
		assert_memory_equal(piece.at, stream + off, 3000);
	}
	assert_memory_equal(pattern_at(PERIOD - 1, LONGEST).at, stream + PERIOD - 1,
			    LONGEST - PERIOD);
}

static void the_stream_repeats_after_its_period(void **state)
{
	const uint8_t *stream = pattern(LONGEST).at;

	(void)state;
	assert_memory_equal(stream, stream + PERIOD, LONGEST - PERIOD);
	/* And not sooner: every shorter shift shows within 32 bytes. */
	for (size_t shift = 1; shift < PERIOD; shift++)
		assert_memory_not_equal(stream, stream + shift, 32);
}

static void the_stream_has_no_end(void **state)
{
	(void)state;
	assert_int_equal(pattern_at(PERIOD, 1).len, 1);
	assert_ptr_equal(pattern_at(3 * PERIOD + 5, 7).at, pattern_at(5, 7).at);
}

/* Shifted data must differ early, or a case would take a wrong delivery for a right one. */
static void no_two_places_look_alike(void **state)
{
	const uint8_t *stream = pattern(LONGEST).at;
	const size_t shifts[] = {1, 2, 4, 256, 536, 1024, 1448, 1460, 4096, 8192, 32768, 65520};

	(void)state;
	for (size_t i = 0; i < sizeof(shifts) / sizeof(shifts[0]); i++)
		for (size_t at = 0; at < PERIOD; at += 97)
			assert_memory_not_equal(stream + at, stream + at + shifts[i], 16);
}

static void what_the_library_does_not_hold_is_nothing(void **state)
{
	(void)state;
	assert_null(pattern(LONGEST + 1).at);
	assert_int_equal(pattern(LONGEST + 1).len, 0);
	assert_null(pattern_at(PERIOD, LONGEST + 1).at);
	assert_non_null(pattern(0).at);
	assert_int_equal(pattern(0).len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_of_one_stream),
		cmocka_unit_test(the_stream_repeats_after_its_period),
		cmocka_unit_test(the_stream_has_no_end),
		cmocka_unit_test(no_two_places_look_alike),
		cmocka_unit_test(what_the_library_does_not_hold_is_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
