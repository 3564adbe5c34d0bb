/*
 * What a run's verdicts say of the requirements its cases are judged by. Of the report room only.
 */
#ifndef REPORT_REQUIREMENTS_H
#define REPORT_REQUIREMENTS_H

#include "report/record.h"

/* Levels as people count them; a MUST NOT is a MUST. */
enum requirement_group { GROUP_MUST, GROUP_SHOULD, GROUP_MAY, GROUP_DOCUMENTED, GROUPS };

/* Each requirement counts once, whatever the number of its cases and address families. */
struct requirement_count {
	/* Number in the table, with those that no case covers; of a suite: that its cases test. */
	unsigned all;
	unsigned kept, broken; /* by the verdicts; together those that were judged */
};

/*
 * Count by the verdicts that the books hold. A requirement is broken where a case that is judged by
 * it failed or deviated. It is kept where one passed, and none failed, deviated, erred, stayed
 * inconclusive or did not end. A skip shows nothing. The level is the table's, not the one that a
 * case is judged by.
 */
void requirements_count(const struct books *books, struct requirement_count count[GROUPS]);
/* The same of n records alone: `all` is the number of requirements that their cases test. */
void requirements_count_suite(struct record *const *records, size_t n,
			      struct requirement_count count[GROUPS]);

/* "requirements: 96 of 280 MUSTs judged: 94 kept, 2 broken; ..."; nothing if none was judged. */
void requirements_text(const struct requirement_count count[GROUPS], struct buffer *out);
/* "96 of 280 judged: 94 kept, 2 broken", of one level. */
void requirements_value(const struct requirement_count *count, struct buffer *out);
/* "MUST", "SHOULD", "MAY", "DOCUMENTED". */
const char *requirement_group_name(enum requirement_group group);

#endif
