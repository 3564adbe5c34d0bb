/*
 * How a report is put together, private to match.
 */
#ifndef MATCH_REPORT_H
#define MATCH_REPORT_H

#include "match/match.h"

/* Both accept NULL. A report starts empty; each difference after the first follows "; ". */
void report_start(struct match_report *report);
void report_add(struct match_report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
