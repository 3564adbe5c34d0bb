/*
 * Wrong sequence numbers, acknowledgements, windows and data.
 */
#include "lies.h"
#include <string.h>

static void seq_by(const struct tale *lie, struct telling *t, struct packet *packet)
{
	t->lied = true;
	packet->tcp.seq += lie->by;
}

static void ack_by(const struct tale *lie, struct telling *t, struct packet *packet)
{
	t->lied = true;
	packet->tcp.ack += lie->by;
}

static void isn(struct telling *t, struct packet *packet, uint32_t isn_)
{
	t->lied = true;
	packet->tcp.seq = isn_;
}

static void isn_one(const struct tale *lie, struct telling *t, struct packet *packet)
{
	(void)lie;
	isn(t, packet, 1000000);
}

/* Random, and yet the same for each copy of a segment: it follows from the right one. */
static void isn_random(const struct tale *lie, struct telling *t, struct packet *packet)
{
	struct random random = {.state = packet->tcp.seq};

	(void)lie;
	isn(t, packet, (uint32_t)random_next(&random));
}

/* A number of the ports alone. */
static uint32_t isn_hash(const struct packet *packet)
{
	struct random random = {
		.state = (uint64_t)packet->tcp.source_port << 16 | packet->tcp.dest_port};

	return (uint32_t)random_next(&random);
}

static void isn_still(const struct tale *lie, struct telling *t, struct packet *packet)
{
	(void)lie;
	isn(t, packet, isn_hash(packet));
}

static void isn_slow(const struct tale *lie, struct telling *t, struct packet *packet)
{
	(void)lie;
	isn(t, packet, isn_hash(packet) + (uint32_t)(t->first / ms(4)));
}

static void isn_bare(const struct tale *lie, struct telling *t, struct packet *packet)
{
	(void)lie;
	isn(t, packet, (uint32_t)(t->first / us(4)));
}

/* The clock's upper bits in an order that no clock has: the ISN jumps every 100 ms. */
static void isn_uneven(const struct tale *lie, struct telling *t, struct packet *packet)
{
	uint32_t jumps = (uint32_t)(t->first / ms(100));

	(void)lie;
	isn(t, packet, isn_hash(packet) + jumps * jumps % 16 * 40000000u);
}

static void window_zero(const struct tale *lie, struct telling *t, struct packet *packet)
{
	(void)lie;
	t->lied = packet->tcp.window != 0;
	packet->tcp.window = 0;
}

static void window_by(const struct tale *lie, struct telling *t, struct packet *packet)
{
	t->lied = true;
	packet->tcp.window = (uint16_t)(packet->tcp.window + lie->by);
}

static void urgent(const struct tale *lie, struct telling *t, struct packet *packet)
{
	(void)lie;
	t->lied = true;
	packet->tcp.urgent = 1;
	packet->tcp.flags |= URG;
}

/* A copy of the data that may be changed. */
static uint8_t *data_copy(struct telling *t, struct packet *packet)
{
	if (packet->tcp.len > sizeof(t->data))
		return NULL;
	memcpy(t->data, packet->tcp.data, packet->tcp.len);
	packet->tcp.data = t->data;
	t->lied = true;
	return t->data;
}

static void data_changed(const struct tale *lie, struct telling *t, struct packet *packet)
{
	uint8_t *data = data_copy(t, packet);

	(void)lie;
	if (data)
		data[packet->tcp.len - 1] ^= 1;
}

static void data_short(const struct tale *lie, struct telling *t, struct packet *packet)
{
	(void)lie;
	t->lied = true;
	packet->tcp.len--;
}

const struct tale lies_of_numbers[] = {
	{.name = "syn_ack_acks_more", .breaks = "a SYN-ACK acknowledges one more than the SYN",
	 .of = OF_SYN_ACK, .by = 1, .frame = ack_by},
	{.name = "syn_ack_acks_nothing", .breaks = "a SYN-ACK does not acknowledge the SYN",
	 .of = OF_SYN_ACK, .by = UINT32_MAX, .frame = ack_by},
	{.name = "syn_ack_again_with_another_isn",
	 .breaks = "a SYN-ACK that is sent again has the next ISN",
	 .of = OF_SYN_ACK, .copies = LATER, .by = 1, .frame = seq_by},
	{.name = "syn_again_with_another_isn",
	 .breaks = "a SYN that is sent again has the next ISN",
	 .of = OF_SYN, .copies = LATER, .by = 1, .frame = seq_by},
	{.name = "syn_ack_seq_more", .breaks = "a SYN-ACK is numbered one too high",
	 .of = OF_SYN_ACK, .by = 1, .frame = seq_by},
	{.name = "syn_ack_seq_much_less", .breaks = "a SYN-ACK's ISN lies 2^30 lower",
	 .of = OF_SYN_ACK, .by = UINT32_C(3) << 30, .frame = seq_by},
	{.name = "ack_more", .breaks = "ACKs acknowledge one more than what came",
	 .of = OF_OPEN, .by = 1, .frame = ack_by},
	{.name = "ack_less", .breaks = "ACKs acknowledge one less than what came",
	 .of = OF_OPEN, .by = UINT32_MAX, .frame = ack_by},
	{.name = "seq_more", .breaks = "what follows the handshake is numbered one too high",
	 .of = OF_OPEN, .by = 1, .frame = seq_by},
	{.name = "seq_less", .breaks = "what follows the handshake is numbered one too low",
	 .of = OF_OPEN, .by = UINT32_MAX, .frame = seq_by},
	{.name = "fin_seq_more", .breaks = "a FIN is numbered one too high",
	 .of = OF_FIN, .by = 1, .frame = seq_by},
	{.name = "rst_seq_more", .breaks = "a RST is numbered one too high",
	 .of = OF_ANY_RST, .by = 1, .frame = seq_by},
	{.name = "rst_ack_more", .breaks = "a RST acknowledges one more than what came",
	 .of = OF_RST_ACK, .by = 1, .frame = ack_by},

	{.name = "isn_constant", .breaks = "every connection has the same ISN",
	 .of = OF_ANY_SYN, .frame = isn_one},
	{.name = "isn_random", .breaks = "every ISN is random, and follows no clock",
	 .of = OF_ANY_SYN, .frame = isn_random},
	{.name = "isn_still", .breaks = "the ISN is a hash of the ports, without a clock",
	 .of = OF_ANY_SYN, .frame = isn_still},
	{.name = "isn_slow", .breaks = "the ISN's clock ticks every 4 ms, not every 4 us",
	 .of = OF_ANY_SYN, .frame = isn_slow},
	{.name = "isn_uneven", .breaks = "the ISN's clock jumps every 100 ms and stands in between",
	 .of = OF_ANY_SYN, .frame = isn_uneven},
	{.name = "isn_jumps", .breaks = "the ISN jumps by half the numbers that there are",
	 .of = OF_ANY_SYN, .by = UINT32_C(1) << 31, .frame = seq_by},
	{.name = "isn_without_hash", .breaks = "the ISN is a clock that all connections share",
	 .of = OF_ANY_SYN, .frame = isn_bare},

	{.name = "window_zero", .breaks = "the window is closed from the handshake's end on",
	 .of = OF_OPEN, .frame = window_zero},
	{.name = "syn_ack_again_with_another_window",
	 .breaks = "a SYN-ACK that is sent again has another window",
	 .of = OF_SYN_ACK, .copies = LATER, .by = 1, .frame = window_by},
	{.name = "data_urgent", .breaks = "data is marked as urgent", .of = OF_DATA,
	 .frame = urgent},
	{.name = "data_changed", .breaks = "the last byte of a segment's data is another",
	 .of = OF_DATA, .frame = data_changed},
	{.name = "data_short", .breaks = "a segment's last byte of data is missing",
	 .of = OF_DATA, .frame = data_short},
	{.name = NULL},
};
