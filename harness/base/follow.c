/*
 * Paths whose symbolic links are looked at before they are followed. The kernel's own protection
 * (fs.protected_symlinks) covers sticky folders alone, and is off on some systems. Each component
 * is opened without following it, so that nobody can change what was looked at.
 */
#include "base/follow.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#define LINKS_MAX 40 /* the kernel's own limit */
#define UID_OVERFLOW 65534

struct walk {
	struct spot *spot;
	unsigned links;
	char rest[PATH_MAX]; /* what is still to be gone */
	struct why *why;
};

/* In a user namespace, root's files belong to a number that all unknown users share. */
static bool users_are_hidden(void)
{
	FILE *map = fopen("/proc/self/uid_map", "re");
	unsigned inside, outside, count;
	bool hidden = map && fscanf(map, "%u %u %u", &inside, &outside, &count) == 3 &&
		      count != UINT32_MAX;

	if (map)
		fclose(map);
	return hidden;
}

static bool link_trusted(int folder, const struct stat *link)
{
	struct stat around;

	if (link->st_uid == geteuid() || link->st_uid == 0)
		return true;
	/* There, a folder that nobody else can write, like /dev, vouches for its links. */
	return link->st_uid == UID_OVERFLOW && users_are_hidden() && !fstat(folder, &around) &&
	       around.st_uid == UID_OVERFLOW && !(around.st_mode & (S_IWGRP | S_IWOTH));
}

static void folder_take(struct walk *walk, int fd)
{
	close(walk->spot->folder);
	walk->spot->folder = fd;
}

static int walk_start(struct walk *walk)
{
	int fd = open(*walk->rest == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	folder_take(walk, fd);
	return 0;
}

/* Put what the link (an O_PATH descriptor) says before the rest. */
static int link_follow(struct walk *walk, int link, const struct stat *status)
{
	char text[PATH_MAX], whole[PATH_MAX];
	ssize_t n;

	if (!link_trusted(walk->spot->folder, status))
		return why_set(walk->why, EPERM,
			       "'%s' is a symbolic link of another user (uid %u) and is not "
			       "followed", walk->spot->name, (unsigned)status->st_uid);
	n = readlinkat(link, "", text, sizeof(text) - 1);
	if (n < 0)
		return -errno;
	if (++walk->links > LINKS_MAX)
		return -ELOOP;
	text[n] = '\0';
	if (snprintf(whole, sizeof(whole), "%s%s%s", text, *walk->rest ? "/" : "", walk->rest) >=
	    (int)sizeof(whole))
		return -ENAMETOOLONG;
	strcpy(walk->rest, whole);
	return *walk->rest == '/' ? walk_start(walk) : 0;
}

static bool of_the_kernel(int link)
{
	struct statfs about;

	return !fstatfs(link, &about) && (unsigned long)about.f_type == PROC_SUPER_MAGIC;
}

/* Take the next name off the rest. 0, -errno. */
static int name_take(struct walk *walk)
{
	const char *start = walk->rest + strspn(walk->rest, "/");
	size_t n = strcspn(start, "/");

	if (n >= sizeof(walk->spot->name))
		return -ENAMETOOLONG;
	memcpy(walk->spot->name, n ? start : ".", n ? n : 1);
	walk->spot->name[n ? n : 1] = '\0';
	memmove(walk->rest, start + n, strlen(start + n) + 1);
	return 0;
}

/* Go to the name. 1: that was the last one. */
static int walk_step(struct walk *walk)
{
	struct spot *spot = walk->spot;
	int r = name_take(walk), fd, followed;
	bool last = !walk->rest[strspn(walk->rest, "/")];

	if (r)
		return r;
	fd = openat(spot->folder, spot->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	spot->there = fd >= 0;
	if (fd < 0)
		return last && errno == ENOENT ? 1 : -errno;
	if (fstat(fd, &spot->status)) {
		r = -errno;
	} else if (S_ISLNK(spot->status.st_mode) && !of_the_kernel(fd)) {
		r = link_follow(walk, fd, &spot->status);
	} else {
		spot->kernel_link = S_ISLNK(spot->status.st_mode);
		followed = spot->kernel_link ? openat(spot->folder, spot->name, O_PATH | O_CLOEXEC)
					     : fcntl(fd, F_DUPFD_CLOEXEC, 0);
		if (followed < 0 || fstat(followed, &spot->status))
			r = -errno;
		else
			r = last;
		if (!r)
			folder_take(walk, followed);
		else if (followed >= 0)
			close(followed);
	}
	close(fd);
	return r;
}

int spot_find(struct spot *out, const char *path, struct why *why)
{
	struct walk walk = {.spot = out, .why = why};
	int r;

	*out = (struct spot){.folder = -1};
	if (why)
		*why->text = '\0';
	if (!*path)
		return why_set(why, ENOENT, "%s", strerror(ENOENT));
	if (strlen(path) >= sizeof(walk.rest))
		return why_set(why, ENAMETOOLONG, "%s", strerror(ENAMETOOLONG));
	strcpy(walk.rest, path);
	r = walk_start(&walk);
	while (!r)
		r = walk_step(&walk);
	if (r > 0)
		return 0;
	if (out->folder >= 0)
		close(out->folder);
	if (why && !*why->text)
		why_set(why, -r, "%s", strerror(-r));
	return r;
}

int folder_open(const char *path, bool *made, struct why *why)
{
	struct spot spot;
	int r = spot_find(&spot, path, why), fd;
	bool fresh;

	if (r)
		return r;
	fresh = !spot.there && made && !mkdirat(spot.folder, spot.name, 0777);
	fd = openat(spot.folder, spot.name, O_RDONLY | O_DIRECTORY | O_CLOEXEC |
						    (spot.kernel_link ? 0 : O_NOFOLLOW));
	r = fd < 0 ? why_set(why, errno, "%s", strerror(errno)) : fd;
	if (fd < 0 && fresh)
		unlinkat(spot.folder, spot.name, AT_REMOVEDIR);
	close(spot.folder);
	if (fd >= 0 && made)
		*made = fresh;
	return r;
}

int folder_enter(int folder, const char *name)
{
	int fd;

	if (mkdirat(folder, name, 0777) && errno != EEXIST)
		return -errno;
	fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int folder_create(int folder, const char *name)
{
	int fd;

	if (unlinkat(folder, name, 0) && errno != ENOENT)
		return -errno;
	fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	return fd < 0 ? -errno : fd;
}
