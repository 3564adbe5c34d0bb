/*
 * JSON lines for programs: an object a case as it ends, and one with the summary.
 */
#include "report/clean.h"
#include "report/event_fields.h"
#include "report/json_line.h"
#include "report/reporter.h"
#include <errno.h>
#include <string.h>

/* Seconds with six digits need no more of them than this. */
#define REAL_DIGITS JSON_REAL_PRECISION(15)

json_t *json_text(const char *text)
{
	struct buffer clean = {.at = NULL};
	json_t *json = NULL;

	clean_utf8(&clean, text, EVENT_TEXT_MAX);
	if (!clean.failed)
		json = json_stringn(clean.at ? clean.at : "", clean.len);
	buffer_free(&clean);
	return json;
}

static int put_chunk(const char *bytes, size_t n, void *arg)
{
	struct buffer *out = arg;

	buffer_put(out, bytes, n);
	return out->failed ? -1 : 0;
}

void json_put_line(struct buffer *out, json_t *json)
{
	if (!json || json_dump_callback(json, put_chunk, out,
					JSON_COMPACT | JSON_ENSURE_ASCII | REAL_DIGITS))
		out->failed = true;
	buffer_put(out, "\n", 1);
	json_decref(json);
}

static json_t *json_requirements(const struct record *record)
{
	const char *const *names = record_start(record)->requirements;
	json_t *json = json_array();

	for (size_t i = 0; i < EVENT_REQUIREMENTS_MAX && names[i]; i++)
		if (json_array_append_new(json, json_text(names[i]))) {
			json_decref(json);
			return NULL;
		}
	return json;
}

static void json_ended(struct reporter *reporter, struct record *record)
{
	const struct event_verdict *verdict = record_verdict(record);
	struct judged_by by = record_judged_by(record);
	json_t *json = json_object();

	if (json_object_set_new(json, "case", json_text(record->name)) ||
	    json_object_set_new(json, "over", json_text(record->over)) ||
	    json_object_set_new(json, "verdict", json_string(verdict_name(verdict->verdict))) ||
	    json_object_set_new(json, "expected", json_boolean(verdict->expected)) ||
	    json_object_set_new(json, "seconds", json_real(seconds_of(verdict->seconds))) ||
	    json_object_set_new(json, "attempts", json_integer(record_attempts(record))) ||
	    json_object_set_new(json, "requirements", json_requirements(record)) ||
	    (by.premise &&
	     json_object_set_new(json, "judged_by", json_text(by.name))) ||
	    json_object_set_new(json, "message", json_text(verdict->message)) ||
	    json_object_set_new(json, "evidence",
				verdict->evidence ? json_text(verdict->evidence) : json_null())) {
		json_decref(json);
		json = NULL;
	}
	json_put_line(&reporter->out, json);
}

json_t *json_summary(const struct event_summary *summary)
{
	/* The order in which people name them. */
	static const enum verdict order[VERDICTS] = {VERDICT_PASS, VERDICT_DEVIATION, VERDICT_SKIP,
		VERDICT_INCONCLUSIVE, VERDICT_FAIL, VERDICT_ERROR};
	json_t *json = json_object();

	for (size_t i = 0; i < VERDICTS; i++)
		if (json_object_set_new(json, verdict_name(order[i]),
					json_integer(summary->count[order[i]])))
			goto out;
	if (json_object_set_new(json, "seconds", json_real(seconds_of(summary->seconds))) ||
	    json_object_set_new(json, "retries", json_integer(summary->retries)))
		goto out;
	if (summary->wall &&
	    json_object_set_new(json, "wall", json_real(seconds_of(summary->wall))))
		goto out;
	if (summary->interrupted && json_object_set_new(json, "interrupted", json_true()))
		goto out;
	return json;
out:
	json_decref(json);
	return NULL;
}

/* Which kernel it was, where it is not that of this machine in real time. */
static int json_machine(const struct reporter *reporter, json_t *summary)
{
	const struct event_run *run = reporter->books.run ? &reporter->books.run->run : NULL;

	if (!summary)
		return -1;
	if (!run || !run->machine)
		return 0;
	if (json_object_set_new(summary, "kernel", json_text(run->kernel)))
		return -1;
	return json_object_set_new(summary, "machine", json_text(run->machine));
}

/* {"MUST":{"all":280,"judged":96,"kept":94,"broken":2}, ...}, put into the summary's object. */
static int json_came_off(const struct reporter *reporter, json_t *summary)
{
	json_t *json = json_object();

	for (enum requirement_group group = 0; group < GROUPS; group++) {
		const struct requirement_count *count = &reporter->requirements[group];
		json_int_t all = count->all, kept = count->kept, broken = count->broken;

		if (json_object_set_new(json, requirement_group_name(group),
					json_pack("{s:I, s:I, s:I, s:I}", "all", all, "judged",
						  kept + broken, "kept", kept, "broken", broken))) {
			json_decref(json);
			return -1;
		}
	}
	return json_object_set_new(summary, "requirements", json);
}

static void json_close(struct reporter *reporter, const struct event_summary *summary)
{
	json_t *json, *inner;

	if (!summary)
		return;
	json = json_object();
	inner = json_summary(summary);
	if (json_machine(reporter, inner) || json_came_off(reporter, inner) ||
	    json_object_set(json, "summary", inner)) {
		json_decref(json);
		json = NULL;
	}
	json_decref(inner);
	json_put_line(&reporter->out, json);
}

const struct format format_json = {.name = "json", .ended = json_ended, .close = json_close};
