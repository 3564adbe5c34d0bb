/*
 * A packet into a whole Ethernet frame.
 */
#include "packet/parse.h"
#include <errno.h>

#define IP4_HEADER 20u
#define IP6_HEADER 40u
#define TCP_HEADER 20u
#define ICMP_HEADER 8u

/* A frame that grows: room is asked for, zeroed, and filled by the caller. */
struct writer {
	uint8_t *at;
	size_t used, size;
};

static uint8_t *writer_take(struct writer *w, size_t n)
{
	uint8_t *at = w->at + w->used;

	if (n > w->size - w->used)
		return NULL;
	memset(at, 0, n);
	w->used += n;
	return at;
}

static int ethernet_put(struct writer *w, const struct packet *packet, unsigned ethertype)
{
	uint8_t *at = writer_take(w, packet->has_vlan ? 18 : 14);

	if (!at)
		return -ENOSPC;
	memcpy(at, packet->dest_mac.at, 6);
	memcpy(at + 6, packet->source_mac.at, 6);
	if (packet->has_vlan) {
		put_u16(at + 12, ETHERTYPE_TAG);
		put_u16(at + 14, packet->vlan);
		at += 4;
	}
	put_u16(at + 12, ethertype);
	return 0;
}

static int ip_put(struct writer *w, const struct packet *packet, uint8_t protocol, size_t len)
{
	bool six = packet->source.family == 6;
	const size_t options = packet->ip_options.len, header = IP4_HEADER + options;
	uint8_t *at;

	if (packet->source.family != packet->dest.family || (!six && packet->source.family != 4) ||
	    options > IP_OPTION_BYTES_MAX || options % 4 || (six && options) ||
	    len > UINT16_MAX - header)
		return -EINVAL;
	if (ethernet_put(w, packet, six ? ETHERTYPE_IP6 : ETHERTYPE_IP4))
		return -ENOSPC;
	at = writer_take(w, six ? IP6_HEADER : header);
	if (!at)
		return -ENOSPC;
	if (six) {
		put_u32(at, UINT32_C(6) << 28 | (uint32_t)packet->tos << 20 |
				    (packet->flow_label & 0xfffff));
		put_u16(at + 4, (unsigned)len);
		at[6] = protocol;
		at[7] = packet->ttl;
		memcpy(at + 8, packet->source.at, 16);
		memcpy(at + 24, packet->dest.at, 16);
		return 0;
	}
	at[0] = (uint8_t)(0x40 | header / 4);
	at[1] = packet->tos;
	put_u16(at + 2, (unsigned)(header + len));
	put_u16(at + 4, packet->ip_id);
	put_u16(at + 6, packet->dont_fragment ? 0x4000 : 0);
	at[8] = packet->ttl;
	at[9] = protocol;
	memcpy(at + 12, packet->source.at, 4);
	memcpy(at + 16, packet->dest.at, 4);
	if (options)
		memcpy(at + IP4_HEADER, packet->ip_options.at, options);
	put_u16(at + 10, checksum_fold(checksum_add(0, at, header)));
	return 0;
}

static int tcp_put(struct writer *w, const struct packet *packet)
{
	const struct packet_tcp *tcp = &packet->tcp;
	size_t header = TCP_HEADER + (tcp->option_bytes + 3u) / 4 * 4;
	uint8_t *at;
	int rc;

	if (tcp->option_bytes > OPTION_BYTES_MAX || tcp->len > UINT16_MAX ||
	    (tcp->len && !tcp->data))
		return -EINVAL;
	rc = ip_put(w, packet, PROTOCOL_TCP, header + tcp->len);
	if (rc)
		return rc;
	at = writer_take(w, header + tcp->len);
	if (!at)
		return -ENOSPC;
	put_u16(at, tcp->source_port);
	put_u16(at + 2, tcp->dest_port);
	put_u32(at + 4, tcp->seq);
	put_u32(at + 8, tcp->ack);
	at[12] = (uint8_t)(header / 4 << 4);
	at[13] = (uint8_t)tcp->flags;
	put_u16(at + 14, tcp->window);
	put_u16(at + 18, tcp->urgent);
	memcpy(at + TCP_HEADER, tcp->options, tcp->option_bytes);
	if (tcp->len)
		memcpy(at + header, tcp->data, tcp->len);
	return packet_apply_lies(packet, w->at, w->used);
}

/* The message's checksum, at its third byte in both protocols. */
static void icmp_finish(const struct packet *packet, uint8_t *at, size_t len)
{
	uint16_t sum;

	if (packet->source.family == 4)
		sum = checksum_fold(checksum_add(0, at, len));
	else
		sum = checksum_pseudo(&packet->source, &packet->dest, PROTOCOL_ICMP6, at, len);
	put_u16(at + 2, sum);
}

static int icmp_put(struct writer *w, const struct packet *packet)
{
	const struct packet_icmp *icmp = &packet->icmp;
	uint8_t protocol = packet->source.family == 4 ? PROTOCOL_ICMP : PROTOCOL_ICMP6;
	size_t len = ICMP_HEADER + icmp->quote_len;
	uint8_t *at;
	int rc;

	if (icmp->quote_len > UINT16_MAX || (icmp->quote_len && !icmp->quote))
		return -EINVAL;
	rc = ip_put(w, packet, protocol, len);
	if (rc)
		return rc;
	at = writer_take(w, len);
	if (!at)
		return -ENOSPC;
	at[0] = icmp->type;
	at[1] = icmp->code;
	put_u32(at + 4, icmp->parameter);
	if (icmp->quote_len)
		memcpy(at + ICMP_HEADER, icmp->quote, icmp->quote_len);
	icmp_finish(packet, at, len);
	return 0;
}

static int nd_put(struct writer *w, const struct packet *packet)
{
	const struct packet_nd *nd = &packet->nd;
	struct packet ip = *packet;
	size_t len = nd->has_mac ? 32 : 24;
	uint8_t *at;
	int rc;

	if (packet->source.family != 6 || nd->target.family != 6)
		return -EINVAL;
	/* Any other hop limit would be discarded, RFC 4861 7.1. */
	ip.ttl = 255;
	rc = ip_put(w, &ip, PROTOCOL_ICMP6, len);
	if (rc)
		return rc;
	at = writer_take(w, len);
	if (!at)
		return -ENOSPC;
	at[0] = nd->advertisement ? ND_ADVERT : ND_SOLICIT;
	at[4] = nd->advertisement ? nd->flags & 0xe0 : 0;
	memcpy(at + 8, nd->target.at, 16);
	if (nd->has_mac) {
		/* Source link-layer address (1) or target's (2), one unit of 8 bytes. */
		at[24] = nd->advertisement ? 2 : 1;
		at[25] = 1;
		memcpy(at + 26, nd->mac.at, 6);
	}
	icmp_finish(packet, at, len);
	return 0;
}

static int arp_put(struct writer *w, const struct packet *packet)
{
	const struct packet_arp *arp = &packet->arp;
	uint8_t *at;

	if (arp->sender.family != 4 || arp->target.family != 4)
		return -EINVAL;
	if (ethernet_put(w, packet, ETHERTYPE_RESOLVE))
		return -ENOSPC;
	at = writer_take(w, 28);
	if (!at)
		return -ENOSPC;
	put_u16(at, 1);
	put_u16(at + 2, ETHERTYPE_IP4);
	put_u16(at + 4, 0x0604);
	put_u16(at + 6, arp->operation);
	memcpy(at + 8, arp->sender_mac.at, 6);
	memcpy(at + 14, arp->sender.at, 4);
	memcpy(at + 18, arp->target_mac.at, 6);
	memcpy(at + 24, arp->target.at, 4);
	return 0;
}

int packet_encode(const struct packet *packet, uint8_t *frame, size_t size, size_t *len)
{
	struct writer w = {frame, 0, size};
	int rc;

	switch (packet->kind) {
	case PACKET_TCP:
		rc = tcp_put(&w, packet);
		break;
	case PACKET_ICMP:
		rc = icmp_put(&w, packet);
		break;
	case PACKET_ND:
		rc = nd_put(&w, packet);
		break;
	case PACKET_ARP:
		rc = arp_put(&w, packet);
		break;
	default:
		return -EINVAL;
	}
	if (!rc)
		*len = w.used;
	return rc;
}
