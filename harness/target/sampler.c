/*
 * Requests to a host and the replies: ICMP echo (RFC 792, RFC 4443 4), ARP (RFC 826), neighbour
 * solicitations (RFC 4861 7.2), SYNs.
 *
 * An echo request carries this process's nonce and its number, and a SYN both in its sequence
 * number. A neighbour's reply names no request: it belongs to the last one, so that reordering does
 * not show in it.
 */
#include "target/sampler.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define CHOOSE_TRIES 3
#define CHOOSE_PATIENCE ms(300)
/* A SYN-ACK that comes later is a retransmission, since the RST to the first one was lost. */
#define SYN_COPY_TIME ms(500)
#define ECHO_BODY 12u
#define TTL 64

static bool is_syn(const struct sampler *sampler, unsigned number)
{
	return sampler->by == PATH_SYN || (sampler->syns_too && number % 2);
}

/* Where a SYN of this number comes from, goes to, and begins. */
static uint16_t syn_port(const struct sampler *sampler, unsigned number)
{
	const unsigned ports = (unsigned)(sampler->port_high - sampler->port_low) + 1;

	return (uint16_t)(sampler->port_low + number % ports);
}

static uint16_t syn_to(const struct sampler *sampler)
{
	const struct lab_target *target = sampler->target;

	/* A closed port keeps nothing of a SYN; a service may have lost segments of its own. */
	return sampler->syns_too || !target->closed_port ? target->port : target->closed_port;
}

static uint32_t syn_isn(const struct sampler *sampler, unsigned number)
{
	return (uint32_t)(sampler->nonce >> 32) + number;
}

static struct packet packet_to(const struct sampler *sampler, enum packet_kind kind)
{
	const struct link *link = sampler->target->link;

	return (struct packet){.kind = kind,
			       .source_mac = link->own_mac,
			       .dest_mac = link->next_mac,
			       .source = link->source,
			       .dest = link->target,
			       .ttl = TTL};
}

static int frame_send(struct sampler *sampler, const struct packet *packet, struct why *why)
{
	uint8_t frame[128];
	size_t len;
	int r = packet_encode(packet, frame, sizeof(frame), &len);

	return r ? why_set(why, -r, "a request cannot be encoded")
		 : wire_send_bytes(sampler->wire, frame, len, why);
}

static int echo_send(struct sampler *sampler, unsigned number, struct why *why)
{
	struct packet packet = packet_to(sampler, PACKET_ICMP);
	uint8_t body[ECHO_BODY];
	const uint32_t n = number;

	memcpy(body, &sampler->nonce, 8);
	memcpy(body + 8, &n, 4);
	packet.icmp = (struct packet_icmp){.type = packet.source.family == 4 ? 8 : 128,
					   .parameter = (uint32_t)sampler->nonce << 16 |
							(number & 0xffff),
					   .quote = body,
					   .quote_len = sizeof(body)};
	return frame_send(sampler, &packet, why);
}

static int neighbour_send(struct sampler *sampler, struct why *why)
{
	const struct link *link = sampler->target->link;
	struct packet packet =
		packet_to(sampler, link->target.family == 4 ? PACKET_ARP : PACKET_ND);

	if (packet.kind == PACKET_ARP)
		packet.arp = (struct packet_arp){.operation = 1,
						 .sender_mac = link->own_mac,
						 .target_mac = link->next_mac,
						 .sender = link->source,
						 .target = link->target};
	else
		packet.nd = (struct packet_nd){
			.target = link->target, .has_mac = true, .mac = link->own_mac};
	return frame_send(sampler, &packet, why);
}

static int segment_send(struct sampler *sampler, unsigned number, unsigned flags, struct why *why)
{
	struct packet packet = packet_to(sampler, PACKET_TCP);
	const uint16_t port = syn_port(sampler, number), to = syn_to(sampler);
	const uint32_t isn = syn_isn(sampler, number);

	packet.dont_fragment = true;
	packet.tcp = (struct packet_tcp){.source_port = port,
					 .dest_port = to,
					 .seq = flags & SYN ? isn : isn + 1,
					 .flags = (uint16_t)flags,
					 .window = 65535};
	if (sampler->target->keeper) {
		if (flags & SYN)
			link_note(sampler->target->keeper, port, to, isn + 1, isn + 1);
		else
			link_note_closed(sampler->target->keeper, port);
	}
	return wire_send(sampler->wire, &packet, NULL, NULL, why);
}

/* The number that a reply answers, or -1. */
static int64_t neighbour_number(const struct sampler *sampler, const struct address *who)
{
	const unsigned count = atomic_load(&sampler->samples->count);

	if (sampler->by != PATH_NEIGHBOUR || !address_equal(who, &sampler->target->link->target))
		return -1;
	return (int64_t)count - 1;
}

static int64_t echo_number(const struct sampler *sampler, const struct packet_icmp *icmp)
{
	const uint8_t reply = sampler->target->link->target.family == 4 ? 0 : 129;
	uint32_t number;

	if (icmp->type != reply || icmp->quote_len < ECHO_BODY ||
	    memcmp(icmp->quote, &sampler->nonce, 8) != 0)
		return -1;
	memcpy(&number, icmp->quote + 8, 4);
	if (is_syn(sampler, number))
		return -1;
	return number;
}

static int64_t syn_number(const struct sampler *sampler, const struct packet_tcp *tcp)
{
	const uint32_t number = tcp->ack - syn_isn(sampler, 1);

	if (!(tcp->flags & ACK) || !(tcp->flags & (SYN | RST)) || !is_syn(sampler, number) ||
	    tcp->dest_port != syn_port(sampler, number))
		return -1;
	return number;
}

static int64_t reply_number(const struct sampler *sampler, const struct packet *packet)
{
	if (packet->kind == PACKET_ARP && packet->arp.operation == 2)
		return neighbour_number(sampler, &packet->arp.sender);
	if (packet->kind == PACKET_ND && packet->nd.advertisement)
		return neighbour_number(sampler, &packet->nd.target);
	if (!address_equal(&packet->source, &sampler->target->link->target))
		return -1;
	if (packet->kind == PACKET_ICMP)
		return echo_number(sampler, &packet->icmp);
	return packet->kind == PACKET_TCP ? syn_number(sampler, &packet->tcp) : -1;
}

/* A request of ours, as it left. */
static void sent_take(struct sampler *sampler, const struct frame *frame,
		      const struct packet *packet)
{
	const unsigned count = atomic_load(&sampler->samples->count);
	uint32_t number = count - 1;

	if (packet->kind == PACKET_ICMP && packet->icmp.quote_len >= ECHO_BODY &&
	    !memcmp(packet->icmp.quote, &sampler->nonce, 8))
		memcpy(&number, packet->icmp.quote + 8, 4);
	else if (packet->kind == PACKET_TCP && packet->tcp.flags == SYN)
		number = packet->tcp.seq - (uint32_t)(sampler->nonce >> 32);
	else if (packet->kind == PACKET_ICMP || packet->kind == PACKET_TCP)
		return;
	if (number < count)
		sampler->left[number % SAMPLER_OPEN] = frame->time;
}

static int frame_take(struct sampler *sampler, const struct frame *frame, struct why *why)
{
	const unsigned count = atomic_load(&sampler->samples->count);
	struct packet packet;
	int64_t number;
	nanos rtt;

	packet_parse(frame->bytes, frame->captured, frame->len, &packet);
	if (frame->outgoing) {
		sent_take(sampler, frame, &packet);
		return 0;
	}
	number = reply_number(sampler, &packet);
	if (number < 0 || number >= count || count - number > SAMPLER_OPEN)
		return 0;
	rtt = frame->time - sampler->left[number % SAMPLER_OPEN];
	if (!is_syn(sampler, (unsigned)number) || rtt < SYN_COPY_TIME ||
	    !atomic_load(&sampler->samples->at[number % SAMPLES_MAX].replies))
		samples_replied(sampler->samples, (unsigned)number, rtt);
	if (packet.kind == PACKET_TCP && !(packet.tcp.flags & RST))
		return segment_send(sampler, (unsigned)number, RST, why);
	if (packet.kind == PACKET_TCP && sampler->target->keeper)
		link_note_closed(sampler->target->keeper, packet.tcp.dest_port);
	return 0;
}

int sampler_hear(struct sampler *sampler, nanos deadline, bool all, struct why *why)
{
	struct pollfd ready = {.fd = wire_fd(sampler->wire), .events = POLLIN};
	struct frame frame;

	for (;;) {
		const nanos left = deadline - clock_monotonic();
		const struct timespec wait = clock_timespec(left);
		int r;

		while ((r = wire_next(sampler->wire, &frame, why)) > 0) {
			r = frame_take(sampler, &frame, why);
			if (r)
				return r;
		}
		if (r < 0)
			return r;
		if (left <= 0 || (all && !samples_unanswered(sampler->samples)))
			return 0;
		if (ppoll(&ready, 1, &wait, NULL) < 0 && errno != EINTR)
			return why_set(why, errno, "poll: %s", strerror(errno));
	}
}

int sampler_send(struct sampler *sampler, struct why *why)
{
	struct link_keeper *keeper = sampler->target->keeper;
	unsigned number;
	int r = keeper ? sampler_hear(sampler, link_turn(keeper), false, why) : 0;

	if (r)
		return r;
	number = samples_sent(sampler->samples, clock_monotonic());
	sampler->left[number % SAMPLER_OPEN] = clock_realtime();
	if (is_syn(sampler, number))
		return segment_send(sampler, number, SYN, why);
	return sampler->by == PATH_ECHO ? echo_send(sampler, number, why)
					: neighbour_send(sampler, why);
}

static bool can_send(const struct lab_target *target, enum path_request by)
{
	if (by == PATH_NEIGHBOUR)
		return !target->link->routed;
	return by == PATH_ECHO || target->port || target->closed_port;
}

/* 1: the host answers this kind of request. */
static int answers(struct sampler *sampler, enum path_request by, struct why *why)
{
	int r = 0;

	sampler->by = by;
	for (int i = 0; i < CHOOSE_TRIES && !r; i++) {
		r = sampler_send(sampler, why);
		if (!r)
			r = sampler_hear(sampler, clock_monotonic() + CHOOSE_PATIENCE, true, why);
		if (!r && atomic_load(&sampler->samples->last))
			r = 1;
	}
	/* What it took to find the host is no quality of the path. */
	atomic_store(&sampler->samples->count, 0);
	atomic_store(&sampler->samples->last, 0);
	return r;
}

static int request_choose(struct sampler *sampler, struct why *why)
{
	static const enum path_request kinds[] = {PATH_ECHO, PATH_NEIGHBOUR, PATH_SYN};
	const struct lab_target *target = sampler->target;
	char words[ADDRESS_TEXT_MAX];

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		int r = can_send(target, kinds[i]) ? answers(sampler, kinds[i], why) : 0;

		if (r < 0)
			return r;
		if (!r)
			continue;
		sampler->syns_too = kinds[i] != PATH_SYN && target->port &&
				    path_kind_of(target) == PATH_ROUTED;
		return 0;
	}
	sampler->by = PATH_REQUEST_NONE;
	return why_set(why, EHOSTUNREACH, "%s answers no request any more: neither ICMP echo%s",
		       address_text(&target->link->target, words),
		       target->link->routed ? " nor SYNs" : ", ARP nor SYNs");
}

int sampler_open(struct sampler *sampler, const struct lab_target *target, struct samples *samples,
		 uint16_t port_low, uint16_t port_high, struct why *why)
{
	char source[ADDRESS_TEXT_MAX], dest[ADDRESS_TEXT_MAX], filter[256];
	const struct wire_config config = {.interface = target->link->interface,
					   .mac = target->link->own_mac,
					   .filter = filter,
					   .brief = true};
	int r;

	*sampler = (struct sampler){.target = target,
				    .samples = samples,
				    .port_low = port_low,
				    .port_high = port_high};
	if (getrandom(&sampler->nonce, sizeof(sampler->nonce), 0) !=
	    (ssize_t)sizeof(sampler->nonce))
		return why_set(why, EIO, "no random numbers");
	snprintf(filter, sizeof(filter),
		 "host %s and host %s and (arp or icmp or icmp6 or (tcp and portrange %u-%u))",
		 address_text(&target->link->source, source),
		 address_text(&target->link->target, dest), port_low, port_high);
	r = wire_open(&sampler->wire, &config, why);
	return r ? r : request_choose(sampler, why);
}
