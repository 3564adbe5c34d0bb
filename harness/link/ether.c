/*
 * A packet socket for ARP and neighbour discovery.
 *
 * It hears what leaves, too, for the sake of other processes like this one: two that play a peer
 * each on one interface must hear each other. What a packet socket sent itself it never hears.
 */
#include "link/inside.h"
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ETHERNET_BYTES = 14, ND_SOLICIT = 135, ND_ADVERT = 136 };

struct address solicited_node(const struct address *address)
{
	struct address group = {.family = 6,
				.at = {0xff, 0x02, [11] = 0x01, [12] = 0xff}};

	memcpy(group.at + 13, address->at + 13, 3);
	return group;
}

struct mac multicast_mac(const struct address *group)
{
	struct mac mac = {{0x33, 0x33}};

	memcpy(mac.at + 2, group->at + 12, 4);
	return mac;
}

static int no_leave(int error, struct why *why)
{
	if (error != EPERM && error != EACCES)
		return why_set(why, error, "cannot open a packet socket: %s", strerror(error));
	return why_set(why, EPERM,
		       "this program may not send raw segments to a host, it lacks CAP_NET_RAW: "
		       "run it as root, or give it the capability by setcap cap_net_raw+ep, or "
		       "test this machine's kernel in a lab, which needs none");
}

/* Untagged frames of one kind; for IPv6 two types of ICMPv6 behind a bare header. */
static int filter_set(int fd, uint8_t family, struct why *why)
{
	struct sock_filter arp[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 (unsigned)SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 3),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_ARP, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 2048),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_filter nd[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 (unsigned)SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 8),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IPV6, 0, 6),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 20),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMPV6, 0, 4),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 54),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ND_SOLICIT, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ND_ADVERT, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 2048),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = {.len = sizeof(nd) / sizeof(nd[0]), .filter = nd};

	if (family == 4)
		program = (struct sock_fprog){.len = sizeof(arp) / sizeof(arp[0]), .filter = arp};
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)))
		return why_set(why, errno, "packet socket's filter: %s", strerror(errno));
	return 0;
}

static int membership(struct ether *ether, unsigned short type, const struct mac *mac,
		      struct why *why)
{
	struct packet_mreq request = {.mr_ifindex = ether->link->ifindex,
				      .mr_type = type,
				      .mr_alen = sizeof(mac->at)};

	memcpy(request.mr_address, mac->at, sizeof(mac->at));
	if (setsockopt(ether->fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &request, sizeof(request)))
		return why_set(why, errno, "'%s' does not listen to another MAC: %s",
			       ether->link->interface, strerror(errno));
	return 0;
}

int ether_join(struct ether *ether, const struct address *address, struct why *why)
{
	struct address group = solicited_node(address);
	struct mac mac = multicast_mac(&group);

	return address->family == 6 ? membership(ether, PACKET_MR_MULTICAST, &mac, why) : 0;
}

int ether_open(struct ether *ether, const struct link *link, struct why *why)
{
	struct sockaddr_ll where = {.sll_family = AF_PACKET,
				    .sll_protocol = htons(ETH_P_ALL),
				    .sll_ifindex = link->ifindex};
	int r;

	ether->link = link;
	ether->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (ether->fd < 0)
		return no_leave(errno, why);
	r = filter_set(ether->fd, link->target.family, why);
	if (!r && bind(ether->fd, (struct sockaddr *)&where, sizeof(where)))
		r = why_set(why, errno, "'%s': %s", link->interface, strerror(errno));
	if (r)
		ether_close(ether);
	return r;
}

int ether_settle(struct ether *ether, struct why *why)
{
	const struct link *link = ether->link;
	int r = link->foreign_mac ? membership(ether, PACKET_MR_UNICAST, &link->own_mac, why) : 0;

	return r ? r : ether_join(ether, &link->source, why);
}

void ether_close(struct ether *ether)
{
	if (ether->fd >= 0)
		close(ether->fd);
	ether->fd = -1;
}

int ether_send(struct ether *ether, const struct packet *packet, struct why *why)
{
	uint8_t frame[256];
	size_t len = 0;
	int r = packet_encode(packet, frame, sizeof(frame), &len);

	if (r)
		return why_set(why, -r, "a frame that cannot be built");
	if (send(ether->fd, frame, len, 0) != (ssize_t)len)
		return why_set(why, errno, "cannot send on '%s': %s", ether->link->interface,
			       strerror(errno));
	return 0;
}

int ether_next(struct ether *ether, struct packet *packet, nanos deadline, struct why *why)
{
	for (;;) {
		struct pollfd ready = {.fd = ether->fd, .events = POLLIN};
		struct sockaddr_ll from = {.sll_pkttype = PACKET_HOST};
		socklen_t from_len = sizeof(from);
		ssize_t n = recvfrom(ether->fd, ether->bytes, sizeof(ether->bytes), MSG_TRUNC,
				     (struct sockaddr *)&from, &from_len);
		nanos left = deadline - clock_monotonic();
		struct timespec timeout = clock_timespec(left);

		if (n >= ETHERNET_BYTES) {
			size_t len = (size_t)n;

			ether->local = from.sll_pkttype == PACKET_OUTGOING;
			packet_parse(ether->bytes,
				     len < sizeof(ether->bytes) ? len : sizeof(ether->bytes), len,
				     packet);
			return 1;
		}
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return why_set(why, errno, "'%s': %s", ether->link->interface,
				       strerror(errno));
		if (left <= 0)
			return 0;
		if (n >= 0)
			continue;
		if (ppoll(&ready, 1, &timeout, NULL) < 0 && errno != EINTR)
			return why_set(why, errno, "poll: %s", strerror(errno));
	}
}
