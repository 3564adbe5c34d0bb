/* JSON lines for programs. */
#include "sample.h"
#include <jansson.h>
#include <lastack/requirement.h>

static json_t *lines[32];
static size_t count;

/* Every line is an object. */
static void load(struct sample *sample)
{
	char *line = sample->text, *end;

	for (count = 0; (end = strchr(line, '\n')); line = end + 1) {
		assert_true(count < 32);
		lines[count] = json_loadb(line, (size_t)(end - line), JSON_REJECT_DUPLICATES, NULL);
		assert_true(json_is_object(lines[count]));
		count++;
	}
	assert_string_equal(line, "");
}

static int unload(void **state)
{
	(void)state;
	while (count)
		json_decref(lines[--count]);
	return 0;
}

static void report(void)
{
	struct sample sample;

	sample_open(&sample, "json", (struct reporter_options){.ladders = false});
	sample_all(sample.reporter, false);
	sample_finish(&sample);
	load(&sample);
	sample_free(&sample);
}

static const json_t *line_of(const char *name, const char *over)
{
	const json_t *found = NULL;

	for (size_t i = 0; i < count; i++) {
		const char *case_ = json_string_value(json_object_get(lines[i], "case"));

		if (!case_ || strcmp(case_, name) ||
		    strcmp(json_string_value(json_object_get(lines[i], "over")), over) != 0)
			continue;
		assert_null(found);
		found = lines[i];
	}
	assert_non_null(found);
	return found;
}

/* How many requirements the table has at a level. */
static unsigned all(enum level level)
{
	unsigned n = 0;

	for (int id = REQUIREMENT_NONE + 1; id < REQUIREMENT_END; id++)
		n += requirement_get((enum requirement_id)id)->level == level;
	return n;
}

/* To the letter: programs and people's greps rely on it. */
static void the_form_is_as_told(void **state)
{
	struct sample sample;
	char want[2048];

	(void)state;
	sample_open(&sample, "json", (struct reporter_options){.ladders = false});
	sample_run(sample.reporter, false);
	sample_fail(sample.reporter);
	sample_verdict(sample.reporter, 1, "isn.slope", "ipv6", (struct event_verdict){
		.verdict = VERDICT_PASS, .expected = true, .seconds = ms(310) + 999});
	sample_summary(sample.reporter, 2, (struct event_summary){.count = {6, 4, 5, 3, 2, 1},
		.seconds = ms(61100)});
	sample_finish(&sample);
	snprintf(want, sizeof(want),
		"{\"case\":\"mss.absent\",\"over\":\"ipv4\",\"verdict\":\"fail\","
		"\"expected\":false,\"seconds\":0.099,\"attempts\":1,"
		"\"requirements\":[\"RFC9293 MUST-15\"],"
		"\"message\":\"want len 1..536, got 1460\",\"evidence\":\"ev/mss.absent-ipv4\"}\n"
		"{\"case\":\"isn.slope\",\"over\":\"ipv6\",\"verdict\":\"pass\",\"expected\":true,"
		"\"seconds\":0.310001,\"attempts\":1,\"requirements\":[],\"message\":\"\","
		"\"evidence\":null}\n"
		"{\"summary\":{\"pass\":6,\"deviation\":5,\"skip\":4,\"inconclusive\":3,\"fail\":2,"
		"\"error\":1,\"seconds\":61.1,\"retries\":0,\"requirements\":{"
		"\"MUST\":{\"all\":%u,\"judged\":1,\"kept\":0,\"broken\":1},"
		"\"SHOULD\":{\"all\":%u,\"judged\":0,\"kept\":0,\"broken\":0},"
		"\"MAY\":{\"all\":%u,\"judged\":0,\"kept\":0,\"broken\":0},"
		"\"DOCUMENTED\":{\"all\":%u,\"judged\":0,\"kept\":0,\"broken\":0}}}}\n",
		all(LEVEL_MUST) + all(LEVEL_MUST_NOT), all(LEVEL_SHOULD) + all(LEVEL_SHOULD_NOT),
		all(LEVEL_MAY), all(LEVEL_DOCUMENTED));
	assert_string_equal(sample.text, want);
	sample_free(&sample);
}

static void every_case_has_one_line(void **state)
{
	(void)state;
	report();
	assert_int_equal(count, 10);
	assert_string_equal(json_string_value(json_object_get(line_of("open.three_way", "ipv6"),
		"verdict")), "pass");
	assert_string_equal(json_string_value(json_object_get(line_of("close.late", "ipv4"),
		"verdict")), "inconclusive");
	assert_true(json_is_true(json_object_get(line_of("wait.two_msl", "ipv4"), "expected")));
	assert_true(json_is_false(json_object_get(line_of("close.surprise", "ipv4"), "expected")));
	assert_non_null(json_object_get(lines[9], "summary"));
}

static void hostile_text_is_escaped(void **state)
{
	struct sample sample;

	(void)state;
	sample_open(&sample, "json", (struct reporter_options){.ladders = false});
	sample_all(sample.reporter, false);
	sample_finish(&sample);
	for (size_t i = 0; i < sample.len; i++)
		assert_true(sample.text[i] == '\n' ||
		            (sample.text[i] >= ' ' && sample.text[i] <= '~'));
	load(&sample);
	assert_string_equal(json_string_value(json_object_get(line_of("wire.hostile", "ipv4"),
		"message")), "\033[31mred\a <&\"'> # ok \xef\xbf\xbd\xc2\x9b\xef\xbf\xbd"
		"\xef\xbf\xbd\xef\xbf\xbd\\ \xc3\xa9");
	sample_free(&sample);
}

static void an_interruption_is_told(void **state)
{
	struct sample sample;

	(void)state;
	sample_open(&sample, "json", (struct reporter_options){.ladders = false});
	sample_case(sample.reporter, 1, "a.b", "ipv4");
	sample_summary(sample.reporter, 2, (struct event_summary){.interrupted = true});
	sample_finish(&sample);
	load(&sample);
	assert_int_equal(count, 1);
	assert_true(json_is_true(json_object_get(json_object_get(lines[0], "summary"),
		"interrupted")));
	sample_free(&sample);
}

static void attempts_are_told(void **state)
{
	struct sample sample;

	(void)state;
	sample_open(&sample, "json", (struct reporter_options){.ladders = false});
	for (unsigned i = 1; i <= 3; i++)
		sample_verdict(sample.reporter, i, "a.b", "ipv4", (struct event_verdict){
			.verdict = i < 3 ? VERDICT_INCONCLUSIVE : VERDICT_PASS, .attempt = i,
			.retry = i < 3});
	sample_verdict(sample.reporter, 4, "a.c", "ipv4", (struct event_verdict){
		.verdict = VERDICT_PASS});
	sample_summary(sample.reporter, 5, (struct event_summary){.retries = 2});
	sample_finish(&sample);
	load(&sample);
	assert_int_equal(count, 3);
	assert_int_equal(json_integer_value(json_object_get(lines[0], "attempts")), 3);
	assert_int_equal(json_integer_value(json_object_get(lines[1], "attempts")), 1);
	assert_int_equal(json_integer_value(json_object_get(
		json_object_get(lines[2], "summary"), "retries")), 2);
	sample_free(&sample);
}

/* The path to a host stands in the summary. */
static void the_path_is_told(void **state)
{
	struct sample sample;
	json_t *path;

	(void)state;
	sample_open(&sample, "json", (struct reporter_options){.ladders = false});
	reporter_event(sample.reporter, &(struct event){.kind = EVENT_RUN, .run = {.cases = 1,
		.path = "none lost"}});
	sample_verdict(sample.reporter, 1, "a.b", "ipv4", (struct event_verdict){
		.verdict = VERDICT_PASS});
	sample_summary(sample.reporter, 5, (struct event_summary){.path = "one lost"});
	sample_finish(&sample);
	load(&sample);
	path = json_object_get(json_object_get(lines[1], "summary"), "path");
	assert_string_equal(json_string_value(json_object_get(path, "before")), "none lost");
	assert_string_equal(json_string_value(json_object_get(path, "beside")), "one lost");
	sample_free(&sample);
}

/* A run that broke off has no summary to show. */
static void no_summary_is_made_up(void **state)
{
	struct sample sample;

	(void)state;
	sample_open(&sample, "json", (struct reporter_options){.ladders = false});
	sample_verdict(sample.reporter, 1, "a.b", "ipv4", (struct event_verdict){
		.verdict = VERDICT_INCONCLUSIVE});
	sample_finish(&sample);
	load(&sample);
	assert_int_equal(count, 1);
	assert_string_equal(json_string_value(json_object_get(lines[0], "verdict")),
		"inconclusive");
	sample_free(&sample);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, unload)
	const struct CMUnitTest tests[] = {
		TEST(the_form_is_as_told),
		TEST(every_case_has_one_line),
		TEST(hostile_text_is_escaped),
		TEST(an_interruption_is_told),
		TEST(attempts_are_told),
		TEST(the_path_is_told),
		TEST(no_summary_is_made_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
