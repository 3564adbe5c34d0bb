/*
 * Options of lastack run that only make sense together, or not together.
 */
#include "cli/run_input.h"
#include <arpa/inet.h>
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
	return options_refuse(state, "--show %s: want unexpected, fail or all", shown(word));
}

error_t run_kernel_check(const char *word, struct argp_state *state)
{
	if (!*word)
		return options_refuse(state, "--kernel '': want uml, a path or qemu:PATH");
	if (!strcmp(word, "host"))
		return options_refuse(state, "--kernel host: a run without --kernel is on this "
				      "machine's own kernel; host is a name for --kernels only");
	return 0;
}

static int format_check(const char *word)
{
	if (reporter_has_format(word))
		return 0;
	/* The stream of events is for programs of this project, and not named to people. */
	return complain(EXIT_USAGE, "--format %s: want pretty, tap, junit, json or ladder",
			shown(word));
}

/* Two ways of running, as they were typed. */
static int want_one(const char *first, const char *first_value, const char *second,
		    const char *second_value)
{
	return complain(EXIT_USAGE, "--%s %s and --%s %s exclude each other: want one of them",
			first, first_value, second, second_value);
}

/* What is true of a target whose address is written as a number. */
static int target_family_check(const struct run_input *input)
{
	const char *target = input->target.target;
	unsigned char address[16];

	if (input->run.over == IPV6 && inet_pton(AF_INET, target, address) == 1)
		return complain(EXIT_USAGE, "--target %s: this is an IPv4 address; leave out -6 or "
				"--over ipv6",
				target);
	if (input->run.over == IPV4 && strchr(target, ':'))
		return complain(EXIT_USAGE, "--target %s: this is an IPv6 address; leave out -4 or "
				"--over ipv4",
				target);
	return 0;
}

static int target_check(const struct run_input *input)
{
	const struct target_options *target = &input->target;

	if (input->kernel)
		return want_one("target", target->target, "kernel", input->kernel);
	if (input->kernels)
		return want_one("target", target->target, "kernels", input->kernels);
	if (input->sysctl_count)
		return complain(EXIT_USAGE,
				"--sysctl %s: with --target %s no sysctl can be set from here; set "
				"it on the host", input->sysctls[0].name, target->target);
	if (!target->port && !target->agent)
		return complain(EXIT_USAGE,
				"--target %s: want an open port there, by --port N, or an agent, "
				"by --agent ADDR:PORT", target->target);
	if (target->port && target->port == target->closed_port)
		return complain(EXIT_USAGE,
				"--closed-port %u: this is the same as --port; want one where "
				"nothing listens", target->port);
	return target_family_check(input);
}

int run_input_check(const struct run_input *input)
{
	const struct target_options *target = &input->target;

	if (!target->target && target->first)
		return complain(EXIT_USAGE, "--%s is for a host: want --target, too",
				target->first);
	if (input->stack && target->target)
		return want_one("stack", input->stack, "target", target->target);
	if (input->stack && input->kernels)
		return want_one("stack", input->stack, "kernels", input->kernels);
	if (input->stack && input->sysctl_count)
		return complain(EXIT_USAGE, "--sysctl %s: --stack %s has no sysctls; leave it out",
				input->sysctls[0].name, input->stack);
	if (input->kernel && input->kernels)
		return want_one("kernel", input->kernel, "kernels", input->kernels);
	if (target->target && target_check(input))
		return EXIT_USAGE;
	return input->format && !input->kernels ? format_check(input->format) : 0;
}
