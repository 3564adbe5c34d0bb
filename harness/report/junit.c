/*
 * JUnit XML as CI systems read it: a testsuite a family, a testcase a case and family of addresses.
 *
 * The format knows tests that passed, failed, erred and were skipped. A fail is a failure, and so
 * is an unexpected pass; inconclusive and error are errors; a verdict that the profile expects is
 * skipped with its reason; a deviation that fails no run passes, and its output says so.
 *
 * Every number of a suite is that suite's own. The format has no place for properties of the whole
 * run: its wall-clock time stands in the first suite alone.
 */
#include "report/reporter.h"
#include "report/xml.h"
#include <stdlib.h>
#include <string.h>

struct counts {
	unsigned tests, failures, errors, skipped;
	nanos time;
};

static void xml_property(struct xml *xml, const char *name, const char *value)
{
	if (!value)
		return;
	xml_open(xml, "property");
	xml_attribute(xml, "name", name);
	xml_attribute(xml, "value", value);
	xml_close(xml);
}

/* The length of the family's name: what stands before the first dot. */
static size_t family_length(const char *name)
{
	return strcspn(name, ".");
}

static bool same_family(const struct record *a, const struct record *b)
{
	size_t n = family_length(a->name);

	return n == family_length(b->name) && !strncmp(a->name, b->name, n);
}

static const char *element_of(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_SKIP:
	case OUTCOME_FORESEEN:
		return "skipped";
	case OUTCOME_FAIL:
	case OUTCOME_SURPRISE:
		return "failure";
	case OUTCOME_NONE: /* interrupted: not passed, and nobody's failure */
	case OUTCOME_INCONCLUSIVE:
	case OUTCOME_ERROR:
		return "error";
	case OUTCOME_PASS:
	case OUTCOME_DEVIATION:
		break;
	}
	return NULL;
}

static void count(struct counts *counts, const struct record *record)
{
	const char *element = element_of(record->outcome);

	counts->tests++;
	counts->skipped += element && !strcmp(element, "skipped");
	counts->failures += element && !strcmp(element, "failure");
	counts->errors += element && !strcmp(element, "error");
	counts->time += record_verdict(record)->seconds;
}

static void xml_counts(struct xml *xml, const struct counts *counts, bool skipped)
{
	xml_number(xml, "tests", counts->tests);
	xml_number(xml, "failures", counts->failures);
	xml_number(xml, "errors", counts->errors);
	if (skipped)
		xml_number(xml, "skipped", counts->skipped);
	xml_time(xml, counts->time);
}

static void put_fact(struct buffer *out, const char *name, const char *text)
{
	if (text && *text)
		buffer_printf(out, "%s: %s\n", name, text);
}

/* The short message of what is not a plain pass. */
static void put_message(struct buffer *out, const struct record *record)
{
	const struct event_verdict *verdict = record_verdict(record);
	const char *message = verdict->message ? verdict->message : "";
	const char *reason = verdict->reason ? verdict->reason : "";

	switch (record->outcome) {
	case OUTCOME_NONE:
		buffer_text(out, "the run ended before this case did");
		break;
	case OUTCOME_FORESEEN:
		buffer_printf(out, "expected: %s", reason);
		break;
	case OUTCOME_SURPRISE:
		buffer_printf(out, "passed, and was not expected to: %s", reason);
		break;
	case OUTCOME_PASS:
	case OUTCOME_SKIP:
	case OUTCOME_DEVIATION:
	case OUTCOME_FAIL:
	case OUTCOME_INCONCLUSIVE:
	case OUTCOME_ERROR:
		buffer_text(out, message);
		break;
	}
}

/* All that there is to say of a case. */
static void put_facts(struct buffer *out, const struct record *record)
{
	const struct event_verdict *verdict = record_verdict(record);
	const struct event_case *start = record_start(record);
	struct judged_by by = record_judged_by(record);
	struct buffer place = {.at = NULL};

	record_place(record, &place);
	if (record->verdict)
		put_fact(out, "verdict", verdict_name(verdict->verdict));
	put_fact(out, "message", verdict->message);
	put_fact(out, "profile", verdict->reason);
	put_fact(out, "claim", start->claim);
	put_fact(out, "requirement", by.name);
	put_fact(out, "level", by.level);
	put_fact(out, "sentence", by.sentence);
	put_fact(out, "place", place.at);
	put_fact(out, "evidence", verdict->evidence);
	put_fact(out, "again", verdict->command);
	if (record_attempts(record) > 1)
		buffer_printf(out, "attempts: %u\n", record_attempts(record));
	out->failed |= place.failed;
	buffer_free(&place);
}

/* skipped, failure or error, with its message; the latter two hold the facts. */
static void xml_outcome(struct xml *xml, const struct record *record, const char *element)
{
	struct buffer message = {.at = NULL}, facts = {.at = NULL};
	bool skipped = !strcmp(element, "skipped");

	put_message(&message, record);
	put_facts(&facts, record);
	xml_open(xml, element);
	xml_attribute(xml, "message", message.at);
	if (!skipped) {
		xml_attribute(xml, "type", record->outcome ?
			      verdict_name(record_verdict(record)->verdict) : "interrupted");
		xml_text(xml, facts.at);
	}
	xml_close(xml);
	xml->failed |= message.failed || facts.failed;
	buffer_free(&message);
	buffer_free(&facts);
}

/* The ladder, and before it the facts where no other element holds them. */
static void xml_output(struct xml *xml, const struct reporter *reporter,
		       const struct record *record)
{
	struct buffer text = {.at = NULL};

	if (record->outcome == OUTCOME_DEVIATION || record->outcome == OUTCOME_FORESEEN)
		put_facts(&text, record);
	if (reporter_shows_ladder(reporter, record)) {
		buffer_text(&text, text.len ? "\n" : "");
		record_draw(record, &text, false);
	}
	if (text.len) {
		xml_open(xml, "system-out");
		xml_text(xml, text.at);
		xml_close(xml);
	}
	xml->failed |= text.failed;
	buffer_free(&text);
}

static void xml_case(struct xml *xml, const struct reporter *reporter, const struct record *record)
{
	const char *element = element_of(record->outcome);
	size_t family = family_length(record->name);
	struct buffer name = {.at = NULL};

	xml_open(xml, "testcase");
	buffer_put(&name, record->name, family);
	xml_attribute(xml, "classname", name.at);
	buffer_drop(&name, name.len);
	buffer_printf(&name, "%s %s", record->name + family + (record->name[family] == '.'),
		      record->over);
	xml_attribute(xml, "name", name.at);
	xml_time(xml, record_verdict(record)->seconds);
	if (element)
		xml_outcome(xml, record, element);
	xml_output(xml, reporter, record);
	xml_close(xml);
	xml->failed |= name.failed;
	buffer_free(&name);
}

/* A property a level: the requirements that the suite's cases test, and how many are kept. */
static void xml_requirements(struct xml *xml, struct record *const *records, size_t n)
{
	struct requirement_count count[GROUPS];

	requirements_count_suite(records, n, count);
	for (enum requirement_group group = 0; group < GROUPS; group++) {
		struct buffer name = {.at = NULL}, value = {.at = NULL};

		buffer_printf(&name, "requirements %s", requirement_group_name(group));
		requirements_value(&count[group], &value);
		xml->failed |= name.failed || value.failed;
		xml_property(xml, name.at, value.at);
		buffer_free(&name);
		buffer_free(&value);
	}
}

/* summary: NULL, or the run's, for the one suite that tells what holds for the whole run. */
static void xml_properties(struct xml *xml, const struct reporter *reporter,
			   const struct event_summary *summary, struct record *const *records,
			   size_t n)
{
	const struct event_run *run = &reporter->books.run->run;
	char seed[24], wall[32], retries[16];

	snprintf(seed, sizeof(seed), "%llu", (unsigned long long)run->seed);
	xml_open(xml, "properties");
	xml_property(xml, "version", run->version);
	xml_property(xml, "kernel", run->kernel);
	xml_property(xml, "profile", run->profile);
	xml_property(xml, "seed", seed);
	xml_property(xml, "machine", run->machine);
	/* Every other time is virtual, where this one is there. */
	if (summary && summary->wall) {
		snprintf(wall, sizeof(wall), "%.3f", seconds_of(summary->wall));
		xml_property(xml, "wall-seconds", wall);
	}
	if (summary && summary->retries) {
		snprintf(retries, sizeof(retries), "%u", summary->retries);
		xml_property(xml, "retries", retries);
	}
	xml_requirements(xml, records, n);
	xml_close(xml);
}

/* The cases of one family; returns how many there are. summary: as for xml_properties(). */
static size_t xml_suite(struct xml *xml, const struct reporter *reporter,
			const struct event_summary *summary, struct record *const *records,
			size_t n)
{
	struct counts counts = {.tests = 0};
	struct buffer name = {.at = NULL};
	size_t used = 0;

	while (used < n && same_family(records[0], records[used]))
		count(&counts, records[used++]);
	buffer_put(&name, records[0]->name, family_length(records[0]->name));
	xml_open(xml, "testsuite");
	xml_attribute(xml, "name", name.at);
	xml_counts(xml, &counts, true);
	if (reporter->books.run)
		xml_properties(xml, reporter, summary, records, used);
	for (size_t i = 0; i < used; i++)
		xml_case(xml, reporter, records[i]);
	xml_close(xml);
	xml->failed |= name.failed;
	buffer_free(&name);
	return used;
}

static int by_name(const void *a, const void *b)
{
	const struct record *x = *(struct record *const *)a, *y = *(struct record *const *)b;
	int order = strcmp(x->name, y->name);

	return order ? order : strcmp(x->over, y->over);
}

static void xml_suites(struct xml *xml, const struct reporter *reporter,
		       const struct event_summary *summary)
{
	const struct books *books = &reporter->books;
	struct counts counts = {.tests = 0};

	for (size_t i = 0; i < books->count; i++)
		count(&counts, books->records[i]);
	/* Cases run side by side: the whole took less than their sum. */
	if (summary)
		counts.time = summary->seconds;
	xml_open(xml, "testsuites");
	xml_attribute(xml, "name", "lastack");
	xml_counts(xml, &counts, false);
	for (size_t i = 0; i < books->count;)
		i += xml_suite(xml, reporter, i ? NULL : summary, books->records + i,
			       books->count - i);
	xml_close(xml);
}

static void junit_close(struct reporter *reporter, const struct event_summary *summary)
{
	struct books *books = &reporter->books;
	struct xml xml;

	if (books->count)
		qsort(books->records, books->count, sizeof(*books->records), by_name);
	xml_begin(&xml);
	xml_suites(&xml, reporter, summary);
	xml_end(&xml, &reporter->out);
}

const struct format format_junit = {.name = "junit", .load = xml_load, .keeps_ladders = true,
	.close = junit_close};
