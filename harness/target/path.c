/*
 * The path to a target, before it is blamed for anything: does it answer, do segments arrive as
 * they were sent, how long does it take?
 */
#include "target/inside.h"
#include "target/process.h"
#include "target/sampler.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHECK_TIME sec(25)

_Noreturn void check_end(struct check *check, int error)
{
	check->told.error = error;
	if (check->lab)
		exchange_leave(lab_exchange(check->lab));
	_exit(write(check->fd, &check->told, sizeof(check->told)) < 0);
}

static void check_rung(void *arg, const struct rung *rung)
{
	struct check *check = arg;

	if (rung->kind == RUNG_STRAY)
		snprintf(check->stray, sizeof(check->stray), ": %s", rung->text);
}

static void check_waiting(void *arg, const char *what, nanos until)
{
	(void)arg;
	(void)what;
	(void)until;
}

static void check_idle(void *arg)
{
	(void)arg;
}

static void check_verdict(void *arg, bool broken, enum verdict verdict, int line,
			  const char *message) __attribute__((noreturn));
static void check_verdict(void *arg, bool broken, enum verdict verdict, int line,
			  const char *message)
{
	struct check *check = arg;

	(void)broken;
	(void)verdict;
	(void)line;
	check_end(check, why_set(&check->told.why, EIO, "%s", message));
}

static void check_all(struct check *check)
{
	check_ports(check);
	if (check->told.path.kind == PATH_OWN)
		return;
	check_distances(check);
	check_filter(check);
	if (!check->target->port)
		return;
	check_quotes(check);
	check_connection(check);
	check_translator(check);
	check_cookies(check);
	check_service(check);
}

static _Noreturn void check_run(const struct lab_target *target, int fd)
{
	struct check check = {.fd = fd, .deadline = clock_monotonic() + CHECK_TIME - 2 * PATIENCE};
	struct lab_target own = *target;
	struct lab_config config = {.family = target->link->target.family,
				    .seed = (uint64_t)clock_realtime(),
				    .time_scale = 1,
				    .target = &own,
				    .observer = {.arg = &check,
						 .rung = check_rung,
						 .waiting = check_waiting,
						 .verdict = check_verdict,
						 .idle = check_idle}};
	int r;

	own.agent = NULL;
	own.port_low = target->check_low;
	own.port_high = (uint16_t)(target->check_high - PATH_PORTS_CHECK - PATH_PORTS_MONITOR);
	check.target = &own;
	check.told.path.kind = path_kind_of(target);
	check.told.path.service = target->service;
	r = lab_open(&check.lab, &config, &check.told.why);
	if (r)
		check_end(&check, r);
	process_drop_capabilities();
	/* What cannot be read is for the cases to judge. */
	exchange_tolerate(lab_exchange(check.lab));
	check_all(&check);
	check_end(&check, 0);
}

static int ports_measure(struct path_facts *out, const struct lab_target *target, struct why *why)
{
	struct check_told told;
	struct pollfd ready = {.events = POLLIN};
	pid_t pid, parent = getpid();
	int pair[2], r = 0;

	if (pipe(pair))
		return why_set(why, errno, "pipe: %s", strerror(errno));
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		close(pair[0]);
		check_run(target, pair[1]);
	}
	close(pair[1]);
	ready.fd = pair[0];
	if (pid < 0)
		r = why_set(why, errno, "fork: %s", strerror(errno));
	else if (poll(&ready, 1, (int)(CHECK_TIME / ms(1))) <= 0 ||
		 read(pair[0], &told, sizeof(told)) != (ssize_t)sizeof(told))
		r = why_set(why, EIO, "the check of the path did not come to its end");
	else if (told.error)
		r = why_set(why, -told.error, "%s", told.why.text);
	else
		*out = told.path;
	close(pair[0]);
	if (pid > 0) {
		kill(pid, SIGKILL);
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	return r;
}

/* The ports' round trips are replaced by those of the samples, or behind a router added to them. */
static void samples_join(struct path_facts *facts, const struct path_facts *samples)
{
	struct path_facts joined = *facts;

	joined.by = samples->by;
	joined.sent = samples->sent;
	joined.lost = samples->lost;
	joined.duplicated = samples->duplicated;
	joined.reordered = samples->reordered;
	joined.rtt_least = samples->rtt_least;
	joined.rtt_worst = samples->rtt_worst;
	if (facts->kind == PATH_ROUTED) {
		joined.sent += facts->syns;
		joined.lost += facts->syns_lost;
		if (facts->rtt_least && facts->rtt_least < joined.rtt_least)
			joined.rtt_least = facts->rtt_least;
		if (facts->rtt_worst > joined.rtt_worst)
			joined.rtt_worst = facts->rtt_worst;
	}
	*facts = joined;
}

/* Nothing but SYNs is answered, or the DUT is a process of ours. */
static void syns_join(struct path_facts *facts)
{
	facts->by = PATH_SYN;
	facts->sent = facts->syns;
	facts->lost = facts->syns_lost;
}

int path_measure(struct path_facts *out, const struct lab_target *target, struct why *why)
{
	struct path_facts facts, samples;
	struct path_check *check = NULL;
	int r = 0, unanswered = -EHOSTUNREACH;

	if (path_kind_of(target) != PATH_OWN)
		r = path_check_begin(&check, target, why);
	if (r)
		return r;
	r = ports_measure(&facts, target, why);
	if (check)
		unanswered = r ? path_check_end(check, &samples, NULL)
			       : path_check_await(check, &samples, why);
	if (r || (unanswered && unanswered != -EHOSTUNREACH))
		return r ? r : unanswered;
	if (unanswered)
		syns_join(&facts);
	else
		samples_join(&facts, &samples);
	*out = facts;
	return 0;
}
