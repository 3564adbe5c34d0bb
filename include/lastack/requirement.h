/*
 * Requirement ids: RFC9293(MUST, 15), RFC9293(EV, RST_EXACT), RFC(5961, 2), DOC(TCP_SYNCNT).
 *
 * An id that the table does not hold does not compile.
 */
#ifndef LASTACK_REQUIREMENT_H
#define LASTACK_REQUIREMENT_H

enum requirement_id {
	REQUIREMENT_NONE,
#define REQUIREMENT(id, rfc, section, level, observable, name, sentence) id,
#include <lastack/requirements.def>
#undef REQUIREMENT
	REQUIREMENT_END
};

#define RFC9293(group, number) R9293_##group##_##number
#define RFC(rfc, item) R##rfc##_##item
#define DOC(item) DOC_##item

/* How binding a requirement is; DOCUMENTED is a promise of the DUT's own manual. */
enum level { LEVEL_UNSET, LEVEL_MUST, LEVEL_MUST_NOT, LEVEL_SHOULD, LEVEL_SHOULD_NOT, LEVEL_MAY,
	LEVEL_DOCUMENTED };

/* How it can be observed. */
enum observable { OBSERVABLE_BLACKBOX, OBSERVABLE_AGENT, OBSERVABLE_NO };

/* A row of the table; the strings live for ever. rfc is 0 for a DOCUMENTED one. */
struct requirement {
	enum requirement_id id;
	unsigned rfc;
	const char *section;
	enum level level;
	enum observable observable;
	const char *name;
	const char *sentence;
};

/* The row of an id, or NULL for REQUIREMENT_NONE and anything past the table. */
const struct requirement *requirement_get(enum requirement_id id);

/* The row of this name, or NULL. */
const struct requirement *requirement_find(const char *name);

/* "MUST", "MUST NOT", ... ; "" for LEVEL_UNSET. */
const char *level_name(enum level level);

#endif
