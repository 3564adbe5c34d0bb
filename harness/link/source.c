/*
 * The peer's address: as wished, or a free one of the subnet.
 */
#include "link/inside.h"
#include <errno.h>
#include <string.h>
#include <sys/random.h>

/* Somebody who has an address answers at once; each question may get lost. */
#define PROBE_PATIENCE ms(150)
#define CANDIDATES 16

/* 1: somebody has it. */
static int taken(struct ether *ether, const struct address *address, bool hurry, struct why *why)
{
	struct mac mac;
	int r = ether_join(ether, address, why);

	if (r || hurry)
		return r;
	return ether_ask(ether, address, NULL, SOURCE_PROBES, PROBE_PATIENCE, &mac, why);
}

static int given(struct link *link, struct ether *ether, const struct link_wish *wished,
		 unsigned prefix, struct why *why)
{
	const char *wish = wished->source;
	struct address address;
	int r = address_parse(wish, &address);

	if (r)
		return why_set(why, EINVAL, "--source %s: want an address, or own", wish);
	if (address.family != link->target.family)
		return why_set(why, EINVAL, "--source %s: the target's address is IPv%u", wish,
			       link->target.family);
	r = link_judge(&address, why);
	if (!r)
		r = link_judge_subnet(&address, &link->own, prefix, why);
	if (r) {
		why_add(why, "--source: ");
		return r;
	}
	if (address_equal(&address, &link->target))
		return why_set(why, EINVAL, "--source %s is the target's own address", wish);
	if (address_equal(&address, &link->own)) {
		link->borrowed = true;
	} else {
		r = taken(ether, &address, wished->hurry, why);
		if (r > 0)
			return why_set(why, EADDRINUSE,
				       "--source %s: somebody on '%s' has that address", wish,
				       link->interface);
		if (r < 0)
			return r;
	}
	link->source = address;
	return 0;
}

int source_find(struct link *link, struct ether *ether, const struct link_wish *wished,
		unsigned prefix, struct why *why)
{
	const char *wish = wished->source;
	struct address address;
	uint64_t chance = 0;
	char words[ADDRESS_TEXT_MAX];
	int r;

	if (wish && !strcmp(wish, "own")) {
		link->source = link->own;
		link->borrowed = true;
		return 0;
	}
	if (wish)
		return given(link, ether, wished, prefix, why);
	for (int i = 0; i < CANDIDATES; i++) {
		if (getrandom(&chance, sizeof(chance), 0) != (ssize_t)sizeof(chance))
			return why_set(why, EIO, "no random numbers");
		r = link_pick(&address, &link->own, prefix, chance, why);
		if (r)
			return r;
		if (address_equal(&address, &link->target) || address_equal(&address, &link->next))
			continue;
		r = taken(ether, &address, wished->hurry, why);
		if (r < 0)
			return r;
		if (!r) {
			link->source = address;
			return 0;
		}
	}
	return why_set(why, EADDRINUSE,
		       "no free address in %s/%u: somebody answers for each of %d that were tried; "
		       "give one by --source ADDR",
		       address_text(&link->own, words), prefix, CANDIDATES);
}
