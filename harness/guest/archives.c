#include "guest/archives.h"
#include <dlfcn.h>
#include <errno.h>

/* The loader's handle is kept to the program's end. NULL where a function lacks. */
static const struct archives *library(void)
{
	static struct archives loaded;
	static bool tried, good;
	void *handle;

	if (tried)
		return good ? &loaded : NULL;
	tried = true;
	handle = dlopen(LASTACK_LIBARCHIVE, RTLD_NOW | RTLD_LOCAL);
	if (!handle)
		return NULL;
	good = true;
#define LOAD(function)                                                                             \
	*(void **)&loaded.function = dlsym(handle, #function);                                     \
	good &= loaded.function != NULL;
	ARCHIVES_FUNCTIONS(LOAD)
#undef LOAD
	return good ? &loaded : NULL;
}

int archives_load(struct why *why)
{
	if (library())
		return 0;
	return why_set(why, ENOENT, "%s cannot be loaded; install the package libarchive13",
		       LASTACK_LIBARCHIVE);
}

const struct archives *archives(void)
{
	return library();
}
