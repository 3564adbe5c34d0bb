#include "cli/cli.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct verb verbs[] = {
	{"run", "run cases that test this machine's kernel, a host or a stack", verb_run},
	{"list", "what there is: name, requirement, claim, needs, budget", verb_list},
	{"show", "one case: its claim, its requirement, and the ladder it expects", verb_show},
	{"probe", "what a port says to a crafted segment, or to a short conversation", verb_probe},
	{"agent", "the DUT's side on another host: makes a case's socket calls", verb_agent},
	{"doctor", "what this machine allows, and how to allow the rest", verb_doctor},
};
/* Not listed: what a guest kernel starts as its init. */
static const struct verb guest = {"guest", NULL, verb_guest};
/* Nor this: what runs on a stack that programs run on. */
static const struct verb services = {"services", NULL, verb_services};
#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static const struct verb *verb_find(const char *name)
{
	for (size_t i = 0; i < VERBS; i++)
		if (!strcmp(verbs[i].name, name))
			return &verbs[i];
	if (!strcmp(name, services.name))
		return &services;
	return strcmp(name, guest.name) ? NULL : &guest;
}

static void help(void)
{
	printf("Usage: lastack VERB [OPTION...] [ARGUMENT...]\n"
	       "A raw-socket fault-injection test harness for TCP: it plays the other end of a\n"
	       "connection by hand, and judges the replies against the RFCs.\n\n"
	       "Verbs:\n");
	for (size_t i = 0; i < VERBS; i++)
		printf("  %-8s %s\n", verbs[i].name, verbs[i].summary);
	printf("  %-8s the options of a verb\n\n", "help");
	printf("  -h, --help     show this text\n"
	       "  -V, --version  show the version\n\n"
	       "Exit status: 0 as expected; 1 not as expected; 2 silence (probe); 3 wrong\n"
	       "usage, also an empty selection; 4 the harness could not do its work (lastack\n"
	       "doctor says why); 130 interrupted (128 and the number of any signal that\n"
	       "ended it).\n");
}

/* Call a verb as "PROGRAM VERB", which is what its messages say. */
static int verb_call(const struct verb *verb, const char *program, int argc, char **argv)
{
	char *name = NULL;
	int status;

	if (asprintf(&name, "%s %s", program, verb->name) < 0)
		return complain(EXIT_HARNESS, "no memory");
	argv[0] = name;
	status = verb->run(argc, argv);
	free(name);
	return status;
}

static int unknown_verb(const char *typed)
{
	const char *names[VERBS];
	const char *near;

	for (size_t i = 0; i < VERBS; i++)
		names[i] = verbs[i].name;
	near = nearest_name(typed, names, VERBS);
	if (near)
		return complain(EXIT_USAGE, "no verb '%s': the nearest is %s", typed, near);
	return complain(EXIT_USAGE, "no verb '%s': lastack --help shows them", typed);
}

static int help_verb(const char *program, int argc, char **argv)
{
	char option[] = "--help";
	char *call[] = {NULL, option, NULL};
	const struct verb *verb;

	if (argc < 3) {
		help();
		return EXIT_EXPECTED;
	}
	if (argc > 3)
		return complain(EXIT_USAGE, "help: one verb at a time, not also '%s'", argv[3]);
	verb = verb_find(argv[2]);
	return verb ? verb_call(verb, program, 2, call) : unknown_verb(argv[2]);
}

static int dispatch(int argc, char **argv)
{
	const char *program = argc ? argv[0] : "lastack";
	const struct verb *verb;

	if (argc < 2)
		return complain(EXIT_USAGE,
				"which verb? run, list, show, probe, agent or doctor; "
				"see lastack --help");
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		help();
		return EXIT_EXPECTED;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		printf("lastack %s\n", LASTACK_VERSION);
		return EXIT_EXPECTED;
	}
	if (!strcmp(argv[1], "help"))
		return help_verb(program, argc, argv);
	if (argv[1][0] == '-')
		return complain(EXIT_USAGE,
				"unknown option '%s': a verb comes first, see lastack --help",
				argv[1]);
	verb = verb_find(argv[1]);
	return verb ? verb_call(verb, program, argc - 1, argv + 1) : unknown_verb(argv[1]);
}

int main(int argc, char **argv)
{
	int status;

	process_prepare();
	status = dispatch(argc, argv);
	/* Results that did not arrive are no results. */
	if (fflush(stdout) || ferror(stdout)) {
		log_warn("standard output: %s", strerror(errno ? errno : EIO));
		status = EXIT_HARNESS;
	}
	return status;
}
