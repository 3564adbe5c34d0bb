/*
 * match: a segment against a template, a time against a window. Pure; verdict and explanation.
 */
#ifndef MATCH_MATCH_H
#define MATCH_MATCH_H

#include "base/base.h"
#include <lastack/segment.h>

/* One line on what differs: "want ack 1, got 0"; several differences are joined by "; ". */
struct match_report {
	char text[512];
};

/* value is within the span; unset spans hold for all. FROM_TO compares modulo 2^32. */
bool span_holds(struct span span, uint32_t value);
/* "1", "not 1", "1..536", "any". */
#define SPAN_TEXT_MAX 32
const char *span_text(struct span span, char out[SPAN_TEXT_MAX]);

/* The heard segment is as the template says (time excepted). report may be NULL. */
bool match_segment(const struct segment *want, const struct heard *got,
                   struct match_report *report);

/*
 * What every segment that a TCP sends must be, whatever a case expects: a good checksum (RFC 9293
 * MUST-2), zero reserved bits (3.1), well-formed options (MUST-68), zero bytes after EOL (MUST-69),
 * no MSS option without SYN (MUST-65).
 */
bool match_wellformed(const struct heard *got, struct match_report *report);

/*
 * A window's bounds with the unset one read as within(1 s), and the slack of --time-scale: scale
 * (>= 1) stretches what lies above the nominal, never a "not before".
 */
struct window window_scaled(struct window window, double scale);

/* elapsed ns lie within the window (already scaled). report: "came after 1.310 s, want 1 s ..." */
bool match_time(struct window window, nanos elapsed, struct match_report *report);

/*
 * "within 500 ms", "after about 1 s [0.998 s, 1.135 s]", "not before 57 s [56.998 s, 115 s]",
 * "between 1 s and 2 s".
 */
#define WINDOW_TEXT_MAX 96
const char *window_text(struct window window, char out[WINDOW_TEXT_MAX]);
/*
 * "63.104 s", "1.020 ms", "41.2 us", "500 ms", for people: milliseconds are shown from 1 s on, four
 * significant digits at most below; a whole number has no decimals.
 */
#define NANOS_TEXT_MAX 24
const char *nanos_text(nanos duration, char out[NANOS_TEXT_MAX]);

/*
 * The template in the words of a rung: "S. seq 0 ack 1 <mss 1460>"; only what is set. Its time is
 * left to window_text().
 */
void template_text(struct buffer *out, const struct segment *template);

#endif
