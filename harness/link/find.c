/*
 * The way to a host, step by step.
 */
#include "link/inside.h"
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#define NEXT_TRIES 3
#define NEXT_PATIENCE sec(1)
/* In a hurry: what a candidate's owner has to answer, by what the next hop took. */
#define PATIENCE_TIMES 8
#define PATIENCE_LEAST ms(2)
#define PATIENCE_MOST ms(150)

/* A kernel that forwards would take what is for the peer and send it on. */
static int mac_choose(struct link *link, struct why *why)
{
	if (link->borrowed || !route_forwards(link))
		return 0;
	if (getrandom(link->own_mac.at, 6, 0) != 6)
		return why_set(why, EIO, "no random numbers");
	/* Locally administered, and no group. */
	link->own_mac.at[0] = (uint8_t)((link->own_mac.at[0] & 0xfc) | 0x02);
	link->foreign_mac = true;
	return 0;
}

/* Nobody is taught an address that may be another's: where source is unasked, this machine asks. */
static const struct address *sender_of(const struct link *link, bool hurry)
{
	if (!hurry)
		return &link->source;
	return link->foreign_mac || !link->own.family ? NULL : &link->own;
}

static int next_find(struct link *link, struct ether *ether, bool hurry, struct why *why)
{
	char words[ADDRESS_TEXT_MAX];
	nanos begun = clock_monotonic();
	int r = ether_ask(ether, &link->next, sender_of(link, hurry), NEXT_TRIES, NEXT_PATIENCE,
			  &link->next_mac, why);

	if (hurry && !link->borrowed) {
		link->patience = (clock_monotonic() - begun) * PATIENCE_TIMES;
		if (link->patience < PATIENCE_LEAST)
			link->patience = PATIENCE_LEAST;
		if (link->patience > PATIENCE_MOST)
			link->patience = PATIENCE_MOST;
	}
	if (r > 0)
		return 0;
	if (r < 0)
		return r;
	return why_set(why, EHOSTUNREACH, "%s %s does not answer %s on '%s' (%d tries in %d s)",
		       link->routed ? "the gateway" : "the target",
		       address_text(&link->next, words),
		       link->next.family == 4 ? "ARP" : "neighbour solicitations", link->interface,
		       NEXT_TRIES, (int)(NEXT_TRIES * NEXT_PATIENCE / sec(1)));
}

static int interface_choose(const struct link_wish *wish, const char *scope, const char **out,
			    struct why *why)
{
	*out = *scope ? scope : wish->interface;
	if (wish->interface && !if_nametoindex(wish->interface))
		return why_set(why, ENODEV, "no interface '%s'", wish->interface);
	if (*scope && wish->interface && strcmp(scope, wish->interface))
		return why_set(why, EINVAL, "%s is on '%s', and --interface says '%s'",
			       wish->target, scope, wish->interface);
	return 0;
}

int link_find(struct link *out, const struct link_wish *wish, struct why *why)
{
	struct link link = {.port_low = wish->port_low,
			    .port_high = wish->port_high,
			    .shares = wish->shares};
	struct ether ether = {.fd = -1};
	char scope[IF_NAMESIZE];
	const char *interface;
	unsigned prefix = 0;
	int r = name_resolve(wish, &link.target, scope, why);

	if (!r)
		r = link_judge(&link.target, why);
	if (!r)
		r = interface_choose(wish, scope, &interface, why);
	if (!r && address_link_local(&link.target) && !interface)
		r = why_set(why, EINVAL, "%s is on every link: say which by %s%%INTERFACE",
			    wish->target, wish->target);
	if (!r)
		r = route_find(&link, interface, wish->source, &prefix, why);
	if (!r)
		r = link_judge_subnet(&link.target, &link.own, prefix, why);
	if (r)
		return r;
	r = ether_open(&ether, &link, why);
	if (!r)
		r = source_find(&link, &ether, wish, prefix, why);
	if (!r)
		r = mac_choose(&link, why);
	if (!r)
		r = ether_settle(&ether, why);
	if (!r)
		r = next_find(&link, &ether, wish->hurry, why);
	if (r) {
		ether_close(&ether);
		return r;
	}
	link.fd = ether.fd;
	link.merges = merges(&link);
	*out = link;
	return 0;
}

int link_open(struct link *link, struct why *why)
{
	struct ether ether = {.fd = -1};
	int r = ether_open(&ether, link, why);

	if (!r)
		r = ether_settle(&ether, why);
	if (r)
		ether_close(&ether);
	else
		link->fd = ether.fd;
	return r;
}
