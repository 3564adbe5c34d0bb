#include "cli/cli.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define COLUMN 15 /* where what is said of a heading starts */

static const struct argp_option table[] = {
	OPTIONS_OF_ALL,
	{NULL, 0, NULL, 0, NULL, 0},
};

struct input {
	struct parsing parsing; /* must be first */
	char **selectors;
	size_t selector_count;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct input *input = state->input;

	switch (key) {
	case ARGP_KEY_ARGS:
		input->selectors = state->argv + state->next;
		input->selector_count = (size_t)(state->argc - state->next);
		return 0;
	case ARGP_KEY_ARG:
		return ARGP_ERR_UNKNOWN; /* it comes with ARGP_KEY_ARGS */
	default:
		return options_other(key, arg, state);
	}
}

static const struct argp argp = {
	.options = table,
	.parser = parse,
	.args_doc = "CASE",
	.doc = "One case: its claim, its requirement, and the ladder it expects. CASE is "
	       "FAMILY.CASE, "
	       "or FAMILY.CASE/ROW; globs may shorten it.",
};

static void line_print(const char *heading, const char *text_)
{
	printf("  %-*s", COLUMN - 2, heading);
	print_wrapped(stdout, COLUMN, text_width(), text_);
}

static void requirement_print(const char *heading, enum requirement_id id)
{
	const struct requirement *requirement = requirement_get(id);
	char line[1024];

	snprintf(line, sizeof(line), "%s (%s%s, %s): %s", requirement->name,
		 requirement->rfc ? "section " : "", requirement->section,
		 level_name(requirement->level), requirement->sentence);
	line_print(heading, line);
}

static void record_print(const struct catalogue_entry *entry)
{
	const struct case_record *record = entry->record;
	char words[WORDS_MAX];
	char place[4096];

	line_print("claim", record->claim);
	requirement_print("requirement", record->requirement);
	for (size_t i = 0; i < CASE_REQUIREMENTS_MAX; i++)
		if (requirement_get(record->also[i]))
			requirement_print("also covers", record->also[i]);
	line_print("judged as", level_name(case_level(record)));
	line_print("over", over_text(record, words));
	line_print("needs", needs_text(entry->needs, words));
	line_print("budget", budget_text(case_budget(record), words));
	snprintf(place, sizeof(place), "%s:%d", record->file, record->line);
	line_print("place", place);
}

static int ladder_print(const struct catalogue_entry *entry)
{
	struct ladder *ladder = ladder_new();
	struct buffer drawn = {.at = NULL};
	struct why why = {.text = ""};
	int r = ladder ? run_rehearse(entry, ladder, &why)
		       : why_set(&why, ENOMEM, "no memory for a ladder");

	if (!r) {
		ladder_set_width(ladder, (size_t)text_width());
		ladder_text(ladder, &drawn, false);
		printf("\n%s", drawn.at ? drawn.at : "");
	}
	if (!r && drawn.failed)
		r = why_set(&why, ENOMEM, "no memory for a ladder");
	ladder_free(ladder);
	buffer_free(&drawn);
	return r ? complain(EXIT_HARNESS, "the ladder of %s cannot be shown: %s", entry->name,
			    why.text)
		 : EXIT_EXPECTED;
}

/* Several entries are one case where they are its rows. */
static bool is_one_case(const struct catalogue *catalogue)
{
	for (size_t i = 1; i < catalogue->count; i++)
		if (catalogue->entries[i].record != catalogue->entries[0].record)
			return false;
	return true;
}

int verb_show(int argc, char **argv)
{
	struct input input = {.selectors = NULL};
	struct catalogue catalogue;
	const struct catalogue_entry *entry;
	int status;

	if (!options_parse(&input.parsing, &argp, argc, argv, &status))
		return status;
	if (input.selector_count != 1)
		return complain(EXIT_USAGE, "show wants one case; lastack list names them");
	status = catalogue_open(&catalogue, input.selectors, 1);
	if (status)
		return status;
	entry = &catalogue.entries[0];
	if (!is_one_case(&catalogue)) {
		status = complain(EXIT_USAGE, "'%s' is %zu cases; lastack list '%s' names them",
				  input.selectors[0], catalogue.count, input.selectors[0]);
	} else {
		printf("%s%s\n", entry->name,
		       catalogue.count > 1 ? " (the first row; lastack list names all)" : "");
		record_print(entry);
		fflush(stdout);
		status = ladder_print(entry);
	}
	catalogue_free(&catalogue);
	return status;
}
