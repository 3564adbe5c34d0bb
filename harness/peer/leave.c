/*
 * Leaving a DUT that outlives the case: what it may hold of our connections, and resets.
 *
 * A RST counts at RCV.NXT of the DUT only (RFC 9293 3.10.7.4, RFC 5961 3.2), which is the last
 * acknowledgement that was heard, unless the DUT has got more since.
 */
#include "peer/inside.h"
#include <errno.h>
#include <poll.h>
#include <time.h>

/* A DUT that challenges each RST is not reset more often than this. */
#define CHALLENGES_MAX 4
/* An answer takes a round trip, and what the DUT needs beside it. */
#define ANSWER_TRIPS 3
#define ANSWER_SLACK ms(10)
#define PLACES_MAX 4
/* Frames that are taken in at a time: a flood must not keep us. */
#define FRAMES_MAX 4096

bool peer_waits(const struct peer *p)
{
	return p->first != NULL;
}

const struct heard *peer_first(const struct peer *p)
{
	return peer_head(p);
}

int peer_last_rung(const struct peer *p)
{
	return p->anchor;
}

static bool beyond(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

/* Has the DUT acknowledged all that was sent, so that its RCV.NXT is known? */
static bool is_certain(const struct standing *s)
{
	return s->acked_heard && !beyond(s->end, s->acked);
}

/* Both FINs were acknowledged: the DUT is in TIME-WAIT or CLOSED (RFC 9293 3.6). */
static bool is_closed(const struct standing *s)
{
	return s->fin && s->acked == s->fin_end && s->fin_heard && s->fin_told;
}

static bool is_open(const struct peer *p)
{
	const struct standing *s = &p->standing;

	return s->syn && (s->spoken || s->acked_heard) && !s->reset && !is_closed(s);
}

bool peer_is_over(const struct peer *p)
{
	const struct standing *s = &p->standing;

	return s->syn && (s->reset || is_closed(s));
}

static uint32_t end_of(const struct packet_tcp *tcp)
{
	return tcp->seq + (uint32_t)(tcp->len + tcp->cut) + !!(tcp->flags & SYN) +
	       !!(tcp->flags & FIN);
}

static void saw_sent(struct standing *s, const struct packet_tcp *tcp, uint32_t irs)
{
	const uint32_t end = end_of(tcp);

	s->spoken = true;
	s->asked = clock_realtime();
	if (tcp->flags & RST) {
		s->reset = s->reset || (is_certain(s) && tcp->seq == s->acked);
		return;
	}
	s->reset = false;
	s->syn = s->syn || tcp->flags & SYN;
	if (beyond(end, s->end))
		s->end = end;
	if (tcp->flags & FIN) {
		s->fin = true;
		s->fin_end = end;
	}
	if (!(tcp->flags & ACK))
		return;
	s->synced = s->synced || (beyond(tcp->ack, irs) && !beyond(tcp->ack, s->dut_end));
	s->fin_told = s->fin_told || (s->fin_heard && tcp->ack == s->fin_heard_end);
}

static void saw_heard(struct standing *s, const struct packet_tcp *tcp, bool irs_known)
{
	const uint32_t end = end_of(tcp);

	s->syn = s->syn || tcp->flags & SYN;
	if (tcp->flags & RST) {
		/* In SYN-RECEIVED a wrong ACK gets a RST, and the state stays (3.10.7.4). */
		s->reset = s->reset || !irs_known || s->synced;
		return;
	}
	if (tcp->flags & SYN || beyond(end, s->dut_end))
		s->dut_end = end;
	if (tcp->flags & FIN) {
		s->fin_heard = true;
		s->fin_heard_end = end;
	}
	if (tcp->flags & ACK) {
		s->acked_heard = true;
		s->acked = tcp->ack;
	}
}

void peer_saw(struct peer *p, bool sent, const struct packet_tcp *tcp)
{
	if (sent)
		saw_sent(&p->standing, tcp, p->irs);
	else
		saw_heard(&p->standing, tcp, p->irs_known);
	peer_note(p);
}

void peer_renew(struct peer *p, uint32_t isn)
{
	p->iss = p->snd_nxt = isn;
	p->irs = p->rcv_nxt = p->edge = 0;
	p->irs_known = false;
	p->offered = p->dut_offered = p->was_offered = 0;
	p->asked = p->dut_asked = 0;
	p->wscale = 0;
	p->standing = (struct standing){.acked = isn, .end = isn, .rtt = p->standing.rtt};
	peer_note(p);
}

void peer_note(const struct peer *p)
{
	const struct exchange_path *path = &p->exchange->config.path;
	const struct standing *s = &p->standing;

	if (path->noted)
		path->noted(path->arg, p->port, p->dut_port, is_open(p),
			    beyond(s->end, p->snd_nxt) ? s->end : p->snd_nxt, s->acked);
}

/* The case is over: nothing is heard meanwhile that could break it. */
static void turn_await(const struct exchange *x)
{
	const struct exchange_path *path = &x->config.path;
	nanos turn = path->turn ? path->turn(path->arg) : 0;
	struct timespec until = clock_timespec(turn);

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

static void packet_send(struct exchange *x, const struct packet *packet)
{
	struct why why;

	turn_await(x);
	/* Of one that cannot be sent the verdict knows nothing: the case is over. */
	if (wire_send(x->config.wire, packet, NULL, NULL, &why))
		log_debug("a segment that ends a connection was not sent: %s", why.text);
}

static void reset_send(struct peer *p, uint32_t seq)
{
	struct exchange *x = p->exchange;
	struct packet packet = {
		.kind = PACKET_TCP,
		.source_mac = x->config.peer_mac,
		.dest_mac = x->config.dut_mac,
		.source = x->config.peer_address,
		.dest = p->dut,
		.ttl = 64,
		.dont_fragment = true,
	};

	packet.tcp = (struct packet_tcp){
		.source_port = p->port, .dest_port = p->dut_port, .seq = seq, .flags = RST};
	packet_send(x, &packet);
}

static void place_add(uint32_t places[PLACES_MAX], unsigned *n, uint32_t place)
{
	for (unsigned i = 0; i < *n; i++)
		if (places[i] == place)
			return;
	places[(*n)++] = place;
}

/* Reset it wherever the DUT may be: at what it acknowledged, or at the end of what was sent. */
static void resets_send(struct peer *p)
{
	const struct standing *s = &p->standing;
	uint32_t places[PLACES_MAX];
	unsigned n = 0;

	if (s->acked_heard)
		place_add(places, &n, s->acked);
	else
		place_add(places, &n, p->iss + 1);
	if (!is_certain(s)) {
		place_add(places, &n, s->end);
		place_add(places, &n, p->snd_nxt);
	}
	for (unsigned i = 0; i < n; i++)
		reset_send(p, places[i]);
}

void exchange_leave(struct exchange *x)
{
	if (x->config.rehearsal)
		return;
	for (struct peer *p = x->peers; p; p = p->next) {
		if (!is_open(p))
			continue;
		resets_send(p);
		p->standing.reset = true;
		peer_note(p);
	}
}

/* Take in what waits on the wire. True: p's DUT has said something, which is *tcp. */
static bool answer_take(struct peer *p, struct packet_tcp *tcp)
{
	struct exchange *x = p->exchange;
	bool answered = false;
	struct frame frame;
	struct why why;

	for (int n = 0; n < FRAMES_MAX && wire_next(x->config.wire, &frame, &why) > 0; n++) {
		struct packet packet;
		struct peer *of;

		if (frame.outgoing)
			continue;
		packet_parse(frame.bytes, frame.captured, frame.len, &packet);
		of = packet.kind == PACKET_TCP ? exchange_find(x, &packet) : NULL;
		if (!of)
			continue;
		peer_saw(of, false, &packet.tcp);
		if (of != p)
			continue;
		answered = true;
		*tcp = packet.tcp;
		/* The frame is gone with the next one. */
		tcp->data = NULL;
	}
	return answered;
}

/* Wait for the DUT's next segment until a point of the monotonic clock. */
static bool answer_await(struct peer *p, nanos deadline, struct packet_tcp *tcp)
{
	for (;;) {
		struct pollfd ready = {.fd = wire_fd(p->exchange->config.wire), .events = POLLIN};
		nanos left = deadline - clock_monotonic();
		struct timespec timeout = clock_timespec(left);

		if (answer_take(p, tcp))
			return true;
		if (left <= 0 || (ppoll(&ready, 1, &timeout, NULL) < 0 && errno != EINTR))
			return false;
	}
}

/* When an answer to what is sent now should have come, monotonic, but not after limit. */
static nanos answer_time(const struct peer *p, nanos limit)
{
	nanos until = clock_monotonic() + ANSWER_TRIPS * p->standing.rtt + ANSWER_SLACK;

	return until < limit ? until : limit;
}

/*
 * The DUT may have more than it has acknowledged. What it acknowledged before is sent once more,
 * one byte of it, and it answers with RCV.NXT (RFC 9293 3.10.7.4; a keep-alive is made the same
 * way, RFC 1122 4.2.3.6). False: it does not answer.
 */
static bool place_ask(struct peer *p, nanos limit)
{
	static const uint8_t byte = 0;
	struct packet_tcp tcp;
	struct packet packet;
	bool answered = false;
	nanos until = limit;

	inject_packet(p, &(struct segment){.flags = ACK, .raw_seq = is(p->standing.acked - 1),
		.raw_ack = is(p->standing.dut_end), .data = {&byte, 1}}, &packet);
	packet_send(p->exchange, &packet);
	/* The first segments may have been under way before. */
	while (!p->standing.reset && !is_certain(&p->standing) && answer_await(p, until, &tcp)) {
		answered = true;
		if (clock_monotonic() >= limit)
			break;
		until = answer_time(p, limit);
	}
	return answered;
}

/* Reset it, and again where a challenge ACK says where. */
static void peer_close(struct peer *p, nanos patience)
{
	const nanos limit = clock_monotonic() + patience;
	struct standing *s = &p->standing;
	struct packet_tcp tcp;
	uint32_t place;

	if (s->acked_heard && !is_certain(s) && place_ask(p, limit)) {
		if (!is_open(p))
			return;
		s->end = s->acked;
	}
	place = s->acked;
	resets_send(p);
	for (int i = 0; i < CHALLENGES_MAX && answer_await(p, answer_time(p, limit), &tcp); i++) {
		if (s->reset)
			break;
		/* Data that was under way when the RST was sent is no challenge. */
		if (!(tcp.flags & ACK) || (s->acked == place && tcp.len + tcp.cut))
			continue;
		place = s->acked;
		reset_send(p, place);
	}
	s->reset = true;
	peer_note(p);
}

void exchange_close(struct exchange *x, nanos patience)
{
	struct packet_tcp tcp;

	if (x->config.rehearsal)
		return;
	for (struct peer *p = x->peers; p; p = p->next) {
		answer_take(p, &tcp);
		if (is_open(p))
			peer_close(p, patience);
	}
}
