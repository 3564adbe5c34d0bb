/* The frame of a message: two lengths, a JSON object, payload. Private to the room. */
#ifndef DUT_MESSAGE_H
#define DUT_MESSAGE_H

#include "dut/dut.h"
#include <jansson.h>

/* Append a message to out, or leave out as it was. 0, -E2BIG, -ENOMEM. */
int message_encode(struct buffer *out, const json_t *object, struct bytes payload);
/*
 * Take apart the first message of n bytes. Its length, 0 when it is not complete, -EPROTO. *object
 * is the caller's; payload points into bytes.
 */
ssize_t message_decode(const uint8_t *bytes, size_t n, json_t **object, struct bytes *payload,
                       struct why *why);

#endif
