/*
 * Which reply belongs to which probe, and whether it is the first of its kind.
 */
#include "probe/probe.h"

/* The least time after which a TCP sends again, RFC 6298 2.4 as Linux has it, less some slack. */
#define SENT_AGAIN_AFTER ms(150)

const char *rule_text(enum match_rule rule)
{
	switch (rule) {
	case RULE_ACK:
		return "acknowledgement";
	case RULE_RESET:
		return "reset";
	case RULE_QUOTE:
		return "quoted header";
	case RULE_CONNECTION:
		return "connection";
	case RULE_PORTS:
		return "ports";
	case RULE_NONE:
		break;
	}
	return "none";
}

static enum match_rule match_tcp(const struct probe_sent *sent, const struct packet_tcp *tcp)
{
	const uint32_t taken = sent->end - sent->seq;

	if (tcp->flags & ACK) {
		/* Below what was sent is another connection's number, or this one's of before. */
		if (tcp->ack - sent->seq <= taken && (tcp->ack != sent->seq || !taken))
			return RULE_ACK;
		return RULE_PORTS;
	}
	if (tcp->flags & RST && sent->flags & ACK && tcp->seq == sent->ack)
		return RULE_RESET;
	return RULE_PORTS;
}

enum match_rule match_reply(const struct probe_sent *sent, uint16_t target_port,
			    const struct packet *reply)
{
	const struct packet_icmp *icmp = &reply->icmp;

	if (reply->kind == PACKET_ICMP)
		return icmp->quotes_tcp && icmp->quoted_source_port == sent->port &&
				       icmp->quoted_dest_port == target_port &&
				       icmp->quoted_seq == sent->seq
			       ? RULE_QUOTE
			       : RULE_NONE;
	if (reply->kind != PACKET_TCP && reply->kind != PACKET_MALFORMED)
		return RULE_NONE;
	if (reply->tcp.dest_port != sent->port || reply->tcp.source_port != target_port)
		return RULE_NONE;
	return match_tcp(sent, &reply->tcp);
}

struct reply_marks reply_marks(const struct packet *reply, nanos time)
{
	struct reply_marks marks = {.valid = true, .ip_id = reply->ip_id, .time = time};
	struct heard_options options;

	if (reply->kind != PACKET_TCP && reply->kind != PACKET_MALFORMED) {
		/* ICMP: what it says stands for flags and numbers. */
		marks.flags = reply->icmp.type;
		marks.seq = reply->icmp.code;
		marks.len = SIZE_MAX;
		return marks;
	}
	options_decode(reply->tcp.options, reply->tcp.option_bytes, &options);
	marks.flags = reply->tcp.flags;
	marks.seq = reply->tcp.seq;
	marks.ack = reply->tcp.ack;
	marks.len = reply->tcp.len + reply->tcp.cut;
	marks.tsval = options.kinds & WITHOUT(OPTION_TIMESTAMPS) ? options.tsval : 0;
	return marks;
}

enum again reply_again(const struct reply_marks *first, const struct reply_marks *next)
{
	if (!first->valid || first->flags != next->flags || first->seq != next->seq ||
	    first->len != next->len)
		return AGAIN_OTHER;
	/* Many systems give all SYN-ACKs the identification 0, which tells nothing. */
	if (first->ip_id != next->ip_id || first->tsval != next->tsval ||
	    first->ack != next->ack)
		return AGAIN_RETRANSMITTED;
	if (first->ip_id)
		return AGAIN_DUPLICATE;
	return next->time - first->time < SENT_AGAIN_AFTER ? AGAIN_DUPLICATE : AGAIN_RETRANSMITTED;
}

bool reply_is_error(const struct packet *reply)
{
	return reply->kind == PACKET_ICMP;
}
