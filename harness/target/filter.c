/*
 * A stateful filter between lastack and the target's TCP, on the host itself or before it, that
 * drops segments of no connection. RFC 9293 3.10.7.1 and 3.10.7.2: a closed port and a listening
 * one answer a segment with an ACK by a RST. Where FIN+ACK and SYN-ACK get no RST from either, a
 * filter takes them; Linux's conntrack lets a lone ACK pass unless nf_conntrack_tcp_loose is 0. Any
 * other pattern is the host's own.
 */
#include "target/inside.h"

#define TRIES 3
#define ANSWER_PATIENCE ms(200)
/* Where hardly anything listens: a port for a host of which no closed one is known. */
#define HIGH_PORT 61000u
#define HIGH_PORTS 4000u

enum { STRAY_ACK, STRAY_FIN, STRAY_SYN_ACK, STRAYS };

static const unsigned flags_of[STRAYS] = {ACK, FIN | ACK, SYN | ACK};

/* One segment of no connection to each port, until it is answered. */
struct stray {
	struct peer *peer;
	uint16_t to;
	unsigned flags;
	bool answered;
};

struct strays {
	struct check *check;
	struct stray at[2 * STRAYS];
	size_t count;
	bool rejected;
};

static void error_take(void *arg, const struct packet *packet)
{
	struct strays *strays = arg;
	const uint8_t unreachable = packet->source.family == 4 ? 3 : 1;

	if (packet->icmp.type != unreachable || !packet->icmp.quotes_tcp)
		return;
	/* Not all of them may have been sent yet. */
	for (size_t i = 0; i < strays->count; i++)
		if (strays->at[i].peer &&
		    packet->icmp.quoted_source_port == peer_port(strays->at[i].peer))
			strays->rejected = true;
}

static void segment_take(struct strays *strays, struct stray *stray, const struct heard *got)
{
	struct check *check = strays->check;
	const struct hops *open = &check->hops[1];
	const unsigned hops = hops_by(got->ttl);

	if (!(got->flags & RST))
		return;
	stray->answered = true;
	if (stray->to == check->target->port && open->known &&
	    (hops < open->least || hops > open->most))
		check->told.path.stand_in = true;
}

static bool all_answered(void *arg)
{
	struct strays *strays = arg;
	bool all = true;

	for (size_t i = 0; i < strays->count; i++) {
		struct stray *stray = &strays->at[i];

		while (stray->peer && peer_waits(stray->peer))
			segment_take(strays, stray, peer_next(stray->peer));
		all = all && stray->answered;
	}
	return all;
}

static void strays_send(struct strays *strays)
{
	struct check *check = strays->check;
	const nanos patience = ANSWER_PATIENCE + 2 * check->told.path.rtt_worst;

	for (size_t i = 0; i < strays->count; i++) {
		struct stray *stray = &strays->at[i];

		if (stray->answered)
			continue;
		stray->peer = lab_dial(check->lab, &(struct dialing){.to = stray->to});
		peer_inject(stray->peer, &(struct segment){.flags = stray->flags, .ack = is(1)});
	}
	exchange_wait(lab_exchange(check->lab), all_answered, strays,
		      clock_monotonic() + patience, "answers to segments of no connection");
}

static void port_add(struct strays *strays, uint16_t to)
{
	for (int i = 0; i < STRAYS; i++)
		strays->at[strays->count++] = (struct stray){.to = to, .flags = flags_of[i]};
}

static bool any(const struct strays *strays, unsigned flags)
{
	for (size_t i = 0; i < strays->count; i++)
		if (strays->at[i].flags == flags && strays->at[i].answered)
			return true;
	return false;
}

/* A closed port: the one that is known, or one found by a SYN that gets RST; 0: none answers. */
static uint16_t closed_find(struct check *check)
{
	struct random *random = exchange_random(lab_exchange(check->lab));
	uint16_t port = check->target->closed_port;

	for (int i = 0; !port && i < 2; i++) {
		const uint16_t high = (uint16_t)(HIGH_PORT + random_next(random) % HIGH_PORTS);
		const nanos patience = ANSWER_PATIENCE + 2 * check->told.path.rtt_worst;
		struct peer *p = syn_send(check, high, 1, 0);
		const struct heard *got = peer_answer(check, p, clock_monotonic() + patience);

		if (got && got->flags & RST)
			port = high;
	}
	exchange_leave(lab_exchange(check->lab));
	return port;
}

void check_filter(struct check *check)
{
	struct strays strays = {.check = check};
	struct path_facts *path = &check->told.path;
	const uint16_t closed = closed_find(check);

	if (check->target->port)
		port_add(&strays, check->target->port);
	if (closed)
		port_add(&strays, closed);
	if (!strays.count)
		return;
	lab_hear_errors(check->lab, error_take, &strays);
	for (int i = 0; i < TRIES && (!i || !all_answered(&strays)); i++)
		strays_send(&strays);
	lab_hear_errors(check->lab, NULL, NULL);
	exchange_leave(lab_exchange(check->lab));
	path->filter = !any(&strays, FIN | ACK) && !any(&strays, SYN | ACK);
	path->filter_acks = path->filter && !any(&strays, ACK);
	path->rejects = strays.rejected;
}
