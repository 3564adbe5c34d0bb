/*
 * What a reply means, in words.
 *
 * What TCP answers is RFC 9293 section 3.10.7; what a filter answers is ICMP, RFC 792 and 1812,
 * RFC 4443 for IPv6.
 */
#include "probe/probe.h"
#include <stdio.h>
#include <string.h>

static const char *unreachable4(uint8_t code)
{
	switch (code) {
	case 0:
		return "unreachable: ICMP network unreachable";
	case 1:
		return "unreachable: ICMP host unreachable";
	case 2:
		return "filtered: ICMP protocol unreachable";
	case 3:
		return "filtered: ICMP port unreachable";
	case 4:
		return "too large: ICMP fragmentation needed";
	case 5:
		return "unreachable: ICMP source route failed";
	case 9:
	case 10:
	case 13:
		return "filtered: ICMP admin-prohibited";
	default:
		return "unreachable: ICMP";
	}
}

static const char *unreachable6(uint8_t code)
{
	switch (code) {
	case 0:
		return "unreachable: ICMPv6 no route";
	case 1:
		return "filtered: ICMPv6 admin-prohibited";
	case 2:
		return "unreachable: ICMPv6 beyond the source's scope";
	case 3:
		return "unreachable: ICMPv6 address unreachable";
	case 4:
		return "filtered: ICMPv6 port unreachable";
	case 5:
	case 6:
		return "filtered: ICMPv6 rejected by policy or route";
	default:
		return "unreachable: ICMPv6";
	}
}

static const char *icmp_meaning(const struct packet *reply)
{
	const uint8_t type = reply->icmp.type;

	if (reply->source.family == 4)
		return type == 3    ? unreachable4(reply->icmp.code)
		       : type == 11 ? reply->icmp.code ? "lost: ICMP reassembly time exceeded"
						       : "lost: ICMP time to live exceeded"
		       : type == 12 ? "refused: ICMP parameter problem"
				    : "ICMP";
	return type == 1   ? unreachable6(reply->icmp.code)
	       : type == 2 ? "too large: ICMPv6 packet too big"
	       : type == 3 ? reply->icmp.code ? "lost: ICMPv6 reassembly time exceeded"
					      : "lost: ICMPv6 hop limit exceeded"
	       : type == 4 ? "refused: ICMPv6 parameter problem"
			   : "ICMPv6";
}

/* How many of the probe's numbers this one is behind the first. */
static uint32_t behind(const struct probe_sent *sent, const struct packet_tcp *tcp)
{
	return tcp->ack - sent->seq;
}

/* RFC 9293 3.10.7.1: without ACK in the probe 0 and its end, with ACK its acknowledgement. */
static const char *reset_meaning(const struct probe_sent *sent, const struct packet_tcp *tcp,
				 char out[MEANING_MAX])
{
	const char *who = sent->flags & SYN && !(sent->flags & ACK) ? "closed" : "no connection";

	if (sent->flags & RST)
		return "a RST answered by a RST: wrong";
	if (sent->flags & ACK) {
		if (tcp->seq == sent->ack)
			snprintf(out, MEANING_MAX, "%s: RST with the right numbers", who);
		else
			snprintf(out, MEANING_MAX, "%s: RST with seq %u, and %u is right", who,
				 tcp->seq, sent->ack);
		return out;
	}
	if (!(tcp->flags & ACK))
		snprintf(out, MEANING_MAX, "%s: RST without the ACK that is due", who);
	else if (tcp->ack != sent->end)
		snprintf(out, MEANING_MAX, "%s: RST with ack +%u, and +%u is right", who,
			 behind(sent, tcp), sent->end - sent->seq);
	else if (tcp->seq)
		snprintf(out, MEANING_MAX, "reset: RST with seq %u, where a closed port has 0",
			 tcp->seq);
	else
		snprintf(out, MEANING_MAX, "%s: RST with the right numbers", who);
	return out;
}

static const char *syn_meaning(const struct probe_sent *sent, const struct packet_tcp *tcp,
			       char out[MEANING_MAX])
{
	const uint32_t at = behind(sent, tcp);

	if (!(sent->flags & SYN))
		return "a SYN to what was no SYN";
	if (!(tcp->flags & ACK))
		return "a SYN back: a simultaneous open";
	if (tcp->ack == sent->end && sent->end - sent->seq > 1)
		return "open, and the data is acknowledged";
	if (at == 1)
		return "open";
	snprintf(out, MEANING_MAX, "open, but acknowledges +%u, and +1 is right", at);
	return out;
}

static const char *tcp_meaning(const struct probe_sent *sent, const struct packet_tcp *tcp,
			       char out[MEANING_MAX])
{
	if (tcp->flags & RST)
		return reset_meaning(sent, tcp, out);
	if (tcp->flags & SYN)
		return syn_meaning(sent, tcp, out);
	if (!(tcp->flags & ACK))
		return "a segment without ACK: wrong";
	if (tcp->len + tcp->cut)
		return "data";
	if (tcp->flags & FIN)
		return "a FIN: the other side closes";
	if (sent->end != sent->seq && tcp->ack == sent->end && !(sent->flags & SYN))
		return "acknowledged";
	/* RFC 9293 3.10.7.4: in the window, and not next. */
	if (sent->end != sent->seq && !(sent->flags & (SYN | RST)) && sent->seq != tcp->ack &&
	    sent->seq - tcp->ack < tcp->window)
		return "duplicate ACK: what comes before is missing";
	/* RFC 5961 3.2, 4.2, 5.2: the state stays, and the sender is asked for the truth. */
	return "challenge ACK";
}

static const char *silence_meaning(const struct probe_sent *sent)
{
	if (sent->flags & RST)
		return "silence, which is all that a RST gets";
	if (sent->connected && sent->end == sent->seq)
		return "no answer (an acceptable ACK without data gets none)";
	if (sent->flags & ACK)
		return "filtered, or lost: no answer";
	if (sent->flags & SYN)
		return "filtered, or lost: no answer";
	return "open or filtered: no answer";
}

/* What the options' lengths are worth stands in the words too. */
static const char *options_meaning(const struct packet_tcp *tcp, const char *words,
				   char out[MEANING_MAX])
{
	struct heard_options options;
	char copy[MEANING_MAX];

	options_decode(tcp->options, tcp->option_bytes, &options);
	if (!options.malformed)
		return words;
	snprintf(copy, sizeof(copy), "%s", words);
	snprintf(out, MEANING_MAX, "%.80s, with malformed options", copy);
	return out;
}

const char *meaning_text(const struct probe_sent *sent, const struct packet *reply,
			 char out[MEANING_MAX])
{
	if (!reply)
		return silence_meaning(sent);
	switch (reply->kind) {
	case PACKET_ICMP:
		return icmp_meaning(reply);
	case PACKET_TCP:
		if (reply->tcp.checksum_state == CHECKSUM_BAD)
			return "not to be believed: its checksum is wrong";
		return options_meaning(&reply->tcp, tcp_meaning(sent, &reply->tcp, out), out);
	case PACKET_MALFORMED:
		snprintf(out, MEANING_MAX, "malformed: %s", reply->fault);
		return out;
	default:
		return "no TCP";
	}
}
