/* The agent's two codecs: every verb there and back. */
#include "dut/dut.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

static const struct address v4 = {.family = 4, .at = {10, 0, 0, 2}};
static const struct address v6 = {.family = 6, .at = {0xfd, [15] = 9}};

/* Every verb with all that it takes, and the JSON that it must make. */
static const struct {
	struct agent_request request;
	const char *json;
} requests[] = {
	{{.verb = AGENT_SOCKET, .family = 6}, "{\"id\":7,\"verb\":\"socket\",\"family\":6}"},
	{{.verb = AGENT_BIND, .socket = 1, .local = {4, {10, 0, 0, 2}}, .local_port = 80,
	  .reuse = true},
	 "{\"id\":7,\"verb\":\"bind\",\"socket\":1,\"local\":\"10.0.0.2\",\"local_port\":80,"
	 "\"reuse\":true}"},
	{{.verb = AGENT_LISTEN, .socket = 4096, .value = -1},
	 "{\"id\":7,\"verb\":\"listen\",\"socket\":4096,\"value\":-1}"},
	{{.verb = AGENT_ACCEPT, .socket = 1, .wait = sec(1)},
	 "{\"id\":7,\"verb\":\"accept\",\"socket\":1,\"wait\":1000000000}"},
	{{.verb = AGENT_CONNECT, .socket = 2, .remote = {6, {0xfd, [15] = 9}},
	  .remote_port = 65535, .wait = NANOS_MAX},
	 "{\"id\":7,\"verb\":\"connect\",\"socket\":2,\"remote\":\"fd00::9\","
	 "\"remote_port\":65535,\"wait\":9223372036854775807}"},
	{{.verb = AGENT_READ, .socket = 1, .size = AGENT_PAYLOAD_MAX, .wait = 0},
	 "{\"id\":7,\"verb\":\"read\",\"socket\":1,\"size\":1048576,\"wait\":0}"},
	{{.verb = AGENT_WRITE, .socket = 1, .wait = 1, .data = {"a\0b", 3}},
	 "{\"id\":7,\"verb\":\"write\",\"socket\":1,\"wait\":1}"},
	{{.verb = AGENT_SHUTDOWN, .socket = 1, .value = 1},
	 "{\"id\":7,\"verb\":\"shutdown\",\"socket\":1,\"value\":1}"},
	{{.verb = AGENT_CLOSE, .socket = 3}, "{\"id\":7,\"verb\":\"close\",\"socket\":3}"},
	{{.verb = AGENT_SETSOCKOPT, .socket = 1, .level = 6, .name = 1, .value = INT_MIN},
	 "{\"id\":7,\"verb\":\"setsockopt\",\"socket\":1,\"level\":6,\"name\":1,"
	 "\"value\":-2147483648}"},
	{{.verb = AGENT_LINGER, .socket = 1, .value = 1, .size = 5},
	 "{\"id\":7,\"verb\":\"linger\",\"socket\":1,\"value\":1,\"size\":5}"},
	{{.verb = AGENT_GETSOCKOPT, .socket = 1, .level = 6, .name = 2},
	 "{\"id\":7,\"verb\":\"getsockopt\",\"socket\":1,\"level\":6,\"name\":2}"},
	{{.verb = AGENT_INFO, .socket = 1}, "{\"id\":7,\"verb\":\"info\",\"socket\":1}"},
	{{.verb = AGENT_STATE, .local = {4, {10, 0, 0, 2}}, .local_port = 80,
	  .remote = {4, {10, 0, 0, 1}}, .remote_port = 81},
	 "{\"id\":7,\"verb\":\"state\",\"local\":\"10.0.0.2\",\"local_port\":80,"
	 "\"remote\":\"10.0.0.1\",\"remote_port\":81}"},
	{{.verb = AGENT_STATE, .local = {4, {10, 0, 0, 2}}, .local_port = 80},
	 "{\"id\":7,\"verb\":\"state\",\"local\":\"10.0.0.2\",\"local_port\":80}"},
	{{.verb = AGENT_STATE_WAIT, .local = {4, {10, 0, 0, 2}}, .local_port = 80,
	  .remote = {4, {10, 0, 0, 1}}, .remote_port = 81, .state = TIME_WAIT, .wait = 5},
	 "{\"id\":7,\"verb\":\"state-wait\",\"local\":\"10.0.0.2\",\"local_port\":80,"
	 "\"remote\":\"10.0.0.1\",\"remote_port\":81,\"state\":\"TIME-WAIT\",\"wait\":5}"},
	{{.verb = AGENT_STATE_HOLD, .local = {4, {10, 0, 0, 2}}, .local_port = 80,
	  .remote = {4, {10, 0, 0, 1}}, .remote_port = 81, .state = CLOSED, .wait = 5},
	 "{\"id\":7,\"verb\":\"state-hold\",\"local\":\"10.0.0.2\",\"local_port\":80,"
	 "\"remote\":\"10.0.0.1\",\"remote_port\":81,\"state\":\"CLOSED\",\"wait\":5}"},
	{{.verb = AGENT_QUEUE_WAIT, .local = {4, {10, 0, 0, 2}}, .local_port = 80, .size = 0},
	 "{\"id\":7,\"verb\":\"queue-wait\",\"local\":\"10.0.0.2\",\"local_port\":80,"
	 "\"size\":0,\"wait\":0}"},
	{{.verb = AGENT_POLL, .socket = 1, .value = 4, .wait = 5},
	 "{\"id\":7,\"verb\":\"poll\",\"socket\":1,\"value\":4,\"wait\":5}"},
	{{.verb = AGENT_SYSCTL_GET, .text = "net.ipv4.tcp_sack"},
	 "{\"id\":7,\"verb\":\"sysctl-get\",\"text\":\"net.ipv4.tcp_sack\"}"},
	{{.verb = AGENT_SYSCTL_SET, .text = "net.ipv4.tcp_sack", .number = INT64_MIN},
	 "{\"id\":7,\"verb\":\"sysctl-set\",\"number\":-9223372036854775808,"
	 "\"text\":\"net.ipv4.tcp_sack\"}"},
	{{.verb = AGENT_COUNTER, .text = "TcpExtListenDrops"},
	 "{\"id\":7,\"verb\":\"counter\",\"text\":\"TcpExtListenDrops\"}"},
	{{.verb = AGENT_READ, .socket = 1, .size = 1, .urgent = true},
	 "{\"id\":7,\"verb\":\"read\",\"socket\":1,\"size\":1,\"wait\":0,\"urgent\":true}"},
	{{.verb = AGENT_WRITE, .socket = 1, .urgent = true, .data = {"a", 1}},
	 "{\"id\":7,\"verb\":\"write\",\"socket\":1,\"wait\":0,\"urgent\":true}"},
	{{.verb = AGENT_URGENT, .wait = 5}, "{\"id\":7,\"verb\":\"urgent\",\"wait\":5}"},
	{{.verb = AGENT_MARK, .socket = 1}, "{\"id\":7,\"verb\":\"mark\",\"socket\":1}"},
};
#define REQUESTS (sizeof(requests) / sizeof(requests[0]))

static void assert_address_equal(const struct address *a, const struct address *b)
{
	assert_int_equal(a->family, b->family);
	if (a->family)
		assert_true(address_equal(a, b));
}

static void assert_request_equal(const struct agent_request *a, const struct agent_request *b)
{
	assert_int_equal(a->verb, b->verb);
	assert_int_equal(a->socket, b->socket);
	assert_int_equal(a->family, b->family);
	assert_address_equal(&a->local, &b->local);
	assert_address_equal(&a->remote, &b->remote);
	assert_int_equal(a->local_port, b->local_port);
	assert_int_equal(a->remote_port, b->remote_port);
	assert_int_equal(a->reuse, b->reuse);
	assert_int_equal(a->urgent, b->urgent);
	assert_int_equal(a->level, b->level);
	assert_int_equal(a->name, b->name);
	assert_int_equal(a->value, b->value);
	assert_int_equal(a->size, b->size);
	assert_true(a->number == b->number);
	assert_int_equal(a->state, b->state);
	assert_true(a->wait == b->wait);
	assert_int_equal(!a->text, !b->text);
	if (a->text)
		assert_string_equal(a->text, b->text);
	assert_int_equal(a->data.len, b->data.len);
	if (a->data.len)
		assert_memory_equal(a->data.at, b->data.at, a->data.len);
}

static ssize_t decode(const struct buffer *buffer, size_t n, uint32_t *id,
                      struct agent_request *request, struct agent_storage *storage,
                      struct why *why)
{
	return agent_request_decode((const uint8_t *)buffer->at, n, id, request, storage, why);
}

static void every_verb_comes_back(void **state)
{
	bool seen[AGENT_VERBS] = {false};

	(void)state;
	for (size_t i = 0; i < REQUESTS; i++) {
		struct buffer buffer = {.at = NULL};
		struct agent_request back;
		struct agent_storage storage;
		struct why why = {.text = ""};
		uint32_t id = 0;

		seen[requests[i].request.verb] = true;
		assert_int_equal(agent_request_encode(&buffer, 7, &requests[i].request), 0);
		assert_int_equal(buffer.len, 8 + strlen(requests[i].json) +
		                 requests[i].request.data.len);
		assert_memory_equal(buffer.at + 8, requests[i].json, strlen(requests[i].json));
		for (size_t n = 0; n < buffer.len; n++)
			assert_int_equal(decode(&buffer, n, &id, &back, &storage, &why), 0);
		/* What follows is the next message's. */
		buffer_text(&buffer, "rest");
		assert_int_equal(decode(&buffer, buffer.len, &id, &back, &storage, &why),
		                 buffer.len - 4);
		assert_int_equal(id, 7);
		assert_request_equal(&requests[i].request, &back);
		agent_storage_free(&storage);
		buffer_free(&buffer);
	}
	for (unsigned i = 0; i < AGENT_VERBS; i++)
		assert_true(seen[i]);
}

static void unused_fields_are_not_sent(void **state)
{
	struct agent_request full = {.verb = AGENT_CLOSE, .socket = 3, .family = 9, .local = v4,
	                             .remote = v6, .size = 1, .number = 1, .state = CLOSED,
	                             .wait = -1, .text = "x", .data = {"abc", 3}};
	const char *json = "{\"id\":7,\"verb\":\"close\",\"socket\":3}";
	struct buffer buffer = {.at = NULL};

	(void)state;
	assert_int_equal(agent_request_encode(&buffer, 7, &full), 0);
	assert_int_equal(buffer.len, 8 + strlen(json));
	assert_memory_equal(buffer.at + 8, json, strlen(json));
	buffer_free(&buffer);
}

static void requests_that_cannot_be_sent(void **state)
{
	char long_text[300] = "";
	const struct {
		struct agent_request request;
		int error;
	} bad[] = {
		{{.verb = AGENT_VERBS}, -EINVAL},
		{{.verb = AGENT_SOCKET, .family = 5}, -EINVAL},
		{{.verb = AGENT_SOCKET, .family = 0}, -EINVAL},
		{{.verb = AGENT_CLOSE, .socket = 0}, -EINVAL},
		{{.verb = AGENT_CLOSE, .socket = AGENT_SOCKETS_MAX + 1}, -EINVAL},
		{{.verb = AGENT_BIND, .socket = 1}, -EINVAL},
		{{.verb = AGENT_CONNECT, .socket = 1}, -EINVAL},
		{{.verb = AGENT_READ, .socket = 1, .size = 0}, -EINVAL},
		{{.verb = AGENT_READ, .socket = 1, .size = AGENT_PAYLOAD_MAX + 1}, -EINVAL},
		{{.verb = AGENT_READ, .socket = 1, .size = SIZE_MAX}, -EINVAL},
		{{.verb = AGENT_LINGER, .socket = 1, .size = SIZE_MAX}, -EINVAL},
		{{.verb = AGENT_ACCEPT, .socket = 1, .wait = -1}, -EINVAL},
		{{.verb = AGENT_STATE, .local = v4, .remote = v6}, -EINVAL},
		{{.verb = AGENT_STATE_WAIT, .local = v4, .state = STATE_NONE}, -EINVAL},
		{{.verb = AGENT_COUNTER}, -EINVAL},
		{{.verb = AGENT_COUNTER, .text = ""}, -EINVAL},
		{{.verb = AGENT_COUNTER, .text = "\xff"}, -EINVAL},
		{{.verb = AGENT_COUNTER, .text = long_text}, -EINVAL},
		{{.verb = AGENT_WRITE, .socket = 1, .data = {"", AGENT_PAYLOAD_MAX + 1}}, -E2BIG},
	};
	struct buffer buffer = {.at = NULL};

	(void)state;
	memset(long_text, 'a', sizeof(long_text) - 1);
	buffer_text(&buffer, "as it was");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(agent_request_encode(&buffer, 1, &bad[i].request), bad[i].error);
	assert_int_equal(agent_request_encode(&buffer, 0, &requests[0].request), -EINVAL);
	assert_string_equal(buffer.at, "as it was");
	buffer_free(&buffer);
}

static void replies_come_back(void **state)
{
	const struct agent_reply replies[] = {
		{.id = 0},
		{.id = UINT32_MAX, .error = ETIMEDOUT, .began = 1, .ended = INT64_MAX, .late = 7,
		 .number = INT64_MIN, .socket = AGENT_SOCKETS_MAX, .why = "no \"luck\"\n",
		 .remote = v6, .remote_port = 65535, .state = LAST_ACK, .data = {"\0\xff", 2}},
		{.id = 1, .remote = v4, .number = INT64_MAX,
		 .info = {.state = SYN_SENT, .retransmits = 1, .probes = 2, .backoff = 3,
		          .unacked = UINT_MAX, .rto = sec(1), .rtt = us(5), .snd_mss = 6,
		          .rcv_mss = 7, .snd_wscale = 8, .rcv_wscale = 9, .snd_cwnd = 10,
		          .timestamps = true, .sack = true}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		const struct agent_reply *reply = &replies[i];
		struct buffer buffer = {.at = NULL};
		struct agent_storage storage;
		struct agent_reply back;
		struct why why;

		assert_int_equal(agent_reply_encode(&buffer, reply), 0);
		assert_int_equal(agent_reply_decode((const uint8_t *)buffer.at, buffer.len, &back,
		                                    &storage, &why),
		                 buffer.len);
		assert_int_equal(back.id, reply->id);
		assert_int_equal(back.error, reply->error);
		assert_int_equal(back.socket, reply->socket);
		assert_true(back.number == reply->number);
		assert_true(back.began == reply->began && back.ended == reply->ended);
		assert_true(back.late == reply->late);
		assert_address_equal(&back.remote, &reply->remote);
		assert_int_equal(back.remote_port, reply->remote_port);
		assert_int_equal(back.state, reply->state);
		assert_int_equal(back.info.state, reply->info.state);
		assert_int_equal(back.info.unacked, reply->info.unacked);
		assert_int_equal(back.info.snd_cwnd, reply->info.snd_cwnd);
		assert_true(back.info.rto == reply->info.rto && back.info.rtt == reply->info.rtt);
		assert_int_equal(back.info.timestamps, reply->info.timestamps);
		assert_int_equal(back.data.len, reply->data.len);
		if (reply->data.len)
			assert_memory_equal(back.data.at, reply->data.at, reply->data.len);
		assert_int_equal(!back.why, !reply->why);
		if (reply->why)
			assert_string_equal(back.why, reply->why);
		agent_storage_free(&storage);
		buffer_free(&buffer);
	}
}

static void a_reason_that_is_no_utf8_does_not_stop_a_reply(void **state)
{
	const struct agent_reply reply = {.id = 1, .error = 1, .why = "\xff\xfe"};
	struct buffer buffer = {.at = NULL};
	struct agent_storage storage;
	struct agent_reply back;

	(void)state;
	assert_int_equal(agent_reply_encode(&buffer, &reply), 0);
	assert_int_equal(agent_reply_decode((const uint8_t *)buffer.at, buffer.len, &back, &storage,
	                                    NULL),
	                 buffer.len);
	assert_string_equal(back.why, "the reason is not UTF-8");
	agent_storage_free(&storage);
	buffer_free(&buffer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_verb_comes_back),
		cmocka_unit_test(unused_fields_are_not_sent),
		cmocka_unit_test(requests_that_cannot_be_sent),
		cmocka_unit_test(replies_come_back),
		cmocka_unit_test(a_reason_that_is_no_utf8_does_not_stop_a_reply),
	};

	return cmocka_run_group_tests_name("codec", tests, NULL, NULL);
}
