/* Every way for a message of the agent's protocol to be wrong. */
#include "dut/dut.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include <sys/types.h>

static ssize_t decode(const struct buffer *buffer, size_t n, uint32_t *id,
                      struct agent_request *request, struct agent_storage *storage,
                      struct why *why)
{
	return agent_request_decode((const uint8_t *)buffer->at, n, id, request, storage, why);
}

static void put_length(struct buffer *out, size_t n)
{
	const uint8_t bytes[4] = {(uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8),
	                          (uint8_t)n};

	buffer_put(out, bytes, 4);
}

static struct buffer framed(const char *json, const char *payload)
{
	struct buffer buffer = {.at = NULL};

	put_length(&buffer, strlen(json));
	put_length(&buffer, strlen(payload));
	buffer_text(&buffer, json);
	buffer_text(&buffer, payload);
	return buffer;
}

static const struct {
	const char *json, *why;
} bad_requests[] = {
	{"", "not JSON"},
	{"{", "not JSON"},
	{"{} {}", "not JSON"},
	{"{\"id\":1,\"id\":1}", "not JSON"},
	{"\xff", "not JSON"},
	{"{\"id\":99999999999999999999}", "not JSON"},
	{"[]", "no JSON object"},
	{"{}", "id is missing"},
	{"{\"id\":\"1\",\"verb\":\"info\",\"socket\":1}", "id is not a whole number"},
	{"{\"id\":1.0,\"verb\":\"info\",\"socket\":1}", "id is not a whole number"},
	{"{\"id\":0,\"verb\":\"info\",\"socket\":1}", "id is out of range: 0"},
	{"{\"id\":4294967296,\"verb\":\"info\",\"socket\":1}", "id is out of range"},
	{"{\"id\":1}", "verb is missing"},
	{"{\"id\":1,\"verb\":5}", "verb is missing, or no string"},
	{"{\"id\":1,\"verb\":\"fly\"}", "there is no verb \"fly\""},
	{"{\"id\":1,\"verb\":\"info\"}", "socket is missing"},
	{"{\"id\":1,\"verb\":\"info\",\"socket\":0}", "socket is out of range: 0"},
	{"{\"id\":1,\"verb\":\"info\",\"socket\":4097}", "socket is out of range: 4097"},
	{"{\"id\":1,\"verb\":\"info\",\"socket\":null}", "socket is not a whole number"},
	{"{\"id\":1,\"verb\":\"info\",\"socket\":1,\"size\":1}", "does not take"},
	{"{\"id\":1,\"verb\":\"socket\",\"family\":5}", "family is out of range: 5"},
	{"{\"id\":1,\"verb\":\"socket\",\"family\":7}", "family is out of range: 7"},
	{"{\"id\":1,\"verb\":\"bind\",\"socket\":1,\"local\":4,\"local_port\":1,"
	 "\"reuse\":true}", "local is not a string"},
	{"{\"id\":1,\"verb\":\"bind\",\"socket\":1,\"local\":\"10.0.0\",\"local_port\":1,"
	 "\"reuse\":true}", "local is no address"},
	{"{\"id\":1,\"verb\":\"bind\",\"socket\":1,\"local\":\"::1\",\"local_port\":65536,"
	 "\"reuse\":true}", "local_port is out of range"},
	{"{\"id\":1,\"verb\":\"bind\",\"socket\":1,\"local\":\"::1\",\"local_port\":1,"
	 "\"reuse\":1}", "reuse is not true or false"},
	{"{\"id\":1,\"verb\":\"read\",\"socket\":1,\"size\":0,\"wait\":0}",
	 "size is out of range: 0"},
	{"{\"id\":1,\"verb\":\"read\",\"socket\":1,\"size\":1048577,\"wait\":0}",
	 "size is out of range: 1048577"},
	{"{\"id\":1,\"verb\":\"accept\",\"socket\":1,\"wait\":-1}", "wait is out of range"},
	{"{\"id\":1,\"verb\":\"state\",\"local\":\"::1\",\"local_port\":1,"
	 "\"remote\":\"10.0.0.1\",\"remote_port\":1}", "two families"},
	{"{\"id\":1,\"verb\":\"state-wait\",\"local\":\"::1\",\"local_port\":1,"
	 "\"state\":\"none\",\"wait\":0}", "state is no state"},
	{"{\"id\":1,\"verb\":\"counter\",\"text\":\"\"}", "text has 0 bytes"},
	{"{\"id\":1,\"verb\":\"counter\",\"text\":\"a\\u0000b\"}", "not JSON"},
	{"{\"id\":1,\"verb\":\"counter\",\"text\":[\"a\"]}", "text is not a string"},
};

static void malformed_requests_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_requests) / sizeof(bad_requests[0]); i++) {
		struct buffer buffer = framed(bad_requests[i].json, "");
		struct agent_request request;
		struct agent_storage storage;
		struct why why = {.text = ""};
		uint32_t id;

		assert_int_equal(decode(&buffer, buffer.len, &id, &request, &storage, &why),
		                 -EPROTO);
		if (!strstr(why.text, bad_requests[i].why))
			fail_msg("%s: %s", bad_requests[i].json, why.text);
		buffer_free(&buffer);
	}
}

static const struct {
	const char *json, *why;
} bad_replies[] = {
	{"{}", "id is missing"},
	{"{\"id\":1}", "error is missing"},
	{"{\"id\":1,\"error\":-1}", "error is out of range"},
	{"{\"id\":1,\"error\":4096}", "error is out of range"},
	{"{\"id\":1,\"error\":0}", "began is missing"},
	{"{\"id\":1,\"error\":0,\"began\":-1}", "began is out of range"},
	{"{\"id\":1,\"error\":0,\"began\":1,\"ended\":\"\"}", "ended is not a whole"},
	{"{\"id\":1,\"error\":0,\"began\":1,\"ended\":1,\"socket\":0}", "socket is out"},
	{"{\"id\":1,\"error\":0,\"began\":1,\"ended\":1,\"number\":true}", "number is not"},
	{"{\"id\":1,\"error\":0,\"began\":1,\"ended\":1,\"state\":\"ESTAB\"}", "no state"},
	{"{\"id\":1,\"error\":0,\"began\":1,\"ended\":1,\"why\":7}", "why is not a string"},
	{"{\"id\":1,\"error\":0,\"began\":1,\"ended\":1,\"mood\":7}", "not known"},
	{"{\"id\":1,\"error\":0,\"began\":1,\"ended\":1,\"info\":7}", "info is no object"},
	{"{\"id\":1,\"error\":0,\"began\":1,\"ended\":1,\"info\":{}}",
	 "info: state is missing"},
};

static void malformed_replies_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_replies) / sizeof(bad_replies[0]); i++) {
		struct buffer buffer = framed(bad_replies[i].json, "");
		struct agent_reply reply;
		struct agent_storage storage;
		struct why why = {.text = ""};

		assert_int_equal(agent_reply_decode((const uint8_t *)buffer.at, buffer.len, &reply,
		                                    &storage, &why),
		                 -EPROTO);
		if (!strstr(why.text, bad_replies[i].why))
			fail_msg("%s: %s", bad_replies[i].json, why.text);
		buffer_free(&buffer);
	}
}

static void lengths_are_judged_before_their_bytes_come(void **state)
{
	static const size_t lengths[][2] = {
		{AGENT_JSON_MAX + 1, 0}, {0, AGENT_PAYLOAD_MAX + 1}, {UINT32_MAX, UINT32_MAX}};
	struct agent_request request;
	struct agent_storage storage;
	struct why why;
	uint32_t id;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct buffer buffer = {.at = NULL};

		put_length(&buffer, lengths[i][0]);
		put_length(&buffer, lengths[i][1]);
		assert_int_equal(decode(&buffer, 7, &id, &request, &storage, &why), 0);
		assert_int_equal(decode(&buffer, 8, &id, &request, &storage, &why), -EPROTO);
		buffer_free(&buffer);
	}
}

static void a_payload_is_only_for_a_verb_that_takes_it(void **state)
{
	struct buffer buffer = framed("{\"id\":1,\"verb\":\"close\",\"socket\":1}", "x");
	struct agent_request request;
	struct agent_storage storage;
	struct why why;
	uint32_t id;

	(void)state;
	assert_int_equal(decode(&buffer, buffer.len, &id, &request, &storage, &why), -EPROTO);
	assert_string_equal(why.text, "close takes no payload");
	buffer_free(&buffer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(malformed_requests_are_refused),
		cmocka_unit_test(malformed_replies_are_refused),
		cmocka_unit_test(lengths_are_judged_before_their_bytes_come),
		cmocka_unit_test(a_payload_is_only_for_a_verb_that_takes_it),
	};

	return cmocka_run_group_tests_name("malformed", tests, NULL, NULL);
}
