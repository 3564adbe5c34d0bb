/*
 * probe: what does this port say to this segment? One crafted segment, or a short conversation.
 *
 * What people type becomes segments, expectations and steps here, and replies become words; all of
 * that is pure. An error names the character that it is about. probe_run() is the loop that sends
 * and hears.
 */
#ifndef PROBE_PROBE_H
#define PROBE_PROBE_H

#include "base/base.h"
#include "match/match.h"
#include "packet/packet.h"
#include "peer/peer.h"
#include "wire/wire.h"

/*
 * Spellings. what is how the text is called in an error ("--flags"). All return 0, or -EINVAL with
 * one line like "--flags 'S?', character 2: '?' is no flag", or "--play, line 3, character 7: ...".
 */

/* "S.", "SA", "syn,ack", "SYN+ACK", "0x12", "none". */
int spell_flags(const char *what, const char *text, unsigned *out, struct why *why);

/* A number: decimal or 0x..., at most max; with a leading + where relative is not NULL. */
int spell_number(const char *what, const char *text, uint32_t max, bool *relative, uint32_t *out,
		 struct why *why);

/* "500ms", "1.5s", "20us", "2m"; a bare number is seconds. Below 10,000 days. */
int spell_duration(const char *what, const char *text, nanos *out, struct why *why);

/*
 * tcpdump's form, with or without <> or []: "mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7". Any
 * other is KIND or KIND:HEX, and KIND/LENGTH tells that length whatever follows; so does a length
 * behind a name: "mss/6 1460". *n is how many there are, of OPTIONS_MAX and 40 bytes.
 */
int spell_options(const char *what, const char *text, struct option out[OPTIONS_MAX], size_t *n,
		  struct why *why);

/* TEXT with C's escapes, or "hex:0a0b". Appended to out. -ENOMEM too. */
int spell_data(const char *what, const char *text, struct buffer *out, struct why *why);

/* "HOST:PORT", "[V6]:PORT", ":PORT" with an empty host. */
#define PROBE_HOST_MAX 256
struct probe_target {
	char host[PROBE_HOST_MAX];
	uint16_t port;
};
int spell_target(const char *what, const char *text, struct probe_target *out, struct why *why);

/*
 * What a reply should be. Each of any is one way to be right; their numbers are relative where the
 * typed ones had a +. Times count from the step before.
 */
#define EXPECTATIONS_MAX 8
struct expectation {
	struct segment any[EXPECTATIONS_MAX];
	size_t count;
	bool silence; /* nothing is to come, for within (0: as long as one waits) */
	bool icmp;    /* an ICMP error about a segment of ours, of this type and code or ICMP_ANY */
	int type, code;
	struct window when; /* unset: not said */
	nanos within;	    /* when this ends; 0: not said */
};
/* "SA within 100ms", "SA about 1s", "FA|A", "R ack +1", "data", "silence 500ms", "icmp 3/1". */
int spell_expectation(const char *what, const char *text, struct expectation *out,
		      struct why *why);

/* The language of --play. */
enum step_kind { STEP_SEND, STEP_EXPECT, STEP_WAIT };
struct step {
	enum step_kind kind;
	struct segment send; /* data is the play's */
	struct expectation expect;
	nanos wait;
	size_t at; /* where in the text it stands */
};
struct play {
	struct step *steps;
	size_t count;
	void *kept; /* the payloads */
};
#define PLAY_STEPS_MAX 1000
/*
 * Steps between ';' or line ends, '#' to the line's end is a comment:
 *   SEGMENT                  send: flags, then [seq N] [ack N] [win N] [urg N] [ttl N] [tos N]
 *                            [<OPTIONS>] [data "TEXT"|hex:...] in any order. Letters without
 *                            SYN and RST get ACK too; a number (0x01) is taken as it is. <> is no
 *                            options. The first SYN's seq is the initial sequence number; a SYN
 *                            or FIN sent again has the first one's number; a SYN after the
 *                            connection's end opens another one
 *   data "TEXT"|hex:...      send it with P.
 *   < EXPECTATION            the next segment is this one, or an ICMP error comes next
 *   wait TIME
 *   repeat N { STEPS }       or repeat N STEP
 * -ENOMEM too. Freed with play_free().
 */
int play_parse(const char *what, const char *text, struct play *out, struct why *why);
void play_free(struct play *play);

/*
 * Carry the steps out; patience is how long an expectation waits that names no time. What does not
 * come as expected ends in the exchange's observer, and then this does not return.
 */
void play_run(const struct play *play, struct peer *p, nanos patience);
/* SYN, SYN-ACK, ACK. Returns the time from the first to the second. */
nanos play_handshake(struct peer *p, nanos patience);

/* A segment to be sent, and what is below it. */
struct crafted {
	struct segment tcp; /* numbers: raw_seq, raw_ack absolute; seq, ack relative */
	bool set_id, set_fragmentable, fragmentable, set_ip_length;
	uint16_t id, ip_length;
	bool bad_ip_checksum;
	uint32_t flow_label;
	uint16_t fragment; /* bytes of IP payload in each fragment; 0: whole */
	struct option ip_options[OPTIONS_MAX];
	size_t ip_option_count;
};

/* Both ends of what is sent. */
struct probe_ends {
	struct address source, dest;
	struct mac source_mac, dest_mac;
	uint16_t source_port, dest_port;
	uint32_t iss, irs;         /* what relative numbers count from */
	uint32_t seq, ack;         /* what unset ones are */
	uint16_t id;
};

/*
 * The packet of a crafted segment. Its data stays the template's. -EINVAL for options that do not
 * fit.
 */
int craft_packet(const struct crafted *crafted, const struct probe_ends *ends, struct packet *out,
		 struct why *why);
/* Can the wire room build it, or must craft_frames()? */
bool craft_needs_frames(const struct crafted *crafted);
/*
 * Its frames, one or, fragmented, several: called back for each. -EINVAL, -EMSGSIZE, -ENOMEM, or
 * what the callback returned.
 */
int craft_frames(const struct crafted *crafted, const struct packet *packet,
		 int (*each)(void *arg, const uint8_t *frame, size_t len, struct why *why),
		 void *arg, struct why *why);

/* A probe that was sent, as far as its replies can tell it from another. */
struct probe_sent {
	unsigned number; /* from 1 */
	uint16_t port;
	uint16_t flags;
	uint32_t seq, ack, end; /* end: the number behind all that it takes up */
	bool connected;         /* it was sent into a connection, after a handshake */
};

/* How a reply found its probe. */
enum match_rule {
	RULE_NONE,     /* not at all */
	RULE_ACK,      /* it acknowledges all of the probe, or a part */
	RULE_RESET,    /* a RST whose number is the probe's acknowledgement, RFC 9293 3.10.7.1 */
	RULE_QUOTE,    /* an ICMP error that quotes the probe's header */
	RULE_CONNECTION, /* the ports, and the probe went out on an open connection */
	RULE_PORTS,    /* only the ports are right: the numbers are those of another connection */
};
const char *rule_text(enum match_rule rule);

/* Does this reply belong to that probe? The addresses are the caller's to compare. */
enum match_rule match_reply(const struct probe_sent *sent, uint16_t target_port,
			    const struct packet *reply);

/* A reply's marks, by which the next one to the same probe is told from it. */
struct reply_marks {
	bool valid;
	uint16_t flags, ip_id;
	uint32_t seq, ack, tsval;
	size_t len;
	nanos time;
};
enum again { AGAIN_OTHER, AGAIN_DUPLICATE, AGAIN_RETRANSMITTED };
struct reply_marks reply_marks(const struct packet *reply, nanos time);
/*
 * A copy that the network made has the IP identification and the timestamps of the first, and comes
 * at once; one that the DUT sent again has others, or comes after a retransmission timer (200 ms).
 */
enum again reply_again(const struct reply_marks *first, const struct reply_marks *next);

/* What a reply means, or (NULL) that nothing came within the timeout: "open". */
#define MEANING_MAX 120
const char *meaning_text(const struct probe_sent *sent, const struct packet *reply,
			 char out[MEANING_MAX]);

/* Is it an ICMP error, not an answer of the port? */
bool reply_is_error(const struct packet *reply);

/*
 * The reply as a segment to be matched; numbers are relative to the two bases, [0] the replier's.
 * Its data stays the frame's.
 */
void heard_fill_from(const struct packet *reply, const uint32_t bases[2], struct heard *out);
/* Is the reply as expected, rtt ns after the probe? report says what differs from the first way. */
bool expectation_holds(const struct expectation *expectation, const struct heard *got, nanos rtt,
		       struct match_report *report);

/* What a run adds up to. */
struct probe_summary {
	unsigned sent, answered, errors, unexpected, unanswered;
	unsigned duplicates, retransmitted, strays, malformed, dropped;
	bool acked;    /* an answer had ACK, and the last one's number is */
	uint32_t ack;
	bool reset;    /* an answer was a RST */
	nanos *rtts; /* of the first replies */
	size_t rtt_count, rtt_cap;
};
struct rtt_figures {
	nanos min, mean, median, p99, max;
};
/* -ENOMEM. */
int summary_add_rtt(struct probe_summary *summary, nanos rtt);
/* False: there is none. Sorts. */
bool summary_figures(struct probe_summary *summary, struct rtt_figures *out);
void summary_free(struct probe_summary *summary);

/* What happens in a run, for its output. */
enum probe_event_kind {
	PROBE_SENT,
	PROBE_REPLY,   /* the first one to a probe */
	PROBE_AGAIN,   /* a later one */
	PROBE_STRAY,   /* to no probe of ours */
	PROBE_RESET,   /* our own RST, which closes what a SYN-ACK opened */
	PROBE_SILENCE, /* nothing came within the timeout */
};
struct probe_event {
	enum probe_event_kind kind;
	unsigned probe; /* from 1; 0: none */
	nanos since;    /* after the probe left */
	nanos gap;      /* PROBE_AGAIN: after the segment before it to the same probe */
	const struct packet *packet; /* NULL: PROBE_SILENCE */
	const uint32_t *bases;       /* [0] of the packet's sender */
	enum match_rule rule;
	enum again again;
	const char *meaning; /* NULL: none */
	bool judged, expected;
	const char *difference; /* what is not as expected; "" otherwise */
};

struct probe_config {
	struct wire *wire;
	struct probe_ends ends; /* a source_port of 0 is a fresh one for each probe */
	uint16_t port_low, port_high;
	const struct crafted *crafted;
	bool connected; /* the ends' numbers are those of an open connection: no fresh ones */
	unsigned count;
	nanos interval, timeout, listen;
	const struct expectation *expect; /* NULL: any reply that is no ICMP error */
	bool leave; /* send no RST for a SYN-ACK; else at once, or when the listening is over */
	uint64_t seed;
	int interrupted; /* readable: end now, with the summary; -1: none */
	/* When a segment may leave, monotonic: each of ours takes a turn. NULL: at once. */
	nanos (*turn)(void *arg);
	void *turn_arg;
	/*
	 * A SYN-ACK opened something at the target, which a RST at next closes; 0: no more. NULL is
	 * fine.
	 */
	void (*opened)(void *arg, uint16_t port, uint32_t next);
	void *opened_arg;
	void *arg;
	void (*event)(void *arg, const struct probe_event *event);
};
/*
 * Send, hear, tell. 0 with the summary, which the caller frees; -errno with why: what the wire
 * said, -EIO for a capture that dropped frames. -EINTR: interrupted, with the summary.
 */
int probe_run(const struct probe_config *config, struct probe_summary *summary, struct why *why);

/* The outputs: an event as text, or as a line of JSON, line end included; and the summary. */
struct probe_style {
	bool absolute, quiet, verbose, several;
};
void probe_event_text(struct buffer *out, const struct probe_event *event,
		      const struct probe_style *style);
void probe_summary_text(struct buffer *out, struct probe_summary *summary, const char *target);
int probe_event_json(struct buffer *out, const struct probe_event *event);
int probe_summary_json(struct buffer *out, struct probe_summary *summary, const char *target);

#endif
