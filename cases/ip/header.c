/*
 * What an application asks of the IP header of a connection's segments.
 *
 * RFC 9293 section 3.9.2: the TTL, in IPv6 the hop limit, can be set (MUST-49). Section 3.9.1.9: so
 * can the Diffserv field (MUST-48), also while the connection lasts (SHLD-21), and IP is given it
 * as it is (SHLD-22). Two bits of that octet are not Diffserv's but ECN's (RFC 3168 section 5), and
 * stay zero here, where nobody has asked for ECN.
 */
#include <lastack/case.h>
#include <netinet/in.h>

FAMILY(ip_header, "What an application asks of the IP header");

#define HOPS 77u
#define EXPEDITED (46u << 2) /* RFC 3246 */
#define DSCPS 64u

/* Where the option is set and called, by family of addresses. */
struct asked {
	int level, name;
};
static const struct asked ttl_v4 = {IPPROTO_IP, IP_TTL};
static const struct asked ttl_v6 = {IPPROTO_IPV6, IPV6_UNICAST_HOPS};
static const struct asked dscp_v4 = {IPPROTO_IP, IP_TOS};
static const struct asked dscp_v6 = {IPPROTO_IPV6, IPV6_TCLASS};

/* The listener is asked, and its SYN-ACK and what the new socket sends show it. */
static struct peer *opened(struct lab *lab, struct asked asked, unsigned value)
{
	struct peer *p = dial(lab);

	dut_set_socket_option(lab, dut_listener(lab), asked.level, asked.name, (int)value);
	inject(p, SYN);
	return p;
}

static void hops(struct lab *lab, struct asked asked)
{
	struct peer *p = opened(lab, asked, HOPS);

	expect(p, SYN | ACK, .ttl = is(HOPS), .when = within(ms(500)));
	inject(p, ACK);
	dut_accept(p);
	dut_write(p, pattern(100));
	expect(p, ACK, .data = pattern(100), .ttl = is(HOPS), .when = within(ms(500)));
	inject(p, ACK);
	dut_set_option(p, asked.level, asked.name, HOPS + 1);
	dut_write(p, pattern(100));
	expect(p, ACK, .len = is(100), .ttl = is(HOPS + 1), .when = within(ms(500)));
}

CASE(time_to_live,
     .requirement = RFC9293(MUST, 49),
     .claim       = "IP_TTL is the TTL of a listener's SYN-ACK and of a connection's data",
     .over        = IPV4)
{
	hops(lab, ttl_v4);
}

CASE(hop_limit,
     .requirement = RFC9293(MUST, 49),
     .claim       = "IPV6_UNICAST_HOPS is the hop limit of a listener's SYN-ACK and of a "
		    "connection's data",
     .over        = IPV6)
{
	hops(lab, ttl_v6);
}

static void diffserv(struct lab *lab, struct asked asked)
{
	struct peer *p = opened(lab, asked, EXPEDITED);

	expect(p, SYN | ACK, .tos = is(EXPEDITED), .when = within(ms(500)));
	inject(p, ACK);
	dut_accept(p);
	dut_write(p, pattern(100));
	expect(p, ACK, .data = pattern(100), .tos = is(EXPEDITED), .when = within(ms(500)));
	inject(p, ACK);
	dut_close(p);
	expect(p, FIN | ACK, .tos = is(EXPEDITED), .when = within(ms(500)));
}

CASE(diffserv_field,
     .requirement = RFC9293(MUST, 48),
     .claim       = "IP_TOS is the Diffserv field of a listener's SYN-ACK and of all that its "
		    "connections send",
     .over        = IPV4)
{
	diffserv(lab, dscp_v4);
}

CASE(traffic_class,
     .requirement = RFC9293(MUST, 48),
     .claim       = "IPV6_TCLASS is the Diffserv field of a listener's SYN-ACK and of all that "
		    "its connections send",
     .over        = IPV6)
{
	diffserv(lab, dscp_v6);
}

static void changed(struct lab *lab, struct asked asked)
{
	struct peer *p = handshaken(lab);

	for (unsigned i = 0; i < 4; i++) {
		uint32_t value = i % 2 ? 0 : EXPEDITED;

		dut_set_option(p, asked.level, asked.name, (int)value);
		dut_write(p, pattern(100));
		expect(p, ACK, .len = is(100), .tos = is(value), .when = within(ms(500)));
		inject(p, ACK);
	}
}

CASE(diffserv_field_is_changed,
     .requirement = RFC9293(SHLD, 21),
     .claim       = "an established connection's Diffserv field changes when IP_TOS does",
     .over        = IPV4)
{
	changed(lab, dscp_v4);
}

CASE(traffic_class_is_changed,
     .requirement = RFC9293(SHLD, 21),
     .claim       = "an established connection's Diffserv field changes when IPV6_TCLASS does",
     .over        = IPV6)
{
	changed(lab, dscp_v6);
}

static void each_value(struct lab *lab, struct asked asked)
{
	struct peer *p = handshaken(lab);

	for (uint32_t dscp = 0; dscp < DSCPS; dscp++) {
		dut_set_option(p, asked.level, asked.name, (int)(dscp << 2));
		dut_write(p, pattern(10));
		expect(p, ACK, .len = is(10), .tos = is(dscp << 2), .when = within(ms(500)));
		inject(p, ACK);
	}
}

CASE(diffserv_field_of_each_value,
     .requirement = RFC9293(SHLD, 22),
     .claim       = "each of the 64 values of the Diffserv field is sent as it was set",
     .over        = IPV4)
{
	each_value(lab, dscp_v4);
}

CASE(traffic_class_of_each_value,
     .requirement = RFC9293(SHLD, 22),
     .claim       = "each of the 64 values of the Diffserv field is sent as it was set",
     .over        = IPV6)
{
	each_value(lab, dscp_v6);
}
