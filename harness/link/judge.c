/*
 * Which addresses can be a target or a source; pure.
 */
#include "link/link.h"
#include <errno.h>
#include <string.h>

static unsigned bits_of(const struct address *address)
{
	return address->family == 4 ? 32 : 128;
}

static bool bit_of(const struct address *address, unsigned bit)
{
	return address->at[bit / 8] >> (7 - bit % 8) & 1;
}

static bool all_zero(const struct address *address)
{
	static const uint8_t zero[16];

	return !memcmp(address->at, zero, bits_of(address) / 8);
}

int link_judge(const struct address *address, struct why *why)
{
	char words[ADDRESS_TEXT_MAX];
	const uint8_t *at = address->at;

	address_text(address, words);
	if (all_zero(address))
		return why_set(why, EINVAL, "%s is nobody's address: want one host", words);
	if (address->family == 4 && !memcmp(at, "\xff\xff\xff\xff", 4))
		return why_set(why, EINVAL, "%s is broadcast: want one host", words);
	if (address->family == 4 ? at[0] >= 224 && at[0] < 240 : at[0] == 0xff)
		return why_set(why, EINVAL, "%s is multicast: want one host", words);
	if (address->family == 4 && (at[0] == 0 || at[0] >= 240))
		return why_set(why, EINVAL, "%s cannot be a host's address", words);
	if (address->family == 4 ? at[0] == 127
				 : at[15] == 1 && !memcmp(at, (const uint8_t[15]){0}, 15))
		return why_set(why, EINVAL,
			       "%s is this machine itself: a lab is for that, run without "
			       "--target or probe --lab",
			       words);
	if (address->family == 6 && !memcmp(at, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12))
		return why_set(why, EINVAL, "%s is IPv4 in IPv6's clothes: want the IPv4 address",
			       words);
	return 0;
}

bool link_same_subnet(const struct address *a, const struct address *b, unsigned prefix)
{
	if (a->family != b->family || prefix > bits_of(a))
		return false;
	for (unsigned bit = 0; bit < prefix; bit++)
		if (bit_of(a, bit) != bit_of(b, bit))
			return false;
	return true;
}

int link_judge_subnet(const struct address *address, const struct address *own, unsigned prefix,
		      struct why *why)
{
	char words[ADDRESS_TEXT_MAX];
	unsigned ones = 0, bits = bits_of(address);

	if (!link_same_subnet(address, own, prefix) || prefix + 1 >= bits)
		return 0;
	for (unsigned bit = prefix; bit < bits; bit++)
		ones += bit_of(address, bit);
	address_text(address, words);
	if (!ones)
		return why_set(why, EINVAL, "%s is the address of the whole network %s/%u: want "
			       "one host", words, words, prefix);
	if (address->family == 4 && ones == bits - prefix)
		return why_set(why, EINVAL, "%s is the broadcast address of its network: want one "
			       "host", words);
	return 0;
}

int link_pick(struct address *out, const struct address *own, unsigned prefix, uint64_t chance,
	      struct why *why)
{
	unsigned bits = bits_of(own), room = prefix < bits ? bits - prefix : 0;
	struct random random = {.state = chance};
	struct address made;
	char words[ADDRESS_TEXT_MAX];

	if (room < 2)
		return why_set(why, EADDRINUSE,
			       "the subnet %s/%u has no room for another address: give one by "
			       "--source ADDR, or borrow this machine's by --source own",
			       address_text(own, words), prefix);
	/* An IPv6 subnet that is wider keeps own's bits: the last 64 are enough to be alone. */
	if (room > 64)
		room = 64;
	do {
		made = *own;
		for (unsigned bit = bits - room; bit < bits; bit++) {
			uint8_t mask = (uint8_t)(1u << (7 - bit % 8));

			made.at[bit / 8] = (uint8_t)(made.at[bit / 8] & ~mask);
			if (random_next(&random) >> 63)
				made.at[bit / 8] |= mask;
		}
	} while (address_equal(&made, own) || link_judge(&made, NULL) ||
		 link_judge_subnet(&made, own, prefix, NULL));
	*out = made;
	return 0;
}
