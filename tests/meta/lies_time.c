/*
 * Segments at the wrong time. A frame cannot come before it was sent, so that only lateness is
 * here; what comes too early is among the repeated ones.
 */
#include "lies.h"

/* Every interval since the segment's first copy becomes longer by 30 %. */
static void stretch(const struct tale *lie, struct telling *t, struct packet *packet)
{
	(void)lie;
	(void)packet;
	t->lied = true;
	t->delay = (t->now - t->first) * 3 / 10;
}

static void delay(const struct tale *lie, struct telling *t, struct packet *packet)
{
	(void)packet;
	t->lied = true;
	t->delay = lie->time;
}

const struct tale lies_of_time[] = {
	{.name = "syn_ack_slow", .breaks = "the intervals between SYN-ACKs are 30 % too long",
	 .of = OF_SYN_ACK, .copies = LATER, .frame = stretch},
	{.name = "syn_slow", .breaks = "the intervals between SYNs are 30 % too long",
	 .of = OF_SYN, .copies = LATER, .frame = stretch},
	{.name = "fin_slow", .breaks = "the intervals between FINs are 30 % too long",
	 .of = OF_FIN, .copies = LATER, .frame = stretch},
	{.name = "data_slow", .breaks = "the intervals between copies of data are 30 % too long",
	 .of = OF_DATA, .copies = LATER, .frame = stretch},
	{.name = "syn_ack_late", .breaks = "every SYN-ACK is 1.2 s late",
	 .of = OF_SYN_ACK, .time = ms(1200), .frame = delay},
	{.name = "ack_delayed", .breaks = "every ACK is 60 ms late",
	 .of = OF_ACK, .time = ms(60), .frame = delay},
	{.name = "ack_late", .breaks = "every ACK is 700 ms late",
	 .of = OF_ACK, .time = ms(700), .frame = delay},
	{.name = "rst_late", .breaks = "every RST is 700 ms late",
	 .of = OF_ANY_RST, .time = ms(700), .frame = delay},
	{.name = "rst_very_late", .breaks = "every RST is 2 s late",
	 .of = OF_ANY_RST, .time = sec(2), .frame = delay},
	{.name = "all_late", .breaks = "everything comes 700 ms late, at the right intervals",
	 .of = OF_ALL, .time = ms(700), .frame = delay},
	{.name = NULL},
};
