/*
 * strangers ADDR:PORT TOKEN: 100 wrong tokens and 1000 malformed messages for the agent there, half
 * of these from clients that know the token in the file TOKEN. 0 when each got nothing but an end,
 * or an error.
 * strangers version ADDR:PORT TOKEN: an agent of the protocol's next version, for one client.
 */
#include "dut/connect.h"
#include "dut/handshake.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WRONG_TOKENS 100
#define MALFORMED 1000
#define PATIENCE sec(5)

static struct agent_address where;
static struct agent_token token;
static struct random chance = {.state = 5};

static _Noreturn void fail(const char *what, const char *why)
{
	fprintf(stderr, "strangers: %s: %s\n", what, why);
	exit(1);
}

static nanos soon(void)
{
	return clock_monotonic() + PATIENCE;
}

static void wrong_token(int i)
{
	struct agent_token wrong = token;
	struct agent *agent;
	struct why why = {.text = "it was taken"};

	wrong.at[(size_t)i % wrong.len] ^= (uint8_t)(1 + i);
	if (agent_connect(&agent, &where, &wrong, soon(), &why) != -EACCES)
		fail("a wrong token", why.text);
}

static int connected(void)
{
	struct sockaddr_storage to;
	socklen_t len = agent_sockaddr(&where, &to);
	int fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&to, len) != 0)
		fail("connect()", strerror(errno));
	return fd;
}

/* Bytes by chance, behind lengths that may be right. Returns how many. */
static size_t malformed(uint8_t out[1024])
{
	static const char *const beginnings[] = {"", "{", "{\"verb\":", "[[[[[[[[",
						 "{\"kind\":\"hello\""};
	size_t n = random_between(&chance, 1, 1000);
	const char *text = beginnings[random_between(&chance, 0, 4)];
	size_t len = strlen(text);

	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)random_next(&chance);
	if (n < 8 + len || random_between(&chance, 0, 1))
		return n;
	memset(out, 0, 8);
	out[2] = (uint8_t)((n - 8) >> 8);
	out[3] = (uint8_t)(n - 8);
	memcpy(out + 8, text, len);
	return n;
}

/* Nothing but the end comes, and it may be there before all is sent. */
static void stranger(void)
{
	uint8_t bytes[1024], answer;
	size_t n = malformed(bytes);
	int fd = connected();

	if (send(fd, bytes, n, MSG_NOSIGNAL) < 0)
		fail("send()", strerror(errno));
	if (shutdown(fd, SHUT_WR) != 0 && errno != ENOTCONN)
		fail("shutdown()", strerror(errno));
	if (socket_await(fd, POLLIN, soon()) != 0)
		fail("a stranger's malformed message", "no end came");
	if (recv(fd, &answer, 1, 0) > 0)
		fail("a stranger's malformed message", "an answer came");
	close(fd);
}

/* Errors come, and the end. */
static void client(void)
{
	uint8_t bytes[1024];
	size_t n = malformed(bytes);
	struct agent_reply reply;
	struct agent *agent;
	struct why why;
	int got = 0;

	if (agent_reach(&agent, &where, &token, soon(), NULL, &why) != 0)
		fail("the right token", why.text);
	if (send(agent_fd(agent), bytes, n, MSG_NOSIGNAL) < 0)
		fail("send()", strerror(errno));
	shutdown(agent_fd(agent), SHUT_WR);
	while (got >= 0) {
		got = agent_next(agent, &reply, &why);
		if (got == 1 && !reply.error)
			fail("a client's malformed message", "it was carried out");
		if (got == 0 && socket_await(agent_fd(agent), POLLIN, soon()) != 0)
			fail("a client's malformed message", "no end came");
	}
	agent_free(agent);
}

static int next_version(void)
{
	struct handshake hello, challenge = {HANDSHAKE_CHALLENGE, AGENT_PROTOCOL + 1, {8}, {0}};
	struct nonces nonces = {{0}, {8}};
	struct sockaddr_storage at;
	socklen_t len = agent_sockaddr(&where, &at);
	int fd = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct why why;

	if (fd < 0 || bind(fd, (struct sockaddr *)&at, len) != 0 || listen(fd, 1) != 0)
		fail("listen()", strerror(errno));
	puts("listening");
	fflush(stdout);
	fd = accept(fd, NULL, NULL);
	if (handshake_receive(fd, &hello, soon(), &why) != 0)
		fail("its hello", why.text);
	memcpy(nonces.client, hello.nonce, NONCE_BYTES);
	handshake_prove(&challenge, &token, &nonces);
	if (handshake_send(fd, &challenge, soon(), &why) != 0)
		fail("a challenge", why.text);
	return 0;
}

int main(int argc, char **argv)
{
	bool version = argc == 4 && !strcmp(argv[1], "version");
	struct why why;

	if (argc != 3 && !version)
		fail("usage", "strangers [version] ADDR:PORT TOKEN");
	if (agent_address_parse(argv[argc - 2], &where, &why) != 0 ||
	    agent_token_read(&token, argv[argc - 1], &why) != 0)
		fail("usage", why.text);
	if (version)
		return next_version();
	for (int i = 0; i < WRONG_TOKENS; i++)
		wrong_token(i);
	for (int i = 0; i < MALFORMED; i++) {
		if (i % 2)
			client();
		else
			stranger();
	}
	printf("%d wrong tokens, %d malformed messages\n", WRONG_TOKENS, MALFORMED);
	return 0;
}
