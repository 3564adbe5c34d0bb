/*
 * Which lie is told next in which case.
 *
 * First those that belie the case's claim. A case that breaks in its first rung shows little of
 * itself. So each is then given the lies that can be told late, and of these only their last
 * telling: all before it is true, and the case has to come so far to catch it. At the end, what
 * nobody caught is told wherever it can be.
 */
#include "matrix.h"
#include <string.h>

/* So many cases try a lie that nobody has caught in the first rounds for them; then all. */
#define TRIES_A_ROUND 4
#define FIRST_ROUNDS 2
/* So many last tellings are tried before a lie is told always. */
#define LAST_TRIES 5
/* What nobody caught before is preferred to what comes so much later. */
#define RATHER ms(20)

/* Claims and a proof of each kind; what nobody has caught yet; everything. */
enum purpose { FOR_PROOFS, FOR_GAPS, FOR_ALL };

static bool is_open(const struct matrix *matrix, size_t subject, size_t lie,
                    enum telling_when when)
{
	return matrix_chance(matrix, subject, lie)->count &&
	       matrix_when(matrix, subject, lie, when) == when &&
	       matrix_cell(matrix, subject, lie)->outcome[when] == UNTRIED;
}

static size_t choose_claim(const struct matrix *matrix, size_t subject, enum telling_when *when)
{
	for (size_t lie = 0; lie < matrix->company.lie_count; lie++) {
		const struct cell *cell = matrix_cell(matrix, subject, lie);

		*when = matrix_when(matrix, subject, lie, cell->claimed_when);
		if (cell->claimed && is_open(matrix, subject, lie, *when))
			return lie;
	}
	return NO_LIE;
}

/* How many lies of this kind the case has believed when they were told last. */
static unsigned last_tries(const struct matrix *matrix, size_t subject, enum kind kind)
{
	unsigned n = 0;

	for (size_t lie = 0; lie < matrix->company.lie_count; lie++)
		n += matrix->company.lies[lie]->kind == kind &&
		     matrix_cell(matrix, subject, lie)->outcome[TOLD_LAST] > UNTRIED;
	return n;
}

/* The lie of a kind that can be told the latest. */
static size_t choose_latest(const struct matrix *matrix, size_t subject, enum kind kind,
                            enum telling_when when)
{
	nanos best = -1;
	size_t found = NO_LIE;

	for (size_t lie = 0; lie < matrix->company.lie_count; lie++) {
		const struct tale *tale = matrix->company.lies[lie];
		nanos last = matrix_chance(matrix, subject, lie)->last;

		if (tale->kind != kind || tale->unclaimed || !is_open(matrix, subject, lie, when))
			continue;
		if (!matrix->catchers[lie])
			last += RATHER;
		if (last > best) {
			best = last;
			found = lie;
		}
	}
	return found;
}

/* The lie for a case that has no good proof of some kind yet. */
static size_t choose_proof(const struct matrix *matrix, size_t subject, enum telling_when *when)
{
	const struct proof *proofs = matrix->subjects[subject].proofs;
	size_t lie = NO_LIE;

	for (int kind = 0; kind < BELIES_FORM && lie == NO_LIE; kind++) {
		bool late = proofs[kind].caught && proofs[kind].when == TOLD_LAST;

		*when = TOLD_LAST;
		if (!late && last_tries(matrix, subject, (enum kind)kind) < LAST_TRIES)
			lie = choose_latest(matrix, subject, (enum kind)kind, *when);
		if (lie != NO_LIE || proofs[kind].caught)
			continue;
		*when = TOLD_ALWAYS;
		lie = choose_latest(matrix, subject, (enum kind)kind, *when);
		if (lie != NO_LIE)
			continue;
		*when = TOLD_LAST;
		lie = choose_latest(matrix, subject, (enum kind)kind, *when);
	}
	return lie;
}

/* A lie that nobody has caught, and that few have tried in this round. */
static size_t choose_gap(struct matrix *matrix, size_t subject, enum telling_when *when)
{
	bool few = matrix->gap_rounds < FIRST_ROUNDS;
	unsigned *tries = matrix->tries;
	size_t found = NO_LIE;

	for (size_t lie = 0; lie < matrix->company.lie_count; lie++) {
		bool always = is_open(matrix, subject, lie, TOLD_ALWAYS);

		if (matrix->catchers[lie] || (few && tries[lie] >= TRIES_A_ROUND) ||
		    (!few && matrix->company.lies[lie]->unclaimed) ||
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

/* Every lie in turn: its last telling, and where that was not caught all of them. */
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

static size_t choose(struct matrix *matrix, size_t subject, enum purpose purpose,
                     enum telling_when *when)
{
	size_t lie;

	if (purpose == FOR_GAPS)
		return choose_gap(matrix, subject, when);
	lie = choose_claim(matrix, subject, when);
	if (lie != NO_LIE)
		return lie;
	return purpose == FOR_ALL ? choose_next(matrix, subject, when)
	                          : choose_proof(matrix, subject, when);
}

static size_t choose_round(struct matrix *matrix, enum purpose purpose, enum telling_when *when)
{
	struct company *company = &matrix->company;
	size_t given = 0;

	company_ready(company);
	memset(matrix->tries, 0, company->lie_count * sizeof(*matrix->tries));
	for (size_t n = 0; n < matrix->count; n++) {
		size_t i = matrix->short_first[n], lie;

		if (!matrix->subjects[i].honest)
			continue;
		lie = choose(matrix, i, purpose, &when[i]);
		if (lie == NO_LIE)
			continue;
		company->given[i] = lie;
		if (when[i] == TOLD_LAST)
			company->spare[i] = matrix_chance(matrix, i, lie)->count - 1;
		given++;
	}
	return given;
}

size_t matrix_choose(struct matrix *matrix, enum search search, enum telling_when *when)
{
	size_t given = choose_round(matrix, search == SEARCH_ALL ? FOR_ALL : FOR_PROOFS, when);

	if (given || search != SEARCH_GAPS)
		return given;
	given = choose_round(matrix, FOR_GAPS, when);
	/* Where few may try, none may be left to: then all may. */
	if (!given && matrix->gap_rounds < FIRST_ROUNDS) {
		matrix->gap_rounds = FIRST_ROUNDS;
		given = choose_round(matrix, FOR_GAPS, when);
	}
	matrix->gap_rounds++;
	return given;
}
