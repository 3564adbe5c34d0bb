/*
 * A run's events as lines for people: a segment is what tcpdump prints, below it what it means.
 */
#include "probe/probe.h"
#include <stdio.h>

static void time_put(struct buffer *out, nanos since)
{
	const nanos micros = (since < 0 ? -since : since) / 1000;

	buffer_printf(out, "%c%5lld.%06lld ", since < 0 ? '-' : ' ', (long long)(micros / 1000000),
		      (long long)(micros % 1000000));
}

static void segment_put(struct buffer *out, const struct probe_event *event,
			const struct probe_style *style)
{
	if (style->several)
		buffer_printf(out, "#%-4u", event->probe);
	time_put(out, event->since);
	packet_text(out, event->packet, style->absolute ? NULL : event->bases);
	buffer_text(out, "\n");
}

static void words_begin(struct buffer *out, const struct probe_event *event,
			const struct probe_style *style)
{
	if (style->quiet && style->several)
		buffer_printf(out, "#%-4u", event->probe);
	else if (!style->quiet)
		buffer_printf(out, "%*s", style->several ? 19 : 14, "");
}

static void verdict_put(struct buffer *out, const struct probe_event *event)
{
	if (!event->judged)
		return;
	if (event->expected)
		buffer_text(out, ", as expected");
	else
		buffer_printf(out, ", not as expected%s%s", *event->difference ? ": " : "",
			      event->difference);
}

static void reply_put(struct buffer *out, const struct probe_event *event,
		      const struct probe_style *style)
{
	char rtt[NANOS_TEXT_MAX];

	words_begin(out, event, style);
	buffer_printf(out, "%s; rtt %s, matched by its %s", event->meaning,
		      nanos_text(event->since, rtt), rule_text(event->rule));
	verdict_put(out, event);
	buffer_text(out, "\n");
}

static void again_put(struct buffer *out, const struct probe_event *event,
		      const struct probe_style *style)
{
	static const char *const words[] = {
		[AGAIN_OTHER] = "and after it",
		[AGAIN_DUPLICATE] = "a duplicate",
		[AGAIN_RETRANSMITTED] = "sent again",
	};
	char gap[NANOS_TEXT_MAX];

	words_begin(out, event, style);
	buffer_printf(out, "%s: %s; %s after the one before\n", words[event->again], event->meaning,
		      nanos_text(event->gap, gap));
}

void probe_event_text(struct buffer *out, const struct probe_event *event,
		      const struct probe_style *style)
{
	char wait[NANOS_TEXT_MAX];

	switch (event->kind) {
	case PROBE_SENT:
	case PROBE_RESET:
		if (!style->quiet && (event->kind == PROBE_SENT || style->verbose))
			segment_put(out, event, style);
		break;
	case PROBE_REPLY:
		if (!style->quiet)
			segment_put(out, event, style);
		reply_put(out, event, style);
		break;
	case PROBE_AGAIN:
		if (!style->quiet)
			segment_put(out, event, style);
		again_put(out, event, style);
		break;
	case PROBE_STRAY:
		if (style->quiet || (!style->verbose && event->packet->kind != PACKET_MALFORMED))
			break;
		buffer_printf(out, "%*s", style->several ? 19 : 14, "");
		packet_text(out, event->packet, NULL);
		buffer_text(out, " (no answer to a probe)\n");
		break;
	case PROBE_SILENCE:
		/* Its segment is lines above, where there are others between. */
		if (style->several)
			buffer_printf(out, "#%-4u%*s", event->probe, style->quiet ? 0 : 14, "");
		else
			words_begin(out, event, style);
		buffer_printf(out, "%s within %s", event->meaning, nanos_text(event->since, wait));
		verdict_put(out, event);
		buffer_text(out, "\n");
		break;
	}
}

static void count_put(struct buffer *out, unsigned n, const char *one, const char *several)
{
	if (n)
		buffer_printf(out, ", %u %s", n, n == 1 ? one : several);
}

void probe_summary_text(struct buffer *out, struct probe_summary *summary, const char *target)
{
	char min[NANOS_TEXT_MAX], mean[NANOS_TEXT_MAX], median[NANOS_TEXT_MAX];
	char p99[NANOS_TEXT_MAX], max[NANOS_TEXT_MAX];
	const unsigned lost = summary->sent - summary->answered - summary->errors;
	struct rtt_figures figures;

	buffer_printf(out, "--- %s: %u sent, %u answered", target, summary->sent,
		      summary->answered);
	count_put(out, summary->errors, "ICMP error", "ICMP errors");
	count_put(out, summary->duplicates, "duplicate", "duplicates");
	count_put(out, summary->retransmitted, "sent again", "sent again");
	count_put(out, summary->malformed, "malformed", "malformed");
	count_put(out, summary->strays, "no answer to a probe", "no answers to a probe");
	buffer_printf(out, ", %.4g %% lost",
		      summary->sent ? 100.0 * (double)lost / (double)summary->sent : 0.0);
	if (summary_figures(summary, &figures))
		buffer_printf(out, "\n    rtt min %s, avg %s, p50 %s, p99 %s, max %s",
			      nanos_text(figures.min, min), nanos_text(figures.mean, mean),
			      nanos_text(figures.median, median), nanos_text(figures.p99, p99),
			      nanos_text(figures.max, max));
	buffer_text(out, "\n");
}
