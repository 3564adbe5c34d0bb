#include "report/clean.h"
#include "report/event_fields.h"
#include <errno.h>
#include <jansson.h>
#include <string.h>

/* A JSON string, whatever the bytes are: always valid UTF-8 within the bound. */
static json_t *write_text(const char *text, size_t max)
{
	struct buffer clean = {.at = NULL};
	json_t *json = NULL;

	clean_utf8(&clean, text, max);
	if (!clean.failed)
		json = json_stringn(clean.at ? clean.at : "", clean.len);
	buffer_free(&clean);
	return json;
}

static json_t *write_names(const char *const *names)
{
	json_t *json = json_array();

	for (size_t i = 0; i < EVENT_REQUIREMENTS_MAX - 1 && names[i]; i++)
		if (json_array_append_new(json, write_text(names[i], EVENT_NAME_MAX))) {
			json_decref(json);
			return NULL;
		}
	return json;
}

static json_t *write_counts(const unsigned *counts)
{
	json_t *json = json_object();

	for (unsigned i = 0; i < VERDICTS; i++)
		if (json_object_set_new(json, verdict_name((enum verdict)i),
					json_integer(counts[i]))) {
			json_decref(json);
			return NULL;
		}
	return json;
}

static json_t *write_seed(uint64_t seed)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)seed);
	return json_string(text);
}

/* The field's value, or NULL without memory. */
static json_t *write_value(const struct field *field, const void *at)
{
	switch (field->type) {
	case FIELD_NAME:
		return write_text(*(const char *const *)at, EVENT_NAME_MAX);
	case FIELD_TEXT:
		return write_text(*(const char *const *)at, EVENT_TEXT_MAX);
	case FIELD_NAMES:
		return write_names(at);
	case FIELD_BOOL:
		return json_boolean(*(const bool *)at);
	case FIELD_INT:
		return json_integer(*(const int *)at < 0 ? 0 : *(const int *)at);
	case FIELD_UNSIGNED:
		return json_integer(*(const unsigned *)at);
	case FIELD_SEED:
		return write_seed(*(const uint64_t *)at);
	case FIELD_NANOS:
		return json_integer(nanos_bounded(*(const nanos *)at));
	case FIELD_VERDICT:
		return json_string(verdict_name(*(const enum verdict *)at));
	case FIELD_COUNTS:
		return write_counts(at);
	case FIELD_LEVEL:
		return json_string(level_name(*(const enum level *)at));
	case FIELD_BREAK:
		return json_string(break_name(*(const enum break_kind *)at));
	case FIELD_FACTS: /* see write_facts() */
		break;
	}
	return NULL;
}

/* Is a fact there? One that is zero is not. */
static bool is_fact(const struct field *field, const void *at)
{
	switch (field->type) {
	case FIELD_NAME:
		return *(const char *const *)at != NULL;
	case FIELD_BOOL:
		return *(const bool *)at;
	case FIELD_INT:
		return *(const int *)at > 0;
	case FIELD_UNSIGNED:
		return *(const unsigned *)at;
	case FIELD_NANOS:
		return *(const nanos *)at;
	case FIELD_LEVEL:
		return *(const enum level *)at != LEVEL_UNSET;
	case FIELD_BREAK:
		return *(const enum break_kind *)at != BREAK_NONE;
	default:
		return false;
	}
}

/* The object of a verdict's facts, or NULL without memory. *empty: there are none. */
static json_t *write_facts(const struct event *event, bool *empty)
{
	json_t *json = json_object();
	bool failed = json_object_set_new(json, "version", json_integer(FACTS_VERSION)) != 0;

	*empty = true;
	for (const struct field *field = fact_fields; field->key && !failed; field++) {
		const void *at = (const char *)event + field->at;

		if (!is_fact(field, at))
			continue;
		*empty = false;
		failed = json_object_set_new(json, field->key, write_value(field, at)) != 0;
	}
	if (!failed)
		return json;
	json_decref(json);
	return NULL;
}

/* 0, or -1 without memory. A NULL string leaves its key out. */
static int write_field(json_t *json, const struct field *field, const struct event *event)
{
	const void *at = (const char *)event + field->at;
	json_t *facts;
	bool empty;

	if (field->type == FIELD_FACTS) {
		facts = write_facts(event, &empty);
		if (!empty || !facts)
			return json_object_set_new(json, field->key, facts);
		json_decref(facts);
		return 0;
	}
	if ((field->type == FIELD_NAME || field->type == FIELD_TEXT) && !*(const char *const *)at)
		return 0;
	return json_object_set_new(json, field->key, write_value(field, at));
}

static int write_chunk(const char *bytes, size_t n, void *arg)
{
	struct buffer *out = arg;

	buffer_put(out, bytes, n);
	return out->failed ? -1 : 0;
}

int event_write(struct buffer *out, const struct event *event)
{
	const struct event_form *form = &event_forms[event->kind];
	json_t *json = json_object();
	int result = -ENOMEM;

	if (json_object_set_new(json, "event", json_string(form->name)) ||
	    json_object_set_new(json, "time", json_integer(nanos_bounded(event->time))))
		goto out;
	if (form->of_case &&
	    (json_object_set_new(json, "case", write_text(event->name, EVENT_NAME_MAX)) ||
	     json_object_set_new(json, "over", write_text(event->over, EVENT_NAME_MAX))))
		goto out;
	for (const struct field *field = form->fields; field->key; field++)
		if (write_field(json, field, event))
			goto out;
	/* ASCII alone: a stream may end up on a terminal. */
	if (json_dump_callback(json, write_chunk, out, JSON_COMPACT | JSON_ENSURE_ASCII))
		goto out;
	buffer_put(out, "\n", 1);
	if (!out->failed)
		result = 0;
out:
	json_decref(json);
	return result;
}
