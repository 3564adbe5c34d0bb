/*
 * stack: another TCP stack than the kernel's, started on this machine as the DUT.
 *
 * Each case has a stack of its own, in network namespaces that nobody can name, as a lab is; it
 * ends with the case's process, by whatever signal. It listens with all services, and is judged as
 * a host somewhere is.
 */
#ifndef STACK_STACK_H
#define STACK_STACK_H

#include "base/base.h"
#include "run/run.h"

/* The stacks' names: "lwip", "slirp", "gvisor"; ended by NULL. Each has a profile of its name. */
extern const char *const stack_names[];

/*
 * Start a stack, see how it answers, and end it again. The calling process has no threads; it is
 * root of a user namespace of its own afterwards where it was an ordinary user's, and in a network
 * namespace of its own. over: the families wanted, 0 for all that the stack has.
 *
 * -ENOPKG: what it is started from is not installed, and why names the package; -EAFNOSUPPORT: it
 * has none of these families; -EPERM: no privilege and no way to it; -ETIMEDOUT, -EIO: it does not
 * start, or does not answer. Owned by the caller.
 */
struct stack;
int stack_open(struct stack **out, const char *name, unsigned over, struct why *why);
/* The DUT for a run, which makes one for each case. It belongs to the stack. */
const struct run_target *stack_target(const struct stack *stack);
/* The families that it is judged over: bits of enum over. */
unsigned stack_over(const struct stack *stack);
/* What was started and how it answers, for people: "lwIP 2.1.3 at 192.0.2.2, round trip ...". */
const char *stack_words(const struct stack *stack);
/* NULL is fine. */
void stack_free(struct stack *stack);

/*
 * For a stack that programs run on: this process listens with all services, writes a line to
 * standard output, and stays. Returns only where it cannot: -errno with why.
 */
int stack_serve(struct why *why);

#endif
