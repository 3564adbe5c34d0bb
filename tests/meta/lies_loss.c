/*
 * Segments that do not come, and segments that nobody asked for.
 */
#include "lies.h"

static void never_sent(const struct tale *lie, struct telling *t, struct packet *packet)
{
	(void)lie;
	(void)packet;
	t->lied = t->lost = true;
}

static void sent_again(const struct tale *lie, struct telling *t, struct packet *packet)
{
	(void)packet;
	t->lied = true;
	t->again = lie->time;
}

const struct tale lies_of_loss[] = {
	{.name = "syn_ack_lost", .breaks = "no SYN is answered by SYN-ACK",
	 .of = OF_SYN_ACK, .frame = never_sent},
	{.name = "syn_ack_not_again", .breaks = "a SYN-ACK is never sent again",
	 .of = OF_SYN_ACK, .copies = LATER, .frame = never_sent},
	{.name = "syn_lost", .breaks = "connect() sends no SYN", .of = OF_SYN, .frame = never_sent},
	{.name = "syn_not_again", .breaks = "a SYN is never sent again",
	 .of = OF_SYN, .copies = LATER, .frame = never_sent},
	{.name = "fin_lost", .breaks = "no FIN is sent", .of = OF_FIN, .frame = never_sent},
	{.name = "fin_not_again", .breaks = "a FIN is never sent again",
	 .of = OF_FIN, .copies = LATER, .frame = never_sent},
	{.name = "data_lost", .breaks = "no data is sent", .of = OF_DATA, .frame = never_sent},
	{.name = "data_not_again", .breaks = "data is never sent again",
	 .of = OF_DATA, .copies = LATER, .frame = never_sent},
	{.name = "ack_lost", .breaks = "nothing is acknowledged by a bare ACK",
	 .of = OF_ACK, .frame = never_sent},
	{.name = "ack_not_again", .breaks = "what was acknowledged is never acknowledged again",
	 .of = OF_ACK, .copies = LATER, .frame = never_sent},
	{.name = "rst_lost", .breaks = "RST is never sent", .of = OF_ANY_RST, .frame = never_sent},

	{.name = "syn_ack_twice", .breaks = "every SYN-ACK comes again at once",
	 .of = OF_SYN_ACK, .frame = sent_again},
	{.name = "syn_ack_early", .breaks = "a SYN-ACK comes again half a second too early",
	 .of = OF_SYN_ACK, .time = ms(500), .frame = sent_again},
	{.name = "syn_early", .breaks = "a SYN comes again half a second too early",
	 .of = OF_SYN, .time = ms(500), .frame = sent_again},
	{.name = "fin_twice", .breaks = "every FIN comes again at once",
	 .of = OF_FIN, .frame = sent_again},
	{.name = "fin_early", .breaks = "a FIN comes again after a tenth of a second",
	 .of = OF_FIN, .time = ms(100), .frame = sent_again},
	{.name = "data_early", .breaks = "data comes again after a tenth of a second",
	 .of = OF_DATA, .time = ms(100), .frame = sent_again},
	{.name = "data_soon_again", .breaks = "data comes again after 30 ms",
	 .of = OF_DATA, .time = ms(30), .frame = sent_again},
	{.name = "ack_twice", .breaks = "every ACK comes twice", .of = OF_ACK, .frame = sent_again},
	{.name = "ack_echoed", .breaks = "every ACK comes again after a quarter of a second",
	 .of = OF_ACK, .time = ms(250), .frame = sent_again},
	{.name = "rst_twice", .breaks = "RST comes twice", .of = OF_ANY_RST, .frame = sent_again},
	{.name = NULL},
};
