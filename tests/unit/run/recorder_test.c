/*
 * The recorder: nothing is written while a case is busy, everything in order when it waits, and a
 * reader that is slow never holds a case up.
 */
#include "run/recorder.h"
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* cmocka has macros of the same names as a case's verbs. */
#undef expect
#undef expect_any
#undef check
#include <cmocka.h>

/* A recorder, and the other end of its pipe. */
struct setting {
	struct recorder recorder;
	struct observer observer;
	int ends[2];
	struct buffer heard;
};

static int setup(void **state)
{
	static struct setting setting;

	setting = (struct setting){.recorder = {.name = "a.b", .over = "ipv4"}};
	if (pipe2(setting.ends, O_NONBLOCK))
		return -1;
	setting.recorder.fd = setting.ends[1];
	setting.observer = recorder_observer(&setting.recorder);
	*state = &setting;
	return 0;
}

static int teardown(void **state)
{
	struct setting *setting = *state;

	close(setting->ends[0]);
	close(setting->ends[1]);
	buffer_free(&setting->recorder.notes);
	buffer_free(&setting->recorder.lines);
	buffer_free(&setting->heard);
	return 0;
}

/* Take in what is in the pipe now. Returns how many bytes that were. */
static size_t hear(struct setting *setting)
{
	size_t before = setting->heard.len;
	char chunk[4096];
	ssize_t n;

	while ((n = read(setting->ends[0], chunk, sizeof(chunk))) > 0)
		buffer_put(&setting->heard, chunk, (size_t)n);
	return setting->heard.len - before;
}

/* The next event that was heard; its strings live until storage is freed. */
static struct event next(struct setting *setting, struct event_storage *storage)
{
	char *end = setting->heard.len ? memchr(setting->heard.at, '\n', setting->heard.len) : NULL;
	struct why why = {.text = ""};
	struct event event;

	assert_non_null(end);
	if (event_read(setting->heard.at, (size_t)(end - setting->heard.at), &event, storage, &why))
		fail_msg("%s", why.text);
	buffer_drop(&setting->heard, (size_t)(end - setting->heard.at) + 1);
	return event;
}

static void rung(struct setting *setting, int number, nanos time, const char *text_,
		 const char *want)
{
	struct rung made = {.number = number,
			    .kind = want ? RUNG_HEARD : RUNG_SENT,
			    .peer = 1,
			    .time = time,
			    .text = text_,
			    .want = want};

	setting->observer.rung(&setting->recorder, &made);
}

static void it_writes_only_when_the_case_waits(void **state)
{
	struct setting *setting = *state;
	struct event_storage storage;
	struct event event;
	char gone[] = "what it waits for";

	rung(setting, 1, sec(100), "first", NULL);
	setting->observer.waiting(&setting->recorder, gone, clock_monotonic() + sec(3));
	memset(gone, 'x', sizeof(gone) - 1);
	rung(setting, 2, sec(100) + ms(5), "second", "another");
	assert_int_equal(hear(setting), 0);
	setting->observer.idle(&setting->recorder);
	assert_true(hear(setting) > 0);

	event = next(setting, &storage);
	assert_int_equal(event.kind, EVENT_RUNG);
	assert_string_equal(event.name, "a.b");
	assert_string_equal(event.over, "ipv4");
	assert_string_equal(event.rung.kind, "sent");
	assert_string_equal(event.rung.text, "first");
	assert_null(event.rung.want);
	assert_true(event.rung.time == 0);
	event_storage_free(&storage);
	event = next(setting, &storage);
	assert_string_equal(event.rung.kind, "heard");
	assert_string_equal(event.rung.want, "another");
	assert_true(event.rung.time == ms(5));
	event_storage_free(&storage);
	/* Behind the rungs, whenever it was said. */
	event = next(setting, &storage);
	assert_int_equal(event.kind, EVENT_WAIT);
	assert_string_equal(event.wait.what, "what it waits for");
	assert_true(event.wait.left > sec(2) && event.wait.left <= sec(3));
	event_storage_free(&storage);

	setting->observer.idle(&setting->recorder);
	assert_int_equal(hear(setting), 0);
	assert_int_equal(setting->heard.len, 0);
}

static void a_slow_reader_holds_nobody_up(void **state)
{
	struct setting *setting = *state;
	struct event_storage storage;
	char text_[1000];

	memset(text_, 'x', sizeof(text_) - 1);
	text_[sizeof(text_) - 1] = '\0';
	for (int i = 1; i <= 300; i++) {
		rung(setting, i, sec(1), text_, NULL);
		setting->observer.idle(&setting->recorder);
	}
	/* More than a pipe holds; the rest waits for the reader. */
	assert_true(setting->recorder.lines.len > 0);
	for (;;) {
		hear(setting);
		if (!setting->recorder.lines.len)
			break;
		setting->observer.idle(&setting->recorder);
	}
	for (int i = 1; i <= 300; i++) {
		assert_int_equal(next(setting, &storage).rung.number, i);
		event_storage_free(&storage);
	}
}

/* A run that reads nothing, and a case that never waits: both end in a bound. */
static void rungs_without_end_take_no_memory_without_end(void **state)
{
	struct setting *setting = *state;
	struct event_storage storage;
	char text_[1000];
	int status;
	pid_t pid;

	memset(text_, 'x', sizeof(text_) - 1);
	text_[sizeof(text_) - 1] = '\0';
	for (int i = 1; i <= 60000; i++) {
		rung(setting, i, sec(1), text_, NULL);
		if (i > 30000)
			setting->observer.idle(&setting->recorder);
		assert_true(setting->recorder.notes.cap + setting->recorder.lines.cap <=
			    96 << 20);
	}
	assert_true(setting->recorder.dropped > 0);
	/* The verdict comes after all, and says so. */
	pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		setting->observer.verdict(&setting->recorder, true, VERDICT_FAIL, 7, "no");
	close(setting->ends[1]);
	setting->ends[1] = -1;
	fcntl(setting->ends[0], F_SETFL, 0);
	hear(setting);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	for (;;) {
		struct event event = next(setting, &storage);

		if (event.kind == EVENT_VERDICT) {
			assert_non_null(strstr(event.verdict.message, "no; the ladder lacks "));
			event_storage_free(&storage);
			break;
		}
		event_storage_free(&storage);
	}
	assert_int_equal(setting->heard.len, 0);
}

static void the_verdict_is_the_last_word(void **state)
{
	struct setting *setting = *state;
	struct event_storage storage;
	struct event event;
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		rung(setting, 1, sec(1), "first", NULL);
		setting->observer.waiting(&setting->recorder, "in vain", clock_monotonic());
		setting->observer.verdict(&setting->recorder, true, VERDICT_FAIL, 7, "no");
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	hear(setting);
	assert_int_equal(next(setting, &storage).kind, EVENT_RUNG);
	event_storage_free(&storage);
	event = next(setting, &storage);
	assert_int_equal(event.kind, EVENT_VERDICT);
	assert_int_equal(event.verdict.facts.kind, BREAK_CALL);
	assert_int_equal(event.verdict.facts.line, 7);
	assert_int_equal(event.verdict.line, 7);
	assert_string_equal(event.verdict.message, "no");
	event_storage_free(&storage);
	assert_int_equal(setting->heard.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_writes_only_when_the_case_waits, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_slow_reader_holds_nobody_up, setup, teardown),
		cmocka_unit_test_setup_teardown(rungs_without_end_take_no_memory_without_end, setup,
						teardown),
		cmocka_unit_test_setup_teardown(the_verdict_is_the_last_word, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
