#include "stack/inside.h"
#include "stack/ports.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A peer's address that nobody else has can use all of its ports. */
#define PORT_LOW 1024
#define PORT_HIGH 65535

const char *const stack_names[] = {"lwip", "slirp", "gvisor", NULL};
static int (*const starts[])(struct started *out, struct why *why) = {lwip_start, slirp_start,
								      gvisor_start};

struct stack {
	struct started started;
	struct link links[2]; /* over IPv4 and IPv6; target.family 0: not over this one */
	struct link_keeper *keepers[2];
	struct lab_target labs[2];
	struct run_target run;
	char words[256];
};

/* The MAC of frames from the peer; its kernel's own would take them for its own business. */
static const struct mac peer_mac = {{0x02, 0x00, 0x00, 0x00, 0x00, 0x01}};

static int family_of(int i)
{
	return i ? 6 : 4;
}

static void link_fill(struct stack *stack, int i)
{
	const struct started *started = &stack->started;
	struct link *link = &stack->links[i];

	*link = (struct link){.target = started->address[i],
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
	memcpy(link->interface, started->interface, sizeof(link->interface));
}

/* Keep the peer's address, and ask the stack whether it is there. */
static int family_open(struct stack *stack, int i, struct lab_path *path, struct why *why)
{
	struct lab_target *lab = &stack->labs[i];
	int r;

	link_fill(stack, i);
	r = link_keep(&stack->keepers[i], &stack->links[i], why);
	if (r)
		return r;
	*lab = (struct lab_target){.link = &stack->links[i],
				   .keeper = stack->keepers[i],
				   .port = PORT_SILENT,
				   .closed_port = PORT_CLOSED,
				   .service = LAB_SILENT};
	run_target_check_ports(lab, PORT_LOW, PORT_HIGH);
	r = lab_path_check(path, lab, why);
	if (r)
		return r;
	lab->rtt = path->rtt_worst;
	stack->run.timestamps |= path->timestamps;
	stack->run.scale |= path->scale;
	return 0;
}

static int families_open(struct stack *stack, const char *name, unsigned over, struct why *why)
{
	struct lab_path path[2] = {{.sent = 0}};
	char words[ADDRESS_TEXT_MAX];
	int n, r = 0, opened = 0;

	n = snprintf(stack->words, sizeof(stack->words), "%s at", stack->started.version);
	for (int i = 0; i < 2 && !r; i++) {
		if (!stack->started.address[i].family || (over && !(over & (i ? IPV6 : IPV4))))
			continue;
		r = family_open(stack, i, &path[i], why);
		if (r)
			break;
		n += snprintf(stack->words + n, sizeof(stack->words) - (size_t)n,
			      "%s %s (round trip %.3f ms)", opened ? "," : "",
			      address_text(&stack->links[i].target, words),
			      (double)path[i].rtt / 1e6);
		opened++;
	}
	if (!r && !opened)
		r = why_set(why, EAFNOSUPPORT, "--stack %s: started here, it has no IPv%d", name,
			    family_of(over & IPV6 ? 1 : 0));
	return r;
}

static void run_fill(struct stack *stack)
{
	const bool v4 = stack->links[0].target.family;
	struct run_target *run = &stack->run;

	run->lab = stack->labs[v4 ? 0 : 1];
	run->lab6 = stack->links[1].target.family ? &stack->labs[1] : NULL;
	run->services[LAB_SILENT] = PORT_SILENT;
	run->services[LAB_ECHO] = PORT_ECHO;
	run->services[LAB_DISCARD] = PORT_DISCARD;
	run->services[LAB_GREET] = PORT_GREET;
	run->services[LAB_HTTP] = PORT_HTTP;
	run->label = stack->started.version;
	run->port_low = PORT_LOW;
	run->port_high = PORT_HIGH;
	/* Its queues are nobody else's. */
	run->intrusive = true;
	run->no_linux = true;
}

int stack_open(struct stack **out, const char *name, unsigned over, struct why *why)
{
	struct stack *stack = calloc(1, sizeof(*stack));
	int which = 0, r;

	if (!stack)
		return why_set(why, ENOMEM, "out of memory");
	while (stack_names[which] && strcmp(stack_names[which], name))
		which++;
	r = stack_names[which] ? lab_become_root(why)
			       : why_set(why, EINVAL, "no stack is called '%s'", name);
	if (!r)
		r = starts[which](&stack->started, why);
	if (!r)
		r = families_open(stack, name, over, why);
	if (r) {
		stack_free(stack);
		return r;
	}
	run_fill(stack);
	*out = stack;
	return 0;
}

const struct run_target *stack_target(const struct stack *stack)
{
	return &stack->run;
}

unsigned stack_over(const struct stack *stack)
{
	return (stack->links[0].target.family ? (unsigned)IPV4 : 0) |
	       (stack->links[1].target.family ? (unsigned)IPV6 : 0);
}

const char *stack_words(const struct stack *stack)
{
	return stack->words;
}

int stack_check(const struct stack *stack, struct why *why)
{
	return program_check(&stack->started.running, why);
}

void stack_free(struct stack *stack)
{
	if (!stack)
		return;
	for (int i = 0; i < 2; i++)
		link_keeper_free(stack->keepers[i]);
	program_end(&stack->started.running);
	free(stack);
}
