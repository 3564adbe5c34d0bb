#include "match/report.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void report_start(struct match_report *report)
{
	if (report)
		report->text[0] = '\0';
}

void report_add(struct match_report *report, const char *format, ...)
{
	size_t used;
	va_list args;

	if (!report)
		return;
	used = strlen(report->text);
	if (used && used + 2 < sizeof(report->text)) {
		memcpy(report->text + used, "; ", 3);
		used += 2;
	}
	va_start(args, format);
	vsnprintf(report->text + used, sizeof(report->text) - used, format, args);
	va_end(args);
}
