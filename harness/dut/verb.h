/* What a verb is called, and which fields it takes. Private to the room. */
#ifndef DUT_VERB_H
#define DUT_VERB_H

#include "dut/dut.h"

enum verb_field {
	IN_SOCKET = 1u << 0,
	IN_FAMILY = 1u << 1,
	IN_LOCAL = 1u << 2,  /* address and port */
	IN_REMOTE = 1u << 3, /* address and port */
	IN_REUSE = 1u << 4,
	IN_LEVEL = 1u << 5,
	IN_NAME = 1u << 6,
	IN_VALUE = 1u << 7,
	IN_SIZE = 1u << 8,
	IN_NUMBER = 1u << 9,
	IN_STATE = 1u << 10,
	IN_WAIT = 1u << 11,
	IN_TEXT = 1u << 12,
	IN_DATA = 1u << 13,
	IN_REMOTE_OPTIONAL = 1u << 14, /* without it, the listener is meant */
	IN_URGENT = 1u << 15,          /* without it, not */
};

struct verb {
	const char *name;
	unsigned fields; /* enum verb_field */
};

extern const struct verb verbs[AGENT_VERBS];

#endif
