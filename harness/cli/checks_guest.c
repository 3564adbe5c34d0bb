/*
 * What doctor says of DUTs that are programs of this machine: guest kernels, whose idle time is
 * skipped, and other stacks. None is needed for a run.
 */
#include "cli/checks.h"
#include "guest/guest.h"
#include "stack/stack.h"
#include <errno.h>

void look_virtual_time(struct finding *finding)
{
	struct guest_kernel *kernel = NULL;
	struct why why = {.text = ""};
	nanos began = clock_monotonic();
	int r = guest_find(&kernel, "uml", &why);

	if (r) {
		finding_told(finding, r == -ENOTSUP ? ANSWER_NOTE : ANSWER_NO, &why);
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

/* The stack is started, and answers. */
static void look_stack(struct finding *finding, const char *name)
{
	struct stack *stack = NULL;
	struct why why = {.text = ""};

	if (stack_open(&stack, name, 0, &why)) {
		finding_told(finding, ANSWER_NO, &why);
		return;
	}
	finding_set(finding, ANSWER_YES, "%s: lastack run --stack %s", stack_words(stack), name);
	stack_free(stack);
}

void look_stack_lwip(struct finding *finding)
{
	look_stack(finding, "lwip");
}

void look_stack_slirp(struct finding *finding)
{
	look_stack(finding, "slirp");
}
