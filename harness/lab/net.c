/*
 * The lab's network: two namespaces that nobody can name, and veth between.
 *
 * Addresses are those of documentation (RFC 5737, RFC 3849). The peer's belongs to no kernel, so
 * that nobody answers for it. Everything dies with the last process in the namespaces.
 */
#include "lab/plumbing.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct mac peer_mac = {{0x02, 0x00, 0x00, 0x00, 0x00, 0x01}};
static const struct mac dut_mac = {{0x02, 0x00, 0x00, 0x00, 0x00, 0x02}};

static bool family_known(uint8_t family)
{
	const int fd = socket(family == 4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static int namespace_new(struct why *why)
{
	if (unshare(CLONE_NEWNET) == 0)
		return 0;
	if (errno == EPERM)
		return why_set(why, EPERM, "a network namespace cannot be made: CAP_SYS_ADMIN "
			       "is missing");
	if (errno == ENOSPC)
		return why_set(why, ENOSPC,
			       "too many network namespaces: raise the sysctl "
			       "user.max_net_namespaces");
	return why_set(why, errno, "cannot make a network namespace: %s", strerror(errno));
}

int lab_net_enter_dut(struct lab_net *net, uint8_t family, struct why *why)
{
	int fd, r;

	if (family != 4 && family != 6)
		return why_set(why, EINVAL, "no address family %u", family);
	if (!family_known(family))
		return why_set(why, EAFNOSUPPORT, "this kernel has no IPv%u", family);
	r = namespace_new(why);
	if (r < 0)
		return r;
	fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return why_set(why, errno, "/proc/self/ns/net: %s", strerror(errno));
	net->family = family;
	address_parse(family == 4 ? "192.0.2.1" : "2001:db8::1", &net->peer_address);
	address_parse(family == 4 ? "192.0.2.2" : "2001:db8::2", &net->dut_address);
	net->peer_mac = peer_mac;
	net->dut_mac = dut_mac;
	net->peer_interface = LAB_PEER_INTERFACE;
	net->dut_netns = fd;
	return 0;
}

int lab_net_connect(struct lab_net *net, struct why *why)
{
	struct nl_sock *dut = NULL, *peer = NULL;
	int r;

	r = netlink_open(&dut, why); /* a socket stays in the namespace that it was opened in */
	if (r < 0)
		goto out;
	r = namespace_new(why);
	if (r < 0)
		goto out;
	r = netlink_open(&peer, why);
	if (r < 0)
		goto out;
	r = veth_create(peer, net, why);
	if (r < 0)
		goto out;
	r = offloads_off(LAB_PEER_INTERFACE, why);
	if (r < 0)
		goto out;
	/*
	 * The end that comes up last can send at once, and that is to be the peer's. The other
	 * drops all that it is given until the link watch has seen its carrier: link_settle().
	 */
	if ((r = link_quiet(dut, DUT_IFINDEX, why)) < 0 ||
	    (r = link_quiet(peer, PEER_IFINDEX, why)) < 0 ||
	    (r = link_up(dut, DUT_IFINDEX, why)) < 0 || (r = link_up(peer, PEER_IFINDEX, why)) < 0)
		goto out;
out:
	if (peer)
		nl_socket_free(peer);
	if (dut)
		nl_socket_free(dut);
	return r;
}

int lab_net_prepare_dut(const struct lab_net *net, struct why *why)
{
	struct nl_sock *socket = NULL;
	int r;

	if (setns(net->dut_netns, CLONE_NEWNET) < 0)
		return why_set(why, errno, "cannot enter the DUT's namespace: %s", strerror(errno));
	r = pins_write(net->family, net->survey, why);
	if (r < 0)
		return r;
	if (net->sysctls) {
		r = sysctls_write(net->sysctls, why);
		if (r < 0)
			return r;
	}
	r = offloads_off(LAB_DUT_INTERFACE, why);
	if (r < 0)
		return r;
	link_ask(LAB_DUT_INTERFACE);
	r = netlink_open(&socket, why);
	if (r < 0)
		return r;
	if ((r = link_up(socket, 1, why)) < 0 || /* lo */
	    (r = link_settle(socket, net, why)) < 0 || (r = address_add(socket, net, why)) < 0 ||
	    (r = route_add(socket, net, why)) < 0 || (r = neighbour_add(socket, net, why)) < 0 ||
	    (r = address_settle(socket, net, why)) < 0)
		goto out;
out:
	nl_socket_free(socket);
	return r;
}
