#include <errno.h>
#include <lastack/verdict.h>
#include <string.h>

static const char *const names[VERDICTS] = {"pass", "skip", "deviation", "inconclusive", "fail",
	"error"};

const char *verdict_name(enum verdict verdict)
{
	return (unsigned)verdict < VERDICTS ? names[verdict] : "unknown";
}

int verdict_parse(const char *name, enum verdict *out)
{
	for (unsigned i = 0; i < VERDICTS; i++)
		if (!strcmp(names[i], name)) {
			*out = (enum verdict)i;
			return 0;
		}
	return -EINVAL;
}
