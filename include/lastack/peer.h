/*
 * The scripted peer: the other end of a connection with the DUT, played by hand.
 *
 * The peer keeps both sequence spaces, so that a template's unset fields are right: what it injects
 * carries SND.NXT and RCV.NXT as they stand, and each in-order segment that it hears moves RCV.NXT.
 * It never answers by itself.
 *
 * inject, expect, expect_any and expect_silence record a rung each. One that the DUT does not climb
 * ends the case's process with its verdict; they return only on success.
 */
#ifndef LASTACK_PEER_H
#define LASTACK_PEER_H

#include <lastack/clock.h>
#include <lastack/requirement.h>
#include <lastack/segment.h>
#include <lastack/verdict.h>

struct lab;  /* the world of one case */
struct peer; /* one connection's other end */

/* Remember the line of the case that runs, for its ladder, and return the first argument. */
struct peer *peer_at(struct peer *p, int line);
struct lab *lab_at(struct lab *lab, int line);
#define LASTACK_P(p) peer_at((p), __LINE__)
#define LASTACK_L(lab) lab_at((lab), __LINE__)

/* How a peer is to be; an unset field is chosen from the run's seed. */
struct dialing {
	uint16_t port;   /* the peer's port */
	uint16_t to;     /* the DUT's port; default: the listener's (dial), a chosen one (answer) */
	bool use_isn;    /* take .isn, not a random one */
	uint32_t isn;
	bool second; /* the DUT's second address: dut_second_address() */
	bool open;   /* answer: the DUT's address is that of the first segment that comes */
};

/*
 * A peer that will open a connection to the DUT. The DUT listens (the lab opens a listener with a
 * backlog of 128 unless the case did). Nothing is sent. Owned by the lab, as every peer is.
 */
#define dial(lab) lab_dial(LASTACK_L(lab), &(struct dialing){.port = 0})
#define dial_as(lab, ...) lab_dial(LASTACK_L(lab), &(struct dialing){__VA_ARGS__})
struct peer *lab_dial(struct lab *lab, const struct dialing *how);

/* A peer that the DUT will open a connection to, by dut_connect(). Nothing is sent. */
#define answer(lab) lab_answer(LASTACK_L(lab), &(struct dialing){.port = 0})
#define answer_as(lab, ...) lab_answer(LASTACK_L(lab), &(struct dialing){__VA_ARGS__})
struct peer *lab_answer(struct lab *lab, const struct dialing *how);

/* A peer that talks to a port of the DUT where nothing listens. */
struct peer *dial_closed(struct lab *lab);

/* dial(), the three segments, and accept() on the DUT: ESTABLISHED on both sides. */
#define handshaken(lab) lab_handshaken(LASTACK_L(lab), &(struct dialing){.port = 0})
#define handshaken_as(lab, ...) lab_handshaken(LASTACK_L(lab), &(struct dialing){__VA_ARGS__})
struct peer *lab_handshaken(struct lab *lab, const struct dialing *how);

/* The same, opened by the DUT's connect(). */
struct peer *called(struct lab *lab);

/* inject(p, SYN | ACK, .seq = is(5), ...): send one segment. Returns the rung, for .since. */
#define inject(p, ...) peer_inject(LASTACK_P(p), &(struct segment){.flags = __VA_ARGS__})
int peer_inject(struct peer *p, const struct segment *template);

/*
 * lose(p, ACK, ...): the network loses this segment of ours. Numbers advance as if it had been
 * sent, and the ladder shows it, but nothing leaves.
 */
#define lose(p, ...) peer_lose(LASTACK_P(p), &(struct segment){.flags = __VA_ARGS__})
int peer_lose(struct peer *p, const struct segment *template);

/*
 * inject_icmp(p, about, .type = 3, .code = 1): send the DUT an ICMP error, as a router on the way
 * would, about a segment that was heard on this connection, which it quotes. The numbers are those
 * of the DUT's family: RFC 792, RFC 4443. parameter is the message's second word: an MTU, say.
 * Returns the rung, for .since.
 */
struct icmp_error {
	uint8_t type, code;
	uint32_t parameter;
	struct span seq; /* quoted instead of the segment's own number; relative */
};
#define inject_icmp(p, about, ...)                                                                 \
	peer_inject_icmp(LASTACK_P(p), (about), &(struct icmp_error){__VA_ARGS__})
int peer_inject_icmp(struct peer *p, const struct heard *about, const struct icmp_error *error);

/*
 * expect(p, SYN | ACK, .ack = is(1), ...): the connection's next segment from the DUT is this one,
 * in time. Never returns NULL.
 */
#define expect(p, ...) peer_expect(LASTACK_P(p), &(struct segment){.flags = __VA_ARGS__})
const struct heard *peer_expect(struct peer *p, const struct segment *template);

/*
 * expect_lost(p, ...): as expect, but the network loses the segment on its way to us: judged, and
 * the peer's own numbers stay where they were.
 */
#define expect_lost(p, ...) peer_expect_lost(LASTACK_P(p), &(struct segment){.flags = __VA_ARGS__})
const struct heard *peer_expect_lost(struct peer *p, const struct segment *template);

/*
 * expect_any(p, &got, either(ACK, .len = is(0)), either(RST)): the next segment is one of these.
 * Returns the place of the first that matched, from 0; *got (may be NULL) is the segment.
 */
#define either(...) {.flags = __VA_ARGS__}
#define expect_any(p, got, ...)                                                                    \
	peer_expect_any(LASTACK_P(p), (got), (const struct segment[]){__VA_ARGS__},                \
	                sizeof((const struct segment[]){__VA_ARGS__}) / sizeof(struct segment))
size_t peer_expect_any(struct peer *p, const struct heard **got, const struct segment *templates,
                       size_t n);

/*
 * premise(p, RFC9293(SHLD, 31), either(ACK, .ack = is(201)), either(ACK, .ack = is(101))): a step
 * on the way to the claim that rests on another rule than the claim does, a SHOULD or a MAY. The
 * next segment is the first one of these, by that rule. The others are what a DUT sends that does
 * not follow the rule: if one of them arrives, the case ends, as a deviation from that rule if it
 * is a SHOULD, or skipped if it is a MAY, and the reports name that rule. Anything else breaks the
 * claim itself, as in expect(). Returns the segment, NULL if none was wanted.
 *
 * NOTHING stands for no segment: as the first one until the end of its window (NOTHING_FOR), as
 * another one until the window of each segment of the list has closed.
 */
#define premise(p, rule, ...)                                                                      \
	peer_premise(LASTACK_P(p), (rule), (const struct segment[]){__VA_ARGS__},                  \
	             sizeof((const struct segment[]){__VA_ARGS__}) / sizeof(struct segment))
#define NOTHING {.nothing = true}
#define NOTHING_FOR(duration) {.nothing = true, .when = within(duration)}
const struct heard *peer_premise(struct peer *p, enum requirement_id rule,
                                 const struct segment *templates, size_t n);

/*
 * What has ACK and is for no connection comes to a listener, which should reset it (RFC 9293
 * section 3.10.7.2): premise_listener_resets(p, .seq = is(2), ...). A DUT that does not follow the
 * rule says nothing, or sends a RST of another form. If the connection could still be there, let
 * the segment be one that a connection answers: data, or a number before RCV.NXT.
 */
#define premise_listener_resets(p, ...)                                                            \
	premise((p), RFC9293(EV, LISTEN_ACK), either(RST, __VA_ARGS__), either(RST | ACK), NOTHING)

/*
 * premise_check(p, RFC9293(SHLD, 14), condition, "message with %d", ...): as check(), but of a
 * premise: false ends the case as premise() does.
 */
#define premise_check(p, rule, condition, ...)                                                     \
	peer_premise_check(LASTACK_P(p), (rule), (condition), #condition, __VA_ARGS__)
void peer_premise_check(struct peer *p, enum requirement_id rule, bool condition, const char *what,
                        const char *format, ...) __attribute__((format(printf, 5, 6)));

/*
 * Nothing is heard on this connection until duration after its last segment or socket call, or for
 * duration from now where that point is past. expect_silence_until counts from another rung.
 */
void expect_silence(struct peer *p, nanos duration);
void expect_silence_until(struct peer *p, int since, nanos duration);

/* Wait until a time after a rung (0: the last one), taking in what comes for a later expect. */
void peer_wait_until(struct peer *p, int since, nanos duration);

/* Whatever was heard and not yet expected is forgotten; what the DUT sent keeps its rungs. */
void peer_forget(struct peer *p);

/*
 * How many segments were heard and not yet expected, after listening until duration after the last
 * segment. peer_next() takes the next one without judging it, or returns NULL when there is none.
 */
size_t peer_listen(struct peer *p, nanos duration);
const struct heard *peer_next(struct peer *p);

/* Capture time of a rung, ns since the epoch. A sent segment's: when it was heard leaving. */
nanos rung_time(struct peer *p, int rung);

/* The peer's numbers: initial ones absolute, the rest relative. */
uint32_t peer_iss(const struct peer *p);
uint32_t peer_irs(const struct peer *p);
uint32_t peer_snd_nxt(const struct peer *p);
uint32_t peer_rcv_nxt(const struct peer *p);

/*
 * Places around the DUT's window, as it was told by its last segment, when RCV.NXT is our SND.NXT;
 * RFC 9293 section 3.10.7.4. peer_place() is the sequence number there, relative.
 */
enum window_place {
	LEFT_OF_WINDOW,  /* RCV.NXT - 1 */
	LEFT_EDGE,       /* RCV.NXT, the first number in it */
	IN_WINDOW,       /* RCV.NXT + 1 */
	RIGHT_EDGE,      /* RCV.NXT + RCV.WND - 1, the last number in it */
	RIGHT_OF_WINDOW, /* RCV.NXT + RCV.WND */
	FAR_RIGHT,       /* 2^30 further */
};
uint32_t peer_place(const struct peer *p, enum window_place place);
uint16_t peer_port(const struct peer *p);
uint16_t peer_dut_port(const struct peer *p);

/*
 * check(p, condition, "message with %d", ...): a claim about numbers that the case computed itself.
 * False ends the case as a broken expectation does. check() is about what the segments contain: a
 * DUT that waited for a processor has no excuse. check_timed() is about numbers that depend on when
 * the DUT ran: if it waited for a processor, the case is inconclusive.
 */
#define check(p, condition, ...)                                                                   \
	peer_check(LASTACK_P(p), (condition), false, #condition, __VA_ARGS__)
#define check_timed(p, condition, ...)                                                             \
	peer_check(LASTACK_P(p), (condition), true, #condition, __VA_ARGS__)
void peer_check(struct peer *p, bool condition, bool timed, const char *what, const char *format,
		...) __attribute__((format(printf, 5, 6)));

/*
 * not_judged(p, "message", ...): the DUT does not let the case come to its claim, and breaks
 * nothing by that. Ends the case as skipped; the message says what is missing. too_late(): our own
 * side missed the moment that the case is about; the case is inconclusive, and tried once more.
 */
#define not_judged(p, ...) peer_leave(LASTACK_P(p), VERDICT_SKIP, __VA_ARGS__)
#define too_late(p, ...) peer_leave(LASTACK_P(p), VERDICT_INCONCLUSIVE, __VA_ARGS__)
_Noreturn void peer_leave(struct peer *p, enum verdict verdict, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The case is skipped if the DUT's window ends before n more bytes of ours. */
void need_window(struct peer *p, uint32_t n);

/* Every verb notes the line that it stands on. */
#define need_window(p, n) need_window(LASTACK_P(p), (n))
#define dial_closed(lab) dial_closed(LASTACK_L(lab))
#define called(lab) called(LASTACK_L(lab))
#define expect_silence(p, duration) expect_silence(LASTACK_P(p), (duration))
#define expect_silence_until(p, since, duration)                                                   \
	expect_silence_until(LASTACK_P(p), (since), (duration))
#define peer_wait_until(p, since, duration) peer_wait_until(LASTACK_P(p), (since), (duration))
#define peer_listen(p, duration) peer_listen(LASTACK_P(p), (duration))

#endif
