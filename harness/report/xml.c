#include "report/xml.h"
#include "report/clean.h"
#include "report/reporter.h"
#include <dlfcn.h>
#include <errno.h>
#include <libxml/xmlwriter.h>

/*
 * The library is loaded when the first document is begun: it brings a dozen others with it, and
 * most runs write no XML. The loader's handle is kept to the program's end.
 */
#define FUNCTIONS(each)                                                                            \
	each(xmlBufferCreate) each(xmlBufferContent) each(xmlBufferLength) each(xmlBufferFree)     \
	each(xmlNewTextWriterMemory) each(xmlFreeTextWriter) each(xmlTextWriterSetIndent)          \
	each(xmlTextWriterStartDocument) each(xmlTextWriterEndDocument)                            \
	each(xmlTextWriterStartElement) each(xmlTextWriterEndElement)                              \
	each(xmlTextWriterWriteAttribute) each(xmlTextWriterWriteString)

struct xml_library {
#define MEMBER(function) __typeof__(function) *function;
	FUNCTIONS(MEMBER)
#undef MEMBER
};

/* NULL where the library lacks it, or is not there. */
static const struct xml_library *library(void)
{
	static struct xml_library loaded;
	static bool tried, good;
	void *handle;

	if (tried)
		return good ? &loaded : NULL;
	tried = true;
	handle = dlopen(LASTACK_LIBXML2, RTLD_NOW | RTLD_LOCAL);
	if (!handle)
		return NULL;
	good = true;
#define LOAD(function)                                                                             \
	*(void **)&loaded.function = dlsym(handle, #function);                                     \
	good &= loaded.function != NULL;
	FUNCTIONS(LOAD)
#undef LOAD
	return good ? &loaded : NULL;
}

int xml_load(struct why *why)
{
	if (library())
		return 0;
	return why_set(why, ENOENT, "JUnit XML needs %s, which cannot be loaded", LASTACK_LIBXML2);
}

/* libxml2's functions return -1 without memory. */
static void xml_check(struct xml *xml, int result)
{
	xml->failed |= result < 0;
}

void xml_begin(struct xml *xml)
{
	const struct xml_library *lib = library();

	*xml = (struct xml){.lib = lib, .text = lib ? lib->xmlBufferCreate() : NULL};
	if (xml->text)
		xml->writer = lib->xmlNewTextWriterMemory(xml->text, 0);
	if (!xml->writer) {
		xml->failed = true;
		return;
	}
	xml_check(xml, lib->xmlTextWriterSetIndent(xml->writer, 1));
	xml_check(xml, lib->xmlTextWriterStartDocument(xml->writer, "1.0", "UTF-8", NULL));
}

void xml_end(struct xml *xml, struct buffer *out)
{
	const struct xml_library *lib = xml->lib;

	if (xml->writer) {
		xml_check(xml, lib->xmlTextWriterEndDocument(xml->writer));
		lib->xmlFreeTextWriter(xml->writer);
	}
	if (xml->failed)
		out->failed = true;
	else
		buffer_put(out, lib->xmlBufferContent(xml->text),
			   (size_t)lib->xmlBufferLength(xml->text));
	if (xml->text)
		lib->xmlBufferFree(xml->text);
}

void xml_open(struct xml *xml, const char *name)
{
	xml_check(xml, xml->lib->xmlTextWriterStartElement(xml->writer, (const xmlChar *)name));
}

void xml_close(struct xml *xml)
{
	xml_check(xml, xml->lib->xmlTextWriterEndElement(xml->writer));
}

void xml_attribute(struct xml *xml, const char *name, const char *text)
{
	struct buffer clean = {.at = NULL};

	clean_xml(&clean, text);
	xml_check(xml, xml->lib->xmlTextWriterWriteAttribute(xml->writer, (const xmlChar *)name,
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
	xml_check(xml, xml->lib->xmlTextWriterWriteString(xml->writer,
						(const xmlChar *)(clean.at ? clean.at : "")));
	xml->failed |= clean.failed;
	buffer_free(&clean);
}
