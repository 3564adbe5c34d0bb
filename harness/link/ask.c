/*
 * Questions and answers: ARP (RFC 826, RFC 5227), neighbour discovery (RFC 4861, RFC 4862).
 */
#include "link/inside.h"
#include <string.h>

/* Frames that are looked at when the time for an answer is over. */
#define LATE_FRAMES 64
/* How long a process of this machine may claim an address that it gives up, and the pauses. */
#define LOCAL_PATIENCE ms(500)
#define LOCAL_PAUSE ms(10)

enum { ARP_REQUEST = 1, ARP_REPLY = 2, ND_SOLICITED = 0x40, ND_OVERRIDE = 0x20 };

static const struct mac everybody = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

static struct packet question4(const struct link *link, const struct address *who,
			       const struct address *sender)
{
	struct packet packet = {.kind = PACKET_ARP,
				.source_mac = link->own_mac,
				.dest_mac = everybody};

	packet.arp = (struct packet_arp){.operation = ARP_REQUEST,
					 .sender_mac = link->own_mac,
					 .sender.family = 4,
					 .target = *who};
	if (sender)
		packet.arp.sender = *sender;
	return packet;
}

static struct packet question6(const struct link *link, const struct address *who,
			       const struct address *sender)
{
	struct packet packet = {.kind = PACKET_ND,
				.source_mac = link->own_mac,
				.source.family = 6,
				.dest = solicited_node(who)};

	packet.dest_mac = multicast_mac(&packet.dest);
	packet.nd = (struct packet_nd){.target = *who};
	if (sender) {
		packet.source = *sender;
		packet.nd.has_mac = true;
		packet.nd.mac = link->own_mac;
	}
	return packet;
}

/*
 * Does this frame say that somebody has the address? A probe by another who is about to take it
 * says so, too (RFC 5227 2.1.1, RFC 4862 5.4.3).
 */
static bool claims(const struct packet *packet, const struct address *who, bool probing,
		   struct mac *mac)
{
	static const struct address nobody4 = {.family = 4}, nobody6 = {.family = 6};

	if (packet->kind == PACKET_ARP) {
		*mac = packet->arp.sender_mac;
		return address_equal(&packet->arp.sender, who) ||
		       (probing && packet->arp.operation == ARP_REQUEST &&
			address_equal(&packet->arp.sender, &nobody4) &&
			address_equal(&packet->arp.target, who));
	}
	if (packet->kind != PACKET_ND || !address_equal(&packet->nd.target, who))
		return false;
	*mac = packet->nd.has_mac ? packet->nd.mac : packet->source_mac;
	return packet->nd.advertisement || (probing && address_equal(&packet->source, &nobody6));
}

bool ether_contested(const struct ether *ether, const struct packet *packet)
{
	struct mac mac;

	return claims(packet, &ether->link->source, false, &mac);
}

/* One question. 1: somebody has the address, and with *local, a process of this machine says so. */
static int ask_once(struct ether *ether, const struct packet *question, const struct address *who,
		    bool probing, nanos patience, struct mac *mac, bool *local, struct why *why)
{
	nanos deadline = clock_monotonic() + patience;
	struct packet heard;
	int r = ether_send(ether, question, why);

	for (unsigned late = 0; !r && late < LATE_FRAMES;) {
		r = ether_next(ether, &heard, deadline, why);
		if (r <= 0)
			return r;
		if (claims(&heard, who, probing, mac)) {
			*local = ether->local;
			return 1;
		}
		r = 0;
		/* A flood must not keep us; an answer may still stand behind some frames. */
		late += clock_monotonic() >= deadline;
	}
	return r;
}

/* Until a point of the monotonic clock nothing that comes counts. */
static int deaf_until(struct ether *ether, nanos until, struct why *why)
{
	struct packet heard;
	int r = 0;

	do
		r = ether_next(ether, &heard, until, why);
	while (r > 0 && clock_monotonic() < until);
	return r < 0 ? r : 0;
}

int ether_ask(struct ether *ether, const struct address *who, const struct address *sender,
	      int tries, nanos patience, struct mac *mac, struct why *why)
{
	const struct packet question = who->family == 4 ? question4(ether->link, who, sender)
							: question6(ether->link, who, sender);
	const nanos local_end = clock_monotonic() + LOCAL_PATIENCE;

	for (int i = 0; i < tries; i++) {
		bool local = false;
		int r = ask_once(ether, &question, who, !sender, patience, mac, &local, why);

		if (r > 0 && !sender && local && clock_monotonic() < local_end) {
			r = deaf_until(ether, clock_monotonic() + LOCAL_PAUSE, why);
			i = -1;
		}
		if (r)
			return r;
	}
	return 0;
}

static int answer4(struct ether *ether, const struct packet_arp *arp, struct why *why)
{
	const struct link *link = ether->link;
	struct packet packet = {.kind = PACKET_ARP,
				.source_mac = link->own_mac,
				.dest_mac = arp->sender_mac};

	if (arp->operation != ARP_REQUEST || !address_equal(&arp->target, &link->source))
		return 0;
	packet.arp = (struct packet_arp){.operation = ARP_REPLY,
					 .sender_mac = link->own_mac,
					 .sender = link->source,
					 .target_mac = arp->sender_mac,
					 .target = arp->sender};
	return ether_send(ether, &packet, why);
}

/* To whom asks without an address of its own, everybody is told (RFC 4861 7.2.4). */
static int answer6(struct ether *ether, const struct packet *question, struct why *why)
{
	static const struct address nobody = {.family = 6},
				    all_nodes = {.family = 6, .at = {0xff, 0x02, [15] = 1}};
	const struct link *link = ether->link;
	struct packet packet = {.kind = PACKET_ND,
				.source_mac = link->own_mac,
				.source = link->source,
				.dest_mac = question->source_mac,
				.dest = question->source};

	if (question->nd.advertisement || !address_equal(&question->nd.target, &link->source))
		return 0;
	packet.nd = (struct packet_nd){.advertisement = true,
				       .flags = ND_SOLICITED | ND_OVERRIDE,
				       .target = link->source,
				       .has_mac = true,
				       .mac = link->own_mac};
	if (address_equal(&question->source, &nobody)) {
		packet.dest = all_nodes;
		packet.dest_mac = multicast_mac(&all_nodes);
		packet.nd.flags = ND_OVERRIDE;
	}
	return ether_send(ether, &packet, why);
}

int ether_answer(struct ether *ether, const struct packet *question, struct why *why)
{
	if (question->kind == PACKET_ARP)
		return answer4(ether, &question->arp, why);
	return question->kind == PACKET_ND ? answer6(ether, question, why) : 0;
}
