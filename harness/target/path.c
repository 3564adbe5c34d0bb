/*
 * The path to a target, before it is blamed for anything: does it answer, do segments arrive as
 * they were sent, how long does it take?
 */
#include "target/inside.h"
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

#define PROBES 24	/* to find out whether the path loses segments */
#define PROBES_CLOSED 6 /* a host may answer to no more than some at a time */
#define BATCH 4		/* half-open connections that any host has room for */
#define TRIES 3		/* of a first SYN, before nobody is there */
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

static bool is_answered(void *arg)
{
	const struct check *check = arg;

	return peer_waits(check->awaited);
}

size_t check_options(const struct check *check, uint32_t tsval, struct option out[OPTIONS_MAX])
{
	const uint16_t mss = lab_network(check->lab)->family == 4 ? 1460 : 1440;
	const struct option options[] = {opt_mss(mss),
					 opt_sack_permitted(), opt_timestamps(tsval, 0), opt_nop(),
					 opt_wscale(7)};

	memcpy(out, options, sizeof(options));
	return sizeof(options) / sizeof(options[0]);
}

struct peer *probe_send(struct check *check, uint16_t to, uint32_t tsval, unsigned ttl)
{
	struct peer *p = lab_dial(check->lab, &(struct dialing){.to = to, .use_isn = true,
		.isn = PROBE_ISN});
	struct segment syn = {.flags = SYN};

	check_options(check, tsval, syn.options);
	if (ttl)
		syn.ttl = is(ttl);
	peer_inject(p, &syn);
	return p;
}

const struct heard *probe_answer(struct check *check, struct peer *p, nanos deadline)
{
	struct exchange *x = lab_exchange(check->lab);

	check->awaited = p;
	if (deadline > check->deadline)
		deadline = check->deadline;
	return exchange_wait(x, is_answered, check, deadline, "an answer") ? peer_next(p) : NULL;
}

static void rtt_take(struct check *check, struct peer *p, const struct heard *got, int rung)
{
	struct path_facts *path = &check->told.path;
	nanos rtt = got->time - rung_time(p, rung);

	if (rtt <= 0)
		rtt = 1;
	path->rtt_least = !path->rtt_least || rtt < path->rtt_least ? rtt : path->rtt_least;
	path->rtt_worst = rtt > path->rtt_worst ? rtt : path->rtt_worst;
}

void answer_judge(struct check *check, const struct heard *got, uint16_t port, uint32_t ack,
		  uint32_t tsval)
{
	struct why *why = &check->told.why;

	if (got->flags & ACK && got->ack != ack)
		check_end(check,
			  why_set(why, EPROTO,
				  "something on the path changes sequence numbers: port %u "
				  "acknowledges %u, not %u", port, got->ack, ack));
	if (got->options.kinds & WITHOUT(OPTION_TIMESTAMPS) && got->options.tsecr != tsval)
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
	const struct link *link = check->target->link;
	struct why *why = &check->told.why;
	char words[ADDRESS_TEXT_MAX], source[ADDRESS_TEXT_MAX], next[ADDRESS_TEXT_MAX];

	for (int i = 0; i < TRIES; i++) {
		struct peer *p = probe_send(check, port, 1, 0);
		const struct heard *got = probe_answer(check, p, clock_monotonic() + PATIENCE);

		if (!got)
			continue;
		answer_must_be(check, got, port, open);
		return;
	}
	address_text(&lab_network(check->lab)->dut_address, words);
	address_text(&link->source, source);
	address_text(&link->next, next);
	check_end(check, why_set(why, EHOSTUNREACH,
				 "%s%s %u of %s does not answer a SYN sent on '%s' from %s%s%s "
				 "(%d tries in %d s)%s",
				 open ? "" : "--closed-", "port", port, words, link->interface,
				 source, link->routed ? " by the gateway " : "",
				 link->routed ? next : "", TRIES,
				 (int)(TRIES * PATIENCE / sec(1)), check->stray));
}

static void hops_take(struct check *check, bool open, uint8_t ttl)
{
	unsigned hops = hops_by(ttl);

	if (!check->hops[open].most || hops < check->hops[open].least)
		check->hops[open].least = hops;
	if (hops > check->hops[open].most)
		check->hops[open].most = hops;
}

/* Some SYNs at a time; what they leave half open is reset before the next ones. */
static void batch_send(struct check *check, uint16_t port, bool open)
{
	struct peer *probes[BATCH];
	int sent[BATCH];
	nanos deadline;

	for (uint32_t i = 0; i < BATCH; i++) {
		probes[i] = probe_send(check, port, 1000 + i, 0);
		sent[i] = peer_last_rung(probes[i]);
	}
	deadline = clock_monotonic() + PATIENCE;
	for (uint32_t i = 0; i < BATCH; i++) {
		const struct heard *got = probe_answer(check, probes[i], deadline);

		check->told.path.syns++;
		check->told.path.syns_lost += !got;
		if (!got)
			continue;
		answer_must_be(check, got, port, open);
		answer_judge(check, got, port, 1, 1000 + i);
		rtt_take(check, probes[i], got, sent[i]);
		hops_take(check, open, got->ttl);
		if (!open)
			continue;
		check->told.path.kinds = got->options.kinds;
		check->told.path.mss = got->options.mss;
	}
	exchange_leave(lab_exchange(check->lab));
}

static void port_check(struct check *check, uint16_t port, bool open, unsigned probes)
{
	if (!port)
		return;
	first_await(check, port, open);
	for (unsigned i = 0; i < probes && clock_monotonic() < check->deadline; i += BATCH)
		batch_send(check, port, open);
}

/* A host that is further away than what answers for one of its ports has somebody before it. */
static void hops_judge(struct check *check)
{
	const struct lab_target *target = check->target;

	if (!target->port || !target->closed_port ||
	    (check->hops[0].least <= check->hops[1].most &&
	     check->hops[1].least <= check->hops[0].most))
		return;
	check_end(check,
		  why_set(&check->told.why, EPROTO,
			  "something on the path answers in the target's place: port %u is %u "
			  "hops away, port %u %u", target->port, check->hops[1].least,
			  target->closed_port, check->hops[0].least));
}

static void check_all(struct check *check)
{
	const struct lab_target *target = check->target;

	/* Nobody stands between here and there. */
	if (target->sure) {
		port_check(check, target->port, true, BATCH);
		port_check(check, target->closed_port, false, BATCH);
		return;
	}
	port_check(check, target->port, true, PROBES);
	port_check(check, target->closed_port, false, PROBES_CLOSED);
	hops_judge(check);
	if (!target->port)
		return;
	check_quotes(check);
	check_connection(check);
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
