/*
 * Expectations: the next segment against its template and its window, and silence.
 */
#include "peer/inside.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A segment of the last instant is on the wire by then, and still has to be taken in. */
#define DELIVERY ms(1)
/* A machine that stands still this often, one stall after the other, cannot be judged by. */
#define STALLS_MAX 8
/* How much two numbers that are good for the same cookie may differ by. */
#define COOKIE_BITS 4u

static bool peer_has_heard(void *arg)
{
	return ((struct peer *)arg)->first != NULL;
}

void expect_text(struct buffer *out, const struct segment *want, struct window window)
{
	char when[WINDOW_TEXT_MAX];

	template_text(out, want);
	buffer_printf(out, " %s", window_text(window, when));
}

/*
 * What is wanted did not come. A DUT whose SYN-ACKs are SYN cookies does not retransmit them, and
 * its listener takes an ACK with the numbers of an old connection for one that opens a new
 * connection, in silence or with an ACK.
 */
static bool misses_cookies(struct peer *p, unsigned flags)
{
	const struct entry *last = p->anchor ? ladder_get(p->exchange, p->anchor) : NULL;
	uint32_t apart;

	if (!p->irs_known || (flags != (SYN | ACK) && flags != RST))
		return false;
	if (flags == (SYN | ACK))
		return true;
	if (!last || last->rung.kind != RUNG_SENT || (last->tcp.flags & (SYN | ACK | RST)) != ACK)
		return false;
	/* Both numbers may be as far from the handshake's; the last bits are one of a few MSS. */
	apart = last->tcp.ack - p->irs - (last->tcp.seq - p->iss);
	return apart + COOKIE_BITS <= 2 * COOKIE_BITS;
}

static void expect_more_of_cookies(struct peer *p, unsigned flags, const char *got)
{
	struct exchange *x = p->exchange;
	const char *cookies = NULL;

	if (x->config.path.cookies && misses_cookies(p, flags))
		cookies = x->config.path.cookies(x->config.path.arg);
	if (cookies)
		exchange_end(x, VERDICT_SKIP, "%s; %s; expected %s", cookies, got, x->want.at);
}

/* How much later than its ideal time does a segment still come in time? */
static nanos room_of(struct window window)
{
	return window.kind == WINDOW_WITHIN ? window.to : window.to - window.nominal;
}

void expect_missing(struct peer *p, unsigned flags, const char *want, nanos time, nanos room)
{
	struct exchange *x = p->exchange;

	expect_more_of_cookies(p, flags, "no segment arrived");
	exchange_rung(x, p, RUNG_MISSING, time, false, true, "nothing", want);
	x->silent = true;
	exchange_break_as(x, BREAK_MISSING, room, "no segment arrived; expected %s", want);
}

const struct heard *expect_heard(struct peer *p, const char *want, nanos closes)
{
	struct exchange *x = p->exchange;
	nanos deadline = exchange_deadline(x, closes) + DELIVERY, excused = 0;

	for (int again = 0; !exchange_wait(x, peer_has_heard, p, deadline, want); again++) {
		/* What does not come in twice the time that a stall has cost is not late by it. */
		if (x->stalled == excused)
			x->stall = 0;
		if (!exchange_stalled(x) || again == STALLS_MAX)
			return NULL;
		excused = x->stalled;
		deadline = clock_monotonic() + 2 * x->stall;
	}
	return peer_head(p);
}

/* Wait for the next segment of the connection until the window closes. */
static const struct heard *expect_next(struct peer *p, unsigned flags, const char *want,
				       nanos closes, nanos room)
{
	const struct heard *got = expect_heard(p, want, closes);

	if (!got)
		expect_missing(p, flags, want, closes, room);
	return got;
}

void expect_broken(struct peer *p, const struct heard *got, const struct segment *template,
		   const char *want, const char *report)
{
	struct entry *entry = ladder_get(p->exchange, got->rung);
	nanos off = 0;
	enum break_kind kind = break_kind_of(p, got, template, &off);

	entry->rung.broken = true;
	ladder_want(entry, want);
	entry->waits = false;
	exchange_break_as(p->exchange, kind, off, "%s", report);
}

bool expect_is_met(struct peer *p, const struct segment *want, const struct heard *got,
		   struct match_report *report)
{
	struct window window = exchange_window(p->exchange, want->when);

	return match_wellformed(got, report) && match_segment(want, got, report) &&
	       match_time(window, got->time - peer_anchor(p, want->since), report);
}

/*
 * All that is wrong with a SYN or SYN-ACK is that it lacks an option which the DUT need not offer:
 * the claim is about that option, and is not judged.
 */
static void expect_offer(struct peer *p, const struct segment *want, const struct heard *got)
{
	struct segment rest;
	const char *option = peer_lacks(p, want, got, &rest);
	struct entry *entry;

	if (!option || !expect_is_met(p, &rest, got, NULL))
		return;
	entry = ladder_get(p->exchange, got->rung);
	ladder_want(entry, p->exchange->want.at);
	entry->waits = false;
	exchange_end(p->exchange, VERDICT_SKIP, got->flags & ACK ? "the DUT does not agree to %s"
								 : "the DUT does not offer %s",
		     option);
}

static const struct heard *expect_one(struct peer *p, const struct segment *want, bool lost)
{
	struct exchange *x = p->exchange;
	struct window window = exchange_window(x, want->when);
	struct match_report report;
	const struct heard *got;
	nanos anchor;

	if (x->config.rehearsal)
		return peer_rehearse(p, want, lost);
	anchor = peer_anchor(p, want->since);
	buffer_drop(&x->want, x->want.len);
	expect_text(&x->want, want, window);
	got = expect_next(p, want->flags, x->want.at, anchor + window.to, room_of(window));
	if (!expect_is_met(p, want, got, &report)) {
		expect_offer(p, want, got);
		if (want->flags == RST && got->flags == ACK)
			expect_more_of_cookies(p, RST, "an ACK came");
		expect_broken(p, got, want, x->want.at, report.text);
	}
	ladder_want(ladder_get(x, got->rung), x->want.at);
	peer_consume(p, lost);
	return got;
}

const struct heard *peer_expect(struct peer *p, const struct segment *template)
{
	return expect_one(p, template, false);
}

const struct heard *peer_expect_lost(struct peer *p, const struct segment *template)
{
	return expect_one(p, template, true);
}

nanos expect_closes(struct peer *p, const struct segment *templates, size_t n, nanos *room)
{
	nanos closes = 0;

	*room = NANOS_MAX;

	for (size_t i = 0; i < n; i++) {
		struct window window = exchange_window(p->exchange, templates[i].when);
		nanos end = peer_anchor(p, templates[i].since) + window.to;

		if (templates[i].nothing && i)
			continue;
		closes = end > closes ? end : closes;
		*room = room_of(window) < *room ? room_of(window) : *room;
	}
	return closes;
}

size_t peer_expect_any(struct peer *p, const struct heard **got, const struct segment *templates,
		       size_t n)
{
	struct exchange *x = p->exchange;
	struct match_report report = {.text = ""}, last;
	const struct heard *heard;
	nanos closes, room;
	size_t found = n;

	if (x->config.rehearsal) {
		heard = peer_rehearse(p, &templates[0], false);
		if (got)
			*got = heard;
		return 0;
	}
	buffer_drop(&x->want, x->want.len);
	for (size_t i = 0; i < n; i++) {
		if (i)
			buffer_text(&x->want, " or ");
		expect_text(&x->want, &templates[i], exchange_window(x, templates[i].when));
	}
	closes = expect_closes(p, templates, n, &room);
	heard = expect_next(p, n ? templates[0].flags : 0, x->want.at, closes, room);
	if (!match_wellformed(heard, &report))
		expect_broken(p, heard, NULL, x->want.at, report.text);
	for (size_t i = 0; i < n && found == n; i++) {
		nanos anchor = peer_anchor(p, templates[i].since);

		if (match_segment(&templates[i], heard, &last) &&
		    match_time(exchange_window(x, templates[i].when), heard->time - anchor, &last))
			found = i;
		else if (!report.text[0])
			report = last;
	}
	if (found == n)
		expect_broken(p, heard, n == 1 ? templates : NULL, x->want.at, report.text);
	ladder_want(ladder_get(x, heard->rung), x->want.at);
	peer_consume(p, false);
	if (got)
		*got = heard;
	return found;
}

/* Until this point of the capture's clock; the harness could have gone on from there. */
static bool wait_until(struct peer *p, nanos until, bool stop_at_segment, const char *what)
{
	struct exchange *x = p->exchange;
	bool heard = exchange_wait(x, stop_at_segment ? peer_has_heard : NULL, p,
				   exchange_deadline(x, until) + (stop_at_segment ? DELIVERY : 0),
				   what);

	if (!heard && until > x->could)
		x->could = until;
	return heard;
}

static void silence(struct peer *p, nanos until, nanos duration)
{
	struct exchange *x = p->exchange;
	char words[NANOS_TEXT_MAX], want[64];

	snprintf(want, sizeof(want), "silence for %s", nanos_text(duration, words));
	if (x->config.rehearsal) {
		x->rehearsed = until > x->rehearsed ? until : x->rehearsed;
		exchange_rung(x, p, RUNG_SILENCE, x->rehearsed, false, false, want, NULL);
		return;
	}
	if (wait_until(p, until, true, want)) {
		const struct heard *got = peer_head(p);

		if (got->time <= until)
			expect_broken(p, got, NULL, want, "a segment came where silence was due");
	}
	exchange_rung(x, p, RUNG_SILENCE, until, false, false, want, want);
}

/*
 * What the DUT does after a segment of ours is heard a round trip later: the silence that was due
 * after that, too.
 */
static nanos silence_until(struct peer *p, int since, nanos duration)
{
	const struct exchange *x = p->exchange;
	int rung = since ? since : p->anchor;
	nanos until = peer_anchor(p, since) + duration;

	if (rung && ladder_get(p->exchange, rung)->rung.kind == RUNG_SENT)
		until += x->config.path.rtt_least;
	return until;
}

void (expect_silence)(struct peer *p, nanos duration)
{
	nanos until = silence_until(p, 0, duration);
	nanos now = exchange_now(p->exchange);

	silence(p, until < now ? now + duration : until, duration);
}

void (expect_silence_until)(struct peer *p, int since, nanos duration)
{
	silence(p, silence_until(p, since, duration), duration);
}

void (peer_wait_until)(struct peer *p, int since, nanos duration)
{
	struct exchange *x = p->exchange;
	nanos until = peer_anchor(p, since) + duration;

	if (x->config.rehearsal) {
		x->rehearsed = until > x->rehearsed ? until : x->rehearsed;
		return;
	}
	wait_until(p, until, false, "a point of time");
}

void peer_forget(struct peer *p)
{
	while (p->first) {
		int anchor = p->anchor;
		uint32_t rcv_nxt = p->rcv_nxt;

		peer_consume(p, false);
		p->anchor = anchor;
		p->rcv_nxt = rcv_nxt;
	}
}

size_t (peer_listen)(struct peer *p, nanos duration)
{
	size_t n = 0;

	if (p->exchange->config.rehearsal)
		return 0;
	(peer_wait_until)(p, 0, duration + p->exchange->config.path.rtt);
	for (struct arrival *a = p->first; a; a = a->next)
		n++;
	return n;
}

const struct heard *peer_next(struct peer *p)
{
	const struct heard *got = peer_head(p);

	if (got)
		peer_consume(p, false);
	return got;
}

void peer_check(struct peer *p, bool condition, bool timed, const char *what, const char *format,
		...)
{
	struct exchange *x = p->exchange;
	char message[512], line[700];
	va_list args;

	if (condition || x->config.rehearsal)
		return;
	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	snprintf(line, sizeof(line), "%s (%s)", message, what);
	exchange_rung(x, p, RUNG_MISSING, clock_realtime(), false, true, message, what);
	exchange_break_as(x, timed ? BREAK_RATE : BREAK_CHECK, 0, "%s", line);
}

void peer_leave(struct peer *p, enum verdict verdict, const char *format, ...)
{
	char message[512];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	exchange_end(p->exchange, verdict, "%s", message);
}
