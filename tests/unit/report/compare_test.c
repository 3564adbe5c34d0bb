/* Runs side by side: what is told of each kernel, and which verdicts differ. */
#include "compared.h"
#include <errno.h>
#include <jansson.h>

static void what_differs_is_a_row_by_name(void **state)
{
	(void)state;
	begin((const char *[]){"uml", "host"}, 2);
	run_of(0, "6.1.176", "fdp", false);
	run_of(1, "6.18", "ppp", false);
	assert_string_equal(table_of(ANY_WIDTH, false),
		"The verdicts of 2 of 3 cases differ\n"
		"                      uml        host\n"
		"  abort.data ipv4     deviation  pass\n"
		"  rst.in_window ipv4  fail       pass\n");
}

/* A message is no verdict. */
static void equal_verdicts_are_no_row(void **state)
{
	(void)state;
	begin((const char *[]){"uml", "host"}, 2);
	run_of(0, "6.1.176", "fdp", false);
	run_of(1, "6.18", "fdp", false);
	assert_string_equal(table_of(ANY_WIDTH, false), "No verdict differs in 3 cases\n");
}

static void all_rows_are_shown_where_asked_for(void **state)
{
	(void)state;
	begin((const char *[]){"uml", "host"}, 2);
	run_of(0, "6.1.176", "fpp", false);
	run_of(1, "6.18", "ppp", false);
	assert_string_equal(table_of(ANY_WIDTH, true),
		"The verdicts of 1 of 3 cases differ\n"
		"                       uml   host\n"
		"  abort.data ipv4      pass  pass\n"
		"  open.three_way ipv4  pass  pass\n"
		"* rst.in_window ipv4   fail  pass\n");
}

static void what_one_lacks_is_shown(void **state)
{
	(void)state;
	begin((const char *[]){"uml", "host", "third"}, 3);
	run_of(0, "6.1.176", "psp", false);
	run_of(1, "6.18", "p-p", false);
	run_of(2, "7.2", "p-p", false);
	assert_string_equal(table_of(ANY_WIDTH, false),
		"The verdicts of 1 of 3 cases differ\n"
		"                   uml   host     third\n"
		"  abort.data ipv4  skip  not run  not run\n");
}

static void a_run_cut_short_is_no_difference(void **state)
{
	(void)state;
	begin((const char *[]){"uml", "host", "third"}, 3);
	run_of(0, "6.1.176", "pfp", false);
	run_of(1, "6.18", "p?", true);
	run_of(2, "7.2", "dfp", false);
	assert_string_equal(table_of(ANY_WIDTH, false),
		"The verdicts of 1 of 3 cases differ\n"
		"                      uml   host  third\n"
		"  rst.in_window ipv4  pass  pass  deviation\n"
		"A run was cut short or did not start: what it did not get to counts as no "
		"difference.\n");
}

static void a_run_without_a_summary_is_told(void **state)
{
	struct reporter *reporter;

	(void)state;
	begin((const char *[]){"uml", "host"}, 2);
	reporter = reporter_of(0, plain);
	sample_run(reporter, false);
	sample_verdict(reporter, 1, "a.b", "ipv4", (struct event_verdict){.verdict = VERDICT_PASS});
	assert_int_equal(reporter_finish(reporter, NULL), 0);
	reporter = reporter_of(1, plain);
	assert_int_equal(reporter_finish(reporter, NULL), 0);
	assert_string_equal(text_of(ANY_WIDTH, false),
		"[1] uml: Linux 6.1 (in real time): the run ended without a summary\n"
		"[2] host: the run did not begin\n"
		"\n"
		"No verdict differs in 1 case\n"
		"A run was cut short or did not start: what it did not get to counts as no "
		"difference.\n");
}

static void a_refusal_is_told_with_its_reason(void **state)
{
	(void)state;
	begin((const char *[]){"uml", "host"}, 2);
	run_of(0, "6.1.176", "p", false);
	comparison_refused(comparison, 1, "no case is left\033");
	assert_string_equal(text_of(ANY_WIDTH, false),
		"[1] uml: 6.1.176 (in real time): 1 pass in 60.0 s\n"
		"[2] host: did not run: no case is left\\x1b\n"
		"\n"
		"No verdict differs in 1 case\n"
		"A run was cut short or did not start: what it did not get to counts as no "
		"difference.\n");
}

/* The line on a kernel is written when its run is finished, and not again. */
static void a_finished_run_says_so_at_once(void **state)
{
	struct reporter_options options = plain;
	struct reporter *reporter;
	char *text_ = NULL;
	size_t len = 0;

	(void)state;
	begin((const char *[]){"uml", "host"}, 2);
	options.out = open_memstream(&text_, &len);
	assert_non_null(options.out);
	reporter = reporter_of(0, options);
	reporter_event(reporter, &(struct event){.kind = EVENT_RUN, .run = {.kernel = "6.1.176",
		.machine = "user-mode Linux", .cases = 1}});
	sample_verdict(reporter, 1, "a.b", "ipv4", (struct event_verdict){.verdict = VERDICT_FAIL});
	sample_summary(reporter, sec(7500), (struct event_summary){.count = {[VERDICT_FAIL] = 1},
		.unexpected = 1, .seconds = sec(7500), .wall = ms(9100), .status = 1});
	assert_int_equal(reporter_finish(reporter, NULL), 0);
	assert_int_equal(fflush(options.out), 0);
	assert_string_equal(text_, "[1] uml: 6.1.176 (user-mode Linux): 1 fail in 2 h 5 min of "
		"virtual time, 9.1 s of real time; 1 not\n    as expected\n");
	run_of(1, "6.18", "p", false);
	assert_null(strstr(text_of(ANY_WIDTH, false), "[1] uml: "));
	assert_non_null(strstr(out.at, "\nlastack run --kernel KERNEL shows what was not as "
		"expected.\n"));
	fclose(options.out);
	free(text_);
}

static void the_status_names_the_kernel(void **state)
{
	struct reporter_options options = {.progress = true, .width = 80};
	struct reporter *reporter;
	char *text_ = NULL;
	size_t len = 0;

	(void)state;
	begin((const char *[]){"uml", "ho\033st"}, 2);
	options.out = open_memstream(&text_, &len);
	assert_non_null(options.out);
	reporter = reporter_of(1, options);
	sample_run(reporter, false);
	sample_case(reporter, 0, "a.b", "ipv4");
	sample_tick(reporter, sec(1));
	assert_int_equal(fflush(options.out), 0);
	assert_non_null(strstr(text_, "[2 of 2] ho\\x1bst\033[K\n1.0 s: 1 running, 0 of 9 done"));
	assert_int_equal(reporter_finish(reporter, NULL), 0);
	/* The last status is gone: three lines up, and all below wiped out. */
	assert_non_null(strstr(text_, "\r\033[2A\033[J[2] ho\\x1bst: Linux 6.1 (in real time): "));
	fclose(options.out);
	free(text_);
}

static json_t *line_at(size_t n)
{
	const char *line = out.at;
	json_t *json;

	while (n--)
		line = strchr(line, '\n') + 1;
	json = json_loadb(line, strcspn(line, "\n"), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(json);
	return json;
}

static void json_has_every_case_and_every_kernel(void **state)
{
	json_t *line, *run;

	(void)state;
	begin((const char *[]){"uml", "host", "\xff\"", "refused"}, 4);
	run_of(0, "6.1.176", "fp", false);
	run_of(1, "6.18", "pp", false);
	run_of(2, "7.2", "p?", true);
	comparison_refused(comparison, 3, "no case");
	comparison_json(comparison, &out);
	assert_int_equal(sample_count(out.at, "\n"), 3);
	assert_int_equal(strncmp(out.at, "{\"case\":\"abort.data\",\"over\":\"ipv4\","
		"\"verdicts\":{\"uml\":\"pass\",\"host\":\"pass\",\"\\\\xff\\\"\":null,"
		"\"refused\":null},\"differs\":false}\n", strcspn(out.at, "\n") + 1), 0);
	line = line_at(1);
	assert_string_equal(json_string_value(json_object_get(line, "case")), "rst.in_window");
	assert_true(json_is_true(json_object_get(line, "differs")));
	json_decref(line);
	line = line_at(2);
	assert_int_equal(json_array_size(json_object_get(line, "summary")), 4);
	run = json_array_get(json_object_get(line, "summary"), 0);
	assert_string_equal(json_string_value(json_object_get(run, "release")), "6.1.176");
	assert_int_equal(json_integer_value(json_object_get(run, "fail")), 1);
	assert_true(json_is_true(json_object_get(run, "complete")));
	run = json_array_get(json_object_get(line, "summary"), 2);
	assert_true(json_is_false(json_object_get(run, "complete")));
	assert_true(json_is_true(json_object_get(run, "interrupted")));
	run = json_array_get(json_object_get(line, "summary"), 3);
	assert_string_equal(json_string_value(json_object_get(run, "refused")), "no case");
	assert_null(json_object_get(run, "pass"));
	json_decref(line);
}

static void two_names_that_look_alike_are_refused(void **state)
{
	static const char *const many[COMPARISON_RUNS_MAX + 1];
	struct why why;

	(void)state;
	assert_int_equal(comparison_new(&comparison, (const char *[]){"uml", "uml"}, 2, &why),
		-EINVAL);
	assert_string_equal(why.text, "the kernel uml is named twice");
	assert_int_equal(comparison_new(&comparison, (const char *[]){"\x01", "\\x01"}, 2, &why),
		-EINVAL);
	assert_int_equal(comparison_new(&comparison, many, 0, &why), -EINVAL);
	assert_int_equal(comparison_new(&comparison, many, COMPARISON_RUNS_MAX + 1, &why), -EINVAL);
	assert_null(comparison);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(what_differs_is_a_row_by_name),
		TEST(equal_verdicts_are_no_row),
		TEST(all_rows_are_shown_where_asked_for),
		TEST(what_one_lacks_is_shown),
		TEST(a_run_cut_short_is_no_difference),
		TEST(a_run_without_a_summary_is_told),
		TEST(a_refusal_is_told_with_its_reason),
		TEST(a_finished_run_says_so_at_once),
		TEST(the_status_names_the_kernel),
		TEST(json_has_every_case_and_every_kernel),
		TEST(two_names_that_look_alike_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
