/* A run whose time is virtual: what each format says of its machine and of both clocks. */
#include "sample.h"
#include <jansson.h>

static struct sample sample;

static int tear_down(void **state)
{
	(void)state;
	sample_free(&sample);
	return 0;
}

/* An event at a virtual time, and the wall's. */
static void tell(nanos time, nanos wall, struct event event)
{
	event.time = time;
	event.wall = wall;
	reporter_event(sample.reporter, &event);
}

static void begin(const char *format, struct reporter_options options)
{
	sample_open(&sample, format, options);
	tell(0, ms(300), (struct event){.kind = EVENT_RUN, .run = {.version = "0.1.0",
		.kernel = "6.1.176", .machine = "user-mode <Linux>\033, 100 Hz", .seed = 42,
		.cases = 2}});
	tell(0, ms(310), (struct event){.kind = EVENT_CASE, .name = "keepalive.after_two_hours",
		.over = "ipv4"});
	tell(0, ms(320), (struct event){.kind = EVENT_WAIT, .name = "keepalive.after_two_hours",
		.over = "ipv4", .wait = {.what = "a probe", .left = sec(7200)}});
}

static void end(void)
{
	tell(sec(7425), ms(11000), (struct event){.kind = EVENT_VERDICT, .over = "ipv4",
		.name = "keepalive.after_two_hours", .verdict = {.verdict = VERDICT_PASS,
		.expected = true, .seconds = sec(7425)}});
	tell(sec(7426), ms(11204), (struct event){.kind = EVENT_SUMMARY, .summary = {
		.count = {[VERDICT_PASS] = 1}, .seconds = sec(7426), .wall = ms(11204)}});
	sample_finish(&sample);
}

static void pretty_counts_in_hours(void **state)
{
	(void)state;
	begin("pretty", (struct reporter_options){.show = SHOW_ALL});
	end();
	assert_string_equal(sample.text,
		"lastack 0.1.0, 6.1.176 (user-mode <Linux>\\x1b, 100 Hz), seed 42: 2 cases\n"
		"pass       keepalive.after_two_hours ipv4                            2 h 3 min\n"
		"\n"
		"1 pass in 2 h 3 min of virtual time, 11.2 s of real time\n"
		"exit 0: as expected\n");
}

static void the_status_has_both_clocks(void **state)
{
	(void)state;
	begin("pretty", (struct reporter_options){.progress = true, .width = 100});
	tell(sec(121), sec(1), (struct event){.kind = EVENT_TICK});
	fflush(sample.file);
	assert_non_null(strstr(sample.text, "2 min 1 s virtual, 1.0 s of real time: 1 running, "
		"0 of 2 done, 0 failed\033[K\n"));
	assert_non_null(strstr(sample.text, "keepalive.after_two_hours ipv4: a probe, "
		"1 h 57 min left"));
	end();
}

/* Hours that pass at once are no reason to draw more often than somebody can look. */
static void the_status_is_redrawn_by_the_clock_on_the_wall(void **state)
{
	unsigned before;

	(void)state;
	begin("pretty", (struct reporter_options){.progress = true, .width = 100});
	fflush(sample.file);
	before = sample_count(sample.text, " running, ");
	for (unsigned i = 0; i < 1000; i++)
		tell(sec(2 * i), ms(320) + us(1000 * i), (struct event){.kind = EVENT_RUNG,
			.name = "keepalive.after_two_hours", .over = "ipv4",
			.rung = {.kind = "heard", .text = "."}});
	fflush(sample.file);
	assert_in_range(sample_count(sample.text, " running, ") - before, 9, 11);
	end();
}

static void json_names_the_kernel(void **state)
{
	const json_t *summary;
	json_t *line;

	(void)state;
	begin("json", (struct reporter_options){.colour = false});
	end();
	line = json_loads(strchr(sample.text, '\n') + 1, 0, NULL);
	summary = json_object_get(line, "summary");
	assert_string_equal(json_string_value(json_object_get(summary, "kernel")), "6.1.176");
	assert_string_equal(json_string_value(json_object_get(summary, "machine")),
		"user-mode <Linux>\033, 100 Hz");
	assert_true(json_number_value(json_object_get(summary, "seconds")) == 7426);
	assert_true(json_number_value(json_object_get(summary, "wall")) == 11.204);
	json_decref(line);
}

static void tap_has_both_clocks(void **state)
{
	(void)state;
	begin("tap", (struct reporter_options){.colour = false});
	end();
	assert_non_null(strstr(sample.text, "# lastack 0.1.0, 6.1.176 (user-mode <Linux>\\x1b, "));
	assert_non_null(strstr(sample.text,
		"\n# 0 not as expected, 7426.0 s of virtual time, 11.2 s of real time\n"));
}

static void junit_has_the_machine(void **state)
{
	(void)state;
	begin("junit", (struct reporter_options){.colour = false});
	end();
	assert_non_null(strstr(sample.text, "<property name=\"machine\" "
		"value=\"user-mode &lt;Linux&gt;\\x1b, 100 Hz\"/>"));
	assert_non_null(strstr(sample.text, "<property name=\"wall-seconds\" value=\"11.204\"/>"));
}

/* Where time is real, nothing is said of it. */
static void real_time_needs_no_word(void **state)
{
	static const char *const formats[] = {"pretty", "tap", "junit", "json"};

	(void)state;
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		sample_open(&sample, formats[i], (struct reporter_options){.colour = false});
		sample_all(sample.reporter, false);
		sample_finish(&sample);
		assert_null(strstr(sample.text, "virtual"));
		assert_null(strstr(sample.text, "machine"));
		assert_null(strstr(sample.text, "wall"));
		if (i + 1 < sizeof(formats) / sizeof(formats[0]))
			sample_free(&sample);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(pretty_counts_in_hours),
		TEST(the_status_has_both_clocks),
		TEST(the_status_is_redrawn_by_the_clock_on_the_wall),
		TEST(json_names_the_kernel),
		TEST(tap_has_both_clocks),
		TEST(junit_has_the_machine),
		TEST(real_time_needs_no_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
