/*
 * In which way a segment is not the expected one. Module verdict decides which of these ways the
 * path to a host explains.
 */
#include "peer/inside.h"

/* Has an earlier segment of the connection the same flags, numbers and length? */
static bool is_repeated(struct peer *p, const struct heard *got)
{
	const struct entry *now = ladder_get(p->exchange, got->rung);

	for (int rung = 1; rung < got->rung; rung++) {
		const struct entry *entry = ladder_get(p->exchange, rung);

		if (entry->has_tcp && entry->rung.peer == p->number &&
		    (entry->rung.kind == RUNG_HEARD || entry->rung.kind == RUNG_HEARD_LOST) &&
		    entry->tcp.flags == now->tcp.flags && entry->tcp.seq == now->tcp.seq &&
		    entry->tcp.ack == now->tcp.ack && entry->tcp.len == now->tcp.len)
			return true;
	}
	return false;
}

/* Does it begin after the data that is expected next? Numbers are compared modulo 2^32. */
static bool is_ahead(const struct peer *p, const struct heard *got)
{
	return p->irs_known && !(got->flags & (SYN | RST)) &&
	       (int32_t)(got->raw_seq - p->rcv_nxt) > 0;
}

enum break_kind break_kind_of(struct peer *p, const struct heard *got, const struct segment *want,
			      nanos *off)
{
	struct segment rest;
	struct window window;
	nanos elapsed;

	if (!match_wellformed(got, NULL))
		return BREAK_FORM;
	if (want && match_segment(want, got, NULL)) {
		window = exchange_window(p->exchange, want->when);
		elapsed = got->time - peer_anchor(p, want->since);
		*off = elapsed < window.from ? window.from - elapsed : elapsed - window.to;
		return elapsed < window.from ? BREAK_EARLY : BREAK_LATE;
	}
	if (is_repeated(p, got))
		return BREAK_REPEATED;
	if (is_ahead(p, got))
		return BREAK_ORDER;
	if (!want || (want->flags ^ got->flags) & (SYN | FIN | RST | ACK))
		return BREAK_UNEXPECTED;
	rest = *want;
	rest.len = (struct span){.kind = SPAN_UNSET};
	rest.data = (struct bytes){.at = NULL};
	return match_segment(&rest, got, NULL) ? BREAK_LENGTH : BREAK_VALUE;
}
