/*
 * What was found, for people.
 */
#include "match/match.h"
#include "matrix.h"
#include <string.h>

#define MESSAGE_WIDTH 110

static const char *const whens[] = {[TOLD_LAST] = "last", [TOLD_ALWAYS] = "always"};

static unsigned count_chances(const struct matrix *matrix, size_t lie)
{
	unsigned n = 0;

	for (size_t i = 0; i < matrix->count; i++)
		n += matrix->subjects[i].honest && matrix_chance(matrix, i, lie)->count;
	return n;
}

static unsigned count_outcome(const struct matrix *matrix, size_t lie, enum outcome outcome)
{
	unsigned n = 0;

	for (size_t i = 0; i < matrix->count; i++) {
		const struct cell *cell = matrix_cell(matrix, i, lie);

		n += cell->outcome[TOLD_LAST] == outcome || cell->outcome[TOLD_ALWAYS] == outcome;
	}
	return n;
}

static unsigned count_told(const struct matrix *matrix, size_t lie)
{
	unsigned n = 0;

	for (size_t i = 0; i < matrix->count; i++) {
		const struct cell *cell = matrix_cell(matrix, i, lie);

		n += cell->outcome[TOLD_LAST] > UNTOLD || cell->outcome[TOLD_ALWAYS] > UNTOLD;
	}
	return n;
}

/* What is to be said of a lie beside its numbers. *bad when it is not as it should be. */
static void print_note(const struct matrix *matrix, size_t lie, const struct shown *shown,
                       bool *bad, FILE *out)
{
	const struct tale *tale = matrix->company.lies[lie];
	bool heard = count_chances(matrix, lie);

	*bad = false;
	if (matrix->catchers[lie] && tale->unclaimed)
		fprintf(out, "; caught now: its row need not say \"%s\"", tale->unclaimed);
	if (matrix->catchers[lie] || shown->part || !(heard || shown->whole))
		return;
	if (tale->unclaimed) {
		fprintf(out, "; a gap: %s", tale->unclaimed);
		return;
	}
	*bad = true;
	fprintf(out, "; A GAP: no case %s", heard ? "catches it" : "has occasion for it");
}

/* By lie. could: cases with occasion for it; told: cases it was told in. */
static unsigned print_lies(const struct matrix *matrix, const struct shown *shown, FILE *out)
{
	unsigned gaps = 0;

	fprintf(out, "%-34s %6s %5s %5s  %s\n", "lie", "caught", "told", "could",
	        "what it breaks");
	for (size_t i = 0; i < matrix->company.lie_count; i++) {
		const struct tale *lie = matrix->company.lies[i];
		bool bad;

		fprintf(out, "%-34s %6u %5u %5u  %s", lie->name, matrix->catchers[i],
		        count_told(matrix, i), count_chances(matrix, i), lie->breaks);
		print_note(matrix, i, shown, &bad, out);
		fputc('\n', out);
		gaps += bad;
	}
	return gaps;
}

static void print_message(const char *message, FILE *out)
{
	size_t n = strcspn(message, "\n");

	fprintf(out, "%.*s%s\n", (int)(n < MESSAGE_WIDTH ? n : MESSAGE_WIDTH), message,
	        message[n] || n > MESSAGE_WIDTH ? "..." : "");
}

/* The lie, when it was told and out of how long a case, and the rung that broke. */
static void print_catch(const struct matrix *matrix, size_t subject, size_t lie,
                        enum telling_when when, FILE *out)
{
	const struct subject *s = &matrix->subjects[subject];
	const struct chance *chance = matrix_chance(matrix, subject, lie);
	nanos at = when == TOLD_LAST ? chance->last : chance->first;

	fprintf(out, "    %s (%s, %.2f of %.2f s): ", matrix->company.lies[lie]->name,
	        whens[when], (double)at / 1e9, (double)s->seconds / 1e9);
	print_message(matrix_cell(matrix, subject, lie)->message, out);
}

/* What was told in a case, and its verdict was that of the truth. */
static void print_believed(const struct matrix *matrix, size_t subject, FILE *out)
{
	const char *between = "    not caught: ";

	for (size_t i = 0; i < matrix->company.lie_count; i++) {
		const struct cell *cell = matrix_cell(matrix, subject, i);

		if (cell->message || (cell->outcome[TOLD_LAST] <= UNTOLD &&
				      cell->outcome[TOLD_ALWAYS] <= UNTOLD))
			continue;
		fprintf(out, "%s%s", between, matrix->company.lies[i]->name);
		between = ", ";
	}
	if (*between == ',')
		fputc('\n', out);
}

/* Those that have no line of their own. */
static void print_others(const struct matrix *matrix, size_t subject, FILE *out)
{
	const struct proof *proofs = matrix->subjects[subject].proofs;
	const char *between = "    also: ";

	for (size_t i = 0; i < matrix->company.lie_count; i++) {
		if (!matrix_cell(matrix, subject, i)->message || i == proofs[BELIES_WIRE].best ||
		    i == proofs[BELIES_AGENT].best)
			continue;
		fprintf(out, "%s%s", between, matrix->company.lies[i]->name);
		between = ", ";
	}
	if (*between == ',')
		fputc('\n', out);
}

static void print_catches(const struct matrix *matrix, size_t subject, const struct shown *shown,
                          FILE *out)
{
	const struct subject *s = &matrix->subjects[subject];

	for (size_t i = 0; i < matrix->company.lie_count && shown->all; i++) {
		const struct cell *cell = matrix_cell(matrix, subject, i);

		if (cell->outcome[TOLD_LAST] == CAUGHT)
			print_catch(matrix, subject, i, TOLD_LAST, out);
		else if (cell->outcome[TOLD_ALWAYS] == CAUGHT)
			print_catch(matrix, subject, i, TOLD_ALWAYS, out);
	}
	for (int kind = 0; kind < BELIES_FORM && !shown->all; kind++)
		if (s->proofs[kind].best != NO_LIE)
			print_catch(matrix, subject, s->proofs[kind].best, s->proofs[kind].when,
			            out);
	if (!shown->all)
		print_others(matrix, subject, out);
	if (shown->all || !subject_is_proven(s))
		print_believed(matrix, subject, out);
}

/* Lies that belie its claim, and that it did not catch. Returns how many. */
static unsigned print_fallen_for(const struct matrix *matrix, size_t subject, FILE *out)
{
	static const char *const how[] = {[UNTRIED] = "there was no occasion for it",
		[UNTOLD] = "there was no occasion when it was to be told",
		[BELIEVED] = "the verdict was that of the truth",
		[SPOILT] = "the run could not be trusted"};
	unsigned n = 0;

	for (size_t i = 0; i < matrix->company.lie_count; i++) {
		const struct cell *cell = matrix_cell(matrix, subject, i);

		if (!matrix_fell_for(matrix, subject, i))
			continue;
		fprintf(out, "    FALLS FOR %s (%s): %s\n", matrix->company.lies[i]->name,
		        whens[cell->claimed_when],
		        how[cell->outcome[matrix_when(matrix, subject, i, cell->claimed_when)]]);
		n++;
	}
	return n;
}

/* Why it is not proven. */
static void print_unproven(const struct subject *s, FILE *out)
{
	static const char *const kinds[] = {"on the wire", "by the agent"};
	bool any = false;

	for (int kind = 0; kind < BELIES_FORM; kind++) {
		if (!s->proofs[kind].wanted || s->proofs[kind].caught)
			continue;
		fprintf(out, "%s: CANNOT FAIL %s\n", s->entry->name, kinds[kind]);
		any = true;
	}
	if (!any)
		fprintf(out, "%s: CANNOT FAIL, nothing was there to lie about\n", s->entry->name);
}

/* By case. Returns how many are not shown to pass and to fail. */
static unsigned print_cases(const struct matrix *matrix, const struct shown *shown, FILE *out)
{
	unsigned bad = 0;

	for (size_t i = 0; i < matrix->count; i++) {
		const struct subject *s = &matrix->subjects[i];

		if (s->honest) {
			if (subject_is_proven(s))
				fprintf(out, "%s\n", s->entry->name);
			else
				print_unproven(s, out);
			print_catches(matrix, i, shown, out);
			bad += print_fallen_for(matrix, i, out) || !subject_is_proven(s);
		} else if (s->fails_already || s->skipped) {
			fprintf(out, "%s: %s without a lie, as foreseen: ", s->entry->name,
			        verdict_name(s->verdict));
			print_message(s->message, out);
		} else {
			fprintf(out, "%s: THE TRUTH GAVE %s: ", s->entry->name,
			        verdict_name(s->verdict));
			print_message(s->message ? s->message : "", out);
			bad++;
		}
	}
	return bad;
}

static unsigned count_without_claims(const struct matrix *matrix)
{
	unsigned n = 0;

	for (size_t i = 0; i < matrix->count; i++)
		n += matrix->subjects[i].honest && !matrix->subjects[i].claims;
	return n;
}

unsigned matrix_print(const struct matrix *matrix, const struct shown *shown, FILE *out)
{
	unsigned gaps, bad, spoilt = 0;

	gaps = print_lies(matrix, shown, out);
	fputc('\n', out);
	bad = print_cases(matrix, shown, out);
	for (size_t i = 0; i < matrix->company.lie_count; i++)
		spoilt += count_outcome(matrix, i, SPOILT);
	fprintf(out, "\n%zu cases, %u of them without a lie of their own; %zu lies, told %u times "
	             "in %u rounds, spoilt in %u cases\n",
	        matrix->count, count_without_claims(matrix), matrix->company.lie_count,
	        matrix->told, matrix->rounds, spoilt);
	fprintf(out, "not as they should be: %u cases, %u lies\n", bad, gaps);
	return bad + gaps;
}
