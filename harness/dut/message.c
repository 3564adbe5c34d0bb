#include "dut/message.h"
#include <errno.h>

#define LENGTHS 8 /* bytes of the two lengths */

static void length_put(uint8_t out[4], size_t n)
{
	for (size_t i = 0; i < 4; i++)
		out[i] = (uint8_t)(n >> (24 - 8 * i));
}

static size_t length_get(const uint8_t at[4])
{
	return (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
}

int message_encode(struct buffer *out, const json_t *object, struct bytes payload)
{
	char json[4096]; /* more than the longest message takes: texts are short */
	uint8_t lengths[LENGTHS];
	size_t start = out->len, n;

	if (payload.len > AGENT_PAYLOAD_MAX)
		return -E2BIG;
	n = json_dumpb(object, json, sizeof(json), JSON_COMPACT);
	if (n == 0)
		return -ENOMEM;
	if (n > sizeof(json))
		return -E2BIG;
	length_put(lengths, n);
	length_put(lengths + 4, payload.len);
	buffer_put(out, lengths, sizeof(lengths));
	buffer_put(out, json, n);
	buffer_put(out, payload.at, payload.len);
	if (out->failed) {
		out->len = start;
		return -ENOMEM;
	}
	return 0;
}

ssize_t message_decode(const uint8_t *bytes, size_t n, json_t **object, struct bytes *payload,
                       struct why *why)
{
	json_error_t fault;
	size_t json_len, payload_len;
	json_t *json;

	if (n < LENGTHS)
		return 0;
	json_len = length_get(bytes);
	payload_len = length_get(bytes + 4);
	/* Before waiting for them: a length that lies must not make this side hoard bytes. */
	if (json_len > AGENT_JSON_MAX)
		return why_set(why, EPROTO, "a message's header has %zu bytes", json_len);
	if (payload_len > AGENT_PAYLOAD_MAX)
		return why_set(why, EPROTO, "a message's payload has %zu bytes", payload_len);
	if (n < LENGTHS + json_len + payload_len)
		return 0;
	json = json_loadb((const char *)bytes + LENGTHS, json_len, JSON_REJECT_DUPLICATES, &fault);
	if (!json)
		return why_set(why, EPROTO, "a message's header is not JSON: %s", fault.text);
	if (!json_is_object(json)) {
		json_decref(json);
		return why_set(why, EPROTO, "a message's header is no JSON object");
	}
	*object = json;
	*payload = (struct bytes){bytes + LENGTHS + json_len, payload_len};
	return (ssize_t)(LENGTHS + json_len + payload_len);
}
