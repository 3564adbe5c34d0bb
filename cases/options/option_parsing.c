/*
 * Options of every shape: in odd places, unknown, doubled, and with lengths that lie.
 *
 * RFC 9293 section 3.1 and 3.2. What may be read of a list shows in the size of the DUT's
 * segments: an MSS of 100 that counts keeps them at 100 bytes, and without one that counts 536
 * (IPv4) or 1220 (IPv6) is the limit. An illegal length may be answered by a reset, as section 3.1
 * suggests, or the option be left out; in each case a normal connection works afterwards.
 */
#include <lastack/case.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

FAMILY(option_parsing, "Options of every shape");

#define RAW(kind_, told_, size_, ...)                                                              \
	{.used = true, .kind = (kind_), .told = (told_), .size = (size_), .value = {__VA_ARGS__}}
#define NOP RAW(OPTION_NOP, 1, 1, 0)
#define EOL RAW(OPTION_EOL, 1, 1, 0)
#define MSS(n) RAW(OPTION_MSS, 4, 4, (n) >> 8, (n) & 0xff)
#define UNKNOWN 253 /* for experiments, RFC 4727 */

/* Several segments may be on their way before the first of them is acknowledged. */
#define IN_A_ROW between(-ms(500), ms(500))

/* What of the list is to be taken for the peer's MSS. */
enum meaning {
	NO_MSS,    /* nothing: the default is the limit, and an MSS of 100 would be a misreading */
	MSS_IS_100,
	ANY_MSS,   /* 100, or nothing */
	MSS_TWICE, /* 100 or 200 */
};

struct list {
	const char *name;
	struct option options[OPTIONS_MAX];
	enum meaning meaning;
};

/* Nothing is illegal in these. */
static const struct list legal[] = {
	{.name = "one_nop_before_mss", .options = {NOP, MSS(100)}, .meaning = MSS_IS_100},
	{.name = "two_nops_before_mss", .options = {NOP, NOP, MSS(100)}, .meaning = MSS_IS_100},
	{.name = "three_nops_before_mss", .options = {NOP, NOP, NOP, MSS(100)},
	 .meaning = MSS_IS_100},
	{.name = "fifteen_nops_before_mss", .options = {NOP, NOP, NOP, NOP, NOP, NOP, NOP, NOP, NOP,
	 NOP, NOP, NOP, NOP, NOP, NOP, MSS(100)}, .meaning = MSS_IS_100},
	{.name = "nops_alone", .options = {NOP, NOP, NOP, NOP}, .meaning = NO_MSS},
	{.name = "eol_alone", .options = {EOL}, .meaning = NO_MSS},
	{.name = "eol_behind_mss", .options = {MSS(100), EOL}, .meaning = MSS_IS_100},
	{.name = "mss_behind_eol", .options = {EOL, MSS(100)}, .meaning = NO_MSS},
	{.name = "mss_behind_nop_and_eol", .options = {NOP, NOP, NOP, EOL, MSS(100)},
	 .meaning = NO_MSS},
	{.name = "unknown_before_mss", .options = {RAW(UNKNOWN, 6, 6, 1, 2, 3, 4), MSS(100)},
	 .meaning = MSS_IS_100},
	{.name = "empty_unknown_before_mss", .options = {RAW(UNKNOWN, 2, 2, 0), MSS(100)},
	 .meaning = MSS_IS_100},
	{.name = "long_unknown_before_mss", .options = {RAW(UNKNOWN, 36, 36, 2, 4, 1), MSS(100)},
	 .meaning = MSS_IS_100},
	{.name = "mss_inside_an_unknown", .options = {RAW(UNKNOWN, 6, 6, 2, 4, 0, 100)},
	 .meaning = NO_MSS},
	{.name = "user_timeout_before_mss", .options = {RAW(OPTION_USER_TIMEOUT, 4, 4, 0x80, 1),
	 MSS(100)}, .meaning = MSS_IS_100},
	{.name = "mss_twice", .options = {MSS(100), MSS(200)}, .meaning = MSS_TWICE},
};

/* In these a length is what it must not be: RFC 9293 MUST-7, MUST-68. */
static const struct list illegal[] = {
	{.name = "mss_of_length_0", .options = {RAW(OPTION_MSS, 0, 4, 0, 100)}},
	{.name = "mss_of_length_1", .options = {RAW(OPTION_MSS, 1, 4, 0, 100)}},
	{.name = "mss_of_length_2", .options = {RAW(OPTION_MSS, 2, 2, 0), NOP, NOP}},
	{.name = "mss_of_length_3", .options = {RAW(OPTION_MSS, 3, 3, 100), NOP}},
	{.name = "mss_of_length_6", .options = {RAW(OPTION_MSS, 6, 6, 0, 100, 0, 100)}},
	{.name = "mss_past_the_header", .options = {RAW(OPTION_MSS, 40, 4, 0, 100)}},
	{.name = "mss_of_length_255", .options = {RAW(OPTION_MSS, 255, 4, 0, 100)}},
	{.name = "unknown_of_length_0", .options = {RAW(UNKNOWN, 0, 4, 0, 0), MSS(100)},
	 .meaning = ANY_MSS},
	{.name = "unknown_of_length_1", .options = {RAW(UNKNOWN, 1, 4, 0, 0), MSS(100)},
	 .meaning = ANY_MSS},
	{.name = "unknown_past_the_header", .options = {RAW(UNKNOWN, 9, 4, 0, 0), MSS(100)},
	 .meaning = ANY_MSS},
	{.name = "kind_without_length", .options = {NOP, NOP, NOP, RAW(OPTION_MSS, 0, 1, 0)}},
	{.name = "kind_without_length_at_the_end", .options = {RAW(UNKNOWN, 39, 39, 0),
	 RAW(OPTION_MSS, 0, 1, 0)}},
	{.name = "length_lies_behind_mss", .options = {MSS(100), RAW(UNKNOWN, 200, 4, 0, 0)},
	 .meaning = ANY_MSS},
	{.name = "wscale_of_length_2", .options = {RAW(OPTION_WSCALE, 2, 2, 0), NOP, NOP}},
	{.name = "sack_permitted_of_length_3", .options = {RAW(OPTION_SACK_PERMITTED, 3, 3, 0),
	 NOP}},
	{.name = "timestamps_of_length_6", .options = {RAW(OPTION_TIMESTAMPS, 6, 6, 0, 0, 0, 9)}},
};

/* None of the lists offers one of these rightly. */
#define NEVER_OFFERED                                                                              \
	(WITHOUT(OPTION_WSCALE) | WITHOUT(OPTION_SACK_PERMITTED) | WITHOUT(OPTION_TIMESTAMPS))

static int inject_list(struct peer *p, unsigned flags, const struct list *list, struct bytes data)
{
	struct segment segment = {.flags = flags, .data = data};

	memcpy(segment.options, list->options, sizeof(segment.options));
	return peer_inject(p, &segment);
}

/* RFC 9293 MUST-15. The socket knows its family. */
static uint32_t default_mss(struct peer *p)
{
	return dut_get_option(p, SOL_SOCKET, SO_DOMAIN) == AF_INET ? 536 : 1220;
}

/* Without an MSS option: more than the least that one could ask for, and at most the default. */
static struct span first_size(enum meaning meaning, uint32_t limit)
{
	if (meaning == MSS_IS_100)
		return from_to(1, 100);
	if (meaning == MSS_TWICE)
		return from_to(1, 200);
	return from_to(meaning == NO_MSS ? 101 : 1, limit);
}

/* Data both ways; the DUT's, so long that it takes more than one segment, in these sizes. */
static void exchange_data(struct peer *p, enum meaning meaning, uint32_t limit)
{
	struct span size = first_size(meaning, limit);
	uint32_t from = peer_rcv_nxt(p), total = 2 * size.high;
	uint32_t sent = peer_snd_nxt(p);
	const struct heard *heard;

	dut_write(p, pattern(total));
	for (uint32_t got = 0; got < total; got += heard->len) {
		heard = expect(p, ACK, .seq = is(from + got), .len = size, .when = IN_A_ROW);
		check(p, got + heard->len <= total &&
		      !memcmp(heard->data, (const char *)pattern(total).at + got, heard->len),
		      "the data from %u on is not what was written", got);
		inject(p, ACK);
		size = from_to(1, size.high);
	}
	inject(p, ACK | PSH, .data = pattern(100));
	expect(p, ACK, .ack = is(sent + 100), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(100));
}

static void open_and_exchange(struct peer *p, enum meaning meaning)
{
	inject(p, ACK);
	dut_accept(p);
	dut_keeps_syns(p);
	exchange_data(p, meaning, default_mss(p));
}

/* After a reset: a connection without anything odd. */
static void next_one_works(struct lab *lab)
{
	struct peer *p = handshaken(lab);

	exchange_data(p, ANY_MSS, 1460);
}

CASE_EACH(on_syn, struct list, legal,
	  .requirement = RFC9293(MUST, 4),
	  .also        = {RFC9293(MUST, 64), RFC9293(MUST, 6), RFC9293(MUST, 69)},
	  .claim       = "a SYN's options are read where they stand, up to the end of the list, "
			 "and unknown ones are skipped",
	  .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p;

	/* A probe for lost data is not to come between. */
	dut_sysctl(lab, "net.ipv4.tcp_early_retrans", 0);
	p = dial(lab);
	inject_list(p, SYN, row, (struct bytes){NULL, 0});
	expect(p, SYN | ACK, .ack = is(1), .without = NEVER_OFFERED, .when = within(ms(500)));
	open_and_exchange(p, row->meaning);
}

CASE_EACH(illegal_on_syn, struct list, illegal,
	  .requirement = RFC9293(MUST, 7),
	  .also        = {RFC9293(MUST, 68)},
	  .claim       = "a SYN with an illegal option length opens a connection without that "
			 "option, or gets RST; a normal exchange works then",
	  .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p;

	dut_sysctl(lab, "net.ipv4.tcp_early_retrans", 0);
	p = dial(lab);
	inject_list(p, SYN, row, (struct bytes){NULL, 0});
	if (expect_any(p, NULL,
		       either(SYN | ACK, .ack = is(1), .without = NEVER_OFFERED,
			      .when = within(ms(500))),
		       either(RST | ACK, .ack = is(1), .when = within(ms(500)))))
		next_one_works(lab);
	else
		open_and_exchange(p, row->meaning);
}

CASE_EACH(on_syn_ack, struct list, legal,
	  .requirement = RFC9293(MUST, 4),
	  .also        = {RFC9293(MUST, 64), RFC9293(MUST, 6), RFC9293(MUST, 69)},
	  .claim       = "a SYN-ACK's options are read where they stand, up to the end of the "
			 "list, and unknown ones are skipped",
	  .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p;

	dut_sysctl(lab, "net.ipv4.tcp_early_retrans", 0);
	p = answer(lab);
	dut_connect(p);
	expect(p, SYN, .seq = is(0), .when = within(ms(500)));
	inject_list(p, SYN | ACK, row, (struct bytes){NULL, 0});
	expect(p, ACK, .seq = is(1), .ack = is(1), .len = is(0), .when = within(ms(500)));
	dut_expect_connected(p);
	exchange_data(p, row->meaning, default_mss(p));
}

CASE_EACH(illegal_on_syn_ack, struct list, illegal,
	  .requirement = RFC9293(MUST, 7),
	  .also        = {RFC9293(MUST, 68)},
	  .claim       = "a SYN-ACK with an illegal option length opens the connection without "
			 "that option, or gets RST; a normal exchange works then",
	  .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p;

	dut_sysctl(lab, "net.ipv4.tcp_early_retrans", 0);
	p = answer(lab);
	dut_connect(p);
	expect(p, SYN, .seq = is(0), .when = within(ms(500)));
	inject_list(p, SYN | ACK, row, (struct bytes){NULL, 0});
	if (expect_any(p, NULL,
		       either(ACK, .seq = is(1), .ack = is(1), .len = is(0),
			      .when = within(ms(500))),
		       either(RST, .seq = is(1), .when = within(ms(500))),
		       either(RST | ACK, .seq = is(1), .when = within(ms(500))))) {
		next_one_works(lab);
	} else {
		dut_expect_connected(p);
		exchange_data(p, row->meaning, default_mss(p));
	}
}

/* On an open connection an MSS says nothing any more: no segment becomes smaller. */

CASE_EACH(on_data, struct list, legal,
	  .requirement = RFC9293(MUST, 5),
	  .also        = {RFC9293(MUST, 64), RFC9293(MUST, 6)},
	  .claim       = "options on a data segment do not keep its data from being delivered, and "
			 "an MSS there counts for nothing",
	  .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p;

	dut_sysctl(lab, "net.ipv4.tcp_early_retrans", 0);
	p = handshaken(lab);
	inject_list(p, ACK | PSH, row, pattern(100));
	expect(p, ACK, .seq = is(1), .ack = is(101), .len = is(0), .when = within(ms(500)));
	dut_expect_read(p, pattern(100));
	exchange_data(p, NO_MSS, 1460);
}

CASE_EACH(illegal_on_data, struct list, illegal,
	  .requirement = RFC9293(MUST, 7),
	  .also        = {RFC9293(MUST, 68), RFC9293(MUST, 5)},
	  .claim       = "data with an illegal option length is delivered, or gets RST; a normal "
			 "exchange works then",
	  .needs       = DUT_AGENT | SYSCTLS)
{
	struct peer *p;

	dut_sysctl(lab, "net.ipv4.tcp_early_retrans", 0);
	p = handshaken(lab);
	inject_list(p, ACK | PSH, row, pattern(100));
	if (expect_any(p, NULL,
		       either(ACK, .seq = is(1), .ack = is(101), .len = is(0),
			      .when = within(ms(500))),
		       either(RST, .seq = is(1), .when = within(ms(500))),
		       either(RST | ACK, .seq = is(1), .when = within(ms(500))))) {
		next_one_works(lab);
	} else {
		dut_expect_read(p, pattern(100));
		exchange_data(p, NO_MSS, 1460);
	}
}
