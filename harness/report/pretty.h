/*
 * The parts of the pretty report. Each appends to the reporter's out.
 */
#ifndef REPORT_PRETTY_H
#define REPORT_PRETTY_H

#include "report/reporter.h"

/* SGR codes where colours are welcome; "0" ends them. */
void pretty_paint(struct reporter *reporter, const char *codes);
/* The colour of an outcome, as SGR codes. */
const char *pretty_colour(enum outcome outcome);
/*
 * A text cleaned and broken into lines at the width, the first of which starts at a column where
 * the caller left off; the others are indented to it.
 */
void pretty_wrap(struct reporter *reporter, const char *text, size_t column);
/* A command is never broken: whoever selects the line can run it. */
void pretty_command(struct reporter *reporter, const char *command);
/* An empty line, unless there is one already. */
void pretty_gap(struct reporter *reporter);
/* The drawing of a case's ladder, as wide as the terminal. */
void pretty_ladder(struct reporter *reporter, const struct record *record);
/* How many columns there are. */
size_t pretty_width(const struct reporter *reporter);

/* "pass       handshake.three_way_open ipv4      0.004 s". */
void pretty_line(struct reporter *reporter, const struct record *record);
/* What somebody needs who looks into a case: claim, requirement, message, ladder, where, how. */
void pretty_block(struct reporter *reporter, const struct record *record);
/* The lists and the summary. */
void pretty_end(struct reporter *reporter, const struct event_summary *summary);

/* Take the status off the terminal; draw it anew below what was written. */
void pretty_status_clear(struct reporter *reporter);
void pretty_status_draw(struct reporter *reporter);
/* An event was taken in: draw the status where a terminal is due for it. */
void pretty_status_seen(struct reporter *reporter, const struct event *event);

/* "203 pass, 3 deviation in 12 min 4 s of virtual time, 11.2 s of real time". */
void summary_text(struct buffer *out, const struct event_summary *summary);
/* ", 3 inconclusive attempts repeated", or nothing where none was. */
void retries_text(struct buffer *out, const struct event_summary *summary);
/* What an exit status means. */
const char *status_text(int status);

#endif
