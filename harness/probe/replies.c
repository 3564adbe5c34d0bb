/*
 * What the wire hears: our own frames as they leave, and replies, each to its probe.
 */
#include "probe/inside.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* FNV-1a. */
uint64_t frame_mark(const uint8_t *frame, size_t len)
{
	uint64_t mark = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < len; i++)
		mark = (mark ^ frame[i]) * UINT64_C(1099511628211);
	return mark;
}

void leaving_note(struct run *run, const uint8_t *frame, size_t len)
{
	if (!run->sending)
		return;
	run->leaving[run->leaving_next] = (struct leaving){
		.mark = frame_mark(frame, len), .len = len, .flight = run->sending,
		.reset = run->resetting};
	run->leaving_next = (run->leaving_next + 1) % LEAVING_MAX;
}

static void tell(struct run *run, const struct probe_event *event)
{
	run->config->event(run->config->arg, event);
}

static void departed(struct run *run, const struct frame *frame)
{
	const uint64_t mark = frame_mark(frame->bytes, frame->captured);
	struct leaving *found = NULL;
	struct flight *flight;
	struct packet packet;

	for (size_t i = 0; i < LEAVING_MAX && !found; i++)
		if (run->leaving[i].flight && run->leaving[i].len == frame->len &&
		    run->leaving[i].mark == mark)
			found = &run->leaving[i];
	if (!found)
		return;
	flight = &run->flights[found->flight - 1];
	packet_parse(frame->bytes, frame->captured, frame->len, &packet);
	if (!found->reset) {
		flight->left = flight->last = frame->time;
		/* A first fragment is a part, or too short to be read: the segment is told. */
		if ((packet.kind != PACKET_TCP || run->config->crafted->fragment) &&
		    found->flight == run->count)
			packet = run->crafted;
	}
	tell(run, &(struct probe_event){
		.kind = found->reset ? PROBE_RESET : PROBE_SENT, .probe = flight->sent.number,
		.since = frame->time - flight->left, .packet = &packet, .bases = flight->bases});
	found->flight = 0;
}

/* The probe that this is the reply to: the latest of its port by the strongest rule. */
static struct flight *flight_find(struct run *run, const struct packet *packet, nanos time,
				  enum match_rule *rule)
{
	const uint16_t port = packet->kind == PACKET_ICMP ? packet->icmp.quoted_source_port
							  : packet->tcp.dest_port;
	struct flight *by_ports = NULL;
	unsigned count = 0;

	for (uint32_t at = run->by_port[port]; at; at = run->flights[at - 1].before) {
		struct flight *flight = &run->flights[at - 1];

		/* What came before it left is no answer to it. */
		if (time < flight->left)
			continue;
		*rule = match_reply(&flight->sent, run->config->ends.dest_port, packet);
		if (*rule == RULE_PORTS) {
			by_ports = flight;
			count++;
		} else if (*rule != RULE_NONE) {
			return flight;
		}
	}
	/* By ports alone, only where there is no other probe that it could be for. */
	*rule = RULE_PORTS;
	return count == 1 ? by_ports : NULL;
}

/* RFC 792; RFC 4443 2.1: the errors are below 128. */
static bool is_icmp_error(const struct packet *packet)
{
	const uint8_t type = packet->icmp.type;

	return packet->dest.family == 4 ? type == 3 || type == 4 || type == 5 || type == 11 ||
						  type == 12
					: type < 128;
}

/*
 * Is it for us at all? An ICMP error may come from anywhere, and quote too little. A source address
 * that is the machine's own has other conversations too, by other ports.
 */
static bool is_ours(const struct run *run, const struct packet *packet)
{
	const struct probe_config *config = run->config;
	const uint16_t port = packet->tcp.dest_port;

	if (!address_equal(&packet->dest, &config->ends.source))
		return false;
	if (packet->kind == PACKET_ICMP && !packet->icmp.quotes_tcp)
		return is_icmp_error(packet);
	if (packet->kind == PACKET_ICMP)
		return address_equal(&packet->icmp.quoted_source, &config->ends.source) &&
		       address_equal(&packet->icmp.quoted_dest, &config->ends.dest);
	if (packet->kind == PACKET_TCP && port != config->ends.source_port &&
	    (port < config->port_low || port > config->port_high))
		return false;
	return (packet->kind == PACKET_TCP || packet->kind == PACKET_MALFORMED) &&
	       address_equal(&packet->source, &config->ends.dest);
}

static void reply_judge(const struct run *run, const struct packet *packet,
			const uint32_t bases[2], struct probe_event *event,
			struct match_report *report)
{
	const struct expectation *expect = run->config->expect;
	struct heard heard;

	report->text[0] = '\0';
	event->judged = expect != NULL;
	event->difference = report->text;
	if (packet->kind != PACKET_TCP || packet->tcp.checksum_state == CHECKSUM_BAD) {
		event->expected = false;
		if (expect)
			snprintf(report->text, sizeof(report->text), "want %s, got %s",
				 expect->silence ? "silence" : "another segment",
				 reply_is_error(packet) ? "an ICMP error" : "one that is broken");
		return;
	}
	if (!expect) {
		event->expected = true;
		return;
	}
	heard_fill_from(packet, bases, &heard);
	event->expected = expectation_holds(expect, &heard, event->since, report);
}

/* What the first reply opened is closed, now or when the listening is over. */
static int reply_close(struct run *run, struct flight *flight, const struct packet *packet)
{
	const struct packet_tcp *tcp = &packet->tcp;
	bool opens;

	if (run->config->connected || run->config->leave || packet->kind == PACKET_MALFORMED)
		return 0;
	if (packet->kind == PACKET_TCP && tcp->checksum_state == CHECKSUM_BAD)
		return 0;
	/* One with a wrong acknowledgement does, too. */
	opens = packet->kind == PACKET_TCP && flight->sent.flags & SYN &&
		(tcp->flags & (SYN | ACK | RST)) == (SYN | ACK);
	flight_opened(run, flight, opens ? tcp->ack : 0);
	return opens && !run->config->listen ? run_reset(run, flight) : 0;
}

static int reply_first(struct run *run, struct flight *flight, const struct packet *packet,
		       struct probe_event *event)
{
	struct probe_summary *summary = run->summary;
	struct match_report report;
	bool late = flight->settled;

	reply_judge(run, packet, event->bases, event, &report);
	if (late)
		summary->unanswered--;
	else
		run->open--;
	flight->answered = flight->settled = true;
	if (reply_is_error(packet))
		summary->errors++;
	else
		summary->answered++;
	if (!event->expected)
		summary->unexpected++;
	if (!reply_is_error(packet) && summary_add_rtt(summary, event->since))
		return why_set(run->why, ENOMEM, "out of memory");
	tell(run, event);
	return reply_close(run, flight, packet);
}

static void reply_again_tell(struct run *run, struct flight *flight,
			     const struct reply_marks *marks, struct probe_event *event)
{
	event->kind = PROBE_AGAIN;
	event->again = reply_again(&flight->first, marks);
	if (event->again == AGAIN_DUPLICATE)
		run->summary->duplicates++;
	else if (event->again == AGAIN_RETRANSMITTED)
		run->summary->retransmitted++;
	tell(run, event);
}

static int reply_take(struct run *run, const struct packet *packet, nanos time)
{
	enum match_rule rule = RULE_NONE;
	struct flight *flight = flight_find(run, packet, time, &rule);
	struct reply_marks marks = reply_marks(packet, time);
	static const uint32_t absolute[2] = {0, 0};
	char meaning[MEANING_MAX];
	uint32_t bases[2];
	int r = 0;

	if (packet->kind == PACKET_MALFORMED)
		run->summary->malformed++;
	if (!flight) {
		run->summary->strays++;
		tell(run, &(struct probe_event){.kind = PROBE_STRAY, .packet = packet,
						.bases = absolute});
		return 0;
	}
	if (rule == RULE_PORTS && run->config->connected)
		rule = RULE_CONNECTION;
	if (packet->kind == PACKET_TCP && packet->tcp.flags & SYN && !run->config->connected &&
	    rule == RULE_ACK)
		flight->bases[1] = packet->tcp.seq;
	bases[0] = rule == RULE_PORTS ? 0 : flight->bases[1];
	bases[1] = rule == RULE_PORTS ? 0 : flight->bases[0];
	struct probe_event event = {
		.kind = PROBE_REPLY, .probe = flight->sent.number, .since = time - flight->left,
		.gap = time - flight->last, .packet = packet, .bases = bases, .rule = rule,
		.meaning = meaning_text(&flight->sent, packet, meaning)};

	flight->last = time;
	if (packet->kind == PACKET_TCP && packet->tcp.flags & ACK) {
		run->summary->acked = true;
		run->summary->ack = packet->tcp.ack;
	}
	if (packet->kind == PACKET_TCP && packet->tcp.flags & RST)
		run->summary->reset = true;
	if (flight->answered) {
		reply_again_tell(run, flight, &marks, &event);
	} else {
		flight->first = marks;
		r = reply_first(run, flight, packet, &event);
	}
	return r;
}

void run_silence(struct run *run, struct flight *flight)
{
	const struct expectation *expect = run->config->expect;
	char meaning[MEANING_MAX];
	struct probe_event event = {
		.kind = PROBE_SILENCE, .probe = flight->sent.number,
		.since = run->config->timeout, .judged = expect != NULL,
		.expected = expect && expect->silence, .difference = "",
		.meaning = run->summary->malformed ? "nothing that can be read"
						   : meaning_text(&flight->sent, NULL, meaning)};

	flight->settled = true;
	run->open--;
	run->summary->unanswered++;
	tell(run, &event);
}

int run_hear(struct run *run)
{
	struct frame frame;
	int r;

	while ((r = wire_next(run->config->wire, &frame, run->why)) > 0) {
		struct packet packet;

		if (frame.outgoing) {
			departed(run, &frame);
			continue;
		}
		packet_parse(frame.bytes, frame.captured, frame.len, &packet);
		if (!is_ours(run, &packet))
			continue;
		r = reply_take(run, &packet, frame.time);
		if (r)
			return r;
	}
	return r;
}
