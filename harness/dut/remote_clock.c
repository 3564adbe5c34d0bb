#include "dut/remote_clock.h"

void remote_clock_learn(struct remote_clock *clock, nanos asked, nanos began, nanos ended,
                        nanos heard)
{
	nanos low = ended - heard, high = began - asked;

	if (asked && (!clock->known || high < clock->high))
		clock->high = high;
	if (asked && !clock->known)
		clock->low = low;
	clock->known |= asked != 0;
	if (clock->known && low > clock->low)
		clock->low = low;
	if (!clock->known || clock->low <= clock->high)
		return;
	/* Without a question's time the width of before is the best guess. */
	if (asked) {
		clock->low = low;
		clock->high = high;
	} else {
		clock->high = clock->low;
	}
}

static nanos ahead(const struct remote_clock *clock)
{
	if (!clock->known || (clock->low <= 0 && clock->high >= 0))
		return 0;
	return clock->low + (clock->high - clock->low) / 2;
}

nanos remote_clock_ours(const struct remote_clock *clock, nanos theirs)
{
	return theirs - ahead(clock);
}

nanos remote_clock_error(const struct remote_clock *clock)
{
	return clock->known ? (clock->high - clock->low) / 2 : 0;
}
