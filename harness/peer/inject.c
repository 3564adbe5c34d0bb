/*
 * The peer's own segments: a template becomes a packet, with what it leaves out filled in rightly.
 */
#include "peer/inside.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_WINDOW 65535
#define DEFAULT_MSS 1460 /* what a host on Ethernet would offer over IPv4 */
#define DEFAULT_MSS_IPV6 1440

struct peer *peer_new(struct exchange *x, uint16_t port, uint16_t dut_port, uint32_t isn)
{
	struct peer *p = exchange_alloc(x, sizeof(*p));

	p->exchange = x;
	p->number = ++x->peer_count;
	p->port = port;
	p->dut_port = dut_port;
	p->iss = p->snd_nxt = p->standing.acked = p->standing.end = isn;
	p->last = &p->first;
	p->dut = x->config.dut_address;
	p->next = x->peers;
	x->peers = p;
	return p;
}

bool exchange_has_peer(const struct exchange *x, uint16_t port, uint16_t dut_port)
{
	for (const struct peer *p = x->peers; p; p = p->next)
		if (p->port == port && p->dut_port == dut_port)
			return true;
	return false;
}

struct peer *peer_at(struct peer *p, int line)
{
	p->exchange->line = line;
	return p;
}

/* The options of a template, or what the protocol wants here. */
static int inject_options(struct peer *p, const struct segment *template, struct packet_tcp *tcp)
{
	struct option usual[3] = {{.used = false}};
	const struct option *list = template->options;
	size_t n = OPTIONS_MAX, len = 0;
	struct heard_options offer;
	int error;

	if (!list[0].used) {
		list = usual;
		n = 0;
		if (template->lies & LIE_NO_OPTIONS) {
			n = 0;
		} else if (template->flags & SYN) {
			usual[n++] = opt_mss(p->exchange->config.dut_address.family == 4
						     ? DEFAULT_MSS : DEFAULT_MSS_IPV6);
		} else if (p->offered & p->was_offered & WITHOUT(OPTION_TIMESTAMPS) &&
			   !(template->flags & RST)) {
			usual[n++] = opt_nop();
			usual[n++] = opt_nop();
			usual[n++] = opt_timestamps(peer_stamp(p), p->ts_recent);
		}
	}
	error = options_encode(list, n, tcp->options, &len);
	if (error)
		return error;
	tcp->option_bytes = (uint8_t)len;
	options_decode(tcp->options, len, &offer);
	if (template->flags & SYN)
		peer_offer(p, template->flags, &offer);
	return 0;
}

static uint32_t span_value(struct exchange *x, struct span span, uint32_t otherwise)
{
	if (span.kind == SPAN_UNSET)
		return otherwise;
	if (span.kind != SPAN_IS)
		exchange_end(x, VERDICT_ERROR, "a segment to be sent wants is(), not a range");
	return span.low;
}

static void inject_numbers(struct peer *p, const struct segment *t, struct packet_tcp *tcp)
{
	struct exchange *x = p->exchange;

	tcp->seq = t->seq.kind ? p->iss + span_value(x, t->seq, 0) : p->snd_nxt;
	tcp->seq = span_value(x, t->raw_seq, tcp->seq);
	tcp->ack = t->flags & ACK ? p->rcv_nxt : 0;
	tcp->ack = t->ack.kind ? p->irs + span_value(x, t->ack, 0) : tcp->ack;
	tcp->ack = span_value(x, t->raw_ack, tcp->ack);
	tcp->window = (uint16_t)span_value(x, t->window, DEFAULT_WINDOW);
	tcp->urgent = (uint16_t)span_value(x, t->urgent, 0);
	tcp->data_offset = (uint8_t)span_value(x, t->data_offset, 0);
	tcp->reserved = (uint8_t)span_value(x, t->reserved, 0);
	tcp->checksum = (uint16_t)span_value(x, t->checksum, 0);
}

/* Where a frame to this address goes on Ethernet (RFC 1112 6.4, RFC 2464 7). */
static struct mac group_mac(const struct address *to, const struct mac *dut)
{
	const uint8_t *at = to->at;

	if (to->family == 6 && at[0] == 0xff)
		return (struct mac){{0x33, 0x33, at[12], at[13], at[14], at[15]}};
	if (to->family == 4 && at[0] >> 4 == 0xe)
		return (struct mac){{0x01, 0x00, 0x5e, at[1] & 0x7f, at[2], at[3]}};
	if (to->family == 4 && at[3] == 0xff)
		return (struct mac){{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
	return *dut;
}

static void inject_address(struct exchange *x, const char *text, struct address *out)
{
	if (x->config.shared)
		exchange_end(x, VERDICT_SKIP, "lies about addresses, which a lab alone allows");
	if (address_parse(text, out) < 0 || out->family != x->config.dut_address.family)
		exchange_end(x, VERDICT_ERROR, "'%s' is no address of the case's family", text);
}

static void inject_addresses(struct peer *p, const struct segment *t, struct packet *packet)
{
	struct exchange *x = p->exchange;

	p->from = p->to = (struct address){.family = 0};
	if (t->from) {
		inject_address(x, t->from, &p->from);
		packet->source = p->from;
	}
	if (t->to) {
		inject_address(x, t->to, &p->to);
		packet->dest = p->to;
		packet->dest_mac = group_mac(&p->to, &x->config.dut_mac);
	}
}

void inject_packet(struct peer *p, const struct segment *t, struct packet *packet)
{
	struct exchange *x = p->exchange;

	*packet = (struct packet){
		.kind = PACKET_TCP,
		.source_mac = x->config.peer_mac,
		.dest_mac = x->config.dut_mac,
		.source = x->config.peer_address,
		.dest = p->dut,
		.ttl = (uint8_t)span_value(x, t->ttl, 64),
		.tos = (uint8_t)span_value(x, t->tos, 0),
		.ip_id = (uint16_t)random_next(&x->random),
		.dont_fragment = true,
		.ip_options = t->ip_options,
		.lies = t->lies,
		.set_checksum = t->checksum.kind != SPAN_UNSET,
	};
	packet->tcp = (struct packet_tcp){
		.source_port = p->port,
		.dest_port = p->dut_port,
		.flags = (uint16_t)t->flags,
		.data = t->data.at,
		.len = t->data.len,
	};
	inject_addresses(p, t, packet);
	inject_numbers(p, t, &packet->tcp);
	if (inject_options(p, t, &packet->tcp))
		exchange_end(x, VERDICT_ERROR, "the case's options do not fit into 40 bytes");
}

/* Is it a segment that the DUT drops, or that belongs to another connection? */
static bool inject_lies(const struct segment *t)
{
	return t->lies & (LIE_BAD_CHECKSUM | LIE_ZERO_CHECKSUM | LIE_NO_PSEUDO_HEADER |
			  LIE_LAST_BYTE) || t->checksum.kind || t->from || t->to;
}

/* What a right segment used up of our sequence space; a lie about its place uses none. */
static void inject_advance(struct peer *p, const struct segment *t)
{
	if (t->seq.kind || t->raw_seq.kind || inject_lies(t) || t->flags & RST)
		return;
	if (t->flags & SYN && p->snd_nxt == p->iss)
		p->snd_nxt++;
	p->snd_nxt += (uint32_t)t->data.len + !!(t->flags & FIN);
}

static struct entry *inject_entry(struct peer *p, const struct packet *packet, enum rung_kind kind)
{
	struct entry *entry = ladder_entry(p->exchange, p, kind);

	entry->has_tcp = true;
	entry->tcp = packet->tcp;
	entry->bases[0] = p->iss;
	entry->bases[1] = p->irs;
	entry->out_of_place = packet->tcp.seq != p->snd_nxt;
	p->anchor = entry->rung.number;
	return entry;
}

void exchange_leaves(struct exchange *x, const uint8_t *frame, size_t len, int rung)
{
	struct departure *d = exchange_alloc(x, sizeof(*d) + len);

	d->rung = rung;
	d->could = x->could;
	d->len = len;
	memcpy(d->frame, frame, len);
	*x->leaving_end = d;
	x->leaving_end = &d->next;
}

static void inject_send(struct peer *p, const struct packet *packet, int rung)
{
	struct exchange *x = p->exchange;
	const uint8_t *frame;
	struct why why;
	size_t len;

	if (wire_send(x->config.wire, packet, &frame, &len, &why) < 0)
		exchange_end(x, VERDICT_ERROR, "sending failed: %s", why.text);
	exchange_leaves(x, frame, len, rung);
}

/* In a rehearsal a segment of ours is its template in words. */
static int inject_rehearse(struct peer *p, const struct segment *t, enum rung_kind kind)
{
	struct exchange *x = p->exchange;
	struct buffer words = {.at = NULL};
	int rung;

	template_text(&words, t);
	rung = exchange_rung(x, p, kind, x->rehearsed, true, false, words.at ? words.at : "", NULL);
	buffer_free(&words);
	return rung;
}

/* The rate's limit is ours, and what it costs is not lateness. */
void exchange_turn(struct exchange *x)
{
	nanos turn = x->config.path.turn ? x->config.path.turn(x->config.path.arg) : 0;

	if (turn <= clock_monotonic())
		return;
	exchange_wait(x, NULL, NULL, turn, "a turn to send");
	exchange_could(x, clock_realtime());
}

static int peer_emit(struct peer *p, const struct segment *t, enum rung_kind kind)
{
	struct exchange *x = p->exchange;
	struct entry *entry;
	struct packet packet;
	int rung;

	inject_packet(p, t, &packet);
	if (x->config.rehearsal) {
		rung = inject_rehearse(p, t, kind);
		inject_advance(p, t);
		return rung;
	}
	if (kind == RUNG_SENT) {
		exchange_turn(x);
		if (inject_lies(t) || !inject_fits(p, &packet.tcp))
			x->facts.unfit = true;
		p->rst_sent = p->rst_sent || t->flags & RST;
	}
	/* What came while the case was busy elsewhere belongs before this rung. */
	if (clock_monotonic() - x->drained > ms(1))
		exchange_drain(x);
	entry = inject_entry(p, &packet, kind);
	entry->from = t->from;
	entry->to = t->to;
	entry->ip_options = t->ip_options.len;
	rung = entry->rung.number;
	if (kind == RUNG_LOST) {
		entry->rung.time = clock_realtime();
		entry->timed = true;
	} else {
		inject_send(p, &packet, rung);
	}
	inject_advance(p, t);
	if (kind == RUNG_SENT && !inject_lies(t))
		peer_saw(p, true, &packet.tcp);
	return rung;
}

int peer_inject(struct peer *p, const struct segment *template)
{
	return peer_emit(p, template, RUNG_SENT);
}

int peer_lose(struct peer *p, const struct segment *template)
{
	return peer_emit(p, template, RUNG_LOST);
}

struct exchange *peer_exchange(const struct peer *p)
{
	return p->exchange;
}

const struct address *peer_dut_address(const struct peer *p)
{
	return &p->dut;
}

void peer_set_dut_address(struct peer *p, const struct address *address)
{
	p->dut = *address;
}

void peer_leave_dut_address_open(struct peer *p)
{
	p->dut_open = true;
}

int peer_socket(const struct peer *p)
{
	return p->socket;
}

void peer_set_socket(struct peer *p, int socket)
{
	p->socket = socket;
}

uint32_t peer_pending(const struct peer *p)
{
	return p->pending;
}

void peer_set_pending(struct peer *p, uint32_t call)
{
	p->pending = call;
}

nanos peer_connected(const struct peer *p)
{
	return p->connected;
}

void peer_set_connected(struct peer *p, nanos when)
{
	p->connected = when;
}

uint32_t peer_iss(const struct peer *p)
{
	return p->iss;
}

uint32_t peer_irs(const struct peer *p)
{
	return p->irs;
}

uint32_t peer_snd_nxt(const struct peer *p)
{
	return p->snd_nxt - p->iss;
}

uint32_t peer_rcv_nxt(const struct peer *p)
{
	return p->rcv_nxt - p->irs;
}

uint32_t peer_place(const struct peer *p, enum window_place place)
{
	switch (place) {
	case LEFT_OF_WINDOW:
		return peer_snd_nxt(p) - 1;
	case LEFT_EDGE:
		return peer_snd_nxt(p);
	case IN_WINDOW:
		return peer_snd_nxt(p) + 1;
	case RIGHT_EDGE:
		return p->edge - p->iss - 1;
	case RIGHT_OF_WINDOW:
		return p->edge - p->iss;
	case FAR_RIGHT:
	default:
		return p->edge - p->iss + (1u << 30);
	}
}

uint16_t peer_port(const struct peer *p)
{
	return p->port;
}

uint16_t peer_dut_port(const struct peer *p)
{
	return p->dut_port;
}
