/*
 * lastack run: what its report shows of which cases.
 */
#include "called.h"

/* A case that Linux is known to fail. */
#define KNOWN "paws.recent_of_zero_is_a_time"

/* The lines of cases that ended in a way. */
static bool has_line(const char *text, const char *verdict, const char *name)
{
	char line[128];

	snprintf(line, sizeof(line), "%-9s  %s ipv4", verdict, name);
	return strncmp(text, line, strlen(line)) == 0 ||
	       ((text = strstr(text, line)) && text[-1] == '\n');
}

static void a_pipe_gets_what_a_terminal_keeps(void **state)
{
	const struct called *called;

	(void)state;
	if (!works_here())
		skip();
	called = call("run -4 " CASE " " KNOWN);
	assert_int_equal(called->status, 0);
	assert_false(has_line(called->out, "pass", CASE));
	assert_false(has_line(called->out, "fail", KNOWN));
	assert_null(strstr(called->out, "  again "));
	assert_non_null(strstr(called->out,
			       "Failures and deviations known from profile linux (1)"));
	assert_non_null(strstr(called->out, "exit 0: as expected; all failures and "
			       "deviations are known from "
			       "profile linux\n"));

	called = call("run -4 --show fail " CASE " " KNOWN);
	assert_int_equal(called->status, 0);
	assert_false(has_line(called->out, "pass", CASE));
	assert_true(has_line(called->out, "fail", KNOWN));
	assert_non_null(strstr(called->out, "\n  requirement  "));
	assert_non_null(strstr(called->out, "\n     seconds peer              DUT\n"));
	assert_non_null(strstr(called->out, "\n  again        "));
	assert_non_null(strstr(called->out, " --show fail "));

	called = call("run -4 --show all " CASE " " KNOWN);
	assert_int_equal(called->status, 0);
	assert_true(has_line(called->out, "pass", CASE));
	assert_true(has_line(called->out, "fail", KNOWN));

	called = call("run -4 --verbose " CASE);
	assert_true(has_line(called->out, "pass", CASE));
}

/* Rows of a ladder are in order of time, those of socket calls too. */
static void ladders_run_forwards(void **state)
{
	struct called *called;
	double before = -1, at;
	unsigned rows = 0;
	char *rest;

	(void)state;
	if (!works_here())
		skip();
	called = call("run -4 --quick --format ladder active_close abort_on_close");
	assert_int_equal(called->status, 0);
	for (char *line = strtok_r(called->out, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		const char *time = line + strspn(line, " !");

		if (strstr(line, "ipv4: "))
			before = -1;
		if (!strchr(time, '|') || sscanf(time, "%lf", &at) != 1)
			continue;
		if (at < before)
			fail_msg("after %f: %s", before, line);
		before = at;
		rows++;
	}
	assert_true(rows > 100);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		OWN_FOLDER(a_pipe_gets_what_a_terminal_keeps),
		OWN_FOLDER(ladders_run_forwards),
	};

	program_take(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
