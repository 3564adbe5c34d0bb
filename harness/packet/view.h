/*
 * Bytes with their bounds, private to packet. A view knows how many of its bytes were captured and
 * how many were on the wire; reading past the captured ones gives zero and never a fault.
 */
#ifndef PACKET_VIEW_H
#define PACKET_VIEW_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct view {
	const uint8_t *at;
	size_t have; /* captured; never more than len */
	size_t len;  /* on the wire */
};

static inline uint8_t view_u8(const struct view *v, size_t off)
{
	return off < v->have ? v->at[off] : 0;
}

static inline uint16_t view_u16(const struct view *v, size_t off)
{
	return (uint16_t)(view_u8(v, off) << 8 | view_u8(v, off + 1));
}

static inline uint32_t view_u32(const struct view *v, size_t off)
{
	return (uint32_t)view_u16(v, off) << 16 | view_u16(v, off + 2);
}

/* Copy n bytes, zeros where there are none. */
static inline void view_copy(const struct view *v, size_t off, void *out, size_t n)
{
	size_t there = off < v->have ? v->have - off : 0;

	memset(out, 0, n);
	if (there)
		memcpy(out, v->at + off, there < n ? there : n);
}

/* What follows the first off bytes. */
static inline struct view view_from(struct view v, size_t off)
{
	size_t skip = off < v.have ? off : v.have;

	v.at += skip;
	v.have -= skip;
	v.len -= off < v.len ? off : v.len;
	return v;
}

/* The first len bytes. */
static inline struct view view_to(struct view v, size_t len)
{
	if (len < v.len)
		v.len = len;
	if (v.have > v.len)
		v.have = v.len;
	return v;
}

static inline void put_u16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static inline void put_u32(uint8_t *at, uint32_t value)
{
	put_u16(at, value >> 16);
	put_u16(at + 2, value & 0xffff);
}

#endif
