/*
 * liars: every case is shown to pass when the DUT is heard as it is, and to fail when it is lied
 * about. A case that no lie breaks cannot fail, and a lie that breaks no case is a gap.
 */
/* getopt's struct option is another than ours. */
#define option getopt_option
#include <argp.h>
#undef option
#include "matrix.h"
#include "mutator.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define QUICK_BUDGET sec(10)

struct input {
	bool quick, slow, all, claims, premises;
	struct run_options time; /* how it passes: machine and days */
	char **selectors;
	size_t count;
};

static const struct argp_option table[] = {
	{"quick", 'q', NULL, 0, "only cases whose budget is 10 s or less", 0},
	{"slow", 's', NULL, 0, "only the others", 0},
	{"virtual", 'v', NULL, 0, "this kernel's idle time is skipped: also what takes hours", 0},
	{"days", 'd', NULL, 0, "and it skips it by itself: also what takes days", 0},
	{"claims", 'c', NULL, 0, "only print each lie and the cases that claim to catch it", 0},
	{"premises", 'p', NULL, 0, "only show that premises end a case by their own rule", 0},
	{"full", 'f', NULL, 0, "tell every lie in every case that gives occasion to it", 0},
	{NULL, 0, NULL, 0, NULL, 0},
};

static error_t parse(int key, char *text_, struct argp_state *state)
{
	struct input *input = state->input;

	(void)text_;
	switch (key) {
	case 'q':
		input->quick = true;
		return 0;
	case 's':
		input->slow = true;
		return 0;
	case 'd':
		input->time.days = true;
		/* fall through */
	case 'v':
		input->time.machine = "virtual time";
		return 0;
	case 'c':
		input->claims = true;
		return 0;
	case 'p':
		input->premises = true;
		return 0;
	case 'f':
		input->all = true;
		return 0;
	case ARGP_KEY_ARGS:
		input->selectors = state->argv + state->next;
		input->count = (size_t)(state->argc - state->next);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {.options = table, .parser = parse, .args_doc = "[SELECTOR...]",
	.doc = "Show that each case can pass, and can fail."};

/* What --quick and --slow leave, in an array of its own; the names stay the catalogue's. */
static int budget_select(struct catalogue *out, const struct catalogue *all,
                         const struct input *input, struct why *why)
{
	struct catalogue kept = {.entries = calloc(all->count + 1, sizeof(*kept.entries))};
	size_t left_out = 0;

	if (!kept.entries)
		return why_set(why, ENOMEM, "out of memory");
	for (size_t i = 0; i < all->count; i++) {
		const struct case_record *record = all->entries[i].record;
		bool slow = case_budget(record) > QUICK_BUDGET;

		if ((slow && input->quick) || (!slow && input->slow))
			continue;
		if (case_too_slow(record, &input->time))
			left_out++;
		else
			kept.entries[kept.count++] = all->entries[i];
	}
	if (left_out)
		fprintf(stderr, "%zu cases left out: they take %s\n", left_out,
			input->time.machine ? "days (--days)" : "hours, or days (--virtual)");
	*out = kept;
	return kept.count ? 0 : why_set(why, ENOENT, "no case is left to run");
}

/* A lie that some families do not catch may be caught by others; the quick ones know them all. */
static bool is_part(const struct input *input)
{
	return input->count || input->slow;
}

static int rounds(struct matrix *matrix, const struct input *input, struct why *why)
{
	enum telling_when *when = calloc(matrix->count, sizeof(*when));
	enum search search = input->all ? SEARCH_ALL : SEARCH_GAPS;
	nanos began = clock_monotonic();
	size_t given;
	int r;

	if (search == SEARCH_GAPS && is_part(input))
		search = SEARCH_PROOFS;
	r = when ? matrix_truth(matrix, why) : why_set(why, ENOMEM, "out of memory");

	fprintf(stderr, "the truth: %zu cases, %.1f s\n", matrix->count,
	        (double)(clock_monotonic() - began) / 1e9);
	while (!r && (given = matrix_choose(matrix, search, when)) > 0) {
		began = clock_monotonic();
		r = matrix_round(matrix, when, why);
		fprintf(stderr, "round %u: %zu cases, %.1f s\n", matrix->rounds, given,
		        (double)(clock_monotonic() - began) / 1e9);
	}
	free(when);
	return r;
}

static int show(const struct input *input, const struct catalogue *catalogue,
                const struct catalogue *whole, struct why *why)
{
	struct shown shown = {.all = input->all, .part = is_part(input),
		.whole = !input->count && !input->quick && !input->slow};
	struct profile *profile = NULL;
	struct matrix matrix = {.count = 0};
	int r = profile_load(&profile, "linux", why);

	if (!r)
		r = matrix_new(&matrix, catalogue, profile, why);
	matrix.machine = input->time.machine;
	matrix.days = input->time.days;
	if (!r)
		r = claims_enter(&matrix, whole, why);
	if (!r && input->premises) {
		r = premises_check(&matrix, stdout, why) ? EXIT_UNEXPECTED : EXIT_EXPECTED;
		goto out;
	}
	if (!r)
		r = rounds(&matrix, input, why);
	if (!r)
		r = matrix_print(&matrix, &shown, stdout) ? EXIT_UNEXPECTED : EXIT_EXPECTED;
out:
	matrix_free(&matrix);
	profile_free(profile);
	return r;
}

static int claims_list(void)
{
	size_t n = mutations_list(NULL, 0);
	const struct tale **lies = calloc(n, sizeof(*lies));

	if (!lies)
		return EXIT_HARNESS;
	mutations_list(lies, n);
	for (size_t i = 0; i < n; i++) {
		fputs(lies[i]->name, stdout);
		claims_print(lies[i]->name, stdout);
		putchar('\n');
	}
	free(lies);
	return EXIT_EXPECTED;
}

int main(int argc, char **argv)
{
	struct input input = {.quick = false};
	struct catalogue whole = {.count = 0}, catalogue = {.count = 0}, kept = {.count = 0};
	struct why why = {.text = ""};
	int r;

	argp_err_exit_status = EXIT_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &input))
		return EXIT_USAGE;
	if (input.claims)
		return claims_list();
	r = catalogue_new(&whole, &why);
	if (!r)
		r = catalogue_new(&catalogue, &why);
	if (!r)
		r = catalogue_select(&catalogue, input.selectors, input.count, &why);
	if (!r)
		r = budget_select(&kept, &catalogue, &input, &why);
	if (!r)
		r = show(&input, &kept, &whole, &why);
	free(kept.entries);
	catalogue_free(&catalogue);
	catalogue_free(&whole);
	if (r >= 0)
		return r;
	fprintf(stderr, "liars: %s\n", *why.text ? why.text : strerror(-r));
	return r == -ENOENT ? EXIT_USAGE : EXIT_HARNESS;
}
