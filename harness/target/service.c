/*
 * What listens on the target's port, by what it does: four connections side by side, of which the
 * first only listens, the second says a line, the third asks for a page and the last one closes.
 */
#include "target/inside.h"
#include <errno.h>
#include <string.h>

/* How long a service may take to show itself. */
#define SHOW_TIME sec(1)
#define AGAIN_AFTER ms(400)
/* A path may lose some segments in a row. */
#define SYN_TRIES 8
#define SYN_PATIENCE ms(300)
#define LINE "lastack asks whether this is an echo\r\n"
#define PAGE "GET / HTTP/1.1\r\nHost: lastack\r\nConnection: close\r\n\r\n"

enum { LISTENS, SAYS, ASKS, CLOSES, TALKS };

struct talk {
	struct peer *peer;
	char heard[64]; /* the first of what it said */
	size_t len;
	bool closed, reset;
};

struct talks {
	struct check *check;
	struct talk at[TALKS];
};

static void talk_say(const struct talk *talk, int which)
{
	struct segment segment = {.flags = ACK, .seq = is(1)};

	if (which == SAYS)
		segment.data = text(LINE);
	if (which == ASKS)
		segment.data = text(PAGE);
	if (which == CLOSES)
		segment.flags |= FIN;
	if (segment.data.len)
		segment.flags |= PSH;
	peer_inject(talk->peer, &segment);
}

/* False: no connection, which others of these have. */
static bool talk_open(struct talks *talks, int which)
{
	struct check *check = talks->check;
	struct talk *talk = &talks->at[which];
	const struct heard *got = NULL;

	/* A port may still have a connection there, because our RST was lost: take the next one. */
	for (int i = 0; i < SYN_TRIES && !(got && got->flags & SYN); i++) {
		talk->peer = lab_dial(check->lab, &(struct dialing){.to = check->target->port});
		peer_inject(talk->peer, &(struct segment){.flags = SYN});
		got = peer_answer(check, talk->peer, clock_monotonic() + SYN_PATIENCE +
				  2 * check->told.path.rtt_worst);
	}
	if (!got || !(got->flags & SYN))
		return false;
	peer_inject(talk->peer, &(struct segment){.flags = ACK});
	if (which != LISTENS)
		talk_say(talk, which);
	return true;
}

static void talk_hear(struct talk *talk)
{
	const struct heard *got = peer_next(talk->peer);
	size_t room = sizeof(talk->heard) - talk->len;

	if (got->flags & (FIN | RST))
		talk->closed = true;
	if (got->flags & RST)
		talk->reset = true;
	if (!got->len)
		return;
	if (got->seq == talk->len + 1) {
		size_t n = got->len < room ? got->len : room;

		memcpy(talk->heard + talk->len, got->data, n);
		talk->len += n;
	}
	peer_inject(talk->peer, &(struct segment){.flags = ACK});
}

static bool said(const struct talk *talk, const char *what)
{
	return talk->len >= strlen(what) && !memcmp(talk->heard, what, strlen(what));
}

/* What it is for certain; LAB_UNKNOWN: only time will tell. */
static enum lab_service shown(const struct talk *at)
{
	if (at[LISTENS].len)
		return LAB_GREET;
	if (said(&at[SAYS], LINE))
		return LAB_ECHO;
	if (said(&at[ASKS], "HTTP/") && at[ASKS].closed)
		return LAB_HTTP;
	return LAB_UNKNOWN;
}

static bool is_shown(void *arg)
{
	struct talks *talks = arg;

	for (int i = 0; i < TALKS; i++)
		while (peer_waits(talks->at[i].peer))
			talk_hear(&talks->at[i]);
	return shown(talks->at) != LAB_UNKNOWN;
}

/*
 * It has had its time. A connection that is reset without a word says nothing of the service: a
 * host whose TCP is at fault may do that, and it is the cases that judge it.
 */
static enum lab_service judged(const struct talk *at)
{
	enum lab_service service = shown(at);
	bool reset = false;

	if (service != LAB_UNKNOWN)
		return service;
	for (int i = 0; i < CLOSES; i++) {
		if (at[i].len || (at[i].closed && !at[i].reset))
			return LAB_OTHER;
		reset |= at[i].reset;
	}
	if (reset)
		return LAB_UNKNOWN;
	return at[CLOSES].closed || at[CLOSES].len ? LAB_DISCARD : LAB_SILENT;
}

static enum lab_service find(struct talks *talks)
{
	struct exchange *x = lab_exchange(talks->check->lab);
	const nanos rtt = 2 * talks->check->told.path.rtt_worst;

	for (int i = 0; i < TALKS; i++)
		if (!talk_open(talks, i))
			return LAB_UNKNOWN;
	if (!exchange_wait(x, is_shown, talks, clock_monotonic() + AGAIN_AFTER + rtt,
			   "the service")) {
		/* The path may have lost a word. */
		for (int i = SAYS; i < TALKS; i++)
			if (!talks->at[i].len && !talks->at[i].closed)
				talk_say(&talks->at[i], i);
		exchange_wait(x, is_shown, talks, clock_monotonic() + SHOW_TIME - AGAIN_AFTER + rtt,
			      "the service");
	}
	return judged(talks->at);
}

/* A service that says nothing even after a FIN is also one that says nothing. */
static bool agrees(enum lab_service declared, enum lab_service found)
{
	return declared == found || (declared == LAB_DISCARD && found == LAB_SILENT);
}

void check_service(struct check *check)
{
	struct talks talks = {.check = check};
	const enum lab_service declared = check->target->service;
	enum lab_service found;

	/* It is known: what contradicts it is the host's TCP, and for the cases to judge. */
	if (check->target->of_agent)
		return;
	found = find(&talks);
	exchange_leave(lab_exchange(check->lab));
	if (declared == LAB_UNKNOWN)
		check->told.path.service = found == LAB_UNKNOWN ? LAB_OTHER : found;
	else if (found != LAB_UNKNOWN && !agrees(declared, found))
		check_end(check, why_set(&check->told.why, EPROTO,
					 "port %u is not as declared by --service %s: it looks "
					 "like %s", check->target->port, lab_service_name(declared),
					 lab_service_name(found)));
}
