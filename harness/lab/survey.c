/*
 * Which pins a new namespace holds already: they need no writing in each lab. It is asked, once a
 * run, in a namespace of a process of its own.
 */
#include "lab/plumbing.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The DUT's own interface is not there in an empty namespace. */
static bool is_held(const struct lab_sysctl *pin)
{
	char value[256];

	return !strstr(pin->name, "." LAB_DUT_INTERFACE ".") &&
	       !lab_sysctl_read(pin->name, value, sizeof(value), NULL) &&
	       !strcmp(value, pin->value);
}

static _Noreturn void survey_enter(int out)
{
	struct lab_survey survey = {.held = {false}};

	if (unshare(CLONE_NEWNET))
		_exit(1);
	for (size_t i = 0; i < LAB_PINS_MAX && lab_pins[i].name; i++)
		survey.held[i] = is_held(&lab_pins[i]);
	_exit(write(out, &survey, sizeof(survey)) == (ssize_t)sizeof(survey) ? 0 : 1);
}

int lab_survey(struct lab_survey *out, struct why *why)
{
	struct lab_survey survey;
	int pair[2], r = 0;
	ssize_t n;
	pid_t pid;

	if (pipe2(pair, O_CLOEXEC))
		return why_set(why, errno, "pipe: %s", strerror(errno));
	pid = fork();
	if (!pid)
		survey_enter(pair[1]);
	close(pair[1]);
	if (pid < 0) {
		r = why_set(why, errno, "fork: %s", strerror(errno));
		goto out;
	}
	do
		n = read(pair[0], &survey, sizeof(survey));
	while (n < 0 && errno == EINTR);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (n == (ssize_t)sizeof(survey))
		*out = survey;
	else
		r = why_set(why, EIO, "a new network namespace could not be looked at");
out:
	close(pair[0]);
	return r;
}
