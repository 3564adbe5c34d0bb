/*
 * How a guest's run ends when the guest does not end it.
 */
#include "guest/outside.h"
#include "guest/parcel.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

void console_take(struct buffer *console, const char *bytes, size_t n)
{
	buffer_put(console, bytes, n);
	if (console->len > 2 * CONSOLE_BYTES)
		buffer_drop(console, console->len - CONSOLE_BYTES);
}

/* The line of the console that tells most: a panic's, else the last one. Cleaned, cut. */
static void telling_line(const struct buffer *console, char *out, size_t size)
{
	static const char *const signs[] = {"Kernel panic", "Out of memory", "lastack: "};
	const char *line = NULL;
	size_t n;

	*out = '\0';
	if (!console->len)
		return;
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]) && !line; i++)
		line = strstr(console->at, signs[i]);
	if (!line) {
		size_t end = console->len;

		while (end && (unsigned char)console->at[end - 1] <= ' ')
			end--;
		if (!end)
			return;
		line = memrchr(console->at, '\n', end);
		line = line ? line + 1 : console->at;
	}
	n = strcspn(line, "\n");
	for (size_t i = 0; i < n && i + 1 < size; i++) {
		out[i] = (char)(line[i] < ' ' || line[i] > '~' ? ' ' : line[i]);
		out[i + 1] = '\0';
	}
}

void ending_text(const struct listener *listener, struct why *why)
{
	char line[120];
	const char *hint = "";

	telling_line(&listener->console, line, sizeof(line));
	/* Its memory is a file there, and SIGBUS says that the file cannot grow. */
	if (strstr(line, "signal 7"))
		hint = " (no memory: /dev/shm, or TMPDIR, is full)";
	if (WIFSIGNALED(listener->ended))
		why_set(why, EPROTO, "it was ended by signal %d (%s)%s%s%s",
			WTERMSIG(listener->ended), strsignal(WTERMSIG(listener->ended)),
			*line ? "; its console: " : "", line, hint);
	else
		why_set(why, EPROTO, "it ended with status %d before its run did%s%s%s",
			WEXITSTATUS(listener->ended), *line ? "; its console: " : "", line, hint);
}

/* FOLDER/console.txt, or console-N.txt where there are several. */
static int console_keep(const struct listener *listener, const char *path, struct why *why)
{
	const struct buffer *console = &listener->console;
	char name[32] = "console.txt";
	struct output_file file;
	int folder = folder_open(path, NULL, why), r, closed;

	if (folder < 0) {
		why_add(why, "evidence folder %s: ", path);
		return folder;
	}
	if (listener->guests->count > 1)
		snprintf(name, sizeof(name), "console-%u.txt", listener->share + 1);
	r = output_file_open_at(&file, folder, name);
	close(folder);
	if (!r) {
		if (console->len && fwrite(console->at, 1, console->len, file.file) != console->len)
			r = -errno;
		closed = output_file_close(&file, !r);
		r = r ? r : closed;
	}
	return r ? why_set(why, -r, "evidence %s/%s: %s", path, name, strerror(-r)) : 0;
}

/* What all guests' verdicts add up to: the same as for a run in one place. */
static struct event_summary summary_of(const struct guests *guests)
{
	struct event_summary all = {.seconds = guests->time,
				    .interrupted = guests->interrupted != 0};
	bool lost = false, inconclusive;
	struct tally tally;

	for (unsigned i = 0; i < guests->count; i++) {
		const struct listener *listener = &guests->listeners[i];

		for (int v = 0; v < VERDICTS; v++)
			all.count[v] += listener->heard[v];
		all.unexpected += listener->summary.unexpected;
		all.retries += listener->summary.retries;
		/* Only errors, lost evidence and what is inconclusive make it that. */
		inconclusive = listener->heard[VERDICT_INCONCLUSIVE];
		lost |= listener->state != GUEST_ENDED ||
			(listener->status == EXIT_HARNESS && !inconclusive);
	}
	for (int v = 0; v < VERDICTS; v++)
		tally.count[v] = all.count[v];
	tally.unexpected = all.unexpected;
	all.status = verdict_status(&tally, lost);
	if (guests->interrupted)
		all.status = 128 + guests->interrupted;
	return all;
}

static void complaint(const struct guests *guests, const struct workplace *workplace)
{
	for (unsigned i = 0; i < guests->count; i++) {
		const struct listener *listener = &guests->listeners[i];

		if (listener->state == GUEST_ENDED)
			continue;
		log_warn("the guest kernel %s: %s%s", guests->kernel->name,
			 *listener->why.text ? listener->why.text : "it did not come to its end",
			 workplace->evidence ? "; its console is in the evidence folder"
					     : "; --evidence DIR keeps its console");
		return;
	}
}

/* Nothing has run where a guest refused, or the reporters could not be made. */
static int refusal(const struct guests *guests, struct why *why)
{
	if (guests->refused) {
		*why = guests->why;
		return guests->refused;
	}
	for (unsigned i = 0; i < guests->count && !guests->told_run; i++)
		if (guests->listeners[i].state == GUEST_REFUSED) {
			*why = guests->listeners[i].why;
			return guests->listeners[i].status;
		}
	return 0;
}

int ending_report(struct guests *guests, const struct workplace *workplace, struct why *why)
{
	struct event event = {.kind = EVENT_SUMMARY, .time = guests->time};
	struct why lost = {.text = ""};
	int r = refusal(guests, why);

	if (r)
		return r;
	event.summary = summary_of(guests);
	event.summary.wall = clock_monotonic() - guests->began;
	for (unsigned i = 0; i < guests->count && workplace->evidence; i++) {
		const struct listener *listener = &guests->listeners[i];

		if (console_keep(listener, workplace->evidence, &lost) ||
		    (listener->state == GUEST_ENDED && listener->haul >= 0 &&
		     parcel_unpack(listener->haul, workplace->evidence, &lost)))
			event.summary.status = EXIT_HARNESS;
	}
	if (*lost.text)
		log_warn("%s", lost.text);
	if (guests->told_run)
		guests_event(guests, &event);
	if (!guests->interrupted)
		complaint(guests, workplace);
	return event.summary.status;
}
