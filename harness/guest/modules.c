/*
 * The modules that a lab needs, in the order in which they load.
 */
#include "guest/kernel.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a lab uses: without the first ones there is none, without the others cases are skipped. */
static const struct {
	const char *option;
	const char *module; /* its file, without the folder */
	const char *what;   /* NULL: a lab can do without */
} parts[] = {
	{"CONFIG_NET_NS", NULL, "network namespaces"},
	{"CONFIG_PACKET", "af_packet.ko", "packet sockets"},
	{"CONFIG_UNIX", "unix.ko", "Unix sockets"},
	{"CONFIG_VETH", "veth.ko", "veth"},
	{"CONFIG_IPV6", "ipv6.ko", NULL},
	{"CONFIG_INET_DIAG", "inet_diag.ko", NULL},
	{"CONFIG_INET_TCP_DIAG", "tcp_diag.ko", NULL},
};
#define PARTS (sizeof(parts) / sizeof(parts[0]))

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int module_add(struct guest_kernel *kernel, const char *folder, const char *file,
		      struct why *why)
{
	size_t n = 0;

	for (; kernel->modules[n]; n++)
		if (!strcmp(base_of(kernel->modules[n]), base_of(file)))
			return 0;
	if (n == GUEST_MODULES_MAX)
		return why_set(why, E2BIG, "%s wants more than %d modules", kernel->name,
			       GUEST_MODULES_MAX);
	if (asprintf(&kernel->modules[n], "%s/%s", folder, file) < 0) {
		kernel->modules[n] = NULL;
		return why_set(why, ENOMEM, "no memory");
	}
	return 0;
}

/*
 * A line of modules.dep: "FILE: NEEDS NEEDS", the nearest first; depmod writes all of them, so the
 * last one needs nothing.
 */
static int line_take(struct guest_kernel *kernel, const char *folder, char *line, struct why *why)
{
	char *colon = strchr(line, ':'), *space;
	int r;

	*colon = '\0';
	while ((space = strrchr(colon + 1, ' '))) {
		char *file = space + 1;

		*space = '\0';
		if (!*file)
			continue;
		r = module_add(kernel, folder, file, why);
		if (r)
			return r;
	}
	return module_add(kernel, folder, line, why);
}

/* Find the module's line; *found says whether there is one. */
static int module_find(struct guest_kernel *kernel, const char *folder, FILE *deps,
		       const char *module, bool *found, struct why *why)
{
	char *line = NULL;
	size_t size = 0;
	int r = 0;

	rewind(deps);
	while (!r && !*found && getline(&line, &size, deps) > 0) {
		char *colon = strchr(line, ':');

		line[strcspn(line, "\n")] = '\0';
		if (!colon)
			continue;
		*colon = '\0';
		*found = !strcmp(base_of(line), module);
		*colon = ':';
		if (*found)
			r = line_take(kernel, folder, line, why);
	}
	free(line);
	return r;
}

int modules_find(struct guest_kernel *kernel, const char *config, const char *folder,
		 struct why *why)
{
	char path[4096];
	FILE *deps = NULL;
	int r = 0;

	snprintf(path, sizeof(path), "%s/modules.dep", folder ? folder : "");
	for (size_t i = 0; i < PARTS && !r; i++) {
		bool found = false;

		if (config_is(config, parts[i].option, 'y'))
			continue;
		if (config_is(config, parts[i].option, 'm') && parts[i].module && folder) {
			if (!deps)
				deps = fopen(path, "re");
			if (deps)
				r = module_find(kernel, folder, deps, parts[i].module, &found, why);
		}
		if (!r && !found && parts[i].what)
			r = why_set(why, ENOENT, "%s has no %s (%s)%s%s", kernel->name,
				    parts[i].what, parts[i].option,
				    folder ? ", nor is its module in " : ", and no modules",
				    folder ? folder : "");
	}
	if (deps)
		fclose(deps);
	return r;
}
