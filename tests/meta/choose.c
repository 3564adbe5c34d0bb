/*
 * Which lie is told next in which case.
 *
 * A case that breaks in its first rung shows little of itself. So each is given those lies first
 * that can be told late, and of these only their last telling: all before it is true, and the case
 * has to come so far to catch it.
 */
#include "matrix.h"
#include <limits.h>
#include <string.h>

/* So many cases try a lie that nobody has caught in the first rounds; later as many as can. */
#define TRIES_A_ROUND 4
#define FIRST_ROUNDS 4

static bool is_open(const struct matrix *matrix, size_t subject, size_t lie,
                    enum telling_when when)
{
	const struct chance *chance = matrix_chance(matrix, subject, lie);
	const struct cell *cell = matrix_cell(matrix, subject, lie);

	if (!chance->count || cell->outcome[when] != UNTRIED)
		return false;
	/* To be told once is to be told the last time. */
	if (when == TOLD_ALWAYS && chance->count == 1 && cell->outcome[TOLD_LAST] != UNTOLD)
		return false;
	return true;
}

/*
 * The lie for a case that has no proof of some kind yet: the last ones first, and rather what
 * nobody caught before.
 */
static size_t choose_proof(const struct matrix *matrix, size_t subject, enum telling_when when)
{
	const struct proof *proofs = matrix->subjects[subject].proofs;
	nanos best = -1;
	size_t found = NO_LIE;

	for (size_t lie = 0; lie < matrix->company.lie_count; lie++) {
		enum kind kind = matrix->company.lies[lie]->kind;
		nanos last = matrix_chance(matrix, subject, lie)->last;

		if (kind == BELIES_FORM || proofs[kind].caught ||
		    !is_open(matrix, subject, lie, when))
			continue;
		if (!matrix->catchers[lie])
			last += ms(20);
		if (last > best) {
			best = last;
			found = lie;
		}
	}
	return found;
}

/* A lie that nobody has caught, and that few have tried in this round. */
static size_t choose_gap(const struct matrix *matrix, size_t subject, unsigned *tries,
                         enum telling_when *when)
{
	unsigned most = matrix->rounds < FIRST_ROUNDS ? TRIES_A_ROUND : UINT_MAX;
	size_t found = NO_LIE;

	for (size_t lie = 0; lie < matrix->company.lie_count; lie++) {
		bool always = is_open(matrix, subject, lie, TOLD_ALWAYS);

		if (matrix->catchers[lie] || tries[lie] >= most ||
		    (matrix->company.lies[lie]->unclaimed && most > TRIES_A_ROUND) ||
		    (!always && !is_open(matrix, subject, lie, TOLD_LAST)))
			continue;
		if (found == NO_LIE || tries[lie] < tries[found]) {
			found = lie;
			*when = always ? TOLD_ALWAYS : TOLD_LAST;
		}
	}
	if (found != NO_LIE)
		tries[found]++;
	return found;
}

/* Every lie in turn: its last telling, and where that was believed all of them. */
static size_t choose_next(const struct matrix *matrix, size_t subject, enum telling_when *when)
{
	for (size_t lie = 0; lie < matrix->company.lie_count; lie++) {
		bool caught = matrix_cell(matrix, subject, lie)->outcome[TOLD_LAST] == CAUGHT;

		*when = TOLD_LAST;
		if (is_open(matrix, subject, lie, *when))
			return lie;
		*when = TOLD_ALWAYS;
		if (!caught && is_open(matrix, subject, lie, *when))
			return lie;
	}
	return NO_LIE;
}

static size_t choose(const struct matrix *matrix, size_t subject, bool all, unsigned *tries,
                     enum telling_when *when)
{
	size_t lie = NO_LIE;

	if (all)
		return choose_next(matrix, subject, when);
	if (!subject_is_proven(&matrix->subjects[subject])) {
		*when = TOLD_LAST;
		lie = choose_proof(matrix, subject, *when);
		if (lie == NO_LIE) {
			*when = TOLD_ALWAYS;
			lie = choose_proof(matrix, subject, *when);
		}
	}
	return lie == NO_LIE ? choose_gap(matrix, subject, tries, when) : lie;
}

size_t matrix_choose(struct matrix *matrix, bool all, enum telling_when *when)
{
	struct company *company = &matrix->company;
	size_t given = 0;

	company_ready(company);
	memset(matrix->tries, 0, company->lie_count * sizeof(*matrix->tries));
	for (size_t n = 0; n < matrix->count; n++) {
		size_t i = matrix->short_first[n], lie;

		if (!matrix->subjects[i].honest)
			continue;
		lie = choose(matrix, i, all, matrix->tries, &when[i]);
		if (lie == NO_LIE)
			continue;
		company->given[i] = lie;
		if (when[i] == TOLD_LAST)
			company->spare[i] = matrix_chance(matrix, i, lie)->count - 1;
		given++;
	}
	return given;
}
