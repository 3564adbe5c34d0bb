#include "stack/inside.h"
#include "stack/ports.h"
#include "target/target.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A peer's address that nobody else has can use all of its ports. */
#define PORT_LOW 1024
#define PORT_HIGH 65535

const char *const stack_names[] = {"lwip", "slirp", "gvisor", NULL};
static int (*const starts[])(struct started *out, struct why *why) = {lwip_start, slirp_start,
								      gvisor_start};

struct stack {
	int (*start)(struct started *out, struct why *why);
	unsigned over;
	struct run_target run;
	char label[64], words[256], slow_way[64];
};

/* One that was started, and the way to it over one family. */
struct way {
	struct started started;
	struct link link;
	struct link_keeper *keeper;
};

/* The MAC of frames from the peer; its kernel's own would take them for its own business. */
static const struct mac peer_mac = {{0x02, 0x00, 0x00, 0x00, 0x00, 0x01}};

static int place_of(uint8_t family)
{
	return family == 6;
}

static int way_open(struct way *way, uint8_t family, struct why *why)
{
	const struct started *started = &way->started;
	const int i = place_of(family);
	int r;

	way->link = (struct link){.target = started->address[i],
				  .source = started->peer[i],
				  .own = started->peer[i],
				  .next = started->address[i],
				  .ifindex = (int)if_nametoindex(started->interface),
				  .mtu = 1500,
				  .own_mac = peer_mac,
				  .next_mac = started->mac[i],
				  .foreign_mac = true,
				  .port_low = PORT_LOW,
				  .port_high = PORT_HIGH};
	memcpy(way->link.interface, started->interface, sizeof(way->link.interface));
	r = link_open(&way->link, why);
	return r ? r : link_keep(&way->keeper, &way->link, why);
}

/* In a case's process, with whose end the stack ends too. */
static int stack_make(struct lab_target *target, uint8_t family, void *arg, struct why *why)
{
	const struct stack *stack = arg;
	struct way *way = calloc(1, sizeof(*way));
	int r = way ? (stack->start)(&way->started, why) : why_set(why, ENOMEM, "out of memory");

	if (!r)
		r = way_open(way, family, why);
	if (r)
		return r;
	target->link = &way->link;
	target->keeper = way->keeper;
	target->started = true;
	return 0;
}

static int family_check(struct stack *stack, struct way *way, uint8_t family, struct why *why)
{
	struct run_target *run = &stack->run;
	struct lab_target lab = run->lab;
	struct path_facts path = {.sent = 0};
	size_t n = strlen(stack->words);
	char words[ADDRESS_TEXT_MAX];
	int r = way_open(way, family, why);

	if (r)
		return r;
	lab.link = &way->link;
	lab.keeper = way->keeper;
	run_target_check_ports(&lab, PORT_LOW, PORT_HIGH);
	r = path_measure(&path, &lab, why);
	link_keeper_free(way->keeper);
	way->keeper = NULL;
	if (r)
		return r;
	if (path.rtt_worst > run->lab.rtt)
		run->lab.rtt = path.rtt_worst;
	run->timestamps |= (path.kinds & WITHOUT(OPTION_TIMESTAMPS)) != 0;
	run->scale |= (path.kinds & WITHOUT(OPTION_WSCALE)) != 0;
	snprintf(stack->words + n, sizeof(stack->words) - n, "%s %s (round trip %.3f ms)",
		 stack->over ? "," : " at", address_text(&way->link.target, words),
		 (double)path.rtt_least / 1e6);
	stack->over |= family == 4 ? IPV4 : IPV6;
	return 0;
}

/* One is started to see what it is like. */
static int stack_check(struct stack *stack, const char *name, unsigned over, struct why *why)
{
	static const uint8_t families[] = {4, 6};
	struct way way = {.keeper = NULL};
	int r = (stack->start)(&way.started, why);

	if (r)
		goto out;
	strcpy(stack->label, way.started.version);
	strcpy(stack->words, way.started.version);
	for (size_t i = 0; i < 2 && !r; i++)
		if (way.started.address[i].family && (!over || over & (i ? IPV6 : IPV4)))
			r = family_check(stack, &way, families[i], why);
	if (!r && !stack->over)
		r = why_set(why, EAFNOSUPPORT, "--stack %s: started here, it has no IPv%d", name,
			    over & IPV6 ? 6 : 4);
out:
	program_end(&way.started.running);
	return r;
}

int stack_open(struct stack **out, const char *name, unsigned over, struct why *why)
{
	struct stack *stack = calloc(1, sizeof(*stack));
	int which = 0, r;

	if (!stack)
		return why_set(why, ENOMEM, "out of memory");
	while (stack_names[which] && strcmp(stack_names[which], name))
		which++;
	stack->start = stack_names[which] ? starts[which] : NULL;
	stack->run = (struct run_target){
		.lab = {.port = PORT_SILENT, .closed_port = PORT_CLOSED, .service = LAB_SILENT,
			/* A path in memory, and queues that are nobody else's. */
			.sure = true},
		.make = stack_make,
		.make_arg = stack,
		.services = {[LAB_SILENT] = PORT_SILENT, [LAB_ECHO] = PORT_ECHO,
			     [LAB_DISCARD] = PORT_DISCARD, [LAB_GREET] = PORT_GREET,
			     [LAB_HTTP] = PORT_HTTP},
		.label = stack->label,
		.port_low = PORT_LOW,
		.port_high = PORT_HIGH,
		.intrusive = true,
		.no_linux = true};
	/* Whether runsc works in a user-mode kernel is not known. */
	if (stack->start && stack->start != gvisor_start) {
		snprintf(stack->slow_way, sizeof(stack->slow_way),
			 "--stack %s --kernel uml runs them", name);
		stack->run.slow_way = stack->slow_way;
	}
	r = stack->start ? lab_become_root(why)
			 : why_set(why, EINVAL, "no stack is called '%s'", name);
	if (!r)
		r = stack_check(stack, name, over, why);
	if (r)
		stack_free(stack);
	else
		*out = stack;
	return r;
}

const struct run_target *stack_target(const struct stack *stack)
{
	return &stack->run;
}

unsigned stack_over(const struct stack *stack)
{
	return stack->over;
}

const char *stack_words(const struct stack *stack)
{
	return stack->words;
}

void stack_free(struct stack *stack)
{
	free(stack);
}

int stack_serve(struct why *why)
{
	int r = services_start(why);

	if (!r && (puts("ready") < 0 || fflush(stdout)))
		r = why_set(why, EIO, "nobody hears that it is ready");
	if (r)
		return r;
	for (;;)
		pause();
}
