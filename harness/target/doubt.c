/*
 * Whether the path explains that a claim broke, asked within the case's process.
 */
#include "target/sampler.h"
#include <stdio.h>

/*
 * One segment that the path loses breaks a claim as a wrong DUT would. So a case that breaks is run
 * a second time, must break at the same line, and then the path is measured.
 */
const char *path_doubt(const struct lab_target *target, int line)
{
	static char words[160];
	struct path_check *check;
	struct path_facts path;
	struct why why = {.text = ""};
	int r;

	if (target->lossy)
		return "the path loses segments";
	if (!target->again)
		return "a segment may have been lost on the path";
	if (target->broken_at && line != target->broken_at)
		return "not what broke in the first try, and a segment may have been lost";
	r = path_check_begin(&check, target, &why);
	if (!r)
		r = path_check_await(check, &path, &why);
	if (r) {
		snprintf(words, sizeof(words), "the path is not fit any more: %.80s", why.text);
		return words;
	}
	if (!path.lost)
		return NULL;
	snprintf(words, sizeof(words), "the path loses segments, %u of %u just now", path.lost,
		 path.sent);
	return words;
}
