/*
 * DUTs that leave out what is only recommended, or permitted: what waits behind a hole is thrown
 * away, or not acknowledged, and a connection begins with one segment.
 *
 * number is RCV.NXT of such a DUT, or in the last one SND.UNA.
 */
#include "lies.h"

/* len tells that number is known; count, that the peer's last segment left a hole. */
static void received(const struct tale *lie, struct telling *t, struct packet *packet)
{
	const struct packet_tcp *tcp = &packet->tcp;
	uint32_t end = tcp->seq + (uint32_t)tcp->len + !!(tcp->flags & FIN);
	uint32_t next = (uint32_t)t->number;

	(void)lie;
	t->count = 0;
	if (tcp->flags & SYN) {
		t->number = tcp->seq + 1;
		t->len = 1;
	} else if (t->len && !(tcp->flags & RST) && end != tcp->seq) {
		t->count = (int32_t)(tcp->seq - next) > 0;
		if (!t->count && (int32_t)(end - next) > 0)
			t->number = end;
	}
}

static void ack_of_a_discarder(const struct tale *lie, struct telling *t, struct packet *packet)
{
	(void)lie;
	if (!t->len || !(packet->tcp.flags & ACK) ||
	    (int32_t)(packet->tcp.ack - (uint32_t)t->number) <= 0)
		return;
	t->lied = true;
	packet->tcp.ack = (uint32_t)t->number;
}

static void no_ack_of_a_hole(const struct tale *lie, struct telling *t, struct packet *packet)
{
	(void)lie;
	t->lied = t->lost = t->count > 0 && packet->tcp.flags == ACK && !packet->tcp.len;
}

static void acknowledged(const struct tale *lie, struct telling *t, struct packet *packet)
{
	(void)lie;
	if (!(packet->tcp.flags & ACK))
		return;
	t->number = packet->tcp.ack;
	t->len = 1;
}

static void first_segment_alone(const struct tale *lie, struct telling *t, struct packet *packet)
{
	(void)lie;
	t->lied = t->lost = t->len && packet->tcp.len &&
			    (int32_t)(packet->tcp.seq - (uint32_t)t->number) > 0;
}

const struct tale lies_of_premises[] = {
	{.name = "out_of_order_discarded",
	 .breaks = "what is received beyond a hole is thrown away",
	 .of = OF_ALL, .reply = received, .frame = ack_of_a_discarder},
	{.name = "out_of_order_unanswered",
	 .breaks = "what is received beyond a hole gets no ACK",
	 .of = OF_ALL, .reply = received, .frame = no_ack_of_a_hole},
	{.name = "window_of_one_segment",
	 .breaks = "one segment at a time is on its way",
	 .unclaimed = "a DUT may begin with one segment (RFC 6928 section 2)",
	 .of = OF_ALL, .reply = acknowledged, .frame = first_segment_alone},
	{.name = NULL},
};
