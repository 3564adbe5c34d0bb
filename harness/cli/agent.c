/*
 * lastack agent: the DUT's side, on a host of its own.
 */
#include "cli/cli.h"
#include "dut/dut.h"
#include <errno.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>

#define KEY_LISTEN 'l'
#define KEY_TOKEN 't'
#define KEY_SYSCTL 1000

static const struct argp_option table[] = {
	{"listen", KEY_LISTEN, "[ADDR:]PORT", 0,
	 "listen there; without ADDR on loopback; port 0 is one that is free", 0},
	{"token", KEY_TOKEN, "FILE", 0,
	 "the secret that lastack run --token has too: 16 bytes or more, for your eyes only", 0},
	{"allow-sysctl", KEY_SYSCTL, "NAME,...", 0,
	 "let cases set these; they are put back when the case's connection ends", 0},
	OPTIONS_OF_ALL,
	{NULL, 0, NULL, 0, NULL, 0},
};

struct input {
	struct parsing parsing; /* must be first */
	bool listens;
	struct agent_address where;
	const char *token;
	const char *sysctls[AGENT_SYSCTLS_MAX];
	size_t n_sysctls;
};

static error_t sysctls_take(struct input *input, char *names, struct argp_state *state)
{
	char *rest = NULL;

	const size_t len = strlen(names);

	if (!len || *names == ',' || names[len - 1] == ',' || strstr(names, ",,"))
		return options_refuse(state, "--allow-sysctl %s: want names of sysctls below net., "
				      "like net.ipv4.tcp_syncookies", shown(names));
	for (char *name = strtok_r(names, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
		if (input->n_sysctls == AGENT_SYSCTLS_MAX)
			return options_refuse(state, "--allow-sysctl: more than %d names",
					      AGENT_SYSCTLS_MAX);
		if (strncmp(name, "net.", 4) && strncmp(name, "net/", 4))
			return options_refuse(state, "--allow-sysctl %s: want names of sysctls "
					      "below net., like net.ipv4.tcp_syncookies", name);
		input->sysctls[input->n_sysctls++] = name;
	}
	return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct input *input = state->input;
	struct why why;

	switch (key) {
	case KEY_LISTEN:
		if (agent_address_parse(arg, &input->where, &why) != 0)
			return options_refuse(state, "--listen %s", why.text);
		input->listens = true;
		return 0;
	case KEY_TOKEN:
		input->token = arg;
		return *arg ? 0 : options_refuse(state, "--token '': want a file's name");
	case KEY_SYSCTL:
		return sysctls_take(input, arg, state);
	default:
		return options_other(key, arg, state);
	}
}

static const struct argp argp = {
	.options = table,
	.parser = parse,
	.doc = "The DUT's side of lastack run --agent: makes the socket calls that a case asks "
	       "for, and tells states. It needs no root, but for ports below 1024 and sysctls."
	       "\v"
	       "Ends with SIGTERM. Exit status: 0 then, 3 wrong usage, 4 it cannot listen, read "
	       "the token or set the sysctls. The calls themselves travel in the clear: beyond a "
	       "network that you trust, listen on loopback and use ssh -L.",
};

static void listening(void *arg, const struct agent_address *where)
{
	char text[AGENT_ADDRESS_TEXT_MAX];
	bool *lost = arg;

	errno = 0;
	printf("listening on %s\n", agent_address_text(where, text));
	if (!fflush(stdout) && !ferror(stdout))
		return;
	/* It serves all the same, and its exit status says that this line was lost. */
	*lost = true;
	log_warn("standard output: %s; the agent listens on %s", strerror(errno ? errno : EIO),
		 text);
	__fpurge(stdout);
	clearerr(stdout);
}

int verb_agent(int argc, char **argv)
{
	struct input input = {.token = NULL};
	bool lost = false;
	struct agent_listen config = {.listening = listening, .arg = &lost};
	struct agent_token token;
	struct why why = {.text = ""};
	int status, error;

	if (!options_parse(&input.parsing, &argp, argc, argv, &status))
		return status;
	if (!input.listens || !input.token)
		return complain(EXIT_USAGE, "%s is missing; see %s --help",
				input.listens ? "--token FILE" : "--listen ADDR:PORT",
				input.parsing.verb);
	error = agent_token_read(&token, input.token, &why);
	if (error)
		return complain(EXIT_HARNESS, "%s", why.text);
	config.where = input.where;
	config.token = &token;
	config.sysctls = input.sysctls;
	config.n_sysctls = input.n_sysctls;
	error = agent_listen(&config, &why);
	explicit_bzero(&token, sizeof(token));
	if (error)
		return complain(EXIT_HARNESS, "%s", why.text);
	return lost ? EXIT_HARNESS : EXIT_EXPECTED;
}
