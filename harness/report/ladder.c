/*
 * The drawing of one case's ladder: time on the left, two lines for peer and DUT with the segments
 * as arrows between them, and at the DUT's side what each rung says.
 */
#include "report/clean.h"
#include "report/event_fields.h"
#include <stdlib.h>
#include <string.h>

/* A case may have thousands of rungs: its beginning and its end are kept. */
#define LADDER_FIRST 200
#define LADDER_LAST 100
#define LADDER_KEPT (LADDER_FIRST + LADDER_LAST)
#define LADDER_TEXT_MAX 1000

#define LADDER_WIDTH 100
#define LADDER_WIDTH_MIN 60
#define LINES_APART 17 /* columns between the two lines */
#define LABEL_MAX 9    /* every flag that there is */
#define LOST_AT 13     /* where an arrow breaks off */
#define TIME_WIDTH 8
#define PEER_WIDTH 5

enum shape {
	SHAPE_SENT,
	SHAPE_LOST,
	SHAPE_HEARD,
	SHAPE_HEARD_LOST,
	SHAPE_SILENCE,
	SHAPE_CALL,
	SHAPE_STATE,
	SHAPE_STRAY,
	SHAPE_MISSING,
	SHAPE_REMARK, /* a kind that this drawing does not know */
};

static const char *const shape_names[SHAPE_REMARK] = {"sent", "lost", "heard", "heard-lost",
	"silence", "call", "state", "stray", "missing"};

/* What stands between the lines, where it is not a solid arrow. */
static const char *const shape_fill[SHAPE_REMARK + 1] = {
	[SHAPE_SILENCE] = "  .  .  .  .  .  ",
	[SHAPE_CALL] = "                 ",
	[SHAPE_STATE] = "                 ",
	[SHAPE_STRAY] = "<~~~~~~~~~~~~~~~~",
	[SHAPE_MISSING] = "<- - - - - - - - ",
	[SHAPE_REMARK] = "                 ",
};

/* SGR codes. */
static const char *const shape_colours[SHAPE_REMARK + 1] = {
	[SHAPE_SENT] = "0",
	[SHAPE_LOST] = "33",
	[SHAPE_HEARD] = "0",
	[SHAPE_HEARD_LOST] = "33",
	[SHAPE_SILENCE] = "2",
	[SHAPE_CALL] = "36",
	[SHAPE_STATE] = "36",
	[SHAPE_STRAY] = "33",
	[SHAPE_MISSING] = "31",
	[SHAPE_REMARK] = "0",
};

struct kept {
	enum shape shape;
	int peer;
	nanos time;
	bool broken;
	char *text; /* cleaned, as is want */
	char *want; /* NULL: nothing was judged */
};

struct ladder {
	struct kept *kept; /* the first LADDER_FIRST, then a ring of the last ones */
	size_t room;
	size_t count; /* of all that were added */
	size_t width; /* columns of the drawing; 0: LADDER_WIDTH */
	int peer;     /* the first one that was seen */
	bool several; /* peers */
	bool failed;  /* memory ran out */
};

struct ladder *ladder_new(void)
{
	return calloc(1, sizeof(struct ladder));
}

void ladder_set_width(struct ladder *ladder, size_t columns)
{
	ladder->width = columns < LADDER_WIDTH_MIN ? LADDER_WIDTH_MIN : columns;
	if (ladder->width > LADDER_WIDTH)
		ladder->width = LADDER_WIDTH;
}

void ladder_free(struct ladder *ladder)
{
	if (!ladder)
		return;
	for (size_t i = 0; i < LADDER_KEPT && i < ladder->count; i++) {
		free(ladder->kept[i].text);
		free(ladder->kept[i].want);
	}
	free(ladder->kept);
	free(ladder);
}

/* Where the i-th rung of all is kept. */
static size_t place_of(size_t i)
{
	return i < LADDER_FIRST ? i : LADDER_FIRST + (i - LADDER_FIRST) % LADDER_LAST;
}

static bool reserve(struct ladder *ladder, size_t place)
{
	size_t room = ladder->room ? ladder->room * 2 : 16;
	struct kept *kept;

	if (place < ladder->room)
		return true;
	kept = realloc(ladder->kept, room * sizeof(*kept));
	if (!kept)
		return false;
	ladder->kept = kept;
	ladder->room = room;
	return true;
}

/* The text and a remark as they are drawn, bounded; NULL without memory. Owned by the caller. */
static char *drawn(const char *text, const char *remark)
{
	struct buffer clean = {.at = NULL};

	clean_line(&clean, text);
	buffer_text(&clean, remark);
	if (clean.failed) {
		buffer_free(&clean);
		return NULL;
	}
	if (clean.len > LADDER_TEXT_MAX)
		memcpy(clean.at + LADDER_TEXT_MAX - 3, "...", sizeof("..."));
	return clean.at;
}

static enum shape shape_of(const char *kind)
{
	for (unsigned i = 0; kind && i < SHAPE_REMARK; i++)
		if (!strcmp(shape_names[i], kind))
			return (enum shape)i;
	return SHAPE_REMARK;
}

void ladder_add(struct ladder *ladder, const struct event_rung *rung)
{
	size_t place = place_of(ladder->count);
	struct kept new = {.shape = shape_of(rung->kind), .peer = rung->peer,
			   .time = nanos_bounded(rung->time), .broken = rung->broken};
	bool lost;

	if (ladder->failed || !reserve(ladder, place)) {
		ladder->failed = true;
		return;
	}
	lost = new.shape == SHAPE_LOST || new.shape == SHAPE_HEARD_LOST;
	new.text = drawn(rung->text, lost ? "  (lost)" : "");
	new.want = rung->want ? drawn(rung->want, "") : NULL;
	if (!new.text || (rung->want && !new.want)) {
		free(new.text);
		free(new.want);
		ladder->failed = true;
		return;
	}
	if (ladder->count >= LADDER_KEPT) {
		free(ladder->kept[place].text);
		free(ladder->kept[place].want);
	}
	ladder->kept[place] = new;
	ladder->count++;
	if (rung->peer && !ladder->peer)
		ladder->peer = rung->peer;
	ladder->several |= rung->peer && rung->peer != ladder->peer;
}

/* How one drawing is laid out. */
struct drawing {
	struct buffer *out;
	bool colour;
	bool several;
	int time_width;
	size_t width;   /* columns */
	size_t text_at; /* the column where text starts */
};

static void paint(const struct drawing *d, const char *codes)
{
	if (d->colour)
		buffer_printf(d->out, "\033[%sm", codes);
}

/* The length of the flags that text starts with ("S. seq 0": 2), or 0. */
static size_t label_length(const char *text)
{
	size_t n = strspn(text, "FSRP.UEWe");

	if (!strncmp(text, "none", 4))
		n = 4;
	return n <= LABEL_MAX && (text[n] == ' ' || !text[n]) ? n : 0;
}

/* A solid arrow with its label in the middle; a lost one breaks off on its way. */
static void draw_arrow(char between[LINES_APART + 1], enum shape shape, const char *label,
		       size_t length)
{
	bool right = shape == SHAPE_SENT || shape == SHAPE_LOST;
	bool lost = shape == SHAPE_LOST || shape == SHAPE_HEARD_LOST;
	size_t from = (LINES_APART - length) / 2;
	size_t tip = LINES_APART - 1;

	if (lost)
		tip = from + length + 2 > LOST_AT ? from + length + 2 : LOST_AT;
	memset(between, '-', LINES_APART);
	for (size_t i = tip; i < LINES_APART; i++)
		between[right ? i : LINES_APART - 1 - i] = ' ';
	between[right ? tip : LINES_APART - 1 - tip] = lost ? 'x' : right ? '>' : '<';
	if (length) {
		between[from - 1] = ' ';
		memcpy(between + from, label, length);
		between[from + length] = ' ';
	}
}

/* The two lines, without anything between them or to their left. */
static void draw_lines(const struct drawing *d, char line)
{
	size_t left = d->text_at - LINES_APART - 4;

	buffer_printf(d->out, "%*s%c%*s%c", (int)left, "", line, LINES_APART, "", line);
}

/* Text at its column, broken into lines: what does not fit stands below, indented by hang. */
static void draw_text(const struct drawing *d, const char *lead, const char *text)
{
	size_t hang = *lead ? strlen(lead) : 2;
	size_t width = d->width - d->text_at - strlen(lead);

	buffer_printf(d->out, "  %s", lead);
	while (strlen(text) > width) {
		size_t cut = width;

		while (cut > width / 2 && text[cut] != ' ' && text[cut - 1] != ',')
			cut--;
		if (cut == width / 2)
			cut = width;
		buffer_put(d->out, text, cut);
		text += cut + (text[cut] == ' ');
		width = d->width - d->text_at - hang;
		buffer_put(d->out, "\n", 1);
		draw_lines(d, '|');
		buffer_printf(d->out, "%*s", (int)hang + 2, "");
	}
	buffer_text(d->out, text);
}

#define TIME_TEXT_MAX 32
/* Seconds with six digits, rounded: the clock of a guest has steps of 256 ns. */
static const char *time_text(nanos time, char out[TIME_TEXT_MAX])
{
	nanos rest = (time < 0 ? -time : time) + 500;

	snprintf(out, TIME_TEXT_MAX, "%s%lld.%06d", time < 0 ? "-" : "",
		 (long long)(rest / sec(1)), (int)(rest % sec(1) / 1000));
	return out;
}

static void draw_left(const struct drawing *d, const struct kept *rung)
{
	char time[TIME_TEXT_MAX];

	paint(d, rung->broken ? "1;31" : "2");
	buffer_printf(d->out, "%s%*s", rung->broken ? " !! " : "    ", d->time_width,
		      time_text(rung->time, time));
	paint(d, "0");
	if (d->several && rung->peer)
		buffer_printf(d->out, " %*d", PEER_WIDTH - 1, rung->peer);
	else if (d->several)
		buffer_printf(d->out, "%*s", PEER_WIDTH, "");
	buffer_text(d->out, "  |");
}

static void draw_rung(const struct drawing *d, const struct kept *rung)
{
	const char *colour = rung->broken ? "1;31" : shape_colours[rung->shape];
	const char *text = rung->text;
	char between[LINES_APART + 1] = "";
	size_t label = shape_fill[rung->shape] ? 0 : label_length(text);

	if (shape_fill[rung->shape])
		memcpy(between, shape_fill[rung->shape], LINES_APART);
	else
		draw_arrow(between, rung->shape, text, label);
	text += label + strspn(text + label, " ");
	draw_left(d, rung);
	paint(d, colour);
	buffer_put(d->out, between, LINES_APART);
	paint(d, "0");
	buffer_put(d->out, "|", 1);
	paint(d, colour);
	if (*text)
		draw_text(d, "", text);
	paint(d, "0");
	buffer_put(d->out, "\n", 1);
	if (rung->broken && rung->want) {
		draw_lines(d, '|');
		paint(d, "32");
		draw_text(d, "expected: ", rung->want);
		paint(d, "0");
		buffer_put(d->out, "\n", 1);
	}
}

static void draw_left_out(const struct drawing *d, size_t n)
{
	draw_lines(d, ':');
	buffer_printf(d->out, "  %zu rungs are left out here\n", n);
}

static void draw_head(const struct drawing *d)
{
	paint(d, "2");
	buffer_printf(d->out, "    %*s", d->time_width, "seconds");
	buffer_printf(d->out, "%*s%*s", (d->several ? PEER_WIDTH : 0) + 5, "peer",
		      LINES_APART, "DUT");
	paint(d, "0");
	buffer_put(d->out, "\n", 1);
}

/*
 * Draw the n rungs from the first on by their time; those of one time stay in the order in which
 * they were added. They are nearly sorted: a call is added when it has returned, and has the time
 * at which it was made.
 */
static void draw_sorted(const struct drawing *d, const struct ladder *ladder, size_t first,
			size_t n)
{
	const struct kept *sorted[LADDER_KEPT];

	for (size_t i = 0; i < n; i++) {
		const struct kept *rung = &ladder->kept[place_of(first + i)];
		size_t at = i;

		for (; at && sorted[at - 1]->time > rung->time; at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = rung;
	}
	for (size_t i = 0; i < n; i++)
		draw_rung(d, sorted[i]);
}

void ladder_text(const struct ladder *ladder, struct buffer *out, bool colour)
{
	struct drawing d = {.out = out, .colour = colour, .several = ladder->several,
			    .time_width = TIME_WIDTH,
			    .width = ladder->width ? ladder->width : LADDER_WIDTH};
	size_t kept = ladder->count < LADDER_KEPT ? ladder->count : LADDER_KEPT;
	size_t left_out = ladder->count - kept;

	if (ladder->failed)
		out->failed = true;
	if (!kept)
		return;
	for (size_t i = 0; i < kept; i++) {
		char time[TIME_TEXT_MAX];
		int width = (int)strlen(time_text(ladder->kept[i].time, time));

		if (width > d.time_width)
			d.time_width = width;
	}
	d.text_at = (size_t)(4 + d.time_width + (d.several ? PEER_WIDTH : 0) + 2) + LINES_APART + 4;
	draw_head(&d);
	draw_sorted(&d, ladder, 0, kept < LADDER_FIRST ? kept : LADDER_FIRST);
	if (left_out)
		draw_left_out(&d, left_out);
	if (kept > LADDER_FIRST)
		draw_sorted(&d, ladder, LADDER_FIRST + left_out, kept - LADDER_FIRST);
}
