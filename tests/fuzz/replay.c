/*
 * Feed a fuzz target every file of the folders named: replay FOLDER...
 *
 * Stands where libFuzzer's main would. A folder that is missing or holds no file is an error, since
 * a test of nothing must not pass. Each input is a heap copy without a byte to spare.
 */
#include "replay.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* Read a whole file and run the target on it. 0, or -1 with a message. */
static int file_replay(const char *path, size_t size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *bytes = malloc(size ? size : 1);
	int rc = -1;

	if (!file || !bytes || fread(bytes, 1, size, file) != size) {
		perror(path);
		goto out;
	}
	/* Told before it runs: a crash then names its input. */
	printf("%s\n", path);
	fflush(stdout);
	LLVMFuzzerTestOneInput(bytes, size);
	rc = 0;
out:
	free(bytes);
	if (file)
		fclose(file);
	return rc;
}

/* How many files were replayed, or -1. */
static int folder_replay(const char *folder)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	int files = 0;

	if (!dir) {
		perror(folder);
		return -1;
	}
	while (files >= 0 && (entry = readdir(dir))) {
		char path[4096];
		struct stat status;
		int n = snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);

		if (n < 0 || (size_t)n >= sizeof(path) || stat(path, &status)) {
			perror(folder);
			files = -1;
		} else if (S_ISREG(status.st_mode)) {
			files = file_replay(path, (size_t)status.st_size) ? -1 : files + 1;
		}
	}
	closedir(dir);
	return files;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: replay FOLDER...\n");
		return 1;
	}
	for (int i = 1; i < argc; i++) {
		int files = folder_replay(argv[i]);

		if (files < 0)
			return 1;
		if (!files) {
			fprintf(stderr, "%s: no input there\n", argv[i]);
			return 1;
		}
	}
	return 0;
}
