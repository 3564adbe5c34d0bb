/*
 * spoil MUTATION COUNTER PEER_SIDE HOST_SIDE: a forwarder between two interfaces that applies a
 * mutation to the frames of the host. The file COUNTER holds how often it did so, as a native
 * 64-bit number. "none" is an honest forwarder. "spoil --list" prints the mutations, one a line:
 * the name, the kind and what it breaks. The kinds: the host's segments are changed ("sent"), it
 * sends segments of its own accord ("unasked"), it does not heed the peer's as it should
 * ("received"), its agent's replies are changed ("reply").
 *
 * A mutation of the ISN shifts all numbers of the connection: such a host is consistent.
 *
 * Each connection has its own notes and its own memory of the mutation, as a case has in a lab.
 */
#include "between/between.h"
#include "lying_host/chosen.h"
#include "lying_host/received.h"
#include "peer/peer.h"
#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum side { PEER_SIDE, HOST_SIDE };

struct ends {
	struct address host, peer;
	uint16_t host_port, peer_port;
};

struct connection {
	struct ends ends; /* zeroed between its members: it is compared as bytes */
	struct notes notes;
	struct telling telling;
	uint32_t shift; /* of the host's sequence numbers */
};

struct spoiler {
	const struct tale *mutation; /* NULL: none */
	uint64_t *count;
	void *connections; /* of tsearch() */
	uint8_t out[BETWEEN_FRAME_MAX];
};

static int ends_compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct ends));
}

static struct connection *connection_of(struct spoiler *s, const struct packet *packet, bool sent)
{
	struct connection *fresh = calloc(1, sizeof(*fresh)), **found;

	if (!fresh)
		return NULL;
	fresh->ends.host = sent ? packet->dest : packet->source;
	fresh->ends.peer = sent ? packet->source : packet->dest;
	fresh->ends.host_port = sent ? packet->tcp.dest_port : packet->tcp.source_port;
	fresh->ends.peer_port = sent ? packet->tcp.source_port : packet->tcp.dest_port;
	fresh->telling.case_began = clock_realtime();
	found = tsearch(fresh, &s->connections, ends_compare);
	if (!found || *found != fresh)
		free(fresh);
	return found ? *found : NULL;
}

/* The mutated packet leaves on this side, as often and as late as the mutation says. */
static void mutated_send(struct spoiler *s, struct between *between, int to,
                         const struct between_frame *frame, const struct telling *t,
                         const struct packet *packet)
{
	size_t n;

	++*s->count;
	if (packet_encode(packet, s->out, sizeof(s->out), &n)) {
		fputs("spoil: a mutated packet does not fit into a frame\n", stderr);
		return;
	}
	if (to != frame->from && !t->lost)
		between_send(between, to, s->out, n, frame->now + t->delay);
	if (t->again >= 0)
		between_send(between, to, s->out, n, frame->now + t->again);
}

static void pass(struct between *between, const struct between_frame *frame)
{
	between_send(between, !frame->from, frame->bytes, frame->len, frame->now);
}

/* A host's segment after a mutation of its ISN: the SYN-ACK has it already, and tells the shift. */
static void host_shifted(struct connection *c, const struct packet *original,
                         struct packet *packet, struct telling *t)
{
	if (packet->tcp.flags & SYN) {
		c->shift = packet->tcp.seq - original->tcp.seq;
		return;
	}
	packet->tcp.seq += c->shift;
	t->lied |= c->shift != 0;
}

static void peer_shifted(const struct connection *c, struct packet *packet, struct telling *t)
{
	if (!c->shift || !(packet->tcp.flags & ACK))
		return;
	packet->tcp.ack -= c->shift;
	t->lied = true;
}

static bool mutates_isn(const struct spoiler *s)
{
	return !strncmp(s->mutation->name, "isn_", 4) && !s->mutation->by;
}

/* A segment of the peer's: the mutation's answer, and what the host receives. */
static void peer_segment(struct spoiler *s, struct between *between,
                         const struct between_frame *frame, const struct sighting *now,
                         struct connection *c, const struct packet *packet)
{
	struct packet copy = *packet;
	struct telling *t = &c->telling;

	mutate_frame(s->mutation, t, now, &copy);
	if (t->lied)
		mutated_send(s, between, PEER_SIDE, frame, t, &copy);
	copy = *packet;
	mutate_received(s->mutation, t, now, &copy);
	if (mutates_isn(s))
		peer_shifted(c, &copy, t);
	if (t->lied)
		mutated_send(s, between, HOST_SIDE, frame, t, &copy);
	else
		pass(between, frame);
}

static void host_segment(struct spoiler *s, struct between *between,
                         const struct between_frame *frame, const struct sighting *now,
                         struct connection *c, struct packet *packet)
{
	const struct packet original = *packet;
	struct telling *t = &c->telling;

	mutate_frame(s->mutation, t, now, packet);
	if (mutates_isn(s))
		host_shifted(c, &original, packet, t);
	if (t->lied)
		mutated_send(s, between, PEER_SIDE, frame, t, packet);
	else
		pass(between, frame);
}

static void spoil(struct between *between, const struct between_frame *frame, void *context)
{
	struct spoiler *s = context;
	struct sighting now = {.sent = frame->from == PEER_SIDE, .at = frame->now};
	struct connection *connection = NULL;
	struct packet packet;

	packet_parse(frame->bytes, frame->len, frame->len, &packet);
	/* A host drops what has a wrong checksum, and so has not seen it. */
	if (s->mutation && packet.kind == PACKET_TCP &&
	    (!now.sent || packet.tcp.checksum_state != CHECKSUM_BAD))
		connection = connection_of(s, &packet, now.sent);
	if (connection)
		now.seen = notes_add(&connection->notes, &packet, now.at);
	if (!now.seen)
		pass(between, frame);
	else if (now.sent)
		peer_segment(s, between, frame, &now, connection, &packet);
	else
		host_segment(s, between, frame, &now, connection, &packet);
}

static void list(const struct tale *lie)
{
	const char *kind = lie->answer ? "reply" : lie->received ? "received" :
			   lie->reply && !lie->frame ? "unasked" : "sent";

	printf("%s\t%s\t%s\n", lie->name, kind, lie->breaks);
}

static int list_all(void)
{
	size_t n = mutations_list(NULL, 0);
	const struct tale **all = calloc(n, sizeof(*all));

	if (!all)
		return 1;
	mutations_list(all, n);
	for (size_t i = 0; i < n; i++)
		list(all[i]);
	for (const struct tale *lie = lies_of_received; lie->name; lie++)
		list(lie);
	free(all);
	return 0;
}

int main(int argc, char **argv)
{
	static struct spoiler s;

	if (argc == 2 && !strcmp(argv[1], "--list"))
		return list_all();
	if (argc != 5) {
		fputs("usage: spoil MUTATION COUNTER PEER_SIDE HOST_SIDE\n", stderr);
		return 1;
	}
	s.mutation = mutation_find(argv[1]);
	s.count = counter_open(argv[2]);
	if (!s.count || (!s.mutation && strcmp(argv[1], "none") != 0)) {
		fprintf(stderr, "spoil: %s: %s\n", s.count ? argv[1] : argv[2],
		        s.count ? "no such mutation" : strerror(errno));
		return 1;
	}
	between_run(between_open(argv[3], argv[4]), spoil, &s);
}
