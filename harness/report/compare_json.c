/*
 * A comparison for programs: an object a case, and one with the kernels.
 */
#include "report/compare.h"
#include "report/json_line.h"
#include <stdlib.h>

/* The name as it was typed, where JSON can hold it. */
static const char *key_of(const struct compared_run *run)
{
	json_t *typed = json_string(run->typed);
	bool good = typed != NULL;

	json_decref(typed);
	return good ? run->typed : run->name;
}

static json_t *json_verdicts(const struct comparison *comparison, const struct compared_row *row)
{
	json_t *json = json_object();

	for (size_t i = 0; i < comparison->count; i++) {
		const struct record *record = row->records[i];
		json_t *verdict =
			record ? json_string(verdict_name(record_verdict(record)->verdict))
			       : json_null();

		if (json_object_set_new(json, key_of(&comparison->runs[i]), verdict)) {
			json_decref(json);
			return NULL;
		}
	}
	return json;
}

static json_t *json_row(const struct comparison *comparison, const struct compared_row *row)
{
	json_t *json = json_object();

	if (json_object_set_new(json, "case", json_text(row->name)) ||
	    json_object_set_new(json, "over", json_text(row->over)) ||
	    json_object_set_new(json, "verdicts", json_verdicts(comparison, row)) ||
	    json_object_set_new(json, "differs", json_boolean(row->differs))) {
		json_decref(json);
		return NULL;
	}
	return json;
}

/* What is not known of a run is null. */
static json_t *json_known(const char *text)
{
	return text ? json_text(text) : json_null();
}

static json_t *json_run(const struct compared_run *run)
{
	const struct event_run none = {.kernel = NULL};
	const struct event_run *start = run->books.run ? &run->books.run->run : &none;
	json_t *json = json_object(), *counts = NULL;

	if (json_object_set_new(json, "kernel", json_string(key_of(run))) ||
	    json_object_set_new(json, "release", json_known(start->kernel)) ||
	    json_object_set_new(json, "machine", json_known(start->machine)) ||
	    json_object_set_new(json, "complete", json_boolean(compared_whole(run))))
		goto failed;
	if (run->refused && json_object_set_new(json, "refused", json_text(run->refused)))
		goto failed;
	if (!run->ended)
		return json;
	counts = json_summary(&run->summary);
	if (!counts || json_object_update(json, counts) ||
	    json_object_set_new(json, "status", json_integer(run->summary.status)))
		goto failed;
	json_decref(counts);
	return json;
failed:
	json_decref(counts);
	json_decref(json);
	return NULL;
}

static json_t *json_runs(const struct comparison *comparison)
{
	json_t *runs = json_array(), *json = json_object();

	for (size_t i = 0; i < comparison->count; i++)
		if (json_array_append_new(runs, json_run(&comparison->runs[i]))) {
			json_decref(runs);
			runs = NULL;
			break;
		}
	if (json_object_set_new(json, "summary", runs)) {
		json_decref(json);
		return NULL;
	}
	return json;
}

void comparison_json(const struct comparison *comparison, struct buffer *out)
{
	struct compared_row *rows = NULL;
	size_t count = 0;

	out->failed |= comparison_rows(comparison, &rows, &count) != 0;
	for (size_t i = 0; i < count; i++)
		json_put_line(out, json_row(comparison, &rows[i]));
	json_put_line(out, json_runs(comparison));
	free(rows);
}
