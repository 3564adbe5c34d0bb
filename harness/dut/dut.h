/*
 * dut: ways to reach a DUT. The agent is a process in the DUT's namespace, or on the DUT's host,
 * that makes socket calls at a case's word; this is its protocol, its serving side and its client.
 *
 * A message is two big-endian 32-bit lengths, a JSON object of the first length and raw payload of
 * the second; both are bounded. A call that waits (accept, connect, read, write, a state) does not
 * stop the agent: its reply comes when it is done or its deadline is past, so replies may overtake
 * each other, and the id says which call they answer.
 */
#ifndef DUT_DUT_H
#define DUT_DUT_H

#include "base/base.h"
#include "packet/packet.h"
#include <lastack/dut.h>
#include <stdint.h>
#include <sys/types.h>

#define AGENT_JSON_MAX 65536u
#define AGENT_PAYLOAD_MAX (1u << 20)
#define AGENT_SOCKETS_MAX 4096

enum agent_verb {
	AGENT_SOCKET,     /* family -> socket */
	AGENT_BIND,       /* socket, local, local_port, reuse -> number: the port bound */
	AGENT_LISTEN,     /* socket, value: backlog */
	AGENT_ACCEPT,     /* socket, wait -> socket, remote, remote_port */
	AGENT_CONNECT,    /* socket, remote, remote_port, wait */
	AGENT_READ,       /* socket, size, wait, urgent -> data; number: its length, 0: the end */
	AGENT_WRITE,      /* socket, data, wait, urgent -> number: bytes written */
	AGENT_SHUTDOWN,   /* socket, value: SHUT_WR, ... */
	AGENT_CLOSE,      /* socket */
	AGENT_SETSOCKOPT, /* socket, level, name, value */
	AGENT_LINGER,     /* socket, value: on, size: seconds */
	AGENT_GETSOCKOPT, /* socket, level, name -> number */
	AGENT_INFO,       /* socket -> info (TCP_INFO) */
	/* In these three, no remote (family 0) stands for the listener. */
	AGENT_STATE,      /* local, remote -> state, info where the kernel gives it */
	AGENT_STATE_WAIT, /* local, remote, state, wait -> state: when it is that, or ETIMEDOUT */
	AGENT_STATE_HOLD, /* local, remote, state, wait -> state: when it is not; ETIMEDOUT: held */
	AGENT_QUEUE_WAIT, /* local, size, wait -> number: listener's accept queue; or ETIMEDOUT */
	AGENT_POLL,       /* socket, value: POLLIN, ..., wait -> number: revents, or ETIMEDOUT */
	AGENT_SYSCTL_GET, /* text: dotted name -> number; ENOENT */
	AGENT_SYSCTL_SET, /* text, number; ENOENT, EINVAL, EPERM */
	AGENT_COUNTER,    /* text: as nstat names it -> number; ENOENT */
	AGENT_URGENT,     /* wait -> SIGURG came since it was last asked for; or ETIMEDOUT */
	AGENT_MARK,       /* socket -> number: 1 where the next byte to be read is the urgent one */
	AGENT_VERBS
};

/* A call. Fields that its verb does not use are ignored. Pointers are the caller's until sent. */
struct agent_request {
	enum agent_verb verb;
	int socket;
	uint8_t family; /* 4 or 6 */
	struct address local, remote;
	uint16_t local_port, remote_port;
	bool reuse;
	bool urgent; /* MSG_OOB */
	int level, name, value;
	size_t size;
	int64_t number;
	enum state state;
	/*
	 * How long it may take, ns; 0: answer now. Not done by then: EAGAIN for accept and read,
	 * EINPROGRESS for connect, ETIMEDOUT for the others. A write of wait 0 is as write(2) is:
	 * EAGAIN when nothing was written. A late one has a why, the socket's own ETIMEDOUT none.
	 */
	nanos wait;
	const char *text;
	struct bytes data;
};

/* An answer. data and why point into the client's buffer until the next agent_next(). */
struct agent_reply {
	uint32_t id;
	int error; /* errno of the call, 0 for success; EPROTO and id 0: not understood, the end */
	int socket;
	int64_t number;
	nanos began; /* CLOCK_REALTIME at the DUT before the call was made, ns */
	nanos ended; /* and when it was done, or the state was seen */
	nanos late;  /* the agent's machine let it go on so much later than it wanted, at worst */
	struct address remote;
	uint16_t remote_port;
	enum state state;
	struct dut_info info;
	struct bytes data;
	const char *why; /* where it says more than the errno does; NULL otherwise */
};

struct agent;

/*
 * Fork an agent into the calling process's network namespace. In the child, prepare(arg, why) runs
 * before it serves (NULL: nothing to prepare); its failure is the reply with id 0, which is always
 * the first. The child dies with its parent, holds no descriptor but its socket and standard error,
 * and, once prepared, no capability but CAP_NET_ADMIN and CAP_NET_BIND_SERVICE. -errno of
 * socketpair() or fork(). Owned by the caller.
 */
int agent_spawn(struct agent **out, int (*prepare)(void *arg, struct why *why), void *arg,
                struct why *why);

/* The secret that both sides of an agent over TCP have. */
#define AGENT_TOKEN_MIN 16u
#define AGENT_TOKEN_MAX 4096u
struct agent_token {
	size_t len;
	uint8_t at[AGENT_TOKEN_MAX];
};
/*
 * The contents of a file, but for a newline at the end. -EPERM: others may read or write it, or it
 * is another user's; -EINVAL: no ordinary file, too short, too long; -errno of open() or read().
 */
int agent_token_read(struct agent_token *out, const char *path, struct why *why);

/* Where an agent listens. */
struct agent_address {
	struct address at;
	unsigned scope; /* interface of a link-local IPv6 address; 0 */
	uint16_t port;
};
/*
 * "ADDR:PORT", "[ADDR]:PORT", or ":PORT" and "PORT", which are 127.0.0.1's; ADDR is a number, with
 * "%INTERFACE" where IPv6 needs one. -EINVAL; -ENODEV: no such interface.
 */
int agent_address_parse(const char *text, struct agent_address *out, struct why *why);
#define AGENT_ADDRESS_TEXT_MAX 80
const char *agent_address_text(const struct agent_address *address,
                               char out[AGENT_ADDRESS_TEXT_MAX]);

#define AGENT_PROTOCOL 2u /* the version; both sides have the same, or part */

/*
 * Connect to an agent that agent_listen() serves, and show it the token, before the deadline
 * (monotonic). As of agent_spawn()'s, its first reply has id 0: EUSERS when it serves as many as it
 * may; its number is how many sysctls may be set. The agent's clock is not this machine's: began
 * and ended of its replies are told in this one's, as well as the answers allow. -EACCES: another
 * token; -EPROTONOSUPPORT: another version; -ETIMEDOUT, -EPROTO, or -errno of connect(). Owned by
 * the caller.
 */
int agent_connect(struct agent **out, const struct agent_address *where,
                  const struct agent_token *token, nanos deadline, struct why *why);
/*
 * The same, and its first reply is heard: *sysctls says whether it lets some be set (NULL is fine).
 * As agent_connect(), or -errno of that reply.
 */
int agent_reach(struct agent **out, const struct agent_address *where,
                const struct agent_token *token, nanos deadline, bool *sysctls, struct why *why);
/* Make a call and wait for its reply, while no other is on the way. As agent_call(), agent_next();
 * -ETIMEDOUT. */
int agent_ask(struct agent *agent, const struct agent_request *request, nanos deadline,
              struct agent_reply *reply, struct why *why);
/* How far off began and ended may be, ns: half the fastest round trip. 0 for a spawned agent. */
nanos agent_clock_error(const struct agent *agent);

/*
 * Ends the agent (SIGKILL) and reaps it; or closes the connection, and waits for at most 2 s until
 * all that was done there is undone. NULL is fine.
 */
void agent_free(struct agent *agent);
/* This side's address of a connection to an agent over TCP; false for a spawned one. */
bool agent_own_address(const struct agent *agent, struct agent_address *out);
/* 0 for one over TCP. */
pid_t agent_pid(const struct agent *agent);

/* Readable when a reply, or the agent's end, may wait. */
int agent_fd(const struct agent *agent);
/*
 * Send a call; *id (from 1) is in its reply. -EPIPE when the agent is gone (replies may be left);
 * -E2BIG; -EINVAL; -ETIMEDOUT when it does not take a long call for 1 s.
 */
int agent_call(struct agent *agent, const struct agent_request *request, uint32_t *id,
               struct why *why);
/* The next reply: 1, or 0 when none is complete, or -EPIPE when the agent is gone (why says how),
 * or -EPROTO for a message that breaks the protocol. Never blocks. */
int agent_next(struct agent *agent, struct agent_reply *reply, struct why *why);
/* More came with the last reply, which agent_fd() does not tell: the next one, or a part of it. */
bool agent_more(const struct agent *agent);
/* Was the last reply to no call? Who keeps replies would keep them without end. */
bool agent_unasked(const struct agent *agent);

/*
 * Serve calls on the socket fd until it is closed by the other side; the body of an agent's
 * process. Returns 0 then, or -EPROTO after a message that breaks the protocol, or -errno. Closes
 * its sockets, not fd. A close() that lingers (SO_LINGER, more than 0 s) stops it for so long.
 */
int agent_serve(int fd, struct why *why);

/* How agent_listen() serves. Everything is the caller's. */
struct agent_listen {
	struct agent_address where; /* port 0: the kernel's choice */
	const struct agent_token *token;
	/* Sysctls that a case may set; they are put back when its connection ends. */
	const char *const *sysctls;
	size_t n_sysctls;
	/* Called once, when clients can connect. */
	void (*listening)(void *arg, const struct agent_address *where);
	void *arg;
};
#define AGENT_SYSCTLS_MAX 64
#define AGENT_CONNECTIONS_MAX 128
/*
 * Serve clients over TCP, each in a process of its own with one capability at most
 * (CAP_NET_BIND_SERVICE) and bounded memory and descriptors, until SIGTERM, SIGINT or SIGHUP: then
 * 0, with every client's sockets closed and sysctls put back. What is refused is logged, a line a
 * second at most. -errno of the listening socket, of a sysctl that cannot be set, or of the loop.
 */
int agent_listen(const struct agent_listen *config, struct why *why);

/* The two codecs, pure, for both sides and the fuzzers. encode appends a whole message. */
int agent_request_encode(struct buffer *out, uint32_t id, const struct agent_request *request);
int agent_reply_encode(struct buffer *out, const struct agent_reply *reply);
/*
 * Decode the first message of n bytes: its length, or 0 when it is not complete, or -EPROTO (why
 * says what is wrong with it). Data points into bytes, and strings into storage, which the caller
 * frees with agent_storage_free() when done with them; on 0 or failure there is nothing to free.
 */
struct agent_storage {
	void *json; /* the JSON tree that holds the strings */
};
void agent_storage_free(struct agent_storage *storage);
ssize_t agent_request_decode(const uint8_t *bytes, size_t n, uint32_t *id,
                             struct agent_request *request, struct agent_storage *storage,
                             struct why *why);
ssize_t agent_reply_decode(const uint8_t *bytes, size_t n, struct agent_reply *reply,
                           struct agent_storage *storage, struct why *why);

/* Linux's state number (net/tcp_states.h) as the RFC's state; STATE_NONE for an unknown one. */
enum state state_from_linux(unsigned number);

#endif
