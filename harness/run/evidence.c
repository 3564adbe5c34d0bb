/*
 * Evidence. Others may be able to write in the folder that the user named: a case's folder and its
 * files are made and opened from the descriptor of the folder around them, and no link is followed.
 */
#include "run/evidence.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const files[] = {"wire.pcap", "ladder.txt", "verdict.json"};
#define FILES (sizeof(files) / sizeof(files[0]))

/* Can something be made in this folder? 0, -errno. */
static int folder_try(int folder)
{
	char name[64];

	snprintf(name, sizeof(name), ".lastack-%ld-%lld", (long)getpid(),
		 (long long)clock_monotonic());
	if (mkdirat(folder, name, 0700) || unlinkat(folder, name, AT_REMOVEDIR))
		return -errno;
	return 0;
}

int evidence_prepare(const char *path, bool *made, struct why *why)
{
	bool fresh = false;
	int folder = folder_open(path, &fresh, why), r;

	if (folder < 0) {
		why_add(why, "evidence folder %s: ", path);
		return -EINVAL;
	}
	r = folder_try(folder);
	close(folder);
	if (r && fresh)
		rmdir(path);
	if (r)
		return why_set(why, EINVAL, "evidence folder %s: %s", path, strerror(-r));
	*made = fresh;
	return 0;
}

/* The descriptor of the case's folder, made if it is not there, or -errno with why. */
static int case_open(const char *path, const char *name, struct why *why)
{
	int root = folder_open(path, NULL, why), folder;

	if (root < 0) {
		why_add(why, "evidence folder %s: ", path);
		return root;
	}
	folder = folder_enter(root, name);
	close(root);
	if (folder < 0)
		why_set(why, -folder, "evidence folder %s/%s: %s", path, name,
			folder == -ELOOP || folder == -ENOTDIR
				? "it is a symbolic link or a file, where a folder is wanted"
				: strerror(-folder));
	return folder;
}

int evidence_open(struct job *job, const char *path, struct why *why)
{
	char *name = NULL, *whole = NULL, *slash;
	int folder;

	if (asprintf(&name, "%s.%s", job->entry->name, job->over) < 0)
		return why_set(why, ENOMEM, "no memory for the evidence of %s", job->entry->name);
	slash = strchr(name, '/');
	if (slash)
		*slash = '.';
	folder = case_open(path, name, why);
	if (folder >= 0 && asprintf(&whole, "%s/%s", path, name) < 0) {
		close(folder);
		folder = why_set(why, ENOMEM, "no memory for the evidence of %s", name);
	}
	free(name);
	if (folder < 0)
		return folder;
	for (size_t i = 0; i < FILES; i++)
		unlinkat(folder, files[i], 0);
	close(folder);
	free(job->folder);
	job->folder = whole;
	return 0;
}

static int ladder_write(const struct job *job, FILE *file)
{
	struct buffer drawn = {.at = NULL};
	int r = 0;

	if (job->ladder)
		ladder_text(job->ladder, &drawn, false);
	if (drawn.failed)
		r = -ENOMEM;
	else if (drawn.len && fwrite(drawn.at, 1, drawn.len, file) != drawn.len)
		r = -errno;
	buffer_free(&drawn);
	return r;
}

static int verdict_write(const struct event *start, const struct event *verdict, FILE *file)
{
	struct reporter_options options = {.out = file};
	struct reporter *reporter = NULL;
	int r = reporter_new(&reporter, "json", &options, NULL);

	if (r)
		return r;
	reporter_event(reporter, start);
	reporter_event(reporter, verdict);
	return reporter_finish(reporter, NULL);
}

static int files_write(const struct job *job, const struct event *start,
		       const struct event *verdict, int folder, struct why *why)
{
	for (size_t i = 1; i < FILES; i++) {
		struct output_file file;
		int r = output_file_open_at(&file, folder, files[i]), closed;

		if (!r) {
			r = i == 1 ? ladder_write(job, file.file)
				   : verdict_write(start, verdict, file.file);
			closed = output_file_close(&file, !r);
			r = r ? r : closed;
		}
		if (r)
			return why_set(why, -r, "evidence %s/%s: %s", job->folder, files[i],
				       strerror(-r));
	}
	return 0;
}

int evidence_keep(const struct job *job, const char *path, const struct event *start,
		  const struct event *verdict, struct why *why)
{
	int folder = case_open(path, strrchr(job->folder, '/') + 1, why), r = 0;

	if (folder < 0)
		return folder;
	/* Where the lab stood and the case ended by itself, only a full disk loses the capture. */
	if (job->opened && job->judged && faccessat(folder, files[0], F_OK, AT_SYMLINK_NOFOLLOW))
		r = why_set(why, errno, "evidence %s/%s: the capture could not be written",
			    job->folder, files[0]);
	if (!r)
		r = files_write(job, start, verdict, folder, why);
	close(folder);
	/* Only an empty folder goes. */
	if (r)
		rmdir(job->folder);
	return r;
}
