/*
 * Who else has a hand in segments between here and a target.
 *
 * A router that a segment's TTL ends at quotes it as it arrived there (RFC 1812 4.3.2.3: as much as
 * fits into 576 bytes), which shows what was changed on the way. What answers from a smaller
 * distance than the host answers in its place.
 */
#include "target/inside.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define HOPS_MAX 24u
#define TRANSLATED_HOPS 4u
#define QUOTE_TSVAL 0x5a5a5a5au
#define QUOTE_PATIENCE ms(500)
#define ETHERNET 14u
/* The byte that comes out of turn. */
#define AHEAD 100u

/* What came back of the SYN that was to end at a hop. */
struct quote {
	struct peer *peer; /* its end of ours */
	uint16_t port;
	bool answered; /* by a segment */
	bool came, whole; /* by an ICMP error, with the whole TCP header */
	struct address router;
	struct packet_tcp tcp;
	uint32_t seq;
};

struct quotes {
	struct quote at[HOPS_MAX];
	unsigned count, came;
};

unsigned hops_by(uint8_t ttl)
{
	/* What systems begin with. */
	return ttl <= 32 ? 32u - ttl : ttl <= 64 ? 64u - ttl : ttl <= 128 ? 128u - ttl : 255u - ttl;
}

/* The whole TCP header of a quoted segment, where the quote is long enough. */
static void quote_read(struct quote *quote, const struct packet *packet)
{
	uint8_t frame[ETHERNET + 576] = {0};
	size_t len = packet->icmp.quote_len;
	struct packet inner;

	if (len > sizeof(frame) - ETHERNET)
		len = sizeof(frame) - ETHERNET;
	frame[12] = packet->source.family == 4 ? 0x08 : 0x86;
	frame[13] = packet->source.family == 4 ? 0x00 : 0xdd;
	memcpy(frame + ETHERNET, packet->icmp.quote, len);
	packet_parse(frame, ETHERNET + len, ETHERNET + len, &inner);
	quote->whole = inner.kind == PACKET_TCP;
	if (quote->whole)
		quote->tcp = inner.tcp;
}

static void quote_take(void *arg, const struct packet *packet)
{
	const uint8_t exceeded = packet->source.family == 4 ? 11 : 3;
	struct quotes *quotes = arg;

	if (packet->icmp.type != exceeded || !packet->icmp.quotes_tcp)
		return;
	for (unsigned i = 0; i < quotes->count; i++) {
		struct quote *quote = &quotes->at[i];

		if (quote->came || quote->port != packet->icmp.quoted_source_port)
			continue;
		quote->came = true;
		quote->router = packet->source;
		quote->seq = packet->icmp.quoted_seq;
		quotes->came++;
		quote_read(quote, packet);
		return;
	}
}

static _Noreturn void changed(struct check *check, const struct quote *quote, unsigned hop,
			      const char *what, const char *from, const char *to)
{
	char router[ADDRESS_TEXT_MAX];

	check_end(check, why_set(&check->told.why, EPROTO,
				 "something on the path changes segments before %s (hop %u): %s %s "
				 "became %s", address_text(&quote->router, router), hop, what,
				 from, to));
}

static void options_judge(struct check *check, const struct quote *quote, unsigned hop)
{
	struct option options[OPTIONS_MAX];
	size_t n = check_options(check, QUOTE_TSVAL, options), size = 0;
	uint8_t bytes[OPTION_BYTES_MAX];
	struct buffer from = {.at = NULL}, to = {.at = NULL};

	if (options_encode(options, n, bytes, &size) ||
	    (quote->tcp.option_bytes == size && !memcmp(quote->tcp.options, bytes, size)))
		return;
	options_text(&from, bytes, size);
	options_text(&to, quote->tcp.options, quote->tcp.option_bytes);
	changed(check, quote, hop, "options", from.at ? from.at : "",
		to.len ? to.at : "none");
}

static void quote_judge(struct check *check, const struct quote *quote, unsigned hop)
{
	char from[FLAGS_TEXT_MAX], to[FLAGS_TEXT_MAX], router[ADDRESS_TEXT_MAX];

	if (!quote->came)
		return;
	if (quote->seq != SYN_ISN)
		check_end(check, why_set(&check->told.why, EPROTO,
					 "something on the path changes sequence numbers before %s "
					 "(hop %u)", address_text(&quote->router, router), hop));
	if (!quote->whole)
		return;
	if (quote->tcp.flags != SYN)
		changed(check, quote, hop, "flags", flags_text(SYN, from),
			flags_text(quote->tcp.flags, to));
	if (quote->tcp.reserved)
		changed(check, quote, hop, "reserved bits", "0", "1");
	options_judge(check, quote, hop);
}

static bool quotes_came(void *arg)
{
	const struct quotes *quotes = arg;

	return quotes->came == quotes->count;
}

/* Sends SYNs that end at the hops from first on, count of them, and takes what comes back. */
static void quotes_ask(struct check *check, struct quotes *quotes, unsigned first, unsigned count)
{
	const nanos patience = QUOTE_PATIENCE + 2 * check->told.path.rtt_worst;

	*quotes = (struct quotes){.count = count < HOPS_MAX ? count : HOPS_MAX};
	lab_hear_errors(check->lab, quote_take, quotes);
	for (unsigned i = 0; i < quotes->count; i++) {
		struct quote *quote = &quotes->at[i];

		quote->peer = syn_send(check, check->target->port, QUOTE_TSVAL, first + i);
		quote->port = peer_port(quote->peer);
	}
	exchange_wait(lab_exchange(check->lab), quotes_came, quotes,
		      clock_monotonic() + patience, "what routers quote");
	lab_hear_errors(check->lab, NULL, NULL);
	for (unsigned i = 0; i < quotes->count; i++)
		quotes->at[i].answered = peer_waits(quotes->at[i].peer);
	exchange_leave(lab_exchange(check->lab));
}

void check_quotes(struct check *check)
{
	struct quotes quotes;

	if (check->told.path.kind != PATH_ROUTED || !check->hops[1].most)
		return;
	quotes_ask(check, &quotes, 1, check->hops[1].most);
	for (unsigned i = 0; i < quotes.count; i++)
		quote_judge(check, &quotes.at[i], i + 1);
}

/*
 * What a SYN shows that ends one hop before what answers: whether it arrives there as it was sent,
 * and whether a box on the path answers it.
 */
static void evidence_put(struct check *check, char *out, size_t size)
{
	const unsigned hops = check->hops[1].most;
	char router[ADDRESS_TEXT_MAX];
	struct quotes quotes;

	if (!check->target->port || !check->hops[1].known) {
		snprintf(out, size, "its distance is not known");
		return;
	}
	if (!hops) {
		snprintf(out, size, "the answer has passed no router, so a box sends it");
		return;
	}
	quotes_ask(check, &quotes, hops, 1);
	quote_judge(check, &quotes.at[0], hops);
	if (quotes.at[0].answered)
		snprintf(out, size, "a SYN that ends one hop before the host is answered too, so a "
			 "box sends it");
	else if (quotes.at[0].came)
		snprintf(out, size, "a SYN arrives unchanged at %s, one hop before the host",
			 address_text(&quotes.at[0].router, router));
	else
		snprintf(out, size, "no router quotes a SYN that ends one hop before the host");
}

void suspect(struct check *check, const char *does, const char *format, ...)
{
	char what[100], evidence[110];
	va_list list;

	if (check->told.path.kind != PATH_ROUTED)
		return;
	va_start(list, format);
	vsnprintf(what, sizeof(what), format, list);
	va_end(list);
	evidence_put(check, evidence, sizeof(evidence));
	check_end(check, why_set(&check->told.why, EPROTO,
				 "something on the path %s, or the host does: %s; %s; --path "
				 "direct judges the host", does, what, evidence));
}

void check_distances(struct check *check)
{
	const struct hops *closed = &check->hops[0], *open = &check->hops[1];
	const struct lab_target *target = check->target;

	check->told.path.distance_known = open->known;
	check->told.path.distance_least = open->least;
	check->told.path.distance_most = open->most;
	/*
	 * An address of the link whose segments have passed a router is one that a router
	 * translates. More hops than a few are another first TTL.
	 */
	if (check->told.path.kind == PATH_DIRECT && !target->direct && open->known &&
	    open->least && open->most < TRANSLATED_HOPS)
		check->told.path.kind = PATH_ROUTED;
	if (!closed->known || !open->known ||
	    (closed->least <= open->most && open->least <= closed->most))
		return;
	check->told.path.stand_in = true;
	if (check->told.path.kind == PATH_ROUTED)
		check_end(check,
			  why_set(&check->told.why, EPROTO,
				  "something on the path answers in the target's place: port %u is "
				  "%u hops away, port %u %u", target->port, open->least,
				  target->closed_port, closed->least));
}

static void sack_judge(struct check *check, const struct heard *got)
{
	const uint32_t left = SYN_ISN + 1 + AHEAD;

	if (got->options.sack[0] != left || got->options.sack[1] != left + 1)
		suspect(check, "changes sequence numbers",
			"of a byte at %u port %u says that it came at %u", 1 + AHEAD,
			check->target->port, got->options.sack[0] - SYN_ISN);
}

/*
 * A byte out of turn is acknowledged at once, and the service does not hear of it. A greeting may
 * come before.
 */
void check_connection(struct check *check)
{
	const uint16_t port = check->target->port;
	struct peer *p = syn_send(check, port, 1, 0);
	nanos deadline = clock_monotonic() + PATIENCE;
	const struct heard *got = peer_answer(check, p, deadline);
	bool sacks = got && got->options.kinds & WITHOUT(OPTION_SACK_PERMITTED);
	unsigned hops;

	if (!got || !(got->flags & SYN))
		return;
	hops = hops_by(got->ttl);
	peer_inject(p, &(struct segment){.flags = ACK, .seq = is(1 + AHEAD),
		.data = pattern(1)});
	while ((got = peer_answer(check, p, deadline))) {
		if (got->flags & (SYN | RST))
			continue;
		if (hops_by(got->ttl) != hops) {
			check->told.path.stand_in = true;
			if (check->told.path.kind == PATH_ROUTED)
				check_end(check,
					  why_set(&check->told.why, EPROTO,
						  "something on the path answers SYNs in the "
						  "target's place: it is %u hops away, and port "
						  "%u %u", hops, port, hops_by(got->ttl)));
		}
		if (got->ack != 1)
			answer_judge(check, got, port, 1, got->options.tsecr);
		if (got->options.sack_blocks)
			sack_judge(check, got);
		if (got->options.sack_blocks || !sacks)
			break;
	}
	exchange_leave(lab_exchange(check->lab));
}
