/*
 * ICMP errors about the DUT's segments.
 *
 * RFC 792 has an error quote the IP header and 8 bytes behind it, which hold TCP's ports and
 * sequence number; RFC 1812 4.3.2.3 as much as a message of 576 bytes holds, and so do we.
 */
#include "peer/inside.h"
#include <stdio.h>
#include <string.h>

#define ETHERNET 14u
#define FRAME_MAX 2048
#define QUOTE_MAX (576u - 20u - 8u)

/* The DUT's segment as it was heard, in a frame. Returns the frame's length. */
static size_t quote(struct peer *p, const struct heard *about, const struct icmp_error *error,
		    uint8_t frame[static FRAME_MAX])
{
	struct exchange *x = p->exchange;
	struct packet packet = {
		.kind = PACKET_TCP,
		.source = p->dut,
		.dest = x->config.peer_address,
		.ttl = about->ttl,
		.tos = about->tos,
		.ip_id = about->ip_id,
		.dont_fragment = about->dont_fragment,
	};
	size_t len = 0;
	int r;

	packet.tcp = (struct packet_tcp){
		.source_port = p->dut_port,
		.dest_port = p->port,
		.seq = error->seq.kind ? p->irs + error->seq.low : about->raw_seq,
		.ack = about->raw_ack,
		.flags = (uint16_t)about->flags,
		.window = about->window,
		.option_bytes = about->options.size,
		.data = about->data,
		.len = about->len,
	};
	memcpy(packet.tcp.options, about->options.bytes, about->options.size);
	r = packet_encode(&packet, frame, FRAME_MAX, &len);
	if (r)
		exchange_end(x, VERDICT_ERROR, "a segment cannot be quoted: %s", strerror(-r));
	return len;
}

static void message(struct peer *p, const struct icmp_error *error, struct packet *packet)
{
	struct exchange *x = p->exchange;

	*packet = (struct packet){
		.kind = PACKET_ICMP,
		.source_mac = x->config.peer_mac,
		.dest_mac = x->config.dut_mac,
		.source = x->config.peer_address,
		.dest = p->dut,
		.ttl = 64,
		.ip_id = (uint16_t)random_next(&x->random),
	};
	packet->icmp.type = error->type;
	packet->icmp.code = error->code;
	packet->icmp.parameter = error->parameter;
}

/* A message of ours in words: as any other on the ladder, or in a rehearsal by its numbers. */
static char *message_text(struct peer *p, const uint8_t *frame, size_t len)
{
	struct buffer words = {.at = NULL};
	struct packet packet;

	packet_parse(frame, len, len, &packet);
	packet_text(&words, &packet, NULL);
	if (words.failed)
		exchange_end(p->exchange, VERDICT_ERROR, "no memory for a rung");
	return words.at;
}

int peer_inject_icmp(struct peer *p, const struct heard *about, const struct icmp_error *error)
{
	struct exchange *x = p->exchange;
	uint8_t quoted[FRAME_MAX], frame[FRAME_MAX];
	struct packet packet;
	struct entry *entry;
	struct why why;
	size_t len = 0;
	int r;

	if (x->config.rehearsal) {
		char words[64];

		snprintf(words, sizeof(words), "ICMP error, type %u, code %u", error->type,
			 error->code);
		return exchange_rung(x, p, RUNG_SENT, x->rehearsed, true, false, words, NULL);
	}
	exchange_turn(x);
	if (clock_monotonic() - x->drained > ms(1))
		exchange_drain(x);
	message(p, error, &packet);
	packet.icmp.quote_len = quote(p, about, error, quoted) - ETHERNET;
	if (packet.icmp.quote_len > QUOTE_MAX)
		packet.icmp.quote_len = QUOTE_MAX;
	packet.icmp.quote = quoted + ETHERNET;
	r = packet_encode(&packet, frame, sizeof(frame), &len);
	if (r)
		exchange_end(x, VERDICT_ERROR, "an ICMP error cannot be made: %s", strerror(-r));
	if (wire_send_bytes(x->config.wire, frame, len, &why) < 0)
		exchange_end(x, VERDICT_ERROR, "sending failed: %s", why.text);
	entry = ladder_entry(x, p, RUNG_SENT);
	entry->text = message_text(p, frame, len);
	p->anchor = entry->rung.number;
	exchange_leaves(x, frame, len, entry->rung.number);
	return p->anchor;
}
