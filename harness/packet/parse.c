/*
 * A captured Ethernet frame into a packet.
 */
#include "packet/parse.h"

#define TCP_HEADER 20u
#define ARP_BODY 28u

static void malformed(struct packet *out, const char *fault)
{
	out->kind = PACKET_MALFORMED;
	out->fault = fault;
}

static enum checksum_state tcp_checksum(const struct view *segment, const struct packet *out)
{
	uint32_t pseudo;
	uint16_t unfinished;

	if (!checksum_tcp(&out->source, &out->dest, segment->at, segment->len))
		return CHECKSUM_GOOD;
	/*
	 * A segment that leaves its checksum to the network card carries only the pseudo-header's
	 * sum, not inverted. Captured before the card, that is unfinished and not wrong.
	 */
	pseudo = checksum_pseudo_sum(&out->source, &out->dest, PROTOCOL_TCP, segment->len);
	unfinished = (uint16_t)~checksum_fold(pseudo);
	return out->tcp.checksum == unfinished ? CHECKSUM_UNKNOWN : CHECKSUM_BAD;
}

static void tcp_parse(const struct view *segment, bool partial, struct packet *out)
{
	struct packet_tcp *tcp = &out->tcp;
	uint16_t bits;
	size_t header;

	if (segment->have < TCP_HEADER) {
		malformed(out, segment->len < TCP_HEADER ? "TCP segment below 20 bytes"
							 : "cut inside the TCP header");
		return;
	}
	bits = view_u16(segment, 12);
	*tcp = (struct packet_tcp){
		.source_port = view_u16(segment, 0),
		.dest_port = view_u16(segment, 2),
		.seq = view_u32(segment, 4),
		.ack = view_u32(segment, 8),
		.data_offset = (uint8_t)(bits >> 12),
		.reserved = bits >> 9 & 7,
		.flags = bits & 0x1ff,
		.window = view_u16(segment, 14),
		.checksum = view_u16(segment, 16),
		.urgent = view_u16(segment, 18),
		.checksum_state = CHECKSUM_UNKNOWN,
	};
	header = tcp->data_offset * 4u;
	if (header < TCP_HEADER) {
		malformed(out, "TCP data offset below 5");
		return;
	}
	if (header > segment->len) {
		malformed(out, "TCP data offset past the segment's end");
		return;
	}
	if (header > segment->have) {
		malformed(out, "cut inside the TCP options");
		return;
	}
	out->kind = PACKET_TCP;
	tcp->option_bytes = (uint8_t)(header - TCP_HEADER);
	view_copy(segment, TCP_HEADER, tcp->options, tcp->option_bytes);
	tcp->data = segment->at + header;
	tcp->len = segment->have - header;
	tcp->cut = segment->len - segment->have;
	if (!partial && !tcp->cut)
		tcp->checksum_state = tcp_checksum(segment, out);
}

static void ip_parse(const struct view *datagram, struct packet *out)
{
	struct ip ip;
	const char *fault = ip_read(datagram, &ip);
	struct view payload;

	out->source = ip.source;
	out->dest = ip.dest;
	out->ttl = ip.ttl;
	out->tos = ip.tos;
	out->ip_id = ip.id;
	out->dont_fragment = ip.dont_fragment;
	out->flow_label = ip.flow_label;
	out->ip_checksum_bad = ip.checksum_bad;
	if (!fault && ip.total > datagram->len)
		fault = "IP length past the frame's end";
	if (fault) {
		malformed(out, fault);
		return;
	}
	if (ip.later)
		return;
	/* What follows the datagram in the frame is Ethernet's padding. */
	payload = view_from(view_to(*datagram, ip.total), ip.header);
	if (ip.protocol == PROTOCOL_TCP)
		tcp_parse(&payload, ip.partial, out);
	else if (ip.protocol == PROTOCOL_ICMP && ip.source.family == 4)
		icmp_parse(&payload, ip.partial, out);
	else if (ip.protocol == PROTOCOL_ICMP6 && ip.source.family == 6)
		icmp6_parse(&payload, ip.partial, out);
}

static void arp_parse(const struct view *body, struct packet *out)
{
	struct packet_arp arp = {.sender.family = 4, .target.family = 4};

	if (body->have < ARP_BODY) {
		malformed(out, body->len < ARP_BODY ? "ARP message below 28 bytes"
						    : "cut inside the ARP message");
		return;
	}
	/* Ethernet and IPv4, with addresses of 6 and 4 bytes; others are not ours. */
	if (view_u16(body, 0) != 1 || view_u16(body, 2) != ETHERTYPE_IP4 ||
	    view_u16(body, 4) != 0x0604)
		return;
	arp.operation = view_u16(body, 6);
	view_copy(body, 8, arp.sender_mac.at, 6);
	view_copy(body, 14, arp.sender.at, 4);
	view_copy(body, 18, arp.target_mac.at, 6);
	view_copy(body, 24, arp.target.at, 4);
	out->kind = PACKET_ARP;
	out->arp = arp;
}

void packet_parse(const uint8_t *frame, size_t captured, size_t len, struct packet *out)
{
	struct view v = {frame, captured < len ? captured : len, len};
	uint16_t ethertype;
	size_t header = 14;

	*out = (struct packet){.kind = PACKET_OTHER};
	if (v.have < header) {
		malformed(out, "ends inside the Ethernet header");
		return;
	}
	view_copy(&v, 0, out->dest_mac.at, 6);
	view_copy(&v, 6, out->source_mac.at, 6);
	ethertype = view_u16(&v, 12);
	if (ethertype == ETHERTYPE_TAG) {
		header = 18;
		if (v.have < header) {
			malformed(out, "ends inside the VLAN tag");
			return;
		}
		out->has_vlan = true;
		out->vlan = view_u16(&v, 14);
		ethertype = view_u16(&v, 16);
	}
	v = view_from(v, header);
	if (ethertype == ETHERTYPE_RESOLVE)
		arp_parse(&v, out);
	else if (ethertype == ETHERTYPE_IP4 && (v.have == 0 || view_u8(&v, 0) >> 4 == 4))
		ip_parse(&v, out);
	else if (ethertype == ETHERTYPE_IP6 && (v.have == 0 || view_u8(&v, 0) >> 4 == 6))
		ip_parse(&v, out);
	else if (ethertype == ETHERTYPE_IP4 || ethertype == ETHERTYPE_IP6)
		malformed(out, "IP version that is not the Ethernet type's");
}
