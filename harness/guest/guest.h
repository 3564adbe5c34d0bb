/*
 * guest: the same run on another Linux kernel, started here as a process, whose idle time is
 * skipped: hours of TCP's timers take seconds, and no privilege is needed.
 *
 * The guest kernel finds this program as its init, with this machine's files, which it cannot
 * change, or with copies of those that it needs. The run inside hands its events out as JSON lines;
 * the reporters are outside.
 */
#ifndef GUEST_GUEST_H
#define GUEST_GUEST_H

#include "base/base.h"
#include "run/run.h"

/* A kernel that was found and asked what it can do. */
struct guest_kernel;

/*
 * name: "uml" (the user-mode-linux package's kernel), "qemu:PATH" (a kernel image, run by QEMU), or
 * the path of a user-mode Linux kernel. -EINVAL: there is none, it is no kernel of that kind, or it
 * lacks what a lab needs; why names the way out. -ENOPKG: the package that why names is not
 * installed; -ELIBACC: the clock's library was not built; -ENOTSUP: this processor has no virtual
 * time. Owned by the caller.
 */
int guest_find(struct guest_kernel **out, const char *name, struct why *why);
void guest_free(struct guest_kernel *kernel);
/* As it was named. */
const char *guest_name(const struct guest_kernel *kernel);
/* The absolute path of its file. */
const char *guest_path(const struct guest_kernel *kernel);
/* "6.1.176". */
const char *guest_release(const struct guest_kernel *kernel);

struct guest_options {
	const struct run_options *run; /* reporters, ready(): called here, outside */
	char *const *selectors;        /* as typed, and known to be good */
	size_t selector_count;
	const char *profile; /* as typed: a file is read inside */
	const char *stack;   /* the DUT, started inside (stack.h); NULL: the guest's kernel */
	unsigned place;      /* of several guests at a time, this run's first one's number from 0 */
	unsigned guests;     /* of this run at a time, at most; 0: one a processor */
	nanos patience;      /* of wall time without a word from the guest; 0: two minutes */
};

/*
 * Boot the kernel and run the selected cases there. Returns and errors as run_cases(), and 4 with a
 * line on stderr where the guest did not come to its end: what was heard until then is reported,
 * and the console is kept as console.txt in the evidence folder. Nothing else is left behind.
 */
int guest_run(const struct guest_kernel *kernel, const struct guest_options *options,
	      struct why *why);

/*
 * Does this kernel boot here, up to where it would take an order? 0, or -EIO with why. Takes as
 * long as a boot.
 */
int guest_try(const struct guest_kernel *kernel, struct why *why);

/*
 * The other end: this process is the init of a guest kernel. words: "CHANNEL", the device that
 * leads outside, or, where the guest has files of its own, "CHANNEL ORDER MODULE...": the file with
 * the order, and the modules that make the channel; what follows them is the kernel's. Ended by
 * NULL. Returns only where it is not init: -EINVAL with why.
 */
int guest_init(char *const *words, struct why *why);

#endif
