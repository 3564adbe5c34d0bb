/*
 * A run's events as lines of JSON. Numbers of segments are absolute.
 */
#include "probe/probe.h"
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

static double seconds(nanos n)
{
	return (double)n / 1e9;
}

static int line_put(struct buffer *out, json_t *object)
{
	char *line = object ? json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII |
						 JSON_REAL_PRECISION(15)) : NULL;

	json_decref(object);
	if (!line)
		return -ENOMEM;
	buffer_text(out, line);
	buffer_text(out, "\n");
	free(line);
	return out->failed ? -ENOMEM : 0;
}

/* What could not be made is left out; json_dumps() then meets an object that lacks it. */
static void put(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

static void hex_put(json_t *object, const char *key, const uint8_t *bytes, size_t n)
{
	struct buffer hex = {.at = NULL};

	for (size_t i = 0; i < n; i++)
		buffer_printf(&hex, "%02x", bytes[i]);
	if (n && !hex.failed)
		put(object, key, json_string(hex.at));
	buffer_free(&hex);
}

static void tcp_put(json_t *object, const struct packet_tcp *tcp)
{
	char flags[FLAGS_TEXT_MAX];
	struct buffer options = {.at = NULL};

	put(object, "source_port", json_integer(tcp->source_port));
	put(object, "dest_port", json_integer(tcp->dest_port));
	put(object, "flags", json_string(flags_text(tcp->flags, flags)));
	put(object, "seq", json_integer(tcp->seq));
	put(object, "ack", json_integer(tcp->ack));
	put(object, "window", json_integer(tcp->window));
	put(object, "urgent", json_integer(tcp->urgent));
	put(object, "length", json_integer((json_int_t)(tcp->len + tcp->cut)));
	put(object, "checksum_good", tcp->checksum_state == CHECKSUM_UNKNOWN
					     ? json_null()
					     : json_boolean(tcp->checksum_state == CHECKSUM_GOOD));
	options_text(&options, tcp->options, tcp->option_bytes);
	put(object, "options", json_string(options.at ? options.at : ""));
	hex_put(object, "data", tcp->data, tcp->len);
	buffer_free(&options);
}

static void packet_put(json_t *object, const struct packet *packet)
{
	char words[ADDRESS_TEXT_MAX];

	if (packet->source.family) {
		put(object, "source", json_string(address_text(&packet->source, words)));
		put(object, "dest", json_string(address_text(&packet->dest, words)));
		put(object, "ttl", json_integer(packet->ttl));
		put(object, "tos", json_integer(packet->tos));
		put(object, "ip_id", json_integer(packet->ip_id));
	}
	if (packet->kind == PACKET_TCP)
		tcp_put(object, &packet->tcp);
	if (packet->kind == PACKET_ICMP) {
		put(object, "icmp_type", json_integer(packet->icmp.type));
		put(object, "icmp_code", json_integer(packet->icmp.code));
		put(object, "icmp_parameter", json_integer(packet->icmp.parameter));
	}
	if (packet->kind == PACKET_MALFORMED)
		put(object, "fault", json_string(packet->fault));
}

int probe_event_json(struct buffer *out, const struct probe_event *event)
{
	static const char *const names[] = {
		[PROBE_SENT] = "sent",	 [PROBE_REPLY] = "reply", [PROBE_AGAIN] = "again",
		[PROBE_STRAY] = "stray", [PROBE_RESET] = "reset", [PROBE_SILENCE] = "silence",
	};
	static const char *const agains[] = {
		[AGAIN_OTHER] = "other",
		[AGAIN_DUPLICATE] = "duplicate",
		[AGAIN_RETRANSMITTED] = "retransmitted",
	};
	json_t *object = json_object();

	if (!object)
		return -ENOMEM;
	put(object, "event", json_string(names[event->kind]));
	if (event->probe)
		put(object, "probe", json_integer(event->probe));
	put(object, "seconds", json_real(seconds(event->since)));
	if (event->kind == PROBE_AGAIN) {
		put(object, "gap", json_real(seconds(event->gap)));
		put(object, "again", json_string(agains[event->again]));
	}
	if (event->kind == PROBE_REPLY)
		put(object, "rtt", json_real(seconds(event->since)));
	if (event->rule)
		put(object, "rule", json_string(rule_text(event->rule)));
	if (event->meaning)
		put(object, "meaning", json_string(event->meaning));
	if (event->judged) {
		put(object, "expected", json_boolean(event->expected));
		put(object, "difference", json_string(event->difference));
	}
	if (event->packet)
		packet_put(object, event->packet);
	return line_put(out, object);
}

int probe_summary_json(struct buffer *out, struct probe_summary *summary, const char *target)
{
	json_t *object = json_object();
	struct rtt_figures figures;

	if (!object)
		return -ENOMEM;
	put(object, "event", json_string("summary"));
	put(object, "target", json_string(target));
	put(object, "sent", json_integer(summary->sent));
	put(object, "answered", json_integer(summary->answered));
	put(object, "errors", json_integer(summary->errors));
	put(object, "unexpected", json_integer(summary->unexpected));
	put(object, "unanswered", json_integer(summary->unanswered));
	put(object, "duplicates", json_integer(summary->duplicates));
	put(object, "retransmitted", json_integer(summary->retransmitted));
	put(object, "strays", json_integer(summary->strays));
	put(object, "malformed", json_integer(summary->malformed));
	put(object, "dropped", json_integer(summary->dropped));
	if (summary_figures(summary, &figures)) {
		json_t *rtt = json_object();

		put(rtt, "min", json_real(seconds(figures.min)));
		put(rtt, "avg", json_real(seconds(figures.mean)));
		put(rtt, "p50", json_real(seconds(figures.median)));
		put(rtt, "p99", json_real(seconds(figures.p99)));
		put(rtt, "max", json_real(seconds(figures.max)));
		put(object, "rtt", rtt);
	}
	return line_put(out, object);
}
