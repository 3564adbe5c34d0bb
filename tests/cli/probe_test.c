/*
 * lastack probe as people call it: what is typed wrong is one line that names the character, with
 * nothing sent; and what a lab's answers print, and where.
 */
#include "called.h"

static void what_is_typed_wrong_is_one_line(void **state)
{
	static const struct {
		const char *line, *says[2];
	} wrong[] = {
		{"probe", {"which target?", "--lab PORT"}},
		{"probe 10.0.0.1", {"'10.0.0.1', character 9", ":PORT"}},
		{"probe 10.0.0.256:80", {"character 1", "no IPv4 address"}},
		{"probe [fe80::1g]:80", {"character 2", "no IPv6 address"}},
		{"probe [fe80::1:80", {"character 1", "no ]"}},
		{"probe fe80::1:80", {"character 1", "[ ]"}},
		{"probe 10.0.0.1:0", {"character 10", "no port is 0"}},
		{"probe 10.0.0.1:65536", {"character 10", "at most 65535"}},
		{"probe 10.0.0.1:80 10.0.0.2:80", {"one target", "'10.0.0.2:80'"}},
		{"probe 10.0.0.0/8:80", {"10.0.0.0/8", "whole network"}},
		{"probe 224.0.0.1:80", {"224.0.0.1", "multicast"}},
		{"probe 255.255.255.255:80", {"255.255.255.255", "broadcast"}},
		{"probe 127.0.0.1:80", {"this machine itself", "--lab"}},
		{"probe --lab 80 10.0.0.1:80", {"--lab makes its own host", ":PORT"}},
		{"probe --lab 80 --source own", {"--source", "--lab has its own"}},
		{"probe --lab 80 --flags S?", {"--flags 'S?', character 2", "'?'"}},
		{"probe --lab 80 --flags SS", {"character 2", "was there before"}},
		{"probe --lab 80 --option mss", {"--option 'mss', character 4", "number"}},
		{"probe --lab 80 --option nop,foo", {"character 5", "no such option"}},
		{"probe --lab 80 --option 253:0", {"character 6", "half a byte"}},
		{"probe --lab 80 --seq 4294967296", {"--seq", "character 1"}},
		{"probe --lab 80 --seq +1", {"+N counts from a handshake", "--handshake"}},
		{"probe --lab 80 --data hex:0g", {"--data", "character 6"}},
		{"probe --lab 80 --data @/nowhere", {"/nowhere", "No such file"}},
		{"probe --lab 80 --ttl 256", {"--ttl '256', character 1", "at most 255"}},
		{"probe --lab 80 --fragment 7", {"--fragment '7'", "multiple of 8"}},
		{"probe --lab 80 -c 0", {"-c '0'", "one probe at least"}},
		{"probe --lab 80 -i soon", {"-i 'soon', character 1", "duration"}},
		{"probe --lab 80 -W 1parsec", {"-W '1parsec', character 2", "want ns"}},
		{"probe 10.0.0.1:80 -c 9 -i 0", {"-i below 1ms", "1,000 probes a second"}},
		{"probe --lab 80 --expect SA@", {"--expect 'SA@', character 3", "'@'"}},
		{"probe --lab 80 --play S;<SA;Q", {"--play 'S;<SA;Q', character 7", "'Q'"}},
		{"probe --lab 80 --play S;repeat{", {"character", "number"}},
		{"probe --lab 80 --play S -S", {"--play names its own segments", "no flags"}},
		{"probe --lab 80 --handshake -c 2", {"--handshake", "-c 1"}},
		{"probe --lab 80 -q -v", {"-q", "-v"}},
		{"probe --lab 80 -4 -6", {"-4", "-6"}},
		{"probe 10.0.0.1:80 --sysctl a=1", {"--sysctl", "--lab"}},
		{"probe --lab 80 --lisen 1s", {"--lisen", "lastack probe --help"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		const struct called *called = call(wrong[i].line);

		if (called->status != 3 || *called->out || !is_one_line(called->err) ||
		    !strstr(called->err, wrong[i].says[0]) ||
		    !strstr(called->err, wrong[i].says[1]))
			fail_msg("lastack %s: status %d, '%s', '%s'", wrong[i].line, called->status,
				 called->out, called->err);
	}
}

/* Every line of stdout is an object, the last one the summary; stderr stays empty. */
static void json_is_an_object_a_line(void **state)
{
	static const char *const lines[] = {
		"probe --lab 80 --json",
		"probe --lab 80 --json -6 -c 3 -i 1ms",
		"probe --lab 80 --json --bad-checksum -W 20ms",
		"probe --lab 80 --json --handshake --data x",
		"probe --lab 80 --json --play S;<SA;A;F;<A",
		"probe --lab 80 --json --play S;<R",
	};

	(void)state;
	if (!works_here())
		skip();
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct called *called = call(lines[i]);
		const char *event = "";
		json_t *last = NULL;
		unsigned count = 0;
		char *rest;

		assert_string_equal(called->err, "");
		for (char *line = strtok_r(called->out, "\n", &rest); line;
		     line = strtok_r(NULL, "\n", &rest)) {
			json_decref(last);
			last = json_loads(line, 0, NULL);
			if (!last || !json_is_object(last))
				fail_msg("lastack %s: '%s'", lines[i], line);
			count++;
		}
		event = json_string_value(json_object_get(last, "event"));
		assert_true(count >= 3);
		assert_string_equal(event ? event : "", "summary");
		json_decref(last);
	}
}

static void the_exit_status_is_the_answer(void **state)
{
	static const struct {
		const char *line, *says;
		int status;
	} rows[] = {
		{"probe --lab 80", "open; rtt ", 0},
		{"probe --lab 80 :81", "closed: RST with the right numbers", 0},
		{"probe --lab 80 --expect SA", ", as expected", 0},
		{"probe --lab 80 --expect R", "not as expected: want R, got S.", 1},
		{"probe --lab 80 --bad-checksum -W 20ms", "100 % lost", 2},
		{"probe --lab 80 --bad-checksum -W 20ms --expect silence", "as expected", 0},
		{"probe --lab 80 --play S;<SA;A;<silence", "as expected: 4 steps", 0},
		{"probe --lab 80 --play S;<SA;A;<R|RA", "expected: R", 2},
		{"probe --lab 80 --play R;S;<R", "want R, got S.", 1},
		{"probe --lab 80 -w %/kept -q", "open", 0},
		{"probe --lab 80 -w %/no/folder -q", "", 4},
		{"probe --lab 80 -w /dev/full", "", 4},
		{"probe --lab 80 --sysctl net.ipv4.no_such=1", "", 4},
	};
	struct stat kept;
	char path[128];

	(void)state;
	if (!works_here())
		skip();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct called *called = call(rows[i].line);

		if (called->status != rows[i].status || !strstr(called->out, rows[i].says) ||
		    (rows[i].status == 4 ? !is_one_line(called->err) : *called->err != '\0'))
			fail_msg("lastack %s: status %d, '%s', '%s'", rows[i].line, called->status,
				 called->out, called->err);
	}
	snprintf(path, sizeof(path), "%s/kept", folder);
	assert_int_equal(stat(path, &kept), 0);
	/* A header, and the SYN, SYN-ACK and RST. */
	assert_int_equal(kept.st_size, 24 + 3 * 16 + 58 + 58 + 54);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		OWN_FOLDER(what_is_typed_wrong_is_one_line),
		OWN_FOLDER(json_is_an_object_a_line),
		OWN_FOLDER(the_exit_status_is_the_answer),
	};

	program_take(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
