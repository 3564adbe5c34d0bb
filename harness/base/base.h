/*
 * base: clocks, log, buffers and error text. Every room may look at it; it looks at none.
 */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include <lastack/clock.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
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

/* The folder of a path, without the slash; owned by the caller, or NULL. */
char *path_folder(const char *path);
/* FOLDER/MIDDLENAME as an absolute path owned by the caller, or NULL where it is not there. */
char *path_there(const char *folder, const char *middle, const char *name);
/*
 * A file that is installed with this program, as path_there(): it is in the program's folder, or
 * in ../lib/lastack from there.
 */
char *path_beside(const char *name);

/* The log, on stderr. The level is the only mutable global of the program; 0 is warnings only. */
extern int log_level;
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

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
