/* What the report for people says of failures that the profile expects, and of its last lines. */
#include "sample.h"

static struct sample sample;

static int tear_down(void **state)
{
	(void)state;
	sample_free(&sample);
	return 0;
}

static void open_pipe(struct reporter_options options)
{
	sample_open(&sample, "pretty", options);
}

static const char *text_so_far(void)
{
	fflush(sample.file);
	return sample.text;
}

/* A known failure has its ladder and the line to run it again where it is shown. */
static void a_known_failure_has_its_ladder(void **state)
{
	(void)state;
	for (int show = SHOW_UNEXPECTED; show <= SHOW_ALL; show++) {
		open_pipe((struct reporter_options){.show = (enum show)show});
		sample_case(sample.reporter, 0, "a.b", "ipv4");
		sample_rung(sample.reporter, "a.b", "ipv4", (struct event_rung){.number = 1,
			.kind = "sent", .text = "S seq 0"});
		sample_verdict(sample.reporter, 1, "a.b", "ipv4", (struct event_verdict){
			.verdict = VERDICT_FAIL, .expected = true, .reason = "known fault",
			.command = "lastack run a.b"});
		text_so_far();
		assert_int_equal(sample.text && strstr(sample.text, "-- S --"), show != 0);
		assert_int_equal(sample.text && strstr(sample.text, "The sentence."), show != 0);
		assert_int_equal(sample.text && strstr(sample.text, "again        lastack run a.b"),
				 show != 0);
		sample_finish(&sample);
		if (show != SHOW_ALL)
			sample_free(&sample);
	}
}

/* The last line does not leave failures beside "as expected" without a word. */
static void the_last_line_names_what_is_known(void **state)
{
	(void)state;
	open_pipe((struct reporter_options){.show = SHOW_UNEXPECTED});
	sample_run(sample.reporter, false);
	sample_verdict(sample.reporter, 1, "a.b", "ipv4", (struct event_verdict){
		.verdict = VERDICT_FAIL, .expected = true, .reason = "known fault"});
	sample_verdict(sample.reporter, 1, "a.c", "ipv4", (struct event_verdict){
		.verdict = VERDICT_FAIL, .expected = true, .reason = "known fault"});
	sample_summary(sample.reporter, 2, (struct event_summary){.count = {0, 0, 0, 0, 2}});
	sample_finish(&sample);
	assert_non_null(strstr(sample.text, "\n2 failures and deviations known from profile linux, "
		"12 left out by --quick\n"));
	assert_non_null(strstr(sample.text, "\nexit 0: as expected; all failures and "
		"deviations are known from "
		"profile linux\n"));
	sample_free(&sample);

	open_pipe((struct reporter_options){.show = SHOW_UNEXPECTED});
	sample_verdict(sample.reporter, 1, "a.b", "ipv4", (struct event_verdict){
		.verdict = VERDICT_DEVIATION});
	sample_summary(sample.reporter, 2, (struct event_summary){.count = {0, 0, 1}});
	sample_finish(&sample);
	assert_non_null(strstr(sample.text, "\nexit 0: as expected; a deviation counts only with "
		"--strict\n"));
}

/* What could run the cases that take hours, the run itself knows. */
static void left_out_hours_have_the_way_of_this_run(void **state)
{
	(void)state;
	open_pipe((struct reporter_options){.show = SHOW_UNEXPECTED});
	reporter_event(sample.reporter, &(struct event){.kind = EVENT_RUN, .run = {.cases = 1,
		.too_slow = 3, .slow_way = "a host's time cannot be skipped"}});
	sample_summary(sample.reporter, 2, (struct event_summary){.count = {1}});
	sample_finish(&sample);
	assert_non_null(strstr(sample.text, "\n3 left out because they take hours: a host's time "
		"cannot be skipped\n"));
}

/* Of a host it says what the path is like, and that no failure is expected where none is named. */
static void a_host_has_a_path(void **state)
{
	(void)state;
	open_pipe((struct reporter_options){.show = SHOW_UNEXPECTED});
	reporter_event(sample.reporter, &(struct event){.kind = EVENT_RUN, .run = {.version = "1",
		.kernel = "10.0.0.2", .profile = "none", .cases = 1,
		.path = "100 echo requests\033"}});
	sample_summary(sample.reporter, 2, (struct event_summary){.count = {1},
		.path = "the path lost 1 of 9 segments"});
	sample_finish(&sample);
	assert_non_null(strstr(sample.text, "\npath: 100 echo requests"));
	assert_null(strchr(sample.text, '\033'));
	assert_non_null(strstr(sample.text, "\nNo failure is expected; --profile linux"));
	assert_non_null(strstr(sample.text, "\npath beside the run: the path lost 1 of 9 segments\n"
		"exit 0"));
}

static void named_failures_need_no_hint(void **state)
{
	(void)state;
	open_pipe((struct reporter_options){.show = SHOW_UNEXPECTED});
	reporter_event(sample.reporter, &(struct event){.kind = EVENT_RUN, .run = {.version = "1",
		.kernel = "10.0.0.2", .profile = "linux", .cases = 1, .path = "a path"}});
	sample_summary(sample.reporter, 2, (struct event_summary){.count = {1}});
	sample_finish(&sample);
	assert_null(strstr(sample.text, "No failure is expected"));
	assert_null(strstr(sample.text, "beside"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_known_failure_has_its_ladder),
		TEST(the_last_line_names_what_is_known),
		TEST(left_out_hours_have_the_way_of_this_run),
		TEST(a_host_has_a_path),
		TEST(named_failures_need_no_hint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
