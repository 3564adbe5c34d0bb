/*
 * How a guest's run ends when the guest does not end it.
 */
#include "guest/outside.h"
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

	telling_line(&listener->console, line, sizeof(line));
	if (WIFSIGNALED(listener->ended))
		why_set(why, EPROTO, "it was ended by signal %d (%s)%s%s",
			WTERMSIG(listener->ended), strsignal(WTERMSIG(listener->ended)),
			*line ? "; its console: " : "", line);
	else
		why_set(why, EPROTO, "it ended with status %d before its run did%s%s",
			WEXITSTATUS(listener->ended), *line ? "; its console: " : "", line);
}

/* FOLDER/console.txt. */
static int console_keep(const struct listener *listener, const char *folder, struct why *why)
{
	char *path = NULL;
	FILE *file;
	int r = 0;

	if (asprintf(&path, "%s/console.txt", folder) < 0)
		return why_set(why, ENOMEM, "no memory");
	file = fopen(path, "we");
	if (!file) {
		r = why_set(why, errno, "evidence %s: %s", path, strerror(errno));
		goto out;
	}
	if (fwrite(listener->console.at ? listener->console.at : "", 1, listener->console.len,
		   file) != listener->console.len)
		r = why_set(why, errno, "evidence %s: %s", path, strerror(errno));
	if (fclose(file) && !r)
		r = why_set(why, errno, "evidence %s: %s", path, strerror(errno));
out:
	free(path);
	return r;
}

/* The reporters get their last event from here. */
static void summary_make(struct listener *listener, int status)
{
	struct event event = {.kind = EVENT_SUMMARY, .time = listener->time};

	for (int i = 0; i < VERDICTS; i++)
		event.summary.count[i] = listener->heard[i];
	event.summary.seconds = listener->time;
	event.summary.wall = clock_monotonic() - listener->began;
	event.summary.interrupted = listener->interrupted != 0;
	event.summary.status = status;
	listener_event(listener, &event);
}

int ending_report(struct listener *listener, const struct workplace *workplace, struct why *why)
{
	bool ran = listener->state == GUEST_ENDED || listener->state == GUEST_SUMMED;
	int status = listener->status;
	struct why lost = {.text = ""};

	if (listener->state == GUEST_REFUSED) {
		*why = listener->why;
		return status;
	}
	if (!ran)
		status = listener->interrupted ? 128 + listener->interrupted : EXIT_HARNESS;
	if (!ran && listener->cases)
		summary_make(listener, status);
	if (!ran && !listener->interrupted)
		log_warn("the guest kernel %s: %s%s", listener->kernel->name, listener->why.text,
			 workplace->evidence ? "; console.txt in the evidence folder has more"
					     : "; --evidence DIR keeps its console");
	if (workplace->evidence && console_keep(listener, workplace->evidence, &lost)) {
		log_warn("%s", lost.text);
		status = EXIT_HARNESS;
	}
	return status;
}
