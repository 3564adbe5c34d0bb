/*
 * A guest kernel's first files, where it cannot see this machine's. Of the guest room only.
 */
#ifndef GUEST_INITRAMFS_H
#define GUEST_INITRAMFS_H

#include "guest/kernel.h"

#define INITRAMFS_ORDER "/order.json"

/*
 * Pack what a run needs into a file in memory, which nobody else sees: this program as /init, the
 * libraries that are loaded into it at their places, the kernel's modules, the order, and the
 * profile at its place. *fd is the caller's to close. -errno.
 */
int initramfs_make(const struct guest_kernel *kernel, const struct guest_start *start, int *fd,
		   struct why *why);

/* Where a module is in there: "/modules/veth.ko". Owned by the caller, or NULL. */
char *initramfs_module(const char *path);

#endif
