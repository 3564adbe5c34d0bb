/*
 * A packet as libnet builds it.
 *
 * libnet puts its blocks together in the order of the calls, from the inside out, and says nothing
 * when the order is wrong. A context is cleared and built anew for every packet: changing a block
 * by its tag leaves IPv6's payload length and an explicit checksum wrong. Its error text is valid
 * only after a return code of -1.
 */
#include "wire/inside.h"
#include <errno.h>
#include <string.h>

enum { ETHERNET_BYTES = 14, IPV4_BYTES = 20, TCP_BYTES = 20, IP_LENGTH_MAX = 65535 };

/* libnet's error text, which may end in a newline, as the reason. */
static int build_failed(libnet_t *libnet, struct why *why)
{
	const char *text = libnet_geterror(libnet);

	return why_set(why, errno == ENOMEM ? ENOMEM : EINVAL, "libnet: %.*s",
		       (int)strcspn(text, "\n"), text);
}

static int packet_check(const struct packet *packet, struct why *why)
{
	const struct packet_tcp *tcp = &packet->tcp;

	if (packet->kind != PACKET_TCP)
		return why_set(why, EINVAL, "libnet builds TCP packets only here");
	if (packet->has_vlan)
		return why_set(why, EINVAL, "no VLAN tag can be sent");
	if (packet->source.family != packet->dest.family)
		return why_set(why, EINVAL, "source and destination are of different families");
	if (packet->source.family != 4 && packet->source.family != 6)
		return why_set(why, EINVAL, "no address family %u", packet->source.family);
	if (tcp->option_bytes > OPTION_BYTES_MAX)
		return why_set(why, EINVAL, "%u bytes of options, and TCP has room for %d",
			       tcp->option_bytes, OPTION_BYTES_MAX);
	if (packet->ip_options.len &&
	    (packet->source.family != 4 || packet->ip_options.len % 4 ||
	     packet->ip_options.len > IP_OPTION_BYTES_MAX))
		return why_set(why, EINVAL,
			       "IP options are up to %d bytes in whole words, of IPv4",
			       IP_OPTION_BYTES_MAX);
	if (tcp->len > 0 && !tcp->data)
		return why_set(why, EINVAL, "%zu bytes of payload are nowhere", tcp->len);
	return 0;
}

static int tcp_build(libnet_t *libnet, const struct packet_tcp *tcp, uint16_t len)
{
	if (tcp->option_bytes > 0 &&
	    libnet_build_tcp_options(tcp->options, tcp->option_bytes, libnet, 0) < 0)
		return -1;
	/* A checksum of 0 asks libnet for the right one; lies about it are told afterwards. */
	return libnet_build_tcp(tcp->source_port, tcp->dest_port, tcp->seq, tcp->ack,
				(uint8_t)(tcp->flags & 0xff), tcp->window, 0, tcp->urgent, len,
				tcp->data, (uint32_t)tcp->len, libnet, 0);
}

static int ipv4_build(libnet_t *libnet, const struct packet *packet, uint16_t tcp_len)
{
	const struct bytes *options = &packet->ip_options;
	uint32_t source, dest;

	if (options->len &&
	    libnet_build_ipv4_options(options->at, (uint32_t)options->len, libnet, 0) < 0)
		return -1;
	memcpy(&source, packet->source.at, sizeof(source));
	memcpy(&dest, packet->dest.at, sizeof(dest));
	return libnet_build_ipv4((uint16_t)(IPV4_BYTES + options->len + tcp_len),
				 packet->tos, packet->ip_id,
				 packet->dont_fragment ? IP_DF : 0, packet->ttl, IPPROTO_TCP, 0,
				 source, dest, NULL, 0, libnet, 0);
}

static int ipv6_build(libnet_t *libnet, const struct packet *packet, uint16_t tcp_len)
{
	struct libnet_in6_addr source, dest;

	memcpy(&source, packet->source.at, sizeof(source));
	memcpy(&dest, packet->dest.at, sizeof(dest));
	return libnet_build_ipv6(packet->tos, packet->flow_label & 0xfffff, tcp_len, IPPROTO_TCP,
				 packet->ttl, source, dest, NULL, 0, libnet, 0);
}

/*
 * libnet 1.1.6 writes the middle byte of IPv6's flow label wrong (RFC 8200 3: 20 bits, of which the
 * first four share a byte with the traffic class).
 */
static void flow_label_write(uint8_t *frame, uint32_t label)
{
	uint8_t *ip = frame + ETHERNET_BYTES;

	ip[1] = (uint8_t)((ip[1] & 0xf0) | (label >> 16 & 0x0f));
	ip[2] = (uint8_t)(label >> 8);
	ip[3] = (uint8_t)label;
}

int frame_build(libnet_t *libnet, const struct packet *packet, uint8_t **frame, size_t *len,
		struct why *why)
{
	const bool v4 = packet->source.family == 4;
	uint8_t *culled = NULL;
	uint32_t culled_len;
	size_t tcp_len;
	int r;

	r = packet_check(packet, why);
	if (r < 0)
		return r;
	tcp_len = TCP_BYTES + ((packet->tcp.option_bytes + 3u) & ~3u);
	if (packet->tcp.len > (size_t)IP_LENGTH_MAX -
				      (v4 ? IPV4_BYTES + packet->ip_options.len : 0) - tcp_len)
		return why_set(why, EMSGSIZE, "%zu bytes of payload do not fit an IP packet",
			       packet->tcp.len);
	tcp_len += packet->tcp.len;

	errno = 0;
	if (tcp_build(libnet, &packet->tcp, (uint16_t)tcp_len) < 0 ||
	    (v4 ? ipv4_build(libnet, packet, (uint16_t)tcp_len)
		: ipv6_build(libnet, packet, (uint16_t)tcp_len)) < 0 ||
	    libnet_build_ethernet(packet->dest_mac.at, packet->source_mac.at,
				  v4 ? ETHERTYPE_IP : ETHERTYPE_IPV6, NULL, 0, libnet, 0) < 0 ||
	    libnet_adv_cull_packet(libnet, &culled, &culled_len) < 0) {
		culled = NULL;
		r = build_failed(libnet, why);
		goto out;
	}
	if (!v4)
		flow_label_write(culled, packet->flow_label);
	r = packet_apply_lies(packet, culled, culled_len);
	if (r < 0) {
		why_set(why, -r, "the lies do not fit the packet");
		goto out;
	}
	*frame = culled;
	*len = culled_len;
	culled = NULL;
out:
	if (culled)
		libnet_adv_free_packet(libnet, culled);
	libnet_clear_packet(libnet);
	return r;
}
