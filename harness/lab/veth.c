/*
 * Links, addresses, routes and neighbours by libnl. Indices are known, so nothing is ever listed.
 */
#include "lab/plumbing.h"
#include <errno.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <netinet/in.h>
#include <netlink/errno.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/inet6.h>
#include <netlink/route/link/veth.h>
#include <netlink/route/neighbour.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>
#include <string.h>

/* As an errno. */
static int netlink_errno(int error)
{
	switch (error < 0 ? -error : error) {
	case NLE_NOMEM:
		return ENOMEM;
	case NLE_EXIST:
		return EEXIST;
	case NLE_PERM:
	case NLE_NOACCESS:
		return EPERM;
	case NLE_OPNOTSUPP:
		return EOPNOTSUPP;
	case NLE_NODEV:
		return ENODEV;
	case NLE_AF_NOSUPPORT:
		return EAFNOSUPPORT;
	case NLE_BUSY:
		return EBUSY;
	case NLE_INVAL:
		return EINVAL;
	default:
		return EIO;
	}
}

int netlink_failed(int error, const char *what, struct why *why)
{
	return why_set(why, netlink_errno(error), "%s: %s", what, nl_geterror(error));
}

int netlink_open(struct nl_sock **out, struct why *why)
{
	struct nl_sock *socket = nl_socket_alloc();
	int r;

	if (!socket)
		return why_set(why, ENOMEM, "no memory for a netlink socket");
	r = nl_connect(socket, NETLINK_ROUTE);
	if (r < 0) {
		nl_socket_free(socket);
		return netlink_failed(r, "cannot open a netlink socket", why);
	}
	/* What is asked here is answered by less than libnl's buffer holds. */
	nl_socket_disable_msg_peek(socket);
	*out = socket;
	return 0;
}

static struct nl_addr *netlink_mac(const struct mac *mac)
{
	return nl_addr_build(AF_LLC, mac->at, sizeof(mac->at));
}

struct nl_addr *netlink_address(const struct address *address, int prefix)
{
	const bool v4 = address->family == 4;
	struct nl_addr *made = nl_addr_build(v4 ? AF_INET : AF_INET6, address->at, v4 ? 4 : 16);

	if (made)
		nl_addr_set_prefixlen(made, prefix);
	return made;
}

/* One queue: frames must not overtake each other, and queues cost time to make. */
static int veth_end(struct rtnl_link *link, const char *name, int ifindex, const struct mac *mac)
{
	struct nl_addr *address = netlink_mac(mac);

	if (!address)
		return -ENOMEM;
	rtnl_link_set_name(link, name);
	rtnl_link_set_ifindex(link, ifindex);
	rtnl_link_set_addr(link, address);
	rtnl_link_set_num_tx_queues(link, 1);
	rtnl_link_set_num_rx_queues(link, 1);
	nl_addr_put(address);
	return 0;
}

int veth_create(struct nl_sock *socket, const struct lab_net *net, struct why *why)
{
	struct rtnl_link *dut = rtnl_link_veth_alloc(), *peer = NULL;
	int r = -NLE_NOMEM;

	if (!dut)
		goto out;
	peer = rtnl_link_veth_get_peer(dut);
	if (veth_end(dut, LAB_DUT_INTERFACE, DUT_IFINDEX, &net->dut_mac) < 0 ||
	    veth_end(peer, net->peer_interface, PEER_IFINDEX, &net->peer_mac) < 0)
		goto out;
	rtnl_link_set_ns_fd(dut, net->dut_netns);
	r = rtnl_link_add(socket, dut, NLM_F_CREATE | NLM_F_EXCL);
out:
	if (peer)
		rtnl_link_put(peer);
	if (dut)
		rtnl_link_put(dut);
	return r < 0 ? netlink_failed(r, "cannot make a veth pair", why) : 0;
}

static int link_change(struct nl_sock *socket, int ifindex, unsigned flags, bool quiet)
{
	struct rtnl_link *which = rtnl_link_alloc(), *change = rtnl_link_alloc();
	int r = -NLE_NOMEM;

	if (!which || !change)
		goto out;
	rtnl_link_set_ifindex(which, ifindex);
	rtnl_link_set_flags(change, flags);
	if (quiet) {
		r = rtnl_link_inet6_set_addr_gen_mode(change, IN6_ADDR_GEN_MODE_NONE);
		if (r < 0)
			goto out;
	}
	r = rtnl_link_change(socket, which, change, 0);
out:
	rtnl_link_put(which);
	rtnl_link_put(change);
	return r;
}

int link_quiet(struct nl_sock *socket, int ifindex, struct why *why)
{
	const int r = link_change(socket, ifindex, 0, true);

	/* A kernel without IPv6 has nothing to say. */
	if (r == -NLE_AF_NOSUPPORT || r == -NLE_OPNOTSUPP)
		return 0;
	return r < 0 ? netlink_failed(r, "cannot keep a link from making addresses", why) : 0;
}

int link_up(struct nl_sock *socket, int ifindex, struct why *why)
{
	const int r = link_change(socket, ifindex, IFF_UP, false);

	return r < 0 ? netlink_failed(r, "cannot bring a link up", why) : 0;
}

/*
 * Without a route for its prefix, so that whatever the DUT sends, to neighbours of the peer too,
 * goes to the peer's MAC and nothing is ever resolved.
 */
int address_add(struct nl_sock *socket, const struct lab_net *net, struct why *why)
{
	struct nl_addr *local = netlink_address(&net->dut_address, net->family == 4 ? 24 : 64);
	struct rtnl_addr *address = rtnl_addr_alloc();
	int r = -NLE_NOMEM;

	if (!local || !address)
		goto out;
	rtnl_addr_set_ifindex(address, DUT_IFINDEX);
	r = rtnl_addr_set_local(address, local);
	if (r < 0)
		goto out;
	rtnl_addr_set_flags(address, IFA_F_NODAD | IFA_F_PERMANENT | IFA_F_NOPREFIXROUTE);
	r = rtnl_addr_add(socket, address, NLM_F_CREATE | NLM_F_EXCL);
out:
	rtnl_addr_put(address);
	nl_addr_put(local);
	return r < 0 ? netlink_failed(r, "cannot add the DUT's address", why) : 0;
}

int route_add(struct nl_sock *socket, const struct lab_net *net, struct why *why)
{
	static const struct address any4 = {.family = 4}, any6 = {.family = 6};
	struct nl_addr *anywhere = netlink_address(net->family == 4 ? &any4 : &any6, 0);
	struct nl_addr *gateway = netlink_address(&net->peer_address, net->family == 4 ? 32 : 128);
	struct rtnl_nexthop *hop = rtnl_route_nh_alloc();
	struct rtnl_route *route = rtnl_route_alloc();
	int r = -NLE_NOMEM;

	if (!anywhere || !gateway || !hop || !route)
		goto out;
	rtnl_route_nh_set_ifindex(hop, DUT_IFINDEX);
	rtnl_route_nh_set_gateway(hop, gateway);
	rtnl_route_nh_set_flags(hop, RTNH_F_ONLINK);
	rtnl_route_set_family(route, net->family == 4 ? AF_INET : AF_INET6);
	rtnl_route_set_scope(route, RT_SCOPE_UNIVERSE);
	rtnl_route_set_table(route, RT_TABLE_MAIN);
	rtnl_route_set_protocol(route, RTPROT_STATIC);
	r = rtnl_route_set_dst(route, anywhere);
	if (r < 0)
		goto out;
	rtnl_route_add_nexthop(route, hop);
	hop = NULL; /* the route's now */
	r = rtnl_route_add(socket, route, NLM_F_CREATE | NLM_F_EXCL);
out:
	if (hop)
		rtnl_route_nh_free(hop);
	rtnl_route_put(route);
	nl_addr_put(gateway);
	nl_addr_put(anywhere);
	return r < 0 ? netlink_failed(r, "cannot add the DUT's route", why) : 0;
}

int neighbour_add(struct nl_sock *socket, const struct lab_net *net, struct why *why)
{
	struct nl_addr *address = netlink_address(&net->peer_address, net->family == 4 ? 32 : 128);
	struct nl_addr *mac = netlink_mac(&net->peer_mac);
	struct rtnl_neigh *neighbour = rtnl_neigh_alloc();
	int r = -NLE_NOMEM;

	if (!address || !mac || !neighbour)
		goto out;
	rtnl_neigh_set_ifindex(neighbour, DUT_IFINDEX);
	rtnl_neigh_set_state(neighbour, NUD_PERMANENT);
	rtnl_neigh_set_lladdr(neighbour, mac);
	r = rtnl_neigh_set_dst(neighbour, address);
	if (r < 0)
		goto out;
	r = rtnl_neigh_add(socket, neighbour, NLM_F_CREATE | NLM_F_EXCL);
out:
	rtnl_neigh_put(neighbour);
	nl_addr_put(mac);
	nl_addr_put(address);
	return r < 0 ? netlink_failed(r, "cannot add the DUT's neighbour", why) : 0;
}
