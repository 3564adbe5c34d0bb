/*
 * libxml2's writer with its errors collected, for a document in memory. Every text is cleaned on
 * its way in, and NULL is an empty one.
 */
#ifndef REPORT_XML_H
#define REPORT_XML_H

#include "base/base.h"

struct xml {
	const struct xml_library *lib; /* NULL: it could not be loaded */
	struct _xmlTextWriter *writer;
	struct _xmlBuffer *text;
	bool failed; /* memory ran out: nothing will come of the document */
};

/* Is the library there? -ENOENT with why. */
int xml_load(struct why *why);

void xml_begin(struct xml *xml);
/* End the document, append it to out, which has failed where the document has, and free. */
void xml_end(struct xml *xml, struct buffer *out);

void xml_open(struct xml *xml, const char *name);
void xml_close(struct xml *xml);
void xml_attribute(struct xml *xml, const char *name, const char *text);
void xml_number(struct xml *xml, const char *name, unsigned number);
/* The attribute time, in seconds. */
void xml_time(struct xml *xml, nanos time);
void xml_text(struct xml *xml, const char *text);

#endif
