/*
 * Text that came from elsewhere (the wire, a case, a path), made harmless for where it is shown.
 * Each appends to out; NULL appends nothing.
 */
#ifndef REPORT_CLEAN_H
#define REPORT_CLEAN_H

#include "base/base.h"

/*
 * For a terminal, and one line: printable ASCII stays, line ends and tabs become a space, and any
 * other byte is shown as \xNN. Bytes from 0x80 on are among them: a terminal that does not read
 * UTF-8 takes some of them for control characters.
 */
void clean_line(struct buffer *out, const char *text);

/* For XML 1.0: valid characters stay, whatever is none, or a control character, becomes \xNN. */
void clean_xml(struct buffer *out, const char *text);

/* Valid UTF-8 of at most max bytes: a byte that is none becomes U+FFFD. */
void clean_utf8(struct buffer *out, const char *text, size_t max);

#endif
