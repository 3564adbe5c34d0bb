#include "report/duration.h"
#include "report/event_fields.h"

#define MINUTE sec(60)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
/* Up to here seconds are what somebody counts in. */
#define SECONDS_END (2 * MINUTE)

/* "3 h 5 min": the smaller unit is left out where there is none of it. */
static void put_units(struct buffer *out, nanos time, nanos large, const char *large_name,
		      nanos small, const char *small_name)
{
	long long rest = (long long)(time % large / small);

	buffer_printf(out, "%lld %s", (long long)(time / large), large_name);
	if (rest)
		buffer_printf(out, " %lld %s", rest, small_name);
}

void put_duration(struct buffer *out, nanos time, int digits)
{
	time = nanos_bounded(time);
	if (time < SECONDS_END)
		buffer_printf(out, "%.*f s", digits, (double)(time / 1000) / 1e6);
	else if (time < HOUR)
		put_units(out, time, MINUTE, "min", sec(1), "s");
	else if (time < DAY)
		put_units(out, time, HOUR, "h", MINUTE, "min");
	else
		put_units(out, time, DAY, time < 2 * DAY ? "day" : "days", HOUR, "h");
}
