/* Reads the text form of a fault. Its words and numbers are the user's: each may be wrong. */
#include "fault/fault.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 3, WORD_MAX = 32 };

struct words {
	size_t n;
	char at[WORDS_MAX + 1][WORD_MAX];
};

/* A number, and what follows it in the word. */
static bool number(const char *word, double *out, const char **rest)
{
	char *end;

	*rest = word + strspn(word, "0123456789.");
	*out = strtod(word, &end);
	/* Neither a sign nor hexadecimal digits nor "inf". */
	return end != word && end == *rest && isfinite(*out);
}

static int rate(const char *word, double *out, struct why *why)
{
	const char *rest;

	if (!number(word, out, &rest) || strcmp(rest, "%") || *out > 100)
		return why_set(why, EINVAL, "'%s' is no rate from 0%% to 100%%", word);
	*out /= 100;
	return 0;
}

static int duration(const char *word, nanos *out, struct why *why)
{
	static const struct {
		const char *name;
		double size;
	} units[] = {{"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};
	const char *rest;
	double value;

	if (number(word, &value, &rest))
		for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
			if (!strcmp(rest, units[i].name) && value * units[i].size <= 3600e9) {
				*out = (nanos)(value * units[i].size);
				return 0;
			}
	return why_set(why, EINVAL, "'%s' is no time up to 3600s: write 500us, 40ms or 1.5s",
		       word);
}

static int read_rate(const struct words *words, struct fault *out, struct why *why)
{
	return rate(words->at[1], &out->rate, why);
}

static int read_time(const struct words *words, struct fault *out, struct why *why)
{
	return duration(words->at[1], &out->time, why);
}

/* With all frames of the bad state lost, its mean length and share give both probabilities. */
static int read_burst(const struct words *words, struct fault *out, struct why *why)
{
	double share, length;
	const char *rest;
	int error = rate(words->at[1], &share, why);

	if (error)
		return error;
	if (!number(words->at[2], &length, &rest) || *rest || length < 1)
		return why_set(why, EINVAL, "'%s' is no mean length of a burst, in frames from 1",
			       words->at[2]);
	if (share / (1 - share) / length > 1)
		return why_set(why, EINVAL, "bursts of %s frames cannot make a loss of %s",
			       words->at[2], words->at[1]);
	out->burst = (struct fault_burst){share / (1 - share) / length, 1 / length, 1, 0};
	return 0;
}

static int read_merge(const struct words *words, struct fault *out, struct why *why)
{
	const char *rest;
	double bytes;

	if (!number(words->at[1], &bytes, &rest) || *rest || bytes < 100 || bytes > 65535)
		return why_set(why, EINVAL, "'%s' is no length from 100 to 65535 bytes",
			       words->at[1]);
	out->bytes = (size_t)bytes;
	return duration(words->at[2], &out->time, why);
}

static const struct {
	const char *name, *form;
	enum fault_kind kind;
	size_t words;
	int (*read)(const struct words *words, struct fault *out, struct why *why);
} kinds[] = {
	{"loss", "loss RATE", FAULT_LOSS, 2, read_rate},
	{"burst-loss", "burst-loss RATE LENGTH", FAULT_BURST_LOSS, 3, read_burst},
	{"duplicate", "duplicate RATE", FAULT_DUPLICATE, 2, read_rate},
	{"delay", "delay TIME", FAULT_DELAY, 2, read_time},
	{"jitter", "jitter TIME", FAULT_JITTER, 2, read_time},
	{"merge", "merge BYTES TIME", FAULT_MERGE, 3, read_merge},
};

/* Splits at blanks. A word too many, or one too long, makes n more than WORDS_MAX. */
static void split(const char *text, struct words *out)
{
	*out = (struct words){0};
	while (out->n <= WORDS_MAX && *(text += strspn(text, " \t"))) {
		const size_t len = strcspn(text, " \t");

		if (len >= WORD_MAX) {
			out->n = WORDS_MAX + 1;
			return;
		}
		memcpy(out->at[out->n++], text, len);
		text += len;
	}
}

int fault_parse(const char *text, struct fault *out, struct why *why)
{
	struct words words;

	split(text, &words);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		int error;

		if (strcmp(words.at[0], kinds[i].name))
			continue;
		if (words.n != kinds[i].words)
			return why_set(why, EINVAL, "fault '%s' has not the form '%s'", text,
				       kinds[i].form);
		*out = (struct fault){.kind = kinds[i].kind};
		error = kinds[i].read(&words, out, why);
		if (error)
			why_add(why, "fault '%s': ", text);
		return error;
	}
	return why_set(why, EINVAL,
		       "no fault '%s': there are loss, burst-loss, duplicate, delay, jitter, merge",
		       words.at[0]);
}
