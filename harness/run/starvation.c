/*
 * Whether a case had no processor to run on.
 */
#include "run/starvation.h"

#define CPU_MAX sec(2) /* cases mostly wait; none needs a tenth of this */

bool starved(const struct cpu_use *use, nanos took, nanos budget)
{
	return use->ran < CPU_MAX && took - use->waited < budget;
}
