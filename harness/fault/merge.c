/*
 * Joins TCP segments. A segment that waits for its continuation is an event of the next stage,
 * due when the wait ends; a continuation is appended to it where it stands in the queue, and a
 * segment that ends the wait makes it due at once.
 */
#include "fault/channel.h"
#include "packet/packet.h"
#include <stdlib.h>
#include <string.h>

static bool same_mac(const struct mac *a, const struct mac *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static bool same_flow(const struct packet *a, const struct packet *b)
{
	return same_mac(&a->source_mac, &b->source_mac) && same_mac(&a->dest_mac, &b->dest_mac) &&
	       a->has_vlan == b->has_vlan && a->vlan == b->vlan &&
	       address_equal(&a->source, &b->source) && address_equal(&a->dest, &b->dest) &&
	       a->tcp.source_port == b->tcp.source_port && a->tcp.dest_port == b->tcp.dest_port;
}

/* Does next continue the segment first, as GRO asks? The sum of an open checksum is unknown. */
static bool continues(const struct packet *first, const struct packet *next)
{
	const struct packet_tcp *a = &first->tcp, *b = &next->tcp;

	return b->seq == (uint32_t)(a->seq + a->len) && a->ack == b->ack &&
	       a->window == b->window &&
	       (b->flags & ~(unsigned)(PSH | FIN)) == (a->flags & ~(unsigned)PSH) &&
	       a->reserved == b->reserved && first->ttl == next->ttl && first->tos == next->tos &&
	       first->flow_label == next->flow_label &&
	       first->dont_fragment == next->dont_fragment &&
	       a->option_bytes == b->option_bytes &&
	       !memcmp(a->options, b->options, a->option_bytes);
}

/* May a segment be merged with others at all? */
static bool has_plain_data(const struct packet *packet)
{
	const struct packet_tcp *tcp = &packet->tcp;

	return tcp->len && !(tcp->flags & ~(unsigned)(ACK | PSH | FIN)) && tcp->flags & ACK &&
	       tcp->checksum_state == CHECKSUM_GOOD && !packet->ip_checksum_bad;
}

static size_t ip_start(const struct packet *packet)
{
	return packet->has_vlan ? 18 : 14;
}

/* Appends next's data to the waiting segment. Returns false without memory. */
static bool append(struct event *waiting, const struct packet *first, const struct packet *next)
{
	const size_t end = (size_t)(first->tcp.data - waiting->frame->bytes) + first->tcp.len;
	const size_t len = end + next->tcp.len;
	struct packet packet = *first;
	struct fault_frame *frame = waiting->frame;

	if (len > waiting->room) {
		frame = realloc(frame, sizeof(*frame) + 2 * len);
		if (!frame)
			return false;
		waiting->frame = frame;
		waiting->room = 2 * len;
	}
	memcpy(frame->bytes + end, next->tcp.data, next->tcp.len);
	frame->len = len;
	packet.set_ip_length = true;
	packet.ip_length =
		(uint16_t)(len - ip_start(&packet) - (packet.source.family == 4 ? 0 : 40));
	/* The flags of the end are the last segment's. */
	frame->bytes[end - first->tcp.len - first->tcp.data_offset * 4u + 13] |=
		(uint8_t)(next->tcp.flags & (PSH | FIN));
	return !packet_apply_lies(&packet, frame->bytes, len);
}

/* Ends the wait: the segment leaves this stage at the time now. */
static void release(struct fault_channel *channel, struct event *waiting, nanos now)
{
	TAILQ_REMOVE(&channel->events, waiting, next);
	waiting->held = false;
	waiting->at = now;
	channel_insert(channel, waiting);
}

/* The segment of the same connection that waits at this stage, parsed into out; or NULL. */
static struct event *find_waiting(struct fault_channel *channel, size_t stage,
				  const struct packet *packet, struct packet *out)
{
	struct event *event;

	TAILQ_FOREACH(event, &channel->events, next) {
		if (!event->held || event->stage != stage + 1)
			continue;
		packet_parse(event->frame->bytes, event->frame->len, event->frame->len, out);
		if (same_flow(out, packet))
			return event;
	}
	return NULL;
}

void merge_take(struct fault_channel *channel, struct event *event)
{
	const struct fault *fault = &channel->stages[event->stage].fault;
	const size_t stage = event->stage++;
	struct packet packet, first;
	struct event *waiting;

	packet_parse(event->frame->bytes, event->frame->len, event->frame->len, &packet);
	if (packet.kind != PACKET_TCP) {
		channel_insert(channel, event);
		return;
	}
	waiting = find_waiting(channel, stage, &packet, &first);
	if (waiting && has_plain_data(&packet) && continues(&first, &packet) &&
	    waiting->frame->len - ip_start(&first) + packet.tcp.len <= fault->bytes &&
	    append(waiting, &first, &packet)) {
		channel->counts.merged++;
		if (packet.tcp.flags & FIN)
			release(channel, waiting, event->at);
		event_free(event);
		return;
	}
	if (waiting)
		release(channel, waiting, event->at);
	if (has_plain_data(&packet) && !(packet.tcp.flags & FIN)) {
		event->held = true;
		event->at += fault->time;
	}
	channel_insert(channel, event);
}
