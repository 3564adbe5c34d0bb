/*
 * Leaving a DUT that outlives the case: what it may hold of our connections, and resets.
 */
#include "peer/inside.h"
#include <time.h>

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

void peer_note(const struct peer *p)
{
	const struct exchange_path *path = &p->exchange->config.path;

	if (path->noted)
		path->noted(path->arg, p->port, p->dut_port, p->spoken && !p->reset, p->snd_nxt,
			    p->acked);
}

/* The case is over: nothing is heard meanwhile that could break it. */
static void turn_await(const struct exchange *x)
{
	const struct exchange_path *path = &x->config.path;
	nanos turn = path->turn ? path->turn(path->arg) : 0;
	struct timespec until = clock_timespec(turn);

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

/* RFC 9293 section 3.10.7.4: a RST is taken just where the DUT expects the next byte. */
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
	struct why why;

	turn_await(x);
	packet.tcp = (struct packet_tcp){
		.source_port = p->port, .dest_port = p->dut_port, .seq = seq, .flags = RST};
	/* Of one that cannot be sent the verdict knows nothing: the case is over. */
	if (wire_send(x->config.wire, &packet, NULL, NULL, &why))
		log_debug("a reset was not sent: %s", why.text);
}

void exchange_leave(struct exchange *x)
{
	if (x->config.rehearsal)
		return;
	for (struct peer *p = x->peers; p; p = p->next) {
		if (!p->spoken || p->reset)
			continue;
		reset_send(p, p->snd_nxt);
		/* A DUT that has not got all that was sent waits for what it acknowledged. */
		if (p->acked != p->snd_nxt && p->acked != p->iss)
			reset_send(p, p->acked);
		p->reset = true;
		peer_note(p);
	}
}
