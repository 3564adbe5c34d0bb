/*
 * The pieces of JSON lines for programs. Of the report room only.
 */
#ifndef REPORT_JSON_LINE_H
#define REPORT_JSON_LINE_H

#include "report/report.h"
#include <jansson.h>

/* A string, bytes that are no UTF-8 replaced. NULL without memory. */
json_t *json_text(const char *text);
/* The counts and times of a run, an object. NULL without memory. */
json_t *json_summary(const struct event_summary *summary);
/* Write and free one line; json is NULL without memory. */
void json_put_line(struct buffer *out, json_t *json);

#endif
