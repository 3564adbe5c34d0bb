#include "report/xml.h"
#include "report/clean.h"
#include "report/reporter.h"
#include <libxml/xmlwriter.h>

/* libxml2's functions return -1 without memory. */
static void xml_check(struct xml *xml, int result)
{
	xml->failed |= result < 0;
}

void xml_begin(struct xml *xml)
{
	*xml = (struct xml){.text = xmlBufferCreate()};
	if (xml->text)
		xml->writer = xmlNewTextWriterMemory(xml->text, 0);
	if (!xml->writer) {
		xml->failed = true;
		return;
	}
	xml_check(xml, xmlTextWriterSetIndent(xml->writer, 1));
	xml_check(xml, xmlTextWriterStartDocument(xml->writer, "1.0", "UTF-8", NULL));
}

void xml_end(struct xml *xml, struct buffer *out)
{
	if (xml->writer) {
		xml_check(xml, xmlTextWriterEndDocument(xml->writer));
		xmlFreeTextWriter(xml->writer);
	}
	if (xml->failed)
		out->failed = true;
	else
		buffer_put(out, xmlBufferContent(xml->text), (size_t)xmlBufferLength(xml->text));
	if (xml->text)
		xmlBufferFree(xml->text);
}

void xml_open(struct xml *xml, const char *name)
{
	xml_check(xml, xmlTextWriterStartElement(xml->writer, (const xmlChar *)name));
}

void xml_close(struct xml *xml)
{
	xml_check(xml, xmlTextWriterEndElement(xml->writer));
}

void xml_attribute(struct xml *xml, const char *name, const char *text)
{
	struct buffer clean = {.at = NULL};

	clean_xml(&clean, text);
	xml_check(xml, xmlTextWriterWriteAttribute(xml->writer, (const xmlChar *)name,
						   (const xmlChar *)(clean.at ? clean.at : "")));
	xml->failed |= clean.failed;
	buffer_free(&clean);
}

void xml_number(struct xml *xml, const char *name, unsigned number)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", number);
	xml_attribute(xml, name, text);
}

void xml_time(struct xml *xml, nanos time)
{
	char text[32];

	snprintf(text, sizeof(text), "%.3f", seconds_of(time < 0 ? 0 : time));
	xml_attribute(xml, "time", text);
}

void xml_text(struct xml *xml, const char *text)
{
	struct buffer clean = {.at = NULL};

	clean_xml(&clean, text);
	xml_check(xml, xmlTextWriterWriteString(xml->writer,
						(const xmlChar *)(clean.at ? clean.at : "")));
	xml->failed |= clean.failed;
	buffer_free(&clean);
}
