/*
 * peer: sequence spaces, inject and expect, and the one loop that waits for wire, sources and
 * deadline. A case sees <lastack/peer.h>; this door is for the lab, which makes peers.
 *
 * An exchange is the conversation of one case: its wire, its peers, its ladder. What happens on it
 * goes to the observer, who ends the process when a verdict falls.
 */
#ifndef PEER_PEER_H
#define PEER_PEER_H

#include "base/base.h"
#include "packet/packet.h"
#include "wire/wire.h"
#include <lastack/peer.h>
#include <lastack/verdict.h>

enum rung_kind {
	RUNG_SENT,       /* a segment of ours */
	RUNG_LOST,       /* one of ours that the network lost on purpose: it never left */
	RUNG_HEARD,      /* a segment of the DUT's */
	RUNG_HEARD_LOST, /* one of the DUT's that the network lost on purpose */
	RUNG_SILENCE,    /* nothing was heard */
	RUNG_CALL,       /* a socket call on the DUT and its result */
	RUNG_STATE,      /* a state seen on the DUT */
	RUNG_STRAY,      /* a frame that belongs to no peer */
	RUNG_MISSING,    /* what was expected and did not come */
};

struct rung {
	int number;
	enum rung_kind kind;
	int peer;         /* which connection, from 1; 0: none */
	nanos time;       /* ns since the epoch */
	const char *text; /* the segment or call in words */
	const char *want; /* what was expected, where the rung judges; NULL: nothing */
	bool broken;      /* not as expected */
	bool error;       /* RUNG_STRAY: an ICMP error about a segment of ours */
};

struct observer {
	void *arg;
	void (*rung)(void *arg, const struct rung *rung);
	/* The case waits for this until a point on the monotonic clock; only if over 200 ms. */
	void (*waiting)(void *arg, const char *what, nanos until);
	/*
	 * The end: does not return. line is the case's. broken says that a claim is broken: what
	 * that means is decided later, by the facts (see exchange_facts()). Otherwise verdict is
	 * the case's own.
	 */
	void (*verdict)(void *arg, bool broken, enum verdict verdict, int line,
	                const char *message) __attribute__((noreturn));
	/* Called before the loop blocks: a time to flush what the calls above collected. */
	void (*idle)(void *arg);
};

struct exchange;

/* What a path asks for that is not our own. All zero in a lab. */
struct exchange_path {
	void *arg;
	nanos rtt;       /* the round trip's time at the worst, which windows are widened by */
	nanos rtt_least; /* and at the best */
	unsigned mtu; /* of the link; 0: frames are not compared with it */
	bool routed;  /* the DUT's hardware address is that of a router */
	/* When the next segment of ours may leave, monotonic. NULL: at once. */
	nanos (*turn)(void *arg);
	/*
	 * A connection that may be open at the DUT now: next is our SND.NXT, acked the DUT's last
	 * acknowledgement, both absolute. open false: the DUT has reset it. NULL is fine.
	 */
	void (*noted)(void *arg, uint16_t port, uint16_t dut_port, bool open, uint32_t next,
		      uint32_t acked);
	/*
	 * How long the DUT, a process of this machine, has waited for a processor in all, ns. *now:
	 * it waits at this moment, or runs. NULL: it is no such process.
	 */
	nanos (*kept_waiting)(void *arg, bool *now);
	/*
	 * Why the DUT keeps nothing of a SYN that it has answered, or NULL: it keeps it. Asked when
	 * what only such a DUT leaves out did not come. NULL is fine.
	 */
	const char *(*cookies)(void *arg);
	/* An ICMP message about one of our segments. NULL is fine. */
	void (*error)(void *arg, const struct packet *packet);
};

struct exchange_config {
	struct wire *wire; /* stays the caller's */
	struct observer observer;
	struct address peer_address, dut_address;
	struct mac peer_mac, dut_mac;
	uint64_t seed;
	double time_scale;
	struct exchange_path path;
	void *owner;    /* whose conversation it is, for exchange_owner() */
	bool shared;    /* others live on the link: addresses are not lied about */
	bool rehearsal; /* nothing is sent: every expectation is met as it is written, at once */
};

/* -ENOMEM. Owned by the caller; peers are the exchange's. */
int exchange_new(struct exchange **out, const struct exchange_config *config, struct why *why);
void exchange_free(struct exchange *exchange);

/*
 * Another descriptor that the loop waits for. ready() is called when it is readable; its -errno
 * ends the case as an error with the text of why.
 */
void exchange_watch(struct exchange *exchange, int fd, int (*ready)(void *arg, struct why *why),
                    void *arg);

/*
 * Run the loop until done(arg) or the deadline (monotonic ns): true when done. Frames that come
 * meanwhile wait for their peers. what is shown as the reason for waiting.
 */
bool exchange_wait(struct exchange *exchange, bool (*done)(void *arg), void *arg, nanos deadline,
                   const char *what);

struct peer *peer_new(struct exchange *exchange, uint16_t port, uint16_t dut_port, uint32_t isn);
/* Has it a segment that is not judged yet? The first, or NULL. Its last segment's or call's number.
 */
bool peer_waits(const struct peer *p);
const struct heard *peer_first(const struct peer *p);
int peer_last_rung(const struct peer *p);
struct exchange *peer_exchange(const struct peer *p);
/* The DUT's address of this connection; the exchange's, unless it was set. */
const struct address *peer_dut_address(const struct peer *p);
void peer_set_dut_address(struct peer *p, const struct address *address);
/* It is that of the first segment that comes. */
void peer_leave_dut_address_open(struct peer *p);
/* Is there a peer for this pair of ports already? */
bool exchange_has_peer(const struct exchange *exchange, uint16_t port, uint16_t dut_port);
/* The lab's own handles on a peer: its socket on the DUT (0: none) and its pending connect. */
int peer_socket(const struct peer *p);
void peer_set_socket(struct peer *p, int socket);
uint32_t peer_pending(const struct peer *p);
void peer_set_pending(struct peer *p, uint32_t call);
/* When the DUT's connect() to it was started, ns since the epoch. */
nanos peer_connected(const struct peer *p);
void peer_set_connected(struct peer *p, nanos when);

/*
 * Put a rung on the ladder for something that is no segment. An anchor becomes what the peer's next
 * window counts from. text and want are copied. Returns its number. p may be NULL.
 */
int exchange_rung(struct exchange *exchange, struct peer *p, enum rung_kind kind, nanos time,
                  bool anchor, bool broken, const char *text, const char *want);

/*
 * What comes next for this connection is an ICMP error about a segment of ours, of this type and
 * code (ICMP_ANY: whichever), in time. Not for rehearsals.
 */
#define ICMP_ANY (-1)
void peer_expect_icmp(struct peer *p, int type, int code, struct window when);

/* What a window of this peer counts from: .since's rung, or for 0 the last anchor; ns, epoch. */
nanos peer_anchor(struct peer *p, int since);
/* Windows count from this time (ns, epoch) until the next segment or call becomes the anchor. */
void peer_move_anchor(struct peer *p, nanos time);
/* The monotonic deadline for a point of the capture's clock, and the other way round. */
nanos exchange_deadline(const struct exchange *exchange, nanos realtime);
struct window exchange_window(const struct exchange *exchange, struct window window);

/* End the case: a claim is broken, or with a verdict of its own. They do not return. */
void exchange_break(struct exchange *exchange, const char *format, ...)
	__attribute__((noreturn, format(printf, 2, 3)));
void exchange_end(struct exchange *exchange, enum verdict verdict, const char *format, ...)
	__attribute__((noreturn, format(printf, 3, 4)));

/* The same for a premise of the claim: see premise(). */
void exchange_break_premise(struct exchange *exchange, enum requirement_id rule,
                            const char *format, ...)
	__attribute__((noreturn, format(printf, 3, 4)));

/* Since when (ns, epoch) the harness could have gone on, by something that is no segment. */
void exchange_could(struct exchange *exchange, nanos since);

/*
 * Somebody who acts for the case went on so much later than wanted, ns: whose, in words, lives as
 * long as the exchange. What breaks soon afterwards is inconclusive.
 */
void exchange_stall(struct exchange *exchange, nanos late, const char *whose);
/* A time is wrong by off, ns, and the claim is about to break for that reason. */
void exchange_off_by(struct exchange *exchange, nanos off);
/* Ends the case because the agent or stack did not reply to what was asked of it. */
void exchange_end_unreached(struct exchange *exchange, const char *what) __attribute__((noreturn));

/*
 * Reset each connection that may be open at the DUT. One that was never opened, that a RST ended,
 * or whose FINs were both acknowledged is left alone.
 */
void exchange_leave(struct exchange *exchange);
/*
 * The same, and make sure of it. Where the DUT may have more than it acknowledged, it is asked
 * first; a challenge ACK (RFC 5961 3.2) is answered by a RST with its number. The answers are
 * awaited for patience ns at most. No rung is added, so this may be called by the observer, too.
 */
void exchange_close(struct exchange *exchange, nanos patience);
/*
 * A segment of this connection was sent or heard by other means than the exchange's: what is open
 * at the DUT depends on it, too.
 */
void peer_saw(struct peer *p, bool sent, const struct packet_tcp *tcp);
/* Was there a connection, and has it ended: by a RST, or by both FINs and their ACKs? */
bool peer_is_over(const struct peer *p);
/* Forget the connection: the next SYN opens another one, with this initial sequence number. */
void peer_renew(struct peer *p, uint32_t isn);

/* Show sequence numbers as they are on the wire. */
void exchange_set_absolute(struct exchange *exchange);
/*
 * End as inconclusive when the ladder has so many rungs, instead of 50000: what is heard is kept.
 */
void exchange_set_limit(struct exchange *exchange, size_t rungs);

/* The time on the ladder now, ns since the epoch: a rehearsal has a clock of its own. */
nanos exchange_now(const struct exchange *exchange);

void *exchange_owner(const struct exchange *exchange);

/* Frames that cannot be read, or were captured only in part, are noted, and break nothing. */
void exchange_tolerate(struct exchange *exchange);

/* The line of the case that runs. */
void exchange_set_line(struct exchange *exchange, int line);
bool exchange_rehearsal(const struct exchange *exchange);
struct random *exchange_random(struct exchange *exchange);

/*
 * After the body: take in what is still on the wire, and note whether the capture dropped frames,
 * or the real-time clock was set meanwhile.
 */
void exchange_audit(struct exchange *exchange);
/* What is known of how the case ended. Strings are the exchange's. */
struct break_facts exchange_facts(const struct exchange *exchange);

/*
 * Tests only: a liar between DUT and peer sees each frame before the peer does. One from the DUT it
 * may rewrite in place, LIAR_ROOM bytes more than there were at most, and it returns how long to
 * withhold the frame: 0 passes it on at once, a negative value drops it. *again is negative; set,
 * it passes the frame on a second time, that long after the DUT sent it. A frame of our own (sent)
 * is taken as it is; with *again set, what the liar made of it comes as the DUT's answer that
 * long after. Set before the case starts; NULL takes it away.
 */
#define LIAR_ROOM 64
typedef nanos (*liar_fn)(void *arg, bool sent, uint8_t *frame, size_t *len, nanos *again);
void exchange_set_liar(struct exchange *exchange, liar_fn liar, void *arg);

#endif
