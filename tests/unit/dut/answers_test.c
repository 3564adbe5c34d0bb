/*
 * An agent that answers what it was not asked. What it says is kept until a case wants it, so that
 * each call gets one answer, and anything else is told apart.
 */
#include "asking.h"
#include "dut/client.h"
#include <stdlib.h>
#include <sys/socket.h>

struct pair {
	struct agent *agent;
	int other;
};

static int begin(void **state)
{
	static struct pair pair;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return -1;
	pair.agent = calloc(1, sizeof(*pair.agent));
	if (!pair.agent)
		return -1;
	pair.agent->fd = ends[0];
	pair.other = ends[1];
	*state = &pair;
	return 0;
}

static int end(void **state)
{
	struct pair *pair = *state;

	agent_free(pair->agent);
	close(pair->other);
	return 0;
}

static void says(const struct pair *pair, uint32_t id, int error)
{
	struct agent_reply reply = {.id = id, .error = error};
	struct buffer out = {.at = NULL};

	assert_int_equal(agent_reply_encode(&out, &reply), 0);
	assert_int_equal(send(pair->other, out.at, out.len, 0), out.len);
	buffer_free(&out);
}

static uint32_t asked(const struct pair *pair)
{
	const struct agent_request request = {.verb = AGENT_SYSCTL_GET, .text = "net.no"};
	struct why why;
	uint32_t id;

	assert_int_equal(agent_call(pair->agent, &request, &id, &why), 0);
	return id;
}

/* The next reply is to a call. */
static bool next_is_asked(const struct pair *pair)
{
	struct agent_reply reply;
	struct why why;

	assert_int_equal(agent_next(pair->agent, &reply, &why), 1);
	return !agent_unasked(pair->agent);
}

static void each_call_has_one_answer(void **state)
{
	const struct pair *pair = *state;
	uint32_t first, second;

	says(pair, 0, 0);
	assert_true(next_is_asked(pair));
	first = asked(pair);
	second = asked(pair);
	says(pair, second, 0);
	says(pair, first, 0);
	assert_true(next_is_asked(pair));
	assert_true(next_is_asked(pair));
	says(pair, second, 0);
	assert_false(next_is_asked(pair));
	asked(pair);
	says(pair, 3, ETIMEDOUT);
	assert_true(next_is_asked(pair));
}

static void a_call_to_come_has_none(void **state)
{
	const struct pair *pair = *state;

	says(pair, asked(pair) + 1, 0);
	assert_false(next_is_asked(pair));
}

static void it_greets_once(void **state)
{
	const struct pair *pair = *state;

	says(pair, 0, 0);
	says(pair, 0, 0);
	assert_true(next_is_asked(pair));
	assert_false(next_is_asked(pair));
}

/* That a call was malformed is told without its number. */
static void it_may_complain_afterwards(void **state)
{
	const struct pair *pair = *state;

	says(pair, 0, 0);
	asked(pair);
	says(pair, 0, EPROTO);
	assert_true(next_is_asked(pair));
	assert_true(next_is_asked(pair));
}

int main(void)
{
#define with_pair(test) cmocka_unit_test_setup_teardown(test, begin, end)
	const struct CMUnitTest tests[] = {
		with_pair(each_call_has_one_answer),
		with_pair(a_call_to_come_has_none),
		with_pair(it_greets_once),
		with_pair(it_may_complain_afterwards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
