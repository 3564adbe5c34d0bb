/*
 * Heard segments against templates: each field alone, right and wrong, and the report's words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "match/match.h"
#include "packet/packet.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Give a heard segment these options. */
static void options_set(struct heard *got, const struct option *list, size_t n)
{
	uint8_t bytes[OPTION_BYTES_MAX];
	size_t len;

	assert_int_equal(options_encode(list, n, bytes, &len), 0);
	options_decode(bytes, len, &got->options);
}

/* A SYN-ACK as Linux answers. */
static struct heard syn_ack(void)
{
	const struct option options[] = {opt_mss(1460), opt_sack_permitted(),
					 opt_timestamps(100, 50), opt_nop(), opt_wscale(7)};
	struct heard got = {
		.flags = SYN | ACK,
		.seq = 0,
		.ack = 1,
		.raw_seq = 5000,
		.raw_ack = 7001,
		.window = 65160,
		.checksum = 0xabcd,
		.checksum_good = true,
		.data_offset = 10,
		.ttl = 64,
		.tos = 2,
	};

	options_set(&got, options, COUNT(options));
	return got;
}

static void matches(const struct segment *want, const struct heard *got)
{
	struct match_report report;

	assert_true(match_segment(want, got, NULL));
	memset(&report, 'x', sizeof(report));
	assert_true(match_segment(want, got, &report));
	assert_string_equal(report.text, "");
}

static void differs(const struct segment *want, const struct heard *got, const char *words)
{
	struct match_report report;

	assert_false(match_segment(want, got, NULL));
	memset(&report, 'x', sizeof(report));
	assert_false(match_segment(want, got, &report));
	assert_string_equal(report.text, words);
}

#define MATCHES(got, ...) matches(&(struct segment){.flags = __VA_ARGS__}, got)
#define DIFFERS(got, words, ...) differs(&(struct segment){.flags = __VA_ARGS__}, got, words)

static void unset_fields_may_be_anything(void **state)
{
	struct heard got = syn_ack();

	(void)state;
	MATCHES(&got, SYN | ACK);
	got.seq = got.ack = got.len = 77;
	got.data = (const uint8_t *)"";
	got.options.malformed = true;
	got.checksum_good = false;
	MATCHES(&got, SYN | ACK);
}

static void flags_are_just_these(void **state)
{
	struct heard got = syn_ack();

	(void)state;
	DIFFERS(&got, "want S, got S.", SYN);
	DIFFERS(&got, "want R., got S.", RST | ACK);
	DIFFERS(&got, "want FS., got S.", FIN | SYN | ACK);
	DIFFERS(&got, "want S.E, got S.", SYN | ACK | ECE);
	DIFFERS(&got, "want S.e, got S.", SYN | ACK | AE);
	DIFFERS(&got, "want none, got S.", NOFLAGS);
	got.flags = NOFLAGS;
	MATCHES(&got, NOFLAGS);
}

static void push_counts_only_where_asked(void **state)
{
	struct heard got = {.flags = PSH | ACK};

	(void)state;
	MATCHES(&got, ACK);
	MATCHES(&got, ACK | PSH);
	MATCHES(&got, ACK | PSH, .psh = true);
	DIFFERS(&got, "want ., got P.", ACK, .psh = true);
	got.flags = ACK;
	MATCHES(&got, ACK);
	MATCHES(&got, ACK, .psh = true);
	DIFFERS(&got, "want P., got .", ACK | PSH);
}

/* A host is free to ask for ECN, and to agree when it is asked; RFC 3168 6.1.1, RFC 9768 3.1. */
static void ecn_is_the_hosts_choice(void **state)
{
	struct heard got = {.flags = SYN | ECE | CWR};

	(void)state;
	MATCHES(&got, SYN);
	MATCHES(&got, SYN | ECE | CWR);
	DIFFERS(&got, "want S, got SEW", SYN, .ecn = true);
	DIFFERS(&got, "want SE, got SEW", SYN | ECE);
	got.flags = SYN | ECE | CWR | AE;
	MATCHES(&got, SYN);
	got.flags = SYN | ECE;
	DIFFERS(&got, "want S, got SE", SYN);
	got.flags = SYN | CWR | AE;
	DIFFERS(&got, "want S, got SWe", SYN);
	got.flags = SYN;
	MATCHES(&got, SYN, .ecn = true);
	DIFFERS(&got, "want SEW, got S", SYN | ECE | CWR);
	got.flags = ACK | ECE;
	DIFFERS(&got, "want ., got .E", ACK);
	got.flags = RST | ECE | CWR;
	DIFFERS(&got, "want R, got REW", RST);
}

static void ecn_is_agreed_to_only_where_it_was_asked_for(void **state)
{
	struct heard got = {.flags = SYN | ACK | ECE};

	(void)state;
	DIFFERS(&got, "want S., got S.E", SYN | ACK);
	got.asked = ECE;
	DIFFERS(&got, "want S., got S.E", SYN | ACK);
	got.asked = ECE | CWR;
	MATCHES(&got, SYN | ACK);
	DIFFERS(&got, "want S., got S.E", SYN | ACK, .ecn = true);
	got.flags = SYN | ACK | ECE | CWR;
	DIFFERS(&got, "want S., got S.EW", SYN | ACK);
	got.flags = SYN | ACK | CWR;
	DIFFERS(&got, "want S., got S.W", SYN | ACK);
	got.asked = ECE | CWR | AE;
	MATCHES(&got, SYN | ACK);
	got.flags = SYN | ACK | ECE | CWR | AE;
	DIFFERS(&got, "want S., got S.EWe", SYN | ACK);
}

static void numbers_are_compared(void **state)
{
	struct heard got = syn_ack();

	(void)state;
	got.urgent = 3;
	got.reserved = 1;
	MATCHES(&got, SYN | ACK, .seq = is(0), .ack = is(1), .raw_seq = is(5000),
		.raw_ack = is(7001), .window = is(65160), .urgent = is(3), .len = is(0),
		.ttl = is(64), .tos = is(2), .data_offset = is(10), .reserved = is(1),
		.checksum = is(0xabcd));
	MATCHES(&got, SYN | ACK, .seq = from_to(0xffffffff, 1), .ack = isnt(0),
		.window = from_to(1, 65535));
	DIFFERS(&got, "want seq 1, got 0", SYN | ACK, .seq = is(1));
	DIFFERS(&got, "want ack not 1, got 1", SYN | ACK, .ack = isnt(1));
	DIFFERS(&got, "want raw seq 1..2, got 5000", SYN | ACK, .raw_seq = from_to(1, 2));
	DIFFERS(&got, "want raw ack 0, got 7001", SYN | ACK, .raw_ack = is(0));
	DIFFERS(&got, "want win 0, got 65160", SYN | ACK, .window = is(0));
	DIFFERS(&got, "want urg 0, got 3", SYN | ACK, .urgent = is(0));
	DIFFERS(&got, "want length 1..536, got 0", SYN | ACK, .len = from_to(1, 536));
	DIFFERS(&got, "want ttl 1, got 64", SYN | ACK, .ttl = is(1));
	DIFFERS(&got, "want tos 0, got 2", SYN | ACK, .tos = is(0));
	DIFFERS(&got, "want data offset 5, got 10", SYN | ACK, .data_offset = is(5));
	DIFFERS(&got, "want reserved 0, got 1", SYN | ACK, .reserved = is(0));
	DIFFERS(&got, "want cksum 0, got 43981", SYN | ACK, .checksum = is(0));
}

static void all_differences_are_reported(void **state)
{
	struct heard got = syn_ack();

	(void)state;
	DIFFERS(&got, "want R, got S.; want seq 9, got 0; want ack 0, got 1; want win 0, got 65160",
		RST, .seq = is(9), .ack = is(0), .window = is(0));
}

static void a_report_never_outgrows_its_place(void **state)
{
	struct heard got = syn_ack();
	struct match_report report;
	struct segment want = {.flags = RST,
			       .seq = is(9),
			       .ack = is(0),
			       .raw_seq = is(1),
			       .raw_ack = is(1),
			       .window = is(0),
			       .urgent = is(9),
			       .len = is(8),
			       .mss = is(1),
			       .wscale = is(1),
			       .tsval = is(1),
			       .tsecr = is(1),
			       .without = WITHOUT(2)};

	(void)state;
	for (size_t i = 0; i < OPTIONS_MAX; i++)
		want.options[i] = opt_raw(200, 40, NULL, 38);
	assert_false(match_segment(&want, &got, &report));
	assert_int_equal(strlen(report.text), sizeof(report.text) - 1);
	assert_memory_equal(report.text, "want R, got S.; ", 16);
}

static void data_is_compared_byte_by_byte(void **state)
{
	struct heard got = {.flags = ACK, .len = 5, .data = (const uint8_t *)"hello"};
	const struct heard empty = {.flags = ACK};

	(void)state;
	MATCHES(&got, ACK, .data = text("hello"));
	DIFFERS(&got, "want data byte 1 0x61, got 0x65", ACK, .data = text("hallo"));
	DIFFERS(&got, "want 4 bytes of data, got 5", ACK, .data = text("hell"));
	DIFFERS(&got, "want 6 bytes of data, got 5", ACK, .data = text("hello!"));
	/* Data that is named and empty is none; data that is not named is any. */
	MATCHES(&empty, ACK, .data = text(""));
	DIFFERS(&got, "want 0 bytes of data, got 5", ACK, .data = pattern(0));
	DIFFERS(&empty, "want 5 bytes of data, got 0", ACK, .data = text("hello"));
}

static void options_are_found_byte_for_byte(void **state)
{
	struct heard got = syn_ack();

	(void)state;
	MATCHES(&got, SYN | ACK, .options = {opt_mss(1460)});
	/* In any order. */
	MATCHES(&got, SYN | ACK,
		.options = {opt_wscale(7), opt_timestamps(100, 50), opt_nop(), opt_sack_permitted(),
			    opt_mss(1460)});
	MATCHES(&got, SYN | ACK, .options = {[9] = opt_nop()});
	DIFFERS(&got, "want option mss 536, got [mss 1460,sackOK,TS val 100 ecr 50,nop,wscale 7]",
		SYN | ACK, .options = {opt_mss(536)});
	got.options = (struct heard_options){.size = 0};
	DIFFERS(&got, "want option mss 1460, got []", SYN | ACK, .options = {opt_mss(1460)});
}

static void an_option_wanted_twice_is_there_twice(void **state)
{
	struct heard got = {.flags = ACK};
	const struct option two[] = {opt_nop(), opt_nop(), opt_timestamps(1, 2)};

	(void)state;
	options_set(&got, two, COUNT(two));
	MATCHES(&got, ACK, .options = {opt_nop(), opt_nop(), opt_timestamps(1, 2)});
	DIFFERS(&got, "want option nop, got [nop,nop,TS val 1 ecr 2]", ACK,
		.options = {opt_nop(), opt_nop(), opt_nop()});
}

/* The same bytes inside another option's value are none. */
static void an_option_begins_where_one_begins(void **state)
{
	struct heard got = {.flags = ACK};
	const uint8_t inside[] = {2, 4, 5, 180};
	const struct option hidden[] = {opt_raw(99, 6, inside, 4)};
	const struct option past_end[] = {opt_eol(), opt_mss(1460)};

	(void)state;
	options_set(&got, hidden, 1);
	DIFFERS(&got, "want option mss 1460, got [unknown-99 0x020405b4]", ACK,
		.options = {opt_mss(1460)});
	options_set(&got, past_end, 2);
	DIFFERS(&got, "want option mss 1460, got [eol]", ACK, .options = {opt_mss(1460)});
	MATCHES(&got, ACK, .options = {opt_eol()});
}

static void an_option_may_be_wanted_with_its_lie(void **state)
{
	struct heard got = {.flags = ACK};
	const struct option lies[] = {opt_nop(), opt_raw(OPTION_MSS, 1, "\5\264", 2)};

	(void)state;
	options_set(&got, lies, 2);
	assert_true(got.options.malformed);
	MATCHES(&got, ACK, .options = {opt_raw(OPTION_MSS, 1, "\5\264", 2)});
	DIFFERS(&got, "want option mss 1460, got [nop,mss [bad length 1]]", ACK,
		.options = {opt_mss(1460)});
}

static void values_want_their_option(void **state)
{
	struct heard got = syn_ack();

	(void)state;
	MATCHES(&got, SYN | ACK, .mss = is(1460), .wscale = from_to(0, 14), .tsval = isnt(0),
		.tsecr = is(50));
	DIFFERS(&got,
		"want mss 536, got 1460; want wscale 0, got 7; want TS val 0, got 100; "
		"want TS ecr 51, got 50",
		SYN | ACK, .mss = is(536), .wscale = is(0), .tsval = is(0), .tsecr = is(51));
	got.options = (struct heard_options){.size = 0};
	/* Even "not 5" and "any from 0" mean that there is one. */
	DIFFERS(&got,
		"want mss not 5, got none; want wscale 0..255, got none; want TS val 0, got none; "
		"want TS ecr 0, got none",
		SYN | ACK, .mss = isnt(5), .wscale = from_to(0, 255), .tsval = is(0),
		.tsecr = is(0));
}

static void kinds_may_be_forbidden(void **state)
{
	struct heard got = syn_ack();

	(void)state;
	MATCHES(&got, SYN | ACK,
		.without = WITHOUT(OPTION_SACK) | WITHOUT(OPTION_EOL) | WITHOUT(63));
	DIFFERS(&got, "want no mss, got one; want no TS, got one", SYN | ACK,
		.without = WITHOUT(OPTION_MSS) | WITHOUT(OPTION_TIMESTAMPS) | WITHOUT(OPTION_SACK));
	DIFFERS(&got, "want no nop, got one", SYN | ACK, .without = WITHOUT(OPTION_NOP));
	DIFFERS(&got, "want no options, got 20 bytes", SYN | ACK, .without = WITHOUT_ANY);
	got.options = (struct heard_options){.size = 0};
	MATCHES(&got, SYN | ACK, .without = WITHOUT_ANY);
	/* Padding alone is still something. */
	options_decode((const uint8_t[]){0, 0, 0, 0}, 4, &got.options);
	DIFFERS(&got, "want no options, got 4 bytes", SYN | ACK, .without = WITHOUT_ANY);
	/* Kinds above 63 have no bit, and WITHOUT_ANY sees them all the same. */
	options_decode((const uint8_t[]){253, 4, 0, 0}, 4, &got.options);
	DIFFERS(&got, "want no options, got 4 bytes", SYN | ACK, .without = WITHOUT_ANY);
}

static void what_is_only_sent_is_not_judged(void **state)
{
	struct heard got = syn_ack();

	(void)state;
	MATCHES(&got, SYN | ACK, .lies = LIE_BAD_CHECKSUM | LIE_ZERO_CHECKSUM | LIE_NO_OPTIONS);
	/* Nor is time here: match_time() judges that. */
	MATCHES(&got, SYN | ACK, .when = within(0), .since = 5);
}

/* The field of a segment without ACK is no number. */
static void a_missing_acknowledgement_is_said(void **state)
{
	const struct heard reset = {.flags = RST, .ack = 4000, .raw_ack = 5000,
				    .checksum_good = true};

	(void)state;
	DIFFERS(&reset, "want ., got R; want ack 1, got none", ACK, .ack = is(1));
	DIFFERS(&reset, "want R., got R; want raw ack 1, got none", RST | ACK, .raw_ack = is(1));
	/* What is expected without ACK is judged by the field. */
	DIFFERS(&reset, "want raw ack 0, got 5000", RST, .raw_ack = is(0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unset_fields_may_be_anything),
		cmocka_unit_test(flags_are_just_these),
		cmocka_unit_test(push_counts_only_where_asked),
		cmocka_unit_test(ecn_is_the_hosts_choice),
		cmocka_unit_test(ecn_is_agreed_to_only_where_it_was_asked_for),
		cmocka_unit_test(numbers_are_compared),
		cmocka_unit_test(all_differences_are_reported),
		cmocka_unit_test(a_report_never_outgrows_its_place),
		cmocka_unit_test(data_is_compared_byte_by_byte),
		cmocka_unit_test(options_are_found_byte_for_byte),
		cmocka_unit_test(an_option_wanted_twice_is_there_twice),
		cmocka_unit_test(an_option_begins_where_one_begins),
		cmocka_unit_test(an_option_may_be_wanted_with_its_lie),
		cmocka_unit_test(values_want_their_option),
		cmocka_unit_test(kinds_may_be_forbidden),
		cmocka_unit_test(what_is_only_sent_is_not_judged),
		cmocka_unit_test(a_missing_acknowledgement_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
