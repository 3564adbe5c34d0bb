/*
 * What the kernel's tables say of the way to a host (rtnetlink(7)); nothing is changed in them.
 */
#include "link/inside.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/route.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int af_of(const struct address *address)
{
	return address->family == 4 ? AF_INET : AF_INET6;
}

static bool address_take(struct nl_addr *from, struct address *out)
{
	unsigned len = from ? nl_addr_get_len(from) : 0;

	if (len != 4 && len != 16)
		return false;
	*out = (struct address){.family = len == 4 ? 4 : 6};
	memcpy(out->at, nl_addr_get_binary_addr(from), len);
	return true;
}

static int route_heard(struct nl_msg *message, void *arg)
{
	struct rtnl_route **route = arg;

	if (!*route && rtnl_route_parse(nlmsg_hdr(message), route) < 0)
		*route = NULL;
	return NL_OK;
}

/* Ask for the route to the target, by this interface (0: any). NULL: there is none. */
static struct rtnl_route *route_ask(struct nl_sock *socket, const struct link *link, int ifindex)
{
	const unsigned len = link->target.family == 4 ? 4 : 16;
	const struct rtmsg head = {.rtm_family = (unsigned char)af_of(&link->target),
				   .rtm_dst_len = (unsigned char)(len * 8)};
	struct nl_msg *message = nlmsg_alloc_simple(RTM_GETROUTE, NLM_F_REQUEST);
	struct rtnl_route *route = NULL;

	if (!message)
		return NULL;
	nl_socket_disable_auto_ack(socket);
	nl_socket_modify_cb(socket, NL_CB_VALID, NL_CB_CUSTOM, route_heard, &route);
	if (!nlmsg_append(message, (void *)(uintptr_t)&head, sizeof(head), NLMSG_ALIGNTO) &&
	    !nla_put(message, RTA_DST, (int)len, link->target.at) &&
	    (!ifindex || !nla_put_u32(message, RTA_OIF, (uint32_t)ifindex)) &&
	    nl_send_auto(socket, message) >= 0)
		nl_recvmsgs_default(socket);
	nlmsg_free(message);
	return route;
}

/* What the route says, but for the interface's own properties. */
static int route_read(struct link *link, struct rtnl_route *route, struct why *why)
{
	char words[ADDRESS_TEXT_MAX];
	struct rtnl_nexthop *hop = rtnl_route_nexthop_n(route, 0);
	struct nl_addr *gateway;

	address_text(&link->target, words);
	switch (rtnl_route_get_type(route)) {
	case RTN_LOCAL:
		return why_set(why, EINVAL,
			       "%s is this machine itself: a lab is for that, run without "
			       "--target or probe --lab",
			       words);
	case RTN_BROADCAST:
		return why_set(why, EINVAL, "%s is broadcast: want one host", words);
	case RTN_UNICAST:
		break;
	default:
		return why_set(why, ENETUNREACH, "no route to %s", words);
	}
	if (!hop)
		return why_set(why, ENETUNREACH, "no route to %s", words);
	gateway = rtnl_route_nh_get_gateway(hop);
	link->ifindex = rtnl_route_nh_get_ifindex(hop);
	link->routed = gateway && !nl_addr_iszero(gateway);
	link->next = link->target;
	if (link->routed && (!address_take(gateway, &link->next) ||
			     link->next.family != link->target.family))
		return why_set(why, EINVAL, "the route to %s is by a gateway of another family",
			       words);
	if (rtnl_route_nh_get_via(hop))
		return why_set(why, EINVAL, "the route to %s is by a gateway of another family",
			       words);
	address_take(rtnl_route_get_pref_src(route), &link->own);
	return 0;
}

static int interface_read(struct link *link, struct nl_sock *socket, struct why *why)
{
	struct rtnl_link *found = NULL;
	struct nl_addr *mac;
	int r = 0;

	if (rtnl_link_get_kernel(socket, link->ifindex, NULL, &found) < 0)
		return why_set(why, ENODEV, "no interface %d", link->ifindex);
	snprintf(link->interface, sizeof(link->interface), "%s", rtnl_link_get_name(found));
	link->mtu = (int)rtnl_link_get_mtu(found);
	mac = rtnl_link_get_addr(found);
	if (!(rtnl_link_get_flags(found) & IFF_UP))
		r = why_set(why, ENETDOWN, "interface '%s' is down", link->interface);
	else if (rtnl_link_get_arptype(found) != ARPHRD_ETHER || !mac || nl_addr_get_len(mac) != 6)
		r = why_set(why, EINVAL, "'%s' is no Ethernet interface", link->interface);
	else
		memcpy(link->own_mac.at, nl_addr_get_binary_addr(mac), 6);
	rtnl_link_put(found);
	return r;
}

/*
 * The length of own's prefix; where the route names no own address, one of the interface. The
 * interface may have none, if the peer's address is given: own's family is 0 then, or own is
 * another interface's.
 */
static int own_read(struct link *link, struct nl_sock *socket, const char *source,
		    unsigned *prefix, struct why *why)
{
	struct nl_cache *cache = NULL;
	char words[ADDRESS_TEXT_MAX];
	bool found = false;

	if (rtnl_addr_alloc_cache(socket, &cache) < 0)
		return why_set(why, EIO, "the kernel does not tell its addresses");
	for (struct nl_object *at = nl_cache_get_first(cache); at && !found;
	     at = nl_cache_get_next(at)) {
		struct rtnl_addr *each = (struct rtnl_addr *)at;
		struct nl_addr *local = rtnl_addr_get_local(each);
		struct address address;

		if (rtnl_addr_get_ifindex(each) != link->ifindex || !address_take(local, &address))
			continue;
		if (address.family != link->target.family ||
		    (link->own.family && !address_equal(&address, &link->own)))
			continue;
		/* Every interface has one of those, and only its own kind is reached from it. */
		if (address_link_local(&address) && !address_link_local(&link->target) &&
		    !link->own.family)
			continue;
		link->own = address;
		*prefix = (unsigned)rtnl_addr_get_prefixlen(each);
		found = true;
	}
	nl_cache_free(cache);
	if (!found && source && !link->own.family && !strcmp(source, "own"))
		return why_set(why, ENETUNREACH,
			       "interface '%s' has no IPv%u address to borrow: name a free one by "
			       "--source ADDR",
			       link->interface, link->target.family);
	if (!found && !source)
		return why_set(why, ENETUNREACH,
			       "interface '%s' has no IPv%u address from whose subnet one could "
			       "be chosen to reach %s: name a free one by --source ADDR%s",
			       link->interface, link->target.family,
			       address_text(&link->target, words),
			       link->own.family ? ", or borrow this machine's by --source own"
						: "");
	/* Own may stand on another interface, with a subnet that is not this one's. */
	if (!found)
		*prefix = link->target.family == 4 ? 32 : 128;
	return 0;
}

/*
 * No route leads there by this interface, which was named. Where the source address was named, too,
 * nothing else is needed: the target is taken for on-link. Says what is missing otherwise.
 */
static int on_link(struct link *link, struct nl_sock *socket, int ifindex, const char *source,
		   unsigned *prefix, struct why *why)
{
	const struct why no_route = *why;
	int r;

	link->ifindex = ifindex;
	link->next = link->target;
	link->routed = false;
	r = interface_read(link, socket, why);
	if (!r)
		r = own_read(link, socket, source, prefix, why);
	if (r || (source && strcmp(source, "own")))
		return r;
	*why = no_route;
	return -ENETUNREACH;
}

static int route_missing(const struct link *link, const char *interface, struct why *why)
{
	char words[ADDRESS_TEXT_MAX];

	address_text(&link->target, words);
	if (interface)
		return why_set(why, ENETUNREACH, "no route to %s by '%s'", words, interface);
	return why_set(why, ENETUNREACH,
		       "no route to %s: name the interface by --interface, and a free address of "
		       "its link by --source",
		       words);
}

int route_find(struct link *link, const char *interface, const char *source, unsigned *prefix,
	       struct why *why)
{
	int ifindex = interface ? (int)if_nametoindex(interface) : 0;
	struct nl_sock *asking = nl_socket_alloc(), *socket = nl_socket_alloc();
	struct rtnl_route *route = NULL;
	int r = 0;

	if (!asking || !socket || nl_connect(asking, NETLINK_ROUTE) < 0 ||
	    nl_connect(socket, NETLINK_ROUTE) < 0) {
		r = why_set(why, EIO, "cannot open a netlink socket");
		goto out;
	}
	route = route_ask(asking, link, ifindex);
	if (!route)
		r = route_missing(link, interface, why);
	if (!r)
		r = route_read(link, route, why);
	if (r == -ENETUNREACH && ifindex) {
		r = on_link(link, socket, ifindex, source, prefix, why);
		goto out;
	}
	if (!r)
		r = interface_read(link, socket, why);
	if (!r)
		r = own_read(link, socket, source, prefix, why);
out:
	rtnl_route_put(route);
	nl_socket_free(socket);
	nl_socket_free(asking);
	return r;
}

bool route_forwards(const struct link *link)
{
	char path[96], value = '0';
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv%u/conf/%s/forwarding", link->target.family,
		 link->interface);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (read(fd, &value, 1) != 1)
		value = '0';
	close(fd);
	return value != '0';
}
