#include "report/clean.h"
#include "report/event_fields.h"
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <string.h>

/* A string within its bound. */
static int read_text(const json_t *json, size_t max, const char **out)
{
	if (!json_is_string(json) || json_string_length(json) > max)
		return -EPROTO;
	*out = json_string_value(json);
	return 0;
}

static int read_names(const json_t *json, const char **out)
{
	size_t n = json_array_size(json);

	if (!json_is_array(json) || n >= EVENT_REQUIREMENTS_MAX)
		return -EPROTO;
	for (size_t i = 0; i < n; i++)
		if (read_text(json_array_get(json, i), EVENT_NAME_MAX, &out[i]))
			return -EPROTO;
	out[n] = NULL;
	return 0;
}

static int read_integer(const json_t *json, json_int_t low, json_int_t high, json_int_t *out)
{
	if (!json_is_integer(json) || json_integer_value(json) < low ||
	    json_integer_value(json) > high)
		return -EPROTO;
	*out = json_integer_value(json);
	return 0;
}

static int read_unsigned(const json_t *json, unsigned *out)
{
	json_int_t value;

	if (read_integer(json, 0, UINT_MAX, &value))
		return -EPROTO;
	*out = (unsigned)value;
	return 0;
}

/* Decimal digits alone, below 2^64. */
static int read_seed(const json_t *json, uint64_t *out)
{
	const char *text = json_string_value(json);
	uint64_t seed = 0;

	if (!text || !*text)
		return -EPROTO;
	for (; *text; text++) {
		unsigned digit = (unsigned)(*text - '0');

		if (digit > 9 || seed > (UINT64_MAX - digit) / 10)
			return -EPROTO;
		seed = seed * 10 + digit;
	}
	*out = seed;
	return 0;
}

static int read_verdict(const json_t *json, enum verdict *out)
{
	const char *text = json_string_value(json);

	return text && !verdict_parse(text, out) ? 0 : -EPROTO;
}

static int read_counts(const json_t *json, unsigned *out)
{
	if (json_object_size(json) != VERDICTS)
		return -EPROTO;
	for (unsigned i = 0; i < VERDICTS; i++)
		if (read_unsigned(json_object_get(json, verdict_name((enum verdict)i)), &out[i]))
			return -EPROTO;
	return 0;
}

/* One of n names. */
static int read_of(const json_t *json, const char *(*name_of)(unsigned i), unsigned n,
		   unsigned *out)
{
	const char *text = json_string_value(json);

	for (unsigned i = 1; text && i < n; i++)
		if (!strcmp(text, name_of(i))) {
			*out = i;
			return 0;
		}
	return -EPROTO;
}

static const char *level_of(unsigned i)
{
	return level_name((enum level)i);
}

static const char *break_of(unsigned i)
{
	return break_name((enum break_kind)i);
}

static int read_value(const json_t *json, enum field_type type, void *at)
{
	unsigned n;
	json_int_t value;

	switch (type) {
	case FIELD_NAME:
		return read_text(json, EVENT_NAME_MAX, at);
	case FIELD_TEXT:
		return read_text(json, EVENT_TEXT_MAX, at);
	case FIELD_NAMES:
		return read_names(json, at);
	case FIELD_BOOL:
		*(bool *)at = json_is_true(json);
		return json_is_boolean(json) ? 0 : -EPROTO;
	case FIELD_INT:
		if (read_integer(json, 0, INT_MAX, &value))
			return -EPROTO;
		*(int *)at = (int)value;
		return 0;
	case FIELD_UNSIGNED:
		return read_unsigned(json, at);
	case FIELD_SEED:
		return read_seed(json, at);
	case FIELD_NANOS:
		if (read_integer(json, -EVENT_NANOS_MAX, EVENT_NANOS_MAX, &value))
			return -EPROTO;
		*(nanos *)at = value;
		return 0;
	case FIELD_VERDICT:
		return read_verdict(json, at);
	case FIELD_COUNTS:
		return read_counts(json, at);
	case FIELD_LEVEL:
		if (read_of(json, level_of, LEVEL_DOCUMENTED + 1, &n))
			return -EPROTO;
		*(enum level *)at = (enum level)n;
		return 0;
	case FIELD_BREAK:
		if (read_of(json, break_of, BREAKS, &n))
			return -EPROTO;
		*(enum break_kind *)at = (enum break_kind)n;
		return 0;
	case FIELD_FACTS: /* see read_facts() */
		break;
	}
	return -EPROTO;
}

/* A fact that is not there is zero. */
static int read_facts(const json_t *json, struct event *out, struct why *why)
{
	size_t seen = 1;
	json_int_t version;

	if (read_integer(json_object_get(json, "version"), 1, INT_MAX, &version))
		return why_set(why, EPROTO, "\"facts\" have no \"version\"");
	if (version > FACTS_VERSION)
		return why_set(why, EPROTO,
			       "\"facts\" of version %d were written by a newer lastack; this one "
			       "reads version %d", (int)version, FACTS_VERSION);
	for (const struct field *field = fact_fields; field->key; field++) {
		const json_t *value = json_object_get(json, field->key);

		if (value && read_value(value, field->type, (char *)out + field->at))
			return why_set(why, EPROTO,
				       "\"%s\" of a verdict's facts is wrong or out of bounds",
				       field->key);
		seen += value != NULL;
	}
	if (seen != json_object_size(json))
		return why_set(why, EPROTO,
			       "a verdict's facts have a key that they should not have");
	return 0;
}

/* Every key of the form, counted in *seen. Only strings and facts may be absent. */
static int read_fields(const json_t *json, const struct event_form *form, struct event *out,
		       size_t *seen, struct why *why)
{
	for (const struct field *field = form->fields; field->key; field++) {
		const json_t *value = json_object_get(json, field->key);

		if (!value && (field->type == FIELD_NAME || field->type == FIELD_TEXT ||
			       field->type == FIELD_FACTS))
			continue;
		if (!value)
			return why_set(why, EPROTO, "a %s event lacks \"%s\"", form->name,
				       field->key);
		if (field->type == FIELD_FACTS) {
			if (read_facts(value, out, why))
				return -EPROTO;
		} else if (read_value(value, field->type, (char *)out + field->at))
			return why_set(why, EPROTO,
				       "\"%s\" of a %s event is wrong or out of bounds",
				       field->key, form->name);
		++*seen;
	}
	return 0;
}

/* FAMILY.CASE or FAMILY.CASE/ROW, and a family of addresses. */
static int read_case(const json_t *json, struct event *out, struct why *why)
{
	const char *name, *over;

	if (read_text(json_object_get(json, "case"), EVENT_NAME_MAX, &name) || !*name)
		return why_set(why, EPROTO, "\"case\" is no case's name");
	for (const char *c = name; *c; c++)
		if (*c <= ' ' || *c > '~')
			return why_set(why, EPROTO, "\"case\" is no case's name");
	over = json_string_value(json_object_get(json, "over"));
	if (!over || (strcmp(over, "ipv4") && strcmp(over, "ipv6")))
		return why_set(why, EPROTO, "\"over\" is neither ipv4 nor ipv6");
	out->name = name;
	out->over = over;
	return 0;
}

static int read_event(const json_t *json, struct event *out, struct why *why)
{
	const char *name = json_string_value(json_object_get(json, "event"));
	const struct event_form *form;
	size_t seen = 2;
	unsigned kind;

	for (kind = 0; name && kind < EVENT_FORMS; kind++)
		if (!strcmp(event_forms[kind].name, name))
			break;
	if (!name || kind == EVENT_FORMS)
		return why_set(why, EPROTO, "\"event\" names no event");
	form = &event_forms[kind];
	*out = (struct event){.kind = (enum event_kind)kind};
	if (read_value(json_object_get(json, "time"), FIELD_NANOS, &out->time))
		return why_set(why, EPROTO, "\"time\" is missing or out of bounds");
	if (form->of_case) {
		if (read_case(json, out, why))
			return -EPROTO;
		seen += 2;
	}
	if (read_fields(json, form, out, &seen, why))
		return -EPROTO;
	if (seen != json_object_size(json))
		return why_set(why, EPROTO, "a %s event has a key that it should not have",
			       form->name);
	return 0;
}

int event_read(const char *line, size_t len, struct event *out, struct event_storage *storage,
	       struct why *why)
{
	json_error_t error;
	struct event event;
	json_t *json;
	int result;

	if (len > EVENT_LINE_MAX)
		return why_set(why, EPROTO, "a line of %zu bytes is too long for an event", len);
	json = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);
	if (!json)
		return why_set(why, EPROTO, "no JSON from byte %d on", error.position);
	result = read_event(json, &event, why);
	if (result) {
		json_decref(json);
		return result;
	}
	*out = event;
	storage->json = json;
	return 0;
}

void event_storage_free(struct event_storage *storage)
{
	json_decref(storage->json);
	storage->json = NULL;
}
