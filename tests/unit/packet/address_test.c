#include "frames.h"

static void addresses_go_there_and_back(void **state)
{
	static const char *const rows[] = {"0.0.0.0",
					   "192.0.2.1",
					   "255.255.255.255",
					   "::",
					   "::1",
					   "2001:db8::1",
					   "fe80::1:ff00:2",
					   "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
					   "::ffff:192.0.2.1"};
	char out[ADDRESS_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct address address = address_of(rows[i]);

		assert_int_equal(address.family, strchr(rows[i], ':') ? 6 : 4);
		assert_string_equal(address_text(&address, out), rows[i]);
	}
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const rows[] = {
		"",	      " ",	     "192.0.2", "192.0.2.256",	    "192.0.2.1.",
		"192.0.2.1 ", "01.2.3.4.5",  ":::",	"2001:db8::1%eth0", "12345::",
		"localhost",  "192.0.2.1/24"};
	struct address address = {.family = 99};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(address_parse(rows[i], &address), -EINVAL);
	assert_int_equal(address.family, 99);
}

static void equal_means_family_and_bytes(void **state)
{
	struct address a = address_of("192.0.2.1"), b = address_of("192.0.2.1");
	struct address c = address_of("192.0.2.2"), d = address_of("::"), e = address_of("0.0.0.0");

	(void)state;
	/* IPv4 uses the first four bytes; what lies behind them does not count. */
	b.at[10] = 7;
	assert_true(address_equal(&a, &b));
	assert_false(address_equal(&a, &c));
	assert_false(address_equal(&d, &e));
	e = d;
	e.at[15] = 1;
	assert_false(address_equal(&d, &e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_go_there_and_back),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(equal_means_family_and_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
