/*
 * odd_target INTERFACE ADDRESS: a host that no kernel is, whose ports answer a segment oddly: see
 * the table. It answers ARP and neighbour solicitations too. Says "ready" when it hears; runs until
 * it is killed.
 */
#include "wire/wire.h"
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <signal.h>

#define HELD_MAX 8
#define FRAME_MAX 256
enum { ETHERNET_BYTES = 14, SENT_AGAIN_MS = 400 };

static struct wire *wire;
static struct address own;
static const struct mac own_mac = {{2, 0, 0, 0, 0, 9}};

struct held {
	uint8_t frame[FRAME_MAX];
	size_t len;
};
static struct held held[HELD_MAX];
static size_t held_count;
static struct held again; /* to be sent once more, at a time */
static nanos again_at;

static void send_frame(const uint8_t *frame, size_t len)
{
	struct why why;

	if (wire_send_bytes(wire, frame, len, &why))
		fprintf(stderr, "odd_target: %s\n", why.text);
}

static size_t ip_bytes(void)
{
	return own.family == 4 ? 20 : 40;
}

/* A SYN-ACK, or what its port makes of it, as a frame. */
static size_t frame_make(const struct packet *reply, uint8_t *frame)
{
	size_t len = 0;

	return packet_encode(reply, frame, FRAME_MAX, &len) ? 0 : len;
}

static void plain(struct packet *reply)
{
	uint8_t frame[FRAME_MAX];

	send_frame(frame, frame_make(reply, frame));
}

/* The IP length is right for what is left: ten bytes of TCP. */
static void truncated(struct packet *reply)
{
	uint8_t frame[FRAME_MAX];
	size_t len;

	reply->set_ip_length = true;
	reply->ip_length = (uint16_t)(own.family == 4 ? 30 : 10);
	len = frame_make(reply, frame);
	send_frame(frame, len ? ETHERNET_BYTES + ip_bytes() + 10 : 0);
}

static void long_ip(struct packet *reply)
{
	reply->set_ip_length = true;
	reply->ip_length = 1000;
	plain(reply);
}

static void offset_past_end(struct packet *reply)
{
	reply->tcp.data_offset = 15;
	plain(reply);
}

static void offset_short(struct packet *reply)
{
	reply->tcp.data_offset = 3;
	plain(reply);
}

static void option_lies(struct packet *reply)
{
	static const uint8_t lie[4] = {2, 40, 5, 180};

	reply->tcp.option_bytes = sizeof(lie);
	memcpy(reply->tcp.options, lie, sizeof(lie));
	plain(reply);
}

static void bad_checksum(struct packet *reply)
{
	reply->lies = LIE_BAD_CHECKSUM;
	plain(reply);
}

static void twice(struct packet *reply)
{
	reply->ip_id = 77;
	plain(reply);
	plain(reply);
}

static void once_more(struct packet *reply)
{
	plain(reply);
	again.len = frame_make(reply, again.frame);
	again_at = clock_monotonic() + ms(SENT_AGAIN_MS);
}

static void nothing(struct packet *reply)
{
	(void)reply;
}

static void another(struct packet *reply)
{
	reply->tcp.ack += 1000;
	plain(reply);
}

static void bare_reset(struct packet *reply)
{
	reply->tcp.flags = RST;
	reply->tcp.ack = 0;
	plain(reply);
}

static void challenge(struct packet *reply)
{
	reply->tcp.flags = ACK;
	reply->tcp.ack -= 1;
	plain(reply);
}

/* The last of eight is answered first. */
static void backwards(struct packet *reply)
{
	struct held *h = &held[held_count++];

	h->len = frame_make(reply, h->frame);
	if (held_count < HELD_MAX)
		return;
	while (held_count--)
		send_frame(held[held_count].frame, held[held_count].len);
	held_count = 0;
}

/* An error about a segment of this number: to the port asked, and from it. */
static void error_about(const struct packet *reply, uint32_t seq, size_t quote_len)
{
	uint8_t frame[FRAME_MAX], quoted[FRAME_MAX];
	struct packet asked = {.kind = PACKET_TCP, .source = reply->dest, .dest = reply->source,
			       .ttl = 1};
	struct packet error = {.kind = PACKET_ICMP, .source_mac = reply->source_mac,
			       .dest_mac = reply->dest_mac, .source = reply->source,
			       .dest = reply->dest, .ttl = 64};
	size_t len = 0;

	asked.tcp = (struct packet_tcp){.source_port = reply->tcp.dest_port,
					.dest_port = reply->tcp.source_port,
					.seq = seq,
					.flags = SYN};
	if (packet_encode(&asked, quoted, sizeof(quoted), &len))
		return;
	error.icmp = (struct packet_icmp){.type = own.family == 4 ? 11 : 3,
					  .quote = quoted + ETHERNET_BYTES,
					  .quote_len = ip_bytes() + quote_len};
	if (!packet_encode(&error, frame, sizeof(frame), &len))
		send_frame(frame, len);
}

static void expired(struct packet *reply)
{
	error_about(reply, reply->tcp.ack - 1, 8);
}

static void expired_other(struct packet *reply)
{
	error_about(reply, reply->tcp.ack + 5000, 8);
}

static void expired_short(struct packet *reply)
{
	error_about(reply, reply->tcp.ack - 1, 2);
}

static void flood(struct packet *reply)
{
	uint8_t frame[FRAME_MAX];
	size_t len = frame_make(reply, frame);

	for (int i = 0; i < 20000; i++)
		send_frame(frame, len);
}

/* The connection is opened, and reset by a RST that has no number. */
static void numberless_reset(struct packet *reply)
{
	plain(reply);
	reply->tcp.flags = RST | ACK;
	reply->tcp.seq = 0;
	plain(reply);
}

#define PORT_FIRST 9001
static void (*const ports[])(struct packet *reply) = {
	plain,	   truncated, long_ip, offset_past_end, offset_short, option_lies, bad_checksum,
	twice,	   once_more, nothing, another,		bare_reset,   challenge,   backwards,
	expired,   expired_other, expired_short,   flood,	numberless_reset,
};

static void asked_tcp(const struct packet *got)
{
	struct packet reply = {.kind = PACKET_TCP,
			       .source_mac = own_mac,
			       .dest_mac = got->source_mac,
			       .source = got->dest,
			       .dest = got->source,
			       .ttl = 64};
	const unsigned port = got->tcp.dest_port - PORT_FIRST;

	if (got->tcp.flags != SYN || port >= sizeof(ports) / sizeof(ports[0]))
		return;
	reply.tcp = (struct packet_tcp){.source_port = got->tcp.dest_port,
					.dest_port = got->tcp.source_port,
					.seq = 7000,
					.ack = got->tcp.seq + 1,
					.flags = SYN | ACK,
					.window = 100};
	ports[port](&reply);
}

static void asked_arp(const struct packet *got)
{
	uint8_t frame[FRAME_MAX];
	struct packet reply = {.kind = PACKET_ARP, .source_mac = own_mac,
			       .dest_mac = got->source_mac};
	size_t len = 0;

	if (got->arp.operation != 1 || !address_equal(&got->arp.target, &own))
		return;
	reply.arp = (struct packet_arp){.operation = 2, .sender_mac = own_mac, .sender = own,
					.target_mac = got->arp.sender_mac,
					.target = got->arp.sender};
	if (!packet_encode(&reply, frame, sizeof(frame), &len))
		send_frame(frame, len);
}

static void asked_nd(const struct packet *got)
{
	uint8_t frame[FRAME_MAX];
	struct packet reply = {.kind = PACKET_ND, .source_mac = own_mac,
			       .dest_mac = got->source_mac, .source = own, .dest = got->source};
	size_t len = 0;

	if (got->nd.advertisement || !address_equal(&got->nd.target, &own))
		return;
	reply.nd = (struct packet_nd){.advertisement = true, .flags = 0x60, .target = own,
				      .has_mac = true, .mac = own_mac};
	if (!packet_encode(&reply, frame, sizeof(frame), &len))
		send_frame(frame, len);
}

static void take(const struct frame *frame)
{
	struct packet got;

	if (frame->outgoing)
		return;
	packet_parse(frame->bytes, frame->captured, frame->len, &got);
	if (got.kind == PACKET_ARP)
		asked_arp(&got);
	else if (got.kind == PACKET_ND)
		asked_nd(&got);
	else if (got.kind == PACKET_TCP && address_equal(&got.dest, &own))
		asked_tcp(&got);
}

int main(int argc, char **argv)
{
	struct wire_config config = {.interface = argc == 3 ? argv[1] : "", .mac = own_mac};
	struct why why;
	int r = 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (argc != 3 || address_parse(argv[2], &own)) {
		fprintf(stderr, "usage: odd_target INTERFACE ADDRESS\n");
		return 2;
	}
	if (wire_open(&wire, &config, &why)) {
		fprintf(stderr, "odd_target: %s\n", why.text);
		return 2;
	}
	puts("ready");
	fflush(stdout);
	while (r >= 0) {
		struct pollfd ready = {.fd = wire_fd(wire), .events = POLLIN};
		struct frame frame;
		nanos left = again_at ? again_at - clock_monotonic() : sec(1);

		if (again_at && left <= 0) {
			send_frame(again.frame, again.len);
			again_at = 0;
		}
		poll(&ready, 1, left > 0 ? (int)(left / ms(1)) + 1 : 0);
		while ((r = wire_next(wire, &frame, &why)) > 0)
			take(&frame);
	}
	fprintf(stderr, "odd_target: %s\n", why.text);
	return 2;
}
