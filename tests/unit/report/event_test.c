/* The written form of events: what is written is read again, and nothing else is. */
#include "sample.h"
#include <errno.h>

static void run_comes_back(void **state)
{
	const struct event event = {.kind = EVENT_RUN, .time = 17, .run = {.version = "0.1.0",
		.kernel = "Linux \"6.1\"\n", .seed = UINT64_MAX, .cases = 4000000000u,
		.left_out = 12, .too_slow = 3, .machine = "uml, 100 Hz", .strict = true,
		.path = "none lost"}};
	struct event_storage storage;
	struct event got;

	(void)state;
	round_trip(&event, &got, &storage);
	assert_int_equal(got.time, 17);
	assert_null(got.name);
	same_text(got.run.version, event.run.version);
	same_text(got.run.kernel, event.run.kernel);
	assert_null(got.run.profile);
	assert_true(got.run.seed == UINT64_MAX);
	assert_int_equal(got.run.cases, 4000000000u);
	assert_int_equal(got.run.left_out, 12);
	assert_int_equal(got.run.too_slow, 3);
	same_text(got.run.machine, event.run.machine);
	same_text(got.run.path, event.run.path);
	assert_true(got.run.strict);
	event_storage_free(&storage);
}

static void case_comes_back(void **state)
{
	const struct event event = {.kind = EVENT_CASE, .time = 1, .name = "isn.slope/row_2",
		.over = "ipv6", .start = {.claim = "claim \xc2\xa7 3.4", .level = "MUST NOT",
		.requirements = {"a", "b", "c", "d", "e", "f", "g"}, .sentence = "",
		.file = "cases/x.c", .line = 3, .budget = sec(70)}};
	struct event_storage storage;
	struct event got;

	(void)state;
	round_trip(&event, &got, &storage);
	same_text(got.name, event.name);
	same_text(got.over, event.over);
	same_text(got.start.claim, event.start.claim);
	same_text(got.start.level, event.start.level);
	same_text(got.start.sentence, "");
	same_text(got.start.file, event.start.file);
	for (int i = 0; i < 8; i++)
		same_text(got.start.requirements[i], event.start.requirements[i]);
	assert_int_equal(got.start.line, 3);
	assert_true(got.start.budget == sec(70));
	event_storage_free(&storage);
}

static void rung_and_wait_come_back(void **state)
{
	const struct event rung = {.kind = EVENT_RUNG, .name = "a.b", .over = "ipv4", .rung = {
		.number = 9, .kind = "heard-lost", .peer = 2, .time = -5, .text = "S. \033[0m",
		.want = "S", .broken = true}};
	const struct event wait = {.kind = EVENT_WAIT, .time = sec(2), .name = "a.b",
		.over = "ipv4", .wait = {.what = "SYN-ACK", .left = NANOS_MAX}};
	struct event_storage storage;
	struct event got;

	(void)state;
	round_trip(&rung, &got, &storage);
	assert_int_equal(got.rung.number, 9);
	same_text(got.rung.kind, "heard-lost");
	assert_int_equal(got.rung.peer, 2);
	assert_int_equal(got.rung.time, -5);
	same_text(got.rung.text, "S. \033[0m");
	same_text(got.rung.want, "S");
	assert_true(got.rung.broken);
	event_storage_free(&storage);

	round_trip(&wait, &got, &storage);
	same_text(got.wait.what, "SYN-ACK");
	/* A wait without an end is told as a very long one. */
	assert_true(got.wait.left > sec(1000000000 - 1) && got.wait.left < NANOS_MAX / 2);
	event_storage_free(&storage);
}

static void verdicts_come_back(void **state)
{
	struct event_storage storage;
	struct event got;

	(void)state;
	for (unsigned i = 0; i < VERDICTS; i++) {
		const struct event event = {.kind = EVENT_VERDICT, .name = "a.b", .over = "ipv4",
			.verdict = {.verdict = (enum verdict)i, .expected = i & 1,
			.reason = i & 1 ? "why" : NULL, .attempt = i, .retry = i & 2,
			.seconds = us(5), .message = "m", .line = 1, .evidence = "/e",
			.command = "c", .late = 8}};

		round_trip(&event, &got, &storage);
		assert_int_equal(got.verdict.verdict, i);
		assert_int_equal(got.verdict.expected, event.verdict.expected);
		assert_int_equal(got.verdict.attempt, event.verdict.attempt);
		assert_int_equal(got.verdict.retry, event.verdict.retry);
		same_text(got.verdict.reason, event.verdict.reason);
		assert_int_equal(got.verdict.seconds, us(5));
		same_text(got.verdict.message, "m");
		assert_int_equal(got.verdict.line, 1);
		same_text(got.verdict.evidence, "/e");
		same_text(got.verdict.command, "c");
		assert_int_equal(got.verdict.late, 8);
		event_storage_free(&storage);
	}
}

static void tick_and_summary_come_back(void **state)
{
	const struct event tick = {.kind = EVENT_TICK, .time = 3};
	const struct event event = {.kind = EVENT_SUMMARY, .summary = {
		.count = {1, 2, 3, 4, 5, 6}, .unexpected = 7, .seconds = 8, .interrupted = true,
		.status = 4}};
	struct event_storage storage;
	struct event got;

	(void)state;
	round_trip(&tick, &got, &storage);
	assert_int_equal(got.time, 3);
	event_storage_free(&storage);
	round_trip(&event, &got, &storage);
	assert_memory_equal(got.summary.count, event.summary.count, sizeof(got.summary.count));
	assert_int_equal(got.summary.unexpected, 7);
	assert_int_equal(got.summary.seconds, 8);
	assert_true(got.summary.interrupted);
	assert_int_equal(got.summary.status, 4);
	event_storage_free(&storage);
}

/* Whatever bytes a message has, the line is ASCII and can be read. */
static void bad_bytes_become_readable(void **state)
{
	const struct event event = {.kind = EVENT_WAIT, .name = "a.b", .over = "ipv4",
		.wait = {.what = "a\xff\xed\xa0\x80z\xc3"}};
	struct buffer line = {.at = NULL};
	struct event_storage storage;
	struct event got;

	(void)state;
	assert_int_equal(event_write(&line, &event), 0);
	for (size_t i = 0; i + 1 < line.len; i++)
		assert_in_range(line.at[i], ' ', '~');
	assert_int_equal(event_read(line.at, line.len, &got, &storage, NULL), 0);
	same_text(got.wait.what, "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\xef\xbf\xbd");
	event_storage_free(&storage);
	buffer_free(&line);
}

/* What is too long is cut by the writer, between characters, and refused by the reader. */
static void long_text_is_cut(void **state)
{
	struct event event = {.kind = EVENT_WAIT, .name = "a.b", .over = "ipv4"};
	struct buffer line = {.at = NULL};
	struct event_storage storage;
	struct event got;
	char what[30001];

	(void)state;
	for (size_t i = 0; i + 1 < sizeof(what); i += 2)
		memcpy(what + i, "\xc3\xa9", 2);
	what[sizeof(what) - 1] = '\0';
	event.wait.what = what;
	round_trip(&event, &got, &storage);
	assert_int_equal(strlen(got.wait.what), 8190);
	assert_memory_equal(got.wait.what, what, 8190);
	event_storage_free(&storage);

	buffer_printf(&line, "{\"event\":\"wait\",\"time\":0,\"case\":\"a.b\",\"over\":\"ipv4\","
		      "\"left\":0,\"what\":\"%s\"}", what);
	assert_int_equal(event_read(line.at, line.len, &got, &storage, NULL), -EPROTO);
	buffer_free(&line);
}

#define HEAD "{\"event\":\"wait\",\"time\":0,\"case\":\"a.b\",\"over\":\"ipv4\""
#define RUNG_HEAD "{\"event\":\"rung\",\"time\":0,\"case\":\"a.b\",\"over\":\"ipv4\",\"kind\":\"x\""
#define VERDICT_TAIL ",\"expected\":true,\"again\":false,\"duration\":0,\"line\":0,\"late\":0}"
#define RUN_TAIL ",\"cases\":1,\"left_out\":0,\"too_slow\":0,\"strict\":false}"

static const struct {
	const char *line;
	const char *why; /* in the message */
} bad_lines[] = {
	{"", "JSON"},
	{" ", "JSON"},
	{"{", "JSON"},
	{"nonsense", "JSON"},
	{"{\"event\":\"tick\",\"time\":0} x", "JSON"},
	{"{\"event\":\"tick\",\"time\":0,\"time\":0}", "JSON"},
	{"{\"event\":\"tick\",\"time\":0,\"x\":\"\\u0000\"}", "JSON"},
	{"{\"event\":\"tick\",\"time\":0,\"x\":\"\xff\"}", "JSON"},
	{"{\"event\":\"tick\",\"time\":99999999999999999999}", "JSON"},
	{"[]", "\"event\""},
	{"7", "JSON"},
	{"{}", "\"event\""},
	{"{\"event\":7,\"time\":0}", "\"event\""},
	{"{\"event\":\"tock\",\"time\":0}", "\"event\""},
	{"{\"event\":\"tick\"}", "\"time\""},
	{"{\"event\":\"tick\",\"time\":\"0\"}", "\"time\""},
	{"{\"event\":\"tick\",\"time\":0.5}", "\"time\""},
	{"{\"event\":\"tick\",\"time\":1000000000000000001}", "\"time\""},
	{"{\"event\":\"tick\",\"time\":0,\"case\":\"a.b\"}", "should not have"},
	{"{\"event\":\"wait\",\"time\":0,\"over\":\"ipv4\",\"left\":0}", "\"case\""},
	{"{\"event\":\"wait\",\"time\":0,\"case\":\"\",\"over\":\"ipv4\",\"left\":0}", "\"case\""},
	{"{\"event\":\"wait\",\"time\":0,\"case\":\"a b\",\"over\":\"ipv4\",\"left\":0}",
		"\"case\""},
	{"{\"event\":\"wait\",\"time\":0,\"case\":\"a\\n\",\"over\":\"ipv4\",\"left\":0}",
		"\"case\""},
	{"{\"event\":\"wait\",\"time\":0,\"case\":\"a.b\",\"left\":0}", "\"over\""},
	{"{\"event\":\"wait\",\"time\":0,\"case\":\"a.b\",\"over\":\"ipx\",\"left\":0}",
		"\"over\""},
	{HEAD "}", "lacks \"left\""},
	{HEAD ",\"left\":null}", "\"left\""},
	{HEAD ",\"left\":true}", "\"left\""},
	{HEAD ",\"left\":-1000000000000000001}", "\"left\""},
	{HEAD ",\"left\":0,\"what\":7}", "\"what\""},
	{HEAD ",\"left\":0,\"what\":null}", "\"what\""},
	{HEAD ",\"left\":0,\"extra\":0}", "should not have"},
	{RUNG_HEAD ",\"number\":-1,\"peer\":0,\"at\":0,\"broken\":false}", "\"number\""},
	{RUNG_HEAD ",\"number\":1,\"peer\":2147483648,\"at\":0,\"broken\":false}", "\"peer\""},
	{RUNG_HEAD ",\"number\":1,\"peer\":0,\"at\":0,\"broken\":0}", "\"broken\""},
	{"{\"event\":\"case\",\"time\":0,\"case\":\"a.b\",\"over\":\"ipv4\",\"requirements\":{},"
	 "\"line\":0,\"budget\":0}", "\"requirements\""},
	{"{\"event\":\"case\",\"time\":0,\"case\":\"a.b\",\"over\":\"ipv4\",\"requirements\":[1],"
	 "\"line\":0,\"budget\":0}", "\"requirements\""},
	{"{\"event\":\"case\",\"time\":0,\"case\":\"a.b\",\"over\":\"ipv4\",\"requirements\":"
	 "[\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\"],\"line\":0,\"budget\":0}", "\"requirements\""},
	{"{\"event\":\"verdict\",\"time\":0,\"case\":\"a.b\",\"over\":\"ipv4\",\"verdict\":\"good\""
	 VERDICT_TAIL, "\"verdict\""},
	{"{\"event\":\"verdict\",\"time\":0,\"case\":\"a.b\",\"over\":\"ipv4\",\"verdict\":0"
	 VERDICT_TAIL, "\"verdict\""},
	{"{\"event\":\"run\",\"time\":0,\"seed\":1" RUN_TAIL, "\"seed\""},
	{"{\"event\":\"run\",\"time\":0,\"seed\":\"\"" RUN_TAIL, "\"seed\""},
	{"{\"event\":\"run\",\"time\":0,\"seed\":\"-1\"" RUN_TAIL, "\"seed\""},
	{"{\"event\":\"run\",\"time\":0,\"seed\":\"18446744073709551616\"" RUN_TAIL, "\"seed\""},
	{"{\"event\":\"run\",\"time\":0,\"seed\":\"1\",\"cases\":4294967296,\"left_out\":0,"
	 "\"too_slow\":0,\"strict\":false}", "\"cases\""},
	{"{\"event\":\"summary\",\"time\":0,\"count\":{\"pass\":1},\"unexpected\":0,\"duration\":0,"
	 "\"wall\":0,\"interrupted\":false,\"status\":0}", "\"count\""},
	{"{\"event\":\"summary\",\"time\":0,\"count\":7,\"unexpected\":0,\"duration\":0,"
	 "\"wall\":0,\"interrupted\":false,\"status\":0}", "\"count\""},
};

static void bad_lines_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_lines) / sizeof(bad_lines[0]); i++) {
		const char *line = bad_lines[i].line;
		struct event_storage storage = {.json = &storage};
		struct event got = {.kind = EVENT_TICK, .time = 77};
		struct why why = {.text = ""};

		if (event_read(line, strlen(line), &got, &storage, &why) != -EPROTO)
			fail_msg("taken for an event: %s", line);
		if (!strstr(why.text, bad_lines[i].why))
			fail_msg("%s\nis refused with: %s", line, why.text);
		/* Untouched. */
		assert_int_equal(got.time, 77);
		assert_ptr_equal(storage.json, &storage);
	}
}

static void deep_and_long_lines_are_refused(void **state)
{
	static char line[(1u << 20) + 2];
	struct event_storage storage;
	struct event got;

	(void)state;
	memset(line, '[', 100000);
	assert_int_equal(event_read(line, 100000, &got, &storage, NULL), -EPROTO);
	memset(line, ' ', sizeof(line));
	memcpy(line, "{\"event\":\"tick\",\"time\":0}", 25);
	assert_int_equal(event_read(line, 1u << 20, &got, &storage, NULL), 0);
	event_storage_free(&storage);
	assert_int_equal(event_read(line, (1u << 20) + 1, &got, &storage, NULL), -EPROTO);
}

/* No prefix of a line is an event. */
static void cut_lines_are_refused(void **state)
{
	const struct event event = {.kind = EVENT_VERDICT, .name = "a.b", .over = "ipv4",
		.verdict = {.message = "m", .command = "c"}};
	struct buffer line = {.at = NULL};
	struct event_storage storage;
	struct event got;

	(void)state;
	assert_int_equal(event_write(&line, &event), 0);
	for (size_t len = 0; len + 1 < line.len; len++)
		assert_int_equal(event_read(line.at, len, &got, &storage, NULL), -EPROTO);
	buffer_free(&line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_comes_back),
		cmocka_unit_test(case_comes_back),
		cmocka_unit_test(rung_and_wait_come_back),
		cmocka_unit_test(verdicts_come_back),
		cmocka_unit_test(tick_and_summary_come_back),
		cmocka_unit_test(bad_bytes_become_readable),
		cmocka_unit_test(long_text_is_cut),
		cmocka_unit_test(bad_lines_are_refused),
		cmocka_unit_test(deep_and_long_lines_are_refused),
		cmocka_unit_test(cut_lines_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
