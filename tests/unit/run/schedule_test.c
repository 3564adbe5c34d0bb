/*
 * Runs of cases that pass, fail, hang, crash and lie: each end has its verdict, and verdicts their
 * exit status.
 */
#include "fake_lab.h"

FAMILY(fake, "Cases without a DUT");
CASE(passes, MUST_OF, .claim = "passes")
{
	struct rung rung = {
		.number = 1, .kind = RUNG_SENT, .peer = 1, .time = sec(5), .text = "Flags [S]"};

	lab->config.observer.rung(lab->config.observer.arg, &rung);
	rung = (struct rung){.number = 2,
			     .kind = RUNG_HEARD,
			     .peer = 1,
			     .time = sec(6),
			     .text = "Flags [S.]",
			     .want = "S."};
	lab->config.observer.rung(lab->config.observer.arg, &rung);
	lab->config.observer.waiting(lab->config.observer.arg, "a FIN", clock_monotonic());
	lab->config.observer.idle(lab->config.observer.arg);
}

CASE(fails, MUST_OF, .claim = "breaks a MUST")
{
	verdict(lab, true, VERDICT_FAIL, "want ack 1, got 2");
}

CASE(deviates, .requirement = RFC9293(SHLD, 1), .over = IPV4, .claim = "breaks a SHOULD")
{
	verdict(lab, true, VERDICT_FAIL, "no");
}

CASE(may, .requirement = RFC9293(MAY, 1), .over = IPV4, .claim = "breaks a MAY")
{
	verdict(lab, true, VERDICT_FAIL, "it does not");
}

CASE(skips, MUST_OF, .claim = "skips")
{
	verdict(lab, false, VERDICT_SKIP, "no sysctl");
}

CASE(has_no_ipv6, .requirement = RFC9293(MUST, 13), .over = IPV6, .claim = "skips")
{
	(void)lab;
}

CASE(needs_the_unknown, MUST_OF, .needs = 1u << 20, .claim = "skips")
{
	(void)lab;
}

CASE(hangs, MUST_OF, .claim = "runs past its budget", .budget = ms(1))
{
	(void)lab;
	for (;;)
		pause();
}

CASE(crashes, MUST_OF, .claim = "crashes")
{
	(void)lab;
	fprintf(stderr, "the last\nwords\n");
	signal(SIGSEGV, SIG_DFL);
	raise(SIGSEGV);
}

CASE(exits, MUST_OF, .claim = "ends without a verdict")
{
	(void)lab;
	exit(3);
}

CASE(lies, MUST_OF, .claim = "writes what is no event")
{
	(void)lab;
	if (write(3, "{\"event\":\"verdict\"}\n", 20) != 20)
		_exit(9);
	pause();
}

CASE(impersonates, MUST_OF, .claim = "writes another case's verdict")
{
	struct event event = {.kind = EVENT_VERDICT,
			      .name = "fake.passes",
			      .over = "ipv4",
			      .verdict = {.verdict = VERDICT_PASS, .message = ""}};
	struct buffer line = {.at = NULL};

	(void)lab;
	event_write(&line, &event);
	if (write(3, line.at, line.len) != (ssize_t)line.len)
		_exit(9);
	pause();
}

CASE(drops_frames, MUST_OF, .claim = "is never conclusive")
{
	lab->facts.dropped = 3;
	verdict(lab, true, VERDICT_FAIL, "broken, but who knows");
}

CASE(late_once, MUST_OF, .claim = "is conclusive the second time")
{
	char path[128];
	int fd;

	path_of(path, "late");
	fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0600);
	if (fd >= 0)
		verdict(lab, false, VERDICT_INCONCLUSIVE, "our own side was late");
}

CASE(talks, MUST_OF, .claim = "fills the pipe many times over")
{
	char text_[2000];

	memset(text_, 'x', sizeof(text_) - 1);
	text_[sizeof(text_) - 1] = '\0';
	for (int i = 1; i <= 500; i++) {
		struct rung rung = {.number = i, .kind = RUNG_CALL, .time = sec(1), .text = text_};

		lab->config.observer.rung(lab->config.observer.arg, &rung);
		if (i % 50 == 0)
			lab->config.observer.idle(lab->config.observer.arg);
	}
}

static void every_end_has_its_verdict(void **state)
{
	char *all[] = {(char[]){"fake.[!w]*"}};
	struct run_options options = {.seed = 1};
	nanos began = clock_monotonic();
	struct ran ran;

	(void)state;
	run(&ran, &options, all, 1, "none");
	assert_int_equal(ran.status, EXIT_HARNESS);
	is_verdict(&ran, "fake.passes", "pass", "");
	is_verdict(&ran, "fake.fails", "fail", "want ack 1, got 2");
	is_verdict(&ran, "fake.deviates", "deviation", "no");
	is_verdict(&ran, "fake.may", "pass", "it does not");
	is_verdict(&ran, "fake.skips", "skip", "no sysctl");
	is_verdict(&ran, "fake.has_no_ipv6", "skip", "no IPv6");
	is_verdict(&ran, "fake.needs_the_unknown", "skip", "needs");
	is_verdict(&ran, "fake.hangs", "error", "ran past its budget of 0.001 s");
	is_verdict(&ran, "fake.crashes", "error", "signal 11 (Segmentation fault): words");
	is_verdict(&ran, "fake.exits", "error", "ended with status 3 and no verdict");
	is_verdict(&ran, "fake.lies", "error", "no event");
	is_verdict(&ran, "fake.impersonates", "error", "an event of another case");
	is_verdict(&ran, "fake.drops_frames", "inconclusive", "dropped 3 frames");
	is_verdict(&ran, "fake.late_once", "pass", "");
	is_verdict(&ran, "fake.talks", "pass", "");
	assert_int_equal(summary_of(&ran, "error"), 5);
	assert_int_equal(summary_of(&ran, "inconclusive"), 1);
	assert_int_equal(summary_of(&ran, "fail"), 1);
	assert_int_equal(summary_of(&ran, "pass"), 4);
	assert_int_equal(summary_of(&ran, "skip"), 3);
	/* The hang's budget and its overtime; the others went on meanwhile. */
	assert_true(clock_monotonic() - began < sec(14));
	ran_free(&ran);
}

static void the_status_follows_profile_and_strictness(void **state)
{
	static const struct {
		const char *selector, *profile;
		bool strict;
		int status;
	} rows[] = {
		{"fake.passes", "none", false, EXIT_EXPECTED},
		{"fake.fails", "none", false, EXIT_UNEXPECTED},
		{"fake.fails", "fake.fails ipv4 fail known\n", false, EXIT_EXPECTED},
		{"fake.fails", "fake.fails ipv6 fail known\n", false, EXIT_UNEXPECTED},
		{"fake.passes", "fake.passes fail known\n", false, EXIT_UNEXPECTED},
		{"fake.deviates", "none", false, EXIT_EXPECTED},
		{"fake.deviates", "none", true, EXIT_UNEXPECTED},
		{"fake.deviates", "fake.* deviation known\n", true, EXIT_EXPECTED},
		{"fake.drops_frames", "fake.* fail known\n", false, EXIT_HARNESS},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char selector[64], path[128];
		char *selectors[] = {selector};
		struct run_options options = {.strict = rows[i].strict};
		struct ran ran;
		FILE *file;

		strcpy(selector, rows[i].selector);
		path_of(path, "profile");
		file = fopen(path, "w");
		assert_non_null(file);
		fputs(strcmp(rows[i].profile, "none") ? rows[i].profile : "", file);
		fclose(file);
		run(&ran, &options, selectors, 1, path);
		if (ran.status != rows[i].status)
			fail_msg("%s with '%s': status %d", selector, rows[i].profile, ran.status);
		ran_free(&ran);
	}
}

static void a_rehearsal_gives_a_ladder(void **state)
{
	char selector[] = "fake.passes";
	char *selectors[] = {selector};
	struct ladder *ladder = ladder_new();
	struct buffer drawn = {.at = NULL};
	struct catalogue catalogue;
	struct why why = {.text = ""};

	(void)state;
	assert_int_equal(catalogue_new(&catalogue, NULL), 0);
	assert_int_equal(catalogue_select(&catalogue, selectors, 1, NULL), 0);
	assert_int_equal(run_rehearse(&catalogue.entries[0], ladder, &why), 0);
	ladder_text(ladder, &drawn, false);
	assert_non_null(strstr(drawn.at, "Flags [S.]"));
	catalogue_free(&catalogue);
	assert_int_equal(catalogue_new(&catalogue, NULL), 0);
	strcpy(selector, "fake.exits");
	assert_int_equal(catalogue_select(&catalogue, selectors, 1, NULL), 0);
	assert_int_equal(run_rehearse(&catalogue.entries[0], ladder, &why), -EPROTO);
	assert_non_null(strstr(why.text, "without a verdict"));
	catalogue_free(&catalogue);
	buffer_free(&drawn);
	ladder_free(ladder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OWN_FOLDER(every_end_has_its_verdict),
		OWN_FOLDER(the_status_follows_profile_and_strictness),
		OWN_FOLDER(a_rehearsal_gives_a_ladder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
