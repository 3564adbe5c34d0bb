/*
 * Segments of ours that a connection-tracking filter may drop or leave untranslated. It knows the
 * usual course of a connection alone, so that all that is not usual counts: more than any filter
 * drops.
 */
#include "peer/inside.h"

static bool syn_fits(const struct peer *p, const struct packet_tcp *tcp)
{
	const bool first = !p->standing.spoken || tcp->seq == p->iss;

	if (!first || p->standing.synced || tcp->len)
		return false;
	return tcp->flags & ACK ? p->irs_known && tcp->ack == p->rcv_nxt : !p->irs_known;
}

bool inject_fits(const struct peer *p, const struct packet_tcp *tcp)
{
	const unsigned flags = tcp->flags & ~(unsigned)(ECE | CWR | AE);

	if (p->rst_sent || p->standing.reset || tcp->data_offset || tcp->reserved)
		return false;
	if (flags == SYN || flags == (SYN | ACK))
		return syn_fits(p, tcp);
	if (!p->irs_known || !p->standing.syn || tcp->seq != p->snd_nxt)
		return false;
	if (flags == RST)
		return true;
	if (!(flags & ACK) || flags & ~(unsigned)(ACK | PSH | FIN | URG | RST))
		return false;
	/* Beyond the DUT's window. */
	return tcp->ack == p->rcv_nxt && (int32_t)(tcp->seq + tcp->len - p->edge) <= 0;
}
