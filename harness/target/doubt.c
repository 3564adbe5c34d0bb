#include "target/target.h"
#include <stdio.h>

/*
 * One segment that the path loses breaks a claim as a DUT would that is wrong. So what breaks is
 * tried a second time, must break at the same place, and then the path is asked.
 */
const char *path_doubt(const struct lab_target *target, int line)
{
	static char words[120];
	struct path_facts path;
	struct why why = {.text = ""};
	int r;

	if (target->lossy)
		return "the path loses segments";
	if (!target->again)
		return "a segment may have been lost on the path";
	if (target->broken_at && line != target->broken_at)
		return "not what broke in the first try, and a segment may have been lost";
	r = path_measure(&path, target, &why);
	if (r) {
		snprintf(words, sizeof(words), "the path is not fit any more: %.80s", why.text);
		return words;
	}
	if (path.answered == path.sent)
		return NULL;
	snprintf(words, sizeof(words), "the path loses segments, %u of %u just now",
		 path.sent - path.answered, path.sent);
	return words;
}
