/*
 * The verbs of the program: what they print, where, and their exit status. Every refusal is one
 * line on stderr that names what was typed, and leaves nothing behind.
 */
#include "called.h"

static const struct {
	const char *line, *says[2];
} wrong[] = {
	{"", {"verb", "--help"}},
	{"runn", {"'runn'", "nearest is run"}},
	{"frobnicate", {"'frobnicate'", "lastack --help"}},
	{"--frobnicate", {"'--frobnicate'", "lastack --help"}},
	{"help runn", {"'runn'", "nearest is run"}},
	{"run --jbos 3", {"'--jbos'", "--jobs"}},
	{"run --frobnicate", {"'--frobnicate'", "lastack run --help"}},
	{"run -x", {"'-x'", "lastack run --help"}},
	{"run -vx", {"'-x'", "lastack run --help"}},
	{"run --report", {"'--report'", "more than one"}},
	{"run --seed", {"--seed", "wants a value"}},
	{"run -j", {"-j", "wants a value"}},
	{"run --quick=3", {"--quick", "no value"}},
	{"run --jobs 0", {"--jobs 0", "from 1"}},
	{"run --jobs many", {"--jobs many", "from 1"}},
	{"run --retries many", {"--retries many", "from 0"}},
	{"run --retries -1", {"--retries -1", "from 0"}},
	{"run --retries 1001", {"--retries 1001", "from 0"}},
	{"run --retries 2parsecs", {"--retries 2parsecs", "like 30s"}},
	{"run --jobs 99999999999999999999", {"--jobs 9", "from 1"}},
	{"run --seed -1", {"--seed -1", "number"}},
	{"run --time-scale 0.5", {"--time-scale 0.5", "from 1"}},
	{"run --time-scale nan", {"--time-scale nan", "from 1"}},
	{"run --over ipv5", {"--over ipv5", "ipv4 or ipv6"}},
	{"run -4 -6", {"ipv4", "ipv6"}},
	{"run --show some", {"--show some", "unexpected, fail or all"}},
	{"run --sysctl tcp_syncookies", {"tcp_syncookies", "NAME=VALUE"}},
	{"run --sysctl =1", {"=1", "NAME=VALUE"}},
	{"run --sysctl kernel.panic=1", {"kernel.panic", "net."}},
	{"run --profile /nowhere", {"'/nowhere'", "linux, none"}},
	{"run --profile %/bad", {"bad:1", "VERDICT"}},
	{"run --profile %/gone " CASE, {"gone:3: no case matches '" CASE "_'", "nearest is " CASE}},
	{"run --profile %/other " CASE, {"other:1: no case matches 'nowhere.*'", "other:1"}},
	{"run passive_opne", {"'passive_opne'", "passive_open"}},
	{"run " CASE " nothing_at_all", {"'nothing_at_all'", "lastack list"}},
	{"run " LONG_CASE " --quick", {"--quick", "no case"}},
	{"run --report-json - --format pretty", {"json", "pretty"}},
	{"list --format tap", {"--format tap", "pretty or json"}},
	{"list passive_opne", {"'passive_opne'", "passive_open"}},
	{"show", {"one case", "lastack list"}},
	{"show passive_open", {"'passive_open'", "lastack list"}},
	{"show nothing_at_all", {"'nothing_at_all'", "lastack list"}},
	{"doctor now", {"'now'", "lastack doctor --help"}},
	{"agent", {"--listen", "lastack agent --help"}},
	{"agent --listen 0", {"--token", "lastack agent --help"}},
	{"agent --listen here:1 --token %/t", {"'here'", "address"}},
	{"agent --listen 1:2:3 --token %/t", {"'1:2:3'", "[ADDR]:PORT"}},
	{"agent --listen 70000 --token %/t", {"'70000'", "ADDR:PORT"}},
	{"agent now", {"'now'", "lastack agent --help"}},
	{"run --agent 10.0.0.2:7", {"--agent", "--target"}},
	{"run --target 10.0.0.2 --token %/t --port 1", {"--token", "--agent"}},
	{"run --target 10.0.0.2 --agent 10.0.0.2:7", {"--agent", "--token"}},
	{"run --target 10.0.0.2 --agent 10.0.0.2:0 --token %/t", {":0", "port"}},
};

static void write_file(const char *name, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void a_wrong_command_line_is_told_in_one_line(void **state)
{
	(void)state;
	write_file("bad", "passive_open\n");
	/* A case that is not selected is a case, and a line on another kernel is a line. */
	write_file("gone", "# comment\nsecond_segment.* skip none of it\n"
			   CASE "_ fail typed wrong\n");
	write_file("other", "nowhere.* before 2.6 fail long ago\n");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		const struct called *called = call(wrong[i].line);

		if (called->status != 3 || *called->out || !is_one_line(called->err) ||
		    !strstr(called->err, wrong[i].says[0]) ||
		    !strstr(called->err, wrong[i].says[1]))
			fail_msg("lastack %s: status %d, '%s', '%s'", wrong[i].line, called->status,
				 called->out, called->err);
	}
}

static void built_in_profiles_name_cases_that_exist(void **state)
{
	static const char *const lines[] = {
		"run --profile linux " CASE, "run --profile lwip " CASE,
		"run --profile slirp " CASE, "run --profile gvisor " CASE};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		const struct called *called = call(lines[i]);

		if (called->status || *called->err)
			fail_msg("lastack %s: status %d, '%s'", lines[i], called->status,
				 called->err);
	}
}

static void help_and_version_go_to_stdout(void **state)
{
	static const char *const lines[] = {"--help",	  "-h",	     "help",	    "help run",
					    "run --help", "list -h", "show --help", "doctor --help",
					    "--version",  "run -V",  "agent --help"};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		const struct called *called = call(lines[i]);

		if (called->status || *called->err || !strstr(called->out, "lastack"))
			fail_msg("lastack %s: status %d, '%s', '%s'", lines[i], called->status,
				 called->out, called->err);
	}
	assert_non_null(strstr(call("run --help")->out, "--evidence=DIR"));
	assert_non_null(strstr(call("run --help")->out, "130"));
}

static void list_shows_every_case(void **state)
{
	struct called *called = call("list --format json handshake");
	char *rest;
	size_t n = 0;

	(void)state;
	assert_int_equal(called->status, 0);
	for (char *line = strtok_r(called->out, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest), n++) {
		json_t *object = json_loads(line, 0, NULL);

		assert_non_null(object);
		assert_string_equal(json_string_value(json_object_get(object, "area")),
				    "handshake");
		assert_true(json_array_size(json_object_get(object, "requirements")) > 0);
		assert_true(json_array_size(json_object_get(object, "over")) > 0);
		assert_true(json_number_value(json_object_get(object, "budget")) > 0);
		assert_true(*json_string_value(json_object_get(object, "claim")) != '\0');
		json_decref(object);
	}
	assert_true(n > 1);
}

static void list_fits_a_hundred_columns(void **state)
{
	struct called *called = call("list");
	char *rest;

	(void)state;
	assert_int_equal(called->status, 0);
	assert_non_null(strstr(called->out, CASE));
	for (char *line = strtok_r(called->out, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		if (strlen(line) > 100)
			fail_msg("%s", line);
}

/* Every requirement has cases or a reason, and says which. */
static void list_shows_the_requirements(void **state)
{
	struct called *called = call("list --requirements --format json RFC9293");
	size_t n = 0, covered = 0;
	char *rest;

	(void)state;
	assert_int_equal(called->status, 0);
	for (char *line = strtok_r(called->out, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest), n++) {
		json_t *object = json_loads(line, 0, NULL);
		size_t cases;

		assert_non_null(object);
		assert_int_equal(json_integer_value(json_object_get(object, "rfc")), 9293);
		assert_true(*json_string_value(json_object_get(object, "level")) != '\0');
		assert_true(*json_string_value(json_object_get(object, "sentence")) != '\0');
		cases = json_array_size(json_object_get(object, "judged_by")) +
			json_array_size(json_object_get(object, "shown_by"));
		assert_int_equal(!cases, json_is_string(json_object_get(object, "not_covered")));
		covered += cases > 0;
		json_decref(object);
	}
	assert_true(n > 119);
	assert_true(covered > 100 && covered < n);
	called = call("list --requirements RFC9293x");
	assert_int_equal(called->status, 3);
	assert_true(is_one_line(called->err));
	assert_non_null(strstr(called->err, "no requirement matches 'RFC9293x'"));
	called = call("list --requirements");
	assert_int_equal(called->status, 0);
	assert_non_null(strstr(called->out, "\n    tested by        "));
	assert_non_null(strstr(called->out, "\n    also covered by  "));
	assert_non_null(strstr(called->out, "\n    no case          "));
	assert_null(strstr(called->out, "no reason is given"));
	for (char *line = strtok_r(called->out, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		if (strlen(line) > 100)
			fail_msg("%s", line);
}

static void show_has_claim_and_ladder(void **state)
{
	const struct called *called = call("show " CASE);

	(void)state;
	assert_int_equal(called->status, 0);
	assert_string_equal(called->err, "");
	assert_non_null(strstr(called->out, "RFC9293"));
	assert_non_null(strstr(called->out, "MUST"));
	assert_non_null(strstr(called->out, "ipv4, ipv6"));
	assert_non_null(strstr(called->out, "cases/handshake/"));
	assert_non_null(strstr(called->out, "SYN-RECEIVED"));
}

static void doctor_has_a_way_for_each_no(void **state)
{
	struct called *called = call("doctor --format json");
	bool works = true, told = false;
	char *rest;

	(void)state;
	for (char *line = strtok_r(called->out, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		json_t *object = json_loads(line, 0, NULL);
		const char *answer = json_string_value(json_object_get(object, "answer"));

		assert_non_null(object);
		if (answer && !strcmp(answer, "no")) {
			works &= !json_is_true(json_object_get(object, "needed"));
			assert_true(*json_string_value(json_object_get(object, "found")) != '\0');
		}
		if (json_object_get(object, "works")) {
			told = true;
			assert_int_equal(json_is_true(json_object_get(object, "works")), works);
		}
		json_decref(object);
	}
	assert_true(told);
	assert_int_equal(called->status, works ? 0 : 4);
}

static void a_run_reports_where_it_was_asked_to(void **state)
{
	struct called *called;
	char json[8192];
	struct stat kept;
	char path[160];

	(void)state;
	if (!works_here())
		skip();
	called = call("run " CASE " --format tap --report-json %/report --evidence %/evidence "
		      "--seed 5 -4");
	assert_string_equal(called->err, "");
	assert_int_equal(called->status, 0);
	assert_non_null(strstr(called->out, "TAP version 13"));
	assert_non_null(strstr(called->out, "ok 1 - " CASE));
	read_back("report", json, sizeof(json));
	assert_non_null(
		strstr(json, "\"case\":\"" CASE "\",\"over\":\"ipv4\",\"verdict\":\"pass\""));
	assert_non_null(strstr(json, "{\"summary\":{\"pass\":1,"));
	snprintf(path, sizeof(path), "%s/evidence/" CASE ".ipv4/wire.pcap", folder);
	assert_int_equal(stat(path, &kept), 0);
	assert_true(kept.st_size > 24);
}

static void what_cannot_be_written_is_told(void **state)
{
	static const struct {
		const char *line;
		int status;
	} rows[] = {
		{"run " CASE " --evidence /proc/nowhere", 3},
		{"run " CASE " --report-json /nowhere/report", 3},
		{"run " CASE " --report-json %/kept --sysctl net.ipv4.no_such=1", 3},
		{"run " CASE " --evidence %/kept --sysctl net.ipv4.tcp_syncookies=x", 3},
		{"run " CASE " --evidence %/kept --format xyz", 3},
		{"run " CASE " --report-tap /dev/full", 4},
	};
	struct stat kept;
	char path[128];

	(void)state;
	if (!works_here())
		skip();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct called *called = call(rows[i].line);

		if (called->status != rows[i].status || !is_one_line(called->err))
			fail_msg("lastack %s: status %d, '%s'", rows[i].line, called->status,
				 called->err);
	}
	snprintf(path, sizeof(path), "%s/kept", folder);
	assert_int_equal(stat(path, &kept), -1);
}

static void a_full_stdout_is_told(void **state)
{
	static struct called called;

	(void)state;
	finish(start("list", "/dev/full"), &called);
	assert_int_equal(called.status, 4);
	assert_true(is_one_line(called.err));
	finish(start("--help", "/dev/full"), &called);
	assert_int_equal(called.status, 4);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		OWN_FOLDER(a_wrong_command_line_is_told_in_one_line),
		OWN_FOLDER(built_in_profiles_name_cases_that_exist),
		OWN_FOLDER(help_and_version_go_to_stdout),
		OWN_FOLDER(list_shows_every_case),
		OWN_FOLDER(list_fits_a_hundred_columns),
		OWN_FOLDER(list_shows_the_requirements),
		OWN_FOLDER(show_has_claim_and_ladder),
		OWN_FOLDER(doctor_has_a_way_for_each_no),
		OWN_FOLDER(a_run_reports_where_it_was_asked_to),
		OWN_FOLDER(what_cannot_be_written_is_told),
		OWN_FOLDER(a_full_stdout_is_told),
	};

	program_take(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
