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
	OF_BARE = 1u << 7,    /* without ACK and the rest, with or without data */
};
#define OF_ANY_SYN ((unsigned)OF_SYN | OF_SYN_ACK)
#define OF_ANY_RST ((unsigned)OF_RST | OF_RST_ACK)
#define OF_OPEN ((unsigned)OF_FIN | OF_DATA | OF_ACK) /* of a connection past its handshake */
#define OF_ALL ((unsigned)OF_ANY_SYN | OF_OPEN | OF_ANY_RST | OF_BARE)

/* Which of the segments with the same ports, kind and sequence number: they are copies. */
enum copies { EVERY, LATER };

/* What is told, and what is known while it is. One a lie and process, zeroed at the start. */
struct telling {
	/* The facts. now and first, when the segment's first copy came, are monotonic. */
	nanos now, first;
	nanos case_began; /* epoch */
	bool reuse;       /* the call that is answered asked for SO_REUSEADDR */

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

/*
 * What a lie belies. A case has to catch one of each kind that there is occasion for, the last
 * excepted: what every segment must be is judged for all cases in one place.
 */
enum kind { BELIES_WIRE, BELIES_AGENT, BELIES_FORM, KINDS };

struct tale {
	const char *name;
	const char *breaks; /* in a sentence */
	enum kind kind;
	const char *unclaimed; /* why no case catches it yet; NULL: one must */

	/* Of frames: of is what it fits. */
	unsigned of;
	enum copies copies;
	nanos time;    /* what the function makes of it: how long, how late */
	uint32_t by;   /* added to a number */
	/* Of the DUT's own, to be changed; or of the peer's, to be answered by this packet. */
	void (*frame)(const struct tale *lie, struct telling *t, struct packet *packet);
	void (*reply)(const struct tale *lie, struct telling *t, struct packet *packet);
	/* Of the peer's, to be changed before the DUT receives it: on a spoilt link only. */
	void (*received)(const struct tale *lie, struct telling *t, struct packet *packet);

	/* Of answers: bits 1 << enum agent_verb; was and becomes are errno values or states. */
	unsigned verbs;
	int was, becomes;
	void (*answer)(const struct tale *lie, struct telling *t, struct agent_reply *reply);
};

/* The tables, each ended by a NULL name. */
extern const struct tale lies_of_loss[];
extern const struct tale lies_of_replies[];
extern const struct tale lies_of_time[];
extern const struct tale lies_of_timers[];
extern const struct tale lies_of_numbers[];
extern const struct tale lies_of_flags[];
extern const struct tale lies_of_options[];
extern const struct tale lies_of_calls[];
extern const struct tale lies_of_states[];
extern const struct tale lies_of_windows[];
extern const struct tale lies_of_stamps[];
extern const struct tale lies_of_header[];
extern const struct tale lies_of_premises[];

#endif
