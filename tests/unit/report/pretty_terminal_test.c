/* The report for people on a terminal: what its screen shows. */
#include "sample.h"

static struct sample sample;

static int tear_down(void **state)
{
	(void)state;
	sample_free(&sample);
	return 0;
}

static const char *text_so_far(void)
{
	fflush(sample.file);
	return sample.text;
}

/* A terminal with as many rows as anybody needs; it knows what the status uses. */
#define ROWS 200
#define COLUMNS 100
struct screen {
	char rows[ROWS][COLUMNS + 1];
	unsigned row, column;
};

static void screen_wipe(struct screen *screen, unsigned row, unsigned column)
{
	for (unsigned i = column; i < COLUMNS; i++)
		screen->rows[row][i] = ' ';
}

static const char *screen_escape(struct screen *screen, const char *at)
{
	char *end;
	unsigned long n = strtoul(at + 2, &end, 10);

	assert_int_equal(at[1], '[');
	if (*end == ';')
		strtoul(end + 1, &end, 10);
	switch (*end) {
	case 'A':
		assert_true(n <= screen->row);
		screen->row -= (unsigned)n;
		break;
	case 'K':
		screen_wipe(screen, screen->row, screen->column);
		break;
	case 'J':
		screen_wipe(screen, screen->row, screen->column);
		for (unsigned i = screen->row + 1; i < ROWS; i++)
			screen_wipe(screen, i, 0);
		break;
	case 'm':
		break;
	default:
		fail_msg("an escape sequence that is not used: %c", *end);
	}
	return end + 1;
}

/* What the terminal shows after all that was written to it. */
static void screen_show(struct screen *screen, const char *text_)
{
	memset(screen, 0, sizeof(*screen));
	for (unsigned i = 0; i < ROWS; i++)
		screen_wipe(screen, i, 0);
	while (*text_) {
		assert_true(screen->row < ROWS);
		if (*text_ == '\033') {
			text_ = screen_escape(screen, text_);
			continue;
		}
		if (*text_ == '\r' || *text_ == '\n') {
			screen->column = 0;
			screen->row += *text_ == '\n';
		} else {
			assert_in_range(*text_, ' ', '~');
			assert_true(screen->column < COLUMNS);
			screen->rows[screen->row][screen->column++] = *text_;
		}
		text_++;
	}
}

static struct screen screen;

/* The rows from the first one that starts with a text, each without its trailing blanks. */
static void assert_rows(const char *from, const char *want)
{
	struct buffer rows = {.at = NULL};
	unsigned row = 0;

	while (row < ROWS && strncmp(screen.rows[row], from, strlen(from)) != 0)
		row++;
	if (row == ROWS)
		fail_msg("no row starts with \"%s\"", from);
	for (; row < screen.row; row++) {
		size_t n = COLUMNS;

		while (n && screen.rows[row][n - 1] == ' ')
			n--;
		buffer_put(&rows, screen.rows[row], n);
		buffer_put(&rows, "\n", 1);
	}
	assert_string_equal(rows.at, want);
	buffer_free(&rows);
}

static bool screen_has(const char *what)
{
	for (unsigned i = 0; i < ROWS; i++)
		if (strstr(screen.rows[i], what))
			return true;
	return false;
}

static void start_on_terminal(int width)
{
	sample_open(&sample, "pretty", (struct reporter_options){.progress = true, .width = width});
	sample_run(sample.reporter, false);
	sample_case(sample.reporter, ms(1), "loss.end", "ipv4");
	sample_case(sample.reporter, ms(1), "loss.again", "ipv4");
	sample_case(sample.reporter, ms(1), "open.quick", "ipv4");
	sample_wait(sample.reporter, ms(2), "loss.end", "SYN-ACK", sec(63));
	sample_wait(sample.reporter, ms(2), "loss.again", "SYN \033[31m", ms(1200));
	sample_verdict(sample.reporter, ms(3), "open.quick", "ipv4", (struct event_verdict){
		.verdict = VERDICT_PASS, .expected = true});
}

static void the_status_shows_who_waits_for_what(void **state)
{
	(void)state;
	start_on_terminal(100);
	sample_tick(sample.reporter, ms(302));
	screen_show(&screen, text_so_far());
	assert_rows("0.3 s",
		"0.3 s: 2 running, 1 of 9 done, 0 failed; the longest wait has 62.7 s left\n"
		"  loss.end ipv4: SYN-ACK, 62.7 s left\n"
		"  loss.again ipv4: SYN \\x1b[31m, 0.9 s left\n");
	/* What it waited for has come, and the other's time is over. */
	sample_rung(sample.reporter, "loss.end", "ipv4", (struct event_rung){.kind = "heard",
		.text = "S."});
	sample_tick(sample.reporter, sec(2));
	screen_show(&screen, text_so_far());
	assert_rows("2.0 s",
		"2.0 s: 2 running, 1 of 9 done, 0 failed\n"
		"  loss.again ipv4: SYN \\x1b[31m, 0.0 s left\n");
	sample_finish(&sample);
}

/* A failure scrolls by above the status; at the end nothing of the status is left. */
static void failures_stay_and_the_status_goes(void **state)
{
	(void)state;
	start_on_terminal(100);
	sample_fail(sample.reporter);
	screen_show(&screen, text_so_far());
	assert_true(screen_has("fail       mss.absent ipv4"));
	assert_true(screen_has("expected: . len 1..536"));
	assert_false(screen_has("open.quick"));
	assert_rows("  again ",
		"  again        lastack run mss.absent\n"
		"\n"
		"0.1 s: 2 running, 2 of 9 done, 1 failed; the longest wait has 62.9 s left\n"
		"  loss.end ipv4: SYN-ACK, 62.9 s left\n"
		"  loss.again ipv4: SYN \\x1b[31m, 1.1 s left\n");
	sample_summary(sample.reporter, ms(200), (struct event_summary){.count = {1, 0, 0, 0, 1},
		.seconds = ms(200), .status = 1, .unexpected = 1});
	screen_show(&screen, text_so_far());
	assert_false(screen_has("running"));
	assert_false(screen_has("loss.end"));
	sample_finish(&sample);
	screen_show(&screen, sample.text);
	assert_false(screen_has("running"));
	assert_rows("  again ",
		"  again        lastack run mss.absent\n"
		"\n"
		"Not as expected (1)\n"
		"  fail       mss.absent ipv4\n"
		"             lastack run mss.absent\n"
		"\n"
		"1 pass, 1 fail in 0.2 s\n"
		"12 left out by --quick\n"
		"requirements: 1 of 280 MUSTs judged: 1 broken\n"
		"exit 1: not as expected\n");
}

static void the_status_keeps_to_the_width(void **state)
{
	(void)state;
	start_on_terminal(30);
	sample_tick(sample.reporter, ms(302));
	screen_show(&screen, text_so_far());
	assert_rows("0.3 s",
		"0.3 s: 2 running, 1 of 9 done\n"
		"  loss.end ipv4: SYN-ACK, 62.\n"
		"  loss.again ipv4: SYN \\x1b[3\n");
	sample_finish(&sample);
}

/* Five lines of waits at most, the longest first, however many there are. */
static void only_the_longest_waits_are_shown(void **state)
{
	char name[16];

	(void)state;
	sample_open(&sample, "pretty", (struct reporter_options){.progress = true, .width = 100});
	for (unsigned i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "a.%02u", i * 7 % 40);
		sample_case(sample.reporter, 0, name, "ipv4");
		sample_wait(sample.reporter, 0, name, "ACK", sec(1 + i * 7 % 40));
	}
	sample_tick(sample.reporter, 0);
	screen_show(&screen, text_so_far());
	assert_rows("0.0 s",
		"0.0 s: 40 running, 0 done, 0 failed; the longest wait has 40.0 s left\n"
		"  a.39 ipv4: ACK, 40.0 s left\n"
		"  a.38 ipv4: ACK, 39.0 s left\n"
		"  a.37 ipv4: ACK, 38.0 s left\n"
		"  a.36 ipv4: ACK, 37.0 s left\n"
		"  a.35 ipv4: ACK, 36.0 s left\n");
	sample_finish(&sample);
}

/* Ten times a second is enough, however many rungs there are. */
static void the_status_is_not_redrawn_all_the_time(void **state)
{
	struct event rung = {.kind = EVENT_RUNG, .name = "loss.end", .over = "ipv4",
		.rung = {.kind = "heard", .text = "S."}};

	(void)state;
	start_on_terminal(100);
	for (unsigned i = 0; i < 10000; i++) {
		rung.time = us(100 * i);
		reporter_event(sample.reporter, &rung);
	}
	assert_in_range(sample_count(text_so_far(), " running, "), 9, 12);
	sample_finish(&sample);
}

static void a_second_try_is_announced(void **state)
{
	(void)state;
	start_on_terminal(100);
	sample_verdict(sample.reporter, ms(4), "loss.end", "ipv4", (struct event_verdict){
		.verdict = VERDICT_INCONCLUSIVE, .retry = true});
	sample_tick(sample.reporter, ms(200));
	screen_show(&screen, text_so_far());
	assert_true(screen_has("1 running, 1 of 9 done, 0 failed, 1 to be tried again"));
	sample_case(sample.reporter, ms(201), "loss.end", "ipv4");
	sample_tick(sample.reporter, ms(202));
	screen_show(&screen, text_so_far());
	assert_true(screen_has("2 running, 1 of 9 done, 0 failed; "));
	sample_finish(&sample);
}

static void colours_only_where_they_are_welcome(void **state)
{
	(void)state;
	sample_open(&sample, "pretty", (struct reporter_options){.colour = true,
		.show = SHOW_ALL});
	sample_all(sample.reporter, false);
	sample_finish(&sample);
	assert_non_null(strstr(sample.text, "\033[32mpass     \033[0m  open.three_way"));
	assert_non_null(strstr(sample.text, "\033[1;31mfail     \033[0m  mss.absent"));
	screen_show(&screen, sample.text);
	assert_true(screen_has("fail       mss.absent ipv4"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(the_status_shows_who_waits_for_what),
		TEST(failures_stay_and_the_status_goes),
		TEST(the_status_keeps_to_the_width),
		TEST(only_the_longest_waits_are_shown),
		TEST(the_status_is_not_redrawn_all_the_time),
		TEST(a_second_try_is_announced),
		TEST(colours_only_where_they_are_welcome),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
