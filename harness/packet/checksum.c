/*
 * The internet checksum, RFC 1071: 16-bit words added in ones' complement.
 */
#include "packet/parse.h"

uint32_t checksum_add(uint32_t sum, const uint8_t *bytes, size_t n)
{
	uint64_t wide = sum;

	for (; n > 1; bytes += 2, n -= 2)
		wide += (unsigned)(bytes[0] << 8 | bytes[1]);
	if (n)
		wide += (unsigned)(bytes[0] << 8);
	while (wide >> 32)
		wide = (wide & UINT32_MAX) + (wide >> 32);
	return (uint32_t)wide;
}

uint16_t checksum_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

uint32_t checksum_pseudo_sum(const struct address *source, const struct address *dest,
			     uint8_t protocol, size_t len)
{
	size_t n = source->family == 4 ? 4 : 16;
	uint8_t tail[8] = {0};
	uint32_t sum = 0;

	/* The places of length and protocol differ between the families, their sum does not. */
	put_u32(tail, (uint32_t)len);
	tail[7] = protocol;
	sum = checksum_add(sum, source->at, n);
	sum = checksum_add(sum, dest->at, n);
	return checksum_add(sum, tail, sizeof(tail));
}

uint16_t checksum_pseudo(const struct address *source, const struct address *dest, uint8_t protocol,
			 const uint8_t *bytes, size_t len)
{
	uint32_t sum = checksum_pseudo_sum(source, dest, protocol, len);

	return checksum_fold(checksum_add(sum, bytes, len));
}

uint16_t checksum_tcp(const struct address *source, const struct address *dest,
		      const uint8_t *segment, size_t len)
{
	return checksum_pseudo(source, dest, PROTOCOL_TCP, segment, len);
}
