/*
 * The options of run whose values are numbers. Of the cli room only.
 */
#ifndef CLI_RUN_NUMBERS_H
#define CLI_RUN_NUMBERS_H

#include "cli/cli.h"
#include "run/run.h"

/* --jobs, --seed, and --retries: a number for each case, or a time for all of them. */
error_t jobs_take(struct run_options *run, const char *arg, struct argp_state *state);
error_t seed_take(struct run_options *run, const char *arg, struct argp_state *state);
error_t retries_take(struct run_options *run, const char *arg, struct argp_state *state);

#endif
