/*
 * For the tests of the run room: a lab that is none, and a run of cases in it. The doors of the lab
 * that a run calls are played here. Every test has a folder of its own.
 */
#ifndef TESTS_RUN_FAKE_LAB_H
#define TESTS_RUN_FAKE_LAB_H

#include "run/run.h"
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <lastack/case.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* cmocka has macros of the same names as a case's verbs. */
#undef expect
#undef expect_any
#undef check
#include <cmocka.h>

/* The lab that is none. */
struct lab {
	struct lab_config config;
	struct break_facts facts;
};

/* A test that wants to know when a lab is built. */
static void (*on_lab_open)(void);
/* A test that wants no lab to be built: the error, positive. */
static int lab_fails;

int lab_open(struct lab **out, const struct lab_config *config, struct why *why)
{
	static struct lab lab;
	FILE *capture;

	if (on_lab_open)
		on_lab_open();
	if (lab_fails)
		return why_set(why, lab_fails, "this test has no lab");
	if (config->family == 6)
		return why_set(why, EAFNOSUPPORT, "this test has no IPv6");
	lab.config = *config;
	if (config->capture_path) {
		capture = fopen(config->capture_path, "w");
		if (!capture || fclose(capture))
			return why_set(why, errno, "capture");
	}
	*out = &lab;
	return 0;
}

struct exchange *lab_exchange(struct lab *lab)
{
	return (struct exchange *)lab;
}

struct break_facts exchange_facts(const struct exchange *exchange)
{
	struct break_facts facts = ((const struct lab *)exchange)->facts;

	facts.late = ms(7);
	return facts;
}

void exchange_could(struct exchange *exchange, nanos since)
{
	(void)exchange;
	(void)since;
}

int lab_audit(struct lab *lab, struct why *why)
{
	(void)lab;
	(void)why;
	return 0;
}

int lab_survey(struct lab_survey *out, struct why *why)
{
	(void)out;
	return why_set(why, EIO, "no lab, no survey");
}

int lab_become_root(struct why *why)
{
	(void)why;
	return 0;
}

int lab_sysctl_write(const char *name, const char *value, struct why *why)
{
	(void)value;
	return why_set(why, ENOENT, "no sysctl %s", name);
}

void lab_set_liar(struct lab *lab, const struct liar *liar)
{
	(void)lab;
	(void)liar;
}

/* Where the cases of a test leave their marks: a folder of its own. */
static char folder[] = "/tmp/lastack-schedule-XXXXXX";

static inline void path_of(char out[static 128], const char *name)
{
	snprintf(out, 128, "%s/%s", folder, name);
}

static inline void verdict(struct lab *lab, bool broken, enum verdict verdict_, const char *message)
{
	lab->config.observer.verdict(lab->config.observer.arg, broken, verdict_, 42, message);
}

#define MUST_OF .requirement = RFC9293(MUST, 13), .over = IPV4

static inline int setup(void **state)
{
	(void)state;
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static inline int teardown(void **state)
{
	char command[160];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

/* A run: what it is asked, and the JSON lines that it printed. */
struct ran {
	int status;
	struct why why;
	json_t *lines;
};

/* The case's last verdict line. */
static inline json_t *line_of(const struct ran *ran, const char *name)
{
	for (size_t i = json_array_size(ran->lines); i-- > 0;) {
		json_t *line = json_array_get(ran->lines, i);
		json_t *said = json_object_get(line, "case");

		if (said && !strcmp(json_string_value(said), name))
			return line;
	}
	fail_msg("no verdict for %s", name);
	return NULL;
}

static inline const char *string_of(const struct ran *ran, const char *name, const char *key)
{
	return json_string_value(json_object_get(line_of(ran, name), key));
}

static inline void is_verdict(const struct ran *ran, const char *name, const char *verdict_,
			      const char *message)
{
	if (strcmp(string_of(ran, name, "verdict"), verdict_) ||
	    !strstr(string_of(ran, name, "message"), message))
		fail_msg("%s: want %s '%s', got %s '%s'", name, verdict_, message,
			 string_of(ran, name, "verdict"), string_of(ran, name, "message"));
}

static inline json_int_t summary_of(const struct ran *ran, const char *key)
{
	json_t *last = json_array_get(ran->lines, json_array_size(ran->lines) - 1);

	return json_integer_value(json_object_get(json_object_get(last, "summary"), key));
}

static inline void run(struct ran *ran, struct run_options *options, char **selectors, size_t n,
		       const char *profile_name_)
{
	struct catalogue catalogue;
	struct profile *profile;
	struct reporter *reporter;
	char *printed = NULL, *line, *rest;
	size_t size = 0;
	FILE *out = open_memstream(&printed, &size);
	struct reporter_options how = {.out = out};

	*ran = (struct ran){.lines = json_array()};
	assert_int_equal(catalogue_new(&catalogue, NULL), 0);
	assert_int_equal(catalogue_select(&catalogue, selectors, n, NULL), 0);
	assert_int_equal(profile_load(&profile, profile_name_, &ran->why), 0);
	assert_int_equal(reporter_new(&reporter, "json", &how, NULL), 0);
	options->catalogue = &catalogue;
	options->profile = profile;
	options->reporters = &reporter;
	options->reporter_count = 1;
	ran->status = run_cases(options, &ran->why);
	assert_int_equal(reporter_finish(reporter, NULL), 0);
	fclose(out);
	for (line = strtok_r(printed, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		assert_int_equal(json_array_append_new(ran->lines, json_loads(line, 0, NULL)), 0);
	free(printed);
	profile_free(profile);
	catalogue_free(&catalogue);
}

static inline void ran_free(struct ran *ran)
{
	json_decref(ran->lines);
}

#define OWN_FOLDER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

#endif
