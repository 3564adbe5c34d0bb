/*
 * What doctor says of guest kernels, whose idle time is skipped.
 */
#include "cli/checks.h"
#include "guest/guest.h"

void look_virtual_time(struct finding *finding)
{
	struct guest_kernel *kernel = NULL;
	struct why why = {.text = ""};
	nanos began = clock_monotonic();

	if (guest_find(&kernel, "uml", &why)) {
		finding_set(finding, ANSWER_NO, "%s", why.text);
		finding_way(finding, "apt install user-mode-linux, or lastack run --kernel PATH");
		return;
	}
	if (guest_try(kernel, &why)) {
		finding_set(finding, ANSWER_NO, "user-mode Linux %s does not boot here: %s",
			    guest_release(kernel), why.text);
		finding_way(finding, "it wants ptrace() and some memory in /dev/shm or TMPDIR");
	} else {
		finding_set(finding, ANSWER_YES,
			    "user-mode Linux %s boots in %.1f s: lastack run --kernel uml",
			    guest_release(kernel), (double)(clock_monotonic() - began) / 1e9);
	}
	guest_free(kernel);
}
