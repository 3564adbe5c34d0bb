/*
 * The order: it comes back as it went, and what is none is refused.
 */
#include "guest/order.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* cmocka has macros of the same names as a case's verbs. */
#undef expect
#undef expect_any
#undef check
#include <cmocka.h>

static void an_order_comes_back(void **state)
{
	static const char *selectors[] = {"handshake", "loss.*\"\\\n"};
	static const struct lab_sysctl sysctls[] = {{.name = "net.ipv4.tcp_sack", .value = "0"},
						    {.name = NULL}};
	struct order order = {.run = {.over = IPV6, .jobs = 3, .share = 1, .shares = 4,
				      .quick = true, .days = true, .time_scale = 1.5,
				      .seed = UINT64_MAX, .setups = 2, .sysctls = sysctls,
				      .evidence = "/tmp/\xc3\xa4",
				      .command = "lastack run --kernel uml",
				      .retries = {.set = true, .per_case = 7, .time = sec(9)}},
			      .selectors = selectors,
			      .selector_count = 2,
			      .profile = "linux",
			      .machine = "a machine",
			      .modules = {"/a.ko", "/b.ko"},
			      .carrier = "/dev/vport0p2",
			      .stack = "lwip",
			      .freeze = true};
	struct buffer text_ = {.at = NULL};
	struct order got;

	(void)state;
	assert_int_equal(order_write(&text_, &order), 0);
	assert_null(memchr(text_.at, '\n', text_.len));
	assert_int_equal(order_read(text_.at, text_.len, &got, NULL), 0);
	assert_int_equal(got.run.over, IPV6);
	assert_int_equal(got.run.jobs, 3);
	assert_int_equal(got.run.share, 1);
	assert_int_equal(got.run.shares, 4);
	assert_true(got.run.quick);
	assert_false(got.run.strict);
	assert_true(got.run.days);
	assert_true(got.run.time_scale == 1.5);
	assert_true(got.run.seed == UINT64_MAX);
	assert_string_equal(got.run.evidence, order.run.evidence);
	assert_string_equal(got.run.command, order.run.command);
	assert_int_equal(got.selector_count, 2);
	assert_string_equal(got.selectors[1], selectors[1]);
	assert_string_equal(got.sysctls[0].name, "net.ipv4.tcp_sack");
	assert_string_equal(got.sysctls[0].value, "0");
	assert_null(got.sysctls[1].name);
	assert_string_equal(got.modules[1], "/b.ko");
	assert_null(got.modules[2]);
	assert_true(got.freeze);
	assert_string_equal(got.carrier, "/dev/vport0p2");
	assert_string_equal(got.stack, "lwip");
	assert_int_equal(got.run.setups, 2);
	assert_true(got.run.retries.set);
	assert_int_equal(got.run.retries.per_case, 7);
	assert_int_equal(got.run.retries.time, sec(9));
	order_free(&got);
	buffer_free(&text_);
}

static void what_is_not_told_is_not_there(void **state)
{
	struct order order = {.run = {.time_scale = 1}, .profile = "none", .machine = "m"};
	struct buffer text_ = {.at = NULL};
	struct order got;

	(void)state;
	assert_int_equal(order_write(&text_, &order), 0);
	assert_int_equal(order_read(text_.at, text_.len, &got, NULL), 0);
	assert_null(got.run.evidence);
	assert_null(got.run.command);
	assert_null(got.carrier);
	assert_null(got.stack);
	assert_int_equal(got.selector_count, 0);
	assert_null(got.sysctls[0].name);
	assert_null(got.modules[0]);
	order_free(&got);
	buffer_free(&text_);
}

#define HEAD                                                                                       \
	"\"over\":0,\"jobs\":0,\"quick\":false,\"strict\":false,\"time_scale\":1.0,\"seed\":"      \
	"\"1\",\"profile\":\"none\",\"evidence\":null,\"command\":null,\"machine\":\"m\","         \
	"\"freeze\":false,\"days\":false,\"carrier\":null,\"setups\":0,\"stack\":null,"            \
	"\"retries_set\":false,\"retry_time\":0,"

#define S01 "\"retries\":0,\"share\":0,\"shares\":1,"
#define S11 "\"retries\":0,\"share\":1,\"shares\":1,"
#define S_1 "\"retries\":0,\"share\":-1,\"shares\":1,"
#define R_1 "\"retries\":-1,\"share\":0,\"shares\":1,"

static void what_is_no_order_is_refused(void **state)
{
	static const char *const bad[] = {
		"", "{}", "[]", "7", "{\"selectors\":[]}",
		/* Strings where there are names, pairs that are none, a share beyond the shares. */
		"{" HEAD S01 "\"selectors\":[7],\"sysctls\":[],\"modules\":[]}",
		"{" HEAD S01 "\"selectors\":{},\"sysctls\":[],\"modules\":[]}",
		"{" HEAD S01 "\"selectors\":[],\"sysctls\":[[\"a\"]],"
		"\"modules\":[]}",
		"{" HEAD S01 "\"selectors\":[],\"sysctls\":[7],\"modules\":[]}",
		"{" HEAD S01 "\"selectors\":[],\"sysctls\":[],\"modules\":7}",
		"{" HEAD S11 "\"selectors\":[],\"sysctls\":[],\"modules\":[]}",
		"{" HEAD S_1 "\"selectors\":[],\"sysctls\":[],\"modules\":[]}",
		"{" HEAD R_1 "\"selectors\":[],\"sysctls\":[],\"modules\":[]}",
		"{" HEAD S01 "\"selectors\":[],\"sysctls\":[],\"modules\":[],"
		"\"more\":1}",
	};
	static const char good[] =
		"{" HEAD S01 "\"selectors\":[],\"sysctls\":[],\"modules\":[]}";
	struct order got;
	struct why why;

	(void)state;
	assert_int_equal(order_read(good, strlen(good), &got, &why), 0);
	order_free(&got);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (order_read(bad[i], strlen(bad[i]), &got, &why) != -EPROTO)
			fail_msg("taken: %s", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_order_comes_back),
		cmocka_unit_test(what_is_not_told_is_not_there),
		cmocka_unit_test(what_is_no_order_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
