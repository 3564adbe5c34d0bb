/* How long something takes, for people. */
#include "sample.h"
#include "report/duration.h"

#define MIN sec(60)
#define HOUR sec(3600)
#define DAY sec(86400)

static void assert_duration(nanos time, int digits, const char *want)
{
	struct buffer out = {.at = NULL};

	put_duration(&out, time, digits);
	assert_string_equal(out.at, want);
	buffer_free(&out);
}

static void short_ones_are_seconds(void **state)
{
	(void)state;
	assert_duration(0, 1, "0.0 s");
	assert_duration(us(4123), 3, "0.004 s");
	assert_duration(ms(60500), 1, "60.5 s");
	assert_duration(sec(119), 3, "119.000 s");
}

static void long_ones_are_in_the_two_units_that_count(void **state)
{
	static const struct {
		nanos time;
		const char *want;
	} rows[] = {
		{2 * MIN - ms(1), "119.999 s"},
		{2 * MIN, "2 min"},
		{2 * MIN + ms(900), "2 min"},
		{2 * MIN + sec(1), "2 min 1 s"},
		{15 * MIN + sec(24) + ms(600), "15 min 24 s"},
		{HOUR - 1, "59 min 59 s"},
		{HOUR, "1 h"},
		{HOUR + sec(59), "1 h"},
		{2 * HOUR - MIN, "1 h 59 min"},
		{DAY - 1, "23 h 59 min"},
		{DAY, "1 day"},
		{2 * DAY - 1, "1 day 23 h"},
		{24 * DAY + 20 * HOUR + MIN, "24 days 20 h"},
		{NANOS_MAX, "11574 days 1 h"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_duration(rows[i].time, 3, rows[i].want);
}

/* What was late already is never long. */
static void less_than_nothing_stays_in_seconds(void **state)
{
	(void)state;
	assert_duration(-ms(1500), 1, "-1.5 s");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_ones_are_seconds),
		cmocka_unit_test(long_ones_are_in_the_two_units_that_count),
		cmocka_unit_test(less_than_nothing_stays_in_seconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
