/*
 * The exchange: the one loop of a case, and the frames that it takes in.
 */
#include "peer/inside.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How long the loop listens before it spends time on telling what happened. */
#define TELL_AFTER ms(2)
#define WAITING_AFTER ms(200)

int exchange_new(struct exchange **out, const struct exchange_config *config, struct why *why)
{
	struct exchange *x = calloc(1, sizeof(*x));

	if (!x)
		return why_set(why, ENOMEM, "out of memory");
	x->config = *config;
	x->limit = RUNGS_MAX;
	x->random.state = config->seed;
	x->leaving_end = &x->leaving;
	x->offset = clock_offset();
	x->rehearsed = sec(1);
	x->could = clock_realtime();
	*out = x;
	return 0;
}

void exchange_free(struct exchange *x)
{
	if (!x)
		return;
	for (struct peer *p = x->peers, *next; p; p = next) {
		next = p->next;
		for (struct arrival *a = p->first, *after_; a; a = after_) {
			after_ = a->next;
			free(a);
		}
		free(p);
	}
	for (struct arrival *a = x->kept, *next; a; a = next) {
		next = a->next;
		free(a);
	}
	for (struct departure *d = x->leaving, *next; d; d = next) {
		next = d->next;
		free(d);
	}
	for (struct withheld *w = x->withheld, *next; w; w = next) {
		next = w->next;
		free(w);
	}
	for (size_t i = 0; i < x->count; i++) {
		free(x->entries[i].text);
		free(x->entries[i].want);
	}
	buffer_free(&x->want);
	free(x->entries);
	free(x);
}

void *exchange_alloc(struct exchange *x, size_t size)
{
	void *at = calloc(1, size);

	if (!at)
		exchange_end(x, VERDICT_ERROR, "out of memory");
	return at;
}

void exchange_watch(struct exchange *x, int fd, int (*ready)(void *arg, struct why *why), void *arg)
{
	if (x->source_count == SOURCES_MAX)
		exchange_end(x, VERDICT_ERROR, "too many sources to wait for");
	x->sources[x->source_count].fd = fd;
	x->sources[x->source_count].ready = ready;
	x->sources[x->source_count].arg = arg;
	x->source_count++;
}

void exchange_set_liar(struct exchange *x, liar_fn liar, void *arg)
{
	x->liar = liar;
	x->liar_arg = arg;
}

/* Hand over what the liar has withheld long enough. */
static void exchange_release(struct exchange *x)
{
	struct withheld **at = &x->withheld;
	nanos now = clock_monotonic();

	while (*at) {
		struct withheld *w = *at;
		struct frame frame = {.time = w->until + x->offset, .bytes = w->frame,
			.captured = w->len, .len = w->len};

		if (w->until > now) {
			at = &w->next;
			continue;
		}
		*at = w->next;
		exchange_take(x, &frame);
		free(w);
	}
}

/* Keep a frame until a point of the capture's clock. */
static void exchange_withhold(struct exchange *x, const uint8_t *bytes, size_t len, nanos until)
{
	struct withheld *w = exchange_alloc(x, sizeof(*w) + len);

	memcpy(w->frame, bytes, len);
	w->len = len;
	w->until = until - x->offset;
	w->next = x->withheld;
	x->withheld = w;
}

/* A frame as the liar lets it through. */
static void exchange_lie(struct exchange *x, const struct frame *frame)
{
	uint8_t *bytes = exchange_alloc(x, frame->captured + LIAR_ROOM);
	struct frame told = *frame;
	nanos delay, again = -1;

	memcpy(bytes, frame->bytes, frame->captured);
	told.bytes = bytes;
	delay = x->liar(x->liar_arg, frame->outgoing, bytes, &told.captured, &again);
	told.len = told.captured;
	if (frame->outgoing)
		exchange_take(x, frame);
	else if (delay > 0)
		exchange_withhold(x, bytes, told.captured, frame->time + delay);
	else if (delay == 0)
		exchange_take(x, &told);
	if (again >= 0)
		exchange_withhold(x, bytes, told.captured, frame->time + again);
	free(bytes);
}

void exchange_drain(struct exchange *x)
{
	struct frame frame;
	struct why why;
	int got;

	if (x->config.rehearsal || x->full)
		return;
	while ((got = wire_next(x->config.wire, &frame, &why)) > 0) {
		if (x->liar)
			exchange_lie(x, &frame);
		else
			exchange_take(x, &frame);
	}
	if (got < 0)
		exchange_end(x, VERDICT_ERROR, "the capture failed: %s", why.text);
	if (x->withheld)
		exchange_release(x);
	x->drained = clock_monotonic();
}

/* We wanted to go on at this time at the latest, and do so now. */
static void exchange_woken(struct exchange *x, nanos until)
{
	exchange_stall(x, clock_monotonic() - until, "this machine");
}

void exchange_stall(struct exchange *x, nanos late, const char *whose)
{
	if (late < STALL_LIMIT)
		return;
	x->stall = late;
	x->stall_of = whose;
	x->stalled = clock_monotonic();
}

/*
 * The kernel lets a long sleep end late, and no stall is to be seen in that: all but as much is
 * slept for first, and then the rest.
 */
static nanos early_by(nanos left)
{
	nanos early = clock_slack(left);

	return early > ms(1) ? early : 0;
}

/*
 * Sleep until something is readable, or the time has come or nearly so; sources are served. False:
 * no frame came.
 */
static bool exchange_poll(struct exchange *x, nanos until)
{
	struct pollfd fds[SOURCES_MAX + 1];
	nfds_t n = 0;
	nanos now = clock_monotonic(), left = 0;
	struct timespec timeout;

	for (struct withheld *w = x->withheld; w; w = w->next)
		until = w->until < until ? w->until : until;
	if (until > now)
		left = until - now - early_by(until - now);
	timeout = clock_timespec(left);
	for (size_t i = 0; i < x->source_count; i++)
		fds[n++] = (struct pollfd){.fd = x->sources[i].fd, .events = POLLIN};
	fds[n++] = (struct pollfd){.fd = wire_fd(x->config.wire), .events = POLLIN};
	if (ppoll(fds, n, &timeout, NULL) < 0) {
		if (errno != EINTR)
			exchange_end(x, VERDICT_ERROR, "poll: %s", strerror(errno));
		return true;
	}
	for (size_t i = 0; i < x->source_count; i++) {
		struct why why = {.text = ""};

		if (fds[i].revents && x->sources[i].ready(x->sources[i].arg, &why) < 0)
			exchange_end(x, VERDICT_ERROR, "%s", why.text);
	}
	exchange_woken(x, until);
	return fds[n - 1].revents || x->withheld;
}

bool exchange_wait(struct exchange *x, bool (*done)(void *arg), void *arg, nanos deadline,
		   const char *what)
{
	bool told = false, frames = true;
	nanos start;

	if (x->config.rehearsal)
		return true;
	exchange_dut_mark(x);
	start = clock_monotonic();
	for (;;) {
		nanos now = clock_monotonic();
		nanos until = deadline;

		if (frames || now >= deadline)
			exchange_drain(x);
		if (done && done(arg))
			return true;
		if (now >= deadline)
			return false;
		if (!told && now - start < TELL_AFTER) {
			until = start + TELL_AFTER < deadline ? start + TELL_AFTER : deadline;
		} else if (!told) {
			told = true;
			if (deadline - now > WAITING_AFTER)
				x->config.observer.waiting(x->config.observer.arg, what, deadline);
			ladder_tell(x, false);
			x->config.observer.idle(x->config.observer.arg);
		}
		frames = exchange_poll(x, until);
	}
}

nanos exchange_deadline(const struct exchange *x, nanos realtime)
{
	return realtime - x->offset;
}

struct window exchange_window(const struct exchange *x, struct window window)
{
	nanos rtt = x->config.path.rtt;

	window = window_scaled(window, x->config.time_scale);
	/* What the DUT does one after the other may come closer together, or further apart. */
	window.from = window.from > rtt ? window.from - rtt : window.from < 0 ? window.from : 0;
	if (window.to < NANOS_MAX - 2 * rtt)
		window.to += 2 * rtt;
	return window;
}

void exchange_could(struct exchange *x, nanos since)
{
	if (since > x->could)
		x->could = since;
}

nanos exchange_now(const struct exchange *x)
{
	return x->config.rehearsal ? x->rehearsed : clock_realtime();
}

void *exchange_owner(const struct exchange *x)
{
	return x->config.owner;
}

void exchange_set_line(struct exchange *x, int line)
{
	x->line = line;
}

void exchange_set_absolute(struct exchange *x)
{
	x->absolute = true;
}

void exchange_set_limit(struct exchange *x, size_t rungs)
{
	x->limit = rungs;
}

bool exchange_rehearsal(const struct exchange *x)
{
	return x->config.rehearsal;
}

struct random *exchange_random(struct exchange *x)
{
	return &x->random;
}

bool exchange_stalled(const struct exchange *x)
{
	return x->stall && clock_monotonic() - x->stalled < STALL_RECENT;
}
