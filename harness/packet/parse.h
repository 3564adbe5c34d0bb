/*
 * What the files that read and write frames share, private to packet.
 */
#ifndef PACKET_PARSE_H
#define PACKET_PARSE_H

#include "packet/packet.h"
#include "packet/view.h"

enum {
	ETHERTYPE_IP4 = 0x0800,
	ETHERTYPE_RESOLVE = 0x0806,
	ETHERTYPE_TAG = 0x8100,
	ETHERTYPE_IP6 = 0x86dd,

	PROTOCOL_HOP_BY_HOP = 0,
	PROTOCOL_ICMP = 1,
	PROTOCOL_TCP = 6,
	PROTOCOL_ROUTING = 43,
	PROTOCOL_FRAGMENT = 44,
	PROTOCOL_AUTH = 51,
	PROTOCOL_ICMP6 = 58,
	PROTOCOL_DEST_OPTIONS = 60,

	ND_SOLICIT = 135,
	ND_ADVERT = 136,
};

/* An IP header, and where what it carries begins and ends. */
struct ip {
	struct address source, dest;
	uint8_t protocol; /* behind all extension headers */
	uint8_t ttl, tos;
	uint16_t id;
	uint32_t flow_label;
	bool dont_fragment;
	bool checksum_bad;
	/* A first fragment, or on a detour by a routing header: no sum can be judged. */
	bool partial;
	bool later;    /* a later fragment */
	size_t header; /* bytes, extension headers included */
	size_t total;  /* bytes, as the header tells */
};

/*
 * Read the IP header of a datagram, which may be cut short, as a quoted one is. Returns NULL, or
 * why it cannot be read; out then holds what was read before.
 */
const char *ip_read(const struct view *datagram, struct ip *out);

/* The running sum of the pseudo-header (RFC 9293 3.1, RFC 8200 8.1) of len bytes. */
uint32_t checksum_pseudo_sum(const struct address *source, const struct address *dest,
                             uint8_t protocol, size_t len);

/* The checksum over pseudo-header and bytes, of any protocol; 0 if the bytes verify. */
uint16_t checksum_pseudo(const struct address *source, const struct address *dest,
                         uint8_t protocol, const uint8_t *bytes, size_t len);

/* An option of a known kind has a length that its RFC allows; other kinds may have any. */
bool option_length_legal(uint8_t kind, size_t size);

/* Read ICMP, ICMPv6 and ND. partial: the message is not all there, and its sum is unknown. */
void icmp_parse(const struct view *message, bool partial, struct packet *out);
void icmp6_parse(const struct view *message, bool partial, struct packet *out);

/* An ICMP or ICMPv6 packet in one line. */
void icmp_text(struct buffer *out, const struct packet *packet);

#endif
