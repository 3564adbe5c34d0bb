/*
 * The fields of each kind of event, as data: writing, reading and copying walk the same tables, so
 * that they cannot disagree.
 */
#ifndef REPORT_EVENT_FIELDS_H
#define REPORT_EVENT_FIELDS_H

#include "report/report.h"

enum field_type {
	FIELD_NAME,     /* const char *: at most EVENT_NAME_MAX bytes; NULL is left out */
	FIELD_TEXT,     /* const char *: at most EVENT_TEXT_MAX bytes; NULL is left out */
	FIELD_NAMES,    /* const char *[EVENT_REQUIREMENTS_MAX], ended by NULL */
	FIELD_BOOL,     /* bool */
	FIELD_INT,      /* int, from 0 */
	FIELD_UNSIGNED, /* unsigned */
	FIELD_SEED,     /* uint64_t; a string in JSON, whose integers have 63 bits here */
	FIELD_NANOS,    /* nanos, at most EVENT_NANOS_MAX either way */
	FIELD_VERDICT,  /* enum verdict, by its name */
	FIELD_LEVEL,    /* enum level, by its name; LEVEL_UNSET is left out */
	FIELD_BREAK,    /* enum break_kind, by its name; BREAK_NONE is left out */
	FIELD_FACTS,    /* struct break_facts, an object of fact_fields; all zero is left out */
	FIELD_COUNTS,   /* unsigned[VERDICTS], an object by the verdicts' names */
};

struct field {
	const char *key; /* NULL ends a table */
	enum field_type type;
	size_t at; /* offset in struct event */
};

struct event_form {
	const char *name;
	bool of_case; /* .name and .over are set */
	const struct field *fields;
};

/*
 * The fields of a verdict's facts; offsets are in struct event. Those that are zero are left out,
 * so that streams from before they existed are read as if all were zero. The object also has
 * "version": FACTS_VERSION, which a change of meaning increases.
 */
#define FACTS_VERSION 1
extern const struct field fact_fields[];

#define EVENT_FORMS (EVENT_SUMMARY + 1)
extern const struct event_form event_forms[EVENT_FORMS];

#define EVENT_NAME_MAX 255
#define EVENT_TEXT_MAX 8191
#define EVENT_LINE_MAX (1u << 20)
/* Some 31 years: sums of a few of them never overflow. */
#define EVENT_NANOS_MAX INT64_C(1000000000000000000)

/* t within the bound. */
nanos nanos_bounded(nanos t);

/* A copy with every string, in one allocation that free() ends. NULL without memory. */
struct event *event_copy(const struct event *event);

#endif
