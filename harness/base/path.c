#include "base/base.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *path_folder(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? strndup(path, (size_t)(slash - path)) : strdup(".");
}

char *path_there(const char *folder, const char *middle, const char *name)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s%s", folder, middle, name) >= (int)sizeof(path))
		return NULL;
	return realpath(path, NULL);
}

char *path_beside(const char *name)
{
	char *self = realpath("/proc/self/exe", NULL), *folder = self ? path_folder(self) : NULL;
	char *path = folder ? path_there(folder, "", name) : NULL;

	if (folder && !path)
		path = path_there(folder, "../lib/lastack/", name);
	free(folder);
	free(self);
	return path;
}
