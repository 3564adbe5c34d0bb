/*
 * Premises: the steps of a case that rest on another rule than its claim does.
 *
 * The level of a failure is that of the weakest rule that explains it. If a DUT sends what it may
 * send without following a SHOULD, it breaks that SHOULD and not the MUST that the case is about;
 * without following a MAY it breaks nothing.
 */
#include "peer/inside.h"
#include <stdarg.h>
#include <stdio.h>

#define NOT_JUDGED "; this is a premise of the claim, which is not judged"

/* The rule is not followed. A MAY is no obligation: the case is skipped. Otherwise returns. */
static void leave(struct exchange *x, enum requirement_id rule, struct entry *entry,
		  const char *report)
{
	const struct requirement *requirement = requirement_get(rule);

	x->facts.level = requirement->level;
	x->facts.requirement = requirement->name;
	if (requirement->level != LEVEL_MAY)
		return;
	if (entry) {
		ladder_want(entry, x->want.at);
		entry->waits = false;
	}
	exchange_end(x, VERDICT_SKIP, "the DUT does not do what %s permits: %s",
		     requirement->name, report);
}

static void not_followed(struct peer *p, enum requirement_id rule, const struct heard *got,
			 const struct segment *want, const char *report)
{
	struct exchange *x = p->exchange;
	char message[sizeof(struct match_report) + sizeof(NOT_JUDGED)];

	leave(x, rule, ladder_get(x, got->rung), report);
	snprintf(message, sizeof(message), "%s%s", report, NOT_JUDGED);
	expect_broken(p, got, want, x->want.at, message);
}

/* No segment arrived, and one was wanted: the rule's end if the list says so. */
static void none_heard(struct peer *p, enum requirement_id rule, const struct segment *templates,
		       size_t n, nanos closes, nanos room)
{
	struct exchange *x = p->exchange;

	for (size_t i = 1; i < n; i++)
		if (templates[i].nothing)
			leave(x, rule, NULL, "no segment arrived");
	expect_missing(p, templates[0].flags, x->want.at, closes, room);
}

static void premise_text(struct exchange *x, const struct segment *want)
{
	struct window window = exchange_window(x, want->when);
	char words[NANOS_TEXT_MAX];

	buffer_drop(&x->want, x->want.len);
	if (want->nothing)
		buffer_printf(&x->want, "silence for %s", nanos_text(want->when.to, words));
	else
		expect_text(&x->want, want, window);
	buffer_printf(&x->want, " (%s)", requirement_get(x->premise)->name);
}

static const struct heard *rehearse(struct peer *p, const struct segment *want)
{
	const struct heard *got = NULL;

	if (want->nothing)
		(expect_silence)(p, want->when.to);
	else
		got = peer_rehearse(p, want, false);
	p->exchange->premise = REQUIREMENT_NONE;
	return got;
}

const struct heard *peer_premise(struct peer *p, enum requirement_id rule,
				 const struct segment *templates, size_t n)
{
	struct exchange *x = p->exchange;
	struct match_report report = {.text = ""}, other;
	const struct segment *want = templates[0].nothing ? NULL : &templates[0];
	const struct heard *got;
	nanos closes, room = NANOS_MAX;

	x->premise = rule;
	premise_text(x, &templates[0]);
	if (x->config.rehearsal)
		return rehearse(p, &templates[0]);
	x->premise = REQUIREMENT_NONE;
	closes = expect_closes(p, templates, n, &room);
	got = expect_heard(p, x->want.at, closes);
	if (!got && templates[0].nothing) {
		exchange_could(x, closes);
		exchange_rung(x, p, RUNG_SILENCE, closes, false, false, x->want.at, x->want.at);
		return NULL;
	}
	if (!got)
		none_heard(p, rule, templates, n, closes, room);
	if (templates[0].nothing)
		snprintf(report.text, sizeof(report.text),
			 "a segment came where silence was due");
	else if (expect_is_met(p, &templates[0], got, &report)) {
		ladder_want(ladder_get(x, got->rung), x->want.at);
		peer_consume(p, false);
		return got;
	}
	for (size_t i = 1; i < n; i++)
		if (!templates[i].nothing && expect_is_met(p, &templates[i], got, &other))
			not_followed(p, rule, got, want, report.text);
	expect_broken(p, got, want, x->want.at, report.text);
}

void exchange_break_premise(struct exchange *x, enum requirement_id rule, const char *format, ...)
{
	char message[512];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	leave(x, rule, NULL, message);
	exchange_break_as(x, BREAK_CALL, 0, "%s" NOT_JUDGED, message);
}

void peer_premise_check(struct peer *p, enum requirement_id rule, bool condition, const char *what,
			const char *format, ...)
{
	struct exchange *x = p->exchange;
	char message[512];
	va_list args;

	if (condition || x->config.rehearsal)
		return;
	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	leave(x, rule, NULL, message);
	exchange_rung(x, p, RUNG_MISSING, clock_realtime(), false, true, message, what);
	exchange_break_as(x, BREAK_CHECK, 0, "%s (%s)" NOT_JUDGED, message, what);
}
