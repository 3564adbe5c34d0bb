#include "cli/runner.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define HEARD_MAX ((size_t)256 << 20) /* bytes of events that may wait to be reported */
#define END '!' /* starts the last line: the status, and why where it is below 0 */

static _Noreturn void runner_enter(int fd, pid_t parent, runner_run *run, void *arg)
{
	struct reporter_options options = {.out = fdopen(fd, "w")};
	struct reporter *events = NULL;
	struct why why = {.text = ""};
	int r;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent || !options.out)
		_exit(EXIT_HARNESS);
	r = reporter_new(&events, "events", &options, &why);
	if (!r)
		r = run(arg, events, &why);
	if (reporter_finish(events, NULL) && r >= 0)
		r = EXIT_HARNESS;
	for (char *at = why.text; (at = strchr(at, '\n'));)
		*at = ' ';
	fprintf(options.out, "%c%d %s\n", END, r, r < 0 ? why.text : "");
	_exit(fflush(options.out) ? EXIT_HARNESS : EXIT_EXPECTED);
}

int runner_start(struct runner *out, runner_run *run, void *arg, struct why *why)
{
	pid_t pid, parent = getpid();
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return why_set(why, errno, "pipe: %s", strerror(errno));
	/* What is not written yet would be written twice. */
	fflush(NULL);
	pid = fork();
	if (!pid) {
		close(ends[0]);
		runner_enter(ends[1], parent, run, arg);
	}
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return why_set(why, errno, "fork: %s", strerror(errno));
	}
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	*out = (struct runner){.pid = pid, .events = ends[0], .began = clock_monotonic()};
	return 0;
}

bool runner_hear(struct runner *runner)
{
	char chunk[65536];

	while (runner->events >= 0) {
		ssize_t n = read(runner->events, chunk, sizeof(chunk));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return true;
		if (n <= 0) {
			close(runner->events);
			runner->events = -1;
			break;
		}
		if (runner->heard.len < HEARD_MAX) {
			buffer_put(&runner->heard, chunk, (size_t)n);
		} else if (!runner->broken) {
			runner->broken = true;
			why_set(&runner->why, EPROTO, "more than %zu MiB of events",
				HEARD_MAX >> 20);
		}
	}
	return false;
}

static void end_take(struct runner *runner, const char *line)
{
	char *text;
	long status = strtol(line, &text, 10);

	runner->ended = true;
	runner->status = (int)status;
	if (status < 0)
		why_set(&runner->why, EPROTO, "%s", text + (*text == ' '));
}

static void line_take(struct runner *runner, const char *line, size_t len,
		      struct reporter *reporter)
{
	struct event_storage storage = {.json = NULL};
	struct event event;

	if (*line == END) {
		end_take(runner, line + 1);
		return;
	}
	if (event_read(line, len, &event, &storage, &runner->why)) {
		runner->broken = true;
		return;
	}
	if (event.kind == EVENT_RUN)
		runner->virtual_time = event.run.machine != NULL;
	if (runner->virtual_time)
		event.wall = clock_monotonic() - runner->began;
	reporter_event(reporter, &event);
	event_storage_free(&storage);
}

void runner_report(struct runner *runner, struct reporter *reporter)
{
	size_t taken = 0;

	while (taken < runner->heard.len) {
		char *line = runner->heard.at + taken;
		char *end = memchr(line, '\n', runner->heard.len - taken);

		if (!end)
			break;
		*end = '\0';
		line_take(runner, line, (size_t)(end - line), reporter);
		taken = (size_t)(end + 1 - runner->heard.at);
	}
	buffer_drop(&runner->heard, taken);
}

int runner_end(struct runner *runner)
{
	int status = 0;

	while (runner->pid && waitpid(runner->pid, &status, 0) < 0 && errno == EINTR)
		;
	runner->pid = 0;
	if (!runner->ended || runner->broken || runner->heard.failed) {
		if (runner->broken)
			log_warn("a run's process told what is no event: %s", runner->why.text);
		else if (WIFSIGNALED(status))
			log_warn("a run's process was ended by signal %d (%s)", WTERMSIG(status),
				 strsignal(WTERMSIG(status)));
		else
			log_warn("a run's process did not tell how its run ended");
		runner->status = EXIT_HARNESS;
	}
	buffer_free(&runner->heard);
	return runner->status;
}
