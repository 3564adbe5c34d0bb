/*
 * What a case makes the DUT do: socket calls by the agent, and states by sock_diag.
 *
 * A verb sends its call to the agent and waits for the answer while the wire goes on being heard; a
 * call that does not come back in time, or fails, ends the case with its verdict. dut_try_* return
 * the call's errno instead (0: success). Sockets are numbers from 1, given by the agent.
 */
#ifndef LASTACK_DUT_H
#define LASTACK_DUT_H

#include <lastack/clock.h>
#include <lastack/peer.h>
#include <lastack/segment.h>

/* RFC 9293 section 3.3.2. CLOSED: sock_diag knows no such connection. */
enum state {
	STATE_NONE,
	LISTEN,
	SYN_SENT,
	SYN_RECEIVED,
	ESTABLISHED,
	FIN_WAIT_1,
	FIN_WAIT_2,
	CLOSE_WAIT,
	CLOSING,
	LAST_ACK,
	TIME_WAIT,
	CLOSED,
};

/* "SYN-RECEIVED", as the RFC spells it; "none" for STATE_NONE. */
const char *state_name(enum state state);

/* How a listener is to be. */
struct listening {
	int backlog;    /* default 128; use_backlog_zero for 0 */
	bool use_backlog_zero;
	uint16_t port;  /* default: chosen from the seed */
	int syncnt;     /* TCP_SYNCNT, where > 0 */
	int defer_accept; /* TCP_DEFER_ACCEPT in seconds, where > 0 */
	bool second;    /* at the DUT's second address */
};

/* socket, bind and listen. The first listener of a case is the one that dial() uses. */
#define dut_listen(lab) lab_listen(LASTACK_L(lab), &(struct listening){.port = 0})
#define dut_listen_as(lab, ...) lab_listen(LASTACK_L(lab), &(struct listening){__VA_ARGS__})
int lab_listen(struct lab *lab, const struct listening *how);

/* The listener's socket of the lab, opened if need be. */
int dut_listener(struct lab *lab);

/* accept() the connection of this peer; it must be the next one in the queue, within 1 s. */
void dut_accept(struct peer *p);
/* accept() has nothing: EAGAIN now. */
void dut_expect_no_accept(struct peer *p);

/*
 * Start connect() to this peer: a socket is opened, bound to the peer's DUT port if it has one, and
 * the call goes on while the case does. dut_connect_reuse() sets SO_REUSEADDR first.
 */
void dut_connect(struct peer *p);
void dut_connect_reuse(struct peer *p);
/* The same without a word on the DUT's own address: the socket is bound to its port alone. */
void dut_connect_unbound(struct peer *p);
/* The started connect() succeeds, or fails with this errno, in the window after it was called. */
void dut_expect_connected(struct peer *p);
void dut_expect_connect_error(struct peer *p, int error, struct window when);

/* A started connect() or any socket: make its socket the peer's, or ask which it is (0: none). */
int dut_socket_of(const struct peer *p);

/* write() all of it; partial writes go on. dut_try_write returns errno. */
void dut_write(struct peer *p, struct bytes data);
int dut_try_write(struct peer *p, struct bytes data);

/*
 * What an agent does by socket calls, and at a target without one the service on its port does of
 * its own accord. Numbers and bytes are the service's: ask for peer_rcv_nxt(), not for 1.
 *
 * dut_sends: 1 to 1000 bytes. SERVICE_ECHO: the service is sent as much, and what only
 * acknowledges that is taken in; the next segment is data, at peer_rcv_nxt().
 * dut_speaks: right after accept(), 1 byte or more. SERVICE_GREET.
 * dut_closes: SERVICE_CLOSE: it is asked over HTTP, and what it says before is taken in and
 * acknowledged; the next segment has the FIN, and may have data. Returns the rung that it answers.
 * dut_closes_after: the peer's FIN was just injected, and the application closes too. An ACK that
 * comes before the DUT's FIN is taken in; the next segment has the FIN. SERVICE_QUIET: a case is
 * skipped if the service does not close within 2 s.
 */
void dut_sends(struct peer *p, size_t n);
void dut_speaks(struct peer *p);
int dut_closes(struct peer *p);
void dut_closes_after(struct peer *p);

/* read() gives just these bytes, in one or more calls, within 1 s. */
void dut_expect_read(struct peer *p, struct bytes data);
/* read() gives 0: the other side closed. */
void dut_expect_eof(struct peer *p);
/* read() has nothing: EAGAIN now. */
void dut_expect_nothing_to_read(struct peer *p);
/* read() or a pending error gives this errno, within 1 s. */
void dut_expect_read_error(struct peer *p, int error);

/*
 * Urgent data, RFC 9293 section 3.8.5. dut_write_urgent: send(MSG_OOB), whose last byte is the
 * urgent one. dut_expect_urgent: SIGURG has come since it was last asked for, or comes within 1 s.
 * dut_expect_mark: the next byte to be read is the urgent one, or is not. dut_expect_urgent_byte:
 * recv(MSG_OOB) gives it, within 1 s; dut_expect_no_urgent_byte: there is none, now.
 */
void dut_write_urgent(struct peer *p, struct bytes data);
void dut_expect_urgent(struct peer *p);
void dut_expect_no_urgent(struct peer *p);
void dut_expect_mark(struct peer *p, bool there);
void dut_expect_urgent_byte(struct peer *p, uint8_t byte);
void dut_expect_no_urgent_byte(struct peer *p);

/* shutdown(SHUT_WR); close(); SO_LINGER {1, 0} and close(). */
void dut_shutdown(struct peer *p);
void dut_close(struct peer *p);
void dut_abort(struct peer *p);
/* close() of any socket, a listener for one. */
void dut_close_socket(struct lab *lab, int socket);

/*
 * Bare calls. dut_socket: a TCP socket of the case's family. dut_try_bind: to the DUT's address and
 * port (0: any); reuse sets SO_REUSEADDR first. dut_try_listen, dut_try_connect (to the peer; waits
 * at most 1 s, EINPROGRESS where it still goes on).
 */
int dut_socket(struct lab *lab);
int dut_try_bind(struct lab *lab, int socket, uint16_t port, bool reuse);
int dut_try_listen(struct lab *lab, int socket, int backlog);
int dut_try_connect(struct peer *p, int socket);
/* The same to any address, given as text. */
int dut_try_connect_to(struct lab *lab, int socket, const char *address, uint16_t port);

/*
 * The DUT gets a second address, if it has not got one. dial_as(lab, .second = true) and
 * answer_as() give it one too, for the connection's end there. A lab's DUT only.
 */
void dut_second_address(struct lab *lab);

/* An integer socket option of the peer's socket, or of any. level and name as in setsockopt(2). */
void dut_set_option(struct peer *p, int level, int name, int value);
void dut_set_socket_option(struct lab *lab, int socket, int level, int name, int value);
int dut_get_option(struct peer *p, int level, int name);

/* From TCP_INFO (tcp(7)); times in ns. */
struct dut_info {
	enum state state;
	unsigned retransmits, probes, backoff, unacked;
	nanos rto, rtt;
	unsigned snd_mss, rcv_mss, snd_wscale, rcv_wscale;
	unsigned snd_cwnd;
	bool timestamps, sack;
};
struct dut_info dut_info(struct peer *p);
/*
 * The DUT's retransmission timeout, by TCP_INFO. A case that cannot wait for a longer one than most
 * is skipped; many stacks begin with 3 s. With FIRST_TIMEOUT_MAX two intervals can be heard, the
 * second twice as long as the first.
 */
nanos dut_timeout(struct peer *p, nanos most);
#define FIRST_TIMEOUT_MAX sec(4)
/* Within a second, or within a timeout of this length if that is longer. */
struct window dut_within_timeout(nanos rto);
/*
 * How many of n intervals a case waits for, of which the first is so long and each later one twice
 * as long as that before: as many as take 12 s together at most.
 */
int dut_intervals(nanos first, int n);
/* The case is skipped if the DUT's SYN-ACKs are SYN cookies: the claim is about a SYN's traces. */
void dut_keeps_syns(struct peer *p);

/*
 * sock_diag says that this connection is in this state, within 1 s or the window given (from the
 * connection's last segment or socket call, or from .since's rung). Never an anchor for a later
 * window. Returns when the state was seen, ns since the epoch.
 */
nanos dut_expect_state(struct peer *p, enum state state);
nanos dut_expect_state_when(struct peer *p, enum state state, int since, struct window when);
/*
 * As dut_expect_state(), but as a premise(): a DUT that does not follow this rule is in the state
 * instead.
 */
void dut_premise_state(struct peer *p, enum requirement_id rule, enum state state,
                       enum state instead);
/*
 * A connection in this state, by a real exchange, and sock_diag has confirmed it. From ESTABLISHED
 * on the peer has sent 100 bytes, which were read, and the DUT 200, which were acknowledged: the
 * next numbers are 101 and 201, and one more for each FIN. Who closes does so by shutdown(), and
 * holds the socket. SYN-RECEIVED comes from a passive open. Every ACK of the DUT's covers all that
 * was sent. In FIN-WAIT-1, CLOSING and LAST-ACK its FIN is heard and not acknowledged; the third
 * segment was half a second late, so that the FIN does not come again within a second (RFC 6298
 * 2.2). LISTEN, CLOSED: a peer that has sent nothing, to a listener or to a closed port.
 */
struct peer *reach(struct lab *lab, enum state state);
/* The state now. */
enum state dut_state(struct peer *p);
/* The connection is in this state until duration after the rung (0: the last); always asked. */
void dut_expect_state_until(struct peer *p, enum state state, int since, nanos duration);

/* sock_diag says that the listener is in LISTEN, within 1 s. */
void dut_expect_listening(struct lab *lab);

/* The listener's accept queue holds n connections, within 1 s. */
void dut_expect_queue(struct lab *lab, int listener, unsigned n);

/*
 * Set a sysctl in the DUT's namespace ("net.ipv4.tcp_syncookies"); before dial() or dut_listen()
 * where it is read at that time. A kernel that has no such sysctl ends the case as skipped, unless
 * it is known what that kernel goes by (harness/lab/sysctl.c) and that is the value.
 */
void dut_sysctl(struct lab *lab, const char *name, long value);
long dut_sysctl_get(struct lab *lab, const char *name);

/* A counter of the DUT's /proc/net/netstat or snmp, as nstat names it: "TcpExtListenDrops". */
int64_t dut_counter(struct lab *lab, const char *name);

/*
 * What the profile says of a timer, in ns. TIMER_SYN_ACK: until a SYN-ACK is sent again for the
 * first time; TIMER_SYN_RECEIVED: how long a half-open entry lives; TIMER_TICK: timers are counted
 * in ticks of so much, and may run out that much early (0: never early).
 */
enum timer {
	TIMER_TIME_WAIT,
	TIMER_FIN_WAIT_2,
	TIMER_SYN_ACK,
	TIMER_SYN_RECEIVED,
	TIMER_TICK,
	TIMER_END
};
nanos dut_timer(const struct lab *lab, enum timer timer);
/* about(nominal), of a timer that may run out a tick of the profile's early. */
struct window dut_about(const struct lab *lab, nanos nominal);

/* How much longer one segment may take on its way than another. 0 in a lab. */
nanos path_jitter(const struct lab *lab);

/* Every verb notes the line that it stands on. */
#define dut_listener(lab) dut_listener(LASTACK_L(lab))
#define dut_accept(p) dut_accept(LASTACK_P(p))
#define dut_expect_no_accept(p) dut_expect_no_accept(LASTACK_P(p))
#define dut_connect(p) dut_connect(LASTACK_P(p))
#define dut_connect_reuse(p) dut_connect_reuse(LASTACK_P(p))
#define dut_expect_connected(p) dut_expect_connected(LASTACK_P(p))
#define dut_expect_connect_error(p, error, when)                                                   \
	dut_expect_connect_error(LASTACK_P(p), (error), (when))
#define dut_write(p, data) dut_write(LASTACK_P(p), (data))
#define dut_sends(p, n) dut_sends(LASTACK_P(p), (n))
#define dut_speaks(p) dut_speaks(LASTACK_P(p))
#define dut_closes(p) dut_closes(LASTACK_P(p))
#define dut_closes_after(p) dut_closes_after(LASTACK_P(p))
#define dut_try_write(p, data) dut_try_write(LASTACK_P(p), (data))
#define dut_expect_read(p, data) dut_expect_read(LASTACK_P(p), (data))
#define dut_expect_eof(p) dut_expect_eof(LASTACK_P(p))
#define dut_expect_nothing_to_read(p) dut_expect_nothing_to_read(LASTACK_P(p))
#define dut_expect_read_error(p, error) dut_expect_read_error(LASTACK_P(p), (error))
#define dut_write_urgent(p, data) dut_write_urgent(LASTACK_P(p), (data))
#define dut_expect_urgent(p) dut_expect_urgent(LASTACK_P(p))
#define dut_expect_no_urgent(p) dut_expect_no_urgent(LASTACK_P(p))
#define dut_expect_mark(p, there) dut_expect_mark(LASTACK_P(p), (there))
#define dut_expect_urgent_byte(p, byte) dut_expect_urgent_byte(LASTACK_P(p), (byte))
#define dut_expect_no_urgent_byte(p) dut_expect_no_urgent_byte(LASTACK_P(p))
#define dut_shutdown(p) dut_shutdown(LASTACK_P(p))
#define dut_close(p) dut_close(LASTACK_P(p))
#define dut_abort(p) dut_abort(LASTACK_P(p))
#define dut_close_socket(lab, socket) dut_close_socket(LASTACK_L(lab), (socket))
#define dut_socket(lab) dut_socket(LASTACK_L(lab))
#define dut_try_bind(lab, socket, port, reuse)                                                     \
	dut_try_bind(LASTACK_L(lab), (socket), (port), (reuse))
#define dut_try_listen(lab, socket, backlog) dut_try_listen(LASTACK_L(lab), (socket), (backlog))
#define dut_connect_unbound(p) dut_connect_unbound(LASTACK_P(p))
#define dut_second_address(lab) dut_second_address(LASTACK_L(lab))
#define dut_try_connect_to(lab, socket, address, port)                                             \
	dut_try_connect_to(LASTACK_L(lab), (socket), (address), (port))
#define dut_try_connect(p, socket) dut_try_connect(LASTACK_P(p), (socket))
#define dut_set_option(p, level, name, value)                                                      \
	dut_set_option(LASTACK_P(p), (level), (name), (value))
#define dut_set_socket_option(lab, socket, level, name, value)                                     \
	dut_set_socket_option(LASTACK_L(lab), (socket), (level), (name), (value))
#define dut_get_option(p, level, name) dut_get_option(LASTACK_P(p), (level), (name))
#define dut_info(p) dut_info(LASTACK_P(p))
#define dut_timeout(p, most) dut_timeout(LASTACK_P(p), (most))
#define dut_keeps_syns(p) dut_keeps_syns(LASTACK_P(p))
#define dut_expect_state(p, state) dut_expect_state(LASTACK_P(p), (state))
#define dut_premise_state(p, rule, state, instead)                                                 \
	dut_premise_state(LASTACK_P(p), (rule), (state), (instead))
#define dut_expect_state_when(p, state, since, when)                                               \
	dut_expect_state_when(LASTACK_P(p), (state), (since), (when))
#define reach(lab, state) reach(LASTACK_L(lab), (state))
#define dut_expect_listening(lab) dut_expect_listening(LASTACK_L(lab))
#define dut_state(p) dut_state(LASTACK_P(p))
#define dut_expect_state_until(p, state, since, duration)                                          \
	dut_expect_state_until(LASTACK_P(p), (state), (since), (duration))
#define dut_expect_queue(lab, listener, n) dut_expect_queue(LASTACK_L(lab), (listener), (n))
#define dut_sysctl(lab, name, value) dut_sysctl(LASTACK_L(lab), (name), (value))
#define dut_sysctl_get(lab, name) dut_sysctl_get(LASTACK_L(lab), (name))
#define dut_counter(lab, name) dut_counter(LASTACK_L(lab), (name))

#endif
