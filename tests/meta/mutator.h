/*
 * The mutator: what one mutation makes of a frame or of an agent's reply, and the notes that it
 * needs for that. It neither chooses a mutation nor counts; it does no I/O.
 */
#ifndef META_MUTATOR_H
#define META_MUTATOR_H

#include "lies.h"

/* The mutations of all tables: fills out with the first n of them, and returns how many exist. */
size_t mutations_list(const struct tale **out, size_t n);

/* A segment's identity, and when its first copy came. */
struct seen {
	uint16_t source_port, dest_port;
	unsigned of;
	uint32_t seq, ack;
	unsigned copies;
	nanos first;
};

/* The segments of a case, or of a connection, in the order of their first copies. */
struct notes {
	struct seen *seen;
	size_t count, cap;
};

/*
 * Finds the note of a TCP segment that came now, and counts a copy; a segment without a note gets
 * one. The pointer is valid until the next call. NULL if there are too many segments.
 */
const struct seen *notes_add(struct notes *notes, const struct packet *packet, nanos now);
void notes_free(struct notes *notes);

/* A frame as it passes. */
struct sighting {
	bool sent; /* by the peer */
	nanos at;
	const struct seen *seen;
};

/* Applies a mutation to a packet that fits its row; t->lied says whether it changed anything. */
void mutate_frame(const struct tale *lie, struct telling *t, const struct sighting *now,
                  struct packet *packet);

/* The same before the DUT receives a packet of the peer's. */
void mutate_received(const struct tale *lie, struct telling *t, const struct sighting *now,
                     struct packet *packet);

/* A call of the agent's client. */
struct asked {
	bool known, reuse;
	enum agent_verb verb;
};

/* Applies a mutation to the reply to this call, as mutate_frame() does. */
void mutate_reply(const struct tale *lie, struct telling *t, const struct asked *asked,
                  struct agent_reply *reply);

#endif
