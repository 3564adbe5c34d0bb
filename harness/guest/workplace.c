/*
 * What a guest is told: the order, and where it finds what it needs of this machine.
 */
#include "guest/initramfs.h"
#include "guest/outside.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int evidence_make(struct workplace *workplace, const char *path, struct why *why)
{
	int folder = folder_open(path, &workplace->made, why);

	if (folder < 0) {
		why_add(why, "evidence folder %s: ", path);
		return -EINVAL;
	}
	close(folder);
	workplace->evidence = realpath(path, NULL);
	if (!workplace->evidence || access(workplace->evidence, W_OK))
		return why_set(why, EINVAL, "evidence folder %s: %s", path, strerror(errno));
	return 0;
}

int workplace_open(struct workplace *workplace, const struct guest_options *options,
		   struct why *why)
{
	workplace->lastack = realpath("/proc/self/exe", NULL);
	if (!workplace->lastack)
		return why_set(why, errno, "/proc/self/exe: %s", strerror(errno));
	if (strchr(options->profile, '/'))
		workplace->profile = realpath(options->profile, NULL);
	if (!options->run->evidence)
		return 0;
	return evidence_make(workplace, options->run->evidence, why);
}

void workplace_close(struct workplace *workplace, bool unused)
{
	if (unused && workplace->made && workplace->evidence)
		rmdir(workplace->evidence);
	free(workplace->profile);
	free(workplace->evidence);
	free(workplace->lastack);
}

int workplace_order(const struct workplace *workplace, const struct guests *guests, unsigned share,
		    struct buffer *out, struct why *why)
{
	const struct guest_options *options = guests->options;
	const struct guest_kernel *kernel = guests->kernel;
	struct order order = {.run = *options->run,
			      .selectors = (const char **)(uintptr_t)options->selectors,
			      .selector_count = options->selector_count,
			      .stack = options->stack,
			      .profile = workplace->profile ? workplace->profile : options->profile,
			      .machine = kernel->machine,
			      .freeze = kernel->freeze,
			      .carrier = workplace->evidence ? kernel->carrier : NULL};
	char *names[GUEST_MODULES_MAX] = {NULL};
	size_t n = 0;
	int r;

	order.run.evidence = workplace->evidence;
	order.run.setups = kernel->setups;
	order.run.days = kernel->time_travel;
	order.run.share = share;
	order.run.shares = guests->count;
	for (; kernel->modules[kernel->early + n]; n++) {
		const char *path = kernel->modules[kernel->early + n];

		names[n] = kernel->carrier ? initramfs_module(path) : strdup(path);
		order.modules[n] = names[n];
		if (!names[n])
			break;
	}
	r = kernel->modules[kernel->early + n] ? -ENOMEM : order_write(out, &order);
	if (!r && out->len > ORDER_BYTES_MAX - ORDER_LINE_MAX)
		r = why_set(why, EINVAL, "too much is selected by name for a guest kernel");
	else if (r)
		why_set(why, -r, "no memory for the order");
	while (n--)
		free(names[n]);
	return r;
}
