/*
 * packet: bytes to struct and back, options, checksums, and the text form that tcpdump made usual.
 *
 * Pure: no I/O, no allocation. Whatever comes from the wire is read by accessors with bounds; a
 * frame that lies about a length becomes PACKET_MALFORMED with the reason, and never a crash. The
 * same struct describes a frame to be sent, which the wire room hands to libnet.
 */
#ifndef PACKET_PACKET_H
#define PACKET_PACKET_H

#include "base/base.h"
#include <lastack/segment.h>

/* An IP address in network order; family is 4 or 6, and 4 uses the first four bytes. */
struct address {
	uint8_t family;
	uint8_t at[16];
};
bool address_equal(const struct address *a, const struct address *b);
/* One that means another host on each link: IPv6's fe80::/10 (RFC 4291 2.5.6). */
bool address_link_local(const struct address *address);
/* 0, or -EINVAL. */
int address_parse(const char *text, struct address *out);
#define ADDRESS_TEXT_MAX 46
const char *address_text(const struct address *address, char out[ADDRESS_TEXT_MAX]);

struct mac {
	uint8_t at[6];
};

enum packet_kind {
	PACKET_OTHER, /* nothing that lastack reads: another protocol, a later fragment */
	PACKET_TCP,
	PACKET_ICMP, /* ICMP and ICMPv6 errors and informational messages, ND excepted */
	PACKET_ARP,
	PACKET_ND, /* neighbour solicitation and advertisement, RFC 4861 4.3, 4.4 */
	PACKET_MALFORMED,
};

enum checksum_state { CHECKSUM_GOOD, CHECKSUM_BAD, CHECKSUM_UNKNOWN };

struct packet_tcp {
	uint16_t source_port, dest_port;
	uint32_t seq, ack;
	uint8_t data_offset; /* 32-bit words; sent: 0 is the right value */
	uint8_t reserved;    /* the three bits left of AE */
	uint16_t flags;      /* enum flag, AE included */
	uint16_t window;
	uint16_t checksum; /* parsed: the field */
	uint16_t urgent;
	/* Parsed: all between header and data. Sent: padded to 4 by the wire. */
	uint8_t option_bytes;
	uint8_t options[OPTION_BYTES_MAX];
	const uint8_t *data; /* parsed: into the frame */
	size_t len;
	size_t cut; /* parsed: bytes of payload on the wire that were not captured */
	/* UNKNOWN: the frame was cut, or left unfinished by offload. */
	enum checksum_state checksum_state;
};

/* An ICMP or ICMPv6 message; an error's quoted datagram is read as far as it goes. */
struct packet_icmp {
	uint8_t type, code;
	uint32_t parameter; /* the four bytes after the checksum: MTU, pointer, id and sequence */
	enum checksum_state checksum_state;
	bool quotes_tcp; /* the fields below are valid */
	struct address quoted_source, quoted_dest;
	uint16_t quoted_source_port, quoted_dest_port;
	uint32_t quoted_seq;
	/* The datagram quoted, or another message's body. Parsed: into the frame. */
	const uint8_t *quote;
	size_t quote_len;
};

struct packet_arp {
	uint16_t operation; /* 1 request, 2 reply */
	struct mac sender_mac, target_mac;
	struct address sender, target;
};

struct packet_nd {
	bool advertisement;
	uint8_t flags; /* router, solicited, override: the top three bits */
	struct address target;
	bool has_mac; /* the source or target link-layer address option */
	struct mac mac;
};

struct packet {
	enum packet_kind kind;
	const char *fault; /* PACKET_MALFORMED: why, a literal */

	struct mac source_mac, dest_mac;
	bool has_vlan;
	uint16_t vlan; /* the tag's 16 bits */

	struct address source, dest;
	uint8_t ttl, tos;
	uint16_t ip_id;
	bool dont_fragment;
	bool ip_checksum_bad; /* parsed: the IPv4 header's */
	uint32_t flow_label;

	union {
		struct packet_tcp tcp;
		struct packet_icmp icmp;
		struct packet_arp arp;
		struct packet_nd nd;
	};

	/* Sent only, IPv4: options, whole 32-bit words (RFC 791 3.1); somebody else's bytes. */
	struct bytes ip_options;

	/* Sent only: what libnet must not put right. */
	unsigned lies;           /* enum lie */
	bool set_checksum;       /* write tcp.checksum as it stands */
	bool set_ip_length;      /* write ip_length as it stands (IPv4: total, IPv6: payload) */
	uint16_t ip_length;
	bool set_ip_checksum;
	uint16_t ip_checksum;
};

#define IP_OPTION_BYTES_MAX 40

/*
 * Read an Ethernet frame of captured bytes, len of them on the wire. Pointers in out point into the
 * frame. Never fails: what cannot be read is PACKET_MALFORMED or PACKET_OTHER. A malformed packet
 * holds what was read before its fault: addresses and, behind 20 bytes of TCP, tcp's numbers.
 */
void packet_parse(const uint8_t *frame, size_t captured, size_t len, struct packet *out);

/*
 * Write over a finished Ethernet frame what its packet lies about: checksums, lengths, data offset,
 * reserved bits and AE. The frame holds the IP and TCP headers that libnet built for it. 0, or
 * -EINVAL when the frame is too short for that.
 */
int packet_apply_lies(const struct packet *packet, uint8_t *frame, size_t len);

/*
 * Build a whole Ethernet frame by hand: ICMP and ICMPv6 errors and ND, and TCP for tests, which
 * must equal what libnet builds. Returns 0 and the length, or -ENOSPC, or -EINVAL for a packet that
 * cannot be encoded.
 */
int packet_encode(const struct packet *packet, uint8_t *frame, size_t size, size_t *len);

/*
 * The internet checksum (RFC 1071) of n bytes, added to a running sum; only the last piece may be
 * of odd length. Folding ends it: 16 bits, inverted, in host order.
 */
uint32_t checksum_add(uint32_t sum, const uint8_t *bytes, size_t n);
uint16_t checksum_fold(uint32_t sum);
/* TCP's, over pseudo-header and segment (RFC 9293 3.1, RFC 8200 8.1); 0 if a segment verifies. */
uint16_t checksum_tcp(const struct address *source, const struct address *dest,
                      const uint8_t *segment, size_t len);

/*
 * Encode a list (up to OPTIONS_MAX used entries) without padding. 0, or -ENOSPC past 40 bytes, and
 * for an option that was made with more bytes than its constructor takes.
 */
int options_encode(const struct option *list, size_t n, uint8_t out[OPTION_BYTES_MAX], size_t *len);
/* Read options as a strict receiver does: stop at EOL, flag a length that lies. Never fails. */
void options_decode(const uint8_t *bytes, size_t len, struct heard_options *out);

/*
 * The size of the option that len bytes begin with: 1 for EOL and NOP, else what its length byte
 * says; 0 when that lies (below 2, past the end) or is not there.
 */
size_t option_size(const uint8_t *bytes, size_t len);

/* "S.", ".", "FP.", "none", as tcpdump prints flags. */
#define FLAGS_TEXT_MAX 12
const char *flags_text(unsigned flags, char out[FLAGS_TEXT_MAX]);
/* Read flags in tcpdump's form ("S."). 0, or -EINVAL. */
int flags_parse(const char *text, unsigned *out);

/* "mss", "sackOK", "unknown-253": a kind's name as tcpdump prints it. */
#define OPTION_NAME_MAX 16
const char *option_name(uint8_t kind, char out[OPTION_NAME_MAX]);
/* "mss 1460,nop,wscale 7", as tcpdump prints options; unknown ones as "unknown-253 0x0102". */
void options_text(struct buffer *out, const uint8_t *bytes, size_t len);

/*
 * A packet in one line, as tcpdump prints it. Numbers are relative to the two bases where given
 * (NULL: absolute): [0] the sender's ISN, [1] the receiver's. No line end.
 */
void packet_text(struct buffer *out, const struct packet *packet, const uint32_t bases[2]);
/*
 * Only what follows the addresses: "Flags [S.], seq 0, ack 1, win 64240, length 0". The number of a
 * segment that takes no place in sequence space is shown only if numbered is set.
 */
void packet_tcp_text(struct buffer *out, const struct packet_tcp *tcp, const uint32_t bases[2],
		     bool numbered);

#endif
