/*
 * What every segment must be, whatever a case expects.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "match/match.h"
#include "packet/packet.h"

static struct heard heard_with(unsigned flags, const void *options, size_t n)
{
	struct heard got = {.flags = flags, .checksum = 0x1234, .checksum_good = true};

	options_decode(options, n, &got.options);
	return got;
}

static void well(const struct heard *got)
{
	struct match_report report;

	assert_true(match_wellformed(got, NULL));
	memset(&report, 'x', sizeof(report));
	assert_true(match_wellformed(got, &report));
	assert_string_equal(report.text, "");
}

static void ill(const struct heard *got, const char *words)
{
	struct match_report report;

	assert_false(match_wellformed(got, NULL));
	assert_false(match_wellformed(got, &report));
	assert_string_equal(report.text, words);
}

static void usual_segments_are_well(void **state)
{
	const struct heard rows[] = {
		heard_with(ACK, "", 0),
		heard_with(SYN, "\2\4\5\264\4\2\10\12\0\0\0\1\0\0\0\0\1\3\3\7", 20),
		heard_with(ACK, "\1\1\10\12\0\0\0\1\0\0\0\0", 12),
		heard_with(SYN, "\3\3\7\0", 4),
		heard_with(SYN, "\0\0\0\0", 4),
		heard_with(ACK, "\375\4\1\2", 4),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		well(&rows[i]);
}

static void checksums_and_reserved_bits(void **state)
{
	struct heard got = heard_with(ACK, "", 0);

	(void)state;
	got.checksum_good = false;
	ill(&got, "checksum 0x1234 is wrong (RFC 9293 MUST-2)");
	got.reserved = 4;
	ill(&got, "checksum 0x1234 is wrong (RFC 9293 MUST-2); reserved bits are 0x4, not 0 "
		  "(RFC 9293 3.1)");
	got.checksum_good = true;
	ill(&got, "reserved bits are 0x4, not 0 (RFC 9293 3.1)");
}

static void options_whose_length_lies(void **state)
{
	const struct heard rows[] = {
		heard_with(SYN, "\2\0\0\0", 4),
		heard_with(SYN, "\2\3\0\0", 4),
		heard_with(ACK, "\1\1\1\10", 4),
		heard_with(ACK, "\375\5\0\0", 4),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ill(&rows[i], "an option's length lies (RFC 9293 MUST-68)");
}

static void bytes_behind_the_end(void **state)
{
	struct heard got = heard_with(ACK, "\0\1\0\0", 4);

	(void)state;
	ill(&got, "option byte 1, behind EOL, is 0x01 (RFC 9293 MUST-69)");
	got = heard_with(SYN, "\2\4\5\264\0\0\0\77", 8);
	ill(&got, "option byte 7, behind EOL, is 0x3f (RFC 9293 MUST-69)");
	/* A zero that is another option's value is no end. */
	got = heard_with(SYN, "\3\3\0\1", 4);
	well(&got);
}

static void mss_needs_syn(void **state)
{
	struct heard got = heard_with(ACK, "\2\4\5\264", 4);

	(void)state;
	ill(&got, "MSS option without SYN (RFC 9293 MUST-65)");
	got.flags = SYN | ACK;
	well(&got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usual_segments_are_well),
		cmocka_unit_test(checksums_and_reserved_bits),
		cmocka_unit_test(options_whose_length_lies),
		cmocka_unit_test(bytes_behind_the_end),
		cmocka_unit_test(mss_needs_syn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
