/*
 * Profiles: what they say, and what is no profile.
 */
#include "verdict/verdict.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/* cmocka has macros of the same names as a case's verbs. */
#undef expect
#undef expect_any
#undef check
#include <cmocka.h>

/* Load a profile of these n bytes, from a file that is gone afterwards. */
static int load_bytes(const void *bytes, size_t n, struct profile **out, struct why *why)
{
	char path[] = "/tmp/lastack-profile-XXXXXX";
	int fd = mkstemp(path);
	int r;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), (ssize_t)n);
	close(fd);
	r = profile_load(out, path, why);
	unlink(path);
	return r;
}

static struct profile *load(const char *text_)
{
	struct profile *profile = NULL;
	struct why why = {.text = ""};

	if (load_bytes(text_, strlen(text_), &profile, &why))
		fail_msg("%s", why.text);
	return profile;
}

static void linux_is_built_in(void **state)
{
	struct profile *profile = NULL;

	(void)state;
	assert_int_equal(profile_load(&profile, "linux", NULL), 0);
	assert_string_equal(profile_name(profile), "linux");
	assert_true(profile_timer(profile, TIMER_TIME_WAIT) == sec(60));
	assert_true(profile_timer(profile, TIMER_FIN_WAIT_2) == sec(60));
	profile_free(profile);
}

static void none_is_the_rfc(void **state)
{
	struct profile *profile = NULL;
	const char *reason = "unset";

	(void)state;
	assert_int_equal(profile_load(&profile, "none", NULL), 0);
	assert_true(profile_timer(profile, TIMER_TIME_WAIT) == sec(240));
	assert_true(profile_timer(profile, TIMER_SYN_ACK) == sec(1));
	assert_true(profile_timer(profile, TIMER_TICK) == 0);
	assert_true(profile_timer(profile, TIMER_END) == 0);
	assert_int_equal(profile_expects(profile, "a.b", "ipv4", &reason), VERDICT_PASS);
	assert_null(reason);
	profile_free(profile);
}

/* What a stack's timers are is no verdict on it. */
static void none_of_a_stack_has_its_timers(void **state)
{
	struct profile *profile = NULL;
	const char *reason = "unset";

	(void)state;
	assert_int_equal(profile_load(&profile, "lwip", NULL), 0);
	assert_string_equal(profile_name(profile), "lwip");
	assert_int_equal(profile_expects(profile, "isn_across_tuples.a_few_ports", "ipv4", &reason),
			 VERDICT_FAIL);
	profile_free(profile);
	assert_int_equal(profile_load(&profile, "none:lwip", NULL), 0);
	assert_string_equal(profile_name(profile), "none");
	assert_true(profile_timer(profile, TIMER_SYN_ACK) == sec(3));
	assert_true(profile_timer(profile, TIMER_SYN_RECEIVED) == sec(20));
	assert_true(profile_timer(profile, TIMER_TICK) == ms(500));
	assert_int_equal(profile_expects(profile, "isn_across_tuples.a_few_ports", "ipv4", &reason),
			 VERDICT_PASS);
	assert_null(reason);
	profile_free(profile);
	assert_int_equal(profile_load(&profile, "none:/no/such/file", NULL), -ENOENT);
}

static void lines_are_read(void **state)
{
	struct profile *profile = load("# a comment\n"
				       "\n"
				       "timer time-wait 500ms because\tof # this\n"
				       "  timer fin-wait-2 2min it is so  \r\n"
				       "mss.* deviation all of it\n"
				       "mss.small ipv6 fail this one  \n"
				       "isn.slope skip no clock");
	const char *reason = NULL;

	(void)state;
	assert_true(profile_timer(profile, TIMER_TIME_WAIT) == ms(500));
	assert_true(profile_timer(profile, TIMER_FIN_WAIT_2) == sec(120));
	assert_int_equal(profile_expects(profile, "mss.small", "ipv4", &reason), VERDICT_DEVIATION);
	assert_string_equal(reason, "all of it");
	assert_int_equal(profile_expects(profile, "mss.small", "ipv6", &reason), VERDICT_FAIL);
	assert_string_equal(reason, "this one");
	assert_int_equal(profile_expects(profile, "mss.large/row", "ipv6", &reason),
			 VERDICT_DEVIATION);
	assert_int_equal(profile_expects(profile, "isn.slope", "ipv4", &reason), VERDICT_SKIP);
	assert_string_equal(reason, "no clock");
	assert_int_equal(profile_expects(profile, "isn.slopes", "ipv4", &reason), VERDICT_PASS);
	assert_null(reason);
	profile_free(profile);
}

static void lines_hold_for_some_kernels(void **state)
{
	struct profile *profile = load("a.old before 2.6 fail x\n"
				       "a.new since 2.6 fail x\n"
				       "a.future ipv4 since 9999.0 fail x\n"
				       "a.both since 2.6 before 9999.0 ipv6 fail x\n");
	const char *reason;

	(void)state;
	assert_int_equal(profile_expects(profile, "a.old", "ipv4", &reason), VERDICT_PASS);
	assert_int_equal(profile_expects(profile, "a.new", "ipv4", &reason), VERDICT_FAIL);
	assert_int_equal(profile_expects(profile, "a.future", "ipv4", &reason), VERDICT_PASS);
	assert_int_equal(profile_expects(profile, "a.both", "ipv4", &reason), VERDICT_PASS);
	assert_int_equal(profile_expects(profile, "a.both", "ipv6", &reason), VERDICT_FAIL);
	profile_free(profile);
}

/* Distributions bring a fix to an old kernel: its third number counts. */
static void lines_know_the_third_number(void **state)
{
	struct utsname kernel;
	unsigned v[3] = {0, 0, 0};
	struct profile *profile;
	const char *reason;
	char lines[256];

	(void)state;
	assert_int_equal(uname(&kernel), 0);
	assert_true(sscanf(kernel.release, "%u.%u.%u", &v[0], &v[1], &v[2]) >= 2);
	snprintf(lines, sizeof(lines),
		 "a.this since %u.%u.%u fail x\na.next since %u.%u.%u fail x\n"
		 "a.fixed before %u.%u.%u fail x\na.broken before %u.%u.%u fail x\n",
		 v[0], v[1], v[2], v[0], v[1], v[2] + 1, v[0], v[1], v[2], v[0], v[1], v[2] + 1);
	profile = load(lines);
	assert_int_equal(profile_expects(profile, "a.this", "ipv4", &reason), VERDICT_FAIL);
	assert_int_equal(profile_expects(profile, "a.next", "ipv4", &reason), VERDICT_PASS);
	assert_int_equal(profile_expects(profile, "a.fixed", "ipv4", &reason), VERDICT_PASS);
	assert_int_equal(profile_expects(profile, "a.broken", "ipv4", &reason), VERDICT_FAIL);
	profile_free(profile);
}

static void an_empty_file_foresees_nothing(void **state)
{
	struct profile *profile = load("");
	const char *reason;

	(void)state;
	assert_int_equal(profile_expects(profile, "a.b", "ipv4", &reason), VERDICT_PASS);
	profile_free(profile);
}

static void bad_lines_are_named(void **state)
{
	static const struct {
		const char *line, *says;
	} bad[] = {
		{"timer", "timer NAME DURATION REASON"},
		{"timer time-wait 60s", "timer NAME DURATION REASON"},
		{"timer time-wait sixty because", "'sixty' is no duration"},
		{"timer time-wait 60 because", "'60' is no duration"},
		{"timer time-wait -60s because", "'-60s' is no duration"},
		{"timer time-wait 0s because", "'0s' is no duration"},
		{"timer time-wait 1.5s because", "'1.5s' is no duration"},
		{"timer time-wait 99999999999999999999s x", "is no duration"},
		{"timer time-wait 9223372036854775807s x", "is no duration"},
		{"timer last-ack 60s because", "no timer is called 'last-ack'"},
		{"mss.small", "VERDICT REASON"},
		{"mss.small fail", "VERDICT REASON"},
		{"mss.small ipv4", "VERDICT REASON"},
		{"mss.small ipv5 fail because", "'ipv5' cannot be foreseen"},
		{"mss.small since", "'since' wants a kernel's version"},
		{"mss.small before later fail x", "'before' wants a kernel's version"},
		{"mss.small since 0.1 fail x", "'since' wants a kernel's version"},
		{"mss.small since 6.5", "VERDICT REASON"},
		{"mss.small pass because", "'pass' cannot be foreseen"},
		{"mss.small error because", "'error' cannot be foreseen"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct profile *profile = NULL;
		struct why why = {.text = ""};
		char text_[256];

		snprintf(text_, sizeof(text_), "# first\na.b fail good\n%s\nc.d fail good\n",
			 bad[i].line);
		assert_int_equal(load_bytes(text_, strlen(text_), &profile, &why), -EINVAL);
		assert_null(profile);
		if (!strstr(why.text, bad[i].says) || !strstr(why.text, ":3: "))
			fail_msg("'%s' gave: %s", bad[i].line, why.text);
	}
}

static void what_is_no_text_is_refused(void **state)
{
	struct profile *profile = NULL;
	struct why why = {.text = ""};
	char *large = malloc((1u << 20) + 2);

	(void)state;
	assert_int_equal(load_bytes("a.b fail x\n\0y", 13, &profile, &why), -EINVAL);
	assert_non_null(strstr(why.text, "NUL"));
	assert_non_null(large);
	memset(large, '\n', (1u << 20) + 2);
	assert_int_equal(load_bytes(large, (1u << 20) + 2, &profile, &why), -EINVAL);
	assert_non_null(strstr(why.text, "larger"));
	free(large);
	assert_int_equal(profile_load(&profile, "/tmp", &why), -EINVAL);
	assert_int_equal(profile_load(&profile, "/nowhere/at/all", &why), -ENOENT);
	assert_non_null(strstr(why.text, "linux, none"));
	assert_null(profile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(linux_is_built_in),
		cmocka_unit_test(none_is_the_rfc),
		cmocka_unit_test(none_of_a_stack_has_its_timers),
		cmocka_unit_test(lines_are_read),
		cmocka_unit_test(lines_hold_for_some_kernels),
		cmocka_unit_test(lines_know_the_third_number),
		cmocka_unit_test(an_empty_file_foresees_nothing),
		cmocka_unit_test(bad_lines_are_named),
		cmocka_unit_test(what_is_no_text_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
