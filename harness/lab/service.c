/*
 * What the DUT does of its own accord: the agent plays it, or the service at a target does it.
 */
#include "lab/inside.h"

/* How long a service may think. */
#define SERVICE_WAIT sec(2)
/* What listens speaks of itself before it closes in so many segments at most. */
#define SEGMENTS_MAX 64

static const char *const names[] = {
	[LAB_SILENT] = "silent", [LAB_ECHO] = "echo", [LAB_DISCARD] = "discard",
	[LAB_GREET] = "greet",	 [LAB_HTTP] = "http", [LAB_OTHER] = "none of the known ones",
	[LAB_UNKNOWN] = "not known",
};

const char *lab_service_name(enum lab_service service)
{
	return names[service];
}

static bool waits(void *arg)
{
	return peer_waits(arg);
}

/* The service's next segment, which stays to be judged. */
static const struct heard *service_next(struct peer *p, const char *what)
{
	struct exchange *x = lab_of(p)->exchange;

	if (!exchange_wait(x, waits, p, clock_monotonic() + SERVICE_WAIT, what))
		exchange_break(x, "the service on port %u says nothing: want %s", peer_dut_port(p),
			       what);
	return peer_first(p);
}

void (dut_sends)(struct peer *p, size_t n)
{
	if (!lab_blind(lab_of(p))) {
		(dut_write)(p, pattern(n));
		return;
	}
	peer_inject(p, &(struct segment){.flags = ACK | PSH, .data = pattern(n)});
	while (service_next(p, "what it was sent")->len == 0)
		peer_expect(p, &(struct segment){.flags = ACK, .seq = is(peer_rcv_nxt(p)),
			.ack = is(peer_snd_nxt(p)), .when = within(SERVICE_WAIT)});
}

void (dut_speaks)(struct peer *p)
{
	if (lab_blind(lab_of(p)))
		service_next(p, "a greeting");
	else
		(dut_write)(p, pattern(100));
}

int (dut_closes)(struct peer *p)
{
	int asked;

	if (!lab_blind(lab_of(p))) {
		(dut_close)(p);
		return peer_last_rung(p);
	}
	asked = peer_inject(p, &(struct segment){.flags = ACK | PSH,
		.data = text("GET / HTTP/1.1\r\nHost: lastack\r\nConnection: close\r\n\r\n")});
	for (int i = 0; i < SEGMENTS_MAX; i++) {
		const struct heard *got = service_next(p, "an answer, and its end");

		if (got->flags & FIN)
			return asked;
		peer_expect(p, &(struct segment){.flags = ACK, .seq = is(peer_rcv_nxt(p)),
			.since = asked, .when = within(2 * SERVICE_WAIT)});
		if (got->len)
			peer_inject(p, &(struct segment){.flags = ACK});
	}
	exchange_end(lab_of(p)->exchange, VERDICT_SKIP,
		     "needs a service that closes after its answer");
}

void (dut_closes_after)(struct peer *p)
{
	struct exchange *x = lab_of(p)->exchange;
	const struct segment ack = {.flags = ACK, .seq = is(peer_rcv_nxt(p)),
		.ack = is(peer_snd_nxt(p)), .len = is(0), .when = within(ms(500))};

	/* The FIN may acknowledge ours at once. */
	if (!lab_blind(lab_of(p)) ||
	    !exchange_wait(x, waits, p, clock_monotonic() + ms(500), "an ACK of the FIN") ||
	    !(peer_first(p)->flags & FIN))
		peer_expect(p, &ack);
	if (!lab_blind(lab_of(p))) {
		(dut_expect_eof)(p);
		(dut_close)(p);
	} else if (!exchange_wait(x, waits, p, clock_monotonic() + SERVICE_WAIT, "a FIN")) {
		exchange_end(x, VERDICT_SKIP, "needs a service that closes after its peer");
	}
}
