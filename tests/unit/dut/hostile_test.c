/* An agent over TCP among strangers: wrong tokens, malformed messages, too much of everything. */
#include "listening.h"
#include <netinet/in.h>

#define WRONG_TOKENS 100
#define MALFORMED 1000 /* half of them from clients that know the token */
#define STRANGERS 500

static int begin(void **state)
{
	static struct host host;

	host_start(&host, NULL, 0);
	*state = &host;
	return 0;
}

/* Whatever was done to it: it serves, and ends well. */
static int end(void **state)
{
	agent_free(host_dial(*state));
	host_end(*state);
	return 0;
}
#define with_host(test) cmocka_unit_test_setup_teardown(test, begin, end)

static void a_hundred_wrong_tokens_get_nothing(void **state)
{
	const struct host *host = *state;
	unsigned lines = 0;
	char log[4096];

	for (int i = 0; i < WRONG_TOKENS; i++) {
		nanos deadline = clock_monotonic() + PATIENCE;
		struct agent_token wrong = right;
		struct agent *agent;
		struct why why;

		wrong.at[i % 20] ^= (uint8_t)(1 + i);
		if (i % 3 == 0)
			wrong.len = i % 2 ? right.len - 1 : right.len + 1;
		assert_int_equal(agent_connect(&agent, &host->where, &wrong, deadline, &why),
		                 -EACCES);
		assert_non_null(strstr(why.text, "the tokens differ"));
	}
	host_says(host, "its token is a different one");
	host_says(host, "refused before it)");
	/* A line a second, not a line each. */
	for (const char *at = host_log(host, log); (at = strchr(at, '\n')); at++)
		lines++;
	assert_true(lines < 20);
}

/* A message, changed in one of the ways that break it. */
static void spoil(struct buffer *message, struct random *random)
{
	const uint32_t last = (uint32_t)message->len - 1;
	uint32_t at = random_between(random, 0, last);

	switch (random_between(random, 0, 4)) {
	case 0:
		message->at[at] ^= (char)(1 << random_between(random, 0, 7));
		break;
	case 1:
		message->len = at;
		break;
	case 2:
		message->at[random_between(random, 0, 7)] ^= (char)random_between(random, 1, 255);
		break;
	case 3:
		for (; at <= last; at++)
			message->at[at] = (char)random_next(random);
		break;
	default:
		memmove(message->at + 8 + at / 4, message->at + 8, message->len - 8 - at / 4);
		message->at[8] = '[';
		break;
	}
}

static void stranger_says(const struct host *host, struct random *random)
{
	struct handshake hello = {HANDSHAKE_HELLO, AGENT_PROTOCOL, {7}, {0}};
	struct buffer out = {.at = NULL}, before = {.at = NULL};
	int fd = host_socket(host);

	handshake_prove(&hello, &right, &(struct nonces){{7}, {0}});
	assert_int_equal(handshake_encode(&out, &hello), 0);
	buffer_put(&before, out.at, out.len);
	while (out.len == before.len && memcmp(out.at, before.at, out.len) == 0)
		spoil(&out, random);
	if (out.len)
		send(fd, out.at, out.len, MSG_NOSIGNAL);
	shutdown(fd, SHUT_WR);
	nothing_but_the_end(fd);
	buffer_free(&out);
	buffer_free(&before);
}

/* It may hit something that is right by chance; what matters is that it ends, or answers. */
static void client_says(const struct host *host, struct random *random)
{
	struct agent_request request = {.verb = AGENT_BIND, .socket = 1, .local = loopback4};
	struct agent *agent = host_dial(host);
	nanos deadline = clock_monotonic() + PATIENCE;
	struct buffer out = {.at = NULL};
	struct agent_reply reply;
	struct why why;
	int got = 0;

	assert_int_equal(agent_request_encode(&out, 1, &request), 0);
	spoil(&out, random);
	if (out.len)
		send(agent_fd(agent), out.at, out.len, MSG_NOSIGNAL);
	shutdown(agent_fd(agent), SHUT_WR);
	while (got >= 0) {
		struct pollfd wait = {.fd = agent_fd(agent), .events = POLLIN};

		got = agent_next(agent, &reply, &why);
		assert_true(clock_monotonic() < deadline);
		if (got == 0)
			poll(&wait, 1, (int)(PATIENCE / ms(1)));
		if (got == 1)
			assert_true(reply.error != 0);
	}
	assert_int_equal(got, -EPIPE);
	agent_free(agent);
	buffer_free(&out);
}

static void a_thousand_malformed_messages_are_survived(void **state)
{
	struct random random = {.state = 20};

	for (int i = 0; i < MALFORMED / 2; i++) {
		stranger_says(*state, &random);
		client_says(*state, &random);
	}
}

/* Silent, or with a part of a hello: they are sent away, and nobody waits for that. */
static void strangers_hold_nobody_up(void **state)
{
	static const uint8_t part[] = {0, 0, 0, 200, 0, 0, 0, 0, '{'};
	int strangers[STRANGERS];
	struct agent *agent;
	nanos began;

	for (size_t i = 0; i < STRANGERS; i++) {
		strangers[i] = host_socket(*state);
		if (i % 2)
			assert_int_equal(send(strangers[i], part, 1 + i / 2 % sizeof(part),
			                      MSG_NOSIGNAL), 1 + i / 2 % sizeof(part));
	}
	began = clock_monotonic();
	agent = host_dial(*state);
	assert_true(clock_monotonic() - began < sec(2));
	agent_free(agent);
	for (size_t i = 0; i < STRANGERS; i++)
		nothing_but_the_end(strangers[i]);
	assert_true(clock_monotonic() - began < sec(9));
	host_says(*state, "too many connections wait");
	host_says(*state, "no handshake: ");
}

/* A hello that somebody has seen can be sent again; whoever has no token comes no further. */
static void replayed_hellos_hold_nobody_up(void **state)
{
	struct handshake hello = {HANDSHAKE_HELLO, AGENT_PROTOCOL, {7}, {0}};
	struct nonces nonces = {{7}, {0}};
	struct buffer bytes = {.at = NULL};
	int replays[40];
	struct agent *agent;
	nanos began;

	handshake_prove(&hello, &right, &nonces);
	assert_int_equal(handshake_encode(&bytes, &hello), 0);
	for (size_t i = 0; i < 40; i++) {
		replays[i] = host_socket(*state);
		assert_int_equal(send(replays[i], bytes.at, bytes.len, MSG_NOSIGNAL), bytes.len);
	}
	began = clock_monotonic();
	agent = host_dial(*state);
	assert_true(clock_monotonic() - began < sec(4));
	agent_free(agent);
	for (size_t i = 0; i < 40; i++)
		close(replays[i]);
	buffer_free(&bytes);
	host_says(*state, "half a handshake, and others wait");
}

static void no_more_than_128_are_served(void **state)
{
	struct agent *agents[AGENT_CONNECTIONS_MAX], *late = NULL;
	const struct host *host = *state;
	struct agent_reply hello;
	struct why why;

	for (size_t i = 0; i < AGENT_CONNECTIONS_MAX; i++)
		agents[i] = host_dial(host);
	assert_int_equal(agent_connect(&late, &host->where, &right, clock_monotonic() + PATIENCE,
	                               &why), 0);
	hello = next_reply(late);
	assert_int_equal(hello.id, 0);
	assert_int_equal(hello.error, EUSERS);
	assert_non_null(strstr(hello.why, "128 clients"));
	agent_free(late);
	for (size_t i = 0; i < AGENT_CONNECTIONS_MAX; i++)
		agent_free(agents[i]);
}

static void sockets_are_limited(void **state)
{
	struct agent *agent = host_dial(*state);
	struct agent_reply reply;
	int n = 0;

	while ((reply = ask(agent, AGENT_SOCKET, .family = 4)).error == 0)
		n++;
	assert_int_equal(reply.error, EMFILE);
	assert_in_range(n, 1000, 1088);
	ask_ok(agent, AGENT_CLOSE, .socket = 1);
	ask_ok(agent, AGENT_SOCKET, .family = 4);
	agent_free(agent);
}

static void memory_is_limited(void **state)
{
	struct agent *agent = host_dial(*state);
	struct scene scene = connected(agent, loopback4);
	int refused = 0;

	fill(agent, scene.client);
	for (int i = 0; i < 20; i++)
		start(agent, AGENT_WRITE, .socket = scene.client, .data = pattern(1 << 20),
		      .wait = sec(20));
	/* 4 MiB wait; the others are answered at once. */
	for (int i = 0; i < 16; i++)
		refused += next_reply(agent).error == ENOBUFS;
	assert_int_equal(refused, 16);
	ask_ok(agent, AGENT_SOCKET, .family = 4);
	agent_free(agent);
}

static void another_version_is_told_on_both_sides(void **state)
{
	const struct host *host = *state;
	nanos deadline = clock_monotonic() + PATIENCE;
	struct handshake hello = {HANDSHAKE_HELLO, AGENT_PROTOCOL + 1, {7}, {0}}, challenge;
	struct nonces nonces = {{7}, {0}};
	struct why why;
	int fd = host_socket(host);

	handshake_prove(&hello, &right, &nonces);
	assert_int_equal(handshake_send(fd, &hello, deadline, &why), 0);
	assert_int_equal(handshake_receive(fd, &challenge, deadline, &why), 0);
	memcpy(nonces.agent, challenge.nonce, NONCE_BYTES);
	assert_int_equal(challenge.version, AGENT_PROTOCOL);
	assert_true(handshake_holds(&challenge, &right, &nonces));
	nothing_but_the_end(fd);
	host_says(host, "it speaks version 3 of the agent's protocol, and this side 2");
}

/* An agent of the next version, for one client. */
static _Noreturn void next_version(int listener)
{
	nanos deadline = clock_monotonic() + PATIENCE;
	struct handshake hello, challenge = {HANDSHAKE_CHALLENGE, AGENT_PROTOCOL + 1, {8}, {0}};
	struct nonces nonces = {{0}, {8}};
	struct why why;
	int fd = accept(listener, NULL, NULL);

	if (handshake_receive(fd, &hello, deadline, &why) != 0)
		_exit(1);
	memcpy(nonces.client, hello.nonce, NONCE_BYTES);
	handshake_prove(&challenge, &right, &nonces);
	_exit(handshake_send(fd, &challenge, deadline, &why) ? 1 : 0);
}

static void a_client_tells_another_version_of_the_agent(void **state)
{
	struct agent_address where = {.at = loopback4};
	struct sockaddr_storage at;
	socklen_t len = agent_sockaddr(&where, &at);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), status;
	struct sockaddr_in bound;
	struct agent *agent;
	struct why why;
	pid_t child;

	(void)state;
	assert_int_equal(bind(listener, (struct sockaddr *)&at, len), 0);
	assert_int_equal(listen(listener, 1), 0);
	len = sizeof(bound);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&bound, &len), 0);
	where.port = ntohs(bound.sin_port);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		next_version(listener);
	assert_int_equal(agent_connect(&agent, &where, &right, clock_monotonic() + PATIENCE, &why),
	                 -EPROTONOSUPPORT);
	assert_non_null(strstr(why.text, "it speaks version 3 of the agent's protocol"));
	assert_non_null(strstr(why.text, "the agent at 127.0.0.1:"));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	/* Nobody accepts now, and then nobody listens. */
	assert_int_equal(agent_connect(&agent, &where, &right, clock_monotonic() + ms(50), &why),
	                 -ETIMEDOUT);
	close(listener);
	assert_int_equal(agent_connect(&agent, &where, &right, clock_monotonic() + PATIENCE, &why),
	                 -ECONNREFUSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_host(a_hundred_wrong_tokens_get_nothing),
		with_host(a_thousand_malformed_messages_are_survived),
		with_host(strangers_hold_nobody_up),
		with_host(replayed_hellos_hold_nobody_up),
		with_host(no_more_than_128_are_served),
		with_host(sockets_are_limited),
		with_host(memory_is_limited),
		with_host(another_version_is_told_on_both_sides),
		cmocka_unit_test(a_client_tells_another_version_of_the_agent),
	};

	return run_in_namespace("hostile", tests);
}
