/*
 * A play's steps carried out by the peer room, which keeps the connection's numbers.
 */
#include "probe/probe.h"

#define CROSSED_MOST sec(86400)

/* A RST closes for both: what was opened is closed where one went or came. */
static bool flags_reset(unsigned flags)
{
	return flags & RST;
}

static void expect_step(const struct step *step, struct peer *p, nanos patience, bool *reset)
{
	const struct expectation *expect = &step->expect;
	const nanos limit = expect->within ? expect->within : patience;
	struct segment any[EXPECTATIONS_MAX];
	const struct heard *got = NULL;

	if (expect->silence) {
		(expect_silence)(p, limit);
		return;
	}
	/* What crossed our last segment on its way, the DUT has said in time too. */
	for (size_t i = 0; i < expect->count; i++) {
		any[i] = expect->any[i];
		any[i].when = within(limit);
		any[i].when.from = -CROSSED_MOST;
	}
	if (expect->count == 1)
		got = peer_expect(p, &any[0]);
	else
		peer_expect_any(p, &got, any, expect->count);
	*reset = *reset || (got && flags_reset(got->flags));
}

/* The connection's numbers tell whether anything is open. */
void play_reset(struct peer *p, const uint32_t *next)
{
	struct segment reset = {.flags = RST};

	if (!peer_snd_nxt(p))
		return;
	if (next)
		reset.raw_seq = is(*next);
	peer_inject(p, &reset);
}

bool play_run(const struct play *play, struct peer *p, nanos patience)
{
	bool reset = false;

	for (size_t i = 0; i < play->count; i++) {
		const struct step *step = &play->steps[i];

		switch (step->kind) {
		case STEP_SEND:
			peer_inject(p, &step->send);
			reset = reset || flags_reset(step->send.flags);
			break;
		case STEP_EXPECT:
			expect_step(step, p, patience, &reset);
			break;
		case STEP_WAIT:
			(peer_wait_until)(p, 0, step->wait);
			break;
		}
	}
	return reset;
}

void play_handshake(struct peer *p, nanos patience)
{
	peer_inject(p, &(struct segment){.flags = SYN});
	peer_expect(p, &(struct segment){.flags = SYN | ACK, .ack = is(1),
		.when = within(patience)});
	/* The capture shows this one leaving to the peer, not to whom sends next. */
	rung_time(p, peer_inject(p, &(struct segment){.flags = ACK}));
}
