/*
 * The lab: the world of one case, built once in a process and left to that process's end.
 */
#include "lab/inside.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AGENT_START_MS 20000
/*
 * The capture's ring. Where idle time is skipped, no reader is ever late, since the clock stands
 * still while it works; and libpcap reads a page of each frame, which such kernels make dear.
 */
#define RING_BYTES (1 << 20)
#define RING_BYTES_FLOOD (4 << 20)
#define RING_BYTES_SKIPPED (256 << 10)
#define RING_BYTES_FLOOD_SKIPPED (1 << 20)

struct lab *lab_of(const struct peer *p)
{
	return exchange_owner(peer_exchange(p));
}

static int lab_prepare_dut(void *arg, struct why *why)
{
	return lab_net_prepare_dut(arg, why);
}

int lab_ring_bytes(const struct lab_config *config)
{
	if (config->idle_skipped)
		return config->flood ? RING_BYTES_FLOOD_SKIPPED : RING_BYTES_SKIPPED;
	return config->flood ? RING_BYTES_FLOOD : RING_BYTES;
}

/* The wire hears what our peer's address says and is told, and TCP between whomever. */
static int lab_open_wire(struct lab *lab, struct why *why)
{
	char address[ADDRESS_TEXT_MAX], filter[96];
	const char *peer = address_text(&lab->net.peer_address, address);
	struct wire_config config = {
		.interface = lab->net.peer_interface,
		.mac = lab->net.peer_mac,
		.filter = filter,
		.buffer_bytes = lab_ring_bytes(&lab->config),
		.capture_path = lab->config.capture_path,
		.brief = lab->config.brief,
		.filter_here = lab->config.idle_skipped,
	};

	snprintf(filter, sizeof(filter), "host %s or tcp", peer);
	return wire_open(&lab->wire, &config, why);
}

/* The agent's process has prepared the DUT's side when its first reply is there. */
static int lab_await_agent(struct lab *lab, struct why *why)
{
	struct pollfd fd = {.fd = agent_fd(lab->agent), .events = POLLIN};
	struct agent_reply hello;
	int got;

	do {
		got = agent_next(lab->agent, &hello, why);
		if (got < 0)
			return got;
		if (got > 0)
			return hello.error ? why_set(why, hello.error, "%s", hello.why) : 0;
		fd.revents = 0;
		got = poll(&fd, 1, AGENT_START_MS);
	} while (got > 0 || (got < 0 && errno == EINTR));
	return why_set(why, ETIMEDOUT, "the agent did not start within %d s",
		       AGENT_START_MS / 1000);
}

static int lab_build(struct lab *lab, struct why *why)
{
	int error = lab_net_enter_dut(&lab->net, lab->config.family, why);

	lab->net.sysctls = lab->config.sysctls;
	lab->net.survey = lab->config.survey;
	if (!error)
		error = lab_net_connect(&lab->net, why);
	/* The DUT's side is set up in the agent's process while the capture starts in this one. */
	if (!error)
		error = agent_spawn(&lab->agent, lab_prepare_dut, &lab->net, why);
	if (!error)
		error = lab_open_wire(lab, why);
	if (!error)
		error = lab_await_agent(lab, why);
	return error;
}

int lab_open(struct lab **out, const struct lab_config *config, struct why *why)
{
	struct lab *lab = calloc(1, sizeof(*lab));
	struct exchange_config talk = {.observer = config->observer, .seed = config->seed,
		.time_scale = config->time_scale, .rehearsal = config->rehearsal};
	int error = 0;

	if (!lab)
		return why_set(why, ENOMEM, "out of memory");
	lab->config = *config;
	talk.owner = lab;
	if (config->rehearsal)
		lab->net = (struct lab_net){.family = config->family,
					    .peer_address.family = config->family,
					    .dut_address.family = config->family};
	else
		error = config->target ? target_open(lab, why) : lab_build(lab, why);
	if (error)
		return error;
	talk.wire = lab->wire;
	talk.peer_address = lab->net.peer_address;
	talk.dut_address = lab->net.dut_address;
	talk.peer_mac = lab->net.peer_mac;
	talk.dut_mac = lab->net.dut_mac;
	if (config->target && !config->rehearsal)
		talk.path = target_path(lab);
	talk.path.arg = lab;
	talk.path.cookies = path_cookies;
	talk.shared = config->target != NULL;
	error = exchange_new(&lab->exchange, &talk, why);
	if (error)
		return error;
	if (lab->agent)
		exchange_watch(lab->exchange, agent_fd(lab->agent), lab_hear_agent, lab);
	*out = lab;
	return 0;
}

int lab_audit(struct lab *lab, struct why *why)
{
	int r;

	if (lab->config.target)
		exchange_leave(lab->exchange);
	exchange_audit(lab->exchange);
	r = lab->wire ? wire_capture_end(lab->wire, why) : 0;
	/* What the case has done to a host is undone before the next one begins. */
	if (lab->config.target)
		agent_free(lab->agent);
	return r;
}

bool lab_blind(const struct lab *lab)
{
	return !lab->agent && !lab->config.rehearsal;
}

struct exchange *lab_exchange(struct lab *lab)
{
	return lab->exchange;
}

struct wire *lab_wire(struct lab *lab)
{
	return lab->wire;
}

const struct lab_net *lab_network(const struct lab *lab)
{
	return &lab->net;
}

void lab_set_liar(struct lab *lab, const struct liar *liar)
{
	lab->liar = liar;
	exchange_set_liar(lab->exchange, liar->frame, liar->arg);
}

struct lab *lab_at(struct lab *lab, int line)
{
	exchange_set_line(lab->exchange, line);
	return lab;
}

nanos dut_timer(const struct lab *lab, enum timer timer)
{
	return lab->config.timers[timer];
}

struct window dut_about(const struct lab *lab, nanos nominal)
{
	struct window window = about(nominal);

	window.from -= lab->config.timers[TIMER_TICK];
	return window;
}
