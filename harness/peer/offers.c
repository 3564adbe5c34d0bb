/*
 * What the two SYNs of a connection offer each other.
 *
 * Timestamps and window scale (RFC 7323), SACK (RFC 2018) and ECN (RFC 3168) are in use if both
 * ends offer them, and each end is free not to. So a case that wants one of these options on a SYN
 * or SYN-ACK of the DUT is about something that this DUT may lack: its claim is skipped, and no
 * requirement is broken. The same holds for a window that is smaller than a case needs.
 */
#include "peer/inside.h"

/* The options that a DUT is free not to offer. */
static const struct {
	enum option_kind kind;
	const char *words;
} free_options[] = {
	{OPTION_TIMESTAMPS, "timestamps"},
	{OPTION_WSCALE, "a window scale"},
	{OPTION_SACK_PERMITTED, "SACK"},
};
#define FREE_OPTIONS (sizeof(free_options) / sizeof(free_options[0]))

uint32_t peer_stamp(const struct peer *p)
{
	return (uint32_t)(clock_monotonic() / ms(1)) + p->ts_base;
}

void peer_offer(struct peer *p, unsigned flags, const struct heard_options *offer)
{
	if (offer->kinds & ~p->offered & WITHOUT(OPTION_TIMESTAMPS)) {
		p->ts_base = 0;
		p->ts_base = offer->tsval - peer_stamp(p);
	}
	p->offered |= offer->kinds;
	/* A SYN-ACK answers: it asks for nothing. */
	if (!(flags & ACK))
		p->asked = flags & ECN_FLAGS;
}

/* The kinds of the options that a template wants to be there. */
static uint64_t wanted(const struct segment *want)
{
	uint64_t kinds = 0;

	if (want->tsval.kind || want->tsecr.kind)
		kinds |= WITHOUT(OPTION_TIMESTAMPS);
	if (want->wscale.kind)
		kinds |= WITHOUT(OPTION_WSCALE);
	for (size_t i = 0; i < OPTIONS_MAX; i++)
		if (want->options[i].used && want->options[i].kind < 64)
			kinds |= WITHOUT(want->options[i].kind);
	return kinds;
}

/* Takes out of a template what it wants of options of this kind. */
static void want_no_more(struct segment *want, enum option_kind kind)
{
	if (kind == OPTION_TIMESTAMPS)
		want->tsval = want->tsecr = (struct span){.kind = SPAN_UNSET};
	if (kind == OPTION_WSCALE)
		want->wscale = (struct span){.kind = SPAN_UNSET};
	for (size_t i = 0; i < OPTIONS_MAX; i++)
		if (want->options[i].kind == kind)
			want->options[i].used = false;
}

/*
 * A SYN-ACK may have the options of our SYN only. An option that the DUT has offered once on this
 * connection is not lacking lawfully when the SYN comes again without it.
 */
const char *peer_lacks(const struct peer *p, const struct segment *want, const struct heard *got,
		       struct segment *rest)
{
	uint64_t kinds = wanted(want) & ~got->options.kinds & ~p->dut_offered;
	const char *words = NULL;

	*rest = *want;
	if (!(got->flags & SYN) || got->flags & RST)
		return NULL;
	if (got->flags & ACK)
		kinds &= p->offered;
	for (size_t i = 0; i < FREE_OPTIONS; i++) {
		if (!(kinds & WITHOUT(free_options[i].kind)))
			continue;
		want_no_more(rest, free_options[i].kind);
		words = words ? words : free_options[i].words;
	}
	return words;
}

void (need_window)(struct peer *p, uint32_t n)
{
	uint32_t room = p->edge - p->snd_nxt;

	if (p->exchange->config.rehearsal || (room < UINT32_C(1) << 31 && room >= n))
		return;
	exchange_end(p->exchange, VERDICT_SKIP,
		     "the DUT's window has room for %u bytes, and the claim needs %u",
		     room < UINT32_C(1) << 31 ? room : 0, n);
}
