/*
 * The needs of a case, compared with what is there.
 */
#include "verdict/verdict.h"
#include <lastack/case.h>

const char *verdict_missing(unsigned needs, unsigned given)
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
