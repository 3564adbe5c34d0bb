#include "dut/handshake.h"
#include "dut/field.h"
#include "dut/message.h"
#include <errno.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* Set apart from whatever else somebody may use the same token for. */
static const char purpose[] = "lastack agent handshake";

static const char *const kinds[] = {
	[HANDSHAKE_HELLO] = "hello",
	[HANDSHAKE_CHALLENGE] = "challenge",
	[HANDSHAKE_ANSWER] = "answer",
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* A message as its JSON has it. */
struct told {
	const char *kind;
	uint32_t version;
	const char *nonce, *proof; /* in hexadecimal */
};
#define MEMBER(name) offsetof(struct told, name)
static const struct field fields[] = {
	{"agent", 0, FIELD_TEXT, MEMBER(kind), 1, 16, false},
	{"version", 0, FIELD_U32, MEMBER(version), 1, UINT32_MAX, false},
	{"nonce", 0, FIELD_TEXT, MEMBER(nonce), 1, 2 * NONCE_BYTES, true},
	{"proof", 0, FIELD_TEXT, MEMBER(proof), 1, 2 * PROOF_BYTES, false},
};
#define FIELDS (sizeof(fields) / sizeof(fields[0]))

static void hex_put(char *out, const uint8_t *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * n] = '\0';
}

static int hex_digit(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* Exactly n bytes. */
static int hex_get(uint8_t *out, const char *text, size_t n)
{
	if (strlen(text) != 2 * n)
		return -EPROTO;
	for (size_t i = 0; i < n; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EPROTO;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

int handshake_encode(struct buffer *out, const struct handshake *message)
{
	char nonce[2 * NONCE_BYTES + 1], proof[2 * PROOF_BYTES + 1];
	struct told told = {.version = message->version, .proof = proof};
	json_t *object;
	int error = 0;

	if (message->kind >= KINDS)
		return -EINVAL;
	told.kind = kinds[message->kind];
	hex_put(proof, message->proof, PROOF_BYTES);
	hex_put(nonce, message->nonce, NONCE_BYTES);
	if (message->kind != HANDSHAKE_ANSWER)
		told.nonce = nonce;
	object = json_object();
	if (!object)
		return -ENOMEM;
	for (size_t i = 0; i < FIELDS && !error; i++)
		error = field_encode(object, &fields[i], &told);
	if (!error)
		error = message_encode(out, object, (struct bytes){NULL, 0});
	json_decref(object);
	return error;
}

static int kind_find(const char *name, enum handshake_kind *out, struct why *why)
{
	for (size_t i = 0; i < KINDS; i++) {
		if (strcmp(kinds[i], name) == 0) {
			*out = (enum handshake_kind)i;
			return 0;
		}
	}
	return why_set(why, EPROTO, "no message of a handshake");
}

static int handshake_take(const json_t *object, struct handshake *out, struct why *why)
{
	struct told told = {.kind = NULL};
	size_t taken = 0;
	int got;

	for (size_t i = 0; i < FIELDS; i++) {
		got = field_decode(object, &fields[i], &told, why);
		if (got < 0)
			return got;
		taken += (size_t)got;
	}
	if (json_object_size(object) != taken)
		return why_set(why, EPROTO, "a handshake has a field that is not known");
	got = kind_find(told.kind, &out->kind, why);
	if (got)
		return got;
	out->version = told.version;
	if ((out->kind == HANDSHAKE_ANSWER) != !told.nonce)
		return why_set(why, EPROTO, "the nonce is missing, or too much");
	if ((told.nonce && hex_get(out->nonce, told.nonce, NONCE_BYTES)) ||
	    hex_get(out->proof, told.proof, PROOF_BYTES))
		return why_set(why, EPROTO, "a nonce or a proof is not %d bytes in hexadecimal",
		               NONCE_BYTES);
	return 0;
}

/* Bounds far below those of other messages: nobody is known yet. */
static bool lengths_fit(const uint8_t bytes[8])
{
	static const uint8_t zero[4];

	return !bytes[0] && !bytes[1] && bytes[2] * 256u + bytes[3] <= HANDSHAKE_JSON_MAX &&
	       memcmp(bytes + 4, zero, 4) == 0;
}

ssize_t handshake_decode(const uint8_t *bytes, size_t n, struct handshake *out, struct why *why)
{
	struct handshake taken = {.version = 0};
	struct bytes payload;
	json_t *object;
	ssize_t len;
	int error;

	if (n < 8)
		return 0;
	if (!lengths_fit(bytes))
		return why_set(why, EPROTO, "its first bytes are no handshake");
	len = message_decode(bytes, n, &object, &payload, why);
	if (len <= 0)
		return len;
	error = handshake_take(object, &taken, why);
	json_decref(object);
	if (error)
		return error;
	*out = taken;
	return len;
}

static void proof_make(uint8_t out[PROOF_BYTES], const struct handshake *message,
                       const struct agent_token *token, const struct nonces *nonces)
{
	const uint32_t v = message->version;
	const uint8_t head[] = {(uint8_t)message->kind, (uint8_t)(v >> 24), (uint8_t)(v >> 16),
	                        (uint8_t)(v >> 8), (uint8_t)v};
	struct hmac_sha256_ctx hmac;

	hmac_sha256_set_key(&hmac, token->len, token->at);
	hmac_sha256_update(&hmac, sizeof(purpose), (const uint8_t *)purpose);
	hmac_sha256_update(&hmac, sizeof(head), head);
	hmac_sha256_update(&hmac, NONCE_BYTES, nonces->client);
	hmac_sha256_update(&hmac, NONCE_BYTES, nonces->agent);
	hmac_sha256_digest(&hmac, PROOF_BYTES, out);
	explicit_bzero(&hmac, sizeof(hmac));
}

void handshake_prove(struct handshake *message, const struct agent_token *token,
                     const struct nonces *nonces)
{
	proof_make(message->proof, message, token, nonces);
}

bool handshake_holds(const struct handshake *message, const struct agent_token *token,
                     const struct nonces *nonces)
{
	uint8_t right[PROOF_BYTES];

	proof_make(right, message, token, nonces);
	return memeql_sec(right, message->proof, PROOF_BYTES);
}
