/*
 * The option of a run against another stack, and the run. Of the cli room only.
 */
#ifndef CLI_STACK_H
#define CLI_STACK_H

#include "cli/cli.h"

#define KEY_STACK 768
/* For a verb's table. */
#define OPTION_OF_STACK                                                                            \
	{"stack", KEY_STACK, "lwip|slirp|gvisor", 0,                                               \
	 "test another TCP stack, which is started here", 0}

/* Take it; ARGP_ERR_UNKNOWN for another key. */
error_t stack_take(const char **stack, int key, const char *arg, struct argp_state *state);

/*
 * Append stack and profile, as asked for or NULL, for the command that runs a case again. Returns
 * the profile that is meant: "none" of a stack knows its timers, whose values are no verdicts. For
 * a host (--target) the default is none, with Linux's timers.
 */
const char *stack_command(const char *stack, const char *asked, bool host,
			  struct buffer *command);

/* Run against it, started for the run. As run_cases(), and errors of stack_open(). */
int run_at_stack(struct run_options *run, const char *stack, struct why *why);

#endif
