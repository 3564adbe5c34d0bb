/*
 * The agent's codecs against any bytes: no crash, and what is understood comes back the same.
 */
#include "dut/dut.h"
#include "dut/handshake.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* Told once more, a message is longer or shorter than it came, but never another. */
static void same_again(const struct buffer *first, const struct buffer *second)
{
	must(first->len == second->len && memcmp(first->at, second->at, first->len) == 0);
}

static void try_request(const uint8_t *data, size_t size)
{
	struct buffer first = {.at = NULL}, second = {.at = NULL};
	struct agent_storage storage, again_storage;
	struct agent_request request, again;
	struct why why;
	uint32_t id, again_id;
	ssize_t n = agent_request_decode(data, size, &id, &request, &storage, &why);

	if (n <= 0)
		return;
	must((size_t)n <= size);
	must(agent_request_encode(&first, id, &request) == 0);
	must(agent_request_decode((const uint8_t *)first.at, first.len, &again_id, &again,
	                          &again_storage, &why) == (ssize_t)first.len);
	must(again_id == id);
	must(agent_request_encode(&second, again_id, &again) == 0);
	same_again(&first, &second);
	agent_storage_free(&storage);
	agent_storage_free(&again_storage);
	buffer_free(&first);
	buffer_free(&second);
}

static void try_reply(const uint8_t *data, size_t size)
{
	struct buffer first = {.at = NULL}, second = {.at = NULL};
	struct agent_storage storage, again_storage;
	struct agent_reply reply, again;
	struct why why;
	ssize_t n = agent_reply_decode(data, size, &reply, &storage, &why);

	if (n <= 0)
		return;
	must((size_t)n <= size);
	must(agent_reply_encode(&first, &reply) == 0);
	must(agent_reply_decode((const uint8_t *)first.at, first.len, &again, &again_storage,
	                        &why) == (ssize_t)first.len);
	must(agent_reply_encode(&second, &again) == 0);
	same_again(&first, &second);
	agent_storage_free(&storage);
	agent_storage_free(&again_storage);
	buffer_free(&first);
	buffer_free(&second);
}

static void try_handshake(const uint8_t *data, size_t size)
{
	struct buffer first = {.at = NULL};
	struct handshake message, again;
	struct why why;
	ssize_t n = handshake_decode(data, size, &message, &why);

	if (n <= 0)
		return;
	must((size_t)n <= size && n <= 8 + (ssize_t)HANDSHAKE_JSON_MAX);
	must(handshake_encode(&first, &message) == 0);
	must(handshake_decode((const uint8_t *)first.at, first.len, &again, &why) ==
	     (ssize_t)first.len);
	must(memcmp(&message, &again, sizeof(again)) == 0);
	buffer_free(&first);
}

/* The bytes as a message's JSON: right lengths are hard to hit by chance. */
static void try_framed(const uint8_t *data, size_t size)
{
	const uint8_t lengths[8] = {(uint8_t)(size >> 24), (uint8_t)(size >> 16),
	                            (uint8_t)(size >> 8), (uint8_t)size};
	struct buffer framed = {.at = NULL};

	buffer_put(&framed, lengths, sizeof(lengths));
	buffer_put(&framed, data, size);
	try_request((const uint8_t *)framed.at, framed.len);
	try_reply((const uint8_t *)framed.at, framed.len);
	try_handshake((const uint8_t *)framed.at, framed.len);
	buffer_free(&framed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_request(data, size);
	try_reply(data, size);
	try_handshake(data, size);
	if (size > 0 && data[0] == '{')
		try_framed(data, size);
	return 0;
}
