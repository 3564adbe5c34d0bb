/*
 * A plain packet socket that hears in libpcap's place, packet(7). It is opened for no protocol, and
 * bound when its filter is there, so that it never hears what it should not.
 */
#include "wire/inside.h"
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ADDRESSES_BYTES = 12, TAG_BYTES = 4, SENT_BYTES = 64, RECEIVE_BYTES = 1 << 20 };

struct tap {
	int fd;
	bool late;
	unsigned dropped;
	nanos ended; /* the last sending */
	size_t sent_len;
	uint8_t sent[SENT_BYTES]; /* how what was sent last begins */
	size_t room;
	uint8_t bytes[]; /* a tag's room, and a frame's */
};

int tap_open(struct wire *wire, const struct wire_config *config, int snaplen, struct why *why)
{
	const int on = 1, bytes = config->buffer_bytes > 0 ? config->buffer_bytes : RECEIVE_BYTES;
	struct tap *tap = calloc(1, sizeof(*tap) + TAG_BYTES + (size_t)snaplen);

	if (!tap)
		return why_set(why, ENOMEM, "no memory for a wire");
	tap->room = (size_t)snaplen;
	tap->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	wire->tap = tap;
	wire->fd = tap->fd;
	if (tap->fd < 0)
		return why_set(why, errno == EACCES ? EPERM : errno, "cannot capture on '%s': %s",
			       config->interface, strerror(errno));
	if (setsockopt(tap->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) ||
	    setsockopt(tap->fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) ||
	    setsockopt(tap->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)))
		return why_set(why, errno, "cannot capture on '%s': %s", config->interface,
			       strerror(errno));
	wire->pcap = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, snaplen,
							  PCAP_TSTAMP_PRECISION_NANO);
	return wire->pcap ? 0 : why_set(why, ENOMEM, "no memory for a wire");
}

int tap_start(struct wire *wire, const struct wire_config *config, struct why *why)
{
	struct sockaddr_ll where = {.sll_family = AF_PACKET,
				    .sll_protocol = htons(ETH_P_ALL),
				    .sll_ifindex = (int)if_nametoindex(config->interface)};
	socklen_t len = sizeof(where);

	if (bind(wire->fd, (struct sockaddr *)&where, sizeof(where)) ||
	    getsockname(wire->fd, (struct sockaddr *)&where, &len))
		return why_set(why, errno, "cannot capture on '%s': %s", config->interface,
			       strerror(errno));
	if (where.sll_hatype != ARPHRD_ETHER)
		return why_set(why, EINVAL, "'%s' is no Ethernet interface", config->interface);
	return 0;
}

/* The tag that the interface has taken out, put back as libpcap does. */
static const uint8_t *tag_put(struct tap *tap, const struct tpacket_auxdata *aux,
			      struct pcap_pkthdr *header)
{
	uint8_t *bytes = tap->bytes;
	const unsigned type = aux->tp_status & TP_STATUS_VLAN_TPID_VALID ? aux->tp_vlan_tpid
									 : ETH_P_8021Q;

	memmove(bytes, bytes + TAG_BYTES, ADDRESSES_BYTES);
	bytes[ADDRESSES_BYTES] = (uint8_t)(type >> 8);
	bytes[ADDRESSES_BYTES + 1] = (uint8_t)type;
	bytes[ADDRESSES_BYTES + 2] = (uint8_t)(aux->tp_vlan_tci >> 8);
	bytes[ADDRESSES_BYTES + 3] = (uint8_t)aux->tp_vlan_tci;
	header->caplen += TAG_BYTES;
	header->len += TAG_BYTES;
	return bytes;
}

/* A frame of ours that has a time after its sending was stamped when it was read. */
static void stamp_judge(struct tap *tap, const struct pcap_pkthdr *header, const uint8_t *bytes)
{
	const size_t len = header->len < SENT_BYTES ? header->len : SENT_BYTES;

	if (tap->sent_len != header->len || header->caplen < len ||
	    memcmp(tap->sent, bytes, len) != 0)
		return;
	if (sec(header->ts.tv_sec) + header->ts.tv_usec > tap->ended)
		tap->late = true;
}

int tap_next(struct tap *tap, struct pcap_pkthdr *header, const uint8_t **bytes)
{
	uint8_t control[256];
	struct iovec part = {tap->bytes + TAG_BYTES, tap->room};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control,
				 .msg_controllen = sizeof(control)};
	struct tpacket_auxdata aux = {.tp_status = 0};
	struct timespec time = {.tv_sec = 0};
	ssize_t n = recvmsg(tap->fd, &message, MSG_TRUNC);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS)
			memcpy(&time, CMSG_DATA(c), sizeof(time));
		if (c->cmsg_level == SOL_PACKET && c->cmsg_type == PACKET_AUXDATA)
			memcpy(&aux, CMSG_DATA(c), sizeof(aux));
	}
	*header = (struct pcap_pkthdr){
		/* With nanosecond precision tv_usec holds nanoseconds. */
		.ts = {.tv_sec = time.tv_sec, .tv_usec = time.tv_nsec},
		.caplen = (bpf_u_int32)((size_t)n < tap->room ? (size_t)n : tap->room),
		.len = (bpf_u_int32)n,
	};
	*bytes = tap->bytes + TAG_BYTES;
	stamp_judge(tap, header, *bytes);
	if (aux.tp_status & TP_STATUS_VLAN_VALID && header->caplen >= ADDRESSES_BYTES)
		*bytes = tag_put(tap, &aux, header);
	return 1;
}

void tap_sent(struct tap *tap, const uint8_t *frame, size_t len, nanos ended)
{
	tap->ended = ended;
	tap->sent_len = len;
	memcpy(tap->sent, frame, len < SENT_BYTES ? len : SENT_BYTES);
}

/* The kernel forgets what it has told. */
int tap_dropped(struct tap *tap, unsigned *dropped)
{
	struct tpacket_stats stats = {.tp_drops = 0};
	socklen_t len = sizeof(stats);

	if (getsockopt(tap->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len))
		return -errno;
	tap->dropped += stats.tp_drops;
	*dropped = tap->dropped;
	return 0;
}

bool tap_late(const struct tap *tap)
{
	return tap->late;
}

void tap_free(struct tap *tap, bool close_handle)
{
	if (!tap)
		return;
	if (close_handle && tap->fd >= 0)
		close(tap->fd);
	free(tap);
}
