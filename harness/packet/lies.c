/*
 * Lies told over a finished frame: what a well-meaning builder would put right.
 */
#include "packet/parse.h"
#include <errno.h>

#define TCP_HEADER 20u

/* Where the IP header and the TCP header of a frame begin. */
struct places {
	size_t ip, tcp;
	unsigned version;
};

static int places_find(const uint8_t *frame, size_t len, struct places *out)
{
	struct view v = {frame, len, len}, datagram;
	size_t ip = view_u16(&v, 12) == ETHERTYPE_TAG ? 18 : 14;
	uint16_t ethertype = view_u16(&v, ip - 2);
	struct ip header;

	if (len <= ip || (ethertype != ETHERTYPE_IP4 && ethertype != ETHERTYPE_IP6))
		return -EINVAL;
	datagram = view_from(v, ip);
	if (ip_read(&datagram, &header) || header.protocol != PROTOCOL_TCP || header.later)
		return -EINVAL;
	if (datagram.len < header.header + TCP_HEADER)
		return -EINVAL;
	*out = (struct places){ip, ip + header.header, header.source.family};
	return 0;
}

/*
 * A checksum that no receiver takes: the right one inverted. 0 and 0xffff are the same number in
 * ones' complement, so the inverse of these two would verify; they get one bit more.
 */
static uint16_t checksum_wrong(uint16_t right)
{
	return right == 0 || right == 0xffff ? 1 : (uint16_t)~right;
}

/* A word and its complement add up to all ones, whose complement is 0. */
static void sum_make_zero(const struct packet *packet, uint8_t *segment, size_t len)
{
	put_u16(segment + 18, 0);
	put_u16(segment + 18, checksum_tcp(&packet->source, &packet->dest, segment, len));
}

static void ip4_finish(const struct packet *packet, uint8_t *header, size_t size)
{
	if (packet->set_ip_length)
		put_u16(header + 2, packet->ip_length);
	put_u16(header + 10, 0);
	put_u16(header + 10, packet->set_ip_checksum
				     ? packet->ip_checksum
				     : checksum_fold(checksum_add(0, header, size)));
}

int packet_apply_lies(const struct packet *packet, uint8_t *frame, size_t len)
{
	const struct packet_tcp *tcp = &packet->tcp;
	struct places at;
	uint8_t *segment;
	unsigned offset;
	uint16_t sum;

	if (packet->kind != PACKET_TCP || places_find(frame, len, &at))
		return -EINVAL;
	segment = frame + at.tcp;
	offset = tcp->data_offset ? tcp->data_offset : (unsigned)segment[12] >> 4;
	segment[12] = (uint8_t)(offset << 4 | (tcp->reserved & 7u) << 1 | (tcp->flags & AE) >> 8);

	/* The right sum covers the bits that were just changed, and the real length. */
	put_u16(segment + 16, 0);
	if (packet->lies & LIE_SUM_OF_ZERO)
		sum_make_zero(packet, segment, len - at.tcp);
	sum = checksum_tcp(&packet->source, &packet->dest, segment, len - at.tcp);
	if (packet->lies & LIE_NO_PSEUDO_HEADER)
		sum = checksum_fold(checksum_add(0, segment, len - at.tcp));
	if (packet->set_checksum)
		sum = tcp->checksum;
	else if (packet->lies & LIE_ZERO_CHECKSUM)
		sum = 0;
	else if (packet->lies & LIE_BAD_CHECKSUM)
		sum = checksum_wrong(sum);
	put_u16(segment + 16, sum);
	if (packet->lies & LIE_LAST_BYTE && tcp->len && len > at.tcp + TCP_HEADER)
		frame[len - 1] = (uint8_t)~frame[len - 1];

	if (at.version == 4)
		ip4_finish(packet, frame + at.ip, at.tcp - at.ip);
	else if (packet->set_ip_length)
		put_u16(frame + at.ip + 4, packet->ip_length);
	return 0;
}
