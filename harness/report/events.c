/*
 * The stream itself: every event as its line of JSON, as it comes. Between programs, not for
 * people.
 */
#include "report/reporter.h"

static void events_seen(struct reporter *reporter, const struct event *event, struct record *record)
{
	(void)record;
	/* Rungs come by the dozen, and are of use once what follows is known. */
	reporter->held = event->kind == EVENT_RUNG;
	if (event_write(&reporter->out, event))
		reporter->out.failed = true;
}

const struct format format_events = {.name = "events", .seen = events_seen};
