/* The table of a comparison: how wide it is, whatever stands in it. */
#include "compared.h"

static void assert_width(const char *text_, size_t width)
{
	while (*text_) {
		size_t n = strcspn(text_, "\n");

		if (n > width)
			fail_msg("%zu columns: %.*s", n, (int)n, text_);
		for (size_t i = 0; i < n; i++)
			assert_in_range(text_[i], ' ', '~');
		text_ += n + (text_[n] == '\n');
	}
}

/* Long names leave no room for columns: then releases head them, or numbers. */
static void long_names_are_not_repeated(void **state)
{
	static const char *const kernels[] = {
		"/a/rather/long/folder/for/kernels/of/all/kinds/bookworm/linux.uml",
		"/a/rather/long/folder/for/kernels/of/all/kinds/trixie/linux.uml"};

	(void)state;
	begin(kernels, 2);
	run_of(0, "6.1.176", "fpp", false);
	run_of(1, "6.12.101", "ppp", false);
	assert_string_equal(table_of(ANY_WIDTH, false),
		"The verdicts of 1 of 3 cases differ\n"
		"                      6.1.176  6.12.101\n"
		"  rst.in_window ipv4  fail     pass\n");
	comparison_free(comparison);
	buffer_free(&out);
	begin(kernels, 2);
	run_of(0, "6.1.176", "fpp", false);
	run_of(1, "6.1.176", "ppp", false);
	assert_string_equal(table_of(ANY_WIDTH, false),
		"The verdicts of 1 of 3 cases differ\n"
		"                      [1]   [2]\n"
		"  rst.in_window ipv4  fail  pass\n");
}

static void nine_kernels_fit(void **state)
{
	static const char *const kernels[] = {"bullseye", "bookworm", "trixie", "sid", "a-kernel",
		"another-one", "qemu:/boot/vmlinuz", "uml", "host"};
	static const char *const verdicts[] = {"d", "i", "d", "f", "e", "p", "-", "s", "d"};

	(void)state;
	for (size_t n = 1; n <= 9; n++) {
		begin(kernels, n);
		for (size_t i = 0; i < n; i++)
			run_of(i, "6.1", verdicts[i], false);
		assert_width(text_of(60, true), 60);
		buffer_free(&out);
		assert_width(text_of(100, true), 100);
		assert_int_equal(sample_count(out.at, "rst.in_window ipv4"), 1);
		assert_int_equal(sample_count(out.at, "* rst.in_window"), n > 1);
		comparison_free(comparison);
		buffer_free(&out);
	}
	begin(kernels, 9);
	for (size_t i = 0; i < 9; i++)
		run_of(i, "6.1", verdicts[i], false);
	assert_string_equal(table_of(80, false),
		"The verdicts of 1 of 1 cases differ\n"
		"                     [1]  [2]  [3]  [4]  [5]  [6]  [7] [8]  [9]\n"
		"  rst.in_window ipv4 dev. inc. dev. fail err. pass -   skip dev.\n"
		"  dev.: deviation, inc.: inconclusive, err.: error, -: not run\n");
}

/* Whatever stands in a name, in a release: nothing reaches a terminal, and all stays in its row. */
static void hostile_text_stays_in_its_row(void **state)
{
	char name[200], kernel[300];
	struct reporter *reporter;

	(void)state;
	memset(name, 'n', sizeof(name));
	strcpy(name + sizeof(name) - 5, "\n\033[A");
	memset(kernel, 'k', sizeof(kernel));
	strcpy(kernel + sizeof(kernel) - 4, "\t\xff\xc2");
	begin((const char *[]){kernel, "\033[31m"}, 2);
	for (size_t i = 0; i < 2; i++) {
		reporter = reporter_of(i, plain);
		reporter_event(reporter, &(struct event){.kind = EVENT_RUN, .run = {
			.kernel = "6\033.1\n", .machine = "a\rmachine", .cases = 1}});
		sample_verdict(reporter, 0, name, "ipv4", (struct event_verdict){
			.verdict = i ? VERDICT_PASS : VERDICT_DEVIATION});
		sample_summary(reporter, 0, (struct event_summary){.count = {1}});
		assert_int_equal(reporter_finish(reporter, NULL), 0);
	}
	assert_width(table_of(ANY_WIDTH, true), 100);
	assert_int_equal(sample_count(out.at, "deviation"), 1);
}

static void colours_only_where_they_are_welcome(void **state)
{
	struct reporter_options coloured = {.colour = true};

	(void)state;
	begin((const char *[]){"uml", "host"}, 2);
	run_of(0, "6.1.176", "epp", false);
	run_of(1, "6.18", "ppp", false);
	assert_null(strchr(text_of(ANY_WIDTH, false), '\033'));
	buffer_free(&out);
	comparison_text(comparison, &coloured, false, &out);
	assert_non_null(strstr(out.at, "rst.in_window ipv4  \033[1;35merror\033[0m  "
		"\033[32mpass\033[0m\n"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(long_names_are_not_repeated),
		TEST(nine_kernels_fit),
		TEST(hostile_text_stays_in_its_row),
		TEST(colours_only_where_they_are_welcome),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
