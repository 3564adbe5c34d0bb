/*
 * lastack run --kernels: what it refuses, before anything has run.
 */
#include "called.h"

static void a_wrong_list_is_told_in_one_line(void **state)
{
	static const struct {
		const char *line, *says[2];
	} wrong[] = {
		{"run --kernels", {"--kernels", "wants a value"}},
		{"run --kernels=", {"--kernels", "empty"}},
		{"run --kernels uml,", {"uml,", "empty"}},
		{"run --kernels ,host", {",host", "empty"}},
		{"run --kernels uml,,host", {"uml,,host", "empty"}},
		{"run --kernels host", {"host", "two or more"}},
		{"run --kernels uml", {"uml", "two or more"}},
		{"run --kernels host,host", {"host", "named twice"}},
		{"run --kernels host,uml,host", {"host", "named twice"}},
		{"run --kernels host,/nowhere/linux", {"/nowhere/linux", "No such file"}},
		{"run --kernels host,/bin/true", {"/bin/true", "no user-mode Linux"}},
		{"run --kernels %/text,host", {"text", "not a program"}},
		{"run --kernels host,a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p", {"--kernels", "than 16"}},
		{"run --kernels host,uml --kernel uml", {"--kernel ", "one of them"}},
		{"run --kernels host,uml --format tap", {"--format tap", "pretty or json"}},
		{"run --kernels host,uml --format junit", {"--format junit", "pretty or json"}},
		{"run --kernels host,uml --format ladder", {"--format ladder", "pretty or json"}},
		{"run --kernels host,uml --format xyz", {"--format xyz", "pretty or json"}},
		{"run --kernels host,uml --report-junit %/x", {"-junit", "standard output"}},
		{"run --kernels host,uml --report-json %/x", {"--report-json", "standard output"}},
		{"run --kernels host,uml --report-tap -", {"--report-tap", "standard output"}},
		{"run --kernels host,uml --profile /nowhere", {"'/nowhere'", "linux, none"}},
		{"run --kernels host,uml passive_opne", {"'passive_opne'", "passive_open"}},
	};
	char path[128];
	FILE *text;

	(void)state;
	snprintf(path, sizeof(path), "%s/text", folder);
	text = fopen(path, "w");
	assert_non_null(text);
	fputs("no kernel\n", text);
	fclose(text);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		const struct called *called = call(wrong[i].line);

		if (called->status != 3 || *called->out || !is_one_line(called->err) ||
		    !strstr(called->err, wrong[i].says[0]) ||
		    !strstr(called->err, wrong[i].says[1]))
			fail_msg("lastack %s: status %d, '%s', '%s'", wrong[i].line, called->status,
				 called->out, called->err);
	}
	snprintf(path, sizeof(path), "%s/x", folder);
	assert_int_equal(access(path, F_OK), -1);
}

/* The same file under two names would be compared with itself. */
static void one_kernel_under_two_names_is_told(void **state)
{
	const char *kernel = "/usr/bin/linux.uml";
	char path[128], line[300];
	const struct called *called;

	(void)state;
	/* The package is one of those that harness/packages names. */
	assert_int_equal(access(kernel, X_OK), 0);
	called = call("run --kernels uml,/usr/bin/../bin/linux.uml");
	assert_int_equal(called->status, 3);
	assert_true(is_one_line(called->err));
	assert_non_null(strstr(called->err, "uml and /usr/bin/../bin/linux.uml are the same"));
	snprintf(path, sizeof(path), "%s/link", folder);
	assert_int_equal(symlink(kernel, path), 0);
	snprintf(line, sizeof(line), "run --kernels %s,host,%s", kernel, path);
	called = call(line);
	assert_int_equal(called->status, 3);
	assert_true(is_one_line(called->err));
	assert_non_null(strstr(called->err, "/link are the same"));
}

/* The program alone in a folder: "%/lastack". */
static void program_copied(char *path, size_t size)
{
	char command[600];

	snprintf(path, size, "%s/lastack", folder);
	snprintf(command, sizeof(command), "cp '%s' '%s'", program, path);
	assert_int_equal(system(command), 0);
}

/* No part of the program is taken for a package that is missing, nor for wrong usage. */
static void a_part_that_was_not_built_is_told(void **state)
{
	static const struct {
		const char *line, *says[2];
	} lacks[] = {
		{"run --kernel uml " CASE, {"liblastack-clock.so", "sh harness/bootstrap run"}},
		{"run --kernels uml,host " CASE, {"liblastack-clock.so", "harness/bootstrap run"}},
		{"run --stack lwip " CASE, {"lastack-lwip", "liblwip-dev"}},
	};
	char path[128], *whole = program;

	(void)state;
	program_copied(path, sizeof(path));
	program = path;
	for (size_t i = 0; i < sizeof(lacks) / sizeof(lacks[0]); i++) {
		const struct called *called = call(lacks[i].line);

		if (called->status != 4 || *called->out || !is_one_line(called->err) ||
		    !strstr(called->err, lacks[i].says[0]) ||
		    !strstr(called->err, lacks[i].says[1]))
			fail_msg("lastack %s: status %d, '%s', '%s'", lacks[i].line, called->status,
				 called->out, called->err);
	}
	program = whole;
}

/* What doctor finds of a check, and the way that it names. */
static json_t *doctor_finds(const char *check)
{
	char *rest, *out = call("doctor --format json")->out;
	json_t *found = NULL;

	for (char *line = strtok_r(out, "\n", &rest); line && !found;
	     line = strtok_r(NULL, "\n", &rest)) {
		json_t *object = json_loads(line, 0, NULL);
		const char *name = json_string_value(json_object_get(object, "check"));

		if (name && !strcmp(name, check))
			found = object;
		else
			json_decref(object);
	}
	assert_non_null(found);
	return found;
}

static void doctor_advises_no_package_that_is_installed(void **state)
{
	static const struct {
		const char *check, *found, *way;
	} lacks[] = {
		{"virtual time", "liblastack-clock.so is not", "harness/bootstrap run"},
		{"stack lwip", "no lastack-lwip", "liblwip-dev"},
	};
	char path[128], *whole = program;

	(void)state;
	program_copied(path, sizeof(path));
	program = path;
	for (size_t i = 0; i < sizeof(lacks) / sizeof(lacks[0]); i++) {
		json_t *object = doctor_finds(lacks[i].check);
		const char *way = json_string_value(json_object_get(object, "way"));

		assert_string_equal(json_string_value(json_object_get(object, "answer")), "no");
		assert_non_null(strstr(json_string_value(json_object_get(object, "found")),
				       lacks[i].found));
		assert_non_null(strstr(way, lacks[i].way));
		assert_null(strstr(way, "user-mode-linux"));
		json_decref(object);
	}
	program = whole;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		OWN_FOLDER(a_wrong_list_is_told_in_one_line),
		OWN_FOLDER(one_kernel_under_two_names_is_told),
		OWN_FOLDER(a_part_that_was_not_built_is_told),
		OWN_FOLDER(doctor_advises_no_package_that_is_installed),
	};

	program_take(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
