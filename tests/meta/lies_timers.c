/*
 * Timers that are not what they should be: what comes again at the wrong time, and probes.
 *
 * A probe is a bare ACK to the liar, whether for a window or to keep a connection alive; its copies
 * are told apart from other ACKs by their numbers.
 */
#include "lies.h"

#define ON(verb) (1u << (verb))

/* Every interval since the first copy becomes longer by 30 %. */
static void stretch(const struct tale *lie, struct telling *t, struct packet *packet)
{
	(void)lie;
	(void)packet;
	t->lied = true;
	t->delay = (t->now - t->first) * 3 / 10;
}

/* After a copy another, when as long has passed again as since the first: nothing doubles. */
static void not_doubled(const struct tale *lie, struct telling *t, struct packet *packet)
{
	(void)lie;
	(void)packet;
	t->lied = true;
	t->again = t->now - t->first;
}

static void sent_again(const struct tale *lie, struct telling *t, struct packet *packet)
{
	(void)packet;
	t->lied = true;
	t->again = lie->time;
}

static void with_byte(const struct tale *lie, struct telling *t, struct packet *packet)
{
	(void)lie;
	t->lied = true;
	t->data[0] = '?';
	packet->tcp.data = t->data;
	packet->tcp.len = 1;
}

static void renumbered(const struct tale *lie, struct telling *t, struct packet *packet)
{
	t->lied = true;
	packet->tcp.seq += lie->by;
}

/* The DUT asks whether the peer is there, some time after it has heard of it. */
static void asked_for(const struct tale *lie, struct telling *t, struct packet *packet)
{
	const struct packet sent = *packet;

	packet->source = sent.dest;
	packet->dest = sent.source;
	packet->source_mac = sent.dest_mac;
	packet->dest_mac = sent.source_mac;
	packet->tcp = (struct packet_tcp){.source_port = sent.tcp.dest_port,
		.dest_port = sent.tcp.source_port, .flags = ACK, .window = 64240,
		.seq = sent.tcp.ack - 1, .ack = sent.tcp.seq + (uint32_t)sent.tcp.len};
	t->lied = true;
	t->again = lie->time;
}

/* A socket option has another value. */
static void option_by(const struct tale *lie, struct telling *t, struct agent_reply *reply)
{
	if (reply->error)
		return;
	t->lied = true;
	reply->number += lie->becomes;
}

const struct tale lies_of_timers[] = {
	{.name = "data_not_doubled", .breaks = "the intervals between copies of data do not double",
	 .of = OF_DATA, .copies = LATER, .frame = not_doubled},
	{.name = "data_again_in_time", .breaks = "data comes once more after 250 ms",
	 .of = OF_DATA, .time = ms(250), .frame = sent_again},
	{.name = "probe_slow", .breaks = "the intervals between probes are 30 % too long",
	 .of = OF_ACK, .copies = LATER, .frame = stretch},
	{.name = "probe_not_doubled", .breaks = "the intervals between probes do not double",
	 .of = OF_ACK, .copies = LATER, .frame = not_doubled},
	{.name = "probe_with_a_byte", .breaks = "an ACK or a probe carries a byte of garbage",
	 .of = OF_ACK, .frame = with_byte},
	{.name = "probe_at_snd_nxt", .breaks = "an ACK or a probe is numbered one higher",
	 .of = OF_ACK, .by = 1, .frame = renumbered},
	{.name = "probe_unasked", .breaks = "a second after each ACK of the peer a probe comes",
	 .of = OF_ACK, .time = sec(1), .reply = asked_for},
	{.name = "option_more", .kind = BELIES_AGENT,
	 .breaks = "a socket option is one more than it was set to",
	 .verbs = ON(AGENT_GETSOCKOPT), .becomes = 1, .answer = option_by},
	{.name = "option_less", .kind = BELIES_AGENT,
	 .breaks = "a socket option is one less than it was set to",
	 .verbs = ON(AGENT_GETSOCKOPT), .becomes = -1, .answer = option_by},
	{.name = NULL},
};
