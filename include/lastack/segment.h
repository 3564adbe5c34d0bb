/*
 * A segment: its flags and options, the template that a case writes, and what was heard.
 *
 * One template serves both directions. Sent, an unset field takes the protocol's right value, and
 * any field can be set to a lie. Expected, an unset field may be anything. Sequence and
 * acknowledgement numbers are relative to the initial sequence number of the side that they count.
 */
#ifndef LASTACK_SEGMENT_H
#define LASTACK_SEGMENT_H

#include <lastack/clock.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The control bits, RFC 9293 section 3.1; AE is bit 7 of the reserved field (RFC 9768). */
enum flag {
	FIN = 0x001,
	SYN = 0x002,
	RST = 0x004,
	PSH = 0x008,
	ACK = 0x010,
	URG = 0x020,
	ECE = 0x040,
	CWR = 0x080,
	AE = 0x100,
};
#define NOFLAGS 0u
#define ECN_FLAGS ((unsigned)AE | CWR | ECE)

/*
 * What a number should be. An all-zero span is unset. Bounds of FROM_TO are included and compared
 * modulo 2^32, so a range may wrap.
 */
enum span_kind { SPAN_UNSET, SPAN_IS, SPAN_ISNT, SPAN_FROM_TO };
struct span {
	enum span_kind kind;
	uint32_t low;
	uint32_t high;
};

static inline struct span is(uint32_t value)
{
	return (struct span){.kind = SPAN_IS, .low = value, .high = value};
}

static inline struct span isnt(uint32_t value)
{
	return (struct span){.kind = SPAN_ISNT, .low = value, .high = value};
}

static inline struct span from_to(uint32_t low, uint32_t high)
{
	return (struct span){.kind = SPAN_FROM_TO, .low = low, .high = high};
}

/* Bytes that somebody else owns. */
struct bytes {
	const void *at;
	size_t len;
};

/* A string literal's bytes without its final zero. */
#define text(literal) ((struct bytes){(literal), sizeof(literal) - 1})

/*
 * n bytes that differ from place to place, so that data delivered twice, shifted or from another
 * place is told apart. pattern_at() starts in the middle of the same endless stream: byte i of
 * pattern_at(off, n) is byte off + i of it. The stream repeats after 65,521 bytes. Owned by the
 * library, never freed; n is at most 1 MiB, or there are no bytes.
 */
struct bytes pattern(size_t n);
struct bytes pattern_at(size_t off, size_t n);

/* Option kinds (IANA, "TCP Option Kind Numbers"). */
enum option_kind {
	OPTION_EOL = 0,
	OPTION_NOP = 1,
	OPTION_MSS = 2,
	OPTION_WSCALE = 3,
	OPTION_SACK_PERMITTED = 4,
	OPTION_SACK = 5,
	OPTION_TIMESTAMPS = 8,
	OPTION_MD5 = 19,
	OPTION_USER_TIMEOUT = 28,
	OPTION_MPTCP = 30,
	OPTION_FAST_OPEN = 34,
};

#define OPTION_BYTES_MAX 40 /* data offset 15 leaves 60 - 20 bytes */
#define OPTIONS_MAX 16      /* options that one template may list */

/*
 * One option, exactly as it is on the wire: kind, the length byte as told, then size - 2 bytes. A
 * lie about the length is told != size. used is set in every option that a constructor made.
 */
struct option {
	bool used;
	uint8_t kind;
	uint8_t told;
	uint8_t size;
	uint8_t value[38];
};

struct option opt_eol(void);
struct option opt_nop(void);
struct option opt_mss(uint16_t mss);                      /* RFC 9293 3.2 */
struct option opt_wscale(uint8_t shift);                  /* RFC 7323 2.2 */
struct option opt_sack_permitted(void);                   /* RFC 2018 2 */
struct option opt_sack(const uint32_t *edges, size_t n);  /* RFC 2018 3; absolute, even n <= 8 */
struct option opt_timestamps(uint32_t val, uint32_t ecr); /* RFC 7323 3.2 */
struct option opt_md5(const uint8_t digest[16]);          /* RFC 2385 3 */
struct option opt_user_timeout(bool minutes, uint16_t t); /* RFC 5482 3.3 */
struct option opt_fast_open(const void *cookie, size_t n);/* RFC 7413 4.1.1; n <= 16 */
/* Any kind, the length byte told, and n bytes of value; n is at most 38. EOL and NOP have none. */
struct option opt_raw(uint8_t kind, uint8_t told, const void *value, size_t n);

/* What is wrong with a sent segment on purpose; bits, for a template's .lies. */
enum lie {
	LIE_BAD_CHECKSUM = 1u << 0,  /* the right one, inverted */
	LIE_ZERO_CHECKSUM = 1u << 1, /* the field is zero */
	LIE_NO_OPTIONS = 1u << 2,    /* leave out what was negotiated (timestamps) */
	LIE_NO_PSEUDO_HEADER = 1u << 3, /* the checksum is of header and data alone */
	LIE_LAST_BYTE = 1u << 4, /* the last byte of data is inverted once the checksum is made */
	/*
	 * No lie: the urgent field, which counts for nothing without URG, is such that the right
	 * checksum is 0x0000, which in ones' complement is 0xffff too.
	 */
	LIE_SUM_OF_ZERO = 1u << 5,
};

/* Which options a segment must not have: bits, for a template's .without. */
#define WITHOUT(kind) (UINT64_C(1) << (kind))
#define WITHOUT_ANY UINT64_MAX

/* The template. Its first member is flags: a macro's first argument lands there. */
struct segment {
	/* Sent: the control bits. Expected: just these; see .psh and .ecn for exceptions. */
	unsigned flags;
	bool psh; /* expected: judge PSH too */
	/*
	 * Expected: judge ECE, CWR and AE of a SYN or SYN-ACK too. If this is not set and .flags
	 * has none of the three, a SYN may ask for ECN, and a SYN-ACK may agree to it if the peer's
	 * SYN asked.
	 */
	bool ecn;

	struct span seq;     /* relative to the sender's ISN */
	struct span ack;     /* relative to the receiver's ISN; sent even without ACK */
	struct span raw_ack; /* the field as on the wire, for a segment without a connection */
	struct span raw_seq;
	struct span window; /* the field as it is on the wire, not scaled */
	struct span urgent;
	struct span len;    /* expected only: bytes of payload */
	struct bytes data;  /* payload; expected: just these bytes */

	/* Sent: just these, in this order, padded with EOL. Expected: each, byte for byte. */
	struct option options[OPTIONS_MAX];
	uint64_t without; /* expected: none of these kinds (below 64) */
	struct span mss, wscale, tsval, tsecr;

	struct span ttl, tos;
	struct span data_offset; /* in 32-bit words; sent: a lie about the header's length */
	struct span reserved;    /* the three bits left of AE */
	struct span checksum;    /* sent: this value */
	unsigned lies;           /* sent only: enum lie */
	struct bytes ip_options; /* sent over IPv4 only: whole words of options (RFC 791 3.1) */
	/*
	 * Sent only, and in a lab only: another address than the peer's, than the DUT's, in text
	 * form. The frame goes to the DUT, or to the group of a multicast or broadcast address.
	 * What answers is the peer's to hear.
	 */
	const char *from, *to;

	struct window when; /* expected only: counted from .since */
	int since;          /* a rung's number; 0 is the connection's last segment or socket call */

	bool nothing; /* premise() only, see NOTHING there: no segment arrives */
};

/* The options of a heard segment, read with bounds. */
struct heard_options {
	uint8_t size; /* bytes between header and data */
	uint8_t bytes[OPTION_BYTES_MAX];
	uint64_t kinds;  /* bit per kind below 64 that was there */
	bool malformed;  /* a length lied; what came before it was read */
	uint16_t mss;    /* valid where kinds says so, as are the rest */
	uint8_t wscale;
	uint32_t tsval, tsecr;
	uint8_t sack_blocks;
	uint32_t sack[8]; /* left and right edges, absolute */
};

/* A segment as it was heard; lives until the case ends. */
struct heard {
	nanos time; /* the capture's timestamp: ns since the epoch */
	int rung;   /* its number on the ladder, for .since */
	unsigned flags;
	unsigned asked; /* ECE, CWR and AE of the SYNs before it, whichever end they came from */
	uint32_t seq, ack;         /* relative */
	uint32_t raw_seq, raw_ack; /* as on the wire */
	uint16_t window, urgent, checksum;
	bool checksum_good;
	uint8_t data_offset, reserved;
	uint8_t ttl, tos;
	uint16_t ip_id;
	bool dont_fragment;
	struct heard_options options;
	uint32_t len;
	const uint8_t *data;
};

#endif
