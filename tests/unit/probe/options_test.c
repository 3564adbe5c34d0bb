/*
 * Options in tcpdump's form and by number, their lies, and the errors.
 */
#include "spelt.h"

static size_t bytes_of(const char *text_, uint8_t out[OPTION_BYTES_MAX])
{
	struct option list[OPTIONS_MAX];
	struct why why = {.text = ""};
	size_t n = 0, len = 0;

	if (spell_options("--option", text_, list, &n, &why))
		fail_msg("%s", why.text);
	assert_int_equal(options_encode(list, n, out, &len), 0);
	return len;
}

#define BYTES_ARE(text_, ...)                                                                      \
	do {                                                                                       \
		const uint8_t want[] = {__VA_ARGS__};                                              \
		uint8_t got[OPTION_BYTES_MAX];                                                     \
		assert_int_equal(bytes_of(text_, got), sizeof(want));                              \
		assert_memory_equal(got, want, sizeof(want));                                      \
	} while (0)

static void in_tcpdumps_form(void **state)
{
	uint8_t none[OPTION_BYTES_MAX];

	(void)state;
	BYTES_ARE("<mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7>", 2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0,
		  0, 1, 0, 0, 0, 0, 1, 3, 3, 7);
	BYTES_ARE("[mss 536]", 2, 4, 2, 24);
	BYTES_ARE("sack 1 {1:258}", 5, 10, 0, 0, 0, 1, 0, 0, 1, 2);
	BYTES_ARE("sack {1:2}{3:4}", 5, 18, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4);
	BYTES_ARE("TS 1 2", 8, 10, 0, 0, 0, 1, 0, 0, 0, 2);
	BYTES_ARE("uto 60 s", 28, 4, 0, 60);
	BYTES_ARE("uto 2 min", 28, 4, 0x80, 2);
	BYTES_ARE("tfo cookiereq", 34, 2);
	BYTES_ARE("tfo cookie 0102030405060708", 34, 10, 1, 2, 3, 4, 5, 6, 7, 8);
	BYTES_ARE("eol,nop", 0, 1);
	BYTES_ARE("mptcp 0x0081", 30, 4, 0, 0x81);
	BYTES_ARE("unknown-253 0x0102", 253, 4, 1, 2);
	assert_int_equal(bytes_of("", none), 0);
	assert_int_equal(bytes_of("<>", none), 0);
}

static void by_number_and_with_lies(void **state)
{
	(void)state;
	BYTES_ARE("254:abcd", 254, 4, 0xab, 0xcd);
	BYTES_ARE("99", 99, 2);
	BYTES_ARE("2/0:05b4", 2, 0, 5, 0xb4);
	BYTES_ARE("mss/6 1460", 2, 6, 5, 0xb4);
	BYTES_ARE("wscale/255 7", 3, 255, 7);
	BYTES_ARE("sackOK/3", 4, 3);
}

static void errors_name_the_place(void **state)
{
	static const struct {
		const char *text, *why;
	} table[] = {
		{"mss 70000", "--option 'mss 70000', character 5: at most 65535"},
		{"mss", "--option 'mss', character 4: want a number"},
		{"mss 1 nop", "--option 'mss 1 nop', character 7: want a comma, got 'n'"},
		{"<mss 1", "--option '<mss 1', character 7: want >"},
		{"nop,", "--option 'nop,', character 5: want an option"},
		{"nop>", "--option 'nop>', character 4: want a comma, got '>'"},
		{"254:abc", "--option '254:abc', character 8: half a byte: hexadecimal digits "
			    "come in pairs"},
		{"256:00", "--option '256:00', character 1: at most 255"},
		{"sack {1-2}", "--option 'sack {1-2}', character 8: want :"},
		{"TS val 1 ecr 0,TS val 1 ecr 0,TS val 1 ecr 0,TS val 1 ecr 0,nop",
		 "--option 'TS val 1 ecr 0,TS val 1 ecr 0,TS val 1 ecr 0,TS val 1 ecr 0,nop', "
		 "character 61: with this one 41 bytes, and a header has room for 40"},
		{"nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop",
		 "--option 'nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop', "
		 "character 65: more than 16 options"},
	};
	struct option list[OPTIONS_MAX];
	struct why why = {.text = ""};
	size_t n = 99;

	(void)state;
	for (size_t i = 0; i < CASES(table); i++) {
		assert_int_equal(spell_options("--option", table[i].text, list, &n, &why), -EINVAL);
		assert_string_equal(why.text, table[i].why);
		assert_int_equal(n, 99);
	}
	assert_int_equal(spell_options("o", "foo", list, &n, &why), -EINVAL);
	assert_non_null(strstr(why.text, "character 1: no such option"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_tcpdumps_form),
		cmocka_unit_test(by_number_and_with_lies),
		cmocka_unit_test(errors_name_the_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
