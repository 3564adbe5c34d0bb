/*
 * A play's steps carried out by the peer room, which keeps the connection's numbers.
 *
 * What a step leaves unset takes the protocol's right value: a SYN or a FIN that is sent again has
 * the number of the first one (RFC 9293 3.8.1), and the number of the first SYN is the initial
 * sequence number, whether it was chosen or not.
 */
#include "probe/probe.h"

#define CROSSED_MOST sec(86400)
/* A connection that follows another one begins so far beyond it (RFC 9293 3.4.1). */
#define RENEWED_BEYOND 64000u

struct playing {
	struct peer *p;
	nanos patience;
	nanos floor; /* when the latest step so far ended, epoch */
	bool syn, fin; /* were sent */
	uint32_t fin_at; /* the FIN's number, relative */
};

static void renew(struct playing *playing, uint32_t isn)
{
	peer_renew(playing->p, isn);
	playing->fin = false;
}

/* A SYN opens a connection, or is one that was sent before. */
static void syn_place(struct playing *playing, struct segment *t)
{
	struct peer *p = playing->p;
	const bool first = !playing->syn || peer_is_over(p);

	if (!first) {
		if (!t->raw_seq.kind && !t->seq.kind)
			t->seq = is(0);
		return;
	}
	if (t->raw_seq.kind)
		renew(playing, t->raw_seq.low);
	else if (t->seq.kind)
		renew(playing, peer_iss(p) + t->seq.low);
	else if (playing->syn)
		renew(playing, peer_iss(p) + peer_snd_nxt(p) + RENEWED_BEYOND);
	else if (peer_snd_nxt(p))
		renew(playing, peer_iss(p) + peer_snd_nxt(p));
	playing->syn = true;
	t->raw_seq = t->seq = (struct span){.kind = SPAN_UNSET};
}

/* A FIN behind which nothing was sent is the same one again. */
static void fin_place(struct playing *playing, struct segment *t)
{
	const uint32_t next = peer_snd_nxt(playing->p), len = (uint32_t)t->data.len;

	if (playing->fin && next == playing->fin_at + 1) {
		t->seq = is(playing->fin_at - len);
		return;
	}
	playing->fin = true;
	playing->fin_at = next + len;
}

/* What has come belongs before what follows on the ladder. */
static void heard_take(struct playing *playing)
{
	exchange_wait(peer_exchange(playing->p), NULL, NULL, 0, "");
}

static void send_step(struct playing *playing, const struct step *step)
{
	struct segment t = step->send;

	heard_take(playing);
	if (t.flags & SYN)
		syn_place(playing, &t);
	else if (t.flags & FIN && !(t.flags & RST) && !t.seq.kind && !t.raw_seq.kind)
		fin_place(playing, &t);
	peer_inject(playing->p, &t);
}

/*
 * Times count from the step before. One that is a segment which had come already ended when it was
 * taken, so that an upper bound counts from there; about() counts from the segment itself.
 */
static void anchor_set(struct playing *playing, bool upper_bound)
{
	const nanos anchor = peer_anchor(playing->p, 0);

	if (anchor > playing->floor)
		playing->floor = anchor;
	else if (upper_bound && anchor < playing->floor)
		peer_move_anchor(playing->p, playing->floor);
}

/* A step that takes a time has ended at this point. */
static void step_end(struct playing *playing, nanos time)
{
	playing->floor = time;
	peer_move_anchor(playing->p, time);
}

static void silence_step(struct playing *playing, nanos duration)
{
	const nanos now = exchange_now(peer_exchange(playing->p));
	nanos until;

	anchor_set(playing, true);
	until = playing->floor + duration;
	(expect_silence)(playing->p, duration);
	step_end(playing, until < now ? now + duration : until);
}

static void expect_step(struct playing *playing, const struct step *step)
{
	const struct expectation *expect = &step->expect;
	struct segment any[EXPECTATIONS_MAX];
	struct window when = expect->when;

	if (!when.kind)
		when = within(playing->patience);
	if (expect->silence) {
		silence_step(playing, expect->within ? expect->within : playing->patience);
		return;
	}
	anchor_set(playing, when.kind == WINDOW_WITHIN);
	if (expect->icmp) {
		peer_expect_icmp(playing->p, expect->type, expect->code, when);
		return;
	}
	/* What crossed our last segment on its way, the DUT has said in time too. */
	if (when.kind == WINDOW_WITHIN)
		when.from = -CROSSED_MOST;
	for (size_t i = 0; i < expect->count; i++) {
		any[i] = expect->any[i];
		any[i].when = when;
	}
	if (expect->count == 1)
		peer_expect(playing->p, &any[0]);
	else
		peer_expect_any(playing->p, NULL, any, expect->count);
}

static void wait_step(struct playing *playing, nanos duration)
{
	anchor_set(playing, true);
	(peer_wait_until)(playing->p, 0, duration);
	step_end(playing, playing->floor + duration);
}

void play_run(const struct play *play, struct peer *p, nanos patience)
{
	struct playing playing = {.p = p, .patience = patience};

	for (size_t i = 0; i < play->count; i++) {
		const struct step *step = &play->steps[i];

		switch (step->kind) {
		case STEP_SEND:
			send_step(&playing, step);
			break;
		case STEP_EXPECT:
			expect_step(&playing, step);
			break;
		case STEP_WAIT:
			wait_step(&playing, step->wait);
			break;
		}
	}
	heard_take(&playing);
}

nanos play_handshake(struct peer *p, nanos patience)
{
	const int syn = peer_inject(p, &(struct segment){.flags = SYN});
	const struct heard *got = peer_expect(p, &(struct segment){.flags = SYN | ACK,
		.ack = is(1), .when = within(patience)});
	const nanos rtt = got->time - rung_time(p, syn);

	/* The capture shows this one leaving to the peer, not to whom sends next. */
	rung_time(p, peer_inject(p, &(struct segment){.flags = ACK}));
	return rtt;
}
