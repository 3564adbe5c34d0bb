/* What the agent reads from the kernel: counters, sysctls, TCP_INFO, states. */
#include "dut/info.h"
#include "dut/kernel.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

static const char counters[] = "Tcp: ActiveOpens InErrs\n"
			       "Tcp: 5 -1\n"
			       "TcpExt: ListenDrops Sum ListenDropsOther\n"
			       "TcpExt: 9223372036854775807 2 3\n";

static void counters_are_found_by_their_nstat_names(void **state)
{
	static const struct {
		const char *name;
		int64_t value;
	} known[] = {
		{"TcpActiveOpens", 5},
		{"TcpInErrs", -1},
		{"TcpExtListenDrops", INT64_MAX},
		{"TcpExtSum", 2},
		{"TcpExtListenDropsOther", 3},
	};
	static const char *const unknown[] = {"Tcp",     "TcpExt", "TcpListenDrops", "TcpExt:Sum",
	                                      "TcpExtS", "",       "ActiveOpens",    "Tcp: 5"};
	int64_t value;

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		assert_int_equal(counter_find(counters, known[i].name, &value), 0);
		assert_true(value == known[i].value);
	}
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		assert_int_equal(counter_find(counters, unknown[i], &value), -ENOENT);
	assert_int_equal(counter_find("", "TcpSum", &value), -ENOENT);
}

static void other_texts_are_refused(void **state)
{
	static const char *const texts[] = {
		"Tcp: Sum",         "Tcp: Sum\n",          "Tcp: Sum\nUdp: 1\n", "Tcp: Sum\nTcp:\n",
		"Tcp: Sum\nTcp: x\n", "Tcp: Sum\nTcp: 1x\n", "\n\n",
		"Tcp: Sum\nTcp: 9223372036854775808\n",
	};
	int64_t value;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(counter_find(texts[i], "TcpSum", &value), -EPROTO);
}

static void names_stay_below_their_folder(void **state)
{
	static const char *const names[] = {
		"",
		"net",
		"net.",
		"kernel.hostname",
		"net.ipv4..tcp_sack",
		"net/ipv4",
		"net.ipv4.",
		"net.IPV4",
		"net...etc.passwd",
		"net.ipv4.tcp_sack\n",
		"nett.ipv4",
		"net.ipv4/x",
		"net.ipv4 tcp",
		"/net.ipv4",
	};
	char long_name[200] = "net.";
	int64_t value;
	struct why why;

	(void)state;
	memset(long_name + 4, 'a', sizeof(long_name) - 5);
	assert_int_equal(sysctl_get(long_name, &value, &why), -EINVAL);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(sysctl_get(names[i], &value, &why), -EINVAL);
		assert_int_equal(sysctl_set(names[i], 1, &why), -EINVAL);
	}
	assert_int_equal(sysctl_get("net.ipv4.no_such_thing", &value, &why), -ENOENT);
	assert_int_equal(counter_get("", &value, &why), -EINVAL);
	assert_int_equal(counter_get("Tcp Sum", &value, &why), -EINVAL);
	assert_int_equal(counter_get("TcpExtNoSuchThing", &value, &why), -ENOENT);
	assert_int_equal(counter_get("TcpExtListenDrops", &value, &why), 0);
	assert_true(value >= 0);
}

static void a_short_tcp_info_is_read_as_far_as_it_goes(void **state)
{
	struct tcp_info raw;
	struct dut_info info;

	(void)state;
	memset(&raw, 0, sizeof(raw));
	raw.tcpi_state = 9;
	raw.tcpi_retransmits = 3;
	raw.tcpi_options = TCPI_OPT_SACK;
	raw.tcpi_snd_wscale = 7;
	raw.tcpi_rto = 200000;
	raw.tcpi_snd_cwnd = 10;
	info_read(&raw, sizeof(raw), &info);
	assert_int_equal(info.state, LAST_ACK);
	assert_int_equal(info.retransmits, 3);
	assert_int_equal(info.snd_wscale, 7);
	assert_int_equal(info.snd_cwnd, 10);
	assert_true(info.rto == ms(200));
	assert_true(info.sack && !info.timestamps);
	info_read(&raw, offsetof(struct tcp_info, tcpi_snd_cwnd), &info);
	assert_int_equal(info.state, LAST_ACK);
	assert_true(info.rto == ms(200));
	assert_int_equal(info.snd_cwnd, 0);
	info_read(&raw, 0, &info);
	assert_int_equal(info.state, STATE_NONE);
}

static void states_have_their_names_and_numbers(void **state)
{
	(void)state;
	assert_string_equal(state_name(STATE_NONE), "none");
	assert_string_equal(state_name(LISTEN), "LISTEN");
	assert_string_equal(state_name(SYN_RECEIVED), "SYN-RECEIVED");
	assert_string_equal(state_name(FIN_WAIT_1), "FIN-WAIT-1");
	assert_string_equal(state_name(TIME_WAIT), "TIME-WAIT");
	assert_string_equal(state_name(CLOSED), "CLOSED");
	assert_string_equal(state_name((enum state)(CLOSED + 1)), "none");
	assert_string_equal(state_name((enum state)-1), "none");
	assert_int_equal(state_from_linux(0), STATE_NONE);
	assert_int_equal(state_from_linux(1), ESTABLISHED);
	assert_int_equal(state_from_linux(3), SYN_RECEIVED);
	assert_int_equal(state_from_linux(7), CLOSED);
	assert_int_equal(state_from_linux(11), CLOSING);
	assert_int_equal(state_from_linux(12), SYN_RECEIVED);
	assert_int_equal(state_from_linux(14), STATE_NONE);
	assert_int_equal(state_from_linux(UINT_MAX), STATE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counters_are_found_by_their_nstat_names),
		cmocka_unit_test(other_texts_are_refused),
		cmocka_unit_test(names_stay_below_their_folder),
		cmocka_unit_test(a_short_tcp_info_is_read_as_far_as_it_goes),
		cmocka_unit_test(states_have_their_names_and_numbers),
	};

	return cmocka_run_group_tests_name("kernel", tests, NULL, NULL);
}
