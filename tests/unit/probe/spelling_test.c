/*
 * Spellings: what people type, what it becomes, and the character that an error names.
 */
#include "spelt.h"

static void flags_in_any_spelling(void **state)
{
	static const struct {
		const char *text;
		unsigned flags;
	} table[] = {
		{"S", SYN}, {"S.", SYN | ACK}, {"SA", SYN | ACK}, {"sa", SYN | ACK},
		{"syn,ack", SYN | ACK}, {"SYN+ACK", SYN | ACK}, {"SYN-ACK", SYN | ACK},
		{"syn, ack", SYN | ACK}, {"0x12", SYN | ACK}, {"18", SYN | ACK}, {".", ACK},
		{"none", 0}, {"NONE", 0}, {"null", 0}, {"0", 0}, {"0x1ff", 0x1ff},
		{"FSRP.UEWe", 0x1ff}, {"F.", FIN | ACK}, {"fin", FIN}, {"reset", RST},
		{"push,ack", PSH | ACK}, {"C", CWR}, {"W", CWR}, {"SEW", SYN | ECE | CWR},
		{"ae,cwr,ece", AE | CWR | ECE}, {" R ", RST}, {"urg", URG}, {"S,a", SYN | ACK},
	};

	(void)state;
	for (size_t i = 0; i < CASES(table); i++) {
		struct why why = {.text = ""};
		unsigned flags = 0xdead;

		if (spell_flags("--flags", table[i].text, &flags, &why))
			fail_msg("%s", why.text);
		assert_int_equal(flags, table[i].flags);
	}
}

/* tcpdump's text of every set of flags is read back. */
static void flags_as_they_are_printed(void **state)
{
	(void)state;
	for (unsigned flags = 0; flags <= 0x1ff; flags++) {
		char text_[FLAGS_TEXT_MAX];
		struct why why;
		unsigned got = 0xdead;

		assert_int_equal(spell_flags("", flags_text(flags, text_), &got, &why), 0);
		assert_int_equal(got, flags);
	}
}

static void wrong_flags_are_named(void **state)
{
	static const struct {
		const char *text, *why;
	} table[] = {
		{"", "--flags '', character 1: want a flag"},
		{"S?", "--flags 'S?', character 2: '?' is not understood here"},
		{"SX", "--flags 'SX', character 2: 'X' is no flag: S A F R P U E W, or none"},
		{"SS", "--flags 'SS', character 2: this flag was there before"},
		{"syn,S", "--flags 'syn,S', character 5: this flag was there before"},
		{"syn,", "--flags 'syn,', character 5: want a flag"},
		{"0x200", "--flags '0x200', character 1: at most 511"},
		{"SA x", "--flags 'SA x', character 4: 'x' is not understood here"},
	};

	(void)state;
	for (size_t i = 0; i < CASES(table); i++) {
		struct why why = {.text = ""};
		unsigned flags = 0xdead;

		assert_int_equal(spell_flags("--flags", table[i].text, &flags, &why), -EINVAL);
		assert_string_equal(why.text, table[i].why);
		assert_int_equal(flags, 0xdead);
	}
}

static void numbers(void **state)
{
	struct why why = {.text = ""};
	uint32_t value = 7;
	bool plus = true;

	(void)state;
	assert_int_equal(spell_number("n", "4294967295", UINT32_MAX, &plus, &value, &why), 0);
	assert_int_equal(value, UINT32_MAX);
	assert_false(plus);
	assert_int_equal(spell_number("n", "+0x10", UINT32_MAX, &plus, &value, &why), 0);
	assert_int_equal(value, 16);
	assert_true(plus);
	assert_int_equal(spell_number("n", "+1", 9, NULL, &value, &why), -EINVAL);
	assert_string_equal(why.text, "n '+1', character 1: want a number");
	assert_int_equal(spell_number("--seq", "4294967296", UINT32_MAX, NULL, &value, &why),
			 -EINVAL);
	assert_string_equal(why.text,
			    "--seq '4294967296', character 1: at most 4294967295");
	assert_int_equal(spell_number("n", "12a", 99, NULL, &value, &why), -EINVAL);
	assert_string_equal(why.text, "n '12a', character 3: 'a' is not understood here");
	assert_int_equal(value, 16);
}

static void durations(void **state)
{
	static const struct {
		const char *text;
		nanos value;
	} table[] = {
		{"500ms", ms(500)}, {"2", sec(2)}, {"1.5s", ms(1500)}, {"70s", sec(70)},
		{"20us", us(20)}, {"7ns", 7}, {"2m", sec(120)}, {"1.5m", sec(90)},
		{"0.1", ms(100)}, {"1 s", sec(1)}, {"1h", sec(3600)}, {"1.25ms", us(1250)},
		{"0", 0}, {"0.000000001", 1}, {"10000h", sec(36000000)},
	};
	static const struct {
		const char *text, *why;
	} wrong[] = {
		{"", "-W '', character 1: want a duration, like 500ms or 2s"},
		{"5x", "-W '5x', character 2: want ns, us, ms, s, m or h"},
		{"1.", "-W '1.', character 3: want a digit"},
		{"99999999999999999999", "-W '99999999999999999999', character 1: longer than "
					 "10,000 days"},
		{"240001h", "-W '240001h', character 1: longer than 10,000 days"},
	};
	struct why why = {.text = ""};

	(void)state;
	for (size_t i = 0; i < CASES(table); i++) {
		nanos value = -1;

		if (spell_duration("-W", table[i].text, &value, &why))
			fail_msg("%s", why.text);
		assert_int_equal(value, table[i].value);
	}
	for (size_t i = 0; i < CASES(wrong); i++) {
		nanos value = -1;

		assert_int_equal(spell_duration("-W", wrong[i].text, &value, &why), -EINVAL);
		assert_string_equal(why.text, wrong[i].why);
		assert_int_equal(value, -1);
	}
}

static void payloads(void **state)
{
	struct buffer out = {.at = NULL};
	struct why why = {.text = ""};

	(void)state;
	assert_int_equal(spell_data("--data", "GET /\\r\\n\\x00\\\"", &out, &why), 0);
	assert_int_equal(out.len, 9);
	assert_memory_equal(out.at, "GET /\r\n\0\"", 9);
	buffer_free(&out);
	assert_int_equal(spell_data("--data", "hex:00ff10", &out, &why), 0);
	assert_int_equal(out.len, 3);
	assert_memory_equal(out.at, "\0\xff\x10", 3);
	buffer_free(&out);
	assert_int_equal(spell_data("--data", "hex:0", &out, &why), -EINVAL);
	assert_string_equal(why.text, "--data 'hex:0', character 6: half a byte: hexadecimal "
				      "digits come in pairs");
	assert_int_equal(spell_data("--data", "hex:0g", &out, &why), -EINVAL);
	assert_int_equal(spell_data("--data", "a\\q", &out, &why), -EINVAL);
	assert_non_null(strstr(why.text, "character 3: no such escape"));
	buffer_free(&out);
}

static void targets(void **state)
{
	static const struct {
		const char *text, *host;
		uint16_t port;
	} table[] = {{"10.0.0.2:80", "10.0.0.2", 80}, {"[fd09::2]:443", "fd09::2", 443},
		     {"example.org:65535", "example.org", 65535}, {":81", "", 81}};
	static const struct {
		const char *text, *why;
	} wrong[] = {
		{"10.0.0.2", "target '10.0.0.2', character 9: want :PORT"},
		{"[::1", "target '[::1', character 1: this [ has no ]"},
		{"[]:1", "target '[]:1', character 2: want an IPv6 address"},
		{"::1:80", "target '::1:80', character 1: an IPv6 address stands in [ ]"},
		{"h:0", "target 'h:0', character 3: no port is 0"},
		{"h:65536", "target 'h:65536', character 3: at most 65535"},
		{"h:", "target 'h:', character 3: want a number"},
		{"[::1]80", "target '[::1]80', character 6: want :PORT"},
	};
	struct probe_target target;
	struct why why = {.text = ""};

	(void)state;
	for (size_t i = 0; i < CASES(table); i++) {
		if (spell_target("target", table[i].text, &target, &why))
			fail_msg("%s", why.text);
		assert_string_equal(target.host, table[i].host);
		assert_int_equal(target.port, table[i].port);
	}
	for (size_t i = 0; i < CASES(wrong); i++) {
		assert_int_equal(spell_target("target", wrong[i].text, &target, &why), -EINVAL);
		assert_string_equal(why.text, wrong[i].why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flags_in_any_spelling),
		cmocka_unit_test(flags_as_they_are_printed),
		cmocka_unit_test(wrong_flags_are_named),
		cmocka_unit_test(numbers),
		cmocka_unit_test(durations),
		cmocka_unit_test(payloads),
		cmocka_unit_test(targets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
