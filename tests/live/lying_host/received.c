/*
 * Mutations of what a host receives. A telling's count and number are the mutation's own: each
 * connection has one telling.
 */
#include "lying_host/received.h"

static void unheeded(const struct tale *lie, struct telling *t, struct packet *packet)
{
	(void)lie;
	(void)packet;
	t->lied = t->lost = true;
}

/* The place of an option of this kind that has this size, or NULL. */
static uint8_t *option_at(struct packet_tcp *tcp, enum option_kind kind, size_t want)
{
	size_t size;

	for (size_t at = 0; at < tcp->option_bytes; at += size) {
		size = option_size(tcp->options + at, tcp->option_bytes - at);
		if (!size || tcp->options[at] == OPTION_EOL)
			return NULL;
		if (tcp->options[at] == kind && size == want)
			return tcp->options + at;
	}
	return NULL;
}

/* A timestamp that is older than the newest one of the connection arrives as the newest one. */
static void timestamps_taken(const struct tale *lie, struct telling *t, struct packet *packet)
{
	uint8_t *at = option_at(&packet->tcp, OPTION_TIMESTAMPS, 10);
	uint32_t value;

	(void)lie;
	if (!at)
		return;
	value = (uint32_t)at[2] << 24 | (uint32_t)at[3] << 16 | (uint32_t)at[4] << 8 | at[5];
	if (!t->count || packet->tcp.flags & SYN || (int32_t)(value - (uint32_t)t->number) >= 0) {
		t->count = 1;
		t->number = value;
		return;
	}
	t->lied = true;
	for (int i = 0; i < 4; i++)
		at[2 + i] = (uint8_t)((uint32_t)t->number >> (24 - 8 * i));
}

static bool is_known(uint8_t kind)
{
	return kind <= OPTION_SACK || kind == OPTION_TIMESTAMPS;
}

static void options_refused(const struct tale *lie, struct telling *t, struct packet *packet)
{
	const struct packet_tcp *tcp = &packet->tcp;
	size_t size;

	(void)lie;
	for (size_t at = 0; at < tcp->option_bytes; at += size) {
		size = option_size(tcp->options + at, tcp->option_bytes - at);
		if (!size || tcp->options[at] == OPTION_EOL)
			return;
		if (!is_known(tcp->options[at]))
			t->lied = t->lost = true;
	}
}

/* Of a connection: number is what the host acknowledged last, len what it will send next. */
static void numbers_note(const struct tale *lie, struct telling *t, struct packet *packet)
{
	const struct packet_tcp *tcp = &packet->tcp;

	(void)lie;
	if (tcp->flags & RST || !(tcp->flags & ACK))
		return;
	t->number = tcp->ack;
	t->len = (uint32_t)(tcp->seq + tcp->len + !!(tcp->flags & SYN) + !!(tcp->flags & FIN));
}

/* The handshake was completed: count says so. */
static bool is_late_syn(struct telling *t, const struct packet_tcp *tcp)
{
	if (!(tcp->flags & SYN) && tcp->flags & ACK && t->len)
		t->count = 1;
	return tcp->flags & SYN && !(tcp->flags & ACK) && t->count;
}

static void syn_reset(const struct tale *lie, struct telling *t, struct packet *packet)
{
	(void)lie;
	if (!is_late_syn(t, &packet->tcp))
		return;
	t->lied = true;
	t->count = 0;
	packet->tcp.flags = RST;
	packet->tcp.seq = (uint32_t)t->number;
	packet->tcp.ack = 0;
	packet->tcp.option_bytes = packet->tcp.data_offset = 0;
	packet->tcp.len = 0;
}

static void syn_gets_reset(const struct tale *lie, struct telling *t, struct packet *packet)
{
	const struct packet sent = *packet;

	(void)lie;
	if (!is_late_syn(t, &packet->tcp))
		return;
	packet->source = sent.dest;
	packet->dest = sent.source;
	packet->source_mac = sent.dest_mac;
	packet->dest_mac = sent.source_mac;
	packet->tcp = (struct packet_tcp){.source_port = sent.tcp.dest_port,
		.dest_port = sent.tcp.source_port, .flags = RST, .seq = (uint32_t)t->len};
	t->lied = true;
	t->again = 0;
}

/* What came with the SYN is acknowledged, and the host has never seen it: number bytes. */
static void syn_data_taken(const struct tale *lie, struct telling *t, struct packet *packet)
{
	(void)lie;
	if (packet->tcp.flags & SYN) {
		t->number = (int64_t)packet->tcp.len;
		packet->tcp.len = 0;
	} else {
		packet->tcp.seq -= (uint32_t)t->number;
	}
	t->lied = t->number > 0;
}

static void syn_data_acknowledged(const struct tale *lie, struct telling *t,
                                  struct packet *packet)
{
	(void)lie;
	t->lied = t->number > 0 && packet->tcp.flags & ACK;
	if (t->lied)
		packet->tcp.ack += (uint32_t)t->number;
}

/* count says that a SYN was received. */
static void stray_unheeded(const struct tale *lie, struct telling *t, struct packet *packet)
{
	(void)lie;
	if (packet->tcp.flags & SYN)
		t->count = 1;
	else
		t->lied = t->lost = !t->count;
}

const struct tale lies_of_received[] = {
	{.name = "rst_unheeded", .breaks = "a RST has no effect",
	 .of = OF_ANY_RST, .received = unheeded},
	{.name = "old_timestamps_taken", .breaks = "a timestamp that is too old is accepted",
	 .of = OF_SYN | OF_OPEN, .received = timestamps_taken},
	{.name = "unknown_options_refused", .breaks = "a segment with an unknown option is dropped",
	 .of = OF_ALL, .received = options_refused},
	{.name = "second_syn_unheeded", .breaks = "a second SYN is not answered",
	 .of = OF_SYN, .copies = LATER, .received = unheeded},
	{.name = "syn_resets_connection", .breaks = "a SYN resets an open connection",
	 .of = OF_ALL, .frame = numbers_note, .reply = syn_gets_reset, .received = syn_reset},
	{.name = "syn_data_lost", .breaks = "data of a SYN is acknowledged and lost",
	 .of = OF_ALL, .frame = syn_data_acknowledged, .received = syn_data_taken},
	{.name = "stray_ack_unheeded", .breaks = "an ACK of no connection is not answered",
	 .of = OF_SYN | OF_ACK, .received = stray_unheeded},
	{.name = NULL},
};
