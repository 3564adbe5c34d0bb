/*
 * The verdict of one attempt of a case. Nothing here asks the machine or the network anything, so
 * that each combination of facts has a unit test.
 */
#include "verdict/inside.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* If our side acted so late, what breaks afterwards may not be the DUT's fault. */
#define LATE_LIMIT ms(50)
/* The real-time clock may be slewed by so much while a case runs, and by no more. */
#define CLOCK_STEP_LIMIT ms(20)
/* Cases mostly wait: none needs a tenth of so much time on a processor. */
#define CPU_MAX sec(2)

enum verdict verdict_broken(enum level level)
{
	switch (level) {
	case LEVEL_SHOULD:
	case LEVEL_SHOULD_NOT:
		return VERDICT_DEVIATION;
	case LEVEL_MAY:
		return VERDICT_PASS;
	case LEVEL_UNSET:
	case LEVEL_MUST:
	case LEVEL_MUST_NOT:
	case LEVEL_DOCUMENTED:
		break;
	}
	return VERDICT_FAIL;
}

static void say(struct judgement *out, enum verdict verdict, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static void say(struct judgement *out, enum verdict verdict, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(out->message, sizeof(out->message), format, args);
	va_end(args);
	out->verdict = verdict;
}

/* A state that ends at a time which is wrong by more than twice a lateness is not wrong by that. */
static bool explains(nanos lateness, const struct break_facts *facts)
{
	return facts->kind != BREAK_CALL || facts->off_by <= 2 * lateness;
}

/* The reason for which our own side may have caused the break, as text; NULL: it did not. */
static const char *our_fault(const struct break_facts *facts, char *words, size_t size)
{
	if (facts->late > LATE_LIMIT && explains(facts->late, facts))
		snprintf(words, size, "our own side was %lld ms late",
			 (long long)(facts->late / ms(1)));
	else if (facts->stall && explains(facts->stall, facts))
		snprintf(words, size, "%s stood still for %lld ms",
			 facts->stall_of ? facts->stall_of : "this machine",
			 (long long)(facts->stall / ms(1)));
	else if (facts->starved && facts->kind != BREAK_CHECK)
		snprintf(words, size, "the DUT waited for a processor");
	else
		return NULL;
	return words;
}

const char *verdict_capture_fault(const struct break_facts *facts, char *words, size_t size)
{
	if (facts->drops_unknown)
		snprintf(words, size, "the capture does not say whether it dropped frames");
	else if (facts->dropped)
		snprintf(words, size, "the capture dropped %u frames", facts->dropped);
	else if (facts->clock_step > CLOCK_STEP_LIMIT || facts->clock_step < -CLOCK_STEP_LIMIT)
		snprintf(words, size, "the real-time clock was set by %lld ms meanwhile",
			 (long long)(facts->clock_step / ms(1)));
	else
		return NULL;
	return words;
}

/*
 * A segment whose header cannot be read, from the host's own hardware address: the host sent it, or
 * a router behind that address did. It is no matter of the case's claim, nor of lateness.
 */
static bool unreadable_decide(const struct verdict_input *in, struct judgement *out)
{
	const char *fault = in->facts->unreadable;
	bool tcp;

	if (!fault)
		return false;
	tcp = !strncmp(fault, "TCP", 3);
	if (in->path && in->path->kind == PATH_ROUTED)
		say(out, VERDICT_INCONCLUSIVE,
		    "a segment that cannot be read came from the router (%s): the host sent it so, "
		    "or a box on the path changed it; --path direct says that no box is between",
		    fault);
	else
		say(out, VERDICT_FAIL, "%s: the host sent a segment that cannot be read: %s",
		    tcp ? requirement_get(RFC9293(EV, DOFF))->name : "RFC791 3.1, RFC8200 3",
		    fault);
	return true;
}

/* A claim is broken: which verdict is that? */
static void broken_decide(const struct verdict_input *in, struct judgement *out)
{
	const struct break_facts *facts = in->facts;
	char words[400];
	const char *reason = our_fault(facts, words, sizeof(words));
	const char *filter = filter_fault(in);

	if (!reason && !filter)
		reason = path_fault(in, words, sizeof(words));
	if (!reason && filter)
		say(out, VERDICT_SKIP, "%s; then: %s", filter, in->message);
	else if (reason)
		say(out, VERDICT_INCONCLUSIVE, "%s; then: %s", reason, in->message);
	else
		say(out, verdict_broken(facts->level ? facts->level : in->level), "%s",
		    in->message);
}

/* An attempt that did not break. A pass that the profile does not expect may be the path's work. */
static void unbroken_decide(const struct verdict_input *in, struct judgement *out)
{
	const char *hidden = NULL, *filter = NULL;
	char words[400];

	if (in->told == VERDICT_PASS && in->expected != VERDICT_PASS) {
		filter = filter_fault(in);
		hidden = filter ? NULL : path_hides(in, words, sizeof(words));
	}
	if (filter)
		say(out, VERDICT_SKIP, "%s", filter);
	else if (hidden)
		say(out, VERDICT_INCONCLUSIVE, "passed, where the profile expects another verdict, "
		    "but %s", hidden);
	else
		say(out, in->told, "%s", in->message);
}

/*
 * A lab that is not ready in time is late because this machine has too much to do. An agent that
 * does not answer in time may be behind a path that loses segments: its connection waits for the
 * retransmission.
 */
static void unreached_decide(const struct verdict_input *in, struct judgement *out)
{
	const struct break_facts *facts = in->facts;
	const char *reason = NULL;
	char words[400];

	if (facts->no_reach == ETIMEDOUT)
		reason = path_loses(in, words, sizeof(words));
	if (facts->no_lab == EAFNOSUPPORT || facts->no_reach == EAFNOSUPPORT)
		say(out, VERDICT_SKIP, "%s", in->message);
	else if (reason)
		say(out, VERDICT_INCONCLUSIVE, "%s; then: %s", reason, in->message);
	else
		say(out, facts->no_lab == ETIMEDOUT ? VERDICT_INCONCLUSIVE : VERDICT_ERROR, "%s",
		    in->message);
}

bool verdict_rests_on_path(enum verdict told, const struct break_facts *facts)
{
	return facts->kind || told == VERDICT_INCONCLUSIVE || told == VERDICT_ERROR;
}

/* What a host that is gone lets a case end in. */
static bool silent_decide(const struct verdict_input *in, struct judgement *out)
{
	if (!in->path || in->path->error != -EHOSTUNREACH ||
	    !verdict_rests_on_path(in->told, in->facts))
		return false;
	say(out, VERDICT_INCONCLUSIVE, "the host does not answer any more; then: %s", in->message);
	return true;
}

static void told_decide(const struct verdict_input *in, struct judgement *out)
{
	const struct break_facts *facts = in->facts;
	const char *reason;
	char words[200];
	size_t used;

	if (silent_decide(in, out))
		;
	else if (facts->no_lab || facts->no_reach)
		unreached_decide(in, out);
	else if (unreadable_decide(in, out))
		;
	else if (facts->cut)
		say(out, VERDICT_INCONCLUSIVE,
		    "a frame of %u bytes was captured only in part, and is not judged",
		    facts->cut);
	else if (facts->kind)
		broken_decide(in, out);
	else
		unbroken_decide(in, out);
	reason = verdict_capture_fault(facts, words, sizeof(words));
	used = strlen(out->message);
	if (reason && (out->verdict == VERDICT_PASS || out->verdict == VERDICT_DEVIATION ||
		       out->verdict == VERDICT_FAIL))
		say(out, VERDICT_INCONCLUSIVE, "%s", reason);
	else if (reason)
		snprintf(out->message + used, sizeof(out->message) - used, "%s%s",
			 used ? "; " : "", reason);
}

/*
 * A case is past its budget because of this machine if its processes waited so long for a processor
 * that the rest of the time is within the budget. If they used a lot of a processor, it is not: the
 * case does not come to its end.
 */
static void overrun_decide(const struct verdict_input *in, struct judgement *out)
{
	const double budget = (double)in->budget / 1e9;

	if (in->use.ran < CPU_MAX && in->took - in->use.waited < in->budget)
		say(out, VERDICT_INCONCLUSIVE,
		    "ran past its budget of %.3g s, in which its processes waited %.3g s for a "
		    "processor", budget, (double)in->use.waited / 1e9);
	else
		say(out, VERDICT_ERROR, "ran past its budget of %.3g s", budget);
}

struct judgement verdict_decide(const struct verdict_input *in)
{
	struct judgement out = {.message = ""};

	switch (in->end) {
	case END_TOLD:
		told_decide(in, &out);
		break;
	case END_MISSING:
		say(&out, VERDICT_SKIP, "%s", in->message);
		break;
	case END_FAILED:
		say(&out, VERDICT_ERROR, "%s", in->message);
		break;
	case END_OVERRUN:
		overrun_decide(in, &out);
		break;
	case END_SILENT:
		say(&out, VERDICT_INCONCLUSIVE, "the host does not answer any more");
		break;
	}
	out.again = out.verdict == VERDICT_INCONCLUSIVE && in->end != END_SILENT;
	out.expected = verdict_expected(out.verdict, in->expected);
	out.counts = verdict_counts(out.verdict, out.expected, in->expected != VERDICT_PASS,
				    in->strict);
	return out;
}
