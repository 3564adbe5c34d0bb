#include "stack/inside.h"
#include <errno.h>

int gvisor_start(struct started *out, struct why *why)
{
	(void)out;
	return why_set(why, ENOPKG, "--stack gvisor: not yet");
}
