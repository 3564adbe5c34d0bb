/*
 * How a client and an agent over TCP show each other that they have the same token, which itself
 * never travels. Private to the room.
 *
 *   hello      client -> agent: its version, its nonce, a proof
 *   challenge  agent -> client: its version, its nonce, a proof
 *   answer     client -> agent: a proof
 *
 * A proof is HMAC-SHA256, by the token, of the kind of message, its version and the nonces known by
 * then. The hello's can be replayed and shows only that the token is known somewhere: who has no
 * token gets not one byte. The other two depend on the other side's nonce. These three messages
 * stay as they are in every version, so that two versions can tell each other what they are.
 */
#ifndef DUT_HANDSHAKE_H
#define DUT_HANDSHAKE_H

#include "dut/dut.h"

#define NONCE_BYTES 32
#define PROOF_BYTES 32
#define HANDSHAKE_JSON_MAX 512u /* no message is longer, and none has a payload */

enum handshake_kind { HANDSHAKE_HELLO, HANDSHAKE_CHALLENGE, HANDSHAKE_ANSWER };

struct handshake {
	enum handshake_kind kind;
	uint32_t version;            /* from 1 */
	uint8_t nonce[NONCE_BYTES];  /* the sender's; an answer's is zero, and not sent */
	uint8_t proof[PROOF_BYTES];
};

/* Append a whole message. 0, -EINVAL, -ENOMEM. */
int handshake_encode(struct buffer *out, const struct handshake *message);
/* The first message of n bytes: its length, 0 when it is not complete, or -EPROTO. */
ssize_t handshake_decode(const uint8_t *bytes, size_t n, struct handshake *out, struct why *why);

/* The two nonces of a connection; the agent's is zero until its challenge. */
struct nonces {
	uint8_t client[NONCE_BYTES], agent[NONCE_BYTES];
};
/* Fill message->proof in. */
void handshake_prove(struct handshake *message, const struct agent_token *token,
                     const struct nonces *nonces);
/* Does its proof hold? Takes as long for a wrong one as for a right one. */
bool handshake_holds(const struct handshake *message, const struct agent_token *token,
                     const struct nonces *nonces);

/*
 * A message over the socket fd, waiting until the deadline (monotonic). Not a byte more than the
 * message is received. -EPIPE: closed by the other side; -ETIMEDOUT; -EPROTO; -errno.
 */
int handshake_send(int fd, const struct handshake *message, nanos deadline, struct why *why);
int handshake_receive(int fd, struct handshake *out, nanos deadline, struct why *why);

/*
 * The agent's side, and the client's, on a connected socket. -EACCES: the other side has another
 * token; -EPROTONOSUPPORT: it speaks another version; or as above.
 */
int handshake_agent(int fd, const struct agent_token *token, nanos deadline, struct why *why);
int handshake_client(int fd, const struct agent_token *token, nanos deadline, struct why *why);

#endif
