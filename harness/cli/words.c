/*
 * How the verbs word what a case is.
 */
#include "cli/cli.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH_MIN 40
#define WIDTH_MAX 100

int text_width(void)
{
	const char *columns = getenv("COLUMNS");
	unsigned long long n = 0;
	struct winsize size;

	if ((!columns || !number_parse(columns, 10, WIDTH_MIN, 10000, &n)) &&
	    !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		n = size.ws_col;
	return n >= WIDTH_MIN && n < WIDTH_MAX ? (int)n : WIDTH_MAX;
}

void print_wrapped(FILE *out, int indent, int width, const char *text_)
{
	int column = indent;
	bool first = true;

	for (;;) {
		int n;

		text_ += strspn(text_, " \n");
		n = (int)strcspn(text_, " \n");
		if (!n)
			break;
		if (!first && column + 1 + n > width) {
			fprintf(out, "\n%*s", indent, "");
			column = indent;
			first = true;
		}
		fprintf(out, "%s%.*s", first ? "" : " ", n, text_);
		column += n + !first;
		first = false;
		text_ += n;
	}
	fputc('\n', out);
}

static void words_add(char out[WORDS_MAX], const char *word)
{
	size_t used = strlen(out);

	snprintf(out + used, WORDS_MAX - used, "%s%s", used ? ", " : "", word);
}

const char *needs_text(unsigned needs, char out[WORDS_MAX])
{
	needs = needs ? needs : (unsigned)DUT_AGENT;
	*out = '\0';
	if (needs & DUT_AGENT)
		words_add(out, "agent");
	if (needs & SYSCTLS)
		words_add(out, "sysctls");
	if (needs & FLOOD)
		words_add(out, "flood");
	if (needs & VIRTUAL_TIME)
		words_add(out, "virtual time");
	if (needs & ON_LINK)
		words_add(out, "no router");
	if (needs & OWN_DUT)
		words_add(out, "a lab");
	if (needs & (NO_FILTER | NO_STRICT_FILTER))
		words_add(out, "no filter");
	if (needs & BLACK_BOX)
		words_add(out, "open port");
	if (needs & SERVICE_ECHO)
		words_add(out, "echo");
	if (needs & SERVICE_GREET)
		words_add(out, "greeting");
	if (needs & SERVICE_CLOSE)
		words_add(out, "service that closes");
	if (needs & SERVICE_QUIET)
		words_add(out, "quiet service");
	if (needs & SERVICE_HOLDS)
		words_add(out, "silent service");
	if (needs & SERVICE_WAITS)
		words_add(out, "service that waits");
	return out;
}

const char *over_text(const struct case_record *record, char out[WORDS_MAX])
{
	*out = '\0';
	if (!record->over || record->over & IPV4)
		words_add(out, "ipv4");
	if (!record->over || record->over & IPV6)
		words_add(out, "ipv6");
	return out;
}

const char *budget_text(nanos budget, char out[WORDS_MAX])
{
	if (budget < sec(1))
		snprintf(out, WORDS_MAX, "%.4g ms", (double)budget / 1e6);
	else
		snprintf(out, WORDS_MAX, "%.4g s", (double)budget / 1e9);
	return out;
}

int json_complain(void)
{
	return ferror(stdout) ? EXIT_HARNESS : complain(EXIT_HARNESS, "no memory for JSON");
}

int catalogue_open(struct catalogue *out, char *const *selectors, size_t n)
{
	struct catalogue catalogue = {.entries = NULL};
	struct why why = {.text = ""};
	int r = catalogue_new(&catalogue, &why);

	if (r)
		return complain(EXIT_HARNESS, "%s", why.text);
	r = catalogue_select(&catalogue, selectors, n, &why);
	if (!r && !catalogue.count)
		r = why_set(&why, ENOENT, "this lastack was built without any case");
	if (r) {
		catalogue_free(&catalogue);
		return complain(r == -ENOENT ? EXIT_USAGE : EXIT_HARNESS, "%s", why.text);
	}
	*out = catalogue;
	return 0;
}
