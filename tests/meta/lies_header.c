/*
 * What an application asked of IP and did not get, ECN agreed on wrongly, and errors of IP's that
 * are told wrongly.
 */
#include "lies.h"
#include <errno.h>

static void hops_one_less(const struct tale *lie, struct telling *t, struct packet *packet)
{
	(void)lie;
	t->lied = true;
	packet->ttl--;
}

/* The octet of the Diffserv field, whatever was asked for. */
static void diffserv(const struct tale *lie, struct telling *t, struct packet *packet)
{
	t->lied = packet->tos != lie->was;
	packet->tos = (uint8_t)lie->was;
}

/* One codepoint is taken for its neighbour. */
static void diffserv_one_off(const struct tale *lie, struct telling *t, struct packet *packet)
{
	t->lied = (packet->tos & 0xfcu) == (unsigned)lie->was;
	if (t->lied)
		packet->tos = (uint8_t)(packet->tos ^ 4u);
}

static void ecn(const struct tale *lie, struct telling *t, struct packet *packet)
{
	unsigned made = (packet->tcp.flags & ~(unsigned)lie->was) | (unsigned)lie->becomes;

	t->lied = made != packet->tcp.flags;
	packet->tcp.flags = (uint16_t)made;
}

static void error_untold(const struct tale *lie, struct telling *t, struct agent_reply *reply)
{
	static const int errors[] = {ENETUNREACH, EHOSTUNREACH, EOPNOTSUPP, EPROTO};

	(void)lie;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		t->lied |= !reply->error && reply->number == errors[i];
	if (t->lied)
		reply->number = 0;
}

static void error_untrue(const struct tale *lie, struct telling *t, struct agent_reply *reply)
{
	t->lied = !reply->error && !reply->number;
	if (t->lied)
		reply->number = lie->becomes;
}

static void unreachable_read(const struct tale *lie, struct telling *t, struct agent_reply *reply)
{
	t->lied = reply->error == lie->was;
	if (t->lied)
		reply->error = lie->becomes;
}

/* The other one of a lab's DUT's two addresses. */
static void other_address(const struct tale *lie, struct telling *t, struct packet *packet)
{
	uint8_t *last = &packet->source.at[packet->source.family == 4 ? 3 : 15];

	(void)lie;
	t->lied = *last == 2 || *last == 3;
	if (t->lied)
		*last ^= 1;
}

static void group_opened(const struct tale *lie, struct telling *t, struct agent_reply *reply)
{
	t->lied = reply->error == ENETUNREACH || reply->error == EACCES;
	if (t->lied)
		reply->error = lie->becomes;
}

const struct tale lies_of_header[] = {
	{.name = "syn_from_other_address", .breaks = "a SYN comes from the DUT's other address",
	 .of = OF_ANY_SYN, .frame = other_address},
	{.name = "syn_again_from_other_address",
	 .breaks = "a SYN comes from the DUT's other address when it is sent again",
	 .of = OF_ANY_SYN, .copies = LATER, .frame = other_address},
	{.name = "data_from_other_address", .breaks = "data comes from the DUT's other address",
	 .of = OF_DATA, .frame = other_address},
	{.name = "group_opened", .kind = BELIES_AGENT,
	 .breaks = "connect() to a group succeeds", .verbs = 1u << AGENT_CONNECT,
	 .becomes = 0, .answer = group_opened},
	{.name = "group_going_on", .kind = BELIES_AGENT,
	 .breaks = "connect() to a group goes on", .verbs = 1u << AGENT_CONNECT,
	 .becomes = ETIMEDOUT, .answer = group_opened},
	{.name = "hops_less", .breaks = "a segment's TTL or hop limit is one less",
	 .of = OF_ALL, .frame = hops_one_less},
	{.name = "diffserv_zero", .breaks = "a segment's Diffserv field is zero", .of = OF_ALL,
	 .was = 0, .frame = diffserv},
	{.name = "diffserv_stays", .breaks = "a segment's Diffserv field is what it once was",
	 .of = OF_ALL, .was = 46 << 2, .frame = diffserv},
	{.name = "diffserv_off", .breaks = "one codepoint is sent as its neighbour", .of = OF_ALL,
	 .was = 63 << 2, .frame = diffserv_one_off},
	{.name = "ecn_refused", .breaks = "a SYN-ACK does not agree on ECN", .of = OF_SYN_ACK,
	 .was = ECE, .frame = ecn},
	{.name = "ecn_unasked", .breaks = "a SYN-ACK agrees on ECN, asked or not",
	 .of = OF_SYN_ACK, .becomes = ECE, .frame = ecn},
	{.name = "ecn_with_cwr", .breaks = "a SYN-ACK has CWR", .of = OF_SYN_ACK, .becomes = CWR,
	 .frame = ecn},
	{.name = "soft_error_untold", .kind = BELIES_AGENT,
	 .breaks = "SO_ERROR does not tell an ICMP error", .verbs = 1u << AGENT_GETSOCKOPT,
	 .answer = error_untold},
	{.name = "soft_error_untrue", .kind = BELIES_AGENT,
	 .breaks = "SO_ERROR tells an error that there was not", .verbs = 1u << AGENT_GETSOCKOPT,
	 .becomes = EHOSTUNREACH, .answer = error_untrue},
	{.name = "unreachable_as_nothing", .kind = BELIES_AGENT,
	 .breaks = "read() does not tell EHOSTUNREACH", .verbs = 1u << AGENT_READ,
	 .was = EHOSTUNREACH, .becomes = EAGAIN, .answer = unreachable_read},
	{.name = NULL},
};
