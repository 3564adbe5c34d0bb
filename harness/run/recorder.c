#include "run/recorder.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Bytes of rungs that may wait to be encoded, and of events that may wait to be read. */
#define NOTES_MAX ((size_t)16 << 20)
#define LINES_MAX ((size_t)16 << 20)

/* A copy of a rung; its text and want follow, each with its NUL. */
struct note {
	enum rung_kind kind;
	int number, peer;
	bool broken, has_want;
	nanos time;  /* ns since the epoch */
	nanos taken; /* monotonic, when the note was taken */
	size_t text_size, want_size;
};

static const char *const kinds[] = {
	[RUNG_SENT] = "sent",	    [RUNG_LOST] = "lost",
	[RUNG_HEARD] = "heard",	    [RUNG_HEARD_LOST] = "heard-lost",
	[RUNG_SILENCE] = "silence", [RUNG_CALL] = "call",
	[RUNG_STATE] = "state",	    [RUNG_STRAY] = "stray",
	[RUNG_MISSING] = "missing",
};

static void recorder_rung(void *arg, const struct rung *rung)
{
	struct recorder *recorder = arg;
	const char *text_ = rung->text ? rung->text : "";
	struct note note = {.kind = rung->kind,
			    .number = rung->number,
			    .peer = rung->peer,
			    .broken = rung->broken,
			    .has_want = rung->want != NULL,
			    .time = rung->time,
			    .taken = clock_monotonic(),
			    .text_size = strlen(text_) + 1,
			    .want_size = rung->want ? strlen(rung->want) + 1 : 0};

	/* What broke the claim is wanted in any case, and ends it. */
	if (recorder->notes.len > NOTES_MAX && !rung->broken) {
		recorder->dropped++;
		return;
	}
	buffer_put(&recorder->notes, &note, sizeof(note));
	buffer_put(&recorder->notes, text_, note.text_size);
	if (rung->want)
		buffer_put(&recorder->notes, rung->want, note.want_size);
}

static void recorder_waiting(void *arg, const char *what, nanos until)
{
	struct recorder *recorder = arg;

	snprintf(recorder->what, sizeof(recorder->what), "%s", what ? what : "");
	recorder->until = until;
}

static void event_put(struct recorder *recorder, struct event *event)
{
	event->name = recorder->name;
	event->over = recorder->over;
	if (event_write(&recorder->lines, event))
		recorder->lines.failed = true;
}

static void note_encode(struct recorder *recorder, const struct note *note, const char *text_,
			const char *want)
{
	struct event event = {.kind = EVENT_RUNG, .time = note->taken - recorder->began};

	if (!recorder->first)
		recorder->first = note->time;
	if (recorder->lines.len > LINES_MAX && !note->broken) {
		recorder->dropped++;
		return;
	}
	event.rung = (struct event_rung){.number = note->number,
					 .kind = kinds[note->kind],
					 .peer = note->peer,
					 .time = note->time - recorder->first,
					 .text = text_,
					 .want = want,
					 .broken = note->broken};
	event_put(recorder, &event);
}

/* What the case waits for comes behind the rungs that it has climbed. */
static void wait_encode(struct recorder *recorder)
{
	nanos now = clock_monotonic();
	struct event event = {.kind = EVENT_WAIT, .time = now - recorder->began};

	if (!recorder->until)
		return;
	event.wait.what = recorder->what;
	event.wait.left = recorder->until > now ? recorder->until - now : 0;
	event_put(recorder, &event);
	recorder->until = 0;
}

static void notes_encode(struct recorder *recorder)
{
	size_t at = 0;

	while (at < recorder->notes.len) {
		struct note note;
		const char *text_ = recorder->notes.at + at + sizeof(note);

		memcpy(&note, recorder->notes.at + at, sizeof(note));
		at += sizeof(note) + note.text_size + note.want_size;
		note_encode(recorder, &note, text_, note.has_want ? text_ + note.text_size : NULL);
	}
	recorder->notes.len = 0;
}

/* Write what there is; with wait, all of it. False: the run has gone, or memory has. */
static bool lines_write(struct recorder *recorder, bool wait)
{
	while (recorder->lines.len) {
		ssize_t n = write(recorder->fd, recorder->lines.at, recorder->lines.len);
		struct pollfd room = {.fd = recorder->fd, .events = POLLOUT};

		if (n > 0)
			buffer_drop(&recorder->lines, (size_t)n);
		else if (n < 0 && errno == EAGAIN && !wait)
			return true;
		else if (n < 0 && errno != EAGAIN && errno != EINTR)
			return false;
		else if (n < 0 && poll(&room, 1, -1) < 0 && errno != EINTR)
			return false;
	}
	return !recorder->lines.failed && !recorder->notes.failed;
}

static void recorder_idle(void *arg)
{
	struct recorder *recorder = arg;

	if (!recorder->notes.len && !recorder->lines.len && !recorder->until)
		return;
	notes_encode(recorder);
	wait_encode(recorder);
	lines_write(recorder, false);
}

/* What is still on the wire is taken in; what the capture's file has become is told. */
static void audit(struct recorder *recorder, char *message, size_t size)
{
	size_t used = strlen(message);
	struct why why = {.text = ""};

	if (recorder->lab && lab_audit(recorder->lab, &why))
		snprintf(message + used, size - used, "%s%s", used ? "; " : "", why.text);
}

static void dropped_tell(const struct recorder *recorder, char *message, size_t size)
{
	size_t used = strlen(message);

	if (recorder->dropped)
		snprintf(message + used, size - used,
			 "%sthe ladder lacks %llu rungs: the run could not take them in as fast",
			 used ? "; " : "", recorder->dropped);
}

static void verdict_write(struct recorder *recorder, enum verdict verdict,
			  const struct break_facts *facts, const char *message)
	__attribute__((noreturn));
static void verdict_write(struct recorder *recorder, enum verdict verdict,
			  const struct break_facts *facts, const char *message)
{
	struct event event = {.kind = EVENT_VERDICT};

	notes_encode(recorder);
	event.time = clock_monotonic() - recorder->began;
	event.verdict = (struct event_verdict){
		.verdict = verdict,
		.expected = true,
		.seconds = clock_monotonic() - recorder->case_began,
		.message = message,
		.line = facts->line,
		.late = facts->late > 0 ? (unsigned)(facts->late / ms(1)) : 0,
		.facts = *facts};
	event_put(recorder, &event);
	_exit(lines_write(recorder, true) ? 0 : 1);
}

static void recorder_verdict(void *arg, bool broken, enum verdict verdict, int line,
			     const char *message) __attribute__((noreturn));
static void recorder_verdict(void *arg, bool broken, enum verdict verdict, int line,
			     const char *message)
{
	struct recorder *recorder = arg;
	struct break_facts facts = {.kind = BREAK_NONE};
	/* The audit has failed, and ended the case by this observer once more. */
	const bool second = recorder->ending;
	char said[1024];

	snprintf(said, sizeof(said), "%s", message ? message : "");
	if (!second) {
		recorder->ending = true;
		audit(recorder, said, sizeof(said));
	}
	if (recorder->lab)
		facts = exchange_facts(lab_exchange(recorder->lab));
	if (!broken || second)
		facts.kind = BREAK_NONE;
	else if (!facts.kind)
		facts.kind = BREAK_CALL;
	facts.line = line;
	dropped_tell(recorder, said, sizeof(said));
	verdict_write(recorder, second ? VERDICT_INCONCLUSIVE : verdict, &facts, said);
}

struct observer recorder_observer(struct recorder *recorder)
{
	return (struct observer){.arg = recorder,
				 .rung = recorder_rung,
				 .waiting = recorder_waiting,
				 .verdict = recorder_verdict,
				 .idle = recorder_idle};
}

void recorder_start(struct recorder *recorder, const struct event_case *start)
{
	struct event event = {
		.kind = EVENT_CASE, .start = *start, .time = clock_monotonic() - recorder->began};

	event_put(recorder, &event);
	lines_write(recorder, false);
}

void recorder_end(struct recorder *recorder)
{
	recorder_verdict(recorder, false, VERDICT_PASS, 0, "");
}

void recorder_end_without(struct recorder *recorder, int no_lab, int no_reach, const char *message)
{
	const struct break_facts facts = {.no_lab = no_lab, .no_reach = no_reach};

	verdict_write(recorder, VERDICT_ERROR, &facts, message);
}
