/* A verdict about a premise of the claim: every format names the premise's requirement. */
#include "sample.h"
#include "report/requirements.h"

static const char *const formats[] = {"pretty", "tap", "junit", "json"};

/* A case of a MUST that ended as a deviation from a SHOULD that it rests on. */
static void tell(struct reporter *reporter)
{
	sample_run(reporter, true);
	reporter_event(reporter, &(struct event){.kind = EVENT_CASE, .name = "a.b", .over = "ipv4",
		.start = {.claim = "The claim.", .level = "MUST", .sentence = "The sentence.",
			  .requirements = {"RFC9293 MUST-58", "RFC9293 MUST-59"}}});
	reporter_event(reporter, &(struct event){.kind = EVENT_VERDICT, .name = "a.b",
		.over = "ipv4", .verdict = {.verdict = VERDICT_DEVIATION, .message = "The message.",
					    .facts = {.requirement = "RFC9293 SHLD-31"}}});
	reporter_event(reporter, &(struct event){.kind = EVENT_SUMMARY,
		.summary = {.count = {[VERDICT_DEVIATION] = 1}, .unexpected = 1, .status = 1}});
}

static void every_format_names_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		struct sample sample;

		sample_open(&sample, formats[i], (struct reporter_options){.show = 0});
		tell(sample.reporter);
		sample_finish(&sample);
		if (!strstr(sample.text, "RFC9293 SHLD-31"))
			fail_msg("%s: %s", formats[i], sample.text);
		if (strcmp(formats[i], "json") &&
		    (!strstr(sample.text, "Out-of-order segments inside the window are queued") ||
		     strstr(sample.text, "The sentence.") || !strstr(sample.text, "SHOULD")))
			fail_msg("%s: %s", formats[i], sample.text);
		sample_free(&sample);
	}
}

static void pretty_says_what_is_not_judged(void **state)
{
	struct sample sample;

	(void)state;
	sample_open(&sample, "pretty", (struct reporter_options){.show = 0});
	tell(sample.reporter);
	sample_finish(&sample);
	assert_non_null(strstr(sample.text, "requirement  RFC9293 SHLD-31 (SHOULD): Out-of-order"));
	assert_non_null(strstr(sample.text, "not judged   RFC9293 MUST-58"));
	sample_free(&sample);
}

static void json_has_both(void **state)
{
	struct sample sample;

	(void)state;
	sample_open(&sample, "json", (struct reporter_options){.show = 0});
	tell(sample.reporter);
	sample_finish(&sample);
	assert_non_null(strstr(sample.text, "\"requirements\":[\"RFC9293 MUST-58\",\"RFC9293 MUST"
					    "-59\"],\"judged_by\":\"RFC9293 SHLD-31\""));
	sample_free(&sample);
}

static void the_should_is_counted_as_broken(void **state)
{
	struct sample sample;

	(void)state;
	sample_open(&sample, "pretty", (struct reporter_options){.show = 0});
	tell(sample.reporter);
	sample_finish(&sample);
	assert_non_null(strstr(sample.text, "1 of"));
	assert_null(strstr(sample.text, "MUSTs judged"));
	sample_free(&sample);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_format_names_it),
		cmocka_unit_test(pretty_says_what_is_not_judged),
		cmocka_unit_test(json_has_both),
		cmocka_unit_test(the_should_is_counted_as_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
