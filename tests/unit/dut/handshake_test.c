/* Who knows the token, and who does not: the handshake's messages and both of its sides. */
#include "dut/handshake.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct agent_token token = {.len = 16, .at = "0123456789abcdef"};
static const struct agent_token another = {.len = 16, .at = "0123456789abcdeg"};
static const struct nonces nonces = {{1, 2, 3}, {4, 5, 6}};

static struct buffer encoded(const struct handshake *message)
{
	struct buffer out = {.at = NULL};

	assert_int_equal(handshake_encode(&out, message), 0);
	return out;
}

static void what_is_encoded_is_decoded(void **state)
{
	(void)state;
	for (int kind = HANDSHAKE_HELLO; kind <= HANDSHAKE_ANSWER; kind++) {
		struct handshake message = {(enum handshake_kind)kind, 7, {0}, {0}}, back;
		struct buffer out;

		if (kind != HANDSHAKE_ANSWER)
			memcpy(message.nonce, nonces.client, NONCE_BYTES);
		handshake_prove(&message, &token, &nonces);
		out = encoded(&message);
		for (size_t n = 0; n < out.len; n++)
			assert_int_equal(handshake_decode((uint8_t *)out.at, n, &back, NULL), 0);
		assert_int_equal(handshake_decode((uint8_t *)out.at, out.len, &back, NULL),
		                 out.len);
		assert_memory_equal(&back, &message, sizeof(back));
		buffer_free(&out);
	}
}

/* HMAC-SHA256 by another implementation: Python's hmac. */
static void a_proof_is_the_hmac_that_the_header_says(void **state)
{
	static const uint8_t want[PROOF_BYTES] = {
		0x62, 0xa2, 0x41, 0x71, 0xb2, 0xa3, 0x70, 0x50,
		0xc4, 0x5e, 0xe6, 0x2f, 0x22, 0x08, 0x5d, 0xba,
		0xd1, 0xbd, 0x4d, 0x52, 0x74, 0xd7, 0xb9, 0x15,
		0x3f, 0xb3, 0x3b, 0x28, 0x6d, 0x5f, 0x7a, 0xb4,
	};
	struct handshake message = {HANDSHAKE_CHALLENGE, 1, {0}, {0}};

	(void)state;
	handshake_prove(&message, &token, &nonces);
	assert_memory_equal(message.proof, want, PROOF_BYTES);
}

static void a_proof_holds_for_one_thing_only(void **state)
{
	struct handshake message = {HANDSHAKE_CHALLENGE, 1, {0}, {0}}, changed;
	struct nonces other = nonces;

	(void)state;
	handshake_prove(&message, &token, &nonces);
	assert_true(handshake_holds(&message, &token, &nonces));
	assert_false(handshake_holds(&message, &another, &nonces));
	changed = message;
	changed.kind = HANDSHAKE_ANSWER;
	assert_false(handshake_holds(&changed, &token, &nonces));
	changed = message;
	changed.version = AGENT_PROTOCOL + 1;
	assert_false(handshake_holds(&changed, &token, &nonces));
	for (size_t bit = 0; bit < PROOF_BYTES * 8; bit++) {
		changed = message;
		changed.proof[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_false(handshake_holds(&changed, &token, &nonces));
	}
	other.client[0] ^= 1;
	assert_false(handshake_holds(&message, &token, &other));
	other = nonces;
	other.agent[31] ^= 128;
	assert_false(handshake_holds(&message, &token, &other));
}

#define HEX32 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
static const struct {
	const char *json, *why;
} malformed[] = {
	{"{", "not JSON"},
	{"[]", "no JSON object"},
	{"{}", "agent is missing"},
	{"{\"agent\":7}", "agent is not a string"},
	{"{\"agent\":\"hello\"}", "version is missing"},
	{"{\"agent\":\"hello\",\"version\":0}", "version is out of range"},
	{"{\"agent\":\"hello\",\"version\":1}", "proof is missing"},
	{"{\"agent\":\"hello\",\"version\":1,\"proof\":\"" HEX32 "\"}", "nonce is missing"},
	{"{\"agent\":\"answer\",\"version\":1,\"nonce\":\"" HEX32 "\",\"proof\":\"" HEX32 "\"}",
	 "too much"},
	{"{\"agent\":\"howdy\",\"version\":1,\"nonce\":\"" HEX32 "\",\"proof\":\"" HEX32 "\"}",
	 "no message of a handshake"},
	{"{\"agent\":\"hello\",\"version\":1,\"nonce\":\"00\",\"proof\":\"" HEX32 "\"}",
	 "not 32 bytes"},
	{"{\"agent\":\"hello\",\"version\":1,\"nonce\":\"" HEX32 "00\",\"proof\":\"" HEX32 "\"}",
	 "nonce has 66 bytes"},
	{"{\"agent\":\"answer\",\"version\":1,\"proof\":\"0G0102030405060708090a0b0c0d0e0f"
	 "101112131415161718191a1b1c1d1e1f\"}", "not 32 bytes"},
	{"{\"agent\":\"answer\",\"version\":1,\"proof\":\"" HEX32 "\",\"shell\":\"id\"}",
	 "not known"},
};

static void malformed_messages_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++) {
		const size_t n = strlen(malformed[i].json);
		const uint8_t lengths[8] = {0, 0, (uint8_t)(n >> 8), (uint8_t)n};
		struct buffer in = {.at = NULL};
		struct why why = {.text = ""};
		struct handshake out;

		buffer_put(&in, lengths, sizeof(lengths));
		buffer_text(&in, malformed[i].json);
		assert_int_equal(handshake_decode((uint8_t *)in.at, in.len, &out, &why), -EPROTO);
		if (!strstr(why.text, malformed[i].why))
			fail_msg("%s: %s", malformed[i].json, why.text);
		buffer_free(&in);
	}
}

static void lengths_are_judged_before_their_bytes_come(void **state)
{
	static const uint8_t lengths[][8] = {{0, 0, 2, 1},        {0, 1, 0, 0},
	                                     {1, 0, 0, 0},        {255, 255, 255, 255},
	                                     {0, 0, 0, 9, 0, 0, 0, 1}, {0, 0, 0, 9, 1}};
	struct handshake out;

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		assert_int_equal(handshake_decode(lengths[i], 8, &out, NULL), -EPROTO);
}

/* Both sides over a socket pair: the results of the agent's and of the client's. */
static void sides(const struct agent_token *agents, const struct agent_token *clients,
                  int *agent_error, int *client_error, struct why *why)
{
	nanos deadline = clock_monotonic() + sec(5);
	int pair[2], status;
	pid_t child;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		close(pair[0]);
		_exit(-handshake_agent(pair[1], agents, deadline, NULL));
	}
	close(pair[1]);
	*client_error = handshake_client(pair[0], clients, deadline, why);
	close(pair[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	*agent_error = -WEXITSTATUS(status);
}

static void one_token_opens_and_another_does_not(void **state)
{
	int agent_error, client_error;
	struct why why = {.text = ""};

	(void)state;
	sides(&token, &token, &agent_error, &client_error, &why);
	assert_int_equal(agent_error, 0);
	assert_int_equal(client_error, 0);
	sides(&token, &another, &agent_error, &client_error, &why);
	assert_int_equal(agent_error, -EACCES);
	assert_int_equal(client_error, -EACCES);
	assert_non_null(strstr(why.text, "the tokens differ"));
}

/* An agent that sends back what it heard, or makes something up. */
static void an_agent_must_know_the_token_too(void **state)
{
	nanos deadline = clock_monotonic() + sec(5);
	struct handshake hello, challenge;
	struct why why;
	int pair[2];

	(void)state;
	for (int reflected = 0; reflected < 2; reflected++) {
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
		challenge = (struct handshake){HANDSHAKE_CHALLENGE, 1, {9}, {9}};
		if (reflected) {
			struct handshake own = {HANDSHAKE_HELLO, 1, {9}, {0}};

			handshake_prove(&own, &token, &(struct nonces){{9}, {0}});
			memcpy(challenge.proof, own.proof, PROOF_BYTES);
		}
		assert_int_equal(handshake_send(pair[1], &challenge, deadline, &why), 0);
		assert_int_equal(handshake_client(pair[0], &token, deadline, &why), -EACCES);
		assert_string_equal(why.text, "its token is a different one");
		assert_int_equal(handshake_receive(pair[1], &hello, deadline, &why), 0);
		close(pair[0]);
		/* Not a byte of an answer to it. */
		assert_int_equal(handshake_receive(pair[1], &hello, deadline, &why), -EPIPE);
		close(pair[1]);
	}
}

static void silence_ends_at_the_deadline(void **state)
{
	struct handshake out;
	struct why why;
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(send(pair[1], "\0\0\0", 3, 0), 3);
	assert_int_equal(handshake_receive(pair[0], &out, clock_monotonic() + ms(20), &why),
	                 -ETIMEDOUT);
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_encoded_is_decoded),
		cmocka_unit_test(a_proof_is_the_hmac_that_the_header_says),
		cmocka_unit_test(a_proof_holds_for_one_thing_only),
		cmocka_unit_test(malformed_messages_are_refused),
		cmocka_unit_test(lengths_are_judged_before_their_bytes_come),
		cmocka_unit_test(one_token_opens_and_another_does_not),
		cmocka_unit_test(an_agent_must_know_the_token_too),
		cmocka_unit_test(silence_ends_at_the_deadline),
	};

	return cmocka_run_group_tests_name("handshake", tests, NULL, NULL);
}
