/*
 * From a template to a packet, and to frames where IP is to be what no builder makes: options,
 * extension headers, fragments.
 */
#include "probe/probe.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	ETHERNET_BYTES = 14,
	IP4_BYTES = 20,
	IP6_BYTES = 40,
	FRAGMENT_BYTES = 8, /* of IPv6's header */
	PROTOCOL_DEST_OPTIONS = 60,
	PROTOCOL_FRAGMENT = 44,
	FRAME_BYTES_MAX = 65535 + ETHERNET_BYTES + IP6_BYTES,
	WINDOW = 65535,
	TTL = 64,
	MSS4 = 1460, /* what a host on Ethernet would offer */
	MSS6 = 1440,
};

static uint32_t value_or(struct span span, uint32_t otherwise)
{
	return span.kind ? span.low : otherwise;
}

/* What the protocol wants in a segment whose options nobody named. */
static int options_fill(const struct crafted *crafted, bool six, struct packet_tcp *tcp,
			struct why *why)
{
	const struct segment *t = &crafted->tcp;
	const struct option mss = opt_mss(six ? MSS6 : MSS4);
	size_t len = 0;
	int r;

	if (t->options[0].used)
		r = options_encode(t->options, OPTIONS_MAX, tcp->options, &len);
	else if (t->flags & SYN && !(t->lies & LIE_NO_OPTIONS))
		r = options_encode(&mss, 1, tcp->options, &len);
	else
		r = 0;
	tcp->option_bytes = (uint8_t)len;
	return r ? why_set(why, EINVAL, "the options do not fit into %d bytes", OPTION_BYTES_MAX)
		 : 0;
}

int craft_packet(const struct crafted *crafted, const struct probe_ends *ends, struct packet *out,
		 struct why *why)
{
	const struct segment *t = &crafted->tcp;
	struct packet packet = {
		.kind = PACKET_TCP,
		.source_mac = ends->source_mac,
		.dest_mac = ends->dest_mac,
		.source = ends->source,
		.dest = ends->dest,
		.ttl = (uint8_t)value_or(t->ttl, TTL),
		.tos = (uint8_t)value_or(t->tos, 0),
		.ip_id = crafted->set_id ? crafted->id : ends->id,
		.dont_fragment = crafted->set_fragmentable ? !crafted->fragmentable
							   : !crafted->fragment,
		.flow_label = crafted->flow_label,
		.lies = t->lies,
		.set_checksum = t->checksum.kind != SPAN_UNSET,
		.set_ip_length = crafted->set_ip_length,
		.ip_length = crafted->ip_length,
	};
	struct packet_tcp *tcp = &packet.tcp;
	int r;

	packet.tcp = (struct packet_tcp){
		.source_port = ends->source_port,
		.dest_port = ends->dest_port,
		.flags = (uint16_t)t->flags,
		.window = (uint16_t)value_or(t->window, WINDOW),
		.urgent = (uint16_t)value_or(t->urgent, 0),
		.data_offset = (uint8_t)value_or(t->data_offset, 0),
		.reserved = (uint8_t)value_or(t->reserved, 0),
		.checksum = (uint16_t)value_or(t->checksum, 0),
		.data = t->data.at,
		.len = t->data.len,
	};
	tcp->seq = t->seq.kind ? ends->iss + t->seq.low : ends->seq;
	tcp->seq = value_or(t->raw_seq, tcp->seq);
	tcp->ack = t->flags & ACK ? ends->ack : 0;
	tcp->ack = t->ack.kind ? ends->irs + t->ack.low : tcp->ack;
	tcp->ack = value_or(t->raw_ack, tcp->ack);
	r = options_fill(crafted, ends->dest.family == 6, tcp, why);
	if (!r)
		*out = packet;
	return r;
}

bool craft_needs_frames(const struct crafted *crafted)
{
	return crafted->fragment || crafted->ip_option_count || crafted->bad_ip_checksum;
}

/* A frame in parts: Ethernet and the IP header, what stands between, and the IP payload. */
struct parts {
	const struct crafted *crafted;
	bool six;
	const uint8_t *frame; /* as packet_encode() made it */
	size_t len;
	uint8_t extra[64]; /* IPv4 options, or an IPv6 extension header */
	size_t extra_len;
	uint8_t *out;
	size_t id;
};

static void put16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static size_t header_bytes(const struct parts *parts)
{
	return ETHERNET_BYTES + (parts->six ? IP6_BYTES : IP4_BYTES);
}

/* IPv4's options as they are; IPv6's in a destination options header, whose lengths are shorter. */
static int extra_fill(struct parts *parts, uint8_t protocol, struct why *why)
{
	const struct crafted *crafted = parts->crafted;
	const size_t unit = parts->six ? 8 : 4;
	size_t len;
	int r;

	if (!crafted->ip_option_count)
		return 0;
	r = options_encode(crafted->ip_options, crafted->ip_option_count,
			   parts->extra + (parts->six ? 2 : 0), &len);
	if (r)
		return why_set(why, EINVAL, "the IP options do not fit into 40 bytes");
	if (parts->six) {
		uint8_t *at = parts->extra + 2;

		for (size_t i = 0; i < crafted->ip_option_count; i++) {
			const struct option *option = &crafted->ip_options[i];

			if (option->size > 1)
				at[1] = (uint8_t)(option->told - 2);
			at += option->size;
		}
		len += 2;
	}
	/* Padded with zeros: IPv4's end of the list, IPv6's Pad1. */
	parts->extra_len = (len + unit - 1) / unit * unit;
	if (parts->six) {
		parts->extra[0] = protocol;
		parts->extra[1] = (uint8_t)(parts->extra_len / 8 - 1);
	}
	return 0;
}

static void finish4(const struct parts *parts, size_t header, size_t total, size_t offset,
		    bool more)
{
	uint8_t *ip = parts->out + ETHERNET_BYTES;
	uint16_t sum;

	ip[0] = (uint8_t)(0x40 | header / 4);
	put16(ip + 2, parts->crafted->set_ip_length ? parts->crafted->ip_length : total);
	ip[6] = (uint8_t)((ip[6] & 0xe0) | (more ? 0x20 : 0) | offset / 8 >> 8);
	ip[7] = (uint8_t)(offset / 8);
	put16(ip + 10, 0);
	sum = checksum_fold(checksum_add(0, ip, header));
	if (parts->crafted->bad_ip_checksum)
		sum = sum == 0 || sum == 0xffff ? 1 : (uint16_t)~sum;
	put16(ip + 10, sum);
}

/* One fragment of n bytes at offset of the payload; the last or only one has more false. */
static size_t piece_make(const struct parts *parts, const uint8_t *payload, size_t offset, size_t n,
			 bool more)
{
	const bool fragmented = parts->crafted->fragment;
	const size_t head = header_bytes(parts);
	uint8_t *at = parts->out;

	memcpy(at, parts->frame, head);
	at += head;
	if (!parts->six) {
		memcpy(at, parts->extra, parts->extra_len);
		at += parts->extra_len;
		memcpy(at, payload + offset, n);
		finish4(parts, IP4_BYTES + parts->extra_len, IP4_BYTES + parts->extra_len + n,
			offset, more);
		return (size_t)(at - parts->out) + n;
	}
	if (fragmented) {
		/* The payload begins with the extension header, where there is one. */
		at[0] = parts->extra_len ? PROTOCOL_DEST_OPTIONS : parts->frame[ETHERNET_BYTES + 6];
		at[1] = 0;
		put16(at + 2, offset | more);
		put16(at + 4, parts->id);
		put16(at + 6, parts->id);
		at += FRAGMENT_BYTES;
	}
	memcpy(at, payload + offset, n);
	at = parts->out + ETHERNET_BYTES;
	put16(at + 4, parts->crafted->set_ip_length ? parts->crafted->ip_length
						    : n + (fragmented ? FRAGMENT_BYTES : 0));
	at[6] = fragmented ? PROTOCOL_FRAGMENT
		: parts->extra_len ? PROTOCOL_DEST_OPTIONS
				   : at[6];
	return head + (fragmented ? FRAGMENT_BYTES : 0) + n;
}

static int pieces_send(const struct parts *parts, const uint8_t *payload, size_t len,
		       int (*each)(void *arg, const uint8_t *frame, size_t len, struct why *why),
		       void *arg, struct why *why)
{
	const size_t most = parts->crafted->fragment ? parts->crafted->fragment : len;
	size_t offset = 0;
	int r = 0;

	do {
		const size_t n = len - offset < most ? len - offset : most;
		const size_t size = piece_make(parts, payload, offset, n, offset + n < len);

		r = each(arg, parts->out, size, why);
		offset += n;
	} while (!r && offset < len);
	return r;
}

int craft_frames(const struct crafted *crafted, const struct packet *packet,
		 int (*each)(void *arg, const uint8_t *frame, size_t len, struct why *why),
		 void *arg, struct why *why)
{
	struct parts parts = {.crafted = crafted, .six = packet->dest.family == 6,
			      .id = packet->ip_id};
	uint8_t *memory = malloc(3 * (size_t)FRAME_BYTES_MAX), *payload;
	size_t head = header_bytes(&parts), len;
	struct packet honest = *packet;
	int r;

	if (!memory)
		return why_set(why, ENOMEM, "out of memory");
	/* Lengths and the IP checksum are this file's to tell. */
	honest.set_ip_length = honest.set_ip_checksum = false;
	r = packet_encode(&honest, memory, FRAME_BYTES_MAX, &parts.len);
	if (r) {
		why_set(why, -r, "%zu bytes of payload do not fit an IP packet", packet->tcp.len);
		goto out;
	}
	parts.frame = memory;
	parts.out = memory + FRAME_BYTES_MAX;
	payload = memory + 2 * (size_t)FRAME_BYTES_MAX;
	r = extra_fill(&parts, parts.frame[ETHERNET_BYTES + (parts.six ? 6 : 9)], why);
	if (r)
		goto out;
	/* IPv6's extension header is fragmented too; IPv4's options are in each piece. */
	len = 0;
	if (parts.six) {
		memcpy(payload, parts.extra, parts.extra_len);
		len = parts.extra_len;
	}
	memcpy(payload + len, parts.frame + head, parts.len - head);
	len += parts.len - head;
	if (len + parts.extra_len > UINT16_MAX - IP4_BYTES)
		r = why_set(why, EMSGSIZE, "%zu bytes do not fit an IP packet", len);
	else
		r = pieces_send(&parts, payload, len, each, arg, why);
out:
	free(memory);
	return r;
}
