/*
 * lies: what a broken DUT would send and say, one thing at a time.
 *
 * A lie is told of frames or of the agent's answers. Its function sees one that fits its row, and
 * either changes it and says so, or leaves it alone. It knows what the liar has noted of the frames
 * so far, all of them as the DUT sent them, and keeps nothing else between two calls but its own
 * struct telling.
 */
#ifndef META_LIES_H
#define META_LIES_H

#include "dut/dut.h"
#include "packet/packet.h"

/* What a segment is; bits. A FIN that carries data is both. */
enum of {
	OF_SYN = 1u << 0,     /* without ACK */
	OF_SYN_ACK = 1u << 1,
	OF_FIN = 1u << 2,
	OF_RST = 1u << 3,     /* without ACK */
	OF_RST_ACK = 1u << 4,
	OF_DATA = 1u << 5,
	OF_ACK = 1u << 6,     /* and nothing else */
};
#define OF_ANY_SYN ((unsigned)OF_SYN | OF_SYN_ACK)
#define OF_ANY_RST ((unsigned)OF_RST | OF_RST_ACK)
#define OF_OPEN ((unsigned)OF_FIN | OF_DATA | OF_ACK) /* of a connection past its handshake */
#define OF_ALL ((unsigned)OF_ANY_SYN | OF_OPEN | OF_ANY_RST)

/* Which of the segments with the same ports, kind and sequence number: they are copies. */
enum copies { EVERY, LATER };

/* What is told, and what is known while it is. One a lie and process, zeroed at the start. */
struct telling {
	/* The facts, by the clock of the loop: when the segment's first copy came, monotonic ns. */
	unsigned copy; /* of the segment: 0 for the first */
	nanos now, first, case_began; /* monotonic, monotonic, epoch */
	enum agent_verb verb;         /* of the call that is answered */

	/* What is told of this one; reset before each. */
	bool lied;
	bool lost;
	nanos delay; /* withheld for so long */
	nanos again; /* a second one comes so long after the first; negative: none */

	/* The liar's: how often it was ready to lie. */
	unsigned ready;

	/* Between two calls, for the lie itself. */
	unsigned count;
	int64_t number;
	uint8_t data[65536];
	size_t len;
};

struct tale {
	const char *name;
	const char *breaks; /* in a sentence */

	/* Of frames: of is what it fits. */
	unsigned of;
	enum copies copies;
	nanos time;    /* what the function makes of it: how long, how late */
	uint32_t by;   /* added to a number */
	void (*frame)(const struct tale *lie, struct telling *t, struct packet *packet);

	/* Of answers: bits 1 << enum agent_verb; was and becomes are errno values or states. */
	unsigned verbs;
	int was, becomes;
	void (*answer)(const struct tale *lie, struct telling *t, struct agent_reply *reply);
};

/* The tables, each ended by a NULL name. */
extern const struct tale lies_of_loss[];
extern const struct tale lies_of_time[];
extern const struct tale lies_of_numbers[];
extern const struct tale lies_of_flags[];
extern const struct tale lies_of_options[];
extern const struct tale lies_of_calls[];
extern const struct tale lies_of_states[];

#endif
