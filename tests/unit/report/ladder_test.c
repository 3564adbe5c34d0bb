/* The drawing of a ladder. */
#include "sample.h"

static struct ladder *ladder;
static struct buffer drawing;

static int set_up(void **state)
{
	(void)state;
	ladder = ladder_new();
	assert_non_null(ladder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	ladder_free(ladder);
	buffer_free(&drawing);
	return 0;
}

static void add(const char *kind, int peer, nanos time, const char *text_)
{
	ladder_add(ladder, &(struct event_rung){.kind = kind, .peer = peer, .time = time,
		.text = text_});
}

static const char *draw(bool colour)
{
	buffer_drop(&drawing, drawing.len);
	ladder_text(ladder, &drawing, colour);
	assert_false(drawing.failed);
	return drawing.at ? drawing.at : "";
}

static void every_kind_has_its_look(void **state)
{
	(void)state;
	add("call", 0, 0, "listen() = 0");
	add("sent", 1, us(12), "S seq 0 win 64240 <mss 1460>");
	add("heard", 1, us(45), "S. seq 0 ack 1");
	add("state", 1, us(90), "SYN-RECEIVED");
	add("lost", 1, us(120), ". seq 1 ack 1");
	add("silence", 1, ms(800), "800 ms");
	add("heard-lost", 1, ms(1023), "S. seq 0 ack 1");
	add("sent", 1, ms(1024), "none seq 1");
	add("sent", 1, ms(1024), "nothing that starts with flags");
	add("lost", 1, ms(1024), "FSRPUEW.e");
	add("stray", 0, ms(1024) + 999, "an ARP request");
	add("new", 0, ms(1025), "a kind of tomorrow");
	ladder_add(ladder, &(struct event_rung){.kind = "missing", .peer = 1,
		.time = sec(64) + us(104), .text = "nothing came", .want = "S. ack 1, within 1 s",
		.broken = true});
	assert_string_equal(draw(false),
		"      seconds peer              DUT\n"
		"     0.000000  |                 |  listen() = 0\n"
		"     0.000012  |------- S ------>|  seq 0 win 64240 <mss 1460>\n"
		"     0.000045  |<----- S. -------|  seq 0 ack 1\n"
		"     0.000090  |                 |  SYN-RECEIVED\n"
		"     0.000120  |------- . ---x   |  seq 1 ack 1  (lost)\n"
		"     0.800000  |  .  .  .  .  .  |  800 ms\n"
		"     1.023000  |   x-- S. -------|  seq 0 ack 1  (lost)\n"
		"     1.024000  |----- none ----->|  seq 1\n"
		"     1.024000  |---------------->|  nothing that starts with flags\n"
		"     1.024000  |--- FSRPUEW.e -x |  (lost)\n"
		"     1.024001  |<~~~~~~~~~~~~~~~~|  an ARP request\n"
		"     1.025000  |                 |  a kind of tomorrow\n"
		" !! 64.000104  |<- - - - - - - - |  nothing came\n"
		"               |                 |  expected: S. ack 1, within 1 s\n");
}

/* Only a broken rung shows what was wanted. */
/*
 * A call's rung is told when the call has returned and has the time at which it was made; segments
 * that it caused may have been told before.
 */
static void time_never_runs_backwards(void **state)
{
	(void)state;
	add("sent", 1, 0, "S seq 0");
	add("heard", 1, us(40), "F. seq 1");
	add("call", 1, us(30), "close() = success");
	add("state", 1, us(40), "FIN-WAIT-1");
	add("sent", 1, us(20), ". seq 1");
	assert_string_equal(draw(false),
		"     seconds peer              DUT\n"
		"    0.000000  |------- S ------>|  seq 0\n"
		"    0.000020  |------- . ------>|  seq 1\n"
		"    0.000030  |                 |  close() = success\n"
		"    0.000040  |<----- F. -------|  seq 1\n"
		"    0.000040  |                 |  FIN-WAIT-1\n");
}

/* Where rungs are left out, each side of the gap is in order. */
static void time_never_runs_backwards_around_a_gap(void **state)
{
	double before = -1, at;
	const char *line, *gap;

	(void)state;
	for (int i = 0; i < 1000; i++)
		add("sent", 1, us(10 * (i ^ 1)), ". seq 1");
	draw(false);
	gap = strstr(drawing.at, "rungs are left out here");
	assert_non_null(gap);
	for (line = strchr(drawing.at, '\n'); line && line[1]; line = strchr(line + 1, '\n')) {
		if (!sscanf(line + 1, "%lf", &at))
			continue;
		assert_true(at > before);
		before = at;
	}
	assert_true(before > 0.009);
}

static void a_rung_that_holds_shows_no_want(void **state)
{
	(void)state;
	ladder_add(ladder, &(struct event_rung){.kind = "heard", .text = "S.", .want = "S. ack 1"});
	assert_null(strstr(draw(false), "want"));
}

static void peers_are_numbered_when_there_are_several(void **state)
{
	(void)state;
	add("sent", 1, 0, "S");
	assert_null(strstr(draw(false), " 1  |"));
	add("call", 0, 1000, "accept()");
	assert_null(strstr(draw(false), " 1  |"));
	add("heard", 2, 2000, "R");
	assert_string_equal(draw(false),
		"     seconds      peer              DUT\n"
		"    0.000000    1  |------- S ------>|\n"
		"    0.000001       |                 |  accept()\n"
		"    0.000002    2  |<------ R -------|\n");
}

#define BLANK "              |                 |  "

/* No line is wider than 100 columns, and nothing but layout is added or lost. */
static void long_text_is_broken_into_lines(void **state)
{
	const char *line, *end;

	(void)state;
	add("heard", 1, 0, "S. seq 0 ack 1 win 65160 <mss 1460,nop,nop,sackOK,nop,wscale 7,ts val "
	    "1234567890 ecr 1234567890> and more words that go on until a third line is needed, "
	    "yes");
	ladder_add(ladder, &(struct event_rung){.kind = "call", .broken = true,
		.text = "nospacesnospacesnospacesnospacesnospacesnospacesnospacesnospacesnospaces"
		"nospacesnospaces", .want = "a long want that does not fit into one line of the "
		"drawing, and stands below itself"});
	assert_string_equal(draw(false),
		"     seconds peer              DUT\n"
		"    0.000000  |<----- S. -------|  seq 0 ack 1 win 65160 "
		"<mss 1460,nop,nop,sackOK,nop,wscale 7,ts\n"
		BLANK "  val 1234567890 ecr 1234567890> and more words that go on until\n"
		BLANK "  a third line is needed, yes\n"
		" !! 0.000000  |                 |  "
		"nospacesnospacesnospacesnospacesnospacesnospacesnospacesnospacesn\n"
		BLANK "  ospacesnospacesnospaces\n"
		BLANK "expected: a long want that does not fit into one line of the\n"
		BLANK "          drawing, and stands below itself\n");
	for (line = drawing.at; *line; line = end + 1) {
		end = strchr(line, '\n');
		assert_true(end - line <= 100);
		assert_true(end[-1] != ' ');
	}
}

static void hostile_text_is_harmless(void **state)
{
	(void)state;
	ladder_add(ladder, &(struct event_rung){.kind = "\033[2J", .peer = -3, .time = INT64_MIN,
		.text = "a\033[31m\nb\rc\x7f\x9b\xc3\xa9", .want = "\a\t.", .broken = true});
	draw(false);
	for (size_t i = 0; i < drawing.len; i++)
		assert_true(drawing.at[i] == '\n' ||
		            (drawing.at[i] >= ' ' && drawing.at[i] <= '~'));
	assert_non_null(strstr(drawing.at, "|  a\\x1b[31m b\\x0dc\\x7f\\x9b\\xc3\\xa9\n"));
	assert_non_null(strstr(drawing.at, "expected: \\x07 .\n"));
}

/* The first 200 and the last 100 of many are kept, and the rest is counted. */
static void many_rungs_are_left_out(void **state)
{
	const unsigned all = 5000;
	char text_[32];

	(void)state;
	for (unsigned i = 0; i < all; i++) {
		snprintf(text_, sizeof(text_), "rung %u.", i);
		add("call", 1, us(i), text_);
		if (i == 299)
			assert_null(strstr(draw(false), "left out"));
		if (i == 300)
			assert_non_null(strstr(draw(false), "  1 rungs are left out here\n"));
	}
	draw(false);
	assert_int_equal(sample_count(drawing.at, "\n"), 1 + 200 + 1 + 100);
	assert_non_null(strstr(drawing.at,
		"    0.000199  |                 |  rung 199.\n"
		"              :                 :  4700 rungs are left out here\n"
		"    0.004900  |                 |  rung 4900.\n"));
	for (unsigned i = 0; i < all; i++) {
		snprintf(text_, sizeof(text_), "rung %u.", i);
		assert_int_equal(strstr(drawing.at, text_) != NULL, i < 200 || i >= 4900);
	}
}

static void long_text_is_cut(void **state)
{
	char text_[5001];

	(void)state;
	memset(text_, 'a', sizeof(text_) - 1);
	text_[sizeof(text_) - 1] = '\0';
	add("call", 1, 0, text_);
	assert_true(strlen(draw(false)) < 2000);
	assert_non_null(strstr(drawing.at, "a...\n"));
}

/* With the escape sequences taken out, colours change nothing; each line ends uncoloured. */
static void colours_are_only_colours(void **state)
{
	struct buffer plain = {.at = NULL};
	bool coloured = false;

	(void)state;
	add("sent", 1, 0, "S");
	add("lost", 2, 0, ". seq 1");
	ladder_add(ladder, &(struct event_rung){.kind = "heard", .text = "R", .want = "S.",
		.broken = true});
	ladder_text(ladder, &plain, false);
	draw(true);
	assert_true(drawing.len > plain.len);
	for (size_t at = 0, out = 0; at < drawing.len;) {
		size_t n = strcspn(drawing.at + at, "m");

		if (drawing.at[at] == '\033') {
			coloured = strncmp(drawing.at + at, "\033[0m", 4) != 0;
			at += n + 1;
			continue;
		}
		assert_true(out < plain.len);
		assert_int_equal(drawing.at[at], plain.at[out]);
		if (drawing.at[at] == '\n')
			assert_false(coloured);
		at++;
		out++;
	}
	buffer_free(&plain);
}

static void no_rungs_draw_nothing(void **state)
{
	(void)state;
	assert_string_equal(draw(true), "");
	ladder_free(NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(every_kind_has_its_look),
		TEST(time_never_runs_backwards),
		TEST(time_never_runs_backwards_around_a_gap),
		TEST(a_rung_that_holds_shows_no_want),
		TEST(peers_are_numbered_when_there_are_several),
		TEST(long_text_is_broken_into_lines),
		TEST(hostile_text_is_harmless),
		TEST(many_rungs_are_left_out),
		TEST(long_text_is_cut),
		TEST(colours_are_only_colours),
		TEST(no_rungs_draw_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
