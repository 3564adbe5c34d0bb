/*
 * SYNs to the target's ports: is the open one open and the closed one closed, and do segments
 * arrive as they were sent? Each SYN has a port of its own, and whatever it leaves half open is
 * reset.
 */
#include "target/inside.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SYNS 24	      /* to the open port */
#define SYNS_CLOSED 6 /* a host may limit the rate of its RSTs */
#define BATCH 4	      /* half-open connections that any host has room for */
#define TRIES 3	      /* of a first SYN, before nothing is there */

size_t check_options(const struct check *check, uint32_t tsval, struct option out[OPTIONS_MAX])
{
	const uint16_t mss = lab_network(check->lab)->family == 4 ? 1460 : 1440;
	const struct option options[] = {opt_mss(mss),
					 opt_sack_permitted(), opt_timestamps(tsval, 0), opt_nop(),
					 opt_wscale(7)};

	memcpy(out, options, sizeof(options));
	return sizeof(options) / sizeof(options[0]);
}

struct peer *syn_send(struct check *check, uint16_t to, uint32_t tsval, unsigned ttl)
{
	struct peer *p = lab_dial(check->lab, &(struct dialing){.to = to, .use_isn = true,
		.isn = SYN_ISN});
	struct segment syn = {.flags = SYN};

	check_options(check, tsval, syn.options);
	if (ttl)
		syn.ttl = is(ttl);
	peer_inject(p, &syn);
	return p;
}

static bool is_answered(void *arg)
{
	const struct check *check = arg;

	for (size_t i = 0; i < check->awaited_count; i++)
		if (peer_waits(check->awaited[i]))
			return true;
	return false;
}

const struct heard *any_answer(struct check *check, struct peer *const *peers, size_t n,
			       nanos deadline)
{
	struct exchange *x = lab_exchange(check->lab);

	check->awaited = peers;
	check->awaited_count = n;
	if (deadline > check->deadline)
		deadline = check->deadline;
	if (!exchange_wait(x, is_answered, check, deadline, "an answer"))
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (peer_waits(peers[i]))
			return peer_next(peers[i]);
	return NULL;
}

const struct heard *peer_answer(struct check *check, struct peer *p, nanos deadline)
{
	return any_answer(check, &p, 1, deadline);
}

static void rtt_take(struct check *check, struct peer *p, const struct heard *got, int rung)
{
	struct path_facts *path = &check->told.path;
	nanos rtt = got->time - rung_time(p, rung);

	if (rtt <= 0)
		rtt = 1;
	path->rtt_least = !path->rtt_least || rtt < path->rtt_least ? rtt : path->rtt_least;
	path->rtt_worst = rtt > path->rtt_worst ? rtt : path->rtt_worst;
}

void answer_judge(struct check *check, const struct heard *got, uint16_t port, uint32_t ack,
		  uint32_t tsval)
{
	if (got->flags & ACK && got->ack != ack)
		suspect(check, "changes sequence numbers", "port %u acknowledges %u, not %u", port,
			got->ack, ack);
	if (got->options.kinds & WITHOUT(OPTION_TIMESTAMPS) && got->options.tsecr != tsval)
		suspect(check, "changes timestamps", "port %u echoes %u, not %u", port,
			got->options.tsecr, tsval);
	if (got->reserved)
		suspect(check, "sets reserved bits", "port %u answers with %#x", port,
			got->reserved);
}

static void answer_must_be(struct check *check, const struct heard *got, uint16_t port, bool open)
{
	char flags[FLAGS_TEXT_MAX];
	struct why *why = &check->told.why;

	if (open ? (got->flags & (SYN | ACK | RST)) == (SYN | ACK) : (got->flags & RST) != 0)
		return;
	if (open && got->flags & RST)
		check_end(check, why_set(why, EPROTO, "port %u is closed: a SYN gets RST", port));
	if (!open && got->flags & SYN)
		check_end(check, why_set(why, EPROTO,
					 "--closed-port %u is open: a SYN gets SYN-ACK", port));
	suspect(check, "answers in the target's place", "port %u answers a SYN by flags %s", port,
		flags_text(got->flags, flags));
}

/* The first answer, which may take some tries; what is lost here is not counted. */
static void first_await(struct check *check, uint16_t port, bool open)
{
	const struct link *link = check->target->link;
	char words[ADDRESS_TEXT_MAX], source[ADDRESS_TEXT_MAX], next[ADDRESS_TEXT_MAX];
	struct peer *syns[TRIES];

	for (size_t i = 0; i < TRIES; i++) {
		const struct heard *got;

		syns[i] = syn_send(check, port, 1, 0);
		/* An answer to one of the SYNs before may be late. */
		got = any_answer(check, syns, i + 1, clock_monotonic() + PATIENCE);
		if (!got)
			continue;
		answer_must_be(check, got, port, open);
		return;
	}
	address_text(&lab_network(check->lab)->dut_address, words);
	address_text(&link->source, source);
	address_text(&link->next, next);
	check_end(check, why_set(&check->told.why, EHOSTUNREACH,
				 "%s%s %u of %s does not answer a SYN sent on '%s' from %s%s%s "
				 "(%d tries in %d s)%s",
				 open ? "" : "--closed-", "port", port, words, link->interface,
				 source, link->routed ? " by the gateway " : "",
				 link->routed ? next : "", TRIES,
				 (int)(TRIES * PATIENCE / sec(1)), check->stray));
}

static void hops_take(struct check *check, bool open, uint8_t ttl)
{
	struct hops *hops = &check->hops[open];
	const unsigned n = hops_by(ttl);

	if (!hops->known || n < hops->least)
		hops->least = n;
	if (!hops->known || n > hops->most)
		hops->most = n;
	hops->known = true;
}

/* Some SYNs at a time; what they leave half open is reset before the next ones. */
static void batch_send(struct check *check, uint16_t port, bool open)
{
	struct peer *syns[BATCH];
	int sent[BATCH];
	nanos deadline;

	for (uint32_t i = 0; i < BATCH; i++) {
		syns[i] = syn_send(check, port, 1000 + i, 0);
		sent[i] = peer_last_rung(syns[i]);
	}
	deadline = clock_monotonic() + PATIENCE;
	for (uint32_t i = 0; i < BATCH; i++) {
		const struct heard *got = peer_answer(check, syns[i], deadline);

		check->told.path.syns++;
		check->told.path.syns_lost += !got;
		if (!got)
			continue;
		hops_take(check, open, got->ttl);
		rtt_take(check, syns[i], got, sent[i]);
		answer_must_be(check, got, port, open);
		answer_judge(check, got, port, 1, 1000 + i);
		if (!open)
			continue;
		check->told.path.kinds = got->options.kinds;
		check->told.path.mss = got->options.mss;
	}
	exchange_leave(lab_exchange(check->lab));
}

static void port_check(struct check *check, uint16_t port, bool open, unsigned syns)
{
	if (!port)
		return;
	first_await(check, port, open);
	for (unsigned i = 0; i < syns && clock_monotonic() < check->deadline; i += BATCH)
		batch_send(check, port, open);
}

void check_ports(struct check *check)
{
	const bool own = check->told.path.kind == PATH_OWN;

	port_check(check, check->target->port, true, own ? BATCH : SYNS);
	port_check(check, check->target->closed_port, false, own ? BATCH : SYNS_CLOSED);
}
