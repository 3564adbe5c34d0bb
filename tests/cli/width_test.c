/*
 * The width of what list, show and doctor print: the terminal's, COLUMNS, or a hundred columns.
 */
#include "called.h"
#include <sys/ioctl.h>
#include <termios.h>

/* What stands on a line behind its indentation, or behind the blanks after its heading. */
static const char *text_of(const char *line)
{
	const char *text = line, *at;

	while ((at = strstr(text, "  ")) && at[strspn(at, " ")])
		text = at + strspn(at, " ");
	return text;
}

/* Nothing but a single long word may be wider. */
static void fits(const char *what, char *text, size_t width)
{
	size_t widest = 0;
	char *rest;

	for (char *line = strtok_r(text, "\r\n", &rest); line;
	     line = strtok_r(NULL, "\r\n", &rest)) {
		size_t n = strlen(line);

		if (n > width && strchr(text_of(line), ' '))
			fail_msg("%s at %zu columns: '%s'", what, width, line);
		widest = n > widest && n <= width ? n : widest;
	}
	/* The width is used. */
	if (widest + 20 < width)
		fail_msg("%s at %zu columns: no line is longer than %zu", what, width, widest);
}

static const char *const lines[] = {"list loss", "list --requirements RFC9293~3.10", ("show " CASE),
				    "doctor"};
#define LINES (sizeof(lines) / sizeof(lines[0]))

static void columns_count_on_a_pipe(void **state)
{
	static const char *const columns[] = {"60", "80", "100"};

	(void)state;
	for (size_t i = 0; i < LINES; i++)
		for (size_t j = 0; j < 3; j++) {
			setenv("COLUMNS", columns[j], 1);
			fits(lines[i], call(lines[i])->out, (size_t)atoi(columns[j]));
		}
	unsetenv("COLUMNS");
	for (size_t i = 0; i < LINES; i++)
		fits(lines[i], call(lines[i])->out, 100);
	/* What is no width changes nothing. */
	setenv("COLUMNS", "wide", 1);
	fits(lines[0], call(lines[0])->out, 100);
	setenv("COLUMNS", "1", 1);
	fits(lines[0], call(lines[0])->out, 100);
	unsetenv("COLUMNS");
}

/* What a call prints on a terminal of some width. */
static void call_on_terminal(const char *line, unsigned short width, char *out, size_t size)
{
	const struct winsize window = {.ws_row = 24, .ws_col = width};
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave, status;
	size_t n = 0;
	ssize_t got;
	pid_t pid;

	assert_true(master >= 0 && !grantpt(master) && !unlockpt(master));
	assert_int_equal(ioctl(master, TIOCSWINSZ, &window), 0);
	/* Open until the program has opened it, too: else its end could be read too early. */
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	assert_true(slave >= 0);
	pid = start(line, ptsname(master));
	close(slave);
	while (n < size - 1 && (got = read(master, out + n, size - 1 - n)) > 0)
		n += (size_t)got;
	out[n] = '\0';
	close(master);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && !WEXITSTATUS(status));
}

static void a_terminal_has_its_own(void **state)
{
	static char out[1 << 20];

	(void)state;
	for (size_t i = 0; i < LINES; i++) {
		call_on_terminal(lines[i], 70, out, sizeof(out));
		fits(lines[i], out, 70);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		OWN_FOLDER(columns_count_on_a_pipe),
		OWN_FOLDER(a_terminal_has_its_own),
	};

	program_take(argc, argv);
	unsetenv("COLUMNS");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
