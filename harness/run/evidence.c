#include "run/evidence.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const files[] = {"wire.pcap", "ladder.txt", "verdict.json"};
#define FILES (sizeof(files) / sizeof(files[0]))

/* FOLDER/NAME, owned by the caller, or NULL. */
static char *path_in(const char *folder, const char *name)
{
	char *path = NULL;

	return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

int evidence_prepare(const char *path, bool *made, struct why *why)
{
	bool fresh = !mkdir(path, 0777);
	char *probe;
	int error = fresh || errno == EEXIST ? 0 : errno;

	if (error)
		return why_set(why, EINVAL, "evidence folder %s: %s", path, strerror(error));
	probe = path_in(path, ".lastack-XXXXXX");
	if (!probe)
		error = ENOMEM;
	else if (!mkdtemp(probe))
		error = errno;
	else if (rmdir(probe))
		error = errno;
	free(probe);
	if (error && fresh)
		rmdir(path);
	if (error)
		return why_set(why, EINVAL, "evidence folder %s: %s", path, strerror(error));
	*made = fresh;
	return 0;
}

/* Remove a file of a folder, if it is there. */
static void file_remove(const char *folder, const char *name)
{
	char *path = path_in(folder, name);

	if (path)
		unlink(path);
	free(path);
}

int evidence_open(struct job *job, const char *path, struct why *why)
{
	char *folder = NULL, *slash;

	if (asprintf(&folder, "%s/%s.%s", path, job->entry->name, job->over) < 0)
		return why_set(why, ENOMEM, "no memory for the evidence of %s", job->entry->name);
	slash = strchr(folder + strlen(path) + 1, '/');
	if (slash)
		*slash = '.';
	if (mkdir(folder, 0777) && errno != EEXIST) {
		int error = errno;

		why_set(why, error, "evidence folder %s: %s", folder, strerror(error));
		free(folder);
		return -error;
	}
	for (size_t i = 0; i < FILES; i++)
		file_remove(folder, files[i]);
	free(job->folder);
	job->folder = folder;
	return 0;
}

/* Close, and remove a file that is not whole. */
static int file_close(FILE *file, const char *path, int r, struct why *why)
{
	bool bad = ferror(file);

	if ((fclose(file) || bad) && !r)
		r = -(errno ? errno : EIO);
	if (r) {
		unlink(path);
		why_set(why, -r, "evidence %s: %s", path, strerror(-r));
	}
	return r;
}

static int ladder_write(const struct job *job, struct why *why)
{
	char *path = path_in(job->folder, "ladder.txt");
	struct buffer drawn = {.at = NULL};
	FILE *file = path ? fopen(path, "we") : NULL;
	int r = 0;

	if (!file) {
		r = path ? -errno : -ENOMEM;
		why_set(why, -r, "evidence %s/ladder.txt: %s", job->folder, strerror(-r));
		goto out;
	}
	if (job->ladder)
		ladder_text(job->ladder, &drawn, false);
	if (drawn.failed)
		r = -ENOMEM;
	else if (drawn.len && fwrite(drawn.at, 1, drawn.len, file) != drawn.len)
		r = -errno;
	r = file_close(file, path, r, why);
out:
	buffer_free(&drawn);
	free(path);
	return r;
}

static int verdict_write(const struct job *job, const struct event *start,
			 const struct event *verdict, struct why *why)
{
	char *path = path_in(job->folder, "verdict.json");
	FILE *file = path ? fopen(path, "we") : NULL;
	struct reporter_options options = {.out = file};
	struct reporter *reporter = NULL;
	int r;

	if (!file) {
		r = path ? -errno : -ENOMEM;
		why_set(why, -r, "evidence %s/verdict.json: %s", job->folder, strerror(-r));
		goto out;
	}
	r = reporter_new(&reporter, "json", &options, why);
	if (!r) {
		reporter_event(reporter, start);
		reporter_event(reporter, verdict);
		r = reporter_finish(reporter, why);
	}
	r = file_close(file, path, r, why);
out:
	free(path);
	return r;
}

static int capture_check(const struct job *job, struct why *why)
{
	char *path = path_in(job->folder, "wire.pcap");
	int r = 0;

	/* Where the lab stood and the case ended by itself, only a full disk loses the capture. */
	if (job->opened && job->judged && path && access(path, F_OK))
		r = why_set(why, errno, "evidence %s: the capture could not be written", path);
	free(path);
	return r;
}

int evidence_keep(const struct job *job, const struct event *start, const struct event *verdict,
		  struct why *why)
{
	int r = capture_check(job, why);

	if (!r)
		r = ladder_write(job, why);
	if (!r)
		r = verdict_write(job, start, verdict, why);
	/* Only an empty folder goes. */
	if (r)
		rmdir(job->folder);
	return r;
}
