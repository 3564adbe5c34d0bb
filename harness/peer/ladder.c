/*
 * The ladder: rungs in the order in which they happened, told to the observer when there is time.
 */
#include "peer/inside.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

void ladder_bound(struct exchange *x)
{
	if (!x->limit || x->full || x->count < x->limit)
		return;
	x->full = true;
	exchange_end(x, VERDICT_INCONCLUSIVE,
		     "the limit of %zu segments and other events was reached", x->limit);
}

struct entry *ladder_entry(struct exchange *x, struct peer *p, enum rung_kind kind)
{
	struct entry *entry;

	if (x->config.rehearsal && x->count >= REHEARSAL_RUNGS_MAX)
		exchange_end(x, VERDICT_PASS, "and so on");
	ladder_bound(x);
	if (x->count == x->cap) {
		size_t cap = x->cap ? x->cap * 2 : 64;
		struct entry *grown = realloc(x->entries, cap * sizeof(*grown));

		if (!grown)
			exchange_end(x, VERDICT_ERROR, "out of memory for the ladder");
		x->entries = grown;
		x->cap = cap;
	}
	entry = &x->entries[x->count++];
	*entry = (struct entry){.rung = {.number = (int)x->count, .kind = kind,
		.peer = p ? p->number : 0}};
	return entry;
}

struct entry *ladder_get(struct exchange *x, int rung)
{
	if (rung < 1 || (size_t)rung > x->count)
		exchange_end(x, VERDICT_ERROR, "the case names rung %d, and there are %zu", rung,
			     x->count);
	return &x->entries[rung - 1];
}

void ladder_want(struct entry *entry, const char *want)
{
	free(entry->want);
	entry->want = strdup(want);
}

/* "S. seq 0, ack 1, win 64240, length 0": the flags stand on the arrow, so they come first. */
static void entry_words(struct buffer *out, const struct entry *entry, bool absolute)
{
	struct buffer line = {.at = NULL};
	char flags[FLAGS_TEXT_MAX];
	const char *rest;

	packet_tcp_text(&line, &entry->tcp, absolute ? NULL : entry->bases, entry->out_of_place);
	rest = line.at ? strstr(line.at, "], ") : NULL;
	buffer_printf(out, "%s %s", flags_text(entry->tcp.flags, flags), rest ? rest + 3 : "");
	if (entry->ip_options)
		buffer_printf(out, "  (%zu bytes of IP options)", entry->ip_options);
	if (entry->from)
		buffer_printf(out, "  (from %s)", entry->from);
	if (entry->to)
		buffer_printf(out, "  (to %s)", entry->to);
	buffer_free(&line);
}

static void entry_tell(struct exchange *x, struct entry *entry)
{
	struct buffer words = {.at = NULL};
	struct rung rung = entry->rung;

	if (entry->has_tcp)
		entry_words(&words, entry, x->absolute);
	else
		buffer_text(&words, entry->text ? entry->text : "");
	rung.text = words.failed ? "" : words.at;
	rung.want = entry->want;
	x->config.observer.rung(x->config.observer.arg, &rung);
	buffer_free(&words);
}

void ladder_tell(struct exchange *x, bool all)
{
	for (; x->told < x->count; x->told++) {
		struct entry *entry = &x->entries[x->told];

		if (!all && (entry->waits || !entry->timed))
			break;
		entry_tell(x, entry);
	}
}

int exchange_rung(struct exchange *x, struct peer *p, enum rung_kind kind, nanos time, bool anchor,
		  bool broken, const char *words, const char *want)
{
	struct entry *entry = ladder_entry(x, p, kind);

	entry->rung.time = time;
	entry->rung.broken = broken;
	entry->timed = true;
	entry->text = strdup(words);
	if (want)
		ladder_want(entry, want);
	if (anchor && p)
		p->anchor = entry->rung.number;
	return entry->rung.number;
}

/* Which entry: by number, because the ladder moves in memory when it grows. */
struct place {
	struct exchange *exchange;
	int rung;
};

static bool rung_timed(void *arg)
{
	const struct place *place = arg;

	return ladder_get(place->exchange, place->rung)->timed;
}

nanos (rung_time)(struct peer *p, int rung)
{
	struct exchange *x = p->exchange;
	struct place place = {x, rung};

	/* A segment of ours is timed when the capture has shown it leaving: at once, or never. */
	if (!rung_timed(&place) && !x->config.rehearsal &&
	    !exchange_wait(x, rung_timed, &place, clock_monotonic() + sec(1),
			   "our own segment's leaving"))
		exchange_end(x, VERDICT_INCONCLUSIVE,
			     "the capture did not show rung %d, a segment of ours", rung);
	return ladder_get(x, rung)->rung.time;
}

void peer_move_anchor(struct peer *p, nanos time)
{
	p->moved = time;
	p->moved_from = p->anchor;
}

nanos peer_anchor(struct peer *p, int since)
{
	int rung = since ? since : p->anchor;

	if (!since && p->moved && p->moved_from == p->anchor)
		return p->moved;
	if (rung)
		return rung_time(p, rung);
	return p->exchange->config.rehearsal ? p->exchange->rehearsed : clock_realtime();
}
