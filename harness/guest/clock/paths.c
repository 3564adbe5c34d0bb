/*
 * How the guest speaks to the shim: by asking for files below /.lastack-clock, on its hostfs. The
 * folder exists for the guest alone, since a path is only looked up in a folder that exists.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest/clock/shim.h"

#define FOLDER "/.lastack-clock"
#define PAGE "/page-"

/* Any number that no file of the machine has. */
enum { FOLDER_INODE = 0x7f6c6173 };

/* Is it the folder? What is asked for below it is done by the way. */
static bool is_folder(const char *path)
{
	const char *const found = path ? strstr(path, FOLDER) : NULL;
	const char *rest;

	if (!found || shim_mode() < SHIM_BOOT)
		return false;
	rest = found + strlen(FOLDER);
	if (strcmp(rest, "/freeze") == 0)
		shim_freeze();
	if (strcmp(rest, "/stats") == 0)
		shim_stats();
	if (strncmp(rest, PAGE, strlen(PAGE)) == 0)
		shim_share(rest + strlen(PAGE));
	return *rest == '\0';
}

/* Up to 6.1 and a C library before 2.33, the names end in xstat64. */
static int stat_at(const char *path, struct stat64 *at, int flags)
{
	const bool folder = is_folder(path);

	if (fstatat64(AT_FDCWD, folder ? "/" : path, at, flags))
		return -1;
	if (folder)
		at->st_ino = FOLDER_INODE;
	return 0;
}

SHIM_EXPORT int stat64(const char *path, struct stat64 *at)
{
	return stat_at(path, at, 0);
}

SHIM_EXPORT int lstat64(const char *path, struct stat64 *at)
{
	return stat_at(path, at, AT_SYMLINK_NOFOLLOW);
}

int __lxstat64(int version, const char *path, struct stat64 *at);

SHIM_EXPORT int __lxstat64(int version, const char *path, struct stat64 *at)
{
	(void)version;
	return stat_at(path, at, AT_SYMLINK_NOFOLLOW);
}

SHIM_EXPORT int statx(int folder_fd, const char *path, int flags, unsigned int mask,
		      struct statx *at)
{
	const bool folder = is_folder(path);

	if (syscall(SYS_statx, folder_fd, folder ? "/" : path, flags, mask, at))
		return -1;
	if (folder)
		at->stx_ino = FOLDER_INODE;
	return 0;
}

SHIM_EXPORT int access(const char *path, int how)
{
	return (int)syscall(SYS_access, is_folder(path) ? "/" : path, how);
}
