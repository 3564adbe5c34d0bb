/*
 * What a case costs before it does anything: a hundred empty cases, one at a time. Wall time is
 * from the case's start to its verdict as the run sees it; CPU time is that of all processes, the
 * run's own and the kernel's work for them included, per case.
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

int main(void)
{
	static char names[CASES][8];
	static double seconds[CASES];
	char *text_ = NULL;
	size_t size, n;
	struct reporter_options format = {.out = open_memstream(&text_, &size)};
	struct reporter *json;
	struct catalogue catalogue;
	struct run_options options = {.catalogue = &catalogue, .jobs = 1, .time_scale = 1,
		.reporters = &json, .reporter_count = 1};
	struct profile *profile;
	struct why why;
	double spent;

	for (size_t i = 0; i < CASES; i++) {
		snprintf(names[i], sizeof(names[i]), "n%zu", i);
		rows[i].name = names[i];
	}
	/* Agents outlive their case's process by a moment: their CPU time is counted here. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (catalogue_new(&catalogue, &why) || profile_load(&profile, "none", &why) ||
	    reporter_new(&json, "json", &format, &why)) {
		fprintf(stderr, "%s\n", why.text);
		return 4;
	}
	options.profile = profile;
	spent = cpu(RUSAGE_SELF) + cpu(RUSAGE_CHILDREN);
	if (run_cases(&options, &why) < 0) {
		fprintf(stderr, "%s\n", why.text);
		return 4;
	}
	while (wait(NULL) > 0)
		continue;
	spent = cpu(RUSAGE_SELF) + cpu(RUSAGE_CHILDREN) - spent;
	reporter_finish(json, &why);
	fclose(format.out);
	n = seconds_read(text_, seconds);
	if (n != CASES)
		fprintf(stderr, "%zu of %d cases passed\n", n, CASES);
	if (!n)
		return 1;
	qsort(seconds, n, sizeof(seconds[0]), double_compare);
	printf("fixed cost: wall min %.1f  p50 %.1f  p90 %.1f  max %.1f ms; CPU %.2f ms a case\n",
	       seconds[0] * 1e3, seconds[n / 2] * 1e3, seconds[n * 9 / 10] * 1e3,
	       seconds[n - 1] * 1e3, spent * 1e3 / CASES);
	free(text_);
	profile_free(profile);
	catalogue_free(&catalogue);
	return n == CASES ? 0 : 1;
}
