/*
 * A check of the path is a process of its own, so that the run goes on meanwhile. One check is for
 * all the cases whose processes had ended when it began.
 */
#include "run/path_watch.h"
#include "run/job.h"
#include <errno.h>
#include <string.h>

/* A host that answers nothing may be restarting. After so long, the run ends. */
#define SILENCE_MAX sec(10)

int path_watch_start(struct path_watch *watch, const struct run_target *target, struct why *why)
{
	*watch = (struct path_watch){.since = clock_monotonic()};
	if (!target || !target->lab.link || path_kind_of(&target->lab) == PATH_OWN)
		return 0;
	watch->target = target;
	return path_monitor_start(&watch->monitor, &target->lab, why);
}

void path_watch_end(struct path_watch *watch)
{
	struct path_facts unused;

	if (watch->check)
		path_check_end(watch->check, &unused, NULL);
	watch->check = NULL;
	path_monitor_free(watch->monitor);
	watch->monitor = NULL;
}

int path_watch_check(struct path_watch *watch)
{
	watch->begun = clock_monotonic();
	watch->error = path_check_begin(&watch->check, &watch->target->lab, &watch->why);
	return watch->error ? watch->error : path_check_fd(watch->check);
}

/* Through a link that is down, or an interface that is gone, no host answers either. */
static bool is_silence(int error)
{
	return error == -EHOSTUNREACH || error == -ENETDOWN || error == -ENOBUFS ||
	       error == -ENODEV || error == -ENXIO;
}

static void silence_note(struct path_watch *watch)
{
	const nanos now = clock_monotonic();

	if (watch->error != -EHOSTUNREACH) {
		if (watch->silent)
			log_warn("the host answers again, after %.0f s: the run goes on",
				 (double)(now - watch->silent) / 1e9);
		/* What it did not answer meanwhile was not lost by the path. */
		if (watch->silent)
			watch->since = watch->silent_to = now;
		watch->silent = 0;
		return;
	}
	if (!watch->silent) {
		watch->silent = watch->begun;
		/* A case that ended before that, and was not asked about, may have met silence. */
		watch->silent_from = watch->begun - CLOSING_TIME;
		watch->silent_to = INT64_MAX;
		log_warn("the host does not answer any more: %s; no further case is started until "
			 "it does", watch->why.text);
	}
	if (now - watch->silent < SILENCE_MAX || watch->given_up)
		return;
	watch->given_up = true;
	log_warn("the host has not answered for %.0f s: the run ends here",
		 (double)(now - watch->silent) / 1e9);
}

void path_watch_take(struct path_watch *watch)
{
	watch->after = (struct path_facts){.sent = 0};
	watch->error = path_check_end(watch->check, &watch->after, &watch->why);
	watch->check = NULL;
	if (is_silence(watch->error))
		watch->error = -EHOSTUNREACH;
	silence_note(watch);
}

void path_watch_facts(const struct path_watch *watch, nanos began, nanos ended,
		      struct verdict_path *out)
{
	*out = (struct verdict_path){.kind = path_kind_of(&watch->target->lab),
				     .interface = watch->target->lab.link->interface,
				     .before = watch->target->path,
				     .after = watch->after,
				     .error = watch->error,
				     .why = watch->why.text};
	if (watch->silent_from && ended >= watch->silent_from && began <= watch->silent_to)
		out->error = -EHOSTUNREACH;
	if (!watch->monitor)
		return;
	path_monitor_facts(watch->monitor, watch->since, INT64_MAX, &out->run);
	path_monitor_facts(watch->monitor, began, ended, &out->beside);
}
