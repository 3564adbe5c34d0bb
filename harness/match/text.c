/*
 * Templates, windows and durations in words.
 */
#include "match/match.h"
#include "packet/packet.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A unit, and how fine a duration is shown that has up to so many whole digits of it. */
struct step {
	const char *unit;
	uint64_t size;	     /* ns */
	uint64_t below;	     /* the step serves what rounds to less than this, ns */
	uint64_t resolution; /* ns */
	int decimals;
};

static const struct step steps[] = {
	{"ns", 1, 1000, 1, 0},
	{"us", 1000, 1000000, 100, 1},
	{"ms", 1000000, 10000000, 1000, 3},
	{"ms", 1000000, 100000000, 10000, 2},
	{"ms", 1000000, 1000000000, 100000, 1},
	{"s", 1000000000, UINT64_MAX, 1000000, 3},
};

static void step_print(const struct step *step, bool negative, uint64_t size, char *out)
{
	const char *sign = negative ? "-" : "";
	uint64_t rounded = (size + step->resolution / 2) / step->resolution;
	uint64_t per_unit = step->size / step->resolution;

	if (size % step->size)
		snprintf(out, NANOS_TEXT_MAX, "%s%" PRIu64 ".%0*" PRIu64 " %s", sign,
			 rounded / per_unit, step->decimals, rounded % per_unit, step->unit);
	else
		snprintf(out, NANOS_TEXT_MAX, "%s%" PRIu64 " %s", sign, size / step->size,
			 step->unit);
}

const char *nanos_text(nanos duration, char out[NANOS_TEXT_MAX])
{
	uint64_t size = duration < 0 ? -(uint64_t)duration : (uint64_t)duration;
	const struct step *step = steps;

	if (!size) {
		snprintf(out, NANOS_TEXT_MAX, "0 s");
		return out;
	}
	/* What rounds up to the next step belongs there: 999.96 ms is 1.000 s. */
	while (size >= step->below - step->resolution / 2)
		step++;
	step_print(step, duration < 0, size, out);
	return out;
}

/* A bound of a window, in seconds where its nominal is: 0.998 s stands beside 1 s. */
static const char *bound_text(nanos bound, nanos nominal, char out[NANOS_TEXT_MAX])
{
	const struct step *seconds = &steps[sizeof(steps) / sizeof(steps[0]) - 1];

	if (bound >= ms(1) && nominal >= sec(1))
		step_print(seconds, false, (uint64_t)bound, out);
	else
		nanos_text(bound, out);
	return out;
}

const char *window_text(struct window window, char out[WINDOW_TEXT_MAX])
{
	char nominal[NANOS_TEXT_MAX], from[NANOS_TEXT_MAX], to[NANOS_TEXT_MAX];
	const char *verb = window.kind == WINDOW_ABOUT ? "after about" : "not before";

	if (window.kind == WINDOW_UNSET)
		window = window_scaled(window, 1);
	nanos_text(window.nominal, nominal);
	bound_text(window.from, window.nominal, from);
	bound_text(window.to, window.nominal, to);
	if (window.kind == WINDOW_WITHIN && window.to == NANOS_MAX)
		snprintf(out, WINDOW_TEXT_MAX, "at any time");
	else if (window.kind == WINDOW_WITHIN)
		snprintf(out, WINDOW_TEXT_MAX, "within %s", nanos_text(window.to, to));
	else if (window.kind == WINDOW_BETWEEN && window.to == NANOS_MAX)
		snprintf(out, WINDOW_TEXT_MAX, "not before %s", nanos_text(window.from, from));
	else if (window.kind == WINDOW_BETWEEN)
		snprintf(out, WINDOW_TEXT_MAX, "between %s and %s", nanos_text(window.from, from),
			 nanos_text(window.to, to));
	else
		snprintf(out, WINDOW_TEXT_MAX, "%s %s [%s, %s]", verb, nominal, from, to);
	return out;
}

static void span_put(struct buffer *out, const char *name, struct span span)
{
	char words[SPAN_TEXT_MAX];

	if (span.kind != SPAN_UNSET)
		buffer_printf(out, " %s %s", name, span_text(span, words));
}

static void options_put(struct buffer *out, const struct segment *template)
{
	const char *before = " <";

	for (size_t i = 0; i < OPTIONS_MAX; i++) {
		uint8_t bytes[OPTION_BYTES_MAX];
		size_t n;

		if (!template->options[i].used)
			continue;
		buffer_text(out, before);
		before = ",";
		/* One at a time, so that one with a length that lies hides none behind it. */
		if (options_encode(&template->options[i], 1, bytes, &n))
			buffer_text(out, "too large");
		else
			options_text(out, bytes, n);
	}
	if (*before == ',')
		buffer_text(out, ">");
}

static void without_put(struct buffer *out, uint64_t without)
{
	const char *before = " without ";
	char name[OPTION_NAME_MAX];

	if (without == WITHOUT_ANY) {
		buffer_text(out, " without options");
		return;
	}
	for (unsigned kind = 0; kind < 64; kind++) {
		if (!(without & WITHOUT(kind)))
			continue;
		buffer_printf(out, "%s%s", before, option_name((uint8_t)kind, name));
		before = ",";
	}
}

void template_text(struct buffer *out, const struct segment *template)
{
	char flags[FLAGS_TEXT_MAX];

	buffer_text(out, flags_text(template->flags, flags));
	if (template->psh && !(template->flags & PSH))
		buffer_text(out, " without PSH");
	if (template->ecn && !(template->flags & ECN_FLAGS))
		buffer_text(out, " without ECN");
	span_put(out, "seq", template->seq);
	span_put(out, "ack", template->ack);
	span_put(out, "raw seq", template->raw_seq);
	span_put(out, "raw ack", template->raw_ack);
	span_put(out, "win", template->window);
	span_put(out, "urg", template->urgent);
	options_put(out, template);
	span_put(out, "mss", template->mss);
	span_put(out, "wscale", template->wscale);
	span_put(out, "TS val", template->tsval);
	span_put(out, "TS ecr", template->tsecr);
	without_put(out, template->without);
	span_put(out, "length", template->len);
	if (template->data.at)
		buffer_printf(out, " %zu bytes of data", template->data.len);
	span_put(out, "ttl", template->ttl);
	span_put(out, "tos", template->tos);
	span_put(out, "data offset", template->data_offset);
	span_put(out, "reserved", template->reserved);
	span_put(out, "cksum", template->checksum);
	if (template->ip_options.len)
		buffer_printf(out, " %zu bytes of IP options", template->ip_options.len);
	if (template->from)
		buffer_printf(out, " from %s", template->from);
	if (template->to)
		buffer_printf(out, " to %s", template->to);
	if (template->lies & LIE_BAD_CHECKSUM)
		buffer_text(out, " bad cksum");
	if (template->lies & LIE_ZERO_CHECKSUM)
		buffer_text(out, " zero cksum");
	if (template->lies & LIE_NO_PSEUDO_HEADER)
		buffer_text(out, " cksum without pseudo-header");
	if (template->lies & LIE_LAST_BYTE)
		buffer_text(out, " last byte inverted");
	if (template->lies & LIE_SUM_OF_ZERO)
		buffer_text(out, " sum of zero");
	if (template->lies & LIE_NO_OPTIONS)
		buffer_text(out, " no options");
}
