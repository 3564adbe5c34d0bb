#include "report/requirements.h"
#include <lastack/requirement.h>
#include <string.h>

/* What the verdicts have said of one requirement; bits. */
enum said { SAID_KEPT = 1, SAID_BROKEN = 2, SAID_NOTHING_YET = 4, SAID_TESTED = 8 };

static const char *const names[GROUPS] = {"MUST", "SHOULD", "MAY", "DOCUMENTED"};
static const char *const plurals[GROUPS] = {"MUSTs", "SHOULDs", "MAYs", "documented promises"};

static enum requirement_group group_of(const struct requirement *requirement)
{
	switch (requirement->level) {
	case LEVEL_SHOULD:
	case LEVEL_SHOULD_NOT:
		return GROUP_SHOULD;
	case LEVEL_MAY:
		return GROUP_MAY;
	case LEVEL_DOCUMENTED:
		return GROUP_DOCUMENTED;
	case LEVEL_UNSET:
	case LEVEL_MUST:
	case LEVEL_MUST_NOT:
		break;
	}
	return GROUP_MUST;
}

static unsigned said_by(const struct record *record)
{
	if (!record->outcome)
		return SAID_NOTHING_YET;
	switch (record_verdict(record)->verdict) {
	case VERDICT_PASS:
		return SAID_KEPT;
	case VERDICT_FAIL:
	case VERDICT_DEVIATION:
		return SAID_BROKEN;
	case VERDICT_SKIP:
		return 0;
	case VERDICT_INCONCLUSIVE:
	case VERDICT_ERROR:
		break;
	}
	return SAID_NOTHING_YET;
}

static void count_records(struct record *const *records, size_t n, bool whole_table,
			  struct requirement_count count[GROUPS])
{
	unsigned char said[REQUIREMENT_END] = {0};

	for (size_t i = 0; i < n; i++) {
		const char *name = record_judged_by(records[i]).name;
		const struct requirement *requirement = name ? requirement_find(name) : NULL;

		if (requirement)
			said[requirement->id] |=
				(unsigned char)(said_by(records[i]) | SAID_TESTED);
	}
	memset(count, 0, GROUPS * sizeof(*count));
	for (int id = REQUIREMENT_NONE + 1; id < REQUIREMENT_END; id++) {
		enum requirement_group group =
			group_of(requirement_get((enum requirement_id)id));

		count[group].all += whole_table || said[id];
		count[group].broken += (said[id] & SAID_BROKEN) != 0;
		count[group].kept += said[id] == (SAID_KEPT | SAID_TESTED);
	}
}

void requirements_count(const struct books *books, struct requirement_count count[GROUPS])
{
	count_records(books->records, books->count, true, count);
}

void requirements_count_suite(struct record *const *records, size_t n,
			      struct requirement_count count[GROUPS])
{
	count_records(records, n, false, count);
}

static void put_parts(const struct requirement_count *count, struct buffer *out)
{
	if (count->kept)
		buffer_printf(out, " %u kept%s", count->kept, count->broken ? "," : "");
	if (count->broken)
		buffer_printf(out, " %u broken", count->broken);
}

void requirements_text(const struct requirement_count count[GROUPS], struct buffer *out)
{
	const char *before = "requirements: ";

	for (size_t i = 0; i < GROUPS; i++) {
		if (!count[i].kept && !count[i].broken)
			continue;
		buffer_printf(out, "%s%u of %u %s judged:", before, count[i].kept + count[i].broken,
			      count[i].all, plurals[i]);
		put_parts(&count[i], out);
		before = "; ";
	}
}

void requirements_value(const struct requirement_count *count, struct buffer *out)
{
	buffer_printf(out, "%u of %u judged: %u kept, %u broken", count->kept + count->broken,
		      count->all, count->kept, count->broken);
}

const char *requirement_group_name(enum requirement_group group)
{
	return names[group];
}
