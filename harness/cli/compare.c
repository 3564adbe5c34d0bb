/*
 * lastack run --kernels: which kernels, where their evidence goes, and what differs between them.
 */
#include "cli/compare.h"
#include "cli/outputs.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOST "host" /* this machine's own kernel, in real time */

/* The names between the commas. */
static int names_split(struct compare *compare, const char *typed, struct why *why)
{
	char *rest = compare->names = strdup(typed), *name;

	if (!rest)
		return why_set(why, ENOMEM, "no memory for the kernels' names");
	while ((name = strsep(&rest, ","))) {
		if (!*name)
			return why_set(why, EINVAL, "--kernels %s: a name is empty; want two or "
				       "more, like uml,host", shown(typed));
		if (compare->count == COMPARISON_RUNS_MAX)
			return why_set(why, EINVAL, "--kernels: more than %d of them",
				       COMPARISON_RUNS_MAX);
		compare->kernels[compare->count++].name = name;
	}
	if (compare->count < 2)
		return why_set(why, EINVAL,
			       "--kernels %s: want two or more, like uml,host; --kernel runs on "
			       "one",
			       typed);
	for (size_t i = 0; i < compare->count; i++)
		for (size_t j = 0; j < i; j++)
			if (!strcmp(compare->kernels[i].name, compare->kernels[j].name))
				return why_set(why, EINVAL, "--kernels: %s is named twice",
					       compare->kernels[i].name);
	return 0;
}

static int kernels_find(struct compare *compare, struct why *why)
{
	for (size_t i = 0; i < compare->count; i++) {
		struct compared_kernel *kernel = &compare->kernels[i];
		int r = strcmp(kernel->name, HOST) ? guest_find(&kernel->guest, kernel->name, why)
						   : 0;

		if (r)
			return r;
		for (size_t j = 0; j < i && kernel->guest; j++)
			if (compare->kernels[j].guest &&
			    !strcmp(guest_path(compare->kernels[j].guest),
				    guest_path(kernel->guest)))
				return why_set(why, EINVAL, "--kernels: %s and %s are the same",
					       compare->kernels[j].name, kernel->name);
	}
	return 0;
}

/* A kernel's name as that of a folder: its end, where it is long. */
static void folder_name(struct compare *compare, size_t i)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				    "_-";
	struct compared_kernel *kernel = &compare->kernels[i];
	const char *name = kernel->name;
	size_t n = strlen(name), at = 0;

	for (name += n > FOLDER_MAX ? n - FOLDER_MAX : 0; *name; name++) {
		bool good = strchr(plain, *name) || (at && *name == '.');

		if (at || *name != '/')
			kernel->folder[at++] = (char)(good ? *name : '_');
	}
	for (size_t j = 0; j < i; j++)
		if (!strcmp(kernel->folder, compare->kernels[j].folder)) {
			snprintf(kernel->folder + at, sizeof(kernel->folder) - at, "~%zu", i + 1);
			break;
		}
}

static int print(const struct compare *compare, bool json)
{
	/* The terminal may have been given another width meanwhile. */
	const struct reporter_options page = stdout_options();
	struct buffer out = {.at = NULL};
	int status = compare->status;

	if (json)
		comparison_json(compare->comparison, &out);
	else
		comparison_text(compare->comparison, &page, compare->options->all, &out);
	if (out.failed)
		status = complain(EXIT_HARNESS, "no memory for the comparison");
	else
		fwrite(out.at, 1, out.len, stdout);
	buffer_free(&out);
	return status;
}

static int run_all(struct compare *compare, struct why *why)
{
	const char *names[COMPARISON_RUNS_MAX], *evidence = compare->options->run->evidence;
	bool made = false;
	int r;

	for (size_t i = 0; i < compare->count; i++) {
		names[i] = compare->kernels[i].name;
		folder_name(compare, i);
	}
	r = comparison_new(&compare->comparison, names, compare->count, why);
	if (r)
		return r;
	if (evidence) {
		r = folder_open(evidence, &made, why);
		if (r < 0) {
			why_add(why, "evidence folder %s: ", evidence);
			return -EINVAL;
		}
		close(r);
	}
	r = compare_run(compare, why);
	if (!compare->ran && made)
		rmdir(evidence);
	return r;
}

static void compare_free(struct compare *compare)
{
	for (size_t i = 0; i < compare->count; i++)
		guest_free(compare->kernels[i].guest);
	comparison_free(compare->comparison);
	free(compare->names);
}

int compare_kernels(const char *kernels, const struct compare_options *options)
{
	const char *format = options->format ? options->format : "pretty";
	bool json = !strcmp(format, "json");
	struct compare compare = {.options = options};
	struct why why = {.text = ""};
	int r;

	if (!json && strcmp(format, "pretty"))
		return complain(EXIT_USAGE, "--format %s: --kernels prints pretty or json", format);
	if (!json)
		compare.out = stdout_options();
	r = names_split(&compare, kernels, &why);
	if (!r)
		r = kernels_find(&compare, &why);
	if (!r)
		r = run_all(&compare, &why);
	if (r)
		compare.status = complain(r == -EINVAL ? EXIT_USAGE : EXIT_HARNESS, "%s", why.text);
	else if (!compare.ran && !compare.interrupted)
		complain(compare.status, "%s", compare.first.text);
	else
		compare.status = print(&compare, json);
	compare_free(&compare);
	return compare.status;
}
