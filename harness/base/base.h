/*
 * base: clocks, log, buffers and error text. Every room may look at it; it looks at none.
 */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include <lastack/clock.h>
#include <lastack/requirement.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>
#include <time.h>

/* What went wrong, in words for the user: one line, no full stop. Owned by the caller. */
struct why {
	char text[320];
};

/*
 * Write the text and return -error, so that `return why_set(why, ENODEV, "no interface %s", name);`
 * reports both. error is a positive errno; why may be NULL. why_add() puts a prefix before it.
 */
int why_set(struct why *why, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void why_add(struct why *why, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Clocks, in ns. Real time counts from the epoch, as capture timestamps do. */
nanos clock_monotonic(void);
nanos clock_realtime(void);
/*
 * How much later than asked the kernel may let a sleep of so long end, ns, and no fault of anybody:
 * a thousandth, or a two-hundredth where we are nice, and 100 ms at most (Linux, fs/select.c).
 */
nanos clock_slack(nanos sleep);
/*
 * For the system's calls. A negative time is 0, and one of more than 68 years is 68 years: time_t
 * may have 32 bits.
 */
struct timespec clock_timespec(nanos time);
/* realtime - monotonic now, ns; both are read twice and the tightest pair is taken. */
nanos clock_offset(void);

/*
 * From now on, here and in all children, the clocks are what is read at *time, plus an offset each:
 * where a system call for the time is dear, and somebody else keeps it in shared memory. NULL: the
 * system's again.
 */
void clock_share(const volatile int64_t *time, nanos monotonic, nanos realtime);

/*
 * A growing byte buffer. Zero-initialised is empty. A failed allocation sets failed, and everything
 * after it is ignored, so that only the end has to ask. at is NUL-terminated after the first put.
 */
struct buffer {
	char *at;
	size_t len;
	size_t cap;
	bool failed;
};
void buffer_put(struct buffer *buffer, const void *bytes, size_t n);
void buffer_text(struct buffer *buffer, const char *text);
/* What is left of a file, until most bytes are there or a little more; ferror() is the caller's. */
void buffer_file(struct buffer *buffer, FILE *file, size_t most);
void buffer_printf(struct buffer *buffer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Take n bytes off the front. */
void buffer_drop(struct buffer *buffer, size_t n);
void buffer_free(struct buffer *buffer);

/*
 * The first thing that every program does. Standard descriptors that are closed are opened, so
 * that no file of ours gets a number of theirs: input and error on /dev/null, output on a
 * descriptor that cannot be written to, so that results that nobody gets are an error. SIGXFSZ is
 * ignored: a write beyond the limit of a file's size fails with EFBIG.
 */
void process_prepare(void);

/*
 * The length in bytes of the UTF-8 character at the start of text, and its code point (RFC 3629);
 * 0 if the bytes there are not valid.
 */
size_t utf8_next(const char *text, uint32_t *code);
/*
 * Text from elsewhere (the wire, an agent, a file's name), made harmless for a terminal, in at most
 * size bytes with the final NUL. A line end or a tab becomes a space. What is not valid UTF-8, and
 * characters that a terminal obeys instead of showing them (controls, the marks that change the
 * direction of writing), become \xNN, byte by byte.
 */
void text_clean(char *out, size_t size, const char *text);

/*
 * The folder that the user named, as an O_RDONLY descriptor. With made it is made if it is not
 * there, and *made says so. A symbolic link in path is followed only if its owner is this user or
 * root: in a folder that others can write, anybody can put a link to a folder of ours. -errno with
 * why, which does not name the path; -EPERM for such a link.
 */
int folder_open(const char *path, bool *made, struct why *why);
/* The folder NAME of a folder, made if it is not there. -errno; a link there is not followed. */
int folder_enter(int folder, const char *name);
/* A new file of a folder, for writing; what had that name is removed, never followed. -errno. */
int folder_create(int folder, const char *name);

/*
 * A file that is written for the user: a report, a capture. "-" is a copy of the descriptor of
 * standard output. Links are followed as by
 * folder_open(); a FIFO that no process reads is refused. A regular file is replaced: with
 * OUTPUT_WHOLE only when all of it is written, so that no part of it is ever seen under its name;
 * with OUTPUT_LIVE at once, so that it can be read while it grows.
 */
enum output_kind { OUTPUT_WHOLE, OUTPUT_LIVE };
struct output_file {
	FILE *file;
	int folder;         /* of a regular file; -1: a device or a pipe */
	char name[256];     /* in that folder */
	char temporary[32]; /* its name until it is whole; "" if it has none */
	bool in_place;      /* it has its name from the start */
	bool fresh;         /* there was no such file */
};
/* -errno with why, which names path; nothing is left behind then. */
int output_file_open(struct output_file *out, const char *path, enum output_kind kind,
		     struct why *why);
/* OUTPUT_WHOLE for the file NAME of a folder, where no link is followed. -errno. */
int output_file_open_at(struct output_file *out, int folder, const char *name);
/*
 * Close it. With good, what was written is now the file. Without, or if it could not be written
 * whole, nothing of it remains, nor an older file of that name. -errno.
 */
int output_file_close(struct output_file *out, bool good);
/* Close it as if it had not been opened: an older file remains. */
void output_file_abandon(struct output_file *out);
/* Would these two replace the same file? */
bool output_file_same(const struct output_file *a, const struct output_file *b);

/*
 * Open a file for reading. -errno; why is the reason, without the path. A FIFO that no process
 * opens for writing within two seconds: -ENXIO.
 */
int input_file_open(FILE **out, const char *path, struct why *why);

/* The folder of a path, without the slash; owned by the caller, or NULL. */
char *path_folder(const char *path);
/* FOLDER/MIDDLENAME as an absolute path owned by the caller, or NULL where it is not there. */
char *path_there(const char *folder, const char *middle, const char *name);
/*
 * A file that is installed with this program, as path_there(): it is in the program's folder, or
 * in ../lib/lastack from there.
 */
char *path_beside(const char *name);

/*
 * The log, on stderr, a line a call, cleaned as by text_clean(). The level is the only mutable
 * global of the program; 0 is warnings only.
 */
extern int log_level;
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* What another process wrote to its standard error, cleaned; its lines stay lines. */
void log_foreign(const char *bytes, size_t n);

/*
 * The time that a process and its living descendants ran on a processor, and the time that they
 * were ready to run while other processes ran, ns since each began. Both are 0 where the kernel
 * does not say (no /proc/PID/schedstat).
 */
struct cpu_use {
	nanos ran, waited;
	bool runnable; /* one of them runs, or waits for a processor, now: not counted yet */
};
struct cpu_use cpu_use_of(pid_t pid);
/* The same without the process itself. */
struct cpu_use cpu_use_of_descendants(pid_t pid);
/* The same without the descendants, and without runnable. */
struct cpu_use cpu_use_of_process(pid_t pid);
/* Is the process running, or ready to run, now? False too if there is no such process. */
bool process_is_runnable(pid_t pid);

/* How a claim broke. */
enum break_kind {
	BREAK_NONE,       /* no claim broke */
	BREAK_MISSING,    /* no segment arrived in time */
	BREAK_UNEXPECTED, /* a segment arrived that is not the expected one */
	BREAK_REPEATED,   /* and it has the flags, numbers and length of an earlier one */
	BREAK_ORDER,      /* and it follows data that has not arrived */
	BREAK_LENGTH,     /* the expected segment arrived with another length */
	BREAK_VALUE,      /* the expected segment arrived with a wrong value in another field */
	BREAK_EARLY,      /* the expected segment arrived too early */
	BREAK_LATE,       /* the expected segment arrived too late */
	BREAK_FORM,       /* a segment that no TCP may send: checksum, reserved bits, options */
	BREAK_CHECK,      /* the case compared what it had received, and a condition was false */
	BREAK_RATE,       /* the same, and the condition was about times */
	BREAK_CALL,       /* a socket call, or a state of the DUT, was not as expected */
};
#define BREAKS (BREAK_CALL + 1)
/* "missing", "unexpected" and so on, and "" for BREAK_NONE. break_parse() returns 0 or -EINVAL. */
const char *break_name(enum break_kind kind);
int break_parse(const char *name, enum break_kind *out);

/*
 * What a case's process knows about its end, without any judgement: module verdict alone makes a
 * verdict of it. All zero: nothing broke, and nothing was wrong. Strings are somebody else's.
 */
struct break_facts {
	enum break_kind kind;
	int line;         /* of the case where it ended; 0: none */
	enum level level; /* of the rule that the broken step rests on; LEVEL_UNSET: the case's */
	const char *requirement; /* and its name; NULL: the case's */
	/*
	 * BREAK_EARLY, BREAK_LATE, or a state: the time is wrong by so much; 0: no time is wrong.
	 * BREAK_MISSING: so much later than ideal the segment would still have been in time.
	 */
	nanos off_by;
	nanos late;       /* the most by which a segment of ours left later than it could have */
	nanos stall;      /* and so long our side did not run, just before the break */
	const char *stall_of; /* the program that did not run; NULL without a stall */
	bool starved;         /* the DUT, a process of this machine, waited for a processor */
	unsigned dropped;     /* frames that the capture dropped */
	bool drops_unknown;   /* the kernel does not say how many */
	nanos clock_step;     /* the real-time clock was set by so much while the case ran */
	unsigned longest, mtu; /* a frame of the DUT's that is longer than the MTU, bytes; or 0 */
	unsigned cut;          /* length of a frame that was captured only in part; 0: none */
	/* Least and greatest hop limit (TTL) of the DUT's segments of one connection; 0: none. */
	unsigned hops_least, hops_most;
	const char *foreign_error; /* an ICMP error about our segments, not from the DUT; or NULL */
	const char *unreadable;    /* a segment from the DUT's own hardware address whose header
				    * cannot be read, and why; or NULL */
	int no_lab;   /* the errno of a lab that could not be made, and nothing was tested; 0 */
	int no_reach; /* the same, of an agent or a stack that could not be reached; 0 */
};

/* A small deterministic generator (splitmix64): everything random follows from --seed. */
struct random {
	uint64_t state;
};
uint64_t random_next(struct random *random);
/* Uniform in [low, high]. */
uint32_t random_between(struct random *random, uint32_t low, uint32_t high);
/* FNV-1a of a text, to give each case a stream of its own. */
uint64_t random_hash(const char *text);

#endif
