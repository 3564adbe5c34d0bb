/*
 * SYNs with addresses that no connection can have.
 *
 * RFC 9293 section 3.9.2.3: a SYN that is addressed to a broadcast or multicast address is dropped
 * without a word (MUST-57), and one whose source address is invalid is ignored (MUST-63). Invalid
 * are, by RFC 1122 section 3.2.1.3 and RFC 4291 sections 2.5 and 2.7: broadcast and multicast
 * addresses, the unspecified and the loopback address, and the DUT's own on a segment from outside.
 * It is all the same which of its layers drops the SYN.
 *
 * Linux (5.10 to 7.2) answers a SYN from the subnet's broadcast address, to that address; with
 * net.ipv4.conf.*.rp_filter=1 it does not, but a lab has 0, which is the kernel's own default. Over
 * IPv6 it sends a SYN-ACK to ::, the unspecified address, which RFC 4291 section 2.5.2 says must
 * not be a destination.
 */
#include <lastack/case.h>

FAMILY(ip_addresses, "SYNs with addresses that no connection can have");

struct place {
	const char *name;
	const char *address;
};

/* Long enough for the first SYN-ACK to come again, too. */
#define SILENCE sec(2)

/* The listener is there all the while, and a right SYN gets its answer. */
static void answers_another(struct lab *lab, const struct peer *p)
{
	struct peer *another = dial_as(lab, .to = peer_dut_port(p));

	inject(another, SYN);
	expect(another, SYN | ACK, .ack = is(1), .when = within(ms(500)));
}

static void syn_to(struct lab *lab, const char *address)
{
	struct peer *p = dial(lab);

	inject(p, SYN, .to = address);
	expect_silence(p, SILENCE);
	answers_another(lab, p);
}

static void syn_from(struct lab *lab, const char *address)
{
	struct peer *p = dial(lab);

	inject(p, SYN, .from = address);
	expect_silence(p, SILENCE);
	answers_another(lab, p);
}

static const struct place groups_v4[] = {
	{"limited_broadcast", "255.255.255.255"},
	{"subnet_broadcast", "192.0.2.255"},
	{"all_hosts", "224.0.0.1"},
};

static const struct place groups_v6[] = {
	{"all_nodes", "ff02::1"},
	{"all_nodes_of_the_interface", "ff01::1"},
	{"solicited_node", "ff02::1:ff00:2"},
};

CASE_EACH(syn_to_group_is_dropped, struct place, groups_v4,
	  .requirement = RFC9293(MUST, 57),
	  .claim       = "a SYN to a broadcast or multicast address gets no answer",
	  .over        = IPV4)
{
	syn_to(lab, row->address);
}

CASE_EACH(syn_to_group_of_nodes_is_dropped, struct place, groups_v6,
	  .requirement = RFC9293(MUST, 57),
	  .claim       = "a SYN to a multicast address gets no answer",
	  .over        = IPV6)
{
	syn_to(lab, row->address);
}

static const struct place sources_v4[] = {
	{"limited_broadcast", "255.255.255.255"},
	{"subnet_broadcast", "192.0.2.255"},
	{"multicast", "224.0.0.1"},
	{"loopback", "127.0.0.1"},
	{"unspecified", "0.0.0.0"},
	{"duts_own", "192.0.2.2"},
};

static const struct place sources_v6[] = {
	{"multicast", "ff02::1"},
	{"loopback", "::1"},
	{"unspecified", "::"},
	{"duts_own", "2001:db8::2"},
};

CASE_EACH(syn_from_nobody_is_ignored, struct place, sources_v4,
	  .requirement = RFC9293(MUST, 63),
	  .claim       = "a SYN whose source address no host can have gets no answer",
	  .over        = IPV4)
{
	syn_from(lab, row->address);
}

CASE_EACH(syn_from_no_node_is_ignored, struct place, sources_v6,
	  .requirement = RFC9293(MUST, 63),
	  .claim       = "a SYN whose source address no node can have gets no answer",
	  .over        = IPV6)
{
	syn_from(lab, row->address);
}
