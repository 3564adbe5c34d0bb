/*
 * packet_parse, options_decode, packet_text, packet_apply_lies and packet_encode on a frame.
 *
 * Input: a byte that tells how many bytes of the frame the capture cut off, then the frame.
 */
#include "packet/packet.h"
#include "replay.h"
#include <string.h>

#define FRAME_MAX 2048

/* n bytes at at lie inside the frame. */
static bool inside(const uint8_t *at, size_t n, const uint8_t *frame, size_t len)
{
	return at >= frame && at <= frame + len && n <= (size_t)(frame + len - at);
}

static void text_check(const struct packet *packet)
{
	const uint32_t bases[2] = {1, 0xffffffff};
	struct buffer out = {.at = NULL};

	packet_text(&out, packet, NULL);
	HOLDS(out.len > 0 && strlen(out.at) == out.len && !strchr(out.at, '\n'));
	packet_text(&out, packet, bases);
	buffer_free(&out);
}

/* What was read as TCP and built again is the same TCP. */
static void encode_check(const struct packet *packet)
{
	const struct packet_tcp *tcp = &packet->tcp;
	uint8_t frame[FRAME_MAX];
	struct packet again;
	size_t len;

	if (packet_encode(packet, frame, sizeof(frame), &len))
		return;
	packet_parse(frame, len, len, &again);
	HOLDS(again.kind == PACKET_TCP);
	HOLDS(again.tcp.checksum_state == CHECKSUM_GOOD && !again.ip_checksum_bad);
	HOLDS(address_equal(&again.source, &packet->source));
	HOLDS(address_equal(&again.dest, &packet->dest));
	HOLDS(again.has_vlan == packet->has_vlan && again.vlan == packet->vlan);
	HOLDS(again.ttl == packet->ttl && again.tos == packet->tos);
	HOLDS(again.flow_label == packet->flow_label && again.ip_id == packet->ip_id);
	HOLDS(again.tcp.seq == tcp->seq && again.tcp.ack == tcp->ack);
	HOLDS(again.tcp.flags == tcp->flags && again.tcp.reserved == tcp->reserved);
	HOLDS(again.tcp.data_offset == tcp->data_offset);
	HOLDS(again.tcp.window == tcp->window && again.tcp.urgent == tcp->urgent);
	HOLDS(again.tcp.len == tcp->len && !memcmp(again.tcp.data, tcp->data, tcp->len));
	HOLDS(!memcmp(again.tcp.options, tcp->options, tcp->option_bytes));
}

/* A bad checksum written over a good frame without padding is never taken for a good one. */
static void lies_check(const struct packet *packet, const uint8_t *bytes, size_t n)
{
	const struct packet_tcp *tcp = &packet->tcp;
	struct packet lying = *packet, again;
	uint8_t *frame = malloc(n);

	HOLDS(frame);
	memcpy(frame, bytes, n);
	lying.lies = LIE_BAD_CHECKSUM;
	if (!packet_apply_lies(&lying, frame, n) && tcp->checksum_state == CHECKSUM_GOOD &&
	    tcp->data + tcp->len == bytes + n) {
		packet_parse(frame, n, n, &again);
		HOLDS(again.kind == PACKET_TCP && again.tcp.checksum_state != CHECKSUM_GOOD);
	}
	free(frame);
}

static void tcp_check(const struct packet *packet, const uint8_t *frame, size_t n)
{
	const struct packet_tcp *tcp = &packet->tcp;
	struct heard_options options;

	HOLDS(tcp->data_offset >= 5 && tcp->option_bytes == tcp->data_offset * 4 - 20);
	HOLDS(inside(tcp->data, tcp->len, frame, n));
	HOLDS(!tcp->cut || tcp->checksum_state == CHECKSUM_UNKNOWN);
	HOLDS(tcp->flags < 0x200 && tcp->reserved < 8);
	options_decode(tcp->options, tcp->option_bytes, &options);
	HOLDS(options.size == tcp->option_bytes && options.sack_blocks <= 4);
	encode_check(packet);
	lies_check(packet, frame, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct packet packet;
	size_t cut;

	if (!n)
		return 0;
	cut = *bytes++;
	n--;
	packet_parse(bytes, n, n + cut, &packet);
	HOLDS((packet.kind == PACKET_MALFORMED) == (packet.fault != NULL));
	if (packet.kind == PACKET_TCP)
		tcp_check(&packet, bytes, n);
	if (packet.kind == PACKET_ICMP)
		HOLDS(inside(packet.icmp.quote, packet.icmp.quote_len, bytes, n));
	text_check(&packet);
	return 0;
}
