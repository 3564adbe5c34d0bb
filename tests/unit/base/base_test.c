/*
 * Clocks, error text, buffers, the generator and the verdicts' names.
 */
#include "base/base.h"
#include <errno.h>
#include <lastack/verdict.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static void clocks_agree(void **state)
{
	nanos before = clock_monotonic(), offset = clock_offset(), real = clock_realtime();
	nanos later = clock_monotonic();

	(void)state;
	assert_true(later >= before);
	/* The real time lies where the offset puts it, give or take what a busy machine takes. */
	assert_true(real - offset >= before - ms(50));
	assert_true(real - offset <= later + ms(50));
	assert_true(real / sec(1) - (nanos)time(NULL) <= 1);
}

static void clocks_are_read_where_they_are_shared(void **state)
{
	int64_t shown = sec(5);
	nanos before = clock_monotonic();

	(void)state;
	clock_share(&shown, sec(100), sec(1000));
	assert_int_equal(clock_monotonic(), sec(105));
	assert_int_equal(clock_realtime(), sec(1005));
	shown = sec(7);
	assert_int_equal(clock_monotonic(), sec(107));
	assert_int_equal(clock_offset(), sec(900));
	clock_share(NULL, 0, 0);
	assert_true(clock_monotonic() >= before);
	assert_true(clock_monotonic() - before < sec(100));
}

static void times_become_what_the_system_takes(void **state)
{
	static const struct {
		nanos time;
		long long seconds, rest;
	} times[] = {
		{0, 0, 0},
		{1, 0, 1},
		{ms(1500), 1, 500000000},
		{sec(86400) - 1, 86399, 999999999},
		{-1, 0, 0},
		{sec(INT32_MAX), INT32_MAX, 0},
		{sec(INT32_MAX) + 1, INT32_MAX, 0},
		{NANOS_MAX, INT32_MAX, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		struct timespec got = clock_timespec(times[i].time);

		assert_int_equal(got.tv_sec, times[i].seconds);
		assert_int_equal(got.tv_nsec, times[i].rest);
	}
}

static void why_is_cut_and_never_overruns(void **state)
{
	struct why why;
	char long_text[1000];

	(void)state;
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	assert_int_equal(why_set(&why, ENODEV, "no interface %s", "eth7"), -ENODEV);
	assert_string_equal(why.text, "no interface eth7");
	why_add(&why, "case %d: ", 3);
	assert_string_equal(why.text, "case 3: no interface eth7");
	why_add(&why, "%s", long_text);
	assert_int_equal(strlen(why.text), sizeof(why.text) - 1);
	assert_int_equal(why_set(NULL, EPERM, "nobody reads it"), -EPERM);
	why_add(NULL, "nor this");
}

static void buffers_grow_and_shrink(void **state)
{
	struct buffer buffer = {.at = NULL};

	(void)state;
	for (int i = 0; i < 1000; i++)
		buffer_printf(&buffer, "%03d,", i);
	assert_false(buffer.failed);
	assert_int_equal(buffer.len, 4000);
	assert_memory_equal(buffer.at, "000,001,", 8);
	assert_int_equal(buffer.at[4000], '\0');
	buffer_drop(&buffer, 3992);
	assert_string_equal(buffer.at, "998,999,");
	buffer_put(&buffer, "\0z", 2);
	assert_int_equal(buffer.len, 10);
	assert_memory_equal(buffer.at, "998,999,\0z", 11);
	buffer_drop(&buffer, 99);
	assert_int_equal(buffer.len, 0);
	assert_string_equal(buffer.at, "");
	buffer_free(&buffer);
	assert_null(buffer.at);
	buffer_drop(&buffer, 1);
	buffer_free(&buffer);
}

static void a_buffer_that_cannot_grow_says_so_and_stays(void **state)
{
	struct buffer buffer = {.at = NULL};

	(void)state;
	buffer_text(&buffer, "kept");
	buffer_put(&buffer, "", SIZE_MAX / 2);
	assert_true(buffer.failed);
	buffer_text(&buffer, " ignored");
	assert_string_equal(buffer.at, "kept");
	buffer_free(&buffer);
	assert_false(buffer.failed);
}

static void random_follows_from_its_seed(void **state)
{
	struct random one = {1}, same = {1}, other = {2};
	unsigned seen[10] = {0};

	(void)state;
	/* splitmix64 of seed 0, as its author published it. */
	assert_true(random_next(&(struct random){0}) == UINT64_C(0xe220a8397b1dcdaf));
	assert_true(random_next(&one) == random_next(&same));
	assert_true(random_next(&one) != random_next(&other));
	for (int i = 0; i < 10000; i++) {
		uint32_t value = random_between(&one, 5, 14);

		assert_in_range(value, 5, 14);
		seen[value - 5]++;
	}
	for (int i = 0; i < 10; i++)
		assert_in_range(seen[i], 800, 1200);
	assert_int_equal(random_between(&one, 7, 7), 7);
	(void)random_between(&one, 0, UINT32_MAX);
}

static void hashes_tell_texts_apart(void **state)
{
	(void)state;
	/* FNV-1a's published values. */
	assert_true(random_hash("") == UINT64_C(0xcbf29ce484222325));
	assert_true(random_hash("a") == UINT64_C(0xaf63dc4c8601ec8c));
	assert_true(random_hash("ipv4") != random_hash("ipv6"));
}

static void verdicts_have_names(void **state)
{
	(void)state;
	for (unsigned i = 0; i < VERDICTS; i++) {
		enum verdict back = VERDICT_ERROR;

		assert_int_equal(verdict_parse(verdict_name((enum verdict)i), &back), 0);
		assert_int_equal(back, i);
	}
	assert_int_equal(verdict_parse("Pass", &(enum verdict){VERDICT_PASS}), -EINVAL);
	assert_string_equal(verdict_name((enum verdict)VERDICTS), "unknown");
	assert_true(VERDICT_PASS < VERDICT_SKIP && VERDICT_SKIP < VERDICT_DEVIATION &&
		    VERDICT_DEVIATION < VERDICT_INCONCLUSIVE &&
		    VERDICT_INCONCLUSIVE < VERDICT_FAIL && VERDICT_FAIL < VERDICT_ERROR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clocks_agree),
		cmocka_unit_test(clocks_are_read_where_they_are_shared),
		cmocka_unit_test(times_become_what_the_system_takes),
		cmocka_unit_test(why_is_cut_and_never_overruns),
		cmocka_unit_test(buffers_grow_and_shrink),
		cmocka_unit_test(a_buffer_that_cannot_grow_says_so_and_stays),
		cmocka_unit_test(random_follows_from_its_seed),
		cmocka_unit_test(hashes_tell_texts_apart),
		cmocka_unit_test(verdicts_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
