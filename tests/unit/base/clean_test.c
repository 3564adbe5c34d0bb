/*
 * Text from elsewhere on a terminal: what a terminal would obey is shown as bytes, letters stay.
 */
#include "base/base.h"
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const struct {
	const char *text, *clean;
} rows[] = {
	{"", ""},
	{"plain text: 100 %", "plain text: 100 %"},
	{"two\nlines\tand a tab", "two lines and a tab"},
	{"\x1b]0;title\a", "\\x1b]0;title\\x07"},
	{"\x1b[2Jgone", "\\x1b[2Jgone"},
	{"over\rwritten", "over\\x0dwritten"},
	{"\x7f\x01", "\\x7f\\x01"},
	/* U+009B is a terminal's other ESC [. */
	{"\xc2\x9b" "2J", "\\xc2\\x9b2J"},
	{"\x9b" "2J", "\\x9b2J"},
	/* U+202E turns what follows round; U+2066 and U+200F are its kin, U+2028 ends a line. */
	{"a\xe2\x80\xae" "b", "a\\xe2\\x80\\xaeb"},
	{"\xe2\x81\xa6", "\\xe2\\x81\\xa6"},
	{"\xe2\x80\x8f", "\\xe2\\x80\\x8f"},
	{"\xe2\x80\xa8", "\\xe2\\x80\\xa8"},
	{"\xef\xbb\xbf", "\\xef\\xbb\\xbf"},
	{"\xf3\xa0\x80\x81", "\\xf3\\xa0\\x80\\x81"},
	/* Letters of all lengths. */
	{"Gr\xc3\xbc\xc3\x9f" "e, \xe6\x97\xa5\xe6\x9c\xac, \xf0\x9f\x90\xa2",
	 "Gr\xc3\xbc\xc3\x9f" "e, \xe6\x97\xa5\xe6\x9c\xac, \xf0\x9f\x90\xa2"},
	/* Overlong, a surrogate, beyond U+10FFFF, cut short. */
	{"\xc0\x9b", "\\xc0\\x9b"},
	{"\xed\xa0\x80", "\\xed\\xa0\\x80"},
	{"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
	{"\xe6\x97", "\\xe6\\x97"},
};

static void what_a_terminal_obeys_is_shown(void **state)
{
	char out[128];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		text_clean(out, sizeof(out), rows[i].text);
		assert_string_equal(out, rows[i].clean);
	}
}

static void what_does_not_fit_is_cut_between_characters(void **state)
{
	char out[8] = "xxxxxxx";

	(void)state;
	text_clean(out, 4, "ab\xe6\x97\xa5");
	assert_string_equal(out, "ab");
	text_clean(out, 6, "ab\x1b");
	assert_string_equal(out, "ab");
	text_clean(out, 7, "ab\x1b");
	assert_string_equal(out, "ab\\x1b");
	text_clean(out, 1, "ab");
	assert_string_equal(out, "");
}

/* What these calls wrote to stderr. */
static void said(char out[1024], void (*say)(void))
{
	int ends[2], before = dup(STDERR_FILENO);
	ssize_t n;

	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	say();
	dup2(before, STDERR_FILENO);
	close(ends[1]);
	n = read(ends[0], out, 1023);
	assert_true(n >= 0);
	out[n] = '\0';
	close(ends[0]);
	close(before);
}

static void say_lines(void)
{
	log_warn("%s", "\x1b[2J\xe2\x80\xaeName \xc3\xa4\nsecond");
	log_foreign("one\n\x1b[0m\n\ncut", 13);
}

static void every_line_of_the_log_is_cleaned(void **state)
{
	char out[1024];

	(void)state;
	said(out, say_lines);
	assert_string_equal(out, "lastack: \\x1b[2J\\xe2\\x80\\xaeName \xc3\xa4 second\n"
				 "one\n\\x1b[0m\n\ncut");
}

static void say_to_nobody(void)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	log_warn("nobody reads this");
	log_foreign("nor this", 8);
}

static void a_log_that_nobody_reads_ends_nothing(void **state)
{
	char out[1024];
	struct sigaction was, now;

	(void)state;
	signal(SIGPIPE, SIG_DFL);
	sigaction(SIGPIPE, NULL, &was);
	said(out, say_to_nobody);
	sigaction(SIGPIPE, NULL, &now);
	assert_true(now.sa_handler == was.sa_handler);
	/* SIGPIPE of anything else ends a process as before. */
	assert_int_equal(sigpending(&was.sa_mask), 0);
	assert_false(sigismember(&was.sa_mask, SIGPIPE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_terminal_obeys_is_shown),
		cmocka_unit_test(what_does_not_fit_is_cut_between_characters),
		cmocka_unit_test(every_line_of_the_log_is_cleaned),
		cmocka_unit_test(a_log_that_nobody_reads_ends_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
