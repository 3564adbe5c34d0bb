/*
 * Runs, and what their reports say.
 */
#include "matrix.h"
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEED 1 /* always the same: what is shown once is shown again */
#define TRIES_MAX 3

int matrix_new(struct matrix *out, const struct catalogue *catalogue,
               const struct profile *profile, struct why *why)
{
	struct matrix matrix = {.profile = profile, .count = catalogue->count};
	int r = 0;

	matrix.names = calloc(matrix.count, sizeof(*matrix.names));
	matrix.subjects = calloc(matrix.count, sizeof(*matrix.subjects));
	if (!matrix.names || !matrix.subjects) {
		r = why_set(why, ENOMEM, "out of memory");
		goto out;
	}
	for (size_t i = 0; i < matrix.count; i++) {
		const struct catalogue_entry *entry = &catalogue->entries[i];
		unsigned over = entry->record->over;

		matrix.names[i] = entry->name;
		matrix.subjects[i] = (struct subject){.entry = entry,
			.over = !over || over & IPV4 ? IPV4 : IPV6};
		for (int kind = 0; kind < KINDS; kind++)
			matrix.subjects[i].proofs[kind].best = NO_LIE;
	}
	r = company_new(&matrix.company, matrix.names, matrix.count, why);
	if (r)
		goto out;
	matrix.cells = calloc(matrix.count * matrix.company.lie_count, sizeof(*matrix.cells));
	matrix.catchers = calloc(matrix.company.lie_count, sizeof(*matrix.catchers));
	matrix.tries = calloc(matrix.company.lie_count, sizeof(*matrix.tries));
	matrix.short_first = calloc(matrix.count, sizeof(*matrix.short_first));
	if (!matrix.cells || !matrix.catchers || !matrix.tries || !matrix.short_first)
		r = why_set(why, ENOMEM, "out of memory");
out:
	if (r)
		matrix_free(&matrix);
	else
		*out = matrix;
	return r;
}

void matrix_free(struct matrix *matrix)
{
	for (size_t i = 0; matrix->cells && i < matrix->count * matrix->company.lie_count; i++)
		free(matrix->cells[i].message);
	for (size_t i = 0; matrix->subjects && i < matrix->count; i++)
		free(matrix->subjects[i].message);
	free(matrix->cells);
	free(matrix->catchers);
	free(matrix->tries);
	free(matrix->short_first);
	free(matrix->subjects);
	free(matrix->names);
	company_free(&matrix->company);
	*matrix = (struct matrix){.count = 0};
}

bool subject_is_proven(const struct subject *subject)
{
	const struct proof *proofs = subject->proofs;
	bool any = false;

	for (int kind = 0; kind < BELIES_FORM; kind++) {
		if (proofs[kind].wanted && !proofs[kind].caught)
			return false;
		any |= proofs[kind].wanted;
	}
	return any;
}

enum telling_when matrix_when(const struct matrix *matrix, size_t subject, size_t lie,
                              enum telling_when when)
{
	return matrix_chance(matrix, subject, lie)->count == 1 ? TOLD_LAST : when;
}

bool matrix_fell_for(const struct matrix *matrix, size_t subject, size_t lie)
{
	const struct cell *cell = matrix_cell(matrix, subject, lie);

	return cell->claimed && cell->outcome[matrix_when(matrix, subject, lie,
	                                                  cell->claimed_when)] != CAUGHT;
}

struct cell *matrix_cell(const struct matrix *matrix, size_t subject, size_t lie)
{
	return &matrix->cells[subject * matrix->company.lie_count + lie];
}

const struct chance *matrix_chance(const struct matrix *matrix, size_t subject, size_t lie)
{
	return &matrix->company.could[subject * matrix->company.lie_count + lie];
}

static int line_read(struct matrix *matrix, json_t *line, ended_fn enter, const void *arg,
                     struct why *why)
{
	const char *name, *verdict, *message;
	struct ended ended = {.subject = 0};
	int expected;
	double seconds;

	if (json_object_get(line, "summary"))
		return 0;
	if (json_unpack(line, "{s:s, s:s, s:b, s:F, s:s, s?s}", "case", &name, "verdict", &verdict,
	                "expected", &expected, "seconds", &seconds, "message", &message,
	                "judged_by", &ended.judged_by) ||
	    verdict_parse(verdict, &ended.verdict))
		return why_set(why, EPROTO, "a report has a line that is no case's");
	while (ended.subject < matrix->count && strcmp(matrix->names[ended.subject], name) != 0)
		ended.subject++;
	if (ended.subject == matrix->count)
		return why_set(why, EPROTO, "a report has a case that was not run: %s", name);
	ended.expected = expected;
	ended.seconds = (nanos)(seconds * 1e9);
	ended.message = message;
	return enter(matrix, &ended, arg) ? why_set(why, ENOMEM, "out of memory") : 0;
}

static int report_read(struct matrix *matrix, const char *report, size_t len, ended_fn enter,
                       const void *arg, struct why *why)
{
	int r = 0;

	for (size_t at = 0; at < len && !r;) {
		json_error_t error;
		json_t *line = json_loadb(report + at, len - at, JSON_DISABLE_EOF_CHECK, &error);

		if (!line)
			return why_set(why, EPROTO, "a report is no JSON: %s", error.text);
		r = line_read(matrix, line, enter, arg, why);
		json_decref(line);
		at += (size_t)error.position;
		while (at < len && (report[at] == '\n' || report[at] == ' '))
			at++;
	}
	return r;
}

/* Run some of the cases, all at once over one address family. */
static int run_some(struct matrix *matrix, const struct catalogue *some, unsigned over,
                    ended_fn enter, const void *arg, struct why *why)
{
	struct liar liar = company_liar(&matrix->company);
	struct reporter_options to = {.out = NULL};
	struct reporter *reporter = NULL;
	struct run_options options = {.catalogue = some, .profile = matrix->profile, .over = over,
		.seed = SEED, .time_scale = 1, .command = "lastack", .liar = &liar,
		.machine = matrix->machine, .days = matrix->days,
		.reporters = &reporter, .reporter_count = 1};
	char *report = NULL;
	size_t len = 0;
	int r, finished;

	to.out = open_memstream(&report, &len);
	if (!to.out)
		return why_set(why, errno, "out of memory");
	r = reporter_new(&reporter, "json", &to, why);
	if (!r)
		r = run_cases(&options, why);
	finished = reporter_finish(reporter, why);
	fclose(to.out);
	if (r > 128)
		r = why_set(why, EINTR, "ended by signal %d", r - 128);
	if (r >= 0)
		r = finished;
	if (!r)
		r = report_read(matrix, report, len, enter, arg, why);
	free(report);
	return r;
}

static bool is_wanted(const struct matrix *matrix, size_t subject, unsigned over)
{
	const struct company *company = &matrix->company;

	return matrix->subjects[subject].over == over &&
	       (company->witness || company->given[subject] != NO_LIE);
}

/* The wanted ones, by families. */
static int run_wanted(struct matrix *matrix, ended_fn enter, const void *arg, struct why *why)
{
	static const unsigned families[] = {IPV4, IPV6};
	struct catalogue some = {.entries = calloc(matrix->count, sizeof(*some.entries))};
	int r = 0;

	if (!some.entries)
		return why_set(why, ENOMEM, "out of memory");
	for (size_t f = 0; f < 2 && !r; f++) {
		some.count = 0;
		for (size_t i = 0; i < matrix->count; i++)
			if (is_wanted(matrix, i, families[f]))
				some.entries[some.count++] = *matrix->subjects[i].entry;
		if (some.count)
			r = run_some(matrix, &some, families[f], enter, arg, why);
	}
	free(some.entries);
	return r;
}

static int truth_enter(struct matrix *matrix, const struct ended *ended, const void *arg)
{
	struct subject *subject = &matrix->subjects[ended->subject];
	enum verdict verdict = ended->verdict;
	bool broken = verdict == VERDICT_FAIL || verdict == VERDICT_DEVIATION;

	(void)arg;
	subject->verdict = verdict;
	subject->seconds = ended->seconds;
	subject->honest = ended->expected && verdict == VERDICT_PASS;
	subject->fails_already = ended->expected && broken;
	subject->skipped = verdict == VERDICT_SKIP;
	subject->message = strdup(ended->message);
	return subject->message ? 0 : -ENOMEM;
}

/* What the witness saw. */
static void truth_weigh(struct matrix *matrix)
{
	for (size_t i = 0; i < matrix->count; i++) {
		struct subject *subject = &matrix->subjects[i];
		size_t at = i;

		for (size_t lie = 0; lie < matrix->company.lie_count; lie++)
			if (matrix_chance(matrix, i, lie)->count)
				subject->proofs[matrix->company.lies[lie]->kind].wanted = true;
		for (; at > 0; at--) {
			size_t before = matrix->short_first[at - 1];

			if (matrix->subjects[before].seconds <= subject->seconds)
				break;
			matrix->short_first[at] = before;
		}
		matrix->short_first[at] = i;
	}
}

int matrix_truth(struct matrix *matrix, struct why *why)
{
	int r;

	company_ready(&matrix->company);
	matrix->company.witness = true;
	r = run_wanted(matrix, truth_enter, NULL, why);
	matrix->company.witness = false;
	if (!r)
		truth_weigh(matrix);
	return r;
}

static void catch_enter(struct matrix *matrix, size_t subject, size_t lie, enum telling_when when)
{
	struct proof *proof =
		&matrix->subjects[subject].proofs[matrix->company.lies[lie]->kind];
	nanos last = matrix_chance(matrix, subject, lie)->last;

	if (proof->best == NO_LIE || (when == TOLD_LAST && proof->when == TOLD_ALWAYS) ||
	    (when == proof->when && last > matrix_chance(matrix, subject, proof->best)->last)) {
		proof->best = lie;
		proof->when = when;
	}
	if (matrix_cell(matrix, subject, lie)->message)
		return;
	proof->caught++;
	matrix->catchers[lie]++;
}

/* What a verdict says of the lie that was told. */
static enum outcome outcome_of(const struct matrix *matrix, const struct ended *ended)
{
	if (!matrix->company.told[ended->subject].count)
		return UNTOLD;
	if (ended->verdict == matrix->subjects[ended->subject].verdict)
		return BELIEVED;
	if (ended->verdict == VERDICT_FAIL || ended->verdict == VERDICT_DEVIATION)
		return CAUGHT;
	return SPOILT;
}

static int round_enter(struct matrix *matrix, const struct ended *ended, const void *arg)
{
	size_t subject = ended->subject, lie = matrix->company.given[subject];
	struct cell *cell = matrix_cell(matrix, subject, lie);
	enum telling_when when = ((const enum telling_when *)arg)[subject];
	enum outcome outcome = outcome_of(matrix, ended);
	char *message;

	matrix->told += outcome != UNTOLD;
	/* A busy machine may be to blame: once more. */
	if ((outcome == UNTOLD || ended->verdict == VERDICT_INCONCLUSIVE) &&
	    ++cell->tries[when] < TRIES_MAX)
		return 0;
	cell->outcome[when] = outcome;
	if (outcome != CAUGHT)
		return 0;
	catch_enter(matrix, subject, lie, when);
	if (cell->message && when == TOLD_ALWAYS)
		return 0;
	message = strdup(ended->message);
	if (!message)
		return -ENOMEM;
	free(cell->message);
	cell->message = message;
	return 0;
}

int matrix_round(struct matrix *matrix, const enum telling_when *when, struct why *why)
{
	matrix->rounds++;
	return run_wanted(matrix, round_enter, when, why);
}

int matrix_run_given(struct matrix *matrix, ended_fn enter, const void *arg, struct why *why)
{
	return run_wanted(matrix, enter, arg, why);
}
