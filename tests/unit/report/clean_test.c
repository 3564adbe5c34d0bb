/* Text from elsewhere, made harmless. */
#include "sample.h"
#include "report/clean.h"

struct row {
	const char *text;
	const char *line, *xml, *utf8;
};

static const struct row rows[] = {
	{"", "", "", ""},
	{"plain ~", "plain ~", "plain ~", "plain ~"},
	{"a\nb\tc", "a b c", "a\nb\tc", "a\nb\tc"},
	{"\x1b[0m\r\x7f", "\\x1b[0m\\x0d\\x7f", "\\x1b[0m\\x0d\\x7f", "\x1b[0m\r\x7f"},
	/* U+00E9, U+20AC, U+1F600. */
	{"\xc3\xa9", "\\xc3\\xa9", "\xc3\xa9", "\xc3\xa9"},
	{"\xe2\x82\xac", "\\xe2\\x82\\xac", "\xe2\x82\xac", "\xe2\x82\xac"},
	{"\xf0\x9f\x98\x80", "\\xf0\\x9f\\x98\\x80", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
	/* C1's CSI as a character: JSON escapes it, a terminal must not see it. */
	{"\xc2\x9b", "\\xc2\\x9b", "\\xc2\\x9b", "\xc2\x9b"},
	/* U+FFFE and U+1FFFF are no characters for XML's readers. */
	{"\xef\xbf\xbe", "\\xef\\xbf\\xbe", "\\xef\\xbf\\xbe", "\xef\xbf\xbe"},
	{"\xf0\x9f\xbf\xbf", "\\xf0\\x9f\\xbf\\xbf", "\\xf0\\x9f\\xbf\\xbf", "\xf0\x9f\xbf\xbf"},
	/* Cut, overlong, surrogate, past the end, stray continuation. */
	{"\xc3", "\\xc3", "\\xc3", "\xef\xbf\xbd"},
	{"\xe2\x82", "\\xe2\\x82", "\\xe2\\x82", "\xef\xbf\xbd\xef\xbf\xbd"},
	{"\xc0\xaf", "\\xc0\\xaf", "\\xc0\\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},
	{"\xe0\x80\xaf", "\\xe0\\x80\\xaf", "\\xe0\\x80\\xaf",
		"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
	{"\xed\xa0\x80", "\\xed\\xa0\\x80", "\\xed\\xa0\\x80",
		"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
	{"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", "\\xf4\\x90\\x80\\x80",
		"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
	{"\x80z\xff", "\\x80z\\xff", "\\x80z\\xff", "\xef\xbf\xbdz\xef\xbf\xbd"},
};

static void rows_are_cleaned(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buffer line = {.at = NULL}, xml = {.at = NULL}, utf8 = {.at = NULL};

		clean_line(&line, rows[i].text);
		clean_xml(&xml, rows[i].text);
		clean_utf8(&utf8, rows[i].text, 100);
		assert_string_equal(line.at ? line.at : "", rows[i].line);
		assert_string_equal(xml.at ? xml.at : "", rows[i].xml);
		assert_string_equal(utf8.at ? utf8.at : "", rows[i].utf8);
		buffer_free(&line);
		buffer_free(&xml);
		buffer_free(&utf8);
	}
}

static void nothing_stays_nothing(void **state)
{
	struct buffer out = {.at = NULL};

	(void)state;
	clean_line(&out, NULL);
	clean_xml(&out, NULL);
	clean_utf8(&out, NULL, 9);
	assert_int_equal(out.len, 0);
}

static void a_bound_cuts_between_characters(void **state)
{
	struct buffer out = {.at = NULL};

	(void)state;
	clean_utf8(&out, "a\xe2\x82\xac\xe2\x82\xac", 6);
	assert_string_equal(out.at, "a\xe2\x82\xac");
	buffer_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_cleaned),
		cmocka_unit_test(nothing_stays_nothing),
		cmocka_unit_test(a_bound_cuts_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
