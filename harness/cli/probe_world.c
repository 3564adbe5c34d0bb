/*
 * Where a probe goes: a lab made for it, or a host.
 */
#include "cli/probe.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* Source ports: those that active openers use (RFC 6056 3.2), as far as Linux does. */
#define PORT_LOW 32768
#define PORT_HIGH 60999
/* Of a borrowed address: below those, where the kernel gives none out by itself. */
#define BORROWED_LOW 10000
#define BORROWED_HIGH (PORT_LOW - 1)
#define BORROWED_MOST 512 /* each is held by a socket */
#define BORROWED_TRIES 8
#define SOURCE_TRIES 16
#define RATE 1000 /* segments a second */
#define BACKLOG 4096
#define BRIEF 10   /* probes that a plain socket has room for in any case */
#define RUNGS_MOST 10000 /* of a conversation: each is kept until its end */
#define FLOOD 1000 /* probes that may all be under way */

static int lab_make(struct probe_world *world, struct lab_config *config, struct why *why)
{
	const struct probe_input *input = world->input;
	int r = lab_become_root(why);

	config->family = input->family ? input->family : 4;
	config->sysctls = input->sysctls;
	if (!r)
		r = lab_open(&world->lab, config, why);
	if (!r)
		lab_listen(world->lab,
			   &(struct listening){.port = input->lab_port, .backlog = BACKLOG});
	return r;
}

/*
 * A borrowed address has as many ports as there are probes under way, at a place by chance. The
 * keeper's start goes on while the wire is opened.
 */
static int keeper_start(struct probe_world *world, struct why *why)
{
	const struct probe_input *input = world->input;
	struct link *link = &world->link;
	unsigned ports = input->count < BORROWED_MOST ? input->count : BORROWED_MOST, chance;
	int r;

	if (link->borrowed && !input->source_port) {
		if (getrandom(&chance, sizeof(chance), 0) != (ssize_t)sizeof(chance))
			return why_set(why, EIO, "no random numbers");
		chance %= BORROWED_HIGH - BORROWED_LOW + 2 - ports;
		link->port_low = (uint16_t)(BORROWED_LOW + chance);
		link->port_high = (uint16_t)(link->port_low + ports - 1);
	}
	r = link_keep_start(&world->keeper, link, why);
	if (r)
		return r;
	link_set_rate(world->keeper, RATE);
	world->way = (struct lab_target){.link = link,
					 .keeper = world->keeper,
					 .port = input->target.port,
					 .port_low = link->port_low,
					 .port_high = link->port_high,
					 .everything = true};
	return 0;
}

/* Where somebody has a port, others are tried. */
static int keeper_await(struct probe_world *world, struct why *why)
{
	const bool again = world->link.borrowed && !world->input->source_port;
	int r = link_keep_await(world->keeper, why);

	for (int i = 1; i < BORROWED_TRIES && r == -EADDRINUSE && again; i++) {
		link_keeper_free(world->keeper);
		world->keeper = NULL;
		r = keeper_start(world, why);
		if (!r)
			r = link_keep_await(world->keeper, why);
	}
	return r;
}

static int host_reach(struct probe_world *world, struct lab_config *config, struct why *why)
{
	const struct probe_input *input = world->input;
	const struct link_wish wish = {
		.target = input->target.host,
		.family = input->family,
		.interface = input->interface,
		.source = input->source,
		.port_low = input->source_port ? input->source_port : PORT_LOW,
		.port_high = input->source_port ? input->source_port : PORT_HIGH,
		/* One segment may be meant for a connection that the local kernel has. */
		.shares = input->source_port && !input->handshake && !input->play.count,
		.hurry = true,
	};
	int r = link_find(&world->link, &wish, why);

	if (!r)
		r = keeper_start(world, why);
	if (r)
		return r;
	config->target = &world->way;
	config->family = world->link.target.family;
	r = lab_open(&world->lab, config, why);
	return r ? r : keeper_await(world, why);
}

/* Where somebody has the address that was chosen, another is. */
static int host_reach_some(struct probe_world *world, struct lab_config *config, struct why *why)
{
	int r = host_reach(world, config, why);

	for (int i = 1; i < SOURCE_TRIES && r == -EADDRINUSE && !world->input->source; i++) {
		link_keeper_free(world->keeper);
		world->keeper = NULL;
		/* Its capture, which the next one replaces; the rest is left to the end. */
		wire_capture_drop(lab_wire(world->lab));
		r = host_reach(world, config, why);
	}
	return r;
}

/* Readable where the user has had enough: -1 when that cannot be had. */
static int interrupts_open(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -1;
	return signalfd(-1, &set, SFD_CLOEXEC);
}

int probe_world_open(struct probe_world *world, struct why *why)
{
	const struct probe_input *input = world->input;
	struct lab_config config = {
		.seed = input->seed,
		.capture_path = input->capture,
		.time_scale = 1,
		.flood = input->count > FLOOD,
		.brief = input->count <= BRIEF,
		.observer = probe_observer(world),
	};
	char address[ADDRESS_TEXT_MAX];
	const struct lab_net *net;
	int r = input->lab_port ? lab_make(world, &config, why)
				: host_reach_some(world, &config, why);

	if (r)
		return r;
	net = lab_network(world->lab);
	address_text(&net->dut_address, address);
	snprintf(world->target, sizeof(world->target), net->family == 6 ? "[%s]:%u" : "%s:%u",
		 address, input->target.port);
	world->port_low = world->keeper ? world->link.port_low : PORT_LOW;
	world->port_high = world->keeper ? world->link.port_high : PORT_HIGH;
	if (input->absolute)
		exchange_set_absolute(lab_exchange(world->lab));
	exchange_set_limit(lab_exchange(world->lab), RUNGS_MOST);
	/* The capture has standard output by now: what is said goes where errors go. */
	if (input->capture && !strcmp(input->capture, "-"))
		dup2(STDERR_FILENO, STDOUT_FILENO);
	/* Until here a signal just ends the process. */
	world->interrupted = interrupts_open();
	return 0;
}

int probe_world_finish(struct probe_world *world, struct why *why)
{
	struct exchange *x = lab_exchange(world->lab);
	struct why second = {.text = ""};
	struct break_facts facts;
	char fault[200];
	int r = 0, late;

	exchange_audit(x);
	facts = exchange_facts(x);
	late = wire_capture_end(lab_wire(world->lab), &second);
	if (verdict_capture_fault(&facts, fault, sizeof(fault)))
		r = why_set(why, EIO, "%s", fault);
	if (!r && world->keeper && link_contested(world->keeper))
		r = why_set(why, EADDRINUSE,
			    "somebody else has the source address after all, and what came may "
			    "have been for him; another one by --source ADDR");
	if (wire_stamps_late(lab_wire(world->lab)))
		complain(0, "the kernel stamped what left when it was read: times may be off by "
			    "tens of microseconds, once");
	return r || !late ? r : why_set(why, -late, "%s", second.text);
}

struct peer *probe_peer(struct probe_world *world)
{
	struct peer *p = lab_dial(world->lab, &(struct dialing){.port = world->input->source_port,
								.to = world->input->target.port});

	world->port = peer_port(p);
	/* What it took to come here is nobody's lateness. */
	exchange_could(lab_exchange(world->lab), clock_realtime());
	return p;
}

int probe_interrupt_status(const struct probe_world *world)
{
	struct signalfd_siginfo info;

	if (read(world->interrupted, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return 130;
	return 128 + (int)info.ssi_signo;
}
