/*
 * Cuts merged TCP segments and completes open checksums, as a network adapter does for the kernel,
 * and builds merged segments for it. IPv4 with options and IPv6 without extension headers.
 */
#include "packet/packet.h"
#include "wire_form.h"
#include <string.h>

enum { ETHERNET_BYTES = 14, IPV6_BYTES = 40, TCP_BYTES_MIN = 20, TCP_PROTOCOL = 6 };

/* The headers of a TCP frame: offsets into it, and the addresses. */
struct layout {
	size_t ip, tcp, data;
	struct address source, dest;
};

static uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static void put16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

static uint32_t get32(const uint8_t *at)
{
	return (uint32_t)get16(at) << 16 | get16(at + 2);
}

static bool find_ip(const uint8_t *bytes, size_t len, struct layout *out)
{
	const uint8_t *ip = bytes + ETHERNET_BYTES;
	size_t size;

	if (len < ETHERNET_BYTES + 20)
		return false;
	out->ip = ETHERNET_BYTES;
	if (get16(bytes + 12) == 0x0800) {
		out->tcp = out->ip + (size_t)(ip[0] & 15) * 4;
		size = 4;
	} else {
		out->tcp = out->ip + IPV6_BYTES;
		size = 16;
	}
	if (size == 16 && (get16(bytes + 12) != 0x86dd || len < out->tcp))
		return false;
	out->source.family = out->dest.family = size == 4 ? 4 : 6;
	memcpy(out->source.at, ip + (size == 4 ? 12 : 8), size);
	memcpy(out->dest.at, ip + (size == 4 ? 16 : 24), size);
	return ip[size == 4 ? 9 : 6] == TCP_PROTOCOL;
}

static bool find_tcp(const uint8_t *bytes, size_t len, struct layout *out)
{
	memset(out, 0, sizeof(*out));
	if (!find_ip(bytes, len, out) || len < out->tcp + TCP_BYTES_MIN)
		return false;
	out->data = out->tcp + (size_t)(bytes[out->tcp + 12] >> 4) * 4;
	return out->data >= out->tcp + TCP_BYTES_MIN && out->data <= len;
}

/* Lengths and checksums of a frame that begins with these headers, len bytes long. */
static void finish(uint8_t *frame, const struct layout *at, size_t len, unsigned id)
{
	uint8_t *ip = frame + at->ip, *tcp = frame + at->tcp;

	if (at->source.family == 4) {
		put16(ip + 2, len - at->ip);
		put16(ip + 4, id & 0xffff);
		put16(ip + 10, 0);
		put16(ip + 10, checksum_fold(checksum_add(0, ip, at->tcp - at->ip)));
	} else {
		put16(ip + 4, len - at->tcp);
	}
	put16(tcp + 16, 0);
	put16(tcp + 16, checksum_tcp(&at->source, &at->dest, tcp, len - at->tcp));
}

/* The segments that an adapter makes: flags of the end on the last one, CWR on the first. */
static bool cut(const uint8_t *bytes, size_t len, size_t size, wire_form_take *take, void *context)
{
	static uint8_t frame[UINT16_MAX + 64];
	struct layout at;
	unsigned id, n = 0;

	if (!size || !find_tcp(bytes, len, &at))
		return false;
	id = get16(bytes + at.ip + 4);
	for (size_t done = at.data; done < len; done += size, n++) {
		const size_t left = len - done, part = left < size ? left : size;
		uint8_t *tcp = frame + at.tcp;

		if (at.data + part > sizeof(frame))
			return false;
		memcpy(frame, bytes, at.data);
		memcpy(frame + at.data, bytes + done, part);
		put32(tcp + 4, get32(tcp + 4) + (uint32_t)(done - at.data));
		if (part < left)
			tcp[13] &= (uint8_t) ~(FIN | PSH);
		if (n)
			tcp[13] &= (uint8_t)~CWR;
		finish(frame, &at, at.data + part, id + n);
		take(frame, at.data + part, sizeof(frame), context);
	}
	return true;
}

bool wire_form(const struct virtio_net_hdr *header, uint8_t *bytes, size_t len, size_t room,
	       wire_form_take *take, void *context)
{
	const size_t start = header->csum_start, field = start + header->csum_offset;

	if (header->gso_type != VIRTIO_NET_HDR_GSO_NONE)
		return cut(bytes, len, header->gso_size, take, context);
	if (header->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM && start < len && field + 2 <= len) {
		/* The field holds the sum of the pseudo-header: it is summed with the rest. */
		const uint16_t sum = checksum_fold(checksum_add(0, bytes + start, len - start));

		/* A checksum of UDP that is zero says that there is none. */
		put16(bytes + field, sum ? sum : UINT16_MAX);
	}
	take(bytes, len, room, context);
	return true;
}

bool wire_form_merge(struct virtio_net_hdr *header, uint8_t *bytes, size_t len, size_t mtu)
{
	struct layout at;
	uint32_t sum;

	if (!find_tcp(bytes, len, &at) || at.data - at.ip >= mtu)
		return false;
	*header = (struct virtio_net_hdr){
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = at.source.family == 4 ? VIRTIO_NET_HDR_GSO_TCPV4
						  : VIRTIO_NET_HDR_GSO_TCPV6,
		.hdr_len = (uint16_t)at.data,
		.gso_size = (uint16_t)(mtu - (at.data - at.ip)),
		.csum_start = (uint16_t)at.tcp,
		.csum_offset = 16,
	};
	sum = checksum_add(0, at.source.at, at.source.family == 4 ? 4 : 16);
	sum = checksum_add(sum, at.dest.at, at.source.family == 4 ? 4 : 16);
	sum += TCP_PROTOCOL + (uint32_t)(len - at.tcp);
	put16(bytes + at.tcp + 16, (uint16_t)~checksum_fold(sum));
	return true;
}
