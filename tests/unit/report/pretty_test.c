/* The report for people in a pipe, and its texts. */
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

static const char of_the_unexpected[] =
"lastack 0.1.0, Linux 6.1, profile linux, seed 42: 9 cases, 12 left out by --quick\n"
"\n"
"fail       mss.absent ipv4                                             0.099 s\n"
"  claim        the claim\n"
"  requirement  RFC9293 MUST-15 (MUST): The sentence.\n"
"  message      want len 1..536, got 1460\n"
"\n"
"     seconds peer              DUT\n"
"    0.000000  |------- S ------>|  seq 0\n"
"    0.000041  |<----- S. -------|  seq 0 ack 1\n"
" !! 0.090000  |<------ . -------|  len 1460\n"
"              |                 |  expected: . len 1..536\n"
"\n"
"  source       cases/area/family.c:12\n"
"  capture      ev/mss.absent-ipv4/wire.pcap\n"
"  again        lastack run mss.absent\n"
"\n"
"deviation  close.should ipv4                                           1.000 s\n"
"  message      want FIN\n"
"  capture      none; --evidence DIR keeps the capture\n"
"  again        lastack run close.should\n"
"\n"
"pass       close.surprise ipv4                                         0.000 s\n"
"           unexpected pass; the profile expects otherwise: it never works\n"
"\n"
"error      wire.hostile ipv4                                           0.000 s\n"
"  message      \\x1b[31mred\\x07 <&\"'> # ok \\xff\\xc2\\x9b\\xed\\xa0\\x80\\ \\xc3\\xa9\n"
"  capture      none; --evidence DIR keeps the capture\n"
"\n"
"inconclusive  close.late ipv4                                             0.000 s\n"
"  claim        the claim\n"
"  requirement  RFC9293 MUST-15 (MUST): The sentence.\n"
"  message      we were late\n"
"  source       cases/area/family.c:7\n"
"  capture      none; --evidence DIR keeps the capture\n"
"  lateness     lastack itself was up to 12 ms late\n"
"\n"
"Failures and deviations known from profile linux (1)\n"
"  fail       wait.two_msl ipv4\n"
"             60 s on Linux\n"
"\n"
"Skipped (1)\n"
"          1  needs an agent\n"
"\n"
"Deviations that profile linux does not name (1)\n"
"  deviation  close.should ipv4\n"
"             lastack run close.should\n"
"\n"
"Not as expected (4)\n"
"  fail       mss.absent ipv4\n"
"             lastack run mss.absent\n"
"  pass       close.surprise ipv4\n"
"  error      wire.hostile ipv4\n"
"  inconclusive  close.late ipv4\n"
"\n"
"3 pass, 1 deviation, 1 skip, 2 fail, 1 inconclusive, 1 error in 60.5 s\n"
"1 failure or deviation known from profile linux, 12 left out by --quick\n"
"requirements: 1 of 280 MUSTs judged: 1 broken\n"
"exit 4: the harness could not do all of its work\n";

static const char of_all_failures[] =
"lastack 0.1.0, Linux 6.1, profile linux, seed 42: 9 cases, 12 left out by --quick\n"
"\n"
"fail       mss.absent ipv4                                             0.099 s\n"
"  claim        the claim\n"
"  requirement  RFC9293 MUST-15 (MUST): The sentence.\n"
"  message      want len 1..536, got 1460\n"
"\n"
"     seconds peer              DUT\n"
"    0.000000  |------- S ------>|  seq 0\n"
"    0.000041  |<----- S. -------|  seq 0 ack 1\n"
" !! 0.090000  |<------ . -------|  len 1460\n"
"              |                 |  expected: . len 1..536\n"
"\n"
"  source       cases/area/family.c:12\n"
"  capture      ev/mss.absent-ipv4/wire.pcap\n"
"  again        lastack run mss.absent\n"
"\n"
"fail       wait.two_msl ipv4                                          60.000 s\n"
"  message      want 240 s, got 60 s\n"
"  known        60 s on Linux\n"
"  capture      none; --evidence DIR keeps the capture\n"
"\n"
"deviation  close.should ipv4                                           1.000 s\n"
"  message      want FIN\n"
"  capture      none; --evidence DIR keeps the capture\n"
"  again        lastack run close.should\n"
"\n"
"pass       close.surprise ipv4                                         0.000 s\n"
"           unexpected pass; the profile expects otherwise: it never works\n"
"\n"
"error      wire.hostile ipv4                                           0.000 s\n"
"  message      \\x1b[31mred\\x07 <&\"'> # ok \\xff\\xc2\\x9b\\xed\\xa0\\x80\\ \\xc3\\xa9\n"
"  capture      none; --evidence DIR keeps the capture\n"
"\n"
"inconclusive  close.late ipv4                                             0.000 s\n"
"  claim        the claim\n"
"  requirement  RFC9293 MUST-15 (MUST): The sentence.\n"
"  message      we were late\n"
"  source       cases/area/family.c:7\n"
"  capture      none; --evidence DIR keeps the capture\n"
"  lateness     lastack itself was up to 12 ms late\n"
"\n"
"Failures and deviations known from profile linux (1)\n"
"  fail       wait.two_msl ipv4\n"
"             60 s on Linux\n"
"\n"
"Skipped (1)\n"
"          1  needs an agent\n"
"\n"
"Deviations that profile linux does not name (1)\n"
"  deviation  close.should ipv4\n"
"             lastack run close.should\n"
"\n"
"Not as expected (4)\n"
"  fail       mss.absent ipv4\n"
"             lastack run mss.absent\n"
"  pass       close.surprise ipv4\n"
"  error      wire.hostile ipv4\n"
"  inconclusive  close.late ipv4\n"
"\n"
"3 pass, 1 deviation, 1 skip, 2 fail, 1 inconclusive, 1 error in 60.5 s\n"
"1 failure or deviation known from profile linux, 12 left out by --quick\n"
"requirements: 1 of 280 MUSTs judged: 1 broken\n"
"exit 4: the harness could not do all of its work\n";

static const char of_all[] =
"lastack 0.1.0, Linux 6.1, profile linux, seed 42: 9 cases, 12 left out by --quick\n"
"pass       open.three_way ipv4                                         0.004 s\n"
"\n"
"fail       mss.absent ipv4                                             0.099 s\n"
"  claim        the claim\n"
"  requirement  RFC9293 MUST-15 (MUST): The sentence.\n"
"  message      want len 1..536, got 1460\n"
"\n"
"     seconds peer              DUT\n"
"    0.000000  |------- S ------>|  seq 0\n"
"    0.000041  |<----- S. -------|  seq 0 ack 1\n"
" !! 0.090000  |<------ . -------|  len 1460\n"
"              |                 |  expected: . len 1..536\n"
"\n"
"  source       cases/area/family.c:12\n"
"  capture      ev/mss.absent-ipv4/wire.pcap\n"
"  again        lastack run mss.absent\n"
"\n"
"skip       isn.slope ipv4                                              0.000 s\n"
"           needs an agent\n"
"\n"
"fail       wait.two_msl ipv4                                          60.000 s\n"
"  message      want 240 s, got 60 s\n"
"  known        60 s on Linux\n"
"  capture      none; --evidence DIR keeps the capture\n"
"\n"
"deviation  close.should ipv4                                           1.000 s\n"
"  message      want FIN\n"
"  capture      none; --evidence DIR keeps the capture\n"
"  again        lastack run close.should\n"
"\n"
"pass       close.surprise ipv4                                         0.000 s\n"
"           unexpected pass; the profile expects otherwise: it never works\n"
"\n"
"error      wire.hostile ipv4                                           0.000 s\n"
"  message      \\x1b[31mred\\x07 <&\"'> # ok \\xff\\xc2\\x9b\\xed\\xa0\\x80\\ \\xc3\\xa9\n"
"  capture      none; --evidence DIR keeps the capture\n"
"\n"
"pass       open.three_way ipv6                                         0.002 s\n"
"\n"
"inconclusive  close.late ipv4                                             0.000 s\n"
"  claim        the claim\n"
"  requirement  RFC9293 MUST-15 (MUST): The sentence.\n"
"  message      we were late\n"
"  source       cases/area/family.c:7\n"
"  capture      none; --evidence DIR keeps the capture\n"
"  lateness     lastack itself was up to 12 ms late\n"
"\n"
"Failures and deviations known from profile linux (1)\n"
"  fail       wait.two_msl ipv4\n"
"             60 s on Linux\n"
"\n"
"Skipped (1)\n"
"          1  needs an agent\n"
"\n"
"Deviations that profile linux does not name (1)\n"
"  deviation  close.should ipv4\n"
"             lastack run close.should\n"
"\n"
"Not as expected (4)\n"
"  fail       mss.absent ipv4\n"
"             lastack run mss.absent\n"
"  pass       close.surprise ipv4\n"
"  error      wire.hostile ipv4\n"
"  inconclusive  close.late ipv4\n"
"\n"
"3 pass, 1 deviation, 1 skip, 2 fail, 1 inconclusive, 1 error in 60.5 s\n"
"1 failure or deviation known from profile linux, 12 left out by --quick\n"
"requirements: 1 of 280 MUSTs judged: 1 broken\n"
"exit 4: the harness could not do all of its work\n";

static void options_say_what_is_shown(void **state)
{
	static const struct {
		enum show show;
		const char *text;
	} rows[] = {{SHOW_UNEXPECTED, of_the_unexpected}, {SHOW_FAIL, of_all_failures},
		    {SHOW_ALL, of_all}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		open_pipe((struct reporter_options){.show = rows[i].show});
		sample_all(sample.reporter, false);
		sample_finish(&sample);
		assert_string_equal(sample.text, rows[i].text);
		sample_free(&sample);
	}
	open_pipe((struct reporter_options){.show = SHOW_ALL});
	sample_finish(&sample);
}

/* A pipe gets its line as the case ends, not at the end of the run. */
static void lines_come_as_cases_end(void **state)
{
	(void)state;
	open_pipe((struct reporter_options){.show = SHOW_ALL});
	sample_run(sample.reporter, false);
	sample_verdict(sample.reporter, 1, "a.b", "ipv4", (struct event_verdict){
		.verdict = VERDICT_PASS, .expected = true});
	assert_non_null(strstr(text_so_far(), "pass       a.b ipv4"));
	sample_case(sample.reporter, 1, "mss.absent", "ipv4");
	assert_null(strstr(text_so_far(), "mss"));
	sample_fail(sample.reporter);
	assert_non_null(strstr(text_so_far(), " !! 0.090000"));
	sample_finish(&sample);
	assert_null(strchr(sample.text, '\033'));
}

static void skips_are_told_by_their_reason(void **state)
{
	static const char *const reasons[] = {"no agent", "no IPv6", "no agent", NULL, "no agent"};
	char name[16];

	(void)state;
	open_pipe((struct reporter_options){.progress = true, .width = 80});
	for (size_t i = 0; i < 5; i++) {
		snprintf(name, sizeof(name), "a.%zu", i);
		sample_verdict(sample.reporter, 1, name, "ipv4", (struct event_verdict){
			.verdict = VERDICT_SKIP, .expected = true, .message = reasons[i]});
	}
	sample_finish(&sample);
	assert_non_null(strstr(sample.text,
		"Skipped (5)\n"
		"          3  no agent\n"
		"          1  no IPv6\n"
		"          1  no reason given\n"));
}

static void strict_counts_deviations(void **state)
{
	(void)state;
	open_pipe((struct reporter_options){.ladders = false});
	sample_all(sample.reporter, true);
	sample_finish(&sample);
	assert_null(strstr(sample.text, "Deviations that profile"));
	assert_non_null(strstr(sample.text, "Not as expected (5)\n"));
}

static void what_is_cut_short_is_told(void **state)
{
	(void)state;
	open_pipe((struct reporter_options){.ladders = false});
	sample_case(sample.reporter, 1, "a.b", "ipv4");
	sample_finish(&sample);
	assert_non_null(strstr(sample.text,
		"The run ended without a summary; 1 started and did not end.\n"));
	sample_free(&sample);

	open_pipe((struct reporter_options){.ladders = false});
	sample_case(sample.reporter, 1, "a.b", "ipv4");
	sample_summary(sample.reporter, 2, (struct event_summary){.interrupted = true,
		.status = 4, .seconds = sec(3)});
	sample_finish(&sample);
	assert_non_null(strstr(sample.text, "no case has ended in 3.0 s\n"
		"interrupted: 1 started and did not end\n"));
}

static void narrow_terminals_get_narrow_text(void **state)
{
	const char *line, *end;

	(void)state;
	open_pipe((struct reporter_options){.width = 48});
	sample_verdict(sample.reporter, 1, "a.b", "ipv4", (struct event_verdict){
		.verdict = VERDICT_FAIL, .message = "several words that need more than one line "
		"andawordthatiswiderthanthewholeterminalandcannotbebroken end"});
	sample_finish(&sample);
	line = strstr(sample.text, "  message");
	assert_non_null(line);
	end = strstr(line, "  capture");
	assert_non_null(end);
	assert_int_equal(end - line, strlen(
		"  message      several words that need more\n"
		"               than one line\n"
		"               andawordthatiswiderthanthewholeterminalandcannotbebroken\n"
		"               end\n"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(options_say_what_is_shown),
		TEST(lines_come_as_cases_end),
		TEST(skips_are_told_by_their_reason),
		TEST(strict_counts_deviations),
		TEST(what_is_cut_short_is_told),
		TEST(narrow_terminals_get_narrow_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
