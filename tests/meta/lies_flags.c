/*
 * Wrong control bits, and segments that are not well-formed.
 */
#include "lies.h"

/*
 * was are the bits to take away, becomes those to set. What is no SYN any more loses its options,
 * or it would be known by them.
 */
static void flags(const struct tale *lie, struct telling *t, struct packet *packet)
{
	unsigned made = (packet->tcp.flags & ~(unsigned)lie->was) | (unsigned)lie->becomes;

	t->lied = made != packet->tcp.flags;
	if (lie->was & SYN)
		packet->tcp.option_bytes = packet->tcp.data_offset = 0;
	packet->tcp.flags = (uint16_t)made;
}

/* The number of a segment without ACK is not sent: it is zero. */
static void without_ack(const struct tale *lie, struct telling *t, struct packet *packet)
{
	flags(lie, t, packet);
	packet->tcp.ack = 0;
}

static void checksum(const struct tale *lie, struct telling *t, struct packet *packet)
{
	(void)lie;
	t->lied = true;
	packet->lies |= LIE_BAD_CHECKSUM;
}

static void reserved(const struct tale *lie, struct telling *t, struct packet *packet)
{
	(void)lie;
	t->lied = true;
	packet->tcp.reserved = 1;
}

/* becomes is the offset, in 32-bit words. */
static void data_offset(const struct tale *lie, struct telling *t, struct packet *packet)
{
	t->lied = true;
	packet->tcp.data_offset = (uint8_t)lie->becomes;
}

/* IP's length ends within TCP's header: becomes is how many bytes of it are left. */
static void header_cut(const struct tale *lie, struct telling *t, struct packet *packet)
{
	t->lied = true;
	packet->set_ip_length = true;
	packet->ip_length = (uint16_t)(lie->becomes + (packet->source.family == 4 ? 20 : 0));
}

const struct tale lies_of_flags[] = {
	{.name = "syn_ack_without_ack", .breaks = "a SYN-ACK has no ACK bit",
	 .of = OF_SYN_ACK, .was = ACK, .frame = without_ack},
	{.name = "syn_ack_without_syn", .breaks = "a SYN-ACK has no SYN bit",
	 .of = OF_SYN_ACK, .was = SYN, .frame = flags},
	{.name = "syn_ack_becomes_rst", .breaks = "a SYN is answered by RST",
	 .of = OF_SYN_ACK, .was = SYN, .becomes = RST, .frame = flags},
	{.name = "syn_with_ack", .breaks = "a SYN acknowledges something",
	 .of = OF_SYN, .becomes = ACK, .frame = flags},
	{.name = "rst_without_ack", .breaks = "a RST that must acknowledge does not",
	 .of = OF_RST_ACK, .was = ACK, .frame = without_ack},
	{.name = "rst_with_ack", .breaks = "a RST acknowledges what it must not",
	 .of = OF_RST, .becomes = ACK, .frame = flags},
	{.name = "rst_becomes_ack", .breaks = "where a RST is due an ACK comes",
	 .of = OF_ANY_RST, .was = RST, .becomes = ACK, .frame = flags},
	{.name = "ack_becomes_rst", .breaks = "where an ACK is due a RST comes",
	 .of = OF_ACK, .was = ACK, .becomes = RST, .frame = without_ack},
	{.name = "ack_with_fin", .breaks = "an ACK closes the connection",
	 .of = OF_ACK, .becomes = FIN, .frame = flags},
	{.name = "ack_with_syn", .breaks = "an ACK has the SYN bit",
	 .of = OF_ACK, .becomes = SYN, .frame = flags},
	{.name = "fin_without_fin", .breaks = "a FIN is a bare ACK", .of = OF_FIN, .was = FIN,
	 .frame = flags},
	{.name = "fin_becomes_rst", .breaks = "where a FIN is due a RST comes",
	 .of = OF_FIN, .was = FIN, .becomes = RST, .frame = flags},
	{.name = "psh_lost", .breaks = "no data has PSH", .of = OF_DATA, .was = PSH,
	 .frame = flags},
	{.name = "urg_lost", .breaks = "no data has URG", .of = OF_DATA, .was = URG,
	 .frame = flags},
	{.name = "checksum_bad", .kind = BELIES_FORM,
	 .breaks = "no checksum is right", .of = OF_ALL,
	 .frame = checksum},
	{.name = "reserved_set", .kind = BELIES_FORM,
	 .breaks = "a reserved bit is set", .of = OF_ALL,
	 .frame = reserved},
	{.name = "data_offset_lies", .kind = BELIES_FORM,
	 .breaks = "the header says that it has 16 bytes",
	 .of = OF_ALL, .becomes = 4, .frame = data_offset},
	{.name = "data_offset_beyond", .kind = BELIES_FORM,
	 .breaks = "the header of a segment without data says that it has 60 bytes",
	 .of = OF_ANY_SYN | OF_FIN | OF_ACK | OF_ANY_RST, .becomes = 15, .frame = data_offset},
	{.name = "header_cut", .kind = BELIES_FORM,
	 .breaks = "a segment ends after 10 bytes of its header",
	 .of = OF_ALL, .becomes = 10, .frame = header_cut},
	{.name = NULL},
};
