/*
 * Times against windows. The slack of a kernel timer is computed here and nowhere else.
 */
#include "match/match.h"
#include "match/report.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define PERCENT_DEFAULT 12.5
#define EARLY ms(2)
#define LATE ms(10)

/* base + more, at most the last point of time. */
static nanos nanos_plus(nanos base, double more)
{
	double sum = (double)base + more;

	/* As a double, NANOS_MAX is 2^63 and no nanos. */
	return sum >= (double)NANOS_MAX ? NANOS_MAX : base + (nanos)llround(more);
}

struct window window_within(nanos limit)
{
	return (struct window){.kind = WINDOW_WITHIN, .from = 0, .to = limit, .nominal = limit};
}

struct window window_about(nanos nominal, double percent)
{
	double late = (double)nominal * (percent > 0 ? percent : PERCENT_DEFAULT) / 100;

	return (struct window){
		.kind = WINDOW_ABOUT,
		.from = nominal - EARLY,
		.to = nanos_plus(nominal, late + (double)LATE),
		.nominal = nominal,
	};
}

struct window window_after(nanos earliest)
{
	return (struct window){
		.kind = WINDOW_AFTER,
		.from = earliest - EARLY,
		.to = nanos_plus(earliest, (double)earliest + (double)sec(1)),
		.nominal = earliest,
	};
}

struct window window_between(nanos from, nanos to)
{
	return (struct window){.kind = WINDOW_BETWEEN, .from = from, .to = to, .nominal = from};
}

struct window window_scaled(struct window window, double scale)
{
	nanos base;

	if (window.kind == WINDOW_UNSET)
		window = window_within(sec(1));
	/* A limit's nominal is its upper end: there, all that lies above zero stretches. */
	base = window.kind == WINDOW_WITHIN ? 0 : window.nominal;
	if (scale > 1 && window.to > base && window.to != NANOS_MAX)
		window.to = nanos_plus(base, (double)(window.to - base) * scale);
	return window;
}

bool match_time(struct window window, nanos elapsed, struct match_report *report)
{
	const nanos size = elapsed < 0 && elapsed > INT64_MIN ? -elapsed : elapsed;
	char came[NANOS_TEXT_MAX], want[WINDOW_TEXT_MAX];

	if (window.kind == WINDOW_UNSET)
		window = window_scaled(window, 1);
	if (elapsed >= window.from && elapsed <= window.to)
		return true;
	if (report) {
		report_start(report);
		report_add(report, elapsed < 0 ? "came %s before what it should follow, want %s"
					       : "came after %s, want %s",
			   nanos_text(size, came), window_text(window, want));
	}
	return false;
}
