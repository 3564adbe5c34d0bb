/*
 * What is heard: each frame of the capture finds its departure, its peer, or nobody.
 */
#include "peer/inside.h"
#include <stdlib.h>
#include <string.h>

/* A frame of ours has left: its rung gets its time. */
static void exchange_departed(struct exchange *x, const struct frame *frame)
{
	for (struct departure **at = &x->leaving; *at; at = &(*at)->next) {
		struct departure *d = *at;
		struct entry *entry;

		/* The capture may have cut the frame at its snapshot length. */
		if (d->len != frame->len || memcmp(d->frame, frame->bytes, frame->captured))
			continue;
		entry = ladder_get(x, d->rung);
		entry->rung.time = frame->time;
		entry->timed = true;
		if (frame->time - d->could > x->late)
			x->late = frame->time - d->could;
		*at = d->next;
		if (!*at)
			x->leaving_end = at;
		free(d);
		return;
	}
}

static bool is_address(const struct address *is, const struct address *usual,
		       const struct address *last)
{
	return address_equal(is, usual) || (last->family && address_equal(is, last));
}

struct peer *exchange_find(struct exchange *x, const struct packet *packet)
{
	for (struct peer *p = x->peers; p; p = p->next)
		if (packet->tcp.dest_port == p->port && packet->tcp.source_port == p->dut_port &&
		    is_address(&packet->dest, &x->config.peer_address, &p->from) &&
		    (p->dut_open || is_address(&packet->source, &p->dut, &p->to)))
			return p;
	return NULL;
}

static void heard_fill(struct heard *heard, const struct peer *p, const struct packet *packet)
{
	const struct packet_tcp *tcp = &packet->tcp;

	heard->flags = tcp->flags;
	/* Where SYNs cross, the DUT's own question counts only if it is AccECN's. */
	heard->asked = p->asked | (p->dut_asked & AE ? p->dut_asked : 0);
	heard->raw_seq = tcp->seq;
	heard->raw_ack = tcp->ack;
	heard->seq = tcp->seq - p->irs;
	heard->ack = tcp->ack - p->iss;
	heard->window = tcp->window;
	heard->urgent = tcp->urgent;
	heard->checksum = tcp->checksum;
	heard->checksum_good = tcp->checksum_state != CHECKSUM_BAD;
	heard->data_offset = tcp->data_offset;
	heard->reserved = tcp->reserved;
	heard->ttl = packet->ttl;
	heard->tos = packet->tos;
	heard->ip_id = packet->ip_id;
	heard->dont_fragment = packet->dont_fragment;
	heard->len = (uint32_t)tcp->len;
	options_decode(tcp->options, tcp->option_bytes, &heard->options);
}

static void ttl_note(struct peer *p, uint8_t ttl)
{
	if (!p->ttl_least || ttl < p->ttl_least)
		p->ttl_least = ttl;
	if (ttl > p->ttl_most)
		p->ttl_most = ttl;
}

/* A TCP segment for one of our peers: into its inbox, and onto the ladder. */
static void peer_hear(struct peer *p, const struct packet *packet, nanos time)
{
	struct exchange *x = p->exchange;
	struct arrival *a = exchange_alloc(x, sizeof(*a) + packet->tcp.len);
	uint8_t *data = (uint8_t *)(a + 1);
	struct entry *entry;

	if ((packet->tcp.flags & SYN) && !p->irs_known) {
		p->irs = p->rcv_nxt = packet->tcp.seq;
		p->irs_known = true;
	}
	if (p->dut_open) {
		p->dut = packet->source;
		p->dut_open = false;
	}
	heard_fill(&a->heard, p, packet);
	if (packet->tcp.len)
		memcpy(data, packet->tcp.data, packet->tcp.len);
	a->heard.data = data;
	a->heard.time = time;

	entry = ladder_entry(x, p, RUNG_HEARD);
	entry->rung.time = time;
	entry->timed = entry->has_tcp = entry->waits = true;
	entry->tcp = packet->tcp;
	entry->tcp.data = data;
	entry->bases[0] = p->irs;
	entry->bases[1] = p->iss;
	entry->out_of_place = p->irs_known && packet->tcp.seq != p->standing.dut_end;
	a->heard.rung = entry->rung.number;
	ttl_note(p, packet->ttl);
	if (packet->tcp.flags & SYN)
		p->dut_offered |= a->heard.options.kinds;
	if ((packet->tcp.flags & (SYN | ACK)) == SYN)
		p->dut_asked = packet->tcp.flags & ECN_FLAGS;
	if (p->standing.asked && time > p->standing.asked &&
	    (!p->standing.rtt || time - p->standing.asked < p->standing.rtt))
		p->standing.rtt = time - p->standing.asked;
	p->standing.asked = 0;
	peer_saw(p, false, &packet->tcp);

	*p->last = a;
	p->last = &a->next;
}

static bool is_mac(const struct mac *a, const struct mac *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/* Has the DUT sent this? Its hardware address tells, because any host can write its IP address. */
static bool is_unreadable(const struct exchange *x, const struct packet *packet)
{
	if (!is_mac(&packet->source_mac, &x->config.dut_mac))
		return false;
	for (const struct peer *p = x->peers; p; p = p->next)
		if (address_equal(&packet->source, &p->dut))
			return true;
	/* Without a family the fault is in the addresses' header. */
	return !packet->source.family || address_equal(&packet->source, &x->config.dut_address);
}

/* Is it an ICMP error that quotes a segment of ours, with a number that was sent? */
static bool is_error(const struct exchange *x, const struct packet *packet)
{
	const struct packet_icmp *icmp = &packet->icmp;

	if (packet->kind != PACKET_ICMP || !icmp->quotes_tcp)
		return false;
	for (const struct peer *p = x->peers; p; p = p->next)
		if (icmp->quoted_source_port == p->port && icmp->quoted_dest_port == p->dut_port &&
		    icmp->quoted_seq - p->iss <= p->standing.end - p->iss)
			return true;
	return false;
}

/* An ICMP error: who sent it matters, if it was not the DUT. */
static bool error_note(struct exchange *x, const struct packet *packet)
{
	if (!is_error(x, packet))
		return false;
	/* On the link, an error from the DUT's hardware address is the DUT's. */
	if (!address_equal(&packet->source, &x->config.dut_address) &&
	    (x->config.path.routed || !is_mac(&packet->source_mac, &x->config.dut_mac)))
		address_text(&packet->source, x->foreign);
	return true;
}

/* A frame that belongs to no peer. */
static void stray_take(struct exchange *x, const struct packet *packet, const struct frame *frame)
{
	struct buffer words = {.at = NULL};
	bool own = packet->kind == PACKET_MALFORMED && frame->captured >= frame->len &&
		   is_unreadable(x, packet);
	int rung;

	packet_text(&words, packet, NULL);
	rung = exchange_rung(x, NULL, RUNG_STRAY, frame->time, false, own,
			     words.at ? words.at : "", NULL);
	ladder_get(x, rung)->rung.error = error_note(x, packet);
	buffer_free(&words);
	if (!own)
		return;
	x->facts.unreadable = packet->fault;
	if (!x->tolerates)
		exchange_break_as(x, BREAK_FORM, 0, "the DUT sent a frame that cannot be read: %s",
				  packet->fault);
}

/* A frame that does not fit what is measured of the link. */
static void frame_note(struct exchange *x, const struct packet *packet, const struct frame *frame)
{
	const size_t header = packet->has_vlan ? 18 : 14;

	if (x->config.path.mtu && frame->len > header + x->config.path.mtu &&
	    frame->len > x->facts.longest) {
		x->facts.longest = (unsigned)frame->len;
		x->facts.mtu = x->config.path.mtu;
	}
	if (frame->captured >= frame->len)
		return;
	x->facts.cut = (unsigned)frame->len;
	if (!x->tolerates)
		exchange_break_as(x, BREAK_LENGTH, 0,
				  "a frame of %zu bytes was captured only in part", frame->len);
}

void exchange_take(struct exchange *x, const struct frame *frame)
{
	struct packet packet;
	struct peer *p = NULL;

	if (frame->outgoing) {
		exchange_departed(x, frame);
		return;
	}
	/* Before anything is allocated for it. */
	ladder_bound(x);
	packet_parse(frame->bytes, frame->captured, frame->len, &packet);
	if (packet.kind == PACKET_TCP)
		p = exchange_find(x, &packet);
	if (p) {
		peer_hear(p, &packet, frame->time);
		frame_note(x, &packet, frame);
		return;
	}
	if (packet.kind == PACKET_OTHER || packet.kind == PACKET_ARP || packet.kind == PACKET_ND)
		return;
	if (packet.kind == PACKET_ICMP && x->config.path.error)
		x->config.path.error(x->config.path.arg, &packet);
	stray_take(x, &packet, frame);
}

const struct heard *peer_head(const struct peer *p)
{
	return p->first ? &p->first->heard : NULL;
}

/* What the DUT's window is since this segment. A SYN's is never scaled (RFC 7323 2.2). */
static void window_heard(struct peer *p, const struct heard *heard)
{
	bool scaled = !(heard->flags & SYN) && p->offered & WITHOUT(OPTION_WSCALE);

	if (heard->flags & SYN && heard->options.kinds & WITHOUT(OPTION_WSCALE))
		p->wscale = heard->options.wscale > 14 ? 14 : heard->options.wscale;
	if (heard->flags & ACK)
		p->edge = heard->raw_ack + ((uint32_t)heard->window << (scaled ? p->wscale : 0));
}

void peer_consume(struct peer *p, bool lost)
{
	struct exchange *x = p->exchange;
	struct arrival *a = p->first;
	const struct heard *heard = &a->heard;
	struct entry *entry = ladder_get(x, heard->rung);

	p->first = a->next;
	if (!p->first)
		p->last = &p->first;
	a->next = x->kept;
	x->kept = a;
	entry->waits = false;
	p->anchor = heard->rung;
	if (heard->time > x->could)
		x->could = heard->time;
	if (lost) {
		entry->rung.kind = RUNG_HEARD_LOST;
		return;
	}
	if (heard->flags & RST)
		return;
	if (heard->options.kinds & WITHOUT(OPTION_TIMESTAMPS))
		p->ts_recent = heard->options.tsval;
	if (heard->flags & SYN)
		p->was_offered |= heard->options.kinds;
	window_heard(p, heard);
	if (heard->raw_seq == p->rcv_nxt)
		p->rcv_nxt += heard->len + !!(heard->flags & SYN) + !!(heard->flags & FIN);
}
