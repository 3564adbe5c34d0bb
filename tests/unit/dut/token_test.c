/* The token's file, an agent's address as text, and another machine's clock. */
#include "dut/dut.h"
#include "dut/remote_clock.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/lastack-token-XXXXXX";
static char path[64];

static int setup(void **state)
{
	(void)state;
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/token", folder);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

static void put(size_t n, const char *end, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(write(fd, "t", 1), 1);
	assert_int_equal(write(fd, end, strlen(end)), strlen(end));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void a_file_that_others_can_open_is_refused(void **state)
{
	static const mode_t open_to_others[] = {0604, 0640, 0620, 0602, 0610, 0644, 0666, 0777};
	struct agent_token token;
	struct why why;

	(void)state;
	for (size_t i = 0; i < sizeof(open_to_others) / sizeof(open_to_others[0]); i++) {
		put(32, "\n", open_to_others[i]);
		assert_int_equal(agent_token_read(&token, path, &why), -EPERM);
		assert_non_null(strstr(why.text, "open to others"));
		assert_non_null(strstr(why.text, "chmod 600"));
		assert_null(strchr(why.text, '\n'));
	}
	put(32, "\n", 0600);
	assert_int_equal(agent_token_read(&token, path, &why), 0);
	put(32, "\n", 0400);
	assert_int_equal(agent_token_read(&token, path, &why), 0);
}

static void its_length_is_bounded(void **state)
{
	static const struct {
		size_t n;
		const char *end, *why;
	} lengths[] = {{0, "", "fewer than 16"},    {15, "", "fewer than 16"},
	               {15, "\n", "fewer than 16"}, {16, "", NULL},
	               {16, "\n", NULL},            {4096, "\n", NULL},
	               {4097, "", "more than 4096"}, {5000, "\n", "more than 4096"}};
	struct agent_token token;
	struct why why;

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		put(lengths[i].n, lengths[i].end, 0600);
		assert_int_equal(agent_token_read(&token, path, &why),
		                 lengths[i].why ? -EINVAL : 0);
		if (lengths[i].why)
			assert_non_null(strstr(why.text, lengths[i].why));
		else
			assert_int_equal(token.len, lengths[i].n);
	}
}

static void what_is_no_file_is_refused(void **state)
{
	struct agent_token token;
	struct why why;

	(void)state;
	assert_int_equal(agent_token_read(&token, path, &why), -ENOENT);
	assert_int_equal(agent_token_read(&token, folder, &why), -EINVAL);
	assert_int_equal(agent_token_read(&token, "/dev/null", &why), -EINVAL);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(agent_token_read(&token, path, &why), -EINVAL);
	unlink(path);
	if (geteuid() == 0) {
		put(32, "\n", 0600);
		assert_int_equal(chown(path, 65534, 65534), 0);
		assert_int_equal(agent_token_read(&token, path, &why), -EPERM);
		assert_non_null(strstr(why.text, "another user"));
	}
}

static void addresses_are_read_and_told(void **state)
{
	static const struct {
		const char *text, *told;
	} good[] = {{"10.0.0.1:80", "10.0.0.1:80"}, {"[::1]:4000", "[::1]:4000"},
	            {"4000", "127.0.0.1:4000"},     {":4000", "127.0.0.1:4000"},
	            {"0.0.0.0:0", "0.0.0.0:0"},     {"[fe80::1%lo]:65535", "[fe80::1%lo]:65535"}};
	static const char *const bad[] = {"",          ":",         "10.0.0.1",    "10.0.0.1:",
	                                  "a:80",      "::1:80",    "[::1]80",     "[::1:80",
	                                  "1.2.3.4:65536", "1.2.3.4:-1", "1.2.3.4:8o", "[]:80",
	                                  "1.2.3.4%lo:80", "[fe80::1%nix0]:80"};
	struct agent_address address;
	char text[AGENT_ADDRESS_TEXT_MAX], long_text[200];
	struct why why;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(agent_address_parse(good[i].text, &address, &why), 0);
		assert_string_equal(agent_address_text(&address, text), good[i].told);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (agent_address_parse(bad[i], &address, &why) >= 0)
			fail_msg("'%s' was taken", bad[i]);
	}
	memset(long_text, '1', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	assert_int_equal(agent_address_parse(long_text, &address, &why), -EINVAL);
}

/* A clock an hour ahead, and answers that take 1 ms, then 200 us, to come and go. */
static void a_clock_that_is_ahead_is_told_as_ours(void **state)
{
	const nanos hour = sec(3600);
	struct remote_clock clock = {.known = false};
	nanos now = sec(1000000);

	(void)state;
	remote_clock_learn(&clock, now, now + hour + ms(1), now + hour + ms(1), now + ms(2));
	assert_int_equal(remote_clock_ours(&clock, now + hour), now);
	assert_int_equal(remote_clock_error(&clock), ms(1));
	now += sec(1);
	remote_clock_learn(&clock, now, now + hour + us(200), now + hour + us(200), now + us(400));
	assert_int_equal(remote_clock_ours(&clock, now + hour), now);
	assert_int_equal(remote_clock_error(&clock), us(200));
	/* Only heard: no wider, and no narrower than it tells. */
	remote_clock_learn(&clock, 0, now + hour, now + hour, now + ms(10));
	assert_int_equal(remote_clock_error(&clock), us(200));
}

static void one_clock_stays_as_it_is(void **state)
{
	struct remote_clock clock = {.known = false};
	nanos now = sec(1000000);

	(void)state;
	assert_int_equal(remote_clock_ours(&clock, now), now);
	remote_clock_learn(&clock, now, now + us(10), now + us(11), now + us(300));
	assert_int_equal(remote_clock_ours(&clock, now + us(10)), now + us(10));
}

static void a_step_of_the_clock_is_followed(void **state)
{
	struct remote_clock clock = {.known = false};
	nanos now = sec(1000000);

	(void)state;
	remote_clock_learn(&clock, now, now + us(10), now + us(11), now + us(30));
	remote_clock_learn(&clock, now, now + sec(9) + us(10), now + sec(9) + us(10), now + us(20));
	assert_int_equal(remote_clock_ours(&clock, now + sec(9)), now);
	remote_clock_learn(&clock, now, now - sec(9) + us(10), now - sec(9) + us(10), now + us(20));
	assert_int_equal(remote_clock_ours(&clock, now - sec(9)), now);
}

#define in_folder(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_folder(a_file_that_others_can_open_is_refused),
		in_folder(its_length_is_bounded),
		in_folder(what_is_no_file_is_refused),
		cmocka_unit_test(addresses_are_read_and_told),
		cmocka_unit_test(a_clock_that_is_ahead_is_told_as_ours),
		cmocka_unit_test(one_clock_stays_as_it_is),
		cmocka_unit_test(a_step_of_the_clock_is_followed),
	};

	return cmocka_run_group_tests_name("token", tests, NULL, NULL);
}
