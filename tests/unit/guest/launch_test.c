/*
 * What a program for a guest starts ends with the process that launched the program.
 */
#include "guest/kernel.h"
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* cmocka has macros of the same names as a case's verbs. */
#undef expect
#undef expect_any
#undef check
#include <cmocka.h>

/* A shell that starts a child, says its number, and goes on as long as nobody ends it. */
static _Noreturn void launcher(int told)
{
	static char name[] = "sh", option[] = "-c",
		    script[] = "sleep 1000 & echo $! >&3; exec sleep 1000";
	static char *const argv[] = {name, option, script, NULL};
	static char *const environment[] = {NULL};
	struct launch what = {.program = "/bin/sh", .argv = argv, .environment = environment,
			      .processor = -1};
	struct guest_process process;
	struct pollfd ready;
	char number[32];
	struct why why;
	ssize_t n;

	if (launch(&what, &process, &why))
		_exit(1);
	ready = (struct pollfd){.fd = process.channel, .events = POLLIN};
	poll(&ready, 1, -1);
	n = read(process.channel, number, sizeof(number));
	if (n <= 0 || write(told, number, (size_t)n) != n)
		_exit(1);
	for (;;)
		pause();
}

static void a_child_of_the_program_ends_too(void **state)
{
	struct pollfd gone = {.events = POLLIN};
	char number[32] = "";
	int told[2];
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(told), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		launcher(told[1]);
	close(told[1]);
	assert_true(read(told[0], number, sizeof(number) - 1) > 0);
	close(told[0]);
	gone.fd = (int)syscall(SYS_pidfd_open, atoi(number), 0);
	assert_true(gone.fd >= 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(poll(&gone, 1, 20000), 1);
	close(gone.fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_child_of_the_program_ends_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
