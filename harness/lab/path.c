/*
 * The path to a target, before it is blamed for anything: does it answer, do segments arrive as
 * they were sent, how long does it take?
 */
#include "lab/inside.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROBES 6
#define TRIES 3 /* of a first SYN, before nobody is there */
#define PATIENCE sec(1)
#define CHECK_TIME sec(20)

/* What the process of the check says at its end. */
struct verdict_told {
	int error;
	struct why why;
	struct lab_path path;
};

struct check {
	int fd;
	struct verdict_told told;
	char stray[160]; /* an ICMP error that came instead of an answer */
	struct lab *lab;
	struct peer *awaited;
	uint8_t ttl[2]; /* of what answers for the open port, and for the closed one */
};

static _Noreturn void check_end(struct check *check, int error)
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

static bool is_answered(void *arg)
{
	const struct check *check = arg;

	return peer_waits(check->awaited);
}

static struct peer *probe_send(struct check *check, uint16_t to, uint32_t tsval)
{
	struct peer *p = lab_dial(check->lab, &(struct dialing){.to = to});

	peer_inject(p, &(struct segment){.flags = SYN,
		.options = {opt_mss(check->lab->net.family == 4 ? 1460 : 1440),
			    opt_sack_permitted(), opt_timestamps(tsval, 0), opt_nop(),
			    opt_wscale(7)}});
	return p;
}

/* The answer to a probe, or NULL. */
static const struct heard *probe_answer(struct check *check, struct peer *p, nanos deadline)
{
	struct exchange *x = lab_exchange(check->lab);

	check->awaited = p;
	check->told.path.sent++;
	if (!exchange_wait(x, is_answered, check, deadline, "an answer"))
		return NULL;
	check->told.path.answered++;
	return peer_next(p);
}

static void rtt_take(struct check *check, struct peer *p, const struct heard *got, int rung)
{
	struct lab_path *path = &check->told.path;
	nanos rtt = got->time - rung_time(p, rung);

	if (rtt < 0)
		rtt = 0;
	path->rtt = !path->rtt || rtt < path->rtt ? rtt : path->rtt;
	path->rtt_worst = rtt > path->rtt_worst ? rtt : path->rtt_worst;
}

/* Answers to a SYN whose acknowledgement or timestamp is not ours went through other hands. */
static void answer_judge(struct check *check, const struct heard *got, uint16_t port,
			 uint32_t tsval)
{
	struct why *why = &check->told.why;

	if (got->flags & ACK && got->ack != 1)
		check_end(check,
			  why_set(why, EPROTO,
				  "something on the path changes sequence numbers: port %u "
				  "acknowledges %u of a SYN, not 1", port, got->ack));
	if (got->flags & SYN && got->options.kinds & WITHOUT(OPTION_TIMESTAMPS) &&
	    got->options.tsecr != tsval)
		check_end(check,
			  why_set(why, EPROTO,
				  "something on the path changes timestamps: port %u echoes %u, "
				  "not %u", port, got->options.tsecr, tsval));
	if (got->reserved)
		check_end(check,
			  why_set(why, EPROTO,
				  "something on the path sets reserved bits: port %u answers "
				  "with %#x", port, got->reserved));
}

static void answer_must_be(struct check *check, const struct heard *got, uint16_t port, bool open)
{
	char flags[FLAGS_TEXT_MAX];
	struct why *why = &check->told.why;

	if (open ? (got->flags & (SYN | ACK | RST)) == (SYN | ACK) : (got->flags & RST) != 0)
		return;
	if (open && got->flags & RST)
		check_end(check, why_set(why, EPROTO, "port %u is closed: a SYN gets RST", port));
	if (!open && got->flags & SYN)
		check_end(check, why_set(why, EPROTO,
					 "--closed-port %u is open: a SYN gets SYN-ACK", port));
	check_end(check, why_set(why, EPROTO, "port %u answers a SYN by flags %s", port,
				 flags_text(got->flags, flags)));
}

/* The first answer, which may take some tries; what is lost here is not counted. */
static void first_await(struct check *check, uint16_t port, bool open)
{
	struct why *why = &check->told.why;
	const struct lab_path before = check->told.path;
	char words[ADDRESS_TEXT_MAX];

	for (int i = 0; i < TRIES; i++) {
		struct peer *p = probe_send(check, port, 1);
		const struct heard *got = probe_answer(check, p, clock_monotonic() + PATIENCE);

		check->told.path = before;
		if (!got)
			continue;
		answer_must_be(check, got, port, open);
		return;
	}
	address_text(&check->lab->net.dut_address, words);
	check_end(check, why_set(why, EHOSTUNREACH,
				 "%s%s %u of %s does not answer a SYN (%d tries in %d s)%s",
				 open ? "" : "--closed-", "port", port, words, TRIES,
				 (int)(TRIES * PATIENCE / sec(1)), check->stray));
}

static void port_check(struct check *check, uint16_t port, bool open)
{
	struct peer *probes[PROBES];
	int sent[PROBES];
	nanos deadline;

	if (!port)
		return;
	first_await(check, port, open);
	for (int i = 0; i < PROBES; i++) {
		probes[i] = probe_send(check, port, 1000 + (uint32_t)i);
		sent[i] = peer_last_rung(probes[i]);
	}
	deadline = clock_monotonic() + PATIENCE;
	for (int i = 0; i < PROBES; i++) {
		const struct heard *got = probe_answer(check, probes[i], deadline);

		if (!got)
			continue;
		answer_must_be(check, got, port, open);
		answer_judge(check, got, port, 1000 + (uint32_t)i);
		rtt_take(check, probes[i], got, sent[i]);
		check->told.path.timestamps |= got->options.kinds & WITHOUT(OPTION_TIMESTAMPS);
		check->told.path.scale |= got->options.kinds & WITHOUT(OPTION_WSCALE);
		check->ttl[open] = got->ttl;
	}
}

static _Noreturn void check_run(const struct lab_target *target, int fd)
{
	struct check check = {.fd = fd};
	struct lab_target own = *target;
	struct lab_config config = {.family = target->link->target.family,
				    .seed = (uint64_t)clock_realtime(),
				    .time_scale = 1,
				    .target = &own,
				    .no_doubt = true,
				    .observer = {.arg = &check,
						 .rung = check_rung,
						 .waiting = check_waiting,
						 .verdict = check_verdict,
						 .idle = check_idle}};
	int r;

	own.agent = NULL;
	own.port_low = target->check_low;
	own.port_high = target->check_high;
	r = lab_open(&check.lab, &config, &check.told.why);
	if (r)
		check_end(&check, r);
	port_check(&check, target->port, true);
	port_check(&check, target->closed_port, false);
	check_end(&check, 0);
}

int lab_path_check(struct lab_path *out, const struct lab_target *target, struct why *why)
{
	struct verdict_told told;
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
