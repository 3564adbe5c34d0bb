/*
 * The inside of the peer room: what its files share.
 */
#ifndef PEER_INSIDE_H
#define PEER_INSIDE_H

#include "match/match.h"
#include "peer/peer.h"

#define SOURCES_MAX 4
/* A rehearsal's ladder ends here: a case may loop until something that never changes. */
#define REHEARSAL_RUNGS_MAX 120
/*
 * Woken this much after the time that we asked for: the machine did not run us, and may not have
 * run the DUT's timers either. What breaks that soon afterwards is nobody's fault.
 */
#define STALL_LIMIT ms(20)
#define STALL_RECENT sec(1)
/* A segment of the last instant is on the wire by then, and still has to be taken in. */
#define DELIVERY ms(1)

/* A rung before it is told: the segment is put into words only when there is time for it. */
struct entry {
	struct rung rung;
	bool has_tcp;
	const char *from, *to; /* addresses that are not the usual ones; the template's */
	size_t ip_options;     /* bytes of them */
	bool waits; /* heard, and not yet judged: its want is still to come */
	bool timed;
	uint32_t bases[2];
	bool out_of_place; /* its number is not the one that follows what was sent before it */
	struct packet_tcp tcp;
	char *text, *want;
};

/* A frame of ours whose leaving the capture has still to show. */
struct departure {
	struct departure *next;
	int rung;
	nanos could; /* when an ideal harness would have sent it, epoch */
	size_t len;
	uint8_t frame[];
};

/* A segment in a peer's inbox. */
struct arrival {
	struct arrival *next;
	struct heard heard;
};

/* A frame that the liar withholds. */
struct withheld {
	struct withheld *next;
	nanos until; /* monotonic */
	size_t len;
	uint8_t frame[];
};

/*
 * What the DUT may hold of a connection, by what was sent to it and heard from it: see leave.c.
 * Numbers are absolute.
 */
struct standing {
	bool spoken;       /* a segment of ours was sent */
	bool syn;          /* a SYN was sent or heard */
	bool synced;       /* our acknowledgement of the DUT's SYN was sent */
	bool reset;        /* a RST has ended the connection */
	bool acked_heard;  /* acked is an acknowledgement of the DUT's */
	uint32_t acked;    /* the DUT's last acknowledgement; before the first one our ISN */
	uint32_t end;      /* the highest number that a segment of ours ended at */
	uint32_t dut_end;  /* and one of the DUT's */
	bool fin, fin_heard, fin_told; /* FIN sent; FIN heard; our acknowledgement of that sent */
	uint32_t fin_end, fin_heard_end; /* the numbers that follow the two FINs */
	nanos asked; /* when our last segment was sent, epoch; 0: its answer was heard */
	nanos rtt;   /* the shortest time from a segment of ours to an answer; 0: not known */
};

/* An ICMP error that quotes a segment of a peer's. */
struct icmp_heard {
	uint8_t type, code;
	nanos time;
	int rung;
};
#define ICMP_HEARD_MAX 16 /* that wait to be expected; later ones are only on the ladder */

/*
 * Does a segment of ours that is about to be sent continue what both sides have sent before? A
 * stateful filter drops some of those that do not.
 */
bool inject_fits(const struct peer *p, const struct packet_tcp *tcp);

struct peer {
	struct peer *next;
	struct address dut; /* the DUT's, of this connection */
	bool dut_open;      /* not known before its first segment comes */
	/* What its last segment with other addresses had for them; family 0: the usual. */
	struct address from, to;
	struct exchange *exchange;
	int number;
	uint16_t port, dut_port;
	uint32_t iss, irs, snd_nxt, rcv_nxt; /* absolute; irs is 0 until a SYN was heard */
	uint32_t edge; /* absolute: our first number beyond the DUT's window */
	bool irs_known;
	/*
	 * Option kinds of our SYNs, of the DUT's that were heard, and of those that were not lost
	 * on their way to us. Timestamps and scales are in use if both ends offered them.
	 */
	uint64_t offered, dut_offered, was_offered;
	unsigned asked, dut_asked; /* ECE, CWR and AE of our last SYN, and of the DUT's */
	uint8_t wscale; /* of the DUT's windows */
	uint8_t ttl_least, ttl_most; /* of the DUT's segments; 0: none was heard */
	bool rst_sent; /* a filter forgets a connection by that, right or not */
	uint32_t ts_recent;
	struct standing standing;
	struct icmp_heard errors[ICMP_HEARD_MAX];
	unsigned error_count;
	uint32_t ts_base; /* how far our SYN's TSval was ahead of the monotonic clock, ms */
	int anchor;
	/* Where windows count from instead of the anchor's time, while the anchor is this rung. */
	nanos moved;
	int moved_from;
	struct arrival *first, **last;
	int socket;
	uint32_t pending;
	nanos connected;
};

struct exchange {
	struct exchange_config config;
	struct random random;
	struct peer *peers;
	int peer_count;
	int line;

	struct entry *entries; /* rung n is entries[n - 1] */
	size_t count, cap, told;
	struct buffer want; /* what is expected just now, in words */

	struct departure *leaving, **leaving_end;
	struct arrival *kept; /* every arrival that was consumed: heard segments live on */
	struct withheld *withheld;

	struct {
		int fd;
		int (*ready)(void *arg, struct why *why);
		void *arg;
	} sources[SOURCES_MAX];
	size_t source_count;

	nanos offset;  /* real time - monotonic, at the start */
	nanos drained; /* monotonic, when the wire was last emptied */
	nanos could;   /* epoch: since when the harness could have gone on */
	nanos late;    /* the worst lateness of a segment of ours */
	nanos stall, stalled; /* how long the last stall was, and when it ended, monotonic */
	const char *stall_of; /* and who stood still */
	struct break_facts facts; /* what is known of the end; see exchange_facts() */
	char foreign[ADDRESS_TEXT_MAX]; /* its foreign_error */
	bool tolerates; /* what cannot be read breaks nothing: the case has ended, or is none */
	nanos dut_waited; /* for a processor, in all, at the time dut_marked (monotonic) */
	bool silent;      /* the claim breaks because no segment arrived */
	enum requirement_id premise; /* the rule of the premise that is judged just now */
	nanos dut_marked; /* when what is waited for now was begun */
	nanos rehearsed; /* a rehearsal's clock, epoch */
	bool absolute; /* numbers are shown as on the wire */
	size_t limit;  /* of rungs; 0: none */
#define RUNGS_MAX 50000 /* unless another limit is set; some 100 MB of full segments */
	bool full;     /* it was reached: nothing is taken in any more */
	liar_fn liar;
	void *liar_arg;
};

/* Something of the DUT is waited for from now on: notes what it has waited for a processor. */
void exchange_dut_mark(struct exchange *x);
/*
 * Has the DUT waited for a processor since then, so long that it is late by that? If the claim
 * breaks because it was silent, it may also wait for one now.
 */
bool exchange_dut_starved(const struct exchange *x);
/* End the case if the ladder has as many rungs as it may have. */
void ladder_bound(struct exchange *x);
/* A new rung; numbers count from 1. Ends the case as an error without memory. */
struct entry *ladder_entry(struct exchange *x, struct peer *p, enum rung_kind kind);
struct entry *ladder_get(struct exchange *x, int rung);
void ladder_want(struct entry *entry, const char *want);
/* Tell the observer what can be told by now; everything with all. */
void ladder_tell(struct exchange *x, bool all);

/* Has the machine stood still a moment ago? x->stall says for how long. */
bool exchange_stalled(const struct exchange *x);

/*
 * In which way is the claim broken by this segment? want: the one that was expected, NULL: none, or
 * one of several. *off is set where its time alone is wrong: by so much, ns.
 */
enum break_kind break_kind_of(struct peer *p, const struct heard *got, const struct segment *want,
			      nanos *off);
/* End the case: a claim is broken in this way, by a time that is wrong by off, ns, or 0. */
void exchange_break_as(struct exchange *x, enum break_kind kind, nanos off, const char *format, ...)
	__attribute__((noreturn, format(printf, 4, 5)));

/* Take in whatever waits on the wire. */
void exchange_drain(struct exchange *x);
void exchange_take(struct exchange *x, const struct frame *frame);
void *exchange_alloc(struct exchange *x, size_t size);

/* This frame of ours is on its way; its rung has its time when the capture shows it. */
void exchange_leaves(struct exchange *x, const uint8_t *frame, size_t len, int rung);

/* Wait until the path lets a segment of ours leave. */
void exchange_turn(struct exchange *x);

/* Notes what a SYN of ours offers: its flags, and its options. */
void peer_offer(struct peer *p, unsigned flags, const struct heard_options *offer);
/* The TSval of a segment that we send now. */
uint32_t peer_stamp(const struct peer *p);
/*
 * Which option does the template want on a SYN or SYN-ACK of the DUT that lacks it lawfully? Its
 * name, in words, and in *rest the template without what it wants of such options. NULL: of none.
 */
const char *peer_lacks(const struct peer *p, const struct segment *want, const struct heard *got,
		       struct segment *rest);

/* Where the connection stands, for whom it concerns. */
void peer_note(const struct peer *p);

/* The peer that a TCP segment of the DUT's is for, or NULL. */
struct peer *exchange_find(struct exchange *x, const struct packet *packet);
/* A template of the peer's as the packet that is sent. */
void inject_packet(struct peer *p, const struct segment *template, struct packet *packet);

/* The next unjudged segment, NULL when there is none; consume moves the peer's numbers. */
const struct heard *peer_head(const struct peer *p);
void peer_consume(struct peer *p, bool lost);
/* What a template wants, with its window, in words. */
void expect_text(struct buffer *out, const struct segment *want, struct window window);
/*
 * Wait for the next segment until a time (epoch). NULL: none arrived, and the machine did not stand
 * still for so long that one may still be on its way.
 */
const struct heard *expect_heard(struct peer *p, const char *want, nanos closes);
/*
 * The end of a case whose expectation, in words, is broken: by no segment, or by this one. room is
 * how much later than ideal a segment would still have been in time, ns.
 */
void expect_missing(struct peer *p, unsigned flags, const char *want, nanos time, nanos room)
	__attribute__((noreturn));
void expect_broken(struct peer *p, const struct heard *got, const struct segment *template,
		   const char *want, const char *report) __attribute__((noreturn));
/* Is the segment as wanted, and in time? */
bool expect_is_met(struct peer *p, const struct segment *want, const struct heard *got,
		   struct match_report *report);
/*
 * The latest that any of the templates may come, epoch. *room becomes the least room that one of
 * them has, if that is less than it was.
 */
nanos expect_closes(struct peer *p, const struct segment *templates, size_t n, nanos *room);

/* What a rehearsal hears: the template made true. */
const struct heard *peer_rehearse(struct peer *p, const struct segment *template, bool lost);

#endif
