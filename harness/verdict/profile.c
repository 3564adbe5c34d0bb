#include "verdict/verdict.h"
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#define PROFILE_BYTES_MAX (1u << 20)

/* The profiles that are built in; the lines are ended by NULL. */
static const struct built_in {
	const char *name;
	const char *const *lines;
} built_in[] = {
#include "profiles.h"
	{"none", (const char *const[]){NULL}},
};
#define BUILT_IN (sizeof(built_in) / sizeof(built_in[0]))

static const char *const timer_names[TIMER_END] = {
	[TIMER_TIME_WAIT] = "time-wait",
	[TIMER_FIN_WAIT_2] = "fin-wait-2",
	[TIMER_SYN_ACK] = "syn-ack",
	[TIMER_SYN_RECEIVED] = "syn-received",
	[TIMER_TICK] = "tick",
};
/* The same profile's timers, and no more of it. */
#define NOTHING_BUT_TIMERS "none:"

/* One line on a case. */
struct foreseen {
	char *pattern;
	char *over; /* NULL: both families */
	enum verdict verdict;
	char *reason;
};

struct profile {
	char *name;
	nanos timers[TIMER_END];
	struct foreseen *lines;
	size_t count;
};

/* The next word of a line, or NULL; the line's rest starts behind it. */
static char *word(char **line)
{
	char *start = *line + strspn(*line, " \t\r");
	size_t n = strcspn(start, " \t\r");

	if (!n)
		return NULL;
	*line = start + n;
	if (**line)
		*(*line)++ = '\0';
	return start;
}

/* What is left of a line without the blanks around it. */
static char *rest_of(char *line)
{
	size_t n;

	line += strspn(line, " \t\r");
	n = strlen(line);
	while (n && strchr(" \t\r", line[n - 1]))
		line[--n] = '\0';
	return line;
}

/* "60s", "500ms": a whole number above zero and a unit. */
static int duration_parse(const char *text_, nanos *out)
{
	static const struct {
		const char *name;
		nanos unit;
	} units[] = {{"us", 1000}, {"ms", 1000000}, {"s", 1000000000}, {"min", sec(60)}};
	char *end;
	long n;

	if (*text_ < '0' || *text_ > '9')
		return -EINVAL;
	errno = 0;
	n = strtol(text_, &end, 10);
	if (errno || n < 1)
		return -EINVAL;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(end, units[i].name)) {
			if (n > sec(86400) / units[i].unit)
				return -EINVAL;
			*out = n * units[i].unit;
			return 0;
		}
	return -EINVAL;
}

static int timer_line(struct profile *profile, char *line, struct why *why)
{
	const char *name = word(&line), *duration = word(&line);

	if (!name || !duration || !*rest_of(line))
		return why_set(why, EINVAL, "a timer line is: timer NAME DURATION REASON");
	for (int i = 0; i < TIMER_END; i++)
		if (!strcmp(name, timer_names[i])) {
			if (duration_parse(duration, &profile->timers[i]))
				return why_set(why, EINVAL,
					       "'%s' is no duration: 60s, 500ms, at most a day",
					       duration);
			return 0;
		}
	return why_set(why, EINVAL, "no timer is called '%s': time-wait, fin-wait-2, "
					"syn-ack, syn-received, tick", name);
}

/* "6.5" or "6.5.3-anything" as one number that compares; 0 for what is no version. */
static uint64_t version_parse(const char *text_)
{
	unsigned major, minor = 0, patch = 0;

	if (sscanf(text_, "%4u.%4u.%4u", &major, &minor, &patch) < 2 || !major)
		return 0;
	return (uint64_t)major * 100000000 + (uint64_t)minor * 10000 + patch;
}

/*
 * The version of the kernel here. Debian's releases are names of its interface (6.1.0-56-amd64);
 * what it was made from stands in the version: "#1 SMP ... Debian 6.1.192-2 (2026-08-29)".
 */
static uint64_t version_here(void)
{
	struct utsname kernel;
	const char *debian;

	if (uname(&kernel))
		return 0;
	debian = strstr(kernel.version, " Debian ");
	if (debian && version_parse(debian + strlen(" Debian ")))
		return version_parse(debian + strlen(" Debian "));
	return version_parse(kernel.release);
}

/*
 * The words between a case and its verdict: which family, and from and up to which kernel. *next
 * becomes the verdict's word, or NULL. *applies: the line is of this machine's kernel.
 */
static int conditions_parse(char **line, const char **next, const char **over, bool *applies,
			    struct why *why)
{
	uint64_t here = version_here();

	*applies = true;
	for (*next = word(line); *next; *next = word(line)) {
		bool since = !strcmp(*next, "since");
		const char *version;

		if (!strcmp(*next, "ipv4") || !strcmp(*next, "ipv6")) {
			*over = *next;
			continue;
		}
		if (!since && strcmp(*next, "before") != 0)
			return 0;
		version = word(line);
		if (!version || !version_parse(version))
			return why_set(why, EINVAL, "'%s' wants a kernel's version, like 6.5",
				       *next);
		*applies &= since == (here >= version_parse(version));
	}
	return 0;
}

static int foreseen_add(struct profile *profile, const char *pattern, const char *over,
			enum verdict verdict, const char *reason, struct why *why)
{
	struct foreseen *lines, made = {.pattern = NULL};

	lines = realloc(profile->lines, (profile->count + 1) * sizeof(*lines));
	if (!lines)
		return why_set(why, ENOMEM, "no memory");
	profile->lines = lines;
	made.verdict = verdict;
	made.pattern = strdup(pattern);
	made.over = over ? strdup(over) : NULL;
	made.reason = strdup(reason);
	lines[profile->count++] = made;
	if (!made.pattern || !made.reason || (over && !made.over))
		return why_set(why, ENOMEM, "no memory");
	return 0;
}

static int case_line(struct profile *profile, const char *pattern, char *line, struct why *why)
{
	const char *next = NULL, *over = NULL, *reason;
	enum verdict verdict;
	bool applies;
	int r = conditions_parse(&line, &next, &over, &applies, why);

	if (r)
		return r;
	reason = rest_of(line);
	if (!next || !*reason)
		return why_set(why, EINVAL,
			       "a case's line is: CASE [ipv4|ipv6] [since|before KERNEL] VERDICT "
			       "REASON");
	if (verdict_parse(next, &verdict) ||
	    (verdict != VERDICT_FAIL && verdict != VERDICT_DEVIATION && verdict != VERDICT_SKIP))
		return why_set(why, EINVAL, "'%s' cannot be foreseen: fail, deviation or skip",
			       next);
	return applies ? foreseen_add(profile, pattern, over, verdict, reason, why) : 0;
}

/* Read one line, which it cuts to pieces. */
static int line_parse(struct profile *profile, char *line, struct why *why)
{
	const char *first;

	line[strcspn(line, "#")] = '\0';
	first = word(&line);
	if (!first)
		return 0;
	if (!strcmp(first, "timer"))
		return timer_line(profile, line, why);
	return case_line(profile, first, line, why);
}

/* text is cut to pieces. n is its length: a NUL in the middle is no text. */
static int text_parse(struct profile *profile, const char *file, char *text_, size_t n,
		      struct why *why)
{
	unsigned number = 1;
	char *line = text_, *end;
	int r;

	for (; line; line = end ? end + 1 : NULL, number++) {
		end = strchr(line, '\n');
		if (end)
			*end = '\0';
		else if (line + strlen(line) != text_ + n)
			return why_set(why, EINVAL, "%s:%u: a NUL byte: this is no text", file,
				       number);
		r = line_parse(profile, line, why);
		if (r) {
			why_add(why, "%s:%u: ", file, number);
			return r;
		}
	}
	return 0;
}

/* The whole of a file, owned by the caller. */
static int file_read(const char *path, struct buffer *out, struct why *why)
{
	FILE *file = fopen(path, "re");
	int r = 0;

	if (!file) {
		r = errno;
		if (r == ENOENT)
			return why_set(why, r, "--profile '%s': no profile or file has this name; "
				       "want linux, none, a stack's name, or a file", path);
		return why_set(why, r, "--profile %s: %s", path, strerror(r));
	}
	buffer_file(out, file, PROFILE_BYTES_MAX + 1);
	if (ferror(file))
		r = why_set(why, EINVAL, "--profile %s: %s", path, strerror(errno));
	else if (out->failed)
		r = why_set(why, ENOMEM, "no memory");
	else if (out->len > PROFILE_BYTES_MAX)
		r = why_set(why, EINVAL, "--profile %s: larger than 1 MiB", path);
	fclose(file);
	return r;
}

static void foreseen_free(struct profile *profile)
{
	for (size_t i = 0; i < profile->count; i++) {
		free(profile->lines[i].pattern);
		free(profile->lines[i].over);
		free(profile->lines[i].reason);
	}
	profile->count = 0;
}

int profile_load(struct profile **out, const char *name, struct why *why)
{
	struct profile *profile = calloc(1, sizeof(*profile));
	struct buffer text_ = {.at = NULL};
	bool known = false, bare;
	int r = 0;

	if (!profile)
		return why_set(why, ENOMEM, "no memory for a profile");
	/*
	 * RFC 9293 3.4.2: MSL is two minutes; RFC 6298 2: the first timeout is a second. For the
	 * others no RFC has a number: SYN-RECEIVED is for five retransmissions.
	 */
	profile->timers[TIMER_TIME_WAIT] = sec(240);
	profile->timers[TIMER_FIN_WAIT_2] = sec(60);
	profile->timers[TIMER_SYN_ACK] = sec(1);
	profile->timers[TIMER_SYN_RECEIVED] = sec(63);
	bare = !strncmp(name, NOTHING_BUT_TIMERS, strlen(NOTHING_BUT_TIMERS));
	profile->name = strdup(bare ? "none" : name);
	name += bare ? strlen(NOTHING_BUT_TIMERS) : 0;
	for (size_t i = 0; i < BUILT_IN && !known; i++)
		if (!strcmp(name, built_in[i].name)) {
			for (const char *const *line = built_in[i].lines; *line; line++)
				buffer_text(&text_, *line);
			known = true;
		}
	if (!known)
		r = file_read(name, &text_, why);
	if (!r && (!profile->name || text_.failed))
		r = why_set(why, ENOMEM, "no memory for a profile");
	if (!r && text_.len)
		r = text_parse(profile, name, text_.at, text_.len, why);
	if (bare)
		foreseen_free(profile);
	buffer_free(&text_);
	if (r)
		profile_free(profile);
	else
		*out = profile;
	return r;
}

void profile_free(struct profile *profile)
{
	if (!profile)
		return;
	foreseen_free(profile);
	free(profile->lines);
	free(profile->name);
	free(profile);
}

const char *profile_name(const struct profile *profile)
{
	return profile->name;
}

nanos profile_timer(const struct profile *profile, enum timer timer)
{
	return (unsigned)timer < TIMER_END ? profile->timers[timer] : 0;
}

enum verdict profile_expects(const struct profile *profile, const char *name, const char *over,
			     const char **reason)
{
	/* The last line that matches wins: a general one first, exceptions below it. */
	for (size_t i = profile->count; i-- > 0;) {
		const struct foreseen *line = &profile->lines[i];

		if (fnmatch(line->pattern, name, 0) || (line->over && strcmp(line->over, over)))
			continue;
		*reason = line->reason;
		return line->verdict;
	}
	*reason = NULL;
	return VERDICT_PASS;
}
