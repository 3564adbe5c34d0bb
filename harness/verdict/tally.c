/*
 * What the verdicts of a run add up to.
 */
#include "verdict/verdict.h"

bool verdict_expected(enum verdict verdict, enum verdict expected)
{
	return verdict == expected || verdict == VERDICT_SKIP;
}

bool verdict_counts(enum verdict verdict, bool expected, bool named, bool strict)
{
	if (expected || verdict == VERDICT_ERROR || verdict == VERDICT_INCONCLUSIVE)
		return false;
	return verdict != VERDICT_DEVIATION || strict || named;
}

void tally_add(struct tally *tally, enum verdict verdict, bool counts)
{
	tally->count[verdict]++;
	tally->unexpected += counts;
}

void tally_remove(struct tally *tally, enum verdict verdict, bool counts)
{
	tally->count[verdict]--;
	tally->unexpected -= counts;
}

int verdict_status(const struct tally *tally, bool lost)
{
	if (tally->count[VERDICT_ERROR] || lost)
		return EXIT_HARNESS;
	if (tally->unexpected)
		return EXIT_UNEXPECTED;
	if (tally->count[VERDICT_INCONCLUSIVE])
		return EXIT_HARNESS;
	return EXIT_EXPECTED;
}
