/*
 * The modules that a guest needs, in the order in which they load.
 *
 * What a module depends on it says itself; which files there are stands in the list that a
 * kernel's build installs. So an unpacked package will do, without depmod's tables.
 */
#include "guest/kernel.h"
#include "guest/archives.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MODULE_BYTES_MAX (64u << 20)

/* Without the first ones there is no lab, without the others cases are skipped. */
static const struct part {
	const char *option;
	const char *module;
	const char *what; /* NULL: a lab can do without */
} lab_parts[] = {
	{"CONFIG_NET_NS", NULL, "network namespaces"},
	{"CONFIG_PACKET", "af_packet", "packet sockets"},
	{"CONFIG_UNIX", "unix", "Unix sockets"},
	{"CONFIG_VETH", "veth", "veth"},
	{"CONFIG_TUN", "tun", NULL},
	{"CONFIG_IPV6", "ipv6", NULL},
	{"CONFIG_INET_DIAG", "inet_diag", NULL},
	{"CONFIG_INET_TCP_DIAG", "tcp_diag", NULL},
	{NULL, NULL, NULL},
};
static const struct part channel_parts[] = {
	{"CONFIG_VIRTIO_PCI", "virtio_pci", "virtio on PCI"},
	{"CONFIG_VIRTIO_CONSOLE", "virtio_console", "a virtio console"},
	{NULL, NULL, NULL},
};

/* Where modules are looked for. */
struct shelf {
	struct guest_kernel *kernel;
	const char *folder;
	FILE *list; /* modules.order, or modules.dep: a line a module, its file first */
};

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Is this the file of that module? Its file may have - where the module has _. */
static bool is_module(const char *path, const char *name, size_t len)
{
	const char *file = base_of(path);

	for (size_t i = 0; i < len; i++)
		if (file[i] != name[i] && !(file[i] == '-' && name[i] == '_'))
			return false;
	return !strncmp(file + len, ".ko", 3);
}

/* The file as it is there, compressed or not; owned by the caller, or NULL. */
static char *module_file(const struct shelf *shelf, char *line)
{
	static const char *const packed[] = {"", ".xz", ".zst", ".gz"};
	char *end = strstr(base_of(line), ".ko"), *found = NULL;

	end[3] = '\0';
	for (size_t i = 0; i < sizeof(packed) / sizeof(packed[0]) && !found; i++) {
		char path[PATH_MAX];

		if (snprintf(path, sizeof(path), "%s%s", line, packed[i]) < (int)sizeof(path))
			found = path_there(shelf->folder, "", path);
	}
	return found;
}

/* The module's file, owned by the caller, or NULL where there is none. */
static char *module_find(const struct shelf *shelf, const char *name, size_t len)
{
	char *line = NULL, *found = NULL;
	size_t size = 0;

	if (!shelf->list)
		return NULL;
	rewind(shelf->list);
	while (!found && getline(&line, &size, shelf->list) > 0)
		if (line[strcspn(line, ":\n")] = '\0', is_module(line, name, len))
			found = module_file(shelf, line);
	free(line);
	return found;
}

int module_read(const char *path, struct buffer *out, struct why *why)
{
	struct archive *archive;
	struct archive_entry *entry;
	const void *bytes;
	size_t n;
	la_int64_t offset;
	int r = archives_load(why), ended;

	if (r)
		return r;
	archive = archives()->archive_read_new();
	if (!archive)
		return why_set(why, ENOMEM, "no memory");
	archives()->archive_read_support_filter_xz(archive);
	archives()->archive_read_support_filter_zstd(archive);
	archives()->archive_read_support_filter_gzip(archive);
	archives()->archive_read_support_format_raw(archive);
	if (archives()->archive_read_open_filename(archive, path, 65536) ||
	    archives()->archive_read_next_header(archive, &entry)) {
		r = why_set(why, EIO, "module %s: %s", path,
			    archives()->archive_error_string(archive));
		goto out;
	}
	while (!(ended = archives()->archive_read_data_block(archive, &bytes, &n, &offset)) &&
	       out->len <= MODULE_BYTES_MAX)
		buffer_put(out, bytes, n);
	if (ended != ARCHIVE_EOF)
		r = why_set(why, EIO, "module %s: %s", path,
			    ended ? archives()->archive_error_string(archive) : "too large");
	else if (out->failed)
		r = why_set(why, ENOMEM, "no memory for module %s", path);
out:
	archives()->archive_read_free(archive);
	return r;
}

/* "depends=A,B" of the words that a module says of itself; "" where it needs none. */
static const char *depends_of(const struct buffer *module)
{
	static const char key[] = "\0depends=";
	const char *at = memmem(module->at, module->len, key, sizeof(key) - 1);

	return at ? at + sizeof(key) - 1 : "";
}

/* Add the module after what it needs. *found: its file was there. */
static int module_want(struct shelf *shelf, const char *name, size_t len, unsigned depth,
		       bool *found, struct why *why)
{
	char **modules = shelf->kernel->modules, *path;
	struct buffer bytes = {.at = NULL};
	size_t n = 0;
	int r;

	for (; modules[n]; n++)
		if (is_module(modules[n], name, len)) {
			*found = true;
			return 0;
		}
	path = module_find(shelf, name, len);
	*found = path != NULL;
	if (!path)
		return 0;
	r = depth > GUEST_MODULES_MAX ? why_set(why, ELOOP, "module %s needs itself", path)
				      : module_read(path, &bytes, why);
	for (const char *need = r ? "" : depends_of(&bytes); *need && !r;) {
		size_t word = strcspn(need, ",");
		bool there;

		/* One that is not there is built in, or the kernel will say so. */
		r = module_want(shelf, need, word, depth + 1, &there, why);
		need += word + (need[word] == ',');
	}
	for (n = 0; modules[n]; n++)
		continue;
	if (!r && n == GUEST_MODULES_MAX)
		r = why_set(why, E2BIG, "%s wants more than %d modules", shelf->kernel->name,
			    GUEST_MODULES_MAX);
	buffer_free(&bytes);
	if (r) {
		free(path);
		return r;
	}
	modules[n] = path;
	return 0;
}

static int part_want(struct shelf *shelf, const struct part *part, const char *config,
		     struct why *why)
{
	bool found = false;
	int r = 0;

	if (config && config_is(config, part->option, 'y'))
		return 0;
	if (part->module && (!config || config_is(config, part->option, 'm')))
		r = module_want(shelf, part->module, strlen(part->module), 0, &found, why);
	if (r || found || !config || !part->what)
		return r;
	return why_set(why, ENOENT, "--kernel %s: it has no %s (%s)%s%s", shelf->kernel->name,
		       part->what, part->option,
		       shelf->folder ? ", nor is its module in "
				     : ", and its modules are not there",
		       shelf->folder ? shelf->folder : "");
}

static FILE *list_open(const char *folder)
{
	static const char *const names[] = {"modules.order", "modules.dep"};
	FILE *list = NULL;

	for (size_t i = 0; folder && !list && i < sizeof(names) / sizeof(names[0]); i++) {
		char path[PATH_MAX];

		if (snprintf(path, sizeof(path), "%s/%s", folder, names[i]) < (int)sizeof(path))
			list = fopen(path, "re");
	}
	return list;
}

int modules_find(struct guest_kernel *kernel, enum modules_for what, const char *config,
		 const char *folder, struct why *why)
{
	struct shelf shelf = {.kernel = kernel, .folder = folder, .list = list_open(folder)};
	const struct part *part = what == MODULES_CHANNEL ? channel_parts : lab_parts;
	int r = 0;

	for (; part->option && !r; part++)
		r = part_want(&shelf, part, config, why);
	if (shelf.list)
		fclose(shelf.list);
	return r;
}
