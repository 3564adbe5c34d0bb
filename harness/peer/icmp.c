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

static bool anything_came(void *arg)
{
	const struct peer *p = arg;

	return p->error_count || peer_head(p);
}

static void icmp_want(struct buffer *out, int type, int code, nanos most)
{
	char words[NANOS_TEXT_MAX];

	buffer_text(out, "an ICMP error");
	if (type != ICMP_ANY)
		buffer_printf(out, ", type %d", type);
	if (code != ICMP_ANY)
		buffer_printf(out, ", code %d", code);
	buffer_printf(out, " within %s", nanos_text(most, words));
}

static _Noreturn void icmp_broken(struct exchange *x, int rung, const char *what)
{
	struct entry *entry = ladder_get(x, rung);

	entry->rung.broken = true;
	entry->waits = false;
	ladder_want(entry, x->want.at);
	exchange_break(x, "%s came; expected %s", what, x->want.at);
}

void peer_expect_icmp(struct peer *p, int type, int code, struct window when)
{
	struct exchange *x = p->exchange;
	const struct window window = exchange_window(x, when);
	const nanos closes = peer_anchor(p, 0) + window.to;
	const struct heard *got;
	struct icmp_heard error;

	buffer_drop(&x->want, x->want.len);
	icmp_want(&x->want, type, code, window.to);
	if (!exchange_wait(x, anything_came, p, exchange_deadline(x, closes) + DELIVERY,
			   x->want.at)) {
		exchange_rung(x, p, RUNG_MISSING, closes, false, true, "nothing", x->want.at);
		x->silent = true;
		exchange_break(x, "no ICMP error arrived; expected %s", x->want.at);
	}
	got = peer_head(p);
	error = p->errors[0];
	if (!p->error_count || (got && got->time < error.time))
		icmp_broken(x, got->rung, "a segment");
	if ((type != ICMP_ANY && error.type != type) || (code != ICMP_ANY && error.code != code))
		icmp_broken(x, error.rung, "another ICMP error");
	if (error.time > closes)
		icmp_broken(x, error.rung, "an ICMP error too late");
	/* It is no surprise any more. */
	ladder_get(x, error.rung)->rung.error = false;
	ladder_want(ladder_get(x, error.rung), x->want.at);
	memmove(p->errors, p->errors + 1, --p->error_count * sizeof(*p->errors));
	p->anchor = error.rung;
}
