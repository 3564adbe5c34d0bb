/*
 * How long something takes, for people. Of the report room only.
 */
#ifndef REPORT_DURATION_H
#define REPORT_DURATION_H

#include "base/base.h"

/*
 * Append "3.204 s" with so many digits, and from two minutes on in the two units that count:
 * "15 min 24 s", "1 h 58 min", "24 days 20 h". Nothing is rounded up there.
 */
void put_duration(struct buffer *out, nanos time, int digits);

#endif
