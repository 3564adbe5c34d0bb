/*
 * Waiting for what the kernel puts off to its own threads: a link that can send, an address that
 * can be reached. Both are asked for first, and are usually there.
 */
#include "lab/plumbing.h"
#include <errno.h>
#include <linux/if.h>
#include <netlink/errno.h>
#include <netlink/route/link.h>
#include <netlink/route/route.h>
#include <poll.h>
#include <sys/socket.h>

/* Normally a few milliseconds; a machine under heavy load may take its time. */
#define SETTLE_WITHIN sec(10)

/* Is it there? 0 with the answer, or netlink's error. */
typedef int (*ask_fn)(struct nl_sock *socket, const struct lab_net *net, bool *there);

static int ask_link(struct nl_sock *socket, const struct lab_net *net, bool *there)
{
	struct rtnl_link *link = NULL;
	int r;

	(void)net;
	r = rtnl_link_get_kernel(socket, DUT_IFINDEX, NULL, &link);
	if (r < 0)
		return r;
	*there = rtnl_link_get_operstate(link) == IF_OPER_UP;
	rtnl_link_put(link);
	return 0;
}

/* An IPv6 address is in use only when the route to it is there: the way to oneself is local. */
static int ask_address(struct nl_sock *socket, const struct lab_net *net, bool *there)
{
	struct nl_addr *address = netlink_address(&net->dut_address, net->family == 4 ? 32 : 128);
	struct rtnl_route *route = NULL;
	int r;

	if (!address)
		return -NLE_NOMEM;
	r = rtnl_route_lookup(socket, address, &route);
	nl_addr_put(address);
	if (r < 0)
		return r;
	*there = rtnl_route_get_type(route) == RTN_LOCAL;
	rtnl_route_put(route);
	return 0;
}

/* Wait for a message, and read whatever came: it only says that it is time to ask again. */
static int event_wait(struct nl_sock *events, nanos deadline)
{
	struct pollfd ready = {.fd = nl_socket_get_fd(events), .events = POLLIN};
	const nanos left = deadline - clock_monotonic();
	uint8_t ignored[64];

	if (left <= 0 || poll(&ready, 1, (int)(left / ms(1)) + 1) == 0)
		return -NLE_AGAIN;
	while (recv(ready.fd, ignored, sizeof(ignored), MSG_DONTWAIT) > 0)
		;
	return 0;
}

static int settle(struct nl_sock *socket, const struct lab_net *net, ask_fn ask, int group,
		  struct why *why)
{
	const nanos deadline = clock_monotonic() + SETTLE_WITHIN;
	struct nl_sock *events = NULL;
	bool there = false;
	int r;

	r = ask(socket, net, &there);
	if (r < 0 || there)
		return r;
	r = netlink_open(&events, why);
	if (r < 0)
		return -NLE_FAILURE;
	r = nl_socket_add_membership(events, group);
	while (r >= 0) {
		r = ask(socket, net, &there);
		if (r < 0 || there)
			break;
		r = event_wait(events, deadline);
	}
	nl_socket_free(events);
	return r;
}

static int settled(int r, const char *what, struct why *why)
{
	if (r == -NLE_AGAIN)
		return why_set(why, ETIMEDOUT, "this machine did not set up the DUT's %s in %d s",
			       what, (int)(SETTLE_WITHIN / sec(1)));
	return r < 0 ? netlink_failed(r, what, why) : 0;
}

int link_settle(struct nl_sock *socket, const struct lab_net *net, struct why *why)
{
	return settled(settle(socket, net, ask_link, RTNLGRP_LINK, why), "link", why);
}

int address_settle(struct nl_sock *socket, const struct lab_net *net, struct why *why)
{
	return settled(settle(socket, net, ask_address, RTNLGRP_IPV6_ROUTE, why), "address", why);
}
