/*
 * A parcel: files in one stream, as newc cpio. A guest kernel unpacks one as its first files, and
 * its evidence comes back in one. Of the guest room only.
 */
#ifndef GUEST_PARCEL_H
#define GUEST_PARCEL_H

#include "base/base.h"

struct parcel;

/* A parcel that is written to fd, which stays the caller's. */
int parcel_new(struct parcel **out, int fd, struct why *why);
/*
 * Add something, under a name that starts with / or not; the folders above it are added, too. The
 * first failure of all is told by parcel_close().
 */
void parcel_folder(struct parcel *parcel, const char *name);
void parcel_bytes(struct parcel *parcel, const char *name, unsigned mode, const void *bytes,
		  size_t n);
/* A file of this machine, as it is; symbolic links to it are followed. */
void parcel_file(struct parcel *parcel, const char *name, unsigned mode, const char *path);
/* A character device. */
void parcel_device(struct parcel *parcel, const char *name, unsigned major, unsigned minor);
/* Write the end, and free. -errno of the first failure. NULL is fine. */
int parcel_close(struct parcel *parcel, struct why *why);

/*
 * Pack the evidence of a run, FOLDER/CASE/FILE: to fd. -errno.
 */
int parcel_pack(const char *folder, int fd, struct why *why);
/*
 * Unpack it from the start of fd, below FOLDER. What a guest sent is not trusted: there is nothing
 * in it but folders of one level and regular files in them, of 256 MiB in all, with plain names;
 * nothing is written through a link. -EPROTO for another parcel or one without its end, -errno.
 */
int parcel_unpack(int fd, const char *folder, struct why *why);

#endif
