#include "cli/stack.h"
#include "stack/stack.h"
#include <string.h>

error_t stack_take(const char **stack, int key, const char *arg, struct argp_state *state)
{
	if (key != KEY_STACK)
		return ARGP_ERR_UNKNOWN;
	for (size_t i = 0; stack_names[i]; i++)
		if (!strcmp(arg, stack_names[i])) {
			*stack = stack_names[i];
			return 0;
		}
	return options_refuse(state, "--stack %s: want lwip, slirp or gvisor", shown(arg));
}

const char *stack_command(const char *stack, const char *asked, bool host,
			  struct buffer *command)
{
	static char timers[32];

	if (asked)
		command_option(command, "profile", asked);
	if (stack)
		command_option(command, "stack", stack);
	if (!asked)
		return stack ? stack : host ? "none:linux" : "linux";
	/* No RFC has a host's timers: as long as none are named, they are taken to be Linux's. */
	if (host && !strcmp(asked, "none"))
		return "none:linux";
	if (!stack || strcmp(asked, "none"))
		return asked;
	snprintf(timers, sizeof(timers), "none:%s", stack);
	return timers;
}

int verb_services(int argc, char **argv)
{
	struct why why = {.text = ""};

	(void)argv;
	if (argc > 1)
		return complain(EXIT_USAGE, "services is what a stack is started with");
	stack_serve(&why);
	return complain(EXIT_HARNESS, "%s", why.text);
}

int run_at_stack(struct run_options *run, const char *name, struct why *why)
{
	struct stack *stack = NULL;
	int r = stack_open(&stack, name, run->over, why);

	if (r)
		return r;
	log_warn("%s", stack_words(stack));
	run->target = stack_target(stack);
	run->over = stack_over(stack);
	r = run_cases(run, why);
	stack_free(stack);
	return r;
}
