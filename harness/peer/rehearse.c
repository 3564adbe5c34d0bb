/*
 * A rehearsal: there is no DUT, and every expectation is met just as it is written, at the time
 * that its window names. It shows what ladder a case wants to see.
 */
#include "peer/inside.h"
#include <string.h>

/* A value that the span holds; of a range its upper end, so that a case that counts gets on. */
static uint32_t span_sample(struct span span, uint32_t otherwise)
{
	switch (span.kind) {
	case SPAN_IS:
		return span.low;
	case SPAN_FROM_TO:
		return span.high;
	case SPAN_ISNT:
		return otherwise == span.low ? otherwise + 1 : otherwise;
	case SPAN_UNSET:
		break;
	}
	return otherwise;
}

static void rehearse_options(struct heard *heard, const struct segment *want)
{
	struct heard_options *options = &heard->options;
	size_t len = 0;

	if (!options_encode(want->options, OPTIONS_MAX, options->bytes, &len))
		options_decode(options->bytes, len, options);
	if (want->mss.kind) {
		options->mss = (uint16_t)span_sample(want->mss, 1460);
		options->kinds |= WITHOUT(OPTION_MSS);
	}
	if (want->wscale.kind) {
		options->wscale = (uint8_t)span_sample(want->wscale, 7);
		options->kinds |= WITHOUT(OPTION_WSCALE);
	}
	if (want->tsval.kind || want->tsecr.kind) {
		options->tsval = span_sample(want->tsval, 1);
		options->tsecr = span_sample(want->tsecr, 1);
		options->kinds |= WITHOUT(OPTION_TIMESTAMPS);
	}
}

static void rehearse_segment(struct peer *p, const struct segment *want, struct heard *heard)
{
	uint32_t rcv_nxt = p->rcv_nxt - p->irs, snd_nxt = p->snd_nxt - p->iss;

	if (want->flags & SYN) {
		p->irs_known = true;
		rcv_nxt = 0;
	}
	heard->flags = want->flags;
	heard->seq = span_sample(want->seq, rcv_nxt);
	heard->ack = span_sample(want->ack, want->flags & ACK ? snd_nxt : 0);
	heard->raw_seq = span_sample(want->raw_seq, heard->seq + p->irs);
	heard->raw_ack = span_sample(want->raw_ack, heard->ack + p->iss);
	heard->window = (uint16_t)span_sample(want->window, 64240);
	heard->urgent = (uint16_t)span_sample(want->urgent, 0);
	heard->ttl = (uint8_t)span_sample(want->ttl, 64);
	heard->tos = (uint8_t)span_sample(want->tos, 0);
	heard->len = want->data.at ? (uint32_t)want->data.len : span_sample(want->len, 0);
	heard->len = heard->len > 65535 ? 65535 : heard->len;
	heard->checksum_good = true;
	heard->data_offset = 5;
	rehearse_options(heard, want);
}

const struct heard *peer_rehearse(struct peer *p, const struct segment *want, bool lost)
{
	struct exchange *x = p->exchange;
	struct window window = exchange_window(x, want->when);
	struct buffer words = {.at = NULL};
	struct arrival *a = exchange_alloc(x, sizeof(*a) + 65536);
	char when[WINDOW_TEXT_MAX];
	nanos time = peer_anchor(p, want->since);

	/* What must come within a limit comes at once; a timer takes its nominal time. */
	if (window.kind != WINDOW_WITHIN)
		time += window.nominal;
	rehearse_segment(p, want, &a->heard);
	a->heard.data = want->data.at ? want->data.at : (const uint8_t *)(a + 1);
	x->rehearsed = time > x->rehearsed ? time : x->rehearsed;
	a->heard.time = x->rehearsed;
	template_text(&words, want);
	buffer_printf(&words, "  %s", window_text(window, when));
	if (x->premise)
		buffer_printf(&words, "  %s", requirement_get(x->premise)->name);
	a->heard.rung = exchange_rung(x, p, RUNG_HEARD, x->rehearsed, true, false,
				      words.at ? words.at : "", NULL);
	buffer_free(&words);
	*p->last = a;
	p->last = &a->next;
	peer_consume(p, lost);
	return &a->heard;
}
