/*
 * Packets in words, as tcpdump prints them (its -nn -S form).
 */
#include "packet/parse.h"
#include <errno.h>
#include <stdio.h>

static const struct {
	unsigned flag;
	char letter;
} letters[] = {{FIN, 'F'}, {SYN, 'S'}, {RST, 'R'}, {PSH, 'P'}, {ACK, '.'},
	       {URG, 'U'}, {ECE, 'E'}, {CWR, 'W'}, {AE, 'e'}};
#define LETTERS (sizeof(letters) / sizeof(letters[0]))

const char *flags_text(unsigned flags, char out[FLAGS_TEXT_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < LETTERS; i++)
		if (flags & letters[i].flag)
			out[n++] = letters[i].letter;
	out[n] = '\0';
	if (!n)
		snprintf(out, FLAGS_TEXT_MAX, "none");
	return out;
}

int flags_parse(const char *text_, unsigned *out)
{
	unsigned flags = 0;

	if (!*text_)
		return -EINVAL;
	if (!strcmp(text_, "none")) {
		*out = 0;
		return 0;
	}
	for (; *text_; text_++) {
		size_t i = 0;

		while (i < LETTERS && letters[i].letter != *text_)
			i++;
		if (i == LETTERS || flags & letters[i].flag)
			return -EINVAL;
		flags |= letters[i].flag;
	}
	*out = flags;
	return 0;
}

void packet_tcp_text(struct buffer *out, const struct packet_tcp *tcp, const uint32_t bases[2],
		     bool numbered)
{
	uint32_t seq = bases ? tcp->seq - bases[0] : tcp->seq;
	uint32_t ack = bases ? tcp->ack - bases[1] : tcp->ack;
	size_t len = tcp->len + tcp->cut;
	char flags[FLAGS_TEXT_MAX];

	buffer_printf(out, "Flags [%s]", flags_text(tcp->flags, flags));
	if (len)
		buffer_printf(out, ", seq %u:%u", seq, seq + (uint32_t)len);
	else if (tcp->flags & RST && !tcp->seq && seq)
		/* The number of a RST for a segment without ACK (RFC 9293 3.10.7.1). */
		buffer_text(out, ", seq 0 (absolute)");
	else if (tcp->flags & (SYN | FIN | RST) || numbered)
		buffer_printf(out, ", seq %u", seq);
	if (tcp->flags & ACK)
		buffer_printf(out, ", ack %u", ack);
	buffer_printf(out, ", win %u", tcp->window);
	if (tcp->flags & URG)
		buffer_printf(out, ", urg %u", tcp->urgent);
	if (tcp->option_bytes) {
		buffer_text(out, ", options [");
		options_text(out, tcp->options, tcp->option_bytes);
		buffer_text(out, "]");
	}
	buffer_printf(out, ", length %zu", len);
	if (tcp->reserved)
		buffer_printf(out, " [reserved 0x%x]", tcp->reserved);
	if (tcp->checksum_state == CHECKSUM_BAD)
		buffer_text(out, " [bad tcp cksum]");
}

static void tcp_text(struct buffer *out, const struct packet *packet, const uint32_t bases[2])
{
	char source[ADDRESS_TEXT_MAX], dest[ADDRESS_TEXT_MAX];

	buffer_printf(out, "%s %s.%u > %s.%u: ", packet->source.family == 4 ? "IP" : "IP6",
		      address_text(&packet->source, source), packet->tcp.source_port,
		      address_text(&packet->dest, dest), packet->tcp.dest_port);
	packet_tcp_text(out, &packet->tcp, bases, false);
}

static void addresses_text(struct buffer *out, const struct packet *packet)
{
	char source[ADDRESS_TEXT_MAX], dest[ADDRESS_TEXT_MAX];

	buffer_printf(out, "%s %s > %s: ", packet->source.family == 4 ? "IP" : "IP6",
		      address_text(&packet->source, source), address_text(&packet->dest, dest));
}

static void arp_text(struct buffer *out, const struct packet_arp *arp)
{
	char sender[ADDRESS_TEXT_MAX], target[ADDRESS_TEXT_MAX];
	const uint8_t *mac = arp->sender_mac.at;

	address_text(&arp->sender, sender);
	address_text(&arp->target, target);
	if (arp->operation == 1)
		buffer_printf(out, "ARP, Request who-has %s tell %s", target, sender);
	else if (arp->operation == 2)
		buffer_printf(out, "ARP, Reply %s is-at %02x:%02x:%02x:%02x:%02x:%02x", sender,
			      mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	else
		buffer_printf(out, "ARP, operation %u", arp->operation);
	buffer_text(out, ", length 28");
}

static void nd_text(struct buffer *out, const struct packet *packet)
{
	char target[ADDRESS_TEXT_MAX];

	addresses_text(out, packet);
	buffer_printf(out, "ICMP6, neighbor %s %s, length %u",
		      packet->nd.advertisement ? "advertisement, tgt is" : "solicitation, who has",
		      address_text(&packet->nd.target, target), packet->nd.has_mac ? 32 : 24);
}

void packet_text(struct buffer *out, const struct packet *packet, const uint32_t bases[2])
{
	switch (packet->kind) {
	case PACKET_TCP:
		tcp_text(out, packet, bases);
		break;
	case PACKET_ICMP:
		addresses_text(out, packet);
		icmp_text(out, packet);
		break;
	case PACKET_ARP:
		arp_text(out, &packet->arp);
		break;
	case PACKET_ND:
		nd_text(out, packet);
		break;
	case PACKET_MALFORMED:
		if (packet->source.family)
			addresses_text(out, packet);
		buffer_printf(out, "malformed, %s", packet->fault);
		break;
	case PACKET_OTHER:
		if (packet->source.family)
			addresses_text(out, packet);
		buffer_text(out, "other");
		break;
	}
	if (packet->ip_checksum_bad)
		buffer_text(out, " [bad ip cksum]");
}
