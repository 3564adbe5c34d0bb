/*
 * What was asked of lastack run. Private to cli.
 */
#ifndef CLI_RUN_INPUT_H
#define CLI_RUN_INPUT_H

#include "cli/outputs.h"
#include "cli/target.h"

#define SYSCTLS_MAX 64

struct run_input {
	struct parsing parsing; /* must be first */
	struct run_options run;
	struct lab_sysctl sysctls[SYSCTLS_MAX + 1];
	size_t sysctl_count;
	struct target_options target;
	struct outputs outputs;
	const char *format, *profile, *kernel, *kernels, *stack;
	const char *show; /* as typed; NULL: not */
	bool verbose;
	char **selectors;
	size_t selector_count;
	struct buffer command; /* how to call this run again, selectors and seed excepted */
};

/* Take --show WORD; check --kernel WORD. */
error_t run_show_take(struct run_input *input, const char *word, struct argp_state *state);
error_t run_kernel_check(const char *word, struct argp_state *state);

/*
 * Options that contradict each other, or that belong to another way of running. Returns 0, or the
 * exit status, with the reason on stderr.
 */
int run_input_check(const struct run_input *input);

#endif
