/*
 * ICMP and ICMPv6 in words, as tcpdump prints them where the quoted datagram is TCP.
 */
#include "packet/parse.h"

#define ICMP_HEADER 8u

/* " ADDRESS", the destination that an error is about; nothing where the quote does not tell. */
static void quoted_text(struct buffer *out, const struct packet_icmp *icmp)
{
	char dest[ADDRESS_TEXT_MAX];

	if (icmp->quotes_tcp)
		buffer_printf(out, " %s", address_text(&icmp->quoted_dest, dest));
}

/* "ICMP net ADDRESS unreachable - why"; RFC 792, RFC 1122 3.2.2.1, RFC 1812 5.2.7.1. */
static void unreachable4_text(struct buffer *out, const struct packet_icmp *icmp)
{
	static const struct {
		const char *before, *after;
	} codes[] = {
		{" net", " unreachable"},
		{" host", " unreachable"},
		{"", " protocol"},
		{"", " port"},
		{"", " unreachable - need to frag"},
		{"", " unreachable - source route failed"},
		{" net", " unreachable - unknown"},
		{" host", " unreachable - unknown"},
		{"", " unreachable - source host isolated"},
		{" net", " unreachable - admin prohibited"},
		{" host", " unreachable - admin prohibited"},
		{" net", " unreachable - tos prohibited"},
		{" host", " unreachable - tos prohibited"},
		{" host", " unreachable - admin prohibited filter"},
		{" host", " unreachable - host precedence violation"},
		{" host", " unreachable - precedence cutoff"},
	};

	if (icmp->code >= sizeof(codes) / sizeof(codes[0])) {
		quoted_text(out, icmp);
		buffer_printf(out, " unreachable - #%u", icmp->code);
		return;
	}
	buffer_text(out, codes[icmp->code].before);
	quoted_text(out, icmp);
	if (icmp->code == 3 && icmp->quotes_tcp)
		buffer_text(out, " tcp");
	buffer_text(out, codes[icmp->code].after);
	if (icmp->code == 2)
		buffer_text(out, icmp->quotes_tcp ? " 6 unreachable" : " unreachable");
	else if (icmp->code == 3 && icmp->quotes_tcp)
		buffer_printf(out, " %u unreachable", icmp->quoted_dest_port);
	else if (icmp->code == 3)
		buffer_text(out, " unreachable");
	else if (icmp->code == 4 && icmp->parameter & 0xffff)
		buffer_printf(out, " (mtu %u)", icmp->parameter & 0xffff);
}

static void echo_text(struct buffer *out, const char *what, const struct packet_icmp *icmp)
{
	buffer_printf(out, " echo %s, id %u, seq %u", what, icmp->parameter >> 16,
		      icmp->parameter & 0xffff);
}

/* The gateway's address is where other messages have their parameter. */
static void redirect_text(struct buffer *out, const struct packet_icmp *icmp)
{
	struct address gateway = {.family = 4};
	char words[ADDRESS_TEXT_MAX];

	put_u32(gateway.at, icmp->parameter);
	buffer_text(out, " redirect");
	quoted_text(out, icmp);
	buffer_printf(out, " to %s %s", icmp->code % 2 ? "host" : "net",
		      address_text(&gateway, words));
}

static void icmp4_text(struct buffer *out, const struct packet_icmp *icmp)
{
	switch (icmp->type) {
	case 0:
		echo_text(out, "reply", icmp);
		break;
	case 3:
		unreachable4_text(out, icmp);
		break;
	case 4:
		buffer_text(out, " source quench");
		break;
	case 5:
		redirect_text(out, icmp);
		break;
	case 8:
		echo_text(out, "request", icmp);
		break;
	case 11:
		buffer_text(out, icmp->code ? " ip reassembly time exceeded"
					    : " time exceeded in-transit");
		break;
	case 12:
		if (icmp->code)
			buffer_printf(out, " parameter problem - code %u", icmp->code);
		else
			buffer_printf(out, " parameter problem - octet %u", icmp->parameter >> 24);
		break;
	default:
		buffer_printf(out, " type-#%u", icmp->type);
		break;
	}
}

/* ", unreachable port, ADDRESS tcp port 80"; RFC 4443 3.1. */
static void unreachable6_text(struct buffer *out, const struct packet_icmp *icmp)
{
	static const char *const codes[] = {"unreachable route", "unreachable prohibited",
					    "beyond scope", "unreachable address",
					    "unreachable port"};
	char source[ADDRESS_TEXT_MAX];

	buffer_text(out, " destination unreachable, ");
	if (icmp->code < sizeof(codes) / sizeof(codes[0]))
		buffer_text(out, codes[icmp->code]);
	else
		buffer_printf(out, "unknown unreach code (%u)", icmp->code);
	if (!icmp->quotes_tcp)
		return;
	if (icmp->code == 4)
		buffer_text(out, ",");
	quoted_text(out, icmp);
	if (icmp->code == 2)
		buffer_printf(out, ", source address %s",
			      address_text(&icmp->quoted_source, source));
	if (icmp->code == 4)
		buffer_printf(out, " tcp port %u", icmp->quoted_dest_port);
}

static void parameter6_text(struct buffer *out, const struct packet_icmp *icmp)
{
	static const char *const codes[] = {"erroneous", "next header", "option",
					    "incomplete header chain"};

	if (icmp->code < sizeof(codes) / sizeof(codes[0]))
		buffer_printf(out, " parameter problem, %s - octet %u", codes[icmp->code],
			      icmp->parameter);
	else
		buffer_printf(out, " parameter problem, code-#%u", icmp->code);
}

static void exceeded6_text(struct buffer *out, const struct packet_icmp *icmp)
{
	buffer_text(out, " time exceeded in-transit");
	if (icmp->code == 0) {
		buffer_text(out, " for");
		quoted_text(out, icmp);
	} else if (icmp->code == 1) {
		buffer_text(out, " (reassembly)");
	} else {
		buffer_printf(out, ", unknown code (%u)", icmp->code);
	}
}

static void icmp6_text(struct buffer *out, const struct packet_icmp *icmp)
{
	switch (icmp->type) {
	case 1:
		unreachable6_text(out, icmp);
		break;
	case 2:
		buffer_printf(out, " packet too big, mtu %u", icmp->parameter);
		break;
	case 3:
		exceeded6_text(out, icmp);
		break;
	case 4:
		parameter6_text(out, icmp);
		break;
	case 128:
		echo_text(out, "request", icmp);
		break;
	case 129:
		echo_text(out, "reply", icmp);
		break;
	case 133:
		buffer_text(out, " router solicitation");
		break;
	case 134:
		buffer_text(out, " router advertisement");
		break;
	default:
		buffer_printf(out, " type-#%u", icmp->type);
		break;
	}
}

void icmp_text(struct buffer *out, const struct packet *packet)
{
	const struct packet_icmp *icmp = &packet->icmp;

	if (packet->source.family == 4) {
		buffer_text(out, "ICMP");
		icmp4_text(out, icmp);
	} else {
		buffer_text(out, "ICMP6,");
		icmp6_text(out, icmp);
	}
	buffer_printf(out, ", length %zu", ICMP_HEADER + icmp->quote_len);
	if (icmp->checksum_state == CHECKSUM_BAD)
		buffer_text(out, " [bad icmp cksum]");
}
