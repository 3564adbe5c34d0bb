/*
 * What a run leaves behind: evidence where it was asked for, and no process.
 */
#include "fake_lab.h"
#include <sched.h>

FAMILY(fake, "Cases without a DUT");

CASE(passes, MUST_OF, .claim = "passes")
{
	struct rung rung = {
		.number = 1, .kind = RUNG_SENT, .peer = 1, .time = sec(5), .text = "Flags [S]"};

	lab->config.observer.rung(lab->config.observer.arg, &rung);
	rung = (struct rung){.number = 2,
			     .kind = RUNG_HEARD,
			     .peer = 1,
			     .time = sec(6),
			     .text = "Flags [S.]",
			     .want = "S."};
	lab->config.observer.rung(lab->config.observer.arg, &rung);
	lab->config.observer.waiting(lab->config.observer.arg, "a FIN", clock_monotonic());
	lab->config.observer.idle(lab->config.observer.arg);
}

CASE(fails, MUST_OF, .claim = "breaks a MUST")
{
	verdict(lab, true, VERDICT_FAIL, "want ack 1, got 2");
}

CASE(leaves_a_process, MUST_OF, .claim = "what it starts dies with it")
{
	char path[128];
	FILE *file;
	pid_t pid = fork();

	(void)lab;
	if (!pid)
		for (;;)
			pause();
	path_of(path, "left");
	file = fopen(path, "w");
	if (!file || fprintf(file, "%d", pid) < 0 || fclose(file))
		_exit(9);
}

CASE(waits, MUST_OF, .claim = "waits for a signal", .budget = sec(60))
{
	char path[128];

	(void)lab;
	/* Returns when the test reads, which sees the end when this process has gone. */
	path_of(path, "fifo");
	if (open(path, O_WRONLY) < 0)
		_exit(9);
	for (;;)
		pause();
}

static void nothing_of_a_case_outlives_the_run(void **state)
{
	char *one[] = {(char[]){"fake.leaves_a_process"}};
	struct run_options options = {.seed = 1};
	struct ran ran;
	char path[128];
	FILE *file;
	int pid = 0, status = 0;

	(void)state;
	/* What a dead case leaves comes to this process, which can wait for it. */
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	run(&ran, &options, one, 1, "none");
	assert_int_equal(ran.status, EXIT_EXPECTED);
	path_of(path, "left");
	file = fopen(path, "r");
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%d", &pid), 1);
	fclose(file);
	if (waitpid(pid, &status, 0) == pid) {
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGKILL);
	}
	assert_int_equal(kill(pid, 0), -1);
	ran_free(&ran);
}

/* The contents of a file of the evidence. */
static void read_evidence(const char *name, char *out, size_t size)
{
	char path[256];
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), "%s/evidence/%s", folder, name);
	file = fopen(path, "r");
	if (!file)
		fail_msg("no %s", path);
	n = fread(out, 1, size - 1, file);
	out[n] = '\0';
	fclose(file);
}

static void evidence_is_kept(void **state)
{
	char *two[] = {(char[]){"fake.passes"}, (char[]){"fake.fails"}};
	char path[128], text_[4096];
	struct run_options options = {.evidence = path};
	struct ran ran;
	json_t *kept;

	(void)state;
	path_of(path, "evidence");
	run(&ran, &options, two, 2, "none");
	assert_int_equal(ran.status, EXIT_UNEXPECTED);
	read_evidence("fake.passes.ipv4/wire.pcap", text_, sizeof(text_));
	read_evidence("fake.passes.ipv4/ladder.txt", text_, sizeof(text_));
	assert_non_null(strstr(text_, "Flags [S.]"));
	assert_non_null(strstr(text_, "1.000000"));
	read_evidence("fake.fails.ipv4/verdict.json", text_, sizeof(text_));
	kept = json_loads(text_, 0, NULL);
	assert_non_null(kept);
	assert_true(json_equal(kept, line_of(&ran, "fake.fails")));
	json_decref(kept);
	ran_free(&ran);
}

static void lost_evidence_is_a_failure_of_the_harness(void **state)
{
	char *one[] = {(char[]){"fake.passes"}};
	char path[128], blocked[160];
	struct run_options options = {.evidence = path};
	struct stat stat_;
	struct ran ran;

	(void)state;
	/* A folder where the ladder should be: it cannot be written, as on a full disk. */
	path_of(path, "evidence");
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(blocked, sizeof(blocked), "%s/fake.passes.ipv4", path);
	assert_int_equal(mkdir(blocked, 0700), 0);
	strcat(blocked, "/ladder.txt");
	assert_int_equal(mkdir(blocked, 0700), 0);
	run(&ran, &options, one, 1, "none");
	assert_int_equal(ran.status, EXIT_HARNESS);
	is_verdict(&ran, "fake.passes", "pass", "");
	strcpy(strrchr(blocked, '/'), "/verdict.json");
	assert_int_equal(stat(blocked, &stat_), -1);
	ran_free(&ran);
}

static int refuse(void *arg, struct why *why)
{
	(void)arg;
	return why_set(why, EINVAL, "not today");
}

static void a_run_that_cannot_start_leaves_nothing(void **state)
{
	char *one[] = {(char[]){"fake.passes"}};
	struct lab_sysctl sysctls[] = {{.name = "net.ipv4.nonsense", .value = "1"}, {.name = NULL}};
	char path[128];
	struct run_options options = {.evidence = path, .sysctls = sysctls};
	struct stat stat_;
	struct ran ran;

	(void)state;
	/* Only root makes the network namespace in which the sysctl is looked for. */
	if (geteuid())
		assert_int_equal(unshare(CLONE_NEWUSER), 0);
	path_of(path, "evidence");
	run(&ran, &options, one, 1, "none");
	assert_int_equal(ran.status, -EINVAL);
	assert_non_null(strstr(ran.why.text, "net.ipv4.nonsense"));
	ran_free(&ran);
	options.sysctls = NULL;
	options.ready = refuse;
	run(&ran, &options, one, 1, "none");
	assert_int_equal(ran.status, -EINVAL);
	assert_string_equal(ran.why.text, "not today");
	assert_int_equal(stat(path, &stat_), -1);
	ran_free(&ran);
	options.ready = NULL;
	strcpy(path, "/proc/nowhere");
	run(&ran, &options, one, 1, "none");
	assert_int_equal(ran.status, -EINVAL);
	assert_non_null(strstr(ran.why.text, "/proc/nowhere"));
	ran_free(&ran);
}

/* Start a run of the case that waits, in a process of its own; *fifo is open when it waits. */
static pid_t waiting_run(int *fifo)
{
	char *one[] = {(char[]){"fake.waits"}};
	struct run_options options = {.seed = 1};
	char path[128];
	struct ran ran;
	pid_t pid;

	path_of(path, "fifo");
	assert_int_equal(mkfifo(path, 0600), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		run(&ran, &options, one, 1, "none");
		_exit(summary_of(&ran, "pass") ? 9 : ran.status);
	}
	*fifo = open(path, O_RDONLY);
	assert_true(*fifo >= 0);
	return pid;
}

/* Nobody holds the other end any more, within a second. */
static bool is_hung_up(int fifo)
{
	struct pollfd end = {.fd = fifo, .events = POLLIN};

	return poll(&end, 1, 1000) == 1 && end.revents & POLLHUP;
}

static void a_signal_ends_it_within_a_second(void **state)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char path[128];
		int fifo, status;
		pid_t pid = waiting_run(&fifo);
		nanos began = clock_monotonic();

		kill(pid, signals[i]);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(clock_monotonic() - began < sec(1));
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 128 + signals[i]);
		assert_true(is_hung_up(fifo));
		close(fifo);
		path_of(path, "fifo");
		unlink(path);
	}
}

static void a_killed_run_takes_its_cases_with_it(void **state)
{
	int fifo, status;
	pid_t pid = waiting_run(&fifo);

	(void)state;
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_true(is_hung_up(fifo));
	close(fifo);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OWN_FOLDER(nothing_of_a_case_outlives_the_run),
		OWN_FOLDER(evidence_is_kept),
		OWN_FOLDER(lost_evidence_is_a_failure_of_the_harness),
		OWN_FOLDER(a_run_that_cannot_start_leaves_nothing),
		OWN_FOLDER(a_signal_ends_it_within_a_second),
		OWN_FOLDER(a_killed_run_takes_its_cases_with_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
