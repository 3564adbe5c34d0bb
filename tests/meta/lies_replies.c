/*
 * Segments that answer what must be answered otherwise, or not at all. They come after the right
 * answer, where there is one.
 */
#include "lies.h"

#define AFTER ms(20) /* the right answer is there by then */

static bool is_sent(const struct packet *packet, unsigned flag)
{
	return packet->tcp.flags & flag;
}

/* The other way round, at the numbers that an answer to this segment has. */
static void turn(struct telling *t, struct packet *packet, unsigned flags)
{
	const struct packet sent = *packet;
	uint32_t next = sent.tcp.seq + (uint32_t)sent.tcp.len + is_sent(&sent, SYN) +
			is_sent(&sent, FIN);

	packet->source = sent.dest;
	packet->dest = sent.source;
	packet->source_mac = sent.dest_mac;
	packet->dest_mac = sent.source_mac;
	packet->tcp = (struct packet_tcp){.source_port = sent.tcp.dest_port,
		.dest_port = sent.tcp.source_port, .flags = (uint16_t)flags, .window = 64240,
		.seq = is_sent(&sent, ACK) ? sent.tcp.ack : 0};
	if (flags & ACK)
		packet->tcp.ack = next;
	t->lied = true;
	t->again = AFTER;
}

static void reply_rst(const struct tale *lie, struct telling *t, struct packet *packet)
{
	(void)lie;
	turn(t, packet, is_sent(packet, ACK) ? (unsigned)RST : (unsigned)RST | ACK);
}

static void reply_ack(const struct tale *lie, struct telling *t, struct packet *packet)
{
	(void)lie;
	turn(t, packet, ACK);
}

static void reply_syn_ack(const struct tale *lie, struct telling *t, struct packet *packet)
{
	(void)lie;
	turn(t, packet, (unsigned)SYN | ACK);
}

static void reply_fin(const struct tale *lie, struct telling *t, struct packet *packet)
{
	(void)lie;
	turn(t, packet, (unsigned)FIN | ACK);
}

const struct tale lies_of_replies[] = {
	{.name = "rst_gets_rst", .breaks = "a RST is answered by RST",
	 .of = OF_ANY_RST, .reply = reply_rst},
	{.name = "rst_gets_ack", .breaks = "a RST is answered by ACK",
	 .of = OF_ANY_RST, .reply = reply_ack},
	{.name = "ack_gets_ack", .breaks = "a bare ACK is answered by ACK",
	 .of = OF_ACK, .reply = reply_ack},
	{.name = "ack_gets_rst", .breaks = "a bare ACK is answered by RST",
	 .of = OF_ACK, .reply = reply_rst},
	{.name = "ack_gets_fin", .breaks = "a bare ACK is answered by FIN",
	 .of = OF_ACK, .reply = reply_fin},
	{.name = "data_gets_rst", .breaks = "data is answered by RST, late",
	 .of = OF_DATA, .reply = reply_rst},
	{.name = "fin_gets_rst", .breaks = "a FIN is answered by RST, late",
	 .of = OF_FIN, .reply = reply_rst},
	{.name = "syn_gets_rst", .breaks = "a SYN is answered by RST, late",
	 .of = OF_ANY_SYN, .reply = reply_rst},
	{.name = "syn_gets_syn_ack", .breaks = "a SYN is answered by a SYN-ACK of its own",
	 .of = OF_ANY_SYN, .reply = reply_syn_ack},
	{.name = "without_ack_gets_rst", .breaks = "what has no ACK bit is answered by RST, late",
	 .of = OF_BARE, .reply = reply_rst},
	{.name = NULL},
};
