#include "report/event_fields.h"
#include <stdlib.h>
#include <string.h>

#define AT(member) offsetof(struct event, member)

static const struct field run_fields[] = {
	{"version", FIELD_NAME, AT(run.version)},
	{"kernel", FIELD_NAME, AT(run.kernel)},
	{"profile", FIELD_NAME, AT(run.profile)},
	{"seed", FIELD_SEED, AT(run.seed)},
	{"cases", FIELD_UNSIGNED, AT(run.cases)},
	{"left_out", FIELD_UNSIGNED, AT(run.left_out)},
	{"too_slow", FIELD_UNSIGNED, AT(run.too_slow)},
	{"machine", FIELD_TEXT, AT(run.machine)},
	{"slow_way", FIELD_TEXT, AT(run.slow_way)},
	{"strict", FIELD_BOOL, AT(run.strict)},
	{NULL, FIELD_NAME, 0},
};

static const struct field case_fields[] = {
	{"claim", FIELD_TEXT, AT(start.claim)},
	{"level", FIELD_NAME, AT(start.level)},
	{"requirements", FIELD_NAMES, AT(start.requirements)},
	{"sentence", FIELD_TEXT, AT(start.sentence)},
	{"file", FIELD_TEXT, AT(start.file)},
	{"line", FIELD_INT, AT(start.line)},
	{"budget", FIELD_NANOS, AT(start.budget)},
	{NULL, FIELD_NAME, 0},
};

static const struct field rung_fields[] = {
	{"number", FIELD_INT, AT(rung.number)},
	{"kind", FIELD_NAME, AT(rung.kind)},
	{"peer", FIELD_INT, AT(rung.peer)},
	{"at", FIELD_NANOS, AT(rung.time)},
	{"text", FIELD_TEXT, AT(rung.text)},
	{"want", FIELD_TEXT, AT(rung.want)},
	{"broken", FIELD_BOOL, AT(rung.broken)},
	{NULL, FIELD_NAME, 0},
};

static const struct field wait_fields[] = {
	{"what", FIELD_TEXT, AT(wait.what)},
	{"left", FIELD_NANOS, AT(wait.left)},
	{NULL, FIELD_NAME, 0},
};

static const struct field verdict_fields[] = {
	{"verdict", FIELD_VERDICT, AT(verdict.verdict)},
	{"expected", FIELD_BOOL, AT(verdict.expected)},
	{"reason", FIELD_TEXT, AT(verdict.reason)},
	{"attempt", FIELD_UNSIGNED, AT(verdict.attempt)},
	{"retry", FIELD_BOOL, AT(verdict.retry)},
	{"duration", FIELD_NANOS, AT(verdict.seconds)},
	{"message", FIELD_TEXT, AT(verdict.message)},
	{"line", FIELD_INT, AT(verdict.line)},
	{"evidence", FIELD_TEXT, AT(verdict.evidence)},
	{"command", FIELD_TEXT, AT(verdict.command)},
	{"late", FIELD_UNSIGNED, AT(verdict.late)},
	{"facts", FIELD_FACTS, AT(verdict.facts)},
	{NULL, FIELD_NAME, 0},
};

const struct field fact_fields[] = {
	{"kind", FIELD_BREAK, AT(verdict.facts.kind)},
	{"level", FIELD_LEVEL, AT(verdict.facts.level)},
	{"requirement", FIELD_NAME, AT(verdict.facts.requirement)},
	{"line", FIELD_INT, AT(verdict.facts.line)},
	{"off_by", FIELD_NANOS, AT(verdict.facts.off_by)},
	{"late", FIELD_NANOS, AT(verdict.facts.late)},
	{"stall", FIELD_NANOS, AT(verdict.facts.stall)},
	{"stall_of", FIELD_NAME, AT(verdict.facts.stall_of)},
	{"starved", FIELD_BOOL, AT(verdict.facts.starved)},
	{"dropped", FIELD_UNSIGNED, AT(verdict.facts.dropped)},
	{"drops_unknown", FIELD_BOOL, AT(verdict.facts.drops_unknown)},
	{"clock_step", FIELD_NANOS, AT(verdict.facts.clock_step)},
	{"longest", FIELD_UNSIGNED, AT(verdict.facts.longest)},
	{"mtu", FIELD_UNSIGNED, AT(verdict.facts.mtu)},
	{"cut", FIELD_UNSIGNED, AT(verdict.facts.cut)},
	{"hops_least", FIELD_UNSIGNED, AT(verdict.facts.hops_least)},
	{"hops_most", FIELD_UNSIGNED, AT(verdict.facts.hops_most)},
	{"foreign_error", FIELD_NAME, AT(verdict.facts.foreign_error)},
	{"unreadable", FIELD_NAME, AT(verdict.facts.unreadable)},
	{"no_lab", FIELD_INT, AT(verdict.facts.no_lab)},
	{"no_reach", FIELD_INT, AT(verdict.facts.no_reach)},
	{NULL, FIELD_NAME, 0},
};

static const struct field tick_fields[] = {{NULL, FIELD_NAME, 0}};

static const struct field summary_fields[] = {
	{"count", FIELD_COUNTS, AT(summary.count)},
	{"unexpected", FIELD_UNSIGNED, AT(summary.unexpected)},
	{"retries", FIELD_UNSIGNED, AT(summary.retries)},
	{"duration", FIELD_NANOS, AT(summary.seconds)},
	{"wall", FIELD_NANOS, AT(summary.wall)},
	{"interrupted", FIELD_BOOL, AT(summary.interrupted)},
	{"status", FIELD_INT, AT(summary.status)},
	{NULL, FIELD_NAME, 0},
};

const struct event_form event_forms[EVENT_FORMS] = {
	[EVENT_RUN] = {"run", false, run_fields},
	[EVENT_CASE] = {"case", true, case_fields},
	[EVENT_RUNG] = {"rung", true, rung_fields},
	[EVENT_WAIT] = {"wait", true, wait_fields},
	[EVENT_VERDICT] = {"verdict", true, verdict_fields},
	[EVENT_TICK] = {"tick", false, tick_fields},
	[EVENT_SUMMARY] = {"summary", false, summary_fields},
};

nanos nanos_bounded(nanos t)
{
	if (t > EVENT_NANOS_MAX)
		return EVENT_NANOS_MAX;
	return t < -EVENT_NANOS_MAX ? -EVENT_NANOS_MAX : t;
}

/* Where the copies go: first they are only counted (at is NULL), then made. */
struct copies {
	char *at;
	size_t used;
};

static void copy_text(struct copies *copies, const char **text)
{
	size_t size;

	if (!*text)
		return;
	size = strlen(*text) + 1;
	if (copies->at) {
		memcpy(copies->at + copies->used, *text, size);
		*text = copies->at + copies->used;
	}
	copies->used += size;
}

static void copy_fields(struct copies *copies, struct event *event, const struct field *fields)
{
	for (const struct field *f = fields; f->key; f++) {
		const char **text = (const char **)(void *)((char *)event + f->at);

		if (f->type == FIELD_NAME || f->type == FIELD_TEXT)
			copy_text(copies, text);
		if (f->type != FIELD_NAMES)
			continue;
		for (size_t i = 0; i < EVENT_REQUIREMENTS_MAX && text[i]; i++)
			copy_text(copies, &text[i]);
	}
}

static void copy_texts(struct copies *copies, struct event *event)
{
	copy_text(copies, &event->name);
	copy_text(copies, &event->over);
	copy_fields(copies, event, event_forms[event->kind].fields);
	if (event->kind == EVENT_VERDICT)
		copy_fields(copies, event, fact_fields);
}

struct event *event_copy(const struct event *event)
{
	struct event head = *event;
	struct copies copies = {.at = NULL};
	struct event *copy;

	copy_texts(&copies, &head);
	copy = malloc(sizeof(*copy) + copies.used);
	if (!copy)
		return NULL;
	*copy = *event;
	copies = (struct copies){.at = (char *)(copy + 1)};
	copy_texts(&copies, copy);
	return copy;
}
