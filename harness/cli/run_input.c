/*
 * Options of lastack run that only make sense together, or not together.
 */
#include "cli/run_input.h"
#include <string.h>

static const char *const shows[] = {[SHOW_UNEXPECTED] = "unexpected", [SHOW_FAIL] = "fail",
				    [SHOW_ALL] = "all"};

error_t run_show_take(struct run_input *input, const char *word, struct argp_state *state)
{
	for (size_t i = 0; i < sizeof(shows) / sizeof(shows[0]); i++) {
		if (strcmp(word, shows[i]))
			continue;
		input->outputs.show = (enum show)i;
		input->show = shows[i];
		return 0;
	}
	return options_refuse(state, "--show %s: want unexpected, fail or all", word);
}

int run_input_check(const struct run_input *input)
{
	const struct target_options *target = &input->target;

	if (!target->target && target->first)
		return complain(EXIT_USAGE, "--%s is for a host: want --target, too",
				target->first);
	if (target->target && (input->kernel || input->kernels))
		return complain(EXIT_USAGE, "--target and --kernel: want one of them");
	if (input->stack && (target->target || input->kernels || input->sysctl_count))
		return complain(EXIT_USAGE, "--stack: wants no --target, --kernels or --sysctl");
	if (target->target && input->sysctl_count)
		return complain(EXIT_USAGE, "--sysctl: a host's cannot be set");
	return 0;
}
