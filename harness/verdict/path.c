/*
 * Which breaks the path to a host explains. A path is clean if no request was lost, copied,
 * overtaken or much delayed, neither before the run nor beside it nor after the attempt. A break on
 * a clean path is the host's.
 */
#include "verdict/inside.h"
#include <errno.h>
#include <stdio.h>

/*
 * Jitter explains times that are wrong by up to twice itself; less than this is none. So much that
 * it changes what a host does (acknowledgements are delayed, a timeout is over) does not do so
 * twice at the same place, unless it reorders, which is measured for itself.
 */
#define JITTER_LEAST ms(1)
#define JITTER_LIMIT ms(20)
/*
 * A fault of the path that was measured once in so many requests, and not while the attempt ran nor
 * after it, does not break a case twice at the same place.
 */
#define RARE 500u

/* What a path does, or what arrived by it shows. */
enum cause {
	LOSS = 1u << 0,
	COPIES = 1u << 1,    /* duplication */
	OVERTAKING = 1u << 2, /* reordering */
	JITTER = 1u << 3,
	MERGING = 1u << 4, /* a frame that is longer than the MTU */
	ERRORS = 1u << 5,  /* ICMP errors from another address */
	BOXES = 1u << 6,   /* one connection with two hop limits */
};

/*
 * A lost segment of ours or the host's changes all that follows it, and so does one that is
 * overtaken. A copy adds a segment, and takes none away. No cause makes a host send a segment that
 * no TCP may send, but a second box may.
 */
static const unsigned explained[BREAKS] = {
	[BREAK_MISSING] = LOSS | OVERTAKING | JITTER | MERGING | ERRORS | BOXES,
	[BREAK_UNEXPECTED] = LOSS | COPIES | OVERTAKING | JITTER | MERGING | ERRORS | BOXES,
	[BREAK_REPEATED] = LOSS | COPIES | OVERTAKING | JITTER | ERRORS | BOXES,
	[BREAK_ORDER] = LOSS | OVERTAKING | JITTER | MERGING | ERRORS | BOXES,
	[BREAK_LENGTH] = LOSS | COPIES | OVERTAKING | JITTER | MERGING | ERRORS | BOXES,
	[BREAK_VALUE] = LOSS | COPIES | OVERTAKING | JITTER | MERGING | ERRORS | BOXES,
	[BREAK_EARLY] = LOSS | COPIES | OVERTAKING | JITTER | ERRORS | BOXES,
	[BREAK_LATE] = LOSS | OVERTAKING | JITTER | MERGING | ERRORS | BOXES,
	[BREAK_FORM] = BOXES,
	[BREAK_CHECK] = LOSS | COPIES | OVERTAKING | JITTER | MERGING | ERRORS | BOXES,
	[BREAK_RATE] = LOSS | COPIES | OVERTAKING | JITTER | MERGING | ERRORS | BOXES,
	[BREAK_CALL] = LOSS | COPIES | OVERTAKING | JITTER | MERGING | ERRORS | BOXES,
};

static unsigned lost(const struct path_facts *facts)
{
	return facts->lost;
}

static unsigned duplicated(const struct path_facts *facts)
{
	return facts->duplicated;
}

static unsigned reordered(const struct path_facts *facts)
{
	return facts->reordered;
}

/* The attempt before this one broke in the same way at the same line. */
static bool is_again(const struct verdict_input *in)
{
	return in->attempt > 1 && in->before == in->facts->kind &&
	       in->before_line == in->facts->line;
}

/* Does the path do so, as far as it matters for this attempt? *n of *sent requests say so. */
static bool path_does(const struct verdict_input *in, unsigned (*count)(const struct path_facts *),
		      unsigned *n, unsigned *sent)
{
	const struct verdict_path *path = in->path;
	const unsigned now = count(&path->beside) + count(&path->after);

	/* What was measured beside the attempt is part of what was measured since the run began. */
	*n = count(&path->before) + count(&path->run) + count(&path->after);
	*sent = path->before.sent + path->run.sent + path->after.sent;
	return *n && (now || !is_again(in) || *n > *sent / RARE);
}

/* The least and the greatest round trip around the attempt. */
static nanos jitter(const struct verdict_path *path, nanos *least, nanos *worst)
{
	const struct path_facts *const all[] = {&path->before, &path->beside, &path->after};

	*least = *worst = 0;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (!all[i]->rtt_worst)
			continue;
		if (!*worst || all[i]->rtt_least < *least)
			*least = all[i]->rtt_least;
		if (all[i]->rtt_worst > *worst)
			*worst = all[i]->rtt_worst;
	}
	return *worst - *least;
}

static bool jitter_explains(const struct verdict_input *in, nanos by)
{
	switch (in->facts->kind) {
	case BREAK_EARLY:
	case BREAK_LATE:
	case BREAK_MISSING:
		return by >= JITTER_LEAST && in->facts->off_by <= 2 * by;
	default:
		return by >= JITTER_LIMIT && !is_again(in);
	}
}

/* How many routers has a segment passed that arrives with this hop limit? */
static unsigned passed(unsigned limit)
{
	return (limit <= 64 ? 64 : limit <= 128 ? 128 : 255) - limit;
}

/* Did the case's segments pass more or fewer routers than the SYN-ACKs before the run? */
static bool is_elsewhere(const struct path_facts *before, const struct break_facts *facts)
{
	return before->distance_known && facts->hops_least &&
	       (passed(facts->hops_most) < before->distance_least ||
		passed(facts->hops_least) > before->distance_most);
}

/* What the segments that arrived show by themselves. */
static const char *arrivals_fault(const struct verdict_input *in, unsigned causes, char *words,
				  size_t size)
{
	const struct break_facts *facts = in->facts;

	if (causes & MERGING && facts->longest)
		snprintf(words, size,
			 "a frame of %u bytes is longer than the MTU of %u allows: segments were "
			 "merged, or are cut only later (here: ethtool -K %s gro off lro off; on "
			 "the host: ethtool -K IF tso off gso off)",
			 facts->longest, facts->mtu, in->path->interface);
	else if (causes & ERRORS && facts->foreign_error)
		snprintf(words, size, "%s sent an ICMP error about the case's segments",
			 facts->foreign_error);
	else if (causes & BOXES && in->path->kind == PATH_ROUTED &&
		 passed(facts->hops_least) != passed(facts->hops_most))
		snprintf(words, size,
			 "segments of one connection arrived with hop limits %u and %u: two boxes "
			 "answer", facts->hops_least, facts->hops_most);
	else if (causes & BOXES && in->path->kind == PATH_ROUTED &&
		 is_elsewhere(&in->path->before, facts))
		snprintf(words, size,
			 "a segment has passed %u routers, and the port's SYN-ACKs %u: two boxes "
			 "answer", passed(facts->hops_most), in->path->before.distance_least);
	else
		return NULL;
	return words;
}

static const char *measured_fault(const struct verdict_input *in, unsigned causes, char *words,
				  size_t size)
{
	nanos least, worst;
	unsigned n, sent;

	if (causes & LOSS && path_does(in, lost, &n, &sent))
		snprintf(words, size, "the path lost %u of %u requests", n, sent);
	else if (causes & COPIES && path_does(in, duplicated, &n, &sent))
		snprintf(words, size, "the path duplicated %u of %u replies", n, sent);
	else if (causes & OVERTAKING && path_does(in, reordered, &n, &sent))
		snprintf(words, size, "the path reordered %u of %u replies", n, sent);
	else if (causes & JITTER && jitter_explains(in, jitter(in->path, &least, &worst)))
		snprintf(words, size, "the round trip took %.3f to %.3f ms", (double)least / 1e6,
			 (double)worst / 1e6);
	else
		return NULL;
	return words;
}

const char *path_loses(const struct verdict_input *in, char *words, size_t size)
{
	if (!in->path || in->path->kind == PATH_OWN)
		return NULL;
	return measured_fault(in, LOSS, words, size);
}

const char *path_hides(const struct verdict_input *in, char *words, size_t size)
{
	const char *reason;

	if (!in->path || in->path->kind == PATH_OWN)
		return NULL;
	reason = measured_fault(in, LOSS | COPIES | OVERTAKING | JITTER, words, size);
	if (reason || in->path->before.rtt_worst < JITTER_LIMIT)
		return reason;
	snprintf(words, size, "a round trip of %.3f ms is added to every tolerance",
		 (double)in->path->before.rtt_worst / 1e6);
	return words;
}

const char *filter_fault(const struct verdict_input *in)
{
	if (!in->path || in->path->kind == PATH_OWN || !in->facts->unfit ||
	    in->facts->kind == BREAK_FORM)
		return NULL;
	if (in->path->before.filter || in->path->before.rejects)
		return "a segment that fits no connection may have been dropped by the stateful "
		       "filter before the host's TCP (--no-filter judges it)";
	if (in->path->before.translates)
		return "a segment that fits no connection may not have been translated on the path "
		       "(--no-filter judges it)";
	return NULL;
}

/*
 * Nothing was measured, or only behind routers, which may treat TCP in another way than requests:
 * one segment that is lost there breaks a claim as a wrong host does. The claim must break twice.
 */
static const char *second_fault(const struct verdict_input *in, unsigned causes)
{
	const struct verdict_path *path = in->path;

	if (!(causes & LOSS) || is_again(in) ||
	    (path->kind == PATH_DIRECT && path->after.sent))
		return NULL;
	return in->attempt < 2
		       ? "a segment may have been lost on the path"
		       : "not what broke in the attempt before, and a segment may have been lost "
			 "on the path";
}

const char *path_fault(const struct verdict_input *in, char *words, size_t size)
{
	const unsigned causes = explained[in->facts->kind];
	const struct verdict_path *path = in->path;
	const char *reason;

	if (!path || path->kind == PATH_OWN)
		return NULL;
	reason = arrivals_fault(in, causes, words, size);
	if (!reason && path->error && causes & LOSS) {
		snprintf(words, size, "the path could not be measured again (%.100s)", path->why);
		reason = words;
	}
	if (!reason)
		reason = measured_fault(in, causes, words, size);
	return reason ? reason : second_fault(in, causes);
}
