#include "cli/compare.h"
#include "cli/run_input.h"
#include "cli/run_numbers.h"
#include "cli/stack.h"
#include "guest/guest.h"
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define TIME_SCALE_MAX 1000

enum {
	KEY_SYSCTL = 256,
	KEY_PROFILE,
	KEY_FORMAT,
	KEY_JUNIT,
	KEY_JSON,
	KEY_TAP,
	KEY_EVIDENCE,
	KEY_QUICK,
	KEY_TIME_SCALE,
	KEY_STRICT,
	KEY_RETRIES,
	KEY_SEED,
	KEY_OVER,
	KEY_KERNEL,
	KEY_KERNELS,
	KEY_SHOW,
};

static const struct argp_option table[] = {
	OPTIONS_OF_TARGET,
	{"kernel", KEY_KERNEL, "uml|PATH|qemu:PATH", 0,
	 "run in virtual time on this user-mode Linux (the package's is uml), or under QEMU", 0},
	{"kernels", KEY_KERNELS, "A,B,...", 0,
	 "run on each of these, host is this machine's own, and show which verdicts differ", 0},
	OPTION_OF_STACK,
	{"sysctl", KEY_SYSCTL, "NAME=VALUE", 0, "set in the DUT's namespace; may be repeated", 0},
	{"profile", KEY_PROFILE, "FILE|none", 0,
	 "expected failures: linux, a stack's name, none, or a file (default: what is tested, and "
	 "none for a host)", 0},
	{"jobs", 'j', "N", 0, "cases at once; they mostly wait (default: 400, fewer in guests)", 0},
	{"format", KEY_FORMAT, "FORMAT", 0,
	 "what stdout shows: pretty (the default), tap, junit, json, ladder", 0},
	{"show", KEY_SHOW, "unexpected|fail|all", 0,
	 "which cases to print: unexpected (the default), fail (known failures too), or all", 0},
	{"report-junit", KEY_JUNIT, "FILE", 0, "also write JUnit XML; - is stdout", 0},
	{"report-json", KEY_JSON, "FILE", 0, "also write JSON lines; - is stdout", 0},
	{"report-tap", KEY_TAP, "FILE", 0, "also write TAP 13; - is stdout", 0},
	{"evidence", KEY_EVIDENCE, "DIR", 0,
	 "keep a folder per case: wire.pcap, ladder.txt, verdict.json", 0},
	{"quick", KEY_QUICK, NULL, 0, "only cases whose budget is 10 s or less", 0},
	{"time-scale", KEY_TIME_SCALE, "X", 0,
	 "stretch upper bounds and slack by this factor from 1, never a \"not before\"", 0},
	{"retries", KEY_RETRIES, "N|TIME", 0,
	 "run an inconclusive case again, N times at most (default: 4), as long as an attempt "
	 "begins within TIME of the end of all first attempts (default: 30s); 0: never", 0},
	{"strict", KEY_STRICT, NULL, 0, "deviations count as failures", 0},
	{"seed", KEY_SEED, "N", 0, "ports and sequence numbers follow from it", 0},
	{NULL, '4', NULL, 0, "over IPv4 only", 0},
	{NULL, '6', NULL, 0, "over IPv6 only", 0},
	{"over", KEY_OVER, "ipv4|ipv6", 0, "over this address family only", 0},
	{"verbose", 'v', NULL, 0, "print every case with its ladder, and the log on stderr", 0},
	OPTIONS_OF_ALL,
	{NULL, 0, NULL, 0, NULL, 0},
};

static error_t sysctl_add(struct run_input *input, char *arg, struct argp_state *state)
{
	struct lab_sysctl *out = &input->sysctls[input->sysctl_count];
	error_t r;

	if (input->sysctl_count == SYSCTLS_MAX)
		return options_refuse(state, "--sysctl %s: more than %d of them", arg, SYSCTLS_MAX);
	command_option(&input->command, "sysctl", arg);
	r = options_sysctl(state, arg, out);
	if (!r && strncmp(out->name, "net.", 4) && strncmp(out->name, "net/", 4))
		r = options_refuse(state, "--sysctl %s=%s: only net.* belongs to a namespace",
				   out->name, out->value);
	if (!r)
		input->sysctl_count++;
	return r;
}

static error_t time_scale_take(struct run_input *input, const char *arg, struct argp_state *state)
{
	char *end;
	double scale = strtod(arg, &end);

	if (end == arg || *end || !isfinite(scale) || scale < 1 || scale > TIME_SCALE_MAX)
		return options_refuse(state, "--time-scale %s: want a factor from 1 to %d",
				      shown(arg), TIME_SCALE_MAX);
	input->run.time_scale = scale;
	buffer_printf(&input->command, " --time-scale %s", arg);
	return 0;
}

static error_t over_take(struct run_input *input, const char *family, struct argp_state *state)
{
	unsigned over = !strcmp(family, "ipv4") ? IPV4 : IPV6;

	if (over == IPV6 && strcmp(family, "ipv6"))
		return options_refuse(state, "--over %s: want ipv4 or ipv6", shown(family));
	if (input->run.over && input->run.over != over)
		return options_refuse(state,
				      "-4 (--over ipv4) and -6 (--over ipv6) exclude each other; "
				      "without either, cases run over both");
	input->run.over = over;
	return 0;
}

static error_t report_add(struct run_input *input, int key, const char *path,
			  struct argp_state *state)
{
	const char *format = key == KEY_JUNIT ? "junit" : key == KEY_JSON ? "json" : "tap";

	if (!*path || outputs_add(&input->outputs, false, format, path))
		return options_refuse(state,
				      "--report-%s '%s': want a file's name, or - for stdout",
				      format, path);
	return 0;
}

/* The options whose values are numbers. */
static error_t numbers_take(struct run_options *run, int key, const char *arg,
			    struct argp_state *state)
{
	switch (key) {
	case KEY_RETRIES:
		return retries_take(run, arg, state);
	case KEY_SEED:
		return seed_take(run, arg, state);
	case 'j':
		return jobs_take(run, arg, state);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct run_input *input = state->input;
	error_t error = target_take(&input->target, key, arg, state);

	if (error == ARGP_ERR_UNKNOWN)
		error = stack_take(&input->stack, key, arg, state);
	if (error == ARGP_ERR_UNKNOWN)
		error = numbers_take(&input->run, key, arg, state);
	if (error != ARGP_ERR_UNKNOWN)
		return error;
	switch (key) {
	case KEY_SYSCTL:
		return sysctl_add(input, arg, state);
	case KEY_PROFILE:
		input->profile = arg;
		return 0;
	case KEY_KERNEL:
		input->kernel = arg;
		return run_kernel_check(arg, state);
	case KEY_KERNELS:
		input->kernels = arg;
		return 0;
	case KEY_FORMAT:
		input->format = arg;
		return 0;
	case KEY_SHOW:
		return run_show_take(input, arg, state);
	case KEY_JUNIT:
	case KEY_JSON:
	case KEY_TAP:
		return report_add(input, key, arg, state);
	case KEY_EVIDENCE:
		input->run.evidence = arg;
		return *arg ? 0 : options_refuse(state, "--evidence '': want a folder's name");
	case KEY_QUICK:
		input->run.quick = true;
		return 0;
	case KEY_TIME_SCALE:
		return time_scale_take(input, arg, state);
	case KEY_STRICT:
		input->run.strict = true;
		return 0;
	case '4':
	case '6':
	case KEY_OVER:
		return over_take(input, key == '4' ? "ipv4" : key == '6' ? "ipv6" : arg, state);
	case 'v':
		input->verbose = true;
		return 0;
	case ARGP_KEY_ARGS:
		input->selectors = state->argv + state->next;
		input->selector_count = (size_t)(state->argc - state->next);
		return 0;
	case ARGP_KEY_ARG:
		return ARGP_ERR_UNKNOWN; /* all of them come with ARGP_KEY_ARGS */
	default:
		return options_other(key, arg, state);
	}
}

static const struct argp argp = {
	.options = table,
	.parser = parse,
	.args_doc = "[SELECTOR...]",
	.doc = "Run cases, each in network namespaces of its own, that test this machine's kernel, "
	       "or with --target a host. "
	       "A SELECTOR is AREA, FAMILY or FAMILY.CASE, globs allowed, or a requirement: "
	       "'RFC9293 MUST-15', 'RFC9293 3.10.7.4', RFC9293. Without any, all cases run."
	       "\v"
	       "Exit status: 0 as expected; 1 a case failed; 3 wrong usage, also an empty "
	       "selection; "
	       "4 the harness could not do its work; 130 after Ctrl-C (128 and the signal's "
	       "number).",
};

/* The run is about to start: its reports are opened now, and not for a run that never was. */
static int reports_open(void *arg, struct why *why)
{
	struct run_input *input = arg;

	return outputs_open(&input->outputs, input->verbose, why);
}

/* A seed that is short enough to be typed again. */
static uint64_t seed_choose(void)
{
	uint32_t seed;

	if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
		seed = (uint32_t)clock_realtime();
	return seed;
}

/* The exit status of a run that did not start. */
static int not_started(const struct run_input *input, int r, const struct why *why)
{
	if (r == -EINVAL || r == -ENOENT)
		return complain(EXIT_USAGE, "%s", why->text);
	if (!input->target.target && (r == -EPERM || r == -EACCES))
		return complain(EXIT_HARNESS, "%s; lastack doctor tells more", why->text);
	return complain(EXIT_HARNESS, "%s", why->text);
}

static int run_in_guest(const struct run_input *input, struct why *why)
{
	struct guest_options options = {.run = &input->run,
					.selectors = input->selectors,
					.selector_count = input->selector_count,
					.profile = input->profile,
					.stack = input->stack};
	struct guest_kernel *kernel = NULL;
	int r = guest_find(&kernel, input->kernel, why);

	if (!r)
		r = guest_run(kernel, &options, why);
	guest_free(kernel);
	return r;
}

static int run_compared(const struct run_input *input)
{
	struct compare_options options = {.run = &input->run,
					  .selectors = input->selectors,
					  .selector_count = input->selector_count,
					  .profile = input->profile,
					  .format = input->format,
					  .all = input->verbose ||
						 input->outputs.show == SHOW_ALL};

	if (input->outputs.count)
		return complain(EXIT_USAGE,
				"--report-%s: --kernels writes no reports but to standard output",
				input->outputs.all[0].format);
	return compare_kernels(input->kernels, &options);
}

/* Against a host somewhere, from the way there to its end. */
static int run_at_target(struct run_input *input, struct why *why)
{
	struct target_way way = {.keeper = NULL};
	int r = target_reach(&way, &input->target, &input->run, input->run.catalogue->count, why);

	if (!r)
		r = run_cases(&input->run, why);
	target_leave(&way);
	return r;
}

static int run_somewhere(struct run_input *input, struct why *why)
{
	if (input->stack && !input->kernel)
		return run_at_stack(&input->run, input->stack, why);
	if (input->target.target)
		return run_at_target(input, why);
	return input->kernel ? run_in_guest(input, why) : run_cases(&input->run, why);
}

static int case_matches(const void *catalogue, const char *pattern, struct why *why)
{
	return catalogue_find(catalogue, pattern, why);
}

/* The profile is checked against all cases, whichever are selected. An exit status. */
static int profile_open(struct profile **out, const char *name)
{
	struct catalogue all = {.entries = NULL};
	struct profile *profile = NULL;
	struct why why = {.text = ""};
	int r = profile_load(&profile, name, &why);

	if (r)
		return complain(EXIT_USAGE, "%s", why.text);
	r = catalogue_new(&all, &why);
	if (!r)
		r = profile_check(profile, case_matches, &all, &why);
	catalogue_free(&all);
	if (r) {
		profile_free(profile);
		return complain(r == -ENOENT ? EXIT_USAGE : EXIT_HARNESS, "%s", why.text);
	}
	*out = profile;
	return 0;
}

static int run_selected(struct run_input *input, const struct catalogue *catalogue)
{
	struct profile *profile = NULL;
	struct why why = {.text = ""};
	int r = profile_open(&profile, input->profile);

	if (r)
		return r;
	input->run.catalogue = catalogue;
	input->run.profile = profile;
	input->run.sysctls = input->sysctls;
	input->run.command = input->command.failed ? NULL : input->command.at;
	if (input->kernels) {
		r = run_compared(input);
		goto out;
	}
	if (outputs_choose_stdout(&input->outputs, input->format)) {
		r = complain(EXIT_USAGE, "more than %d reports", OUTPUTS_MAX);
		goto out;
	}
	input->run.reporters = input->outputs.reporters;
	input->run.reporter_count = input->outputs.count;
	input->outputs.pipe_ends &= !input->run.evidence;
	input->run.ready = reports_open;
	input->run.ready_arg = input;
	r = run_somewhere(input, &why);
	if (r >= 0 && outputs_close(&input->outputs))
		r = EXIT_HARNESS;
	if (r < 0)
		r = not_started(input, r, &why);
	outputs_abandon(&input->outputs);
out:
	profile_free(profile);
	return r;
}

int verb_run(int argc, char **argv)
{
	struct run_input input = {.run = {.time_scale = 1, .seed = seed_choose()}};
	struct catalogue catalogue;
	int status;

	/* A report that nobody reads any more is an error of that report. */
	input.outputs.pipe_ends = signal(SIGPIPE, SIG_IGN) == SIG_DFL;
	buffer_text(&input.command, argv[0]);
	if (!options_parse(&input.parsing, &argp, argc, argv, &status))
		goto out;
	input.profile = stack_command(input.stack, input.profile, input.target.target != NULL,
				      &input.command);
	if (input.kernel)
		command_option(&input.command, "kernel", input.kernel);
	target_command(&input.target, &input.command);
	if (input.show)
		command_option(&input.command, "show", input.show);
	else if (input.verbose)
		input.outputs.show = SHOW_ALL;
	log_level = input.verbose;
	status = run_input_check(&input);
	if (status)
		goto out;
	status = catalogue_open(&catalogue, input.selectors, input.selector_count);
	if (status)
		goto out;
	status = run_selected(&input, &catalogue);
	catalogue_free(&catalogue);
out:
	buffer_free(&input.command);
	return status;
}
