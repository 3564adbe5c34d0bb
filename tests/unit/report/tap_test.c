/*
 * The TAP report, read back by a small parser of TAP 13, the newest version that
 * Debian's prove knows.
 */
#include "sample.h"
#include <ctype.h>

struct point {
	bool ok;
	char description[128];
	char directive[128]; /* "TODO reason", "SKIP reason", or "" */
	char yaml[8192];     /* without its two columns of indentation */
};

struct tap {
	struct point points[32];
	unsigned count;
	unsigned plan; /* 0: none was there */
	bool plan_first;
	bool bail;
	char bail_text[128];
};

/* Split "description # DIRECTIVE", undoing the escapes. */
static void parse_description(const char *text_, struct point *point)
{
	size_t n = 0;

	for (; *text_ && n < sizeof(point->description) - 1; text_++) {
		if (*text_ == '\\' && (text_[1] == '\\' || text_[1] == '#')) {
			point->description[n++] = *++text_;
			continue;
		}
		if (!strncmp(text_, " # TODO", 7) || !strncmp(text_, " # SKIP", 7)) {
			snprintf(point->directive, sizeof(point->directive), "%s", text_ + 3);
			break;
		}
		point->description[n++] = *text_;
	}
	point->description[n] = '\0';
}

static void parse_point(struct tap *tap, const char *line)
{
	struct point *point = &tap->points[tap->count++];
	char *end;

	assert_in_range(tap->count, 1, 31);
	/* A plan stands before all test points, or after them. */
	assert_true(!tap->plan || tap->plan_first);
	point->ok = !strncmp(line, "ok ", 3);
	line += point->ok ? 3 : 7;
	assert_int_equal(strtoul(line, &end, 10), tap->count);
	assert_int_equal(strncmp(end, " - ", 3), 0);
	parse_description(end + 3, point);
}

/* A YAML block belongs to the test point before it. */
static void parse_yaml(struct tap *tap, const char *line, bool *inside)
{
	struct point *point = &tap->points[tap->count - 1];
	size_t used = strlen(point->yaml);

	assert_true(tap->count > 0);
	assert_int_equal(strncmp(line, "  ", 2), 0);
	if (!*inside) {
		assert_string_equal(line, "  ---");
		assert_string_equal(point->yaml, "");
	} else if (strcmp(line, "  ...") != 0) {
		snprintf(point->yaml + used, sizeof(point->yaml) - used, "%s\n", line + 2);
	}
	*inside = strcmp(line, "  ...") != 0;
}

static void parse_plan(struct tap *tap, const char *line)
{
	assert_int_equal(tap->plan, 0);
	tap->plan = (unsigned)strtoul(line + 3, NULL, 10);
	tap->plan_first = !tap->count;
}

static void parse(struct tap *tap, char *text_)
{
	bool inside = false, first = true;

	*tap = (struct tap){.count = 0};
	for (char *line = strtok(text_, "\n"); line; line = strtok(NULL, "\n")) {
		if (first)
			assert_string_equal(line, "TAP version 13");
		else if (inside || line[0] == ' ')
			parse_yaml(tap, line, &inside);
		else if (!strncmp(line, "ok ", 3) || !strncmp(line, "not ok ", 7))
			parse_point(tap, line);
		else if (!strncmp(line, "1..", 3))
			parse_plan(tap, line);
		else if (!strncmp(line, "Bail out!", 9)) {
			tap->bail = true;
			snprintf(tap->bail_text, sizeof(tap->bail_text), "%s", line + 9);
		} else {
			assert_int_equal(line[0], '#');
		}
		first = false;
	}
	assert_false(inside);
}

static const struct point *point_of(const struct tap *tap, const char *description)
{
	for (unsigned i = 0; i < tap->count; i++)
		if (!strcmp(tap->points[i].description, description))
			return &tap->points[i];
	fail_msg("no test point \"%s\"", description);
	return NULL;
}

static struct tap tap;

static void report(bool strict, bool ladders)
{
	struct sample sample;

	sample_open(&sample, "tap", (struct reporter_options){.ladders = ladders});
	sample_all(sample.reporter, strict);
	sample_finish(&sample);
	for (size_t i = 0; i < sample.len; i++)
		assert_true(sample.text[i] == '\n' ||
		            (sample.text[i] >= ' ' && sample.text[i] <= '~'));
	parse(&tap, sample.text);
	sample_free(&sample);
}

static void outcomes_are_mapped(void **state)
{
	static const struct {
		const char *description;
		bool ok;
		const char *directive;
	} rows[] = {
		{"open.three_way ipv4", true, ""},
		{"open.three_way ipv6", true, ""},
		{"mss.absent ipv4", false, ""},
		{"isn.slope ipv4", true, "SKIP needs an agent"},
		{"wait.two_msl ipv4", false, "TODO 60 s on Linux"},
		{"close.should ipv4 # deviation", true, ""},
		{"close.surprise ipv4 # unexpected pass", false, ""},
		{"wire.hostile ipv4", false, ""},
		{"close.late ipv4", false, ""},
	};

	(void)state;
	report(false, false);
	assert_int_equal(tap.count, 9);
	assert_int_equal(tap.plan, 9);
	assert_true(tap.plan_first);
	assert_false(tap.bail);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct point *point = point_of(&tap, rows[i].description);

		assert_int_equal(point->ok, rows[i].ok);
		assert_string_equal(point->directive, rows[i].directive);
	}
}

static void a_failure_has_diagnostics(void **state)
{
	(void)state;
	report(false, false);
	assert_string_equal(point_of(&tap, "mss.absent ipv4")->yaml,
		"verdict: fail\n"
		"duration_ms: 99.000\n"
		"message: \"want len 1..536, got 1460\"\n"
		"claim: \"the claim\"\n"
		"requirement: \"RFC9293 MUST-15\"\n"
		"level: \"MUST\"\n"
		"sentence: \"The sentence.\"\n"
		"place: \"cases/area/family.c:12\"\n"
		"evidence: \"ev/mss.absent-ipv4\"\n"
		"again: \"lastack run mss.absent\"\n"
		"ladder:\n"
		"  - \"     seconds peer              DUT\"\n"
		"  - \"    0.000000  |------- S ------>|  seq 0\"\n"
		"  - \"    0.000041  |<----- S. -------|  seq 0 ack 1\"\n"
		"  - \" !! 0.090000  |<------ . -------|  len 1460\"\n"
		"  - \"              |                 |  expected: . len 1..536\"\n");
	assert_string_equal(point_of(&tap, "open.three_way ipv4")->yaml, "");
	assert_string_equal(point_of(&tap, "isn.slope ipv4")->yaml, "");
	assert_non_null(strstr(point_of(&tap, "close.should ipv4 # deviation")->yaml,
	                       "message: \"want FIN\"\n"));
	assert_non_null(strstr(point_of(&tap, "wire.hostile ipv4")->yaml,
		"message: \"\\\\x1b[31mred\\\\x07 <&\\\"'> # ok \\\\xff\\\\xc2\\\\x9b\\\\xed\\\\xa0"
		"\\\\x80\\\\ \\\\xc3\\\\xa9\"\n"));
}

static void strict_makes_a_deviation_fail(void **state)
{
	(void)state;
	report(true, false);
	assert_false(point_of(&tap, "close.should ipv4")->ok);
	assert_true(point_of(&tap, "isn.slope ipv4")->ok);
}

static void ladders_can_be_of_every_case(void **state)
{
	(void)state;
	report(false, true);
	assert_non_null(strstr(point_of(&tap, "open.three_way ipv4")->yaml, "- S -"));
}

/* "#" and "\" in a name start nothing. */
static void names_are_escaped(void **state)
{
	struct sample sample;

	(void)state;
	sample_open(&sample, "tap", (struct reporter_options){.ladders = false});
	sample_run(sample.reporter, false);
	sample_verdict(sample.reporter, 1, "a.b\\ # SKIP\nnot ok 2", "ipv4",
		(struct event_verdict){.verdict = VERDICT_FAIL});
	sample_summary(sample.reporter, 2, (struct event_summary){.count = {0}});
	sample_finish(&sample);
	parse(&tap, sample.text);
	assert_int_equal(tap.count, 1);
	assert_false(point_of(&tap, "a.b\\ # SKIP not ok 2 ipv4")->ok);
	assert_string_equal(tap.points[0].directive, "");
	sample_free(&sample);
}

/* Nothing of an inconclusive first try is told before the second one, or the end. */
static void a_first_try_is_held_back(void **state)
{
	const struct event_verdict late = {
		.verdict = VERDICT_INCONCLUSIVE, .retry = true, .message = "first"};
	struct sample sample;
	size_t before;

	(void)state;
	sample_open(&sample, "tap", (struct reporter_options){.ladders = false});
	reporter_event(sample.reporter, &(struct event){.kind = EVENT_RUN, .run = {.cases = 2}});
	before = sample.len;
	sample_verdict(sample.reporter, 1, "a.b", "ipv4", late);
	sample_verdict(sample.reporter, 1, "a.c", "ipv4", late);
	sample_case(sample.reporter, 2, "a.b", "ipv4");
	fflush(sample.file);
	assert_int_equal(sample.len, before);
	sample_verdict(sample.reporter, 3, "a.b", "ipv4", (struct event_verdict){
		.verdict = VERDICT_INCONCLUSIVE, .attempt = 2, .message = "second"});
	fflush(sample.file);
	assert_true(sample.len > before);
	sample_summary(sample.reporter, 4, (struct event_summary){.count = {0}});
	sample_finish(&sample);
	assert_int_equal(sample_count(sample.text, "a.b"), 1);
	assert_int_equal(sample_count(sample.text, "message: \"first\""), 1);
	assert_int_equal(sample_count(sample.text, "message: \"second\""), 1);
	parse(&tap, sample.text);
	assert_int_equal(tap.plan, 2);
	assert_false(point_of(&tap, "a.b ipv4")->ok);
	assert_false(point_of(&tap, "a.c ipv4")->ok);
	sample_free(&sample);
}

static void report_of(struct event_summary *summary, bool pass)
{
	struct sample sample;

	sample_open(&sample, "tap", (struct reporter_options){.ladders = false});
	if (pass)
		sample_verdict(sample.reporter, 1, "a.b", "ipv4", (struct event_verdict){
			.verdict = VERDICT_PASS, .expected = true});
	sample_case(sample.reporter, 2, "a.c", "ipv4");
	if (summary)
		sample_summary(sample.reporter, 4, *summary);
	sample_finish(&sample);
	parse(&tap, sample.text);
	sample_free(&sample);
}

/* What did not end well is never a success: no summary, an interruption, no case at all. */
static void an_unfinished_run_bails_out(void **state)
{
	struct event_summary interrupted = {.interrupted = true}, whole = {.status = 0};

	(void)state;
	report_of(NULL, true);
	assert_int_equal(tap.plan, 1);
	assert_true(tap.bail);
	assert_non_null(strstr(tap.bail_text, "without a summary"));

	report_of(&interrupted, true);
	assert_true(tap.bail);
	assert_non_null(strstr(tap.bail_text, "Interrupted; 1 started and did not end"));

	report_of(&whole, false);
	assert_true(tap.bail);
	assert_int_equal(tap.plan, 0);
	assert_int_equal(tap.count, 0);
}

/* Where all points are ok, only a bail-out can tell that the exit status is not 0. */
static void a_bad_status_without_a_bad_point_bails_out(void **state)
{
	struct sample sample;

	(void)state;
	sample_open(&sample, "tap", (struct reporter_options){.ladders = false});
	reporter_event(sample.reporter, &(struct event){.kind = EVENT_RUN, .run = {.cases = 1}});
	sample_verdict(sample.reporter, 1, "a.b", "ipv4", (struct event_verdict){
		.verdict = VERDICT_PASS, .expected = true});
	sample_summary(sample.reporter, 4, (struct event_summary){.count = {1}, .status = 4});
	sample_finish(&sample);
	parse(&tap, sample.text);
	assert_int_equal(tap.count, 1);
	assert_true(tap.bail);
	assert_non_null(strstr(tap.bail_text, "exit status is 4"));
	sample_free(&sample);
}

/* The plan promises a point for each case of the run; a run that has fewer is not whole. */
static void a_run_short_of_its_plan_bails_out(void **state)
{
	struct sample sample;

	(void)state;
	sample_open(&sample, "tap", (struct reporter_options){.ladders = false});
	reporter_event(sample.reporter, &(struct event){.kind = EVENT_RUN, .run = {.cases = 2}});
	sample_verdict(sample.reporter, 1, "a.b", "ipv4", (struct event_verdict){
		.verdict = VERDICT_PASS, .expected = true});
	sample_summary(sample.reporter, 4, (struct event_summary){.count = {1}});
	sample_finish(&sample);
	parse(&tap, sample.text);
	assert_int_equal(tap.plan, 2);
	assert_int_equal(tap.count, 1);
	assert_true(tap.bail);
	sample_free(&sample);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outcomes_are_mapped),
		cmocka_unit_test(a_failure_has_diagnostics),
		cmocka_unit_test(strict_makes_a_deviation_fail),
		cmocka_unit_test(ladders_can_be_of_every_case),
		cmocka_unit_test(names_are_escaped),
		cmocka_unit_test(a_first_try_is_held_back),
		cmocka_unit_test(an_unfinished_run_bails_out),
		cmocka_unit_test(a_bad_status_without_a_bad_point_bails_out),
		cmocka_unit_test(a_run_short_of_its_plan_bails_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
