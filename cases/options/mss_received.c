/*
 * The peer's MSS, absent, small or large, and the size of the segments that the DUT sends.
 *
 * RFC 9293 section 3.7.1: no segment carries more than the peer's MSS, less the options that it
 * carries; without the option 536 bytes (IPv4) or 1220 (IPv6) are assumed. Judged on the wire,
 * never by a socket option. An MSS of 0 leaves nothing to send in, and is no size that anything
 * could obey: what is required then is that the connection works.
 *
 * Linux believes no MSS below net.ipv4.tcp_min_snd_mss, 48 bytes by default, options included: a
 * peer that offers 1 or 47 gets segments of 48 bytes. It does so on purpose since small ones were
 * used to exhaust memory. Measured on 6.1 and 6.18: 48 bytes for both, over both families.
 */
#include <lastack/case.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

FAMILY(mss_received, "The peer's MSS");

/* Several segments may be on their way before the first of them is acknowledged. */
#define IN_A_ROW between(-ms(500), ms(500))

/* What the DUT writes comes in segments of at most limit bytes, acknowledged one by one. */
static void written(struct peer *p, uint32_t n, uint32_t limit)
{
	const struct heard *heard;

	dut_write(p, pattern(n));
	for (uint32_t got = 0; got < n; got += heard->len) {
		heard = expect(p, ACK, .seq = is(1 + got), .len = from_to(1, limit),
			       .when = IN_A_ROW);
		check(p, got + heard->len <= n &&
		      !memcmp(heard->data, (const char *)pattern(n).at + got, heard->len),
		      "the data from %u on is not what was written", got);
		inject(p, ACK);
	}
}

/* A probe for lost data is not to come between. */
static void no_probes(struct lab *lab)
{
	dut_sysctl(lab, "net.ipv4.tcp_early_retrans", 0);
}

struct offer {
	const char *name;
	uint16_t mss;
};

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* The DUT listens, and the peer's SYN has this MSS. Returns what one segment may carry. */
static struct peer *accepted(struct lab *lab, uint16_t mss, uint32_t *limit)
{
	const struct heard *heard;
	struct peer *p;

	no_probes(lab);
	p = dial(lab);
	inject(p, SYN, .options = {opt_mss(mss)});
	heard = expect(p, SYN | ACK, .ack = is(1), .mss = isnt(0), .when = within(ms(500)));
	*limit = least(mss, heard->options.mss);
	inject(p, ACK);
	dut_accept(p);
	dut_keeps_syns(p);
	return p;
}

/* The DUT connects, and the peer's SYN-ACK has it. */
static struct peer *connected(struct lab *lab, uint16_t mss, uint32_t *limit)
{
	const struct heard *heard;
	struct peer *p;

	no_probes(lab);
	p = answer(lab);
	dut_connect(p);
	heard = expect(p, SYN, .seq = is(0), .mss = isnt(0), .when = within(ms(500)));
	*limit = least(mss, heard->options.mss);
	inject(p, SYN | ACK, .options = {opt_mss(mss)});
	expect(p, ACK, .seq = is(1), .ack = is(1), .len = is(0), .when = within(ms(500)));
	dut_expect_connected(p);
	return p;
}

static const struct offer sizes[] = {
	{"mss_48", 48}, {"mss_100", 100}, {"mss_101", 101}, {"mss_536", 536},
	{"mss_1220", 1220}, {"mss_1440", 1440}, {"mss_65535", 65535},
};

CASE_EACH(of_a_syn_is_obeyed, struct offer, sizes,
	  .requirement = RFC9293(MUST, 16),
	  .also        = {RFC9293(MUST, 14)},
	  .claim       = "no segment carries more than the SYN's MSS, or than the DUT's own link "
			 "takes",
	  .needs       = DUT_AGENT | SYSCTLS | WHOLE_MSS)
{
	uint32_t limit;
	struct peer *p = accepted(lab, row->mss, &limit);

	written(p, 4 * limit + 1, limit);
	expect_silence(p, ms(100));
}

CASE_EACH(of_a_syn_ack_is_obeyed, struct offer, sizes,
	  .requirement = RFC9293(MUST, 16),
	  .also        = {RFC9293(MUST, 14)},
	  .claim       = "no segment carries more than the SYN-ACK's MSS, or than the DUT's own "
			 "link takes",
	  .needs       = DUT_AGENT | SYSCTLS | WHOLE_MSS)
{
	uint32_t limit;
	struct peer *p = connected(lab, row->mss, &limit);

	written(p, 4 * limit + 1, limit);
	expect_silence(p, ms(100));
}

static const struct offer tiny[] = {{"mss_1", 1}, {"mss_47", 47}};

CASE_EACH(tiny_one_is_obeyed, struct offer, tiny,
	  .requirement = RFC9293(MUST, 16),
	  .claim       = "no segment carries more than the SYN's MSS, however small that is",
	  .needs       = DUT_AGENT | SYSCTLS)
{
	uint32_t limit;
	struct peer *p = accepted(lab, row->mss, &limit);

	written(p, 200, limit);
}

static const struct offer useless[] = {{"mss_0", 0}, {"mss_1", 1}, {"mss_47", 47}};

CASE_EACH(useless_one_harms_nobody, struct offer, useless,
	  .requirement = RFC9293(MUST, 14),
	  .claim       = "a connection whose SYN has an MSS of 0 or nearly 0 carries data both "
			 "ways, in segments that a peer without the option would get too",
	  .needs       = DUT_AGENT | SYSCTLS)
{
	uint32_t limit;
	struct peer *p = accepted(lab, row->mss, &limit);

	written(p, 400, 536);
	inject(p, ACK | PSH, .data = pattern(100));
	expect(p, ACK, .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(100));
}

/* No option, on a SYN and on a SYN-ACK. */

static void absent_on_syn(struct lab *lab, uint32_t limit)
{
	struct peer *p;

	no_probes(lab);
	p = dial(lab);
	inject(p, SYN, .lies = LIE_NO_OPTIONS);
	expect(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	inject(p, ACK);
	dut_accept(p);
	written(p, 4 * limit + 1, limit);
	expect_silence(p, ms(100));
}

static void absent_on_syn_ack(struct lab *lab, uint32_t limit)
{
	struct peer *p;

	no_probes(lab);
	p = answer(lab);
	dut_connect(p);
	expect(p, SYN, .seq = is(0), .when = within(ms(500)));
	inject(p, SYN | ACK, .lies = LIE_NO_OPTIONS);
	expect(p, ACK, .seq = is(1), .ack = is(1), .len = is(0), .when = within(ms(500)));
	dut_expect_connected(p);
	written(p, 4 * limit + 1, limit);
	expect_silence(p, ms(100));
}

CASE(absent_on_a_syn_means_536,
     .requirement = RFC9293(MUST, 15),
     .claim       = "to a peer whose SYN has no MSS, no segment carries more than 536 bytes",
     .over        = IPV4,
     .needs       = DUT_AGENT | SYSCTLS)
{
	absent_on_syn(lab, 536);
}

CASE(absent_on_a_syn_means_1220,
     .requirement = RFC9293(MUST, 15),
     .claim       = "to a peer whose SYN has no MSS, no segment carries more than 1220 bytes",
     .over        = IPV6,
     .needs       = DUT_AGENT | SYSCTLS)
{
	absent_on_syn(lab, 1220);
}

CASE(absent_on_a_syn_ack_means_536,
     .requirement = RFC9293(MUST, 15),
     .claim       = "to a peer whose SYN-ACK has no MSS, no segment carries more than 536 bytes",
     .over        = IPV4,
     .needs       = DUT_AGENT | SYSCTLS)
{
	absent_on_syn_ack(lab, 536);
}

CASE(absent_on_a_syn_ack_means_1220,
     .requirement = RFC9293(MUST, 15),
     .claim       = "to a peer whose SYN-ACK has no MSS, no segment carries more than 1220 bytes",
     .over        = IPV6,
     .needs       = DUT_AGENT | SYSCTLS)
{
	absent_on_syn_ack(lab, 1220);
}

/*
 * What the DUT writes next carries an option: timestamps if it agrees to them, and else SACK, of
 * data behind a hole.
 */
static struct peer *with_an_option(struct lab *lab)
{
	enum { STAMPS, SACK_ONLY, NEITHER };
	struct peer *p;
	size_t agreed;

	no_probes(lab);
	p = dial(lab);
	inject(p, SYN, .options = {opt_mss(1000), opt_timestamps(1000, 0), opt_sack_permitted()});
	agreed = expect_any(p, NULL,
			    either(SYN | ACK, .ack = is(1), .tsecr = is(1000),
				   .when = within(ms(500))),
			    either(SYN | ACK, .ack = is(1), .options = {opt_sack_permitted()},
				   .without = WITHOUT(OPTION_TIMESTAMPS), .when = within(ms(500))),
			    either(SYN | ACK, .ack = is(1), .when = within(ms(500)),
				   .without = WITHOUT(OPTION_TIMESTAMPS) |
					      WITHOUT(OPTION_SACK_PERMITTED)));
	inject(p, ACK);
	dut_accept(p);
	dut_keeps_syns(p);
	if (agreed == STAMPS)
		return p;
	if (agreed == NEITHER)
		not_judged(p, "the DUT agrees to no option that its data could carry");
	inject(p, ACK | PSH, .seq = is(101), .data = pattern(100));
	premise(p, RFC(5681, 11), either(ACK, .ack = is(1), .len = is(0), .when = within(ms(500))),
		NOTHING);
	return p;
}

CASE(options_count,
     .requirement = RFC(6691, 2),
     .also        = {RFC9293(MUST, 16)},
     .claim       = "a segment that carries options carries that much less data than the MSS",
     .needs       = DUT_AGENT | SYSCTLS | WHOLE_MSS)
{
	struct peer *p = with_an_option(lab);
	const struct heard *heard;

	dut_write(p, pattern(4000));
	for (uint32_t got = 0; got < 4000; got += heard->len) {
		heard = expect(p, ACK, .seq = is(1 + got), .len = from_to(1, 988),
			       .when = IN_A_ROW);
		check(p, got + heard->len <= 4000 &&
		      !memcmp(heard->data, pattern_at(got, heard->len).at, heard->len),
		      "the data from %u on is not what was written", got);
		check(p, heard->options.size, "a segment has no options");
		check(p, heard->len + heard->options.size <= 1000,
		      "%u bytes of data and %u of options are more than the MSS of 1000",
		      heard->len, heard->options.size);
		inject(p, ACK);
	}
}

CASE(filled,
     .requirement = RFC9293(SHLD, 28),
     .claim       = "data that fills several segments is sent in segments of the full size",
     .needs       = DUT_AGENT | SYSCTLS | WHOLE_MSS)
{
	uint32_t limit;
	struct peer *p = accepted(lab, 1000, &limit);

	dut_write(p, pattern(5000));
	/* Each is acknowledged: how many may be on their way at first is another matter. */
	for (uint32_t got = 0; got < 5000; got += 1000) {
		expect(p, ACK, .seq = is(1 + got), .len = is(1000), .data = pattern_at(got, 1000),
		       .when = IN_A_ROW);
		inject(p, ACK);
	}
	expect_silence(p, ms(100));
}
