/* A terminal that is given another width during a run. */
#include "sample.h"
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int terminal, screen;

static int tear_down(void **state)
{
	(void)state;
	close(terminal);
	close(screen);
	return 0;
}

static void give_width(unsigned short columns)
{
	const struct winsize size = {.ws_row = 24, .ws_col = columns};

	assert_int_equal(ioctl(terminal, TIOCSWINSZ, &size), 0);
}

/* The longest line that the terminal was told to show since the last time, escapes left out. */
static size_t longest_line(void)
{
	char text_[4096];
	struct pollfd shown = {.fd = terminal, .events = POLLIN};
	size_t longest = 0, n = 0, column = 0;

	while (n < sizeof(text_) && poll(&shown, 1, 0) == 1) {
		ssize_t got = read(terminal, text_ + n, sizeof(text_) - n);

		assert_true(got > 0);
		n += (size_t)got;
	}
	for (size_t i = 0; i < n; i++) {
		if (text_[i] == '\033') {
			while (i + 1 < n && !(text_[i] >= 'A' && text_[i] <= 'Z'))
				i++;
			continue;
		}
		column = text_[i] == '\r' || text_[i] == '\n' ? 0 : column + 1;
		longest = column > longest ? column : longest;
	}
	return longest;
}

static void the_status_follows_the_terminal(void **state)
{
	struct reporter_options options = {.progress = true, .width = 100};
	struct reporter *reporter;
	struct why why;

	(void)state;
	terminal = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(terminal >= 0);
	assert_int_equal(grantpt(terminal), 0);
	assert_int_equal(unlockpt(terminal), 0);
	give_width(100);
	screen = open(ptsname(terminal), O_RDWR | O_NOCTTY);
	options.out = fdopen(dup(screen), "w");
	assert_non_null(options.out);
	assert_int_equal(reporter_new(&reporter, "pretty", &options, &why), 0);
	sample_run(reporter, false);
	sample_case(reporter, 0, "loss.end", "ipv4");
	sample_wait(reporter, 0, "loss.end", "a segment whose description is a long one, so long "
		"that it takes more than a line, however wide that is", sec(63));
	longest_line();
	sample_tick(reporter, ms(300));
	assert_int_equal(longest_line(), 99);
	give_width(50);
	sample_tick(reporter, ms(600));
	assert_int_equal(longest_line(), 49);
	give_width(80);
	sample_tick(reporter, ms(900));
	assert_int_equal(longest_line(), 79);
	/* One that tells no width has the last one. */
	give_width(0);
	sample_tick(reporter, ms(1200));
	assert_int_equal(longest_line(), 79);
	assert_int_equal(reporter_finish(reporter, &why), 0);
	fclose(options.out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(the_status_follows_the_terminal, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
