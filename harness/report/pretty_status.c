/*
 * The live status on a terminal: how far the run is, and what the longest waits are for. It is
 * redrawn over itself in one write, line by line, so that nothing flickers.
 */
#include "report/clean.h"
#include "report/duration.h"
#include "report/event_fields.h"
#include "report/pretty.h"
#include <string.h>
#include <sys/ioctl.h>

#define WAITS_SHOWN 5
/* A terminal is refreshed this often at most, unless a tick asks for it. */
#define REFRESH ms(100)

void pretty_status_clear(struct reporter *reporter)
{
	if (!reporter->status_lines)
		return;
	buffer_printf(&reporter->out, "\r\033[%uA\033[J", reporter->status_lines);
	reporter->status_lines = 0;
}

/* One line, cut to the terminal's width, with whatever stood there before wiped out. */
static void put_status(struct reporter *reporter, const struct buffer *line)
{
	size_t width = reporter->options.width > 1 ? (size_t)reporter->options.width - 1 : 79;

	reporter->out.failed |= line->failed;
	buffer_put(&reporter->out, line->at, line->len < width ? line->len : width);
	buffer_text(&reporter->out, "\033[K\n");
	reporter->status_lines++;
}

/* How long a case still waits, ns. */
static nanos left_of(const struct reporter *reporter, const struct record *record)
{
	nanos until = nanos_bounded(record->wait->time) + nanos_bounded(record->wait->wait.left);

	return until > reporter->now ? until - reporter->now : 0;
}

/* The longest waits, the longest first; returns how many there are. */
static size_t longest_waits(const struct reporter *reporter,
			    const struct record *out[WAITS_SHOWN])
{
	size_t n = 0;

	for (size_t i = 0; i < reporter->books.count; i++) {
		const struct record *record = reporter->books.records[i];
		size_t at = n;

		if (!record->running || !record->wait)
			continue;
		while (at && left_of(reporter, out[at - 1]) < left_of(reporter, record))
			at--;
		if (at == WAITS_SHOWN)
			continue;
		n += n < WAITS_SHOWN;
		memmove(&out[at + 1], &out[at], (n - at - 1) * sizeof(*out));
		out[at] = record;
	}
	return n;
}

static void put_counts(struct reporter *reporter, nanos longest)
{
	const unsigned *outcomes = reporter->outcomes;
	struct buffer line = {.at = NULL};
	unsigned running = 0, held = 0, failed = 0;

	for (size_t i = 0; i < reporter->books.count; i++) {
		const struct record *record = reporter->books.records[i];

		running += record->running;
		held += !record->running && record->held && !record->outcome;
	}
	failed = outcomes[OUTCOME_FAIL] + outcomes[OUTCOME_ERROR] + outcomes[OUTCOME_INCONCLUSIVE] +
		 outcomes[OUTCOME_SURPRISE];
	if (*reporter->label) {
		buffer_text(&line, reporter->label);
		put_status(reporter, &line);
		buffer_drop(&line, line.len);
	}
	put_duration(&line, reporter->now, 1);
	if (reporter->wall) {
		buffer_text(&line, " virtual, ");
		put_duration(&line, reporter->wall, 1);
		buffer_text(&line, " of real time");
	}
	buffer_printf(&line, ": %u running, %u", running, reporter->ended);
	if (reporter->books.run && reporter->books.run->run.cases)
		buffer_printf(&line, " of %u", reporter->books.run->run.cases);
	buffer_printf(&line, " done, %u failed", failed);
	if (held)
		buffer_printf(&line, ", %u to be tried again", held);
	/* With two clocks the line is long already; the first wait below it says the same. */
	if (longest && !reporter->wall) {
		buffer_text(&line, "; the longest wait has ");
		put_duration(&line, longest, 1);
		buffer_text(&line, " left");
	}
	put_status(reporter, &line);
	buffer_free(&line);
}

static void put_wait(struct reporter *reporter, const struct record *record)
{
	struct buffer line = {.at = NULL};

	buffer_text(&line, "  ");
	clean_line(&line, record->name);
	buffer_text(&line, " ");
	clean_line(&line, record->over);
	buffer_text(&line, ": ");
	clean_line(&line, record->wait->wait.what);
	buffer_text(&line, ", ");
	put_duration(&line, left_of(reporter, record), 1);
	buffer_text(&line, " left");
	put_status(reporter, &line);
	buffer_free(&line);
}

/* The time that somebody who watches has, which virtual time is not. */
static nanos drawing_clock(const struct reporter *reporter)
{
	return reporter->wall ? reporter->wall : reporter->now;
}

/* The terminal may have another width than before. */
static void width_look(struct reporter *reporter)
{
	struct winsize size;
	int fd = reporter->options.out ? fileno(reporter->options.out) : -1;

	if (fd >= 0 && !ioctl(fd, TIOCGWINSZ, &size) && size.ws_col)
		reporter->options.width = size.ws_col;
}

void pretty_status_draw(struct reporter *reporter)
{
	const struct record *waits[WAITS_SHOWN];
	size_t n = longest_waits(reporter, waits);

	width_look(reporter);
	if (reporter->status_lines)
		buffer_printf(&reporter->out, "\r\033[%uA", reporter->status_lines);
	reporter->status_lines = 0;
	put_counts(reporter, n ? left_of(reporter, waits[0]) : 0);
	for (size_t i = 0; i < n; i++)
		put_wait(reporter, waits[i]);
	/* The status before may have had more lines. */
	buffer_text(&reporter->out, "\033[J");
	reporter->drawn = drawing_clock(reporter);
}

void pretty_status_seen(struct reporter *reporter, const struct event *event)
{
	if (!reporter->options.progress)
		return;
	if (event->kind == EVENT_SUMMARY)
		pretty_status_clear(reporter);
	else if (reporter->out.len || event->kind == EVENT_TICK ||
		 drawing_clock(reporter) - reporter->drawn >= REFRESH)
		pretty_status_draw(reporter);
}
