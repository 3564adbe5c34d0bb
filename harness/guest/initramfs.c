#include "guest/initramfs.h"
#include "guest/parcel.h"
#include <errno.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Where the loader knows the libraries from; a guest's loader finds them the same way. */
#define LOADER_CACHE "/etc/ld.so.cache"

char *initramfs_module(const char *path)
{
	const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path;
	const char *end = strstr(file, ".ko");
	char *name = NULL;

	if (asprintf(&name, "/modules/%.*s.ko", end ? (int)(end - file) : (int)strlen(file), file) <
	    0)
		return NULL;
	return name;
}

static int library_add(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct parcel *parcel = arg;

	(void)size;
	/* The program has no name here, and the kernel's own page no path. */
	if (info->dlpi_name && *info->dlpi_name == '/')
		parcel_file(parcel, info->dlpi_name, 0755, info->dlpi_name);
	return 0;
}

static int module_add(struct parcel *parcel, const char *path, struct why *why)
{
	char *name = initramfs_module(path);
	struct buffer bytes = {.at = NULL};
	int r = name ? module_read(path, &bytes, why) : why_set(why, ENOMEM, "no memory");

	if (!r)
		parcel_bytes(parcel, name, 0644, bytes.at, bytes.len);
	buffer_free(&bytes);
	free(name);
	return r;
}

int initramfs_make(const struct guest_kernel *kernel, const struct guest_start *start, int *fd,
		   struct why *why)
{
	static const char *const folders[] = {"/dev", "/proc", "/sys", "/run", "/tmp"};
	struct parcel *parcel = NULL;
	int made = memfd_create("lastack-initramfs", MFD_CLOEXEC), r, closed;

	if (made < 0)
		return why_set(why, errno, "memfd_create: %s", strerror(errno));
	r = parcel_new(&parcel, made, why);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]) && !r; i++)
		parcel_folder(parcel, folders[i]);
	if (!r) {
		/* The kernel opens it for its first process, before that can mount anything. */
		parcel_device(parcel, "/dev/console", 5, 1);
		parcel_file(parcel, "/init", 0755, start->lastack);
		dl_iterate_phdr(library_add, parcel);
		if (!access(LOADER_CACHE, R_OK))
			parcel_file(parcel, LOADER_CACHE, 0644, LOADER_CACHE);
		if (start->profile)
			parcel_file(parcel, start->profile, 0644, start->profile);
		parcel_bytes(parcel, INITRAMFS_ORDER, 0644, start->order->at, start->order->len);
	}
	for (size_t i = 0; kernel->modules[i] && !r; i++)
		r = module_add(parcel, kernel->modules[i], why);
	closed = parcel_close(parcel, r ? NULL : why);
	if (!r && closed)
		why_add(why, "the guest's first files: ");
	if (!r)
		r = closed;
	if (r)
		close(made);
	else
		*fd = made;
	return r;
}
