#include "run/judge.h"

enum verdict judge_broken(enum level level)
{
	switch (level) {
	case LEVEL_SHOULD:
	case LEVEL_SHOULD_NOT:
		return VERDICT_DEVIATION;
	case LEVEL_MAY:
		return VERDICT_PASS;
	case LEVEL_UNSET:
	case LEVEL_MUST:
	case LEVEL_MUST_NOT:
	case LEVEL_DOCUMENTED:
		break;
	}
	return VERDICT_FAIL;
}

bool judge_expected(enum verdict verdict, enum verdict foreseen)
{
	return verdict == foreseen || verdict == VERDICT_SKIP;
}

bool judge_counts(enum verdict verdict, enum verdict foreseen, bool strict)
{
	if (verdict == VERDICT_ERROR || verdict == VERDICT_INCONCLUSIVE)
		return false;
	if (judge_expected(verdict, foreseen))
		return false;
	return verdict != VERDICT_DEVIATION || strict || foreseen != VERDICT_PASS;
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

int judge_status(const struct tally *tally, bool evidence_lost)
{
	if (tally->count[VERDICT_ERROR] || evidence_lost)
		return EXIT_HARNESS;
	if (tally->unexpected)
		return EXIT_UNEXPECTED;
	if (tally->count[VERDICT_INCONCLUSIVE])
		return EXIT_HARNESS;
	return EXIT_EXPECTED;
}

const char *judge_missing(unsigned needs, unsigned given)
{
	unsigned missing = (needs ? needs : (unsigned)DUT_AGENT) & ~given;

	if (missing & DUT_AGENT)
		return "needs socket calls on the DUT, and there is no agent";
	if (missing & SYSCTLS)
		return "needs the DUT's sysctls, and they cannot be set here";
	if (missing & FLOOD)
		return "fills the DUT's queues, and that is not allowed here (--intrusive)";
	if (missing & OWN_DUT)
		return "needs a DUT that remembers nothing of other cases: a lab's";
	if (missing & ON_LINK)
		return "needs the host on the same link, with no router between";
	if (missing & (NO_FILTER | NO_STRICT_FILTER))
		return "rests on segments that a stateful filter before the host's TCP drops "
		       "(--no-filter judges it)";
	if (missing & VIRTUAL_TIME)
		return "takes hours where idle time is not skipped";
	if (missing & AGREES_TO_TIMESTAMPS)
		return "the DUT does not agree to timestamps";
	if (missing & AGREES_TO_SCALE)
		return "the DUT does not agree to a window scale";
	if (missing & SERVICE_ECHO)
		return "needs a service that sends what it gets (--service echo)";
	if (missing & SERVICE_GREET)
		return "needs a service that speaks first (--service greet)";
	if (missing & SERVICE_CLOSE)
		return "needs a service that closes first (--service http)";
	if (missing & SERVICE_HOLDS)
		return "needs a service that never speaks or closes (--service silent)";
	if (missing & SERVICE_QUIET)
		return "needs a service that says nothing (--service discard or silent)";
	if (missing & SERVICE_WAITS)
		return "needs a service that does not speak first";
	return missing ? "needs what this lastack does not know" : NULL;
}
