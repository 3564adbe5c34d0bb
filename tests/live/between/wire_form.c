/*
 * Cuts merged TCP segments and completes open checksums, as a network adapter does for the kernel,
 * and builds merged segments for it.
 */
#include "packet/packet.h"
#include "wire_form.h"
#include <string.h>

enum { IPV6_BYTES = 40, TCP_PROTOCOL = 6 };

/* Where the headers of a TCP frame begin, and its data. */
struct layout {
	struct packet packet;
	size_t ip, tcp, data;
};

static void put16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static bool find_tcp(const uint8_t *bytes, size_t len, struct layout *out)
{
	packet_parse(bytes, len, len, &out->packet);
	if (out->packet.kind != PACKET_TCP)
		return false;
	out->ip = out->packet.has_vlan ? 18 : 14;
	out->data = (size_t)(out->packet.tcp.data - bytes);
	out->tcp = out->data - out->packet.tcp.data_offset * 4u;
	return true;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

/* Lengths, checksums and the n-th identification of a frame with these headers. */
static int finish(uint8_t *frame, const struct layout *at, size_t len, unsigned n)
{
	struct packet packet = at->packet;

	packet.set_ip_length = true;
	packet.ip_length = (uint16_t)(len - at->ip);
	if (packet.source.family == 4)
		put16(frame + at->ip + 4, (packet.ip_id + n) & 0xffff);
	else
		packet.ip_length = (uint16_t)(packet.ip_length - IPV6_BYTES);
	return packet_apply_lies(&packet, frame, len);
}

/* The segments that an adapter makes: flags of the end on the last one, CWR on the first. */
static bool cut(const uint8_t *bytes, size_t len, size_t size, wire_form_take *take, void *context)
{
	static uint8_t frame[UINT16_MAX + 64];
	struct layout at;
	unsigned n = 0;

	if (!size || !find_tcp(bytes, len, &at))
		return false;
	for (size_t done = at.data; done < len; done += size, n++) {
		const size_t left = len - done, part = left < size ? left : size;
		uint8_t *tcp = frame + at.tcp;

		if (at.data + part > sizeof(frame))
			return false;
		memcpy(frame, bytes, at.data);
		memcpy(frame + at.data, bytes + done, part);
		put32(tcp + 4, at.packet.tcp.seq + (uint32_t)(done - at.data));
		if (part < left)
			tcp[13] &= (uint8_t) ~(FIN | PSH);
		if (n)
			tcp[13] &= (uint8_t)~CWR;
		if (finish(frame, &at, at.data + part, n))
			return false;
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
	bool four;
	uint32_t sum;

	if (!find_tcp(bytes, len, &at) || at.data - at.ip >= mtu)
		return false;
	four = at.packet.source.family == 4;
	*header = (struct virtio_net_hdr){
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = four ? VIRTIO_NET_HDR_GSO_TCPV4 : VIRTIO_NET_HDR_GSO_TCPV6,
		.hdr_len = (uint16_t)at.data,
		.gso_size = (uint16_t)(mtu - (at.data - at.ip)),
		.csum_start = (uint16_t)at.tcp,
		.csum_offset = 16,
	};
	sum = checksum_add(0, at.packet.source.at, four ? 4 : 16);
	sum = checksum_add(sum, at.packet.dest.at, four ? 4 : 16);
	sum += TCP_PROTOCOL + (uint32_t)(len - at.tcp);
	put16(bytes + at.tcp + 16, (uint16_t)~checksum_fold(sum));
	return true;
}
