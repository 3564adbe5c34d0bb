/*
 * Templates in the words of a rung.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "match/match.h"

static void says(const struct segment *template, const char *want)
{
	struct buffer out = {.at = NULL};

	template_text(&out, template);
	assert_false(out.failed);
	assert_string_equal(out.at, want);
	buffer_free(&out);
}

#define SAYS(want, ...) says(&(struct segment){.flags = __VA_ARGS__}, want)

static void only_what_is_set(void **state)
{
	(void)state;
	SAYS("S", SYN);
	SAYS("none", NOFLAGS);
	SAYS("S. seq 0 ack 1 <mss 1460>", SYN | ACK, .seq = is(0), .ack = is(1),
	     .options = {opt_mss(1460)});
	SAYS(". ack not 7 win 1..536", ACK, .ack = isnt(7), .window = from_to(1, 536));
	SAYS("R raw seq 5 raw ack 6", RST, .raw_seq = is(5), .raw_ack = is(6));
	SAYS(". without PSH length 0", ACK, .psh = true, .len = is(0));
	SAYS("P. 5 bytes of data", PSH | ACK, .psh = true, .data = text("hello"));
	SAYS("U urg 3 ttl 1 tos 2 data offset 4 reserved 7 cksum 0", URG, .urgent = is(3),
	     .ttl = is(1), .tos = is(2), .data_offset = is(4), .reserved = is(7),
	     .checksum = is(0));
	/* Time has words of its own. */
	SAYS(".", ACK, .when = within(ms(1)), .since = 3);
}

static void options_wanted_and_unwanted(void **state)
{
	(void)state;
	SAYS("S <mss 1460,nop,wscale 7>", SYN,
	     .options = {opt_mss(1460), opt_nop(), opt_wscale(7)});
	SAYS("S <mss [bad length 0],eol,nop>", SYN,
	     .options = {opt_raw(OPTION_MSS, 0, "\1\2", 2), [5] = opt_eol(), [7] = opt_nop()});
	SAYS("S. mss 1460 wscale 0..14 TS val not 0 TS ecr 1", SYN | ACK, .mss = is(1460),
	     .wscale = from_to(0, 14), .tsval = isnt(0), .tsecr = is(1));
	SAYS("S. without mss,sackOK", SYN | ACK, .without = WITHOUT(2) | WITHOUT(4));
	SAYS("S. without options", SYN | ACK, .without = WITHOUT_ANY);
	SAYS("S <too large>", SYN, .options = {opt_fast_open(NULL, 17)});
}

static void lies_are_named(void **state)
{
	(void)state;
	SAYS("S bad cksum", SYN, .lies = LIE_BAD_CHECKSUM);
	SAYS("S zero cksum no options", SYN, .lies = LIE_ZERO_CHECKSUM | LIE_NO_OPTIONS);
	SAYS(". cksum without pseudo-header", ACK, .lies = LIE_NO_PSEUDO_HEADER);
	SAYS(". last byte inverted sum of zero", ACK, .lies = LIE_LAST_BYTE | LIE_SUM_OF_ZERO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_is_set),
		cmocka_unit_test(options_wanted_and_unwanted),
		cmocka_unit_test(lies_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
