/*
 * What a guest says, line by line: checked, counted, and handed to the reporters.
 */
#include "guest/outside.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINE_MAX_BYTES 262144u
#define HAUL_BYTES_MAX (512ll << 20)

void guests_event(struct guests *guests, struct event *event)
{
	const struct run_options *run = guests->options->run;

	guests->told = clock_monotonic();
	event->wall = guests->told - guests->began;
	if (event->time > guests->time)
		guests->time = event->time;
	for (size_t i = 0; i < run->reporter_count; i++)
		reporter_event(run->reporters[i], event);
}

void listener_distrust(struct listener *listener, const char *what)
{
	if (listener->state == GUEST_BROKEN)
		return;
	why_set(&listener->why, EPROTO, "%s", what);
	listener->state = GUEST_BROKEN;
}

/* Send the next piece of the order; behind the last one, an empty line. */
static void order_continue(struct listener *listener)
{
	size_t left = listener->order.len - listener->ordered;
	size_t n = left < ORDER_LINE_MAX ? left : ORDER_LINE_MAX;
	struct buffer line = {.at = NULL};

	if (listener->order_whole)
		return;
	buffer_put(&line, listener->order.at + listener->ordered, n);
	buffer_put(&line, "\n", 1);
	if (line.failed ||
	    send(listener->process.channel, line.at, line.len, MSG_NOSIGNAL) != (ssize_t)line.len)
		listener_distrust(listener, "the order does not get through to the guest");
	listener->ordered += n;
	listener->order_whole = !n;
	buffer_free(&line);
}

/* How many cases this guest has to give a verdict on. */
static unsigned share_of(const struct listener *listener)
{
	const struct guests *guests = listener->guests;

	return guests->cases / guests->count +
	       (listener->share < guests->cases % guests->count ? 1 : 0);
}

static void summary_take(struct listener *listener, const struct event *event)
{
	unsigned told = 0;

	for (int i = 0; i < VERDICTS; i++) {
		told += event->summary.count[i];
		if (event->summary.count[i] != listener->heard[i])
			listener_distrust(listener, "its summary does not fit its verdicts");
	}
	if (!event->summary.interrupted && told != share_of(listener))
		listener_distrust(listener, "its summary lacks verdicts");
	if (listener->state == GUEST_BROKEN)
		return;
	listener->state = GUEST_SUMMED;
	listener->summary = event->summary;
}

static void verdict_take(struct listener *listener, struct event *event)
{
	enum verdict verdict = event->verdict.verdict;
	unsigned told = 0;

	if (event->verdict.attempt > 1) {
		if (!listener->heard[VERDICT_INCONCLUSIVE]) {
			listener_distrust(listener,
					  "it ran a case again that was not inconclusive");
			return;
		}
		listener->heard[VERDICT_INCONCLUSIVE]--;
	}
	listener->heard[verdict]++;
	for (int i = 0; i < VERDICTS; i++)
		told += listener->heard[i];
	if (told > share_of(listener)) {
		listener_distrust(listener, "it gave more verdicts than it has cases");
		return;
	}
	guests_event(listener->guests, event);
}

/* The run begins for the reporters when the first guest begins. */
static void run_take(struct listener *listener, struct event *event)
{
	struct guests *guests = listener->guests;
	const struct run_options *run = guests->options->run;

	if (listener->state != GUEST_ORDERED ||
	    (guests->told_run && guests->cases != event->run.cases)) {
		listener_distrust(listener, "it began another run");
		return;
	}
	listener->state = GUEST_RUNNING;
	guests->cases = event->run.cases;
	if (guests->told_run)
		return;
	guests->told_run = true;
	if (run->ready)
		guests->refused = run->ready(run->ready_arg, &guests->why);
	if (!guests->refused)
		guests_event(guests, event);
}

/*
 * Reporters keep a record of each case that they are told of: a guest that invents names must not
 * fill the memory. The search begins at the case of the last event, where it mostly ends, too.
 */
static bool was_ordered(struct listener *listener, const char *name)
{
	const struct catalogue *ordered = listener->guests->options->run->catalogue;

	for (size_t i = 0; i < ordered->count; i++) {
		size_t at = (listener->last_case + i) % ordered->count;

		if (!strcmp(ordered->entries[at].name, name)) {
			listener->last_case = at;
			return true;
		}
	}
	return false;
}

static void event_take(struct listener *listener, struct event *event)
{
	if (event->kind == EVENT_RUN) {
		run_take(listener, event);
		return;
	}
	if (listener->state != GUEST_RUNNING) {
		listener_distrust(listener, "it told of a run that does not go on");
		return;
	}
	if (event->name && !was_ordered(listener, event->name)) {
		listener_distrust(listener, "it told of a case that was not selected");
		return;
	}
	switch (event->kind) {
	case EVENT_VERDICT:
		verdict_take(listener, event);
		return;
	case EVENT_SUMMARY:
		summary_take(listener, event);
		return;
	case EVENT_RUN:
	case EVENT_CASE:
	case EVENT_RUNG:
	case EVENT_WAIT:
	case EVENT_TICK:
		guests_event(listener->guests, event);
	}
}

/* GUEST_END STATUS [TEXT]: the run inside is over. */
static void end_take(struct listener *listener, const char *rest)
{
	char *text_;
	long status = strtol(rest, &text_, 10);

	if (status >= 0 && listener->state == GUEST_SUMMED && status <= 255) {
		listener->state = GUEST_ENDED;
		listener->status = (int)status;
	} else if (status < 0 && listener->state == GUEST_ORDERED) {
		listener->state = GUEST_REFUSED;
		listener->status = (int)status;
		why_set(&listener->why, EPROTO, "in the guest: %s", text_ + strspn(text_, " "));
	} else {
		listener_distrust(listener, "it ended before its summary");
	}
}

static void line_take(struct listener *listener, char *line, size_t len)
{
	struct event_storage storage = {.json = NULL};
	struct event event;

	listener->heard_at = clock_monotonic();
	if (listener->state == GUEST_BROKEN || listener->state == GUEST_REFUSED)
		return;
	if (listener->state == GUEST_BOOTING) {
		if (!strcmp(line, GUEST_READY)) {
			listener->state = GUEST_ORDERED;
			order_continue(listener);
		}
		return;
	}
	if (!strcmp(line, GUEST_GO_ON)) {
		order_continue(listener);
		return;
	}
	if (!strncmp(line, GUEST_END, strlen(GUEST_END))) {
		end_take(listener, line + strlen(GUEST_END));
		return;
	}
	if (event_read(line, len, &event, &storage, &listener->why)) {
		listener->state = GUEST_BROKEN;
		why_add(&listener->why, "it wrote what is no event: ");
		return;
	}
	event_take(listener, &event);
	event_storage_free(&storage);
}

void listener_hear(struct listener *listener, const char *bytes, size_t n)
{
	size_t taken = 0;

	buffer_put(&listener->line, bytes, n);
	if (listener->line.failed)
		listener_distrust(listener, "it wrote more than fits into memory");

	while (taken < listener->line.len) {
		char *line = listener->line.at + taken;
		char *end = memchr(line, '\n', listener->line.len - taken);
		size_t len;

		if (!end)
			break;
		len = (size_t)(end - line);
		taken += len + 1;
		while (len && line[len - 1] == '\r')
			len--;
		line[len] = '\0';
		line_take(listener, line, len);
	}
	buffer_drop(&listener->line, taken);
	if (listener->line.len > LINE_MAX_BYTES)
		listener_distrust(listener, "it wrote a line without an end");
}

bool haul_read(struct listener *listener)
{
	char chunk[16384];

	for (;;) {
		ssize_t n = read(listener->process.evidence, chunk, sizeof(chunk));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return true;
		if (n <= 0)
			return false;
		listener->heard_at = clock_monotonic();
		if (listener->haul < 0)
			continue;
		listener->hauled += n;
		if (listener->hauled > HAUL_BYTES_MAX ||
		    write(listener->haul, chunk, (size_t)n) != n)
			listener_distrust(listener, "it sent more evidence than there can be");
	}
}
