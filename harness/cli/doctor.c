#include "cli/checks.h"
#include <errno.h>
#include <jansson.h>
#include <string.h>

#define COLUMN 26 /* where what was found starts */

static const struct argp_option table[] = {
	{"format", 'f', "pretty|json", 0, "pretty (the default), or a JSON object a line", 0},
	OPTIONS_OF_ALL,
	{NULL, 0, NULL, 0, NULL, 0},
};

struct input {
	struct parsing parsing; /* must be first */
	bool json;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct input *input = state->input;

	if (key != 'f')
		return options_other(key, arg, state);
	input->json = !strcmp(arg, "json");
	if (!input->json && strcmp(arg, "pretty"))
		return options_refuse(state, "--format %s: want pretty or json",
					      shown(arg));
	return 0;
}

static const struct argp argp = {
	.options = table,
	.parser = parse,
	.doc = "What this machine allows, and for each no, the way to a yes. Each thing is tried."
	       "\v"
	       "Exit status: 0 where lastack run can work here, 4 where it cannot.",
};

static const char *answer_name(enum answer answer)
{
	switch (answer) {
	case ANSWER_YES:
		return "yes";
	case ANSWER_NO:
		return "no";
	case ANSWER_NOTE:
		break;
	}
	return "note";
}

static void finding_print(const struct check *check, const struct finding *finding)
{
	printf("%-5s%-*s", answer_name(finding->answer), COLUMN - 5, check->name);
	print_wrapped(stdout, COLUMN, text_width(), finding->text);
	if (*finding->way) {
		printf("%*s-> ", COLUMN, "");
		print_wrapped(stdout, COLUMN + 3, text_width(), finding->way);
	}
}

static int object_print(json_t *object)
{
	int r = object ? json_dumpf(object, stdout, JSON_COMPACT) : -1;

	json_decref(object);
	fputc('\n', stdout);
	return r;
}

static int finding_json(const struct check *check, const struct finding *finding)
{
	return object_print(json_pack("{s:s, s:s, s:b, s:s, s:s}", "check", check->name, "answer",
				      answer_name(finding->answer), "needed", check->needed,
				      "found", finding->text, "way", finding->way));
}

int verb_doctor(int argc, char **argv)
{
	struct input input = {.json = false};
	bool works = true;
	int status, r = 0;

	if (!options_parse(&input.parsing, &argp, argc, argv, &status))
		return status;
	for (size_t i = 0; i < check_count && !r; i++) {
		struct finding finding;

		check_run(&checks[i], &finding);
		works &= !checks[i].needed || finding.answer != ANSWER_NO;
		if (input.json)
			r = finding_json(&checks[i], &finding);
		else
			finding_print(&checks[i], &finding);
	}
	if (input.json && !r)
		r = object_print(json_pack("{s:b}", "works", works));
	else if (!input.json)
		printf("\n%s\n",
		       works ? "lastack run can work here." : "lastack run cannot work here.");
	if (r)
		return json_complain();
	return works ? EXIT_EXPECTED : EXIT_HARNESS;
}
