/*
 * What passes between the kernel and its processes, which it runs under ptrace.
 *
 * Up to 6.12 it hands over 2,696 bytes of extended registers, which was all there was once. The
 * machine's kernel takes its own full size only: 11,008 bytes where the processor has AMX. The
 * rest is filled with zeros, and the bits of AMX are not set, which makes it the initial state.
 *
 * It reads the extended registers whenever a process stops, and writes them back before the process
 * goes on, nearly always as they were. Writing what is there is spared.
 */
#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest/clock/shim.h"

/* Where the area's header says which parts are there, and AMX's bits in it. */
enum { XSTATE_MAX = 32768, XSTATE_HEADER = 512, XSTATE_AMX = 3 << 17 };

/* What was read of a process that has not run since. */
struct seen {
	int process; /* 0: nothing */
	size_t len;
	unsigned char area[4096];
};

enum { SEEN = 64 };

static struct seen seen[SEEN];

/* A system call's stop, as PTRACE_O_TRACESYSGOOD marks it. */
enum { CALL_STOP = SIGTRAP | 0x80 };

/* The process whose call is not known yet: its registers are read next. */
static int calling;

static struct seen *seen_of(int process)
{
	return &seen[(unsigned)process % SEEN];
}

static void note_extended(int process, const struct iovec *read)
{
	struct seen *const of = seen_of(process);

	of->process = 0;
	if (read->iov_len > sizeof(of->area))
		return;
	memcpy(of->area, read->iov_base, read->iov_len);
	of->len = read->iov_len;
	of->process = process;
}

/* It runs, or its registers are written: what was read counts no more. */
static void forget_extended(int process)
{
	struct seen *const of = seen_of(process);

	if (of->process == process)
		of->process = 0;
}

/* The machine may have fewer than the kernel has room for: it reads less than it writes then. */
static bool has_extended(int process, const struct iovec *given)
{
	const struct seen *const of = seen_of(process);

	return of->process == process && of->len <= given->iov_len &&
		memcmp(of->area, given->iov_base, of->len) == 0;
}

static long set_extended(int process, const struct iovec *given)
{
	/* Not on the stack, which is a kernel's small one. */
	static unsigned char area[XSTATE_MAX];
	static size_t full;
	struct iovec all = {area, sizeof(area)};
	uint64_t parts;

	if (full == 0 && syscall(SYS_ptrace, (long)PTRACE_GETREGSET, (long)process,
				 (long)NT_X86_XSTATE, &all) == 0)
		full = all.iov_len;
	if (given->iov_len >= full || given->iov_len < XSTATE_HEADER + sizeof(parts))
		return syscall(SYS_ptrace, (long)PTRACE_SETREGSET, (long)process,
			       (long)NT_X86_XSTATE, given);
	memcpy(area, given->iov_base, given->iov_len);
	memset(area + given->iov_len, 0, full - given->iov_len);
	memcpy(&parts, area + XSTATE_HEADER, sizeof(parts));
	parts &= ~(uint64_t)XSTATE_AMX;
	memcpy(area + XSTATE_HEADER, &parts, sizeof(parts));
	all = (struct iovec){area, full};
	return syscall(SYS_ptrace, (long)PTRACE_SETREGSET, (long)process, (long)NT_X86_XSTATE,
		       &all);
}

/* Does it leave the process and its extended registers as they are? */
static bool only_looks(enum __ptrace_request request)
{
	switch (request) {
	case PTRACE_GETREGSET:
	case PTRACE_GETREGS:
	case PTRACE_SETREGS:
	case PTRACE_GETFPREGS:
	case PTRACE_GETSIGINFO:
	case PTRACE_PEEKTEXT:
	case PTRACE_PEEKDATA:
	case PTRACE_PEEKUSER:
		return true;
	default:
		return false;
	}
}

SHIM_EXPORT long ptrace(enum __ptrace_request request, ...)
{
	va_list list;
	int process;
	void *address;
	void *data;
	long peeked = 0;
	long result;

	va_start(list, request);
	process = va_arg(list, int);
	address = va_arg(list, void *);
	data = va_arg(list, void *);
	va_end(list);

	if (request == PTRACE_SETREGSET && shim_mode() != SHIM_OFF &&
	    address == (void *)(intptr_t)NT_X86_XSTATE) {
		if (has_extended(process, data))
			return 0;
		forget_extended(process);
		return set_extended(process, data);
	}
	if (!only_looks(request))
		forget_extended(process);
	/* The C library hands what was peeked back as the result, the kernel does not. */
	if (request == PTRACE_PEEKTEXT || request == PTRACE_PEEKDATA ||
	    request == PTRACE_PEEKUSER)
		data = &peeked;
	result = syscall(SYS_ptrace, (long)request, (long)process, address, data);
	if (result == 0 && data == &peeked) {
		errno = 0;
		return peeked;
	}
	if (result == 0 && request == PTRACE_GETREGSET &&
	    address == (void *)(intptr_t)NT_X86_XSTATE)
		note_extended(process, data);
	if (result == 0 && request == PTRACE_GETREGS && process == calling) {
		calling = 0;
		shim_saw_call(process, (long)((struct user_regs_struct *)data)->orig_rax);
	}
	return result;
}

SHIM_EXPORT pid_t waitpid(pid_t process, int *status, int flags)
{
	const pid_t found = (pid_t)syscall(SYS_wait4, process, status, flags, NULL);

	if (shim_mode() == SHIM_FROZEN && found > 0 && status && WIFSTOPPED(*status)) {
		if (WSTOPSIG(*status) == CALL_STOP)
			calling = found;
		else
			shim_saw_stop(found);
	}
	return found;
}
