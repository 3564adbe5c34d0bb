/*
 * ICMP (RFC 792), ICMPv6 (RFC 4443) and neighbour discovery (RFC 4861), read from bytes.
 */
#include "packet/parse.h"

#define ICMP_HEADER 8u
#define ND_HEADER 24u
#define ND_SOURCE_MAC 1
#define ND_TARGET_MAC 2

static void malformed(struct packet *out, const char *fault)
{
	out->kind = PACKET_MALFORMED;
	out->fault = fault;
}

/* An error quotes the datagram that caused it as far as it fits; 8 bytes of TCP are certain. */
static void quote_read(const struct view *message, struct packet_icmp *out)
{
	struct view quote = view_from(*message, ICMP_HEADER);
	struct ip ip;
	struct view tcp;

	if (ip_read(&quote, &ip) || ip.later || ip.protocol != PROTOCOL_TCP)
		return;
	tcp = view_from(view_to(quote, ip.total), ip.header);
	if (tcp.have < 8)
		return;
	out->quotes_tcp = true;
	out->quoted_source = ip.source;
	out->quoted_dest = ip.dest;
	out->quoted_source_port = view_u16(&tcp, 0);
	out->quoted_dest_port = view_u16(&tcp, 2);
	out->quoted_seq = view_u32(&tcp, 4);
}

static void header_read(const struct view *message, struct packet_icmp *out)
{
	struct view body = view_from(*message, ICMP_HEADER);

	*out = (struct packet_icmp){
		.type = view_u8(message, 0),
		.code = view_u8(message, 1),
		.parameter = view_u32(message, 4),
		.quote = body.at,
		.quote_len = body.have,
	};
}

void icmp_parse(const struct view *message, bool partial, struct packet *out)
{
	if (message->have < ICMP_HEADER) {
		malformed(out, message->len < ICMP_HEADER ? "ICMP message below 8 bytes"
							  : "cut inside the ICMP header");
		return;
	}
	out->kind = PACKET_ICMP;
	header_read(message, &out->icmp);
	if (partial || message->have < message->len)
		out->icmp.checksum_state = CHECKSUM_UNKNOWN;
	else if (checksum_fold(checksum_add(0, message->at, message->len)))
		out->icmp.checksum_state = CHECKSUM_BAD;
	switch (out->icmp.type) {
	case 3:	 /* destination unreachable */
	case 4:	 /* source quench */
	case 5:	 /* redirect */
	case 11: /* time exceeded */
	case 12: /* parameter problem */
		quote_read(message, &out->icmp);
		break;
	default:
		break;
	}
}

static void nd_parse(const struct view *message, struct packet *out)
{
	bool advertisement = view_u8(message, 0) == ND_ADVERT;
	uint8_t wanted = advertisement ? ND_TARGET_MAC : ND_SOURCE_MAC;
	struct packet_nd nd = {.advertisement = advertisement, .target.family = 6};
	struct view options = view_from(*message, ND_HEADER);

	/* A receiver must discard all of these, RFC 4861 7.1.1 and 7.1.2. */
	if (message->have < ND_HEADER) {
		malformed(out, "neighbour discovery below 24 bytes");
		return;
	}
	if (out->ttl != 255 || view_u8(message, 1)) {
		malformed(out, "neighbour discovery with a hop limit or code that it never has");
		return;
	}
	nd.flags = advertisement ? view_u8(message, 4) & 0xe0 : 0;
	view_copy(message, 8, nd.target.at, 16);
	while (options.have) {
		size_t size = view_u8(&options, 1) * 8u;

		if (!size || options.have < size) {
			malformed(out, "neighbour discovery option whose length lies");
			return;
		}
		if (view_u8(&options, 0) == wanted) {
			nd.has_mac = true;
			view_copy(&options, 2, nd.mac.at, 6);
		}
		options = view_from(options, size);
	}
	out->kind = PACKET_ND;
	out->nd = nd;
}

void icmp6_parse(const struct view *message, bool partial, struct packet *out)
{
	uint8_t type = view_u8(message, 0);
	bool nd = type == ND_SOLICIT || type == ND_ADVERT;
	enum checksum_state state = CHECKSUM_GOOD;

	if (message->have < ICMP_HEADER) {
		malformed(out, message->len < ICMP_HEADER ? "ICMPv6 message below 8 bytes"
							  : "cut inside the ICMPv6 header");
		return;
	}
	if (partial || message->have < message->len)
		state = CHECKSUM_UNKNOWN;
	else if (checksum_pseudo(&out->source, &out->dest, PROTOCOL_ICMP6, message->at,
				 message->len))
		state = CHECKSUM_BAD;
	if (nd && state == CHECKSUM_GOOD) {
		nd_parse(message, out);
		return;
	}
	if (nd) {
		malformed(out, state == CHECKSUM_BAD ? "neighbour discovery with a bad checksum"
						     : "cut inside neighbour discovery");
		return;
	}
	out->kind = PACKET_ICMP;
	header_read(message, &out->icmp);
	out->icmp.checksum_state = state;
	/* Errors are the types below 128, RFC 4443 2.1. */
	if (type < 128)
		quote_read(message, &out->icmp);
}
