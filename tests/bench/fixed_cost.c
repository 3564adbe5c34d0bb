/*
 * What a case costs before it does anything, in two ways. Alone: a run of one empty case, from its
 * start to its verdict, a hundred times. In a row: what each of a hundred empty cases adds to a run
 * that lets one case go on at a time; the labs of the next ones are built meanwhile. CPU time is
 * that of all processes per case, the run's own and the end of the case's processes included.
 */
#include "run/run.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define CASES 100

struct row {
	const char *name;
};
static struct row rows[CASES];

FAMILY(fixed_cost, "Nothing but the lab");

static void nothing(struct lab *lab, const void *row)
{
	(void)lab;
	(void)row;
}

static const struct case_record empty = {.name = "empty", .family = &lastack_family,
	.file = __FILE__, .line = __LINE__, .body = nothing, .rows = rows,
	.row_size = sizeof(rows[0]), .row_count = CASES,
	.requirement = RFC9293(EV, LISTEN_SYN), .claim = "a lab can be set up and torn down",
	.over = IPV4};
static const struct case_record *const pointer
	__attribute__((used, section("lastack_cases"))) = &empty;

static int double_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double cpu(int who)
{
	struct rusage use;

	getrusage(who, &use);
	return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
	       (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

/* The seconds of each case, from the run's own JSON lines. */
static size_t seconds_read(char *lines, double seconds[CASES])
{
	size_t n = 0;
	char *save = NULL;

	for (char *line = strtok_r(lines, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		json_t *root = json_loads(line, 0, NULL);
		const char *verdict = json_string_value(json_object_get(root, "verdict"));

		if (verdict && n < CASES && !strcmp(verdict, "pass"))
			seconds[n++] = json_number_value(json_object_get(root, "seconds"));
		else if (verdict)
			fprintf(stderr, "%s\n", line);
		json_decref(root);
	}
	return n;
}

/* Run these cases, and read their seconds. How many passed. */
static size_t cases_run(const struct catalogue *catalogue, const struct profile *profile,
			double seconds[CASES])
{
	char *text_ = NULL;
	size_t size, n = 0;
	struct reporter_options format = {.out = open_memstream(&text_, &size)};
	struct reporter *json = NULL;
	struct run_options options = {.catalogue = catalogue, .profile = profile, .jobs = 1,
		.time_scale = 1, .reporters = &json, .reporter_count = 1};
	struct why why = {.text = "no memory"};

	if (!format.out || reporter_new(&json, "json", &format, &why) ||
	    run_cases(&options, &why) < 0)
		fprintf(stderr, "%s\n", why.text);
	reporter_finish(json, &why);
	if (format.out)
		fclose(format.out);
	if (text_)
		n = seconds_read(text_, seconds);
	free(text_);
	return n;
}

static int alone(const struct catalogue *all, const struct profile *profile)
{
	static double seconds[CASES];
	struct catalogue one = {.entries = all->entries, .count = 1};

	for (size_t i = 0; i < CASES; i++)
		if (cases_run(&one, profile, &seconds[i]) != 1)
			return 1;
	qsort(seconds, CASES, sizeof(seconds[0]), double_compare);
	printf("a case alone: wall min %.1f  p50 %.1f  p90 %.1f  max %.1f ms\n", seconds[0] * 1e3,
	       seconds[CASES / 2] * 1e3, seconds[CASES * 9 / 10] * 1e3, seconds[CASES - 1] * 1e3);
	return 0;
}

static int in_a_row(const struct catalogue *all, const struct profile *profile)
{
	static double seconds[CASES];
	double spent = cpu(RUSAGE_SELF) + cpu(RUSAGE_CHILDREN);
	nanos began = clock_monotonic(), took;
	size_t n = cases_run(all, profile, seconds);

	took = clock_monotonic() - began;
	while (wait(NULL) > 0)
		continue;
	spent = cpu(RUSAGE_SELF) + cpu(RUSAGE_CHILDREN) - spent;
	printf("a case more:  wall %.1f ms, CPU %.2f ms (%zu cases)\n",
	       (double)took / 1e6 / CASES, spent * 1e3 / CASES, n);
	return n == CASES ? 0 : 1;
}

int main(void)
{
	static char names[CASES][8];
	struct catalogue catalogue;
	struct profile *profile;
	struct why why;
	int bad;

	for (size_t i = 0; i < CASES; i++) {
		snprintf(names[i], sizeof(names[i]), "n%zu", i);
		rows[i].name = names[i];
	}
	/* Agents outlive their case's process by a moment: their CPU time is counted here. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (catalogue_new(&catalogue, &why) || profile_load(&profile, "none", &why)) {
		fprintf(stderr, "%s\n", why.text);
		return 4;
	}
	bad = in_a_row(&catalogue, profile) || alone(&catalogue, profile);
	profile_free(profile);
	catalogue_free(&catalogue);
	return bad;
}
