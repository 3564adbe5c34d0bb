/*
 * What the DUT says of itself: options, states, queues, sysctls, counters.
 */
#include "lab/inside.h"
#include "match/match.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The verb and the struct share a name. */
#undef dut_info

#define STATE_WAIT sec(1)

void (dut_set_socket_option)(struct lab *lab, int socket, int level, int name, int value)
{
	struct agent_reply reply = call(lab, &(struct agent_request){.verb = AGENT_SETSOCKOPT,
		.socket = socket, .level = level, .name = name, .value = value}, "setsockopt()");

	if (reply.error)
		exchange_end(lab->exchange, VERDICT_ERROR, "setsockopt(%d, %d, %d): %s", level,
			     name, value, error_name(reply.error));
}

void (dut_set_option)(struct peer *p, int level, int name, int value)
{
	(dut_set_socket_option)(lab_of(p), peer_socket(p), level, name, value);
}

int (dut_get_option)(struct peer *p, int level, int name)
{
	struct lab *lab = lab_of(p);
	struct agent_reply reply = call(lab, &(struct agent_request){.verb = AGENT_GETSOCKOPT,
		.socket = peer_socket(p), .level = level, .name = name}, "getsockopt()");

	if (reply.error)
		exchange_end(lab->exchange, VERDICT_ERROR, "getsockopt(%d, %d): %s", level, name,
			     error_name(reply.error));
	return (int)reply.number;
}

/* A rehearsal's DUT: what a fresh connection on a short path says of itself. */
static const struct dut_info info_rehearsed = {
	.state = ESTABLISHED, .rto = ms(200), .rtt = us(100), .snd_mss = 1460, .rcv_mss = 536,
	.snd_cwnd = 10,
};

struct dut_info (dut_info)(struct peer *p)
{
	struct lab *lab = lab_of(p);
	struct agent_reply reply = call(lab, &(struct agent_request){.verb = AGENT_INFO,
		.socket = peer_socket(p)}, "getsockopt(TCP_INFO)");

	if (exchange_rehearsal(lab->exchange))
		return info_rehearsed;
	if (reply.error)
		exchange_end(lab->exchange, VERDICT_ERROR, "getsockopt(TCP_INFO): %s",
			     error_name(reply.error));
	return reply.info;
}

/* The intervals of one case may take so much together. */
#define INTERVALS_LIMIT sec(12)

nanos (dut_timeout)(struct peer *p, nanos most)
{
	nanos rto = (dut_info)(p).rto;
	char is_[NANOS_TEXT_MAX], most_[NANOS_TEXT_MAX];

	if (rto > most)
		exchange_end(lab_of(p)->exchange, VERDICT_SKIP,
			     "its first timeout is %s, and the claim needs one of at most %s",
			     nanos_text(rto, is_), nanos_text(most, most_));
	return rto;
}

struct window dut_within_timeout(nanos rto)
{
	return within(rto * 9 / 8 + ms(10) > sec(1) ? rto * 9 / 8 + ms(10) : sec(1));
}

int dut_intervals(nanos first, int n)
{
	nanos sum = 0;
	int fit = 0;

	for (; fit < n && sum + first <= INTERVALS_LIMIT; fit++, first *= 2)
		sum += first;
	return fit;
}

static struct agent_reply state_call(struct peer *p, enum agent_verb verb, enum state state,
				     nanos wait)
{
	struct lab *lab = lab_of(p);
	struct agent_reply reply;
	char what[48];

	snprintf(what, sizeof(what), "state %s", state_name(state));
	reply = call(lab, &(struct agent_request){.verb = verb, .family = lab->net.family,
		.local = *peer_dut_address(p), .local_port = peer_dut_port(p),
		.remote = lab->net.peer_address, .remote_port = peer_port(p),
		.state = state, .wait = wait < 0 ? 0 : wait}, what);
	if (exchange_rehearsal(lab->exchange))
		reply.state = state;
	else if (reply.error && reply.error != ETIMEDOUT)
		exchange_end(lab->exchange, VERDICT_ERROR, "sock_diag: %s",
			     error_name(reply.error));
	return reply;
}

static void state_judge(struct peer *p, const struct agent_reply *reply, enum state want_state,
			bool good, const char *want)
{
	struct lab *lab = lab_of(p);
	char words[64];

	snprintf(words, sizeof(words), "state %s", state_name(reply->state));
	if (!good && want_state == SYN_RECEIVED && reply->state == CLOSED)
		(dut_keeps_syns)(p);
	exchange_rung(lab->exchange, p, RUNG_STATE, reply->ended, false, !good, words, want);
	if (!good && reply->state != want_state)
		exchange_break(lab->exchange, "want %s, got %s", want, words);
	if (!good)
		exchange_break(lab->exchange, "%s was seen at the wrong time: want %s", words,
			       want);
}

/* Without an agent the state is not seen; but a DUT that keeps no SYNs has no SYN-RECEIVED. */
static bool is_unseen(struct peer *p, enum state state)
{
	if (!lab_blind(lab_of(p)))
		return false;
	if (state == SYN_RECEIVED)
		(dut_keeps_syns)(p);
	return true;
}

nanos (dut_expect_state)(struct peer *p, enum state state)
{
	struct agent_reply reply;
	char want[64];

	if (is_unseen(p, state))
		return exchange_now(lab_of(p)->exchange);
	reply = state_call(p, AGENT_STATE_WAIT, state, STATE_WAIT);
	snprintf(want, sizeof(want), "state %s", state_name(state));
	state_judge(p, &reply, state, reply.state == state, want);
	return reply.ended;
}

void (dut_premise_state)(struct peer *p, enum requirement_id rule, enum state state,
			 enum state instead)
{
	struct agent_reply reply;
	char want[96];

	if (is_unseen(p, state))
		return;
	reply = state_call(p, AGENT_STATE_WAIT, state, STATE_WAIT);
	snprintf(want, sizeof(want), "state %s (%s)", state_name(state),
		 requirement_get(rule)->name);
	if (reply.state == instead && state != instead) {
		exchange_rung(lab_of(p)->exchange, p, RUNG_STATE, reply.ended, false,
			      requirement_get(rule)->level != LEVEL_MAY, state_name(instead), want);
		exchange_break_premise(lab_of(p)->exchange, rule, "want state %s, got state %s",
				       state_name(state), state_name(instead));
	}
	state_judge(p, &reply, state, reply.state == state, want);
}

/*
 * Where nobody tells the state, time goes on to a point after a rung; in a rehearsal its own clock
 * does. Returns that clock.
 */
static nanos time_passes(struct peer *p, int since, nanos duration)
{
	(peer_wait_until)(p, since, duration);
	return exchange_now(lab_of(p)->exchange);
}

nanos (dut_expect_state_when)(struct peer *p, enum state state, int since, struct window when)
{
	struct lab *lab = lab_of(p);
	struct window window = exchange_window(lab->exchange, when);
	nanos anchor = peer_anchor(p, since);
	nanos wait = anchor + window.to - clock_realtime() + ms(50);
	struct agent_reply reply;
	struct match_report report = {.text = ""};
	char want[sizeof(report.text) + 160], words[WINDOW_TEXT_MAX];
	bool good;

	if (is_unseen(p, state))
		return time_passes(p, since, window.to);
	reply = state_call(p, AGENT_STATE_WAIT, state, wait);
	good = exchange_rehearsal(lab->exchange) ||
	       (reply.state == state && match_time(window, reply.ended - anchor, &report));
	snprintf(want, sizeof(want), "state %s %s%s%s", state_name(state),
		 window_text(window, words), report.text[0] ? "; " : "", report.text);
	if (exchange_rehearsal(lab->exchange))
		reply.ended = time_passes(p, since, window.nominal);
	state_judge(p, &reply, state, good, want);
	return reply.ended;
}

enum state (dut_state)(struct peer *p)
{
	struct agent_reply reply = state_call(p, AGENT_STATE, CLOSED, 0);

	exchange_rung(lab_of(p)->exchange, p, RUNG_STATE, reply.ended, false, false,
		      state_name(reply.state), NULL);
	return reply.state;
}

void (dut_expect_state_until)(struct peer *p, enum state state, int since, nanos duration)
{
	nanos until = peer_anchor(p, since) + duration;
	struct agent_reply reply;
	char want[96], words[NANOS_TEXT_MAX];

	if (is_unseen(p, state)) {
		time_passes(p, since, duration);
		return;
	}
	reply = state_call(p, AGENT_STATE_HOLD, state, until - clock_realtime());
	snprintf(want, sizeof(want), "state %s held for %s", state_name(state),
		 nanos_text(duration, words));
	if (exchange_rehearsal(lab_of(p)->exchange))
		reply.ended = time_passes(p, since, duration);
	/* A state that the DUT left minutes too early was not ended by our own lateness. */
	if (reply.state != state)
		exchange_off_by(lab_of(p)->exchange, until - reply.ended);
	state_judge(p, &reply, state, reply.state == state, want);
}

void (dut_expect_listening)(struct lab *lab)
{
	struct agent_reply reply;
	bool good;

	if (lab_blind(lab))
		return;
	(dut_listener)(lab);
	reply = call(lab, &(struct agent_request){.verb = AGENT_STATE_WAIT,
		.family = lab->net.family, .local = lab->net.dut_address,
		.local_port = lab->listener_port, .remote = lab->net.peer_address,
		.state = LISTEN, .wait = STATE_WAIT}, "state LISTEN");
	if (exchange_rehearsal(lab->exchange))
		reply.state = LISTEN;
	good = reply.state == LISTEN;
	exchange_rung(lab->exchange, NULL, RUNG_STATE, reply.ended, false, !good,
		      good ? "state LISTEN" : "no listener", "state LISTEN");
	if (!good)
		exchange_break(lab->exchange, "the listener is not in LISTEN");
}

void (dut_expect_queue)(struct lab *lab, int listener, unsigned n)
{
	struct agent_reply reply;
	char words[64], want[64];
	bool good;

	if (lab_blind(lab))
		return;
	if (listener != lab->listener)
		exchange_end(lab->exchange, VERDICT_ERROR,
			     "only the lab's own listener's queue is known");
	reply = call(lab, &(struct agent_request){.verb = AGENT_QUEUE_WAIT,
		.family = lab->net.family, .local = lab->net.dut_address,
		.local_port = lab->listener_port, .size = n, .wait = STATE_WAIT}, "accept queue");
	if (exchange_rehearsal(lab->exchange))
		reply.number = (int64_t)n;
	good = !reply.error && reply.number == (int64_t)n;
	snprintf(words, sizeof(words), "accept queue holds %lld", (long long)reply.number);
	snprintf(want, sizeof(want), "accept queue holds %u", n);
	exchange_rung(lab->exchange, NULL, RUNG_STATE, reply.ended, false, !good, words, want);
	if (!good)
		exchange_break(lab->exchange, "want %s, got %s", want, words);
}

void (dut_sysctl)(struct lab *lab, const char *name, long value)
{
	long without;
	struct agent_reply reply = call(lab, &(struct agent_request){.verb = AGENT_SYSCTL_SET,
		.text = name, .number = value}, "sysctl");

	if (reply.error == ENOENT && lab_sysctl_without(name, &without) && without == value)
		reply.error = 0;
	if (reply.error == EPERM && lab->config.target) {
		/* Without leave to set it: it may be so already. */
		if ((dut_sysctl_get)(lab, name) != value)
			exchange_end(lab->exchange, VERDICT_SKIP,
				     "needs leave to set %s (lastack agent --allow-sysctl)", name);
		reply.error = 0;
	}
	if (reply.error == EBUSY && lab->config.target)
		exchange_end(lab->exchange, VERDICT_INCONCLUSIVE, "another run has set %s", name);
	if (reply.error == ENOENT)
		exchange_end(lab->exchange, VERDICT_SKIP, "this kernel has no %s", name);
	if (reply.error)
		exchange_end(lab->exchange, VERDICT_ERROR, "%s=%ld: %s", name, value,
			     error_name(reply.error));
	lab_rung(lab, NULL, false, reply.began, "sysctl %s=%ld", name, value);
}

/* A rehearsal asks the pins. */
static long sysctl_pinned(const char *name)
{
	for (const struct lab_sysctl *pin = lab_pins; pin->name; pin++)
		if (!strcmp(pin->name, name))
			return strtol(pin->value, NULL, 10);
	return 0;
}

long (dut_sysctl_get)(struct lab *lab, const char *name)
{
	long without;
	struct agent_reply reply = call(lab, &(struct agent_request){.verb = AGENT_SYSCTL_GET,
		.text = name}, "sysctl");

	if (exchange_rehearsal(lab->exchange))
		return sysctl_pinned(name);
	if (reply.error == ENOENT && lab_sysctl_without(name, &without))
		return without;
	if (reply.error == ENOENT)
		exchange_end(lab->exchange, VERDICT_SKIP, "this kernel has no %s", name);
	if (reply.error)
		exchange_end(lab->exchange, VERDICT_ERROR, "%s: %s", name, error_name(reply.error));
	return (long)reply.number;
}

int64_t (dut_counter)(struct lab *lab, const char *name)
{
	struct agent_reply reply = call(lab, &(struct agent_request){.verb = AGENT_COUNTER,
		.text = name}, "counter");

	if (reply.error)
		exchange_end(lab->exchange, VERDICT_SKIP, "this kernel has no counter %s", name);
	return reply.number;
}
