/*
 * Time, as a case states it.
 *
 * One unit everywhere: nanoseconds in a signed 64-bit integer. A window says when a segment may
 * come, counted from the rung before it. Windows are judged on capture timestamps.
 */
#ifndef LASTACK_CLOCK_H
#define LASTACK_CLOCK_H

#include <stdint.h>

/* Nanoseconds: a duration, or a point on a clock that the context names. */
typedef int64_t nanos;

/* Microseconds, milliseconds, seconds, as nanoseconds. */
#define us(n) ((nanos)(n) * 1000)
#define ms(n) ((nanos)(n) * 1000000)
#define sec(n) ((nanos)(n) * 1000000000)

/* The last point of time: a window without an upper bound ends here. */
#define NANOS_MAX INT64_MAX

/* What a window promises; WINDOW_UNSET is a template's default, read as within(sec(1)). */
enum window_kind { WINDOW_UNSET, WINDOW_WITHIN, WINDOW_ABOUT, WINDOW_AFTER, WINDOW_BETWEEN };

/* From and to are both included, in ns after the anchor. nominal is what the case named. */
struct window {
	enum window_kind kind;
	nanos from;
	nanos to;
	nanos nominal;
};

/* No later than limit after the anchor. */
struct window window_within(nanos limit);

/*
 * What a kernel timer of this nominal does: [T - 2 ms, T * (1 + percent / 100) + 10 ms]. Timer
 * wheels round up and never down. percent 0 stands for the default, 12.5, which covers Linux's
 * wheel at every HZ.
 */
struct window window_about(nanos nominal, double percent);

/* Not before T - 2 ms, and no later than 2 * T + 1 s. */
struct window window_after(nanos earliest);

/* From one time to another, both as given: no slack is added. */
struct window window_between(nanos from, nanos to);

#define within(limit) window_within(limit)
#define after(earliest) window_after(earliest)
#define between(from, to) window_between(from, to)
/* about(T) or about(T, PERCENT) */
#define about(...) LASTACK_ABOUT(__VA_ARGS__, 0, 0)
#define LASTACK_ABOUT(nominal, percent, ...) window_about(nominal, percent)

#endif
