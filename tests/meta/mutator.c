/*
 * The mutator. A segment is known by its ports, its kind and its sequence number, so that a copy is
 * told from the first one; the lab's cases and a spoilt link use the same notes.
 */
#include "mutator.h"
#include <stdlib.h>

#define SEEN_MAX 8192

static const struct tale *const tables[] = {lies_of_loss, lies_of_replies,
	lies_of_time, lies_of_numbers, lies_of_flags, lies_of_options, lies_of_calls,
	lies_of_states, lies_of_timers, lies_of_windows, lies_of_stamps, lies_of_header,
	lies_of_premises};

size_t mutations_list(const struct tale **out, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct tale *lie = tables[i]; lie->name; lie++, count++)
			if (count < n)
				out[count] = lie;
	return count;
}

static unsigned segment_of(const struct packet_tcp *tcp)
{
	unsigned of = 0;

	if (tcp->flags & RST)
		return tcp->flags & ACK ? OF_RST_ACK : OF_RST;
	if (tcp->flags & SYN)
		return tcp->flags & ACK ? OF_SYN_ACK : OF_SYN;
	if (!(tcp->flags & ACK))
		return OF_BARE;
	if (tcp->flags & FIN)
		of |= OF_FIN;
	if (tcp->len)
		of |= OF_DATA;
	return of ? of : OF_ACK;
}

static struct seen *notes_new(struct notes *notes)
{
	size_t cap = notes->cap ? 2 * notes->cap : 16;
	struct seen *more;

	if (notes->count == SEEN_MAX)
		return NULL;
	if (notes->count == notes->cap) {
		more = reallocarray(notes->seen, cap, sizeof(struct seen));
		if (!more)
			return NULL;
		notes->seen = more;
		notes->cap = cap;
	}
	return &notes->seen[notes->count++];
}

const struct seen *notes_add(struct notes *notes, const struct packet *packet, nanos now)
{
	const struct packet_tcp *tcp = &packet->tcp;
	struct seen new = {.source_port = tcp->source_port, .dest_port = tcp->dest_port,
		.of = segment_of(tcp), .seq = tcp->seq, .first = now};
	struct seen *at;

	/* A segment that takes no number is told from the next one by what it acknowledges. */
	if (new.of & (OF_ACK | OF_ANY_RST))
		new.ack = tcp->ack;
	for (size_t i = 0; i < notes->count; i++) {
		struct seen *seen = &notes->seen[i];

		if (seen->source_port == new.source_port && seen->dest_port == new.dest_port &&
		    seen->of == new.of && seen->seq == new.seq && seen->ack == new.ack) {
			seen->copies++;
			return seen;
		}
	}
	at = notes_new(notes);
	if (at)
		*at = new;
	return at;
}

void notes_free(struct notes *notes)
{
	free(notes->seen);
	*notes = (struct notes){.count = 0};
}

typedef void tell(const struct tale *lie, struct telling *t, struct packet *packet);

static void mutate(tell *tell_it, const struct tale *lie, struct telling *t,
                   const struct sighting *now, struct packet *packet)
{
	t->lied = t->lost = false;
	t->delay = 0;
	t->again = -1;
	if (!tell_it || !(lie->of & now->seen->of) ||
	    (lie->copies == LATER && !now->seen->copies))
		return;
	t->first = now->seen->first;
	t->now = now->at;
	tell_it(lie, t, packet);
}

void mutate_frame(const struct tale *lie, struct telling *t, const struct sighting *now,
                  struct packet *packet)
{
	mutate(now->sent ? lie->reply : lie->frame, lie, t, now, packet);
}

void mutate_received(const struct tale *lie, struct telling *t, const struct sighting *now,
                     struct packet *packet)
{
	mutate(lie->received, lie, t, now, packet);
}

void mutate_reply(const struct tale *lie, struct telling *t, const struct asked *asked,
                  struct agent_reply *reply)
{
	t->lied = false;
	t->reuse = asked->reuse;
	if (lie->answer && lie->verbs & 1u << asked->verb)
		(lie->answer)(lie, t, reply);
}
