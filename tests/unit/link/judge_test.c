/*
 * Which addresses can be a target, and which one a peer gets.
 */
#include "link/link.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static struct address made(const char *text)
{
	struct address address;

	assert_int_equal(address_parse(text, &address), 0);
	return address;
}

static void one_host_is_wanted(void **state)
{
	static const struct {
		const char *address, *why;
	} rows[] = {
		{"0.0.0.0", "nobody's"},	{"::", "nobody's"},
		{"255.255.255.255", "broadcast"}, {"224.0.0.1", "multicast"},
		{"239.1.2.3", "multicast"},	{"ff02::1", "multicast"},
		{"0.1.2.3", "cannot be"},	{"240.0.0.1", "cannot be"},
		{"127.0.0.1", "this machine"},	{"::1", "this machine"},
		{"::ffff:10.0.0.1", "IPv4"},
	};
	static const char *const good[] = {"10.0.0.2", "223.255.255.254", "fe80::1", "2001:db8::1",
					   "::2"};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct address address = made(rows[i].address);
		struct why why = {.text = ""};

		assert_int_equal(link_judge(&address, &why), -EINVAL);
		assert_non_null(strstr(why.text, rows[i].why));
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct address address = made(good[i]);

		assert_int_equal(link_judge(&address, NULL), 0);
	}
}

static int in_subnet(const char *address, const char *own, unsigned prefix)
{
	struct address a = made(address), o = made(own);

	return link_judge_subnet(&a, &o, prefix, NULL);
}

static void a_network_is_no_host(void **state)
{
	(void)state;
	assert_int_equal(in_subnet("10.9.0.0", "10.9.0.1", 24), -EINVAL);
	assert_int_equal(in_subnet("10.9.0.255", "10.9.0.1", 24), -EINVAL);
	assert_int_equal(in_subnet("10.9.0.128", "10.9.0.129", 25), -EINVAL);
	assert_int_equal(in_subnet("10.9.0.128", "10.9.0.1", 24), 0);
	assert_int_equal(in_subnet("10.8.0.0", "10.9.0.1", 24), 0);
	/* RFC 3021: both addresses of such a link are hosts. */
	assert_int_equal(in_subnet("10.9.0.0", "10.9.0.1", 31), 0);
	assert_int_equal(in_subnet("10.9.0.1", "10.9.0.1", 32), 0);
	/* The subnet-router anycast address, RFC 4291 2.6.1; IPv6 has no broadcast. */
	assert_int_equal(in_subnet("fd00::", "fd00::1", 64), -EINVAL);
	assert_int_equal(in_subnet("fd00::ffff:ffff:ffff:ffff", "fd00::1", 64), 0);
}

static void a_free_address_is_a_host_of_the_subnet(void **state)
{
	static const struct {
		const char *own;
		unsigned prefix;
	} rows[] = {{"10.9.0.1", 24}, {"10.9.0.1", 30}, {"10.9.7.9", 8},
		    {"fd00:9::1", 64}, {"fd00:9::1", 48}, {"fd00:9::1", 126}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct address own = made(rows[i].own), first = {.family = 0};
		bool others = false;

		for (uint64_t chance = 0; chance < 200; chance++) {
			struct address got;

			assert_int_equal(link_pick(&got, &own, rows[i].prefix, chance, NULL), 0);
			assert_true(link_same_subnet(&got, &own, rows[i].prefix));
			assert_false(address_equal(&got, &own));
			assert_int_equal(link_judge(&got, NULL), 0);
			assert_int_equal(link_judge_subnet(&got, &own, rows[i].prefix, NULL), 0);
			if (!chance)
				first = got;
			others |= !address_equal(&first, &got);
		}
		/* /30 has room for just one. */
		assert_int_equal(others, rows[i].prefix != 30);
	}
}

static void a_subnet_without_room_says_so(void **state)
{
	struct address own = made("10.9.0.1"), own6 = made("fd00::1"), got;
	struct why why = {.text = ""};

	(void)state;
	assert_int_equal(link_pick(&got, &own, 31, 1, &why), -EADDRINUSE);
	assert_non_null(strstr(why.text, "--source own"));
	assert_int_equal(link_pick(&got, &own, 32, 1, NULL), -EADDRINUSE);
	assert_int_equal(link_pick(&got, &own6, 127, 1, NULL), -EADDRINUSE);
}

static void subnets_are_compared_bit_by_bit(void **state)
{
	struct address a = made("10.9.0.1"), b = made("10.9.1.1"), c = made("fd00::1");

	(void)state;
	assert_true(link_same_subnet(&a, &b, 23));
	assert_false(link_same_subnet(&a, &b, 24));
	assert_true(link_same_subnet(&a, &b, 0));
	assert_false(link_same_subnet(&a, &c, 0));
	assert_false(link_same_subnet(&a, &b, 33));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_host_is_wanted),
		cmocka_unit_test(a_network_is_no_host),
		cmocka_unit_test(a_free_address_is_a_host_of_the_subnet),
		cmocka_unit_test(a_subnet_without_room_says_so),
		cmocka_unit_test(subnets_are_compared_bit_by_bit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
