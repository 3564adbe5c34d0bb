#include "cli/cli.h"
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define KEY_REQUIREMENTS 256

static const struct argp_option table[] = {
	{"format", 'f', "pretty|json", 0, "pretty (the default), or a JSON object a line", 0},
	{"requirements", KEY_REQUIREMENTS, NULL, 0,
	 "list requirements, with the cases that test or cover each, or why none does", 0},
	OPTIONS_OF_ALL,
	{NULL, 0, NULL, 0, NULL, 0},
};

struct input {
	struct parsing parsing; /* must be first */
	bool json, requirements;
	char **selectors;
	size_t selector_count;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct input *input = state->input;

	switch (key) {
	case 'f':
		input->json = !strcmp(arg, "json");
		if (!input->json && strcmp(arg, "pretty"))
			return options_refuse(state, "--format %s: want pretty or json",
					      shown(arg));
		return 0;
	case KEY_REQUIREMENTS:
		input->requirements = true;
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
	.doc = "What there is: name, requirement, claim, needs, budget. A SELECTOR is AREA, FAMILY "
	       "or FAMILY.CASE, globs allowed, or a requirement: 'RFC9293 MUST-15', "
	       "'RFC9293 3.10.7.4' (a section, with those below it), RFC9293. With "
	       "--requirements it is a requirement.",
};

/* An array of the words of a list that is joined by ", ". */
static json_t *array_of(const char *joined)
{
	json_t *array = json_array();

	while (*joined) {
		size_t n = strcspn(joined, ",");

		json_array_append_new(array, json_stringn(joined, n));
		joined += n;
		joined += strspn(joined, ", ");
	}
	return array;
}

static json_t *requirements_of(const struct case_record *record)
{
	json_t *array = json_array();

	json_array_append_new(array, json_string(requirement_get(record->requirement)->name));
	for (size_t i = 0; i < CASE_REQUIREMENTS_MAX; i++)
		if (requirement_get(record->also[i]))
			json_array_append_new(array,
					      json_string(requirement_get(record->also[i])->name));
	return array;
}

static int entry_json(const struct catalogue_entry *entry)
{
	const struct case_record *record = entry->record;
	char needs[WORDS_MAX], over[WORDS_MAX];
	json_t *object = json_pack(
		"{s:s, s:s, s:s, s:s, s:o, s:s, s:s, s:o, s:o, s:f, s:s, s:i}", "case", entry->name,
		"area", entry->area, "family", record->family->name, "title", record->family->title,
		"requirements", requirements_of(record), "level", level_name(case_level(record)),
		"claim", record->claim, "over", array_of(over_text(record, over)), "needs",
		array_of(needs_text(entry->needs, needs)), "budget",
		(double)case_budget(record) / 1e9, "file", record->file, "line", record->line);
	int r = object ? json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(9)) : -1;

	json_decref(object);
	fputc('\n', stdout);
	return r ? json_complain() : 0;
}

static void family_print(const struct catalogue_entry *entry, bool first)
{
	char line[512];

	snprintf(line, sizeof(line), "%s: %s (area %s)", entry->record->family->name,
		 entry->record->family->title, entry->area);
	fputs(first ? "" : "\n", stdout);
	print_wrapped(stdout, 0, text_width(), line);
}

/* One case: its name, then what it is judged by and what it takes, then its claim. */
static void case_print(const struct catalogue_entry *entry)
{
	const struct case_record *record = entry->record;
	char needs[WORDS_MAX], over[WORDS_MAX], budget[WORDS_MAX], line[512];
	int n = (int)strcspn(entry->name, "/");

	printf("  %.*s\n", n, entry->name);
	snprintf(line, sizeof(line), "%s (%s); %s; needs %s; %s",
		 requirement_get(record->requirement)->name, level_name(case_level(record)),
		 over_text(record, over), needs_text(record->needs, needs),
		 budget_text(case_budget(record), budget));
	printf("      ");
	print_wrapped(stdout, 6, text_width(), line);
	printf("      ");
	print_wrapped(stdout, 6, text_width(), record->claim);
}

/* The rows of a case, from the first on. Returns how many entries they are. */
static size_t rows_print(const struct catalogue_entry *entries, size_t n)
{
	struct buffer names = {.at = NULL};
	size_t i = 0;

	for (; i < n && entries[i].record == entries[0].record; i++)
		buffer_printf(&names, "%s%s",
			      i ? ", " : "each of: ", strchr(entries[i].name, '/') + 1);
	if (!names.failed) {
		printf("      ");
		print_wrapped(stdout, 6, text_width(), names.at);
	}
	buffer_free(&names);
	return i;
}

static void catalogue_print(const struct catalogue *catalogue)
{
	const struct catalogue_entry *entries = catalogue->entries;
	const struct family *family = NULL;

	for (size_t i = 0; i < catalogue->count;) {
		if (entries[i].record->family != family)
			family_print(&entries[i], !family);
		family = entries[i].record->family;
		case_print(&entries[i]);
		i += entries[i].row ? rows_print(&entries[i], catalogue->count - i) : 1;
	}
}

int verb_list(int argc, char **argv)
{
	struct input input = {.json = false};
	struct catalogue catalogue;
	int status;

	if (!options_parse(&input.parsing, &argp, argc, argv, &status))
		return status;
	if (input.requirements)
		return requirements_list(input.selectors, input.selector_count, input.json);
	status = catalogue_open(&catalogue, input.selectors, input.selector_count);
	if (status)
		return status;
	if (input.json)
		for (size_t i = 0; i < catalogue.count && !status; i++)
			status = entry_json(&catalogue.entries[i]);
	else
		catalogue_print(&catalogue);
	catalogue_free(&catalogue);
	return status;
}
