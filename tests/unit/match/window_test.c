/*
 * Windows and their slack, to the nanosecond, and their words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "match/match.h"

static void window_is(struct window window, nanos from, nanos to)
{
	assert_int_equal(window.from, from);
	assert_int_equal(window.to, to);
}

static void bounds_are_as_promised(void **state)
{
	(void)state;
	window_is(within(ms(500)), 0, ms(500));
	assert_int_equal(within(ms(500)).nominal, ms(500));
	/* [T - 2 ms, T * 1.125 + 10 ms] */
	window_is(about(sec(1)), ms(998), ms(1135));
	window_is(about(ms(200)), ms(198), ms(235));
	window_is(about(sec(60)), ms(59998), ms(67510));
	window_is(about(sec(16)), ms(15998), ms(18010));
	window_is(about(sec(1), 25), ms(998), ms(1260));
	window_is(about(sec(1), 0.5), ms(998), ms(1015));
	assert_int_equal(about(sec(3)).nominal, sec(3));
	/* An odd number of ns: rounded, never lost. */
	window_is(about(8), 8 - ms(2), 9 + ms(10));
	window_is(after(sec(57)), ms(56998), sec(115));
	window_is(after(0), -ms(2), sec(1));
	assert_int_equal(after(sec(57)).nominal, sec(57));
	window_is(between(ms(7), ms(9)), ms(7), ms(9));
	window_is(between(-ms(7), NANOS_MAX), -ms(7), NANOS_MAX);
	assert_int_equal(within(1).kind, WINDOW_WITHIN);
	assert_int_equal(about(1).kind, WINDOW_ABOUT);
	assert_int_equal(after(1).kind, WINDOW_AFTER);
	assert_int_equal(between(1, 2).kind, WINDOW_BETWEEN);
}

static void no_bound_passes_the_last_point_of_time(void **state)
{
	(void)state;
	window_is(about(NANOS_MAX), NANOS_MAX - ms(2), NANOS_MAX);
	window_is(after(NANOS_MAX), NANOS_MAX - ms(2), NANOS_MAX);
	window_is(after(NANOS_MAX / 2), NANOS_MAX / 2 - ms(2), NANOS_MAX);
	assert_int_equal(window_scaled(within(NANOS_MAX), 3).to, NANOS_MAX);
	assert_int_equal(window_scaled(within(NANOS_MAX / 2), 3).to, NANOS_MAX);
	assert_int_equal(window_scaled(between(5, NANOS_MAX), 1e300).to, NANOS_MAX);
}

static void scales_stretch_only_upwards(void **state)
{
	const struct window unset = {.kind = WINDOW_UNSET};

	(void)state;
	window_is(window_scaled(unset, 1), 0, sec(1));
	assert_int_equal(window_scaled(unset, 1).kind, WINDOW_WITHIN);
	window_is(window_scaled(unset, 4), 0, sec(4));
	window_is(window_scaled(within(ms(500)), 2), 0, sec(1));
	/* Above the nominal: 135 ms become 270. */
	window_is(window_scaled(about(sec(1)), 2), ms(998), ms(1270));
	/* 57 s to 115 s: 58 s become 87. */
	window_is(window_scaled(after(sec(57)), 1.5), ms(56998), sec(144));
	window_is(window_scaled(between(ms(10), ms(20)), 3), ms(10), ms(40));
	/* No scale makes a window smaller. */
	window_is(window_scaled(about(sec(1)), 1), ms(998), ms(1135));
	window_is(window_scaled(about(sec(1)), 0.5), ms(998), ms(1135));
	window_is(window_scaled(about(sec(1)), -3), ms(998), ms(1135));
	window_is(window_scaled(between(ms(20), ms(10)), 3), ms(20), ms(10));
}

static void times_are_judged_to_the_nanosecond(void **state)
{
	const struct window one = about(sec(1));

	(void)state;
	assert_false(match_time(one, ms(998) - 1, NULL));
	assert_true(match_time(one, ms(998), NULL));
	assert_true(match_time(one, ms(1135), NULL));
	assert_false(match_time(one, ms(1135) + 1, NULL));
	assert_true(match_time(within(0), 0, NULL));
	assert_false(match_time(within(0), 1, NULL));
	/* What came before its cause did not come within any time of it. */
	assert_false(match_time(within(sec(1)), -1, NULL));
	assert_true(match_time((struct window){.kind = WINDOW_UNSET}, sec(1), NULL));
	assert_false(match_time((struct window){.kind = WINDOW_UNSET}, sec(1) + 1, NULL));
}

static void a_late_time_is_reported(void **state)
{
	struct match_report report = {"old"};

	(void)state;
	assert_false(match_time(about(sec(1)), ms(1310), &report));
	assert_string_equal(report.text,
			    "came after 1.310 s, want after about 1 s [0.998 s, 1.135 s]");
	assert_false(match_time(within(ms(500)), ms(612) + 300000, &report));
	assert_string_equal(report.text, "came after 612.3 ms, want within 500 ms");
	assert_false(match_time((struct window){.kind = WINDOW_UNSET}, sec(2), &report));
	assert_string_equal(report.text, "came after 2 s, want within 1 s");
}

static void windows_in_words(void **state)
{
	char out[WINDOW_TEXT_MAX];

	(void)state;
	assert_string_equal(window_text(within(ms(500)), out), "within 500 ms");
	assert_string_equal(window_text((struct window){.kind = WINDOW_UNSET}, out), "within 1 s");
	assert_string_equal(window_text(within(NANOS_MAX), out), "at any time");
	assert_string_equal(window_text(about(sec(1)), out), "after about 1 s [0.998 s, 1.135 s]");
	assert_string_equal(window_text(about(ms(200)), out),
			    "after about 200 ms [198 ms, 235 ms]");
	assert_string_equal(window_text(window_scaled(about(sec(1)), 2), out),
			    "after about 1 s [0.998 s, 1.270 s]");
	assert_string_equal(window_text(after(sec(57)), out), "not before 57 s [56.998 s, 115 s]");
	assert_string_equal(window_text(between(sec(1), sec(2)), out), "between 1 s and 2 s");
	assert_string_equal(window_text(between(sec(1), NANOS_MAX), out), "not before 1 s");
	/* The longest of all fits. */
	assert_string_equal(window_text(window_about(NANOS_MAX, 1), out),
			    "after about 9223372036.855 s [9223372036.853 s, 9223372036.855 s]");
}

static void an_early_time_is_reported(void **state)
{
	struct match_report report;

	(void)state;
	assert_false(match_time(within(sec(4)), -us(942), &report));
	assert_string_equal(report.text,
			    "came 942 us before what it should follow, want within 4 s");
}

static void durations_in_words(void **state)
{
	static const struct {
		nanos duration;
		const char *words;
	} rows[] = {
		{0, "0 s"},
		{1, "1 ns"},
		{999, "999 ns"},
		{1000, "1 us"},
		{1500, "1.5 us"},
		{41200, "41.2 us"},
		{41249, "41.2 us"},
		{999900, "999.9 us"},
		{999949, "999.9 us"},
		{999950, "1.000 ms"},
		{1000000, "1 ms"},
		{1020000, "1.020 ms"},
		{1020499, "1.020 ms"},
		{9999499, "9.999 ms"},
		{9999500, "10.00 ms"},
		{12345678, "12.35 ms"},
		{99994999, "99.99 ms"},
		{99995000, "100.0 ms"},
		{123456789, "123.5 ms"},
		{500000000, "500 ms"},
		{999949999, "999.9 ms"},
		{999950000, "1.000 s"},
		{1000000000, "1 s"},
		{1000000001, "1.000 s"},
		{1310000000, "1.310 s"},
		{63104000000, "63.104 s"},
		{63104499999, "63.104 s"},
		{63104500000, "63.105 s"},
		{-1, "-1 ns"},
		{-1500000000, "-1.500 s"},
		{INT64_MAX, "9223372036.855 s"},
		{INT64_MIN, "-9223372036.855 s"},
	};
	char out[NANOS_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(nanos_text(rows[i].duration, out), rows[i].words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bounds_are_as_promised),
		cmocka_unit_test(no_bound_passes_the_last_point_of_time),
		cmocka_unit_test(scales_stretch_only_upwards),
		cmocka_unit_test(times_are_judged_to_the_nanosecond),
		cmocka_unit_test(a_late_time_is_reported),
		cmocka_unit_test(an_early_time_is_reported),
		cmocka_unit_test(windows_in_words),
		cmocka_unit_test(durations_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
