/*
 * What becomes of a SYN's options when the SYN-ACK is a cookie.
 *
 * RFC 4987 section 3.6: a cookie remembers the MSS only, in a few steps; window scale and SACK fit
 * into the timestamp that the peer echoes, if there is one. Whatever does not fit may not be
 * offered: the SYN-ACK of a cookie is a promise like any other (RFC 7323 section 2.2, RFC 2018
 * section 2), and no segment may be larger than the peer's MSS (RFC 9293 section 3.7.1, MUST-16).
 * tcp_syncookies=2 makes every SYN-ACK a cookie.
 *
 * Finding, Linux 6.18.44: the steps begin with 536 (IPv4) and 1220 (IPv6), and a smaller MSS is
 * rounded up to that: to a peer that offers 400, or 1000 over IPv6, larger segments are sent.
 */
#include <lastack/case.h>

FAMILY(cookie_options, "A SYN's options and SYN cookies");

#define T0 100000

/* The SYN-ACK is a cookie: it is all that the DUT knows. */
static struct peer *cookie(struct lab *lab)
{
	dut_sysctl(lab, "net.ipv4.tcp_syncookies", 2);
	return dial(lab);
}

static void opens(struct peer *p)
{
	dut_expect_state(p, CLOSED);
	inject(p, ACK);
	dut_expect_state(p, ESTABLISHED);
	dut_accept(p);
}

struct offer {
	const char *name;
	uint16_t mss;
};

static const struct offer offers[] = {
	{"of_400", 400},
	{"of_536", 536},
	{"of_1000", 1000},
	{"of_1300", 1300},
	{"of_1440", 1440},
	{"of_9000", 9000},
};

CASE_EACH(no_segment_is_larger_than_the_mss, struct offer, offers,
	  .requirement = RFC9293(MUST, 16),
	  .also        = {RFC(4987, 6), RFC(4987, 5)},
	  .claim       = "when a cookie was acknowledged, no segment is larger than the MSS that "
			 "the peer's SYN offered",
	  .needs       = DUT_AGENT | SYSCTLS | FLOOD)
{
	struct peer *p = cookie(lab);
	uint32_t end = row->mss * 3u + 2;

	inject(p, SYN, .options = {opt_mss(row->mss)});
	expect(p, SYN | ACK, .ack = is(1), .when = within(ms(500)));
	opens(p);
	dut_write(p, pattern(row->mss * 3u + 1));
	for (int i = 0; i < 100 && peer_rcv_nxt(p) != end; i++) {
		const struct heard *got;

		if (!peer_listen(p, ms(10)))
			continue;
		while ((got = peer_next(p)))
			check(p, got->len && got->len <= row->mss,
			      "a segment has %u bytes, the MSS is %u", got->len, row->mss);
		inject(p, ACK);
	}
	check(p, peer_rcv_nxt(p) == end, "data came up to %u, want %u", peer_rcv_nxt(p), end);
}

CASE(what_does_not_fit_is_not_offered,
     .requirement = RFC(4987, 6),
     .also        = {RFC(7323, 3)},
     .judged_as   = LEVEL_MUST,
     .claim       = "without timestamps a cookie offers a window scale or SACK only if the "
		    "connection has it",
     .needs       = DUT_AGENT | SYSCTLS | FLOOD)
{
	struct peer *p = cookie(lab);
	const struct heard *got;
	bool scale, sack;

	inject(p, SYN, .options = {opt_mss(1440), opt_sack_permitted(), opt_nop(), opt_wscale(7)});
	got = expect(p, SYN | ACK, .ack = is(1), .without = WITHOUT(OPTION_TIMESTAMPS),
		     .when = within(ms(500)));
	scale = got->options.kinds & WITHOUT(OPTION_WSCALE);
	sack = got->options.kinds & WITHOUT(OPTION_SACK_PERMITTED);
	opens(p);
	check(p, dut_info(p).snd_wscale == (scale ? 7u : 0u),
	      "the peer's shift is %u in TCP_INFO, and the SYN-ACK had %s window scale",
	      dut_info(p).snd_wscale, scale ? "a" : "no");
	check(p, dut_info(p).sack == sack, "SACK is %s in TCP_INFO, and the SYN-ACK had it %s",
	      dut_info(p).sack ? "on" : "off", sack ? "on" : "off");
	inject(p, ACK | PSH, .data = pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(101), .without = WITHOUT(OPTION_TIMESTAMPS),
	       .when = within(ms(500)));
	/* 2000 as it stands, or 256,000. */
	inject(p, ACK, .window = is(2000));
	dut_write(p, pattern(8000));
	while (peer_listen(p, ms(100)))
		while ((got = peer_next(p)))
			check(p, scale || got->seq + got->len <= 2001,
			      "data up to %u came into a window of 2000", got->seq + got->len);
}

/* What the timestamp remembers. */
struct remembered {
	const char *name;
	bool sack, scale;
	uint8_t shift;
};

static const struct remembered options[] = {
	{"neither", false, false, 0},
	{"sack", true, false, 0},
	{"window_scale_of_0", false, true, 0},
	{"window_scale_of_7", false, true, 7},
	{"window_scale_of_14", false, true, 14},
	{"sack_and_window_scale_of_2", true, true, 2},
};

CASE_EACH(timestamps_carry_the_rest, struct remembered, options,
	  .requirement = RFC(4987, 6),
	  .also        = {RFC(7323, 9), RFC(7323, 20), RFC(7323, 23)},
	  .judged_as   = LEVEL_MUST,
	  .claim       = "with timestamps a cookie's SYN-ACK offers what the SYN did, and when it "
			 "is acknowledged the connection has just that",
	  .needs       = DUT_AGENT | SYSCTLS | FLOOD)
{
	struct peer *p = cookie(lab);
	struct dut_info info;

	inject(p, SYN, .options = {opt_mss(1440), opt_nop(), opt_nop(), opt_timestamps(T0, 0),
				   row->sack ? opt_sack_permitted() : opt_nop(), opt_nop(),
				   row->scale ? opt_wscale(row->shift) : opt_nop()});
	expect(p, SYN | ACK, .ack = is(1), .tsecr = is(T0),
	       .options = {row->sack ? opt_sack_permitted() : (struct option){.used = false}},
	       .wscale = row->scale ? from_to(0, 14) : (struct span){.kind = SPAN_UNSET},
	       .without = (row->sack ? 0 : WITHOUT(OPTION_SACK_PERMITTED)) |
			  (row->scale ? 0 : WITHOUT(OPTION_WSCALE)),
	       .when = within(ms(500)));
	opens(p);
	info = dut_info(p);
	check(p, info.timestamps && info.sack == row->sack && info.snd_wscale == row->shift,
	      "TCP_INFO has timestamps %d, SACK %d and a shift of %u", info.timestamps, info.sack,
	      info.snd_wscale);
	inject(p, ACK | PSH, .data = pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(101), .len = is(0),
	       .tsecr = from_to(T0, T0 + 60000), .when = within(ms(500)));
	dut_expect_read(p, pattern(100));
}

/* An echo that the DUT never sent could say anything. */
CASE(without_the_echo_nothing_is_made_up,
     .requirement = RFC(4987, 6),
     .also        = {RFC(7323, 26)},
     .judged_as   = LEVEL_MUST,
     .claim       = "when the ACK of a cookie with timestamps lacks them, no connection with a "
		    "window scale or SACK comes of it",
     .needs       = DUT_AGENT | SYSCTLS | FLOOD)
{
	struct peer *p = cookie(lab);
	struct dut_info info;

	inject(p, SYN, .options = {opt_mss(1440), opt_nop(), opt_nop(), opt_timestamps(T0, 0),
				   opt_sack_permitted(), opt_nop(), opt_wscale(7)});
	expect(p, SYN | ACK, .ack = is(1), .tsecr = is(T0), .when = within(ms(500)));
	inject(p, ACK, .lies = LIE_NO_OPTIONS);
	if (dut_state(p) != ESTABLISHED) {
		expect_any(p, NULL, either(RST, .seq = is(1), .when = within(ms(500))));
		return;
	}
	dut_accept(p);
	info = dut_info(p);
	check(p, !info.sack && !info.snd_wscale && !info.timestamps,
	      "TCP_INFO has timestamps %d, SACK %d and a shift of %u", info.timestamps, info.sack,
	      info.snd_wscale);
	expect_silence(p, ms(100));
}
