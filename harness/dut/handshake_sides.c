/* The handshake over a socket, from both sides. */
#include "dut/connect.h"
#include "dut/handshake.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

int handshake_send(int fd, const struct handshake *message, nanos deadline, struct why *why)
{
	struct buffer out = {.at = NULL};
	int error = handshake_encode(&out, message);
	size_t sent = 0;

	while (!error && sent < out.len) {
		ssize_t n = send(fd, out.at + sent, out.len - sent, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n >= 0)
			sent += (size_t)n;
		else if (errno == EAGAIN)
			error = socket_await(fd, POLLOUT, deadline);
		else if (errno != EINTR)
			error = errno == ECONNRESET ? -EPIPE : -errno;
	}
	buffer_free(&out);
	return error ? why_set(why, -error, "the handshake cannot be sent: %s", strerror(-error))
	             : 0;
}

/* Exactly n bytes. */
static int receive_all(int fd, uint8_t *out, size_t n, nanos deadline)
{
	while (n > 0) {
		int error = socket_await(fd, POLLIN, deadline);
		ssize_t got;

		if (error)
			return error;
		got = recv(fd, out, n, MSG_DONTWAIT);
		if (got == 0 || (got < 0 && errno == ECONNRESET))
			return -EPIPE;
		if (got < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		if (got > 0) {
			out += got;
			n -= (size_t)got;
		}
	}
	return 0;
}

int handshake_receive(int fd, struct handshake *out, nanos deadline, struct why *why)
{
	uint8_t bytes[8 + HANDSHAKE_JSON_MAX];
	ssize_t len;
	int error = receive_all(fd, bytes, 8, deadline);

	if (error)
		return why_set(why, -error, "no handshake: %s",
		               error == -EPIPE ? "the connection was closed" : strerror(-error));
	len = handshake_decode(bytes, 8, out, why);
	if (len < 0)
		return (int)len;
	/* Not more than fits: it was judged already. */
	len = 8 + (bytes[2] << 8 | bytes[3]);
	error = receive_all(fd, bytes + 8, (size_t)len - 8, deadline);
	if (error)
		return why_set(why, -error, "half a handshake: %s",
		               error == -EPIPE ? "the connection was closed" : strerror(-error));
	len = handshake_decode(bytes, (size_t)len, out, why);
	return len < 0 ? (int)len : 0;
}

static int nonce_make(uint8_t out[NONCE_BYTES], struct why *why)
{
	if (getrandom(out, NONCE_BYTES, 0) != NONCE_BYTES)
		return why_set(why, errno, "no random bytes: %s", strerror(errno));
	return 0;
}

/* A message of this kind whose proof holds, and its nonce into *nonce (NULL: it has none). */
static int receive_proved(int fd, enum handshake_kind kind, struct handshake *out,
                          const struct agent_token *token, struct nonces *nonces, uint8_t *nonce,
                          nanos deadline, struct why *why)
{
	int error = handshake_receive(fd, out, deadline, why);

	if (error)
		return error;
	if (out->kind != kind)
		return why_set(why, EPROTO, "it sent a message that the handshake does not expect");
	if (nonce)
		memcpy(nonce, out->nonce, NONCE_BYTES);
	if (!handshake_holds(out, token, nonces))
		return why_set(why, EACCES, "its token is a different one");
	return 0;
}

static int send_proved(int fd, struct handshake *message, const struct agent_token *token,
                       const struct nonces *nonces, nanos deadline, struct why *why)
{
	handshake_prove(message, token, nonces);
	return handshake_send(fd, message, deadline, why);
}

static int version_check(uint32_t version, struct why *why)
{
	if (version == AGENT_PROTOCOL)
		return 0;
	return why_set(why, EPROTONOSUPPORT,
	               "it speaks version %u of the agent's protocol, and this side %u: use one "
	               "lastack on both", version, AGENT_PROTOCOL);
}

int handshake_agent(int fd, const struct agent_token *token, nanos deadline, struct why *why)
{
	struct handshake hello, answer, challenge = {HANDSHAKE_CHALLENGE, AGENT_PROTOCOL, {0}, {0}};
	struct nonces nonces = {{0}, {0}};
	int error = receive_proved(fd, HANDSHAKE_HELLO, &hello, token, &nonces, nonces.client,
	                           deadline, why);

	if (!error)
		error = nonce_make(nonces.agent, why);
	if (error)
		return error;
	memcpy(challenge.nonce, nonces.agent, NONCE_BYTES);
	/* To another version too: its side shall say what is wrong. */
	error = send_proved(fd, &challenge, token, &nonces, deadline, why);
	if (!error)
		error = version_check(hello.version, why);
	if (!error)
		error = receive_proved(fd, HANDSHAKE_ANSWER, &answer, token, &nonces, NULL,
		                       deadline, why);
	return error;
}

int handshake_client(int fd, const struct agent_token *token, nanos deadline, struct why *why)
{
	struct handshake challenge, hello = {HANDSHAKE_HELLO, AGENT_PROTOCOL, {0}, {0}};
	struct handshake answer = {HANDSHAKE_ANSWER, AGENT_PROTOCOL, {0}, {0}};
	struct nonces nonces = {{0}, {0}};
	int error = nonce_make(nonces.client, why);

	if (error)
		return error;
	memcpy(hello.nonce, nonces.client, NONCE_BYTES);
	error = send_proved(fd, &hello, token, &nonces, deadline, why);
	if (!error)
		error = receive_proved(fd, HANDSHAKE_CHALLENGE, &challenge, token, &nonces,
		                       nonces.agent, deadline, why);
	if (error == -EPIPE)
		return why_set(why, EACCES, "the connection was closed during the handshake: the "
		               "tokens differ, or no agent listens there");
	if (!error)
		error = version_check(challenge.version, why);
	if (!error)
		error = send_proved(fd, &answer, token, &nonces, deadline, why);
	return error;
}
