/*
 * For the tests of module verdict: an attempt of a case against a host, which broke, and the path.
 */
#ifndef TESTS_VERDICT_ATTEMPT_H
#define TESTS_VERDICT_ATTEMPT_H

#include "verdict/verdict.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* cmocka has macros of the same names as a case's verbs. */
#undef expect
#undef expect_any
#undef check
#include <cmocka.h>

#define MESSAGE "want ack 1, got 2"
#define LINE 77

/* An attempt that broke at LINE, and the path that it had; changed by each test. */
struct attempt {
	struct break_facts facts;
	struct verdict_path path;
	struct verdict_input in;
};

static const struct path_facts clean = {
	.sent = 100, .rtt_least = us(50), .rtt_worst = us(300)};

static inline void begin(struct attempt *attempt, enum break_kind kind, enum path_kind path)
{
	attempt->facts = (struct break_facts){.kind = kind, .line = LINE, .hops_least = 64,
					      .hops_most = 64};
	attempt->path = (struct verdict_path){.kind = path, .interface = "t0", .before = clean,
					      .run = clean, .beside = clean, .after = clean};
	attempt->in = (struct verdict_input){.end = END_TOLD, .told = VERDICT_FAIL,
					     .facts = &attempt->facts, .path = &attempt->path,
					     .message = MESSAGE, .level = LEVEL_MUST, .attempt = 1};
}

/* The same, after an attempt that broke in the same way at the same place. */
static inline void begin_again(struct attempt *attempt, enum break_kind kind, enum path_kind path)
{
	begin(attempt, kind, path);
	attempt->in.attempt = 2;
	attempt->in.before = kind;
	attempt->in.before_line = LINE;
}

/* The judgement of the attempt, which must be this verdict with this text in its message. */
static inline struct judgement is_made(const struct attempt *attempt, enum verdict verdict,
				       const char *message)
{
	struct judgement made = verdict_decide(&attempt->in);

	if (made.verdict != verdict || !strstr(made.message, message))
		fail_msg("%s: want %s '%s', got %s '%s'", break_name(attempt->facts.kind),
			 verdict_name(verdict), message, verdict_name(made.verdict),
			 made.message);
	return made;
}

#endif
