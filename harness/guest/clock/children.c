/*
 * The processes of the kernel's own: those that its guest's programs run in, and its helpers. They
 * end with it, however it ends: otherwise helpers would stay, and what it traced would go on
 * without it, with the machine's system calls in place of the guest's.
 */
#include <dlfcn.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest/clock/shim.h"

typedef int entry_fn(void *arg);
typedef int clone_fn(entry_fn *enter, void *stack, int flags, void *arg, ...);
typedef pid_t fork_fn(void);

/* What a child is to do, on the top of its own stack. */
struct child {
	entry_fn *enter;
	void *arg;
	int parent;
};

static clone_fn *real;
static fork_fn *real_fork;

/* Before the kernel starts: its stacks are too small for the loader. */
__attribute__((constructor)) static void find_real(void)
{
	real = (clone_fn *)(uintptr_t)dlsym(RTLD_NEXT, "clone");
	real_fork = (fork_fn *)(uintptr_t)dlsym(RTLD_NEXT, "fork");
}

static void tie(int parent)
{
	syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if ((int)syscall(SYS_getppid) != parent)
		syscall(SYS_exit_group, 1);
}

static int child_enter(void *arg)
{
	const struct child child = *(const struct child *)arg;

	tie(child.parent);
	return child.enter(child.arg);
}

/*
 * By this the kernel looks at the machine's ptrace() while it starts. A child whose parent was
 * killed just then would be traced by the machine's first process, and stay stopped for ever.
 */
SHIM_EXPORT pid_t fork(void)
{
	const int parent = (int)syscall(SYS_getpid);
	pid_t pid = real_fork();

	if (!pid && shim_mode() != SHIM_OFF)
		tie(parent);
	return pid;
}

SHIM_EXPORT int clone(entry_fn *enter, void *stack, int flags, void *arg, ...)
{
	struct child *child;

	if (shim_mode() == SHIM_OFF || flags & (CLONE_THREAD | CLONE_PARENT))
		return real(enter, stack, flags, arg);
	/* Room for it, and still aligned as calls want it. */
	child = (struct child *)(((uintptr_t)stack - sizeof(*child)) & ~(uintptr_t)63);
	*child = (struct child){.enter = enter, .arg = arg, .parent = (int)syscall(SYS_getpid)};
	return real(child_enter, child, flags, child);
}
