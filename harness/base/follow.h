/*
 * Where a path leads, link by link. Private to the module.
 */
#ifndef BASE_FOLLOW_H
#define BASE_FOLLOW_H

#include "base/base.h"
#include <sys/stat.h>

struct spot {
	int folder;	    /* O_PATH; the caller closes it */
	char name[256];	    /* in the folder, and no link but one of the kernel's */
	bool there;	    /* something has that name */
	bool kernel_link;   /* a link of /proc, which only the kernel can follow */
	struct stat status; /* of what is there, behind a link of the kernel's */
};

/* 0, or -errno with why, which does not name path. -EPERM: a link of another user. */
int spot_find(struct spot *out, const char *path, struct why *why);

#endif
