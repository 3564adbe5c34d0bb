/*
 * IPv4 and IPv6 headers, extension headers included.
 */
#include "packet/parse.h"

#define IP4_HEADER 20u
#define IP6_HEADER 40u
#define IP4_DONT_FRAGMENT 0x4000u
#define IP4_MORE_FRAGMENTS 0x2000u
#define IP4_OFFSET 0x1fffu

static const char *ip4_read(const struct view *v, struct ip *out)
{
	uint16_t fragment;

	if (v->have < IP4_HEADER)
		return "ends inside the IPv4 header";
	out->source.family = out->dest.family = 4;
	out->header = (view_u8(v, 0) & 0xfu) * 4;
	out->tos = view_u8(v, 1);
	out->total = view_u16(v, 2);
	out->id = view_u16(v, 4);
	fragment = view_u16(v, 6);
	out->ttl = view_u8(v, 8);
	out->protocol = view_u8(v, 9);
	view_copy(v, 12, out->source.at, 4);
	view_copy(v, 16, out->dest.at, 4);
	out->dont_fragment = fragment & IP4_DONT_FRAGMENT;
	out->later = fragment & IP4_OFFSET;
	out->partial = fragment & (IP4_MORE_FRAGMENTS | IP4_OFFSET);
	if (out->header < IP4_HEADER)
		return "IPv4 header length below 20 bytes";
	if (out->total < out->header)
		return "IPv4 total length below the header's";
	if (v->have < out->header)
		return "ends inside the IPv4 options";
	out->checksum_bad = checksum_fold(checksum_add(0, v->at, out->header)) != 0;
	return NULL;
}

/* Bytes of the extension header at off, or 0 if it is none that lastack reads through. */
static size_t extension_size(const struct view *v, size_t off, uint8_t protocol)
{
	switch (protocol) {
	case PROTOCOL_HOP_BY_HOP:
	case PROTOCOL_ROUTING:
	case PROTOCOL_DEST_OPTIONS:
		return (view_u8(v, off + 1) + 1u) * 8;
	case PROTOCOL_AUTH:
		return (view_u8(v, off + 1) + 2u) * 4;
	case PROTOCOL_FRAGMENT:
		return 8;
	default:
		return 0;
	}
}

static const char *ip6_read(const struct view *datagram, struct ip *out)
{
	struct view v = *datagram;
	uint32_t first = view_u32(&v, 0);
	size_t size;

	if (v.have < IP6_HEADER)
		return "ends inside the IPv6 header";
	out->source.family = out->dest.family = 6;
	out->tos = (uint8_t)(first >> 20);
	out->flow_label = first & 0xfffff;
	out->total = IP6_HEADER + view_u16(&v, 4);
	out->protocol = view_u8(&v, 6);
	out->ttl = view_u8(&v, 7);
	view_copy(&v, 8, out->source.at, 16);
	view_copy(&v, 24, out->dest.at, 16);
	out->header = IP6_HEADER;
	v = view_to(v, out->total);

	while ((size = extension_size(&v, out->header, out->protocol))) {
		/* The length byte itself must be there before the size can be believed. */
		if (v.len < out->header + 8 || v.len < out->header + size)
			return "IPv6 extension header past the packet's end";
		if (v.have < out->header + size)
			return "ends inside an IPv6 extension header";
		if (out->protocol == PROTOCOL_FRAGMENT) {
			uint16_t fragment = view_u16(&v, out->header + 2);

			out->later = fragment >> 3;
			out->partial = out->partial || fragment & 0xfff9;
		}
		if (out->protocol == PROTOCOL_ROUTING && view_u8(&v, out->header + 3))
			out->partial = true;
		out->protocol = view_u8(&v, out->header);
		out->header += size;
		if (out->later)
			break;
	}
	return NULL;
}

const char *ip_read(const struct view *datagram, struct ip *out)
{
	*out = (struct ip){.header = 0};
	switch (view_u8(datagram, 0) >> 4) {
	case 4:
		return ip4_read(datagram, out);
	case 6:
		return ip6_read(datagram, out);
	default:
		return datagram->have ? "IP version neither 4 nor 6" : "ends before the IP header";
	}
}
