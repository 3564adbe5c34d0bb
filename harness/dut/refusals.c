#include "dut/refusals.h"
#include <stdio.h>

#define EVERY sec(1)

void refusals_flush(struct refusals *refusals)
{
	char from[AGENT_ADDRESS_TEXT_MAX], more[48] = "";

	if (!refusals->untold)
		return;
	if (refusals->untold > 1)
		snprintf(more, sizeof(more), " (and %u refused before it)", refusals->untold - 1);
	log_warn("refused %s: %s%s", agent_address_text(&refusals->from, from), refusals->why.text,
	         more);
	refusals->untold = 0;
	refusals->again = clock_monotonic() + EVERY;
}

void refusals_add(struct refusals *refusals, const struct agent_address *from, const char *why)
{
	refusals->untold++;
	refusals->from = *from;
	why_set(&refusals->why, 0, "%s", why);
	refusals_tell(refusals);
}

nanos refusals_due(const struct refusals *refusals)
{
	return refusals->untold ? refusals->again : NANOS_MAX;
}

void refusals_tell(struct refusals *refusals)
{
	if (clock_monotonic() >= refusals->again)
		refusals_flush(refusals);
}
