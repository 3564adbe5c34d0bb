/*
 * A struct's members as members of a JSON object: one table row a member, both directions. Private
 * to the room.
 */
#ifndef DUT_FIELD_H
#define DUT_FIELD_H

#include "dut/dut.h"
#include <jansson.h>

enum field_type {
	FIELD_INT,
	FIELD_UNSIGNED,
	FIELD_U8,
	FIELD_U16,
	FIELD_U32,
	FIELD_SIZE,
	FIELD_I64,
	FIELD_BOOL,
	FIELD_STATE,   /* enum state, by its name */
	FIELD_ADDRESS, /* struct address, as text */
	FIELD_TEXT,    /* const char *, of at most high bytes */
};

struct field {
	const char *name;
	unsigned bit; /* which of its struct's members: what a verb's mask names */
	enum field_type type;
	size_t at;         /* offset in the struct */
	int64_t low, high; /* of a number, both included */
	bool optional;     /* left out where it is zero, and zero where it is left out */
};

/* Put a member of base into object. 0, -EINVAL for a value that the other side would not take. */
int field_encode(json_t *object, const struct field *field, const void *base);
/*
 * Take it out: 1, 0 when an optional one is not there, -EPROTO when it is missing, of another type
 * or out of range. A text points into object.
 */
int field_decode(const json_t *object, const struct field *field, void *base, struct why *why);

#endif
