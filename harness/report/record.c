#include "report/record.h"
#include "report/event_fields.h"
#include "verdict/verdict.h"
#include <lastack/requirement.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

static int record_compare(const void *a, const void *b)
{
	const struct record *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : strcmp(x->over, y->over);
}

static void record_free(struct record *record)
{
	if (!record)
		return;
	free(record->start);
	free(record->wait);
	free(record->verdict);
	free(record->held);
	ladder_free(record->ladder);
	ladder_free(record->held_ladder);
	free(record);
}

/* A record with its name and family behind it, in one allocation. */
static struct record *record_new(const char *name, const char *over)
{
	size_t size = strlen(name) + 1, rest = strlen(over) + 1;
	struct record *record = calloc(1, sizeof(*record) + size + rest);
	char *at = (char *)(record + 1);

	if (!record)
		return NULL;
	memcpy(at, name, size);
	memcpy(at + size, over, rest);
	record->name = at;
	record->over = at + size;
	return record;
}

static bool books_reserve(struct books *books)
{
	size_t room = books->room ? books->room * 2 : 64;
	struct record **records;

	if (books->count < books->room)
		return true;
	records = realloc(books->records, room * sizeof(*records));
	if (!records)
		return false;
	books->records = records;
	books->room = room;
	return true;
}

/* The record of a case, made if there is none; NULL without memory. */
static struct record *books_record(struct books *books, const char *name, const char *over)
{
	struct record key = {.name = name, .over = over ? over : ""};
	void *found = tfind(&key, &books->tree, record_compare);
	struct record *record;

	if (found)
		return *(struct record **)found;
	record = books_reserve(books) ? record_new(name, key.over) : NULL;
	if (!record || !tsearch(record, &books->tree, record_compare)) {
		record_free(record);
		return NULL;
	}
	books->records[books->count++] = record;
	return record;
}

/* Put a copy of the event in the place of an older one. */
static bool replace(struct event **place, const struct event *event)
{
	struct event *copy = event_copy(event);

	if (!copy)
		return false;
	free(*place);
	*place = copy;
	return true;
}

/* A try starts: what an earlier one left is put aside. */
static void record_begin(struct record *record)
{
	if (record->held && !record->held_ladder)
		record->held_ladder = record->ladder;
	else
		ladder_free(record->ladder);
	record->ladder = NULL;
	record->running = true;
}

static bool take_rung(struct record *record, const struct event *event)
{
	free(record->wait);
	record->wait = NULL;
	if (!record->ladder)
		record->ladder = ladder_new();
	if (!record->ladder)
		return false;
	ladder_add(record->ladder, &event->rung);
	return true;
}

static enum outcome outcome_of(const struct event_verdict *verdict, bool strict)
{
	switch (verdict->verdict) {
	case VERDICT_PASS:
		return verdict->expected ? OUTCOME_PASS : OUTCOME_SURPRISE;
	case VERDICT_SKIP:
		return OUTCOME_SKIP;
	case VERDICT_DEVIATION:
		if (verdict->expected)
			return OUTCOME_FORESEEN;
		return verdict_counts(VERDICT_DEVIATION, false, verdict->reason, strict)
			       ? OUTCOME_FAIL : OUTCOME_DEVIATION;
	case VERDICT_FAIL:
		return verdict->expected ? OUTCOME_FORESEEN : OUTCOME_FAIL;
	case VERDICT_INCONCLUSIVE:
		return OUTCOME_INCONCLUSIVE;
	case VERDICT_ERROR:
		break;
	}
	return OUTCOME_ERROR;
}

/* True when the verdict counts. */
static bool take_verdict(struct books *books, struct record *record, const struct event *event)
{
	struct event **place = &record->verdict;
	bool hold = event->verdict.verdict == VERDICT_INCONCLUSIVE && event->verdict.retry;

	if (hold) {
		place = &record->held;
		/* It belongs to the attempt before this one. */
		ladder_free(record->held_ladder);
		record->held_ladder = NULL;
	}
	if (!replace(place, event)) {
		books->failed = true;
		return false;
	}
	record->running = false;
	free(record->wait);
	record->wait = NULL;
	if (!hold)
		record->outcome = outcome_of(&event->verdict,
					     books->run && books->run->run.strict);
	return !hold;
}

static bool take(struct books *books, struct record *record, const struct event *event)
{
	bool done = false, good = true;

	if (!record->running && event->kind != EVENT_VERDICT)
		record_begin(record);
	switch (event->kind) {
	case EVENT_CASE:
		good = replace(&record->start, event);
		break;
	case EVENT_RUNG:
		good = take_rung(record, event);
		break;
	case EVENT_WAIT:
		good = replace(&record->wait, event);
		break;
	case EVENT_VERDICT:
		done = take_verdict(books, record, event);
		break;
	case EVENT_RUN:
	case EVENT_TICK:
	case EVENT_SUMMARY:
		break;
	}
	books->failed |= !good;
	return done;
}

struct record *books_take(struct books *books, const struct event *event, struct record **touched)
{
	struct record *record;

	*touched = NULL;
	if (event->kind == EVENT_RUN)
		books->failed |= !replace(&books->run, event);
	if (!event_forms[event->kind].of_case || !event->name)
		return NULL;
	record = books_record(books, event->name, event->over);
	if (!record) {
		books->failed = true;
		return NULL;
	}
	/* What has ended has ended. */
	if (record->outcome)
		return NULL;
	*touched = record;
	return take(books, record, event) ? record : NULL;
}

bool books_settle(struct books *books, struct record *record)
{
	if (record->outcome || !record->held)
		return false;
	free(record->verdict);
	record->verdict = record->held;
	record->held = NULL;
	if (record->held_ladder) {
		ladder_free(record->ladder);
		record->ladder = record->held_ladder;
		record->held_ladder = NULL;
	}
	record->running = false;
	record->outcome = outcome_of(&record->verdict->verdict,
				     books->run && books->run->run.strict);
	return true;
}

void record_forget_ladder(struct record *record)
{
	ladder_free(record->ladder);
	ladder_free(record->held_ladder);
	record->ladder = NULL;
	record->held_ladder = NULL;
}

static void leave(void *node)
{
	(void)node; /* the records are freed from their list */
}

void books_free(struct books *books)
{
	tdestroy(books->tree, leave);
	for (size_t i = 0; i < books->count; i++)
		record_free(books->records[i]);
	free(books->records);
	free(books->run);
	*books = (struct books){.records = NULL};
}

const struct event_case *record_start(const struct record *record)
{
	static const struct event_case none = {.claim = NULL};

	return record->start ? &record->start->start : &none;
}

struct judged_by record_judged_by(const struct record *record)
{
	const struct event_case *start = record_start(record);
	const char *name = record_verdict(record)->facts.requirement;
	const struct requirement *premise = name ? requirement_find(name) : NULL;

	if (premise)
		return (struct judged_by){premise->name, level_name(premise->level),
					  premise->sentence, true};
	return (struct judged_by){start->requirements[0], start->level, start->sentence, false};
}

const struct event_verdict *record_verdict(const struct record *record)
{
	static const struct event_verdict none = {.verdict = VERDICT_ERROR};

	return record->verdict ? &record->verdict->verdict : &none;
}

unsigned record_attempts(const struct record *record)
{
	unsigned attempt = record_verdict(record)->attempt;

	return attempt ? attempt : 1;
}

void record_draw(const struct record *record, struct buffer *out, bool colour)
{
	if (record->ladder)
		ladder_text(record->ladder, out, colour);
}

bool outcome_bad(enum outcome outcome)
{
	return outcome >= OUTCOME_DEVIATION && outcome != OUTCOME_SURPRISE;
}
