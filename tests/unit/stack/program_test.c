/*
 * A stack's program: what it prints is kept, but not without end, and its error is told.
 */
#include "stack/inside.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

static int start(char *script, struct running *running, char said[64], struct why *why)
{
	char sh[] = "sh", c[] = "-c";
	char *const argv[] = {sh, c, script, NULL};
	const struct program program = {.path = "/bin/sh", .argv = argv, .input = -1, .kept = -1};

	return program_start(&program, running, said, 64, why);
}

static void what_it_prints_has_an_end(void **state)
{
	char script[] = "head -c 1000000 /dev/zero >&2; echo up >&3; exec sleep 60";
	struct running running;
	struct stat printed;
	struct why why;
	char said[64];

	(void)state;
	assert_int_equal(start(script, &running, said, &why), 0);
	assert_string_equal(said, "up");
	assert_int_equal(fstat(running.printed, &printed), 0);
	assert_in_range(printed.st_size, 1, 65536);
	program_end(&running);
}

static void its_error_is_told(void **state)
{
	char script[] = "echo first; echo no such device >&2; exit 1";
	struct running running;
	struct why why;
	char said[64];

	(void)state;
	assert_true(start(script, &running, said, &why) < 0);
	assert_string_equal(why.text, "/bin/sh does not start: no such device");
	program_end(&running);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_it_prints_has_an_end),
		cmocka_unit_test(its_error_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
