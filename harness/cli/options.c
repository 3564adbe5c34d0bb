/*
 * Command lines, by argp: what it leaves to its own messages, in one line of ours.
 */
#include "cli/cli.h"
#include "lab/lab.h"
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

int complain(int status, const char *format, ...)
{
	char line[512];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	log_warn("%s", line);
	return status;
}

error_t options_refuse(struct argp_state *state, const char *format, ...)
{
	struct parsing *parsing = state->input;
	char line[512];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	log_warn("%s", line);
	parsing->told = true;
	return EINVAL;
}

/* How many long options start with the n bytes typed; the last of them is *found. */
static unsigned long_matches(const struct argp_option *table, const char *typed, size_t n,
			     const struct argp_option **found)
{
	unsigned matches = 0;

	for (const struct argp_option *option = table; option->name || option->key; option++) {
		if (!option->name || strncmp(option->name, typed, n))
			continue;
		*found = option;
		if (strlen(option->name) == n)
			return 1;
		matches++;
	}
	return matches;
}

static const struct argp_option *short_find(const struct argp_option *table, char key)
{
	for (const struct argp_option *option = table; option->name || option->key; option++)
		if (option->key == (unsigned char)key)
			return option;
	return NULL;
}

static const char *nearest_option(const struct argp_option *table, const char *typed)
{
	const char *names[64];
	size_t n = 0;

	for (const struct argp_option *option = table; option->name || option->key; option++)
		if (option->name && n < sizeof(names) / sizeof(names[0]))
			names[n++] = option->name;
	return nearest_name(typed, names, n);
}

static bool diagnose_long(const struct argp_option *table, const char *typed, bool last,
			  struct why *why)
{
	size_t n = strcspn(typed + 2, "=");
	const struct argp_option *option = NULL;
	unsigned matches = long_matches(table, typed + 2, n, &option);
	char name[64];
	const char *near;

	snprintf(name, sizeof(name), "%.*s", (int)n, typed + 2);
	if (matches > 1) {
		why_set(why, EINVAL, "option '--%s' is short for more than one option", name);
	} else if (!matches) {
		near = nearest_option(table, name);
		why_set(why, EINVAL, "unknown option '--%s'%s%s", name,
			near ? ": the nearest is --" : "", near ? near : "");
	} else if (typed[2 + n] == '=' && !option->arg) {
		why_set(why, EINVAL, "option --%s takes no value", option->name);
	} else if (typed[2 + n] != '=' && option->arg && last) {
		why_set(why, EINVAL, "option --%s wants a value: %s", option->name, option->arg);
	} else {
		return false;
	}
	return true;
}

static bool diagnose_short(const struct argp_option *table, const char *typed, bool last,
			   struct why *why)
{
	for (const char *at = typed + 1; *at; at++) {
		const struct argp_option *option = short_find(table, *at);

		if (!option) {
			why_set(why, EINVAL, "unknown option '-%c'", *at);
			return true;
		}
		if (option->arg && !at[1] && last) {
			why_set(why, EINVAL, "option -%c wants a value: %s", *at, option->arg);
			return true;
		}
		if (option->arg)
			return false;
	}
	return false;
}

bool options_diagnose(const struct argp_option *table, char *const *argv, int argc, int next,
		      struct why *why)
{
	/* Behind a long option, argp stands on the next word; within a cluster, on the word itself.
	 */
	for (int i = next - 1; i <= next; i++) {
		if (i < 1 || i >= argc || argv[i][0] != '-' || !argv[i][1])
			continue;
		if (argv[i][1] == '-' ? diagnose_long(table, argv[i], i == argc - 1, why)
				      : diagnose_short(table, argv[i], i == argc - 1, why))
			return true;
	}
	return false;
}

error_t options_other(int key, char *arg, struct argp_state *state)
{
	struct parsing *parsing = state->input;
	struct why why = {.text = "this command line is not understood"};

	(void)arg;
	switch (key) {
	case KEY_HELP:
		argp_help(parsing->argp, stdout, ARGP_HELP_STD_HELP, state->name);
		parsing->done = true;
		return ECANCELED;
	case KEY_VERSION:
		printf("lastack %s\n", LASTACK_VERSION);
		parsing->done = true;
		return ECANCELED;
	case ARGP_KEY_ERROR:
		if (parsing->told || parsing->done)
			return 0;
		options_diagnose(parsing->argp->options, state->argv, state->argc, state->next,
				 &why);
		return options_refuse(state, "%s; see %s --help", why.text, parsing->verb);
	case ARGP_KEY_ARG:
		return options_refuse(state, "unexpected argument '%s'; see %s --help", arg,
				      parsing->verb);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

bool options_parse(struct parsing *parsing, const struct argp *argp, int argc, char **argv,
		   int *status)
{
	const char *slash = strrchr(argv[0], '/');
	error_t error;

	parsing->argp = argp;
	parsing->verb = slash ? slash + 1 : argv[0];
	error = argp_parse(argp, argc, argv, ARGP_NO_ERRS | ARGP_NO_EXIT | ARGP_NO_HELP, NULL,
			   parsing);
	if (parsing->done) {
		*status = EXIT_EXPECTED;
		return false;
	}
	if (error && !parsing->told)
		complain(EXIT_USAGE, "command line: %s; see %s --help", strerror(error),
			 parsing->verb);
	*status = EXIT_USAGE;
	return !error;
}

error_t options_sysctl(struct argp_state *state, char *arg, struct lab_sysctl *out)
{
	char *equals = strchr(arg, '=');

	if (!equals || equals == arg || !equals[1])
		return options_refuse(state,
				      "--sysctl %s: want NAME=VALUE, like "
				      "net.ipv4.tcp_syncookies=0",
				      shown(arg));
	/* Of "1\nb" the kernel would read the number, and say nothing of the rest. */
	for (const char *at = arg; *at; at++)
		if (iscntrl((unsigned char)*at) && *at != '\t')
			return options_refuse(state, "--sysctl %s: leave out the control character",
					      arg);
	*equals = '\0';
	*out = (struct lab_sysctl){.name = arg, .value = equals + 1};
	return 0;
}
