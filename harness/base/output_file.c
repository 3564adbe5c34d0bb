/*
 * Files that are written for the user. A regular file has no name until it is whole (O_TMPFILE), so
 * that not even SIGKILL leaves a part of it behind; file systems that cannot do that get a name
 * beside it, which is removed.
 */
#include "base/follow.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define NAMES_TRIED 16

static void temporary_name(struct output_file *out)
{
	uint64_t number;

	if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
		number = (uint64_t)clock_realtime();
	snprintf(out->temporary, sizeof(out->temporary), ".lastack-%016llx",
		 (unsigned long long)number);
}

/* A descriptor, or -errno. Without a name, out->temporary stays empty. */
static int temporary_open(struct output_file *out)
{
	int fd = -1;

	if (!access("/proc/self/fd", X_OK))
		fd = openat(out->folder, ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, 0666);
	for (int i = 0; fd < 0 && i < NAMES_TRIED; i++) {
		temporary_name(out);
		fd = openat(out->folder, out->temporary,
			    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
		if (fd < 0 && errno != EEXIST)
			return -errno;
	}
	return fd < 0 ? -EEXIST : fd;
}

/* Give a file that has none a name. */
static int temporary_link(struct output_file *out)
{
	char self[32];

	snprintf(self, sizeof(self), "/proc/self/fd/%d", fileno(out->file));
	for (int i = 0; i < NAMES_TRIED; i++) {
		temporary_name(out);
		if (!linkat(AT_FDCWD, self, out->folder, out->temporary, AT_SYMLINK_FOLLOW))
			return 0;
		if (errno != EEXIST)
			break;
	}
	*out->temporary = '\0';
	return -errno;
}

/* May this file be replaced by another one, at the end? Better asked before the work. */
static int old_check(int folder, const char *name, const struct stat *old)
{
	struct stat around;

	if (faccessat(folder, name, W_OK, AT_EACCESS))
		return -errno;
	if (fstat(folder, &around))
		return -errno;
	if (around.st_mode & S_ISVTX && geteuid() && old->st_uid != geteuid() &&
	    around.st_uid != geteuid())
		return -EPERM;
	return 0;
}

/* A file takes the owner and the mode of the one that it replaces, as far as that is allowed. */
static void mode_keep(int fd, const struct stat *old)
{
	struct stat own;

	if (fstat(fd, &own))
		return;
	if ((own.st_uid != old->st_uid || own.st_gid != old->st_gid) &&
	    fchown(fd, old->st_uid, old->st_gid))
		return;
	if (own.st_mode != old->st_mode)
		fchmod(fd, old->st_mode & 0777);
}

static int regular_open(struct output_file *out, enum output_kind kind, const struct stat *old)
{
	int r = old ? old_check(out->folder, out->name, old) : 0, fd;

	if (r)
		return r;
	fd = kind == OUTPUT_WHOLE ? temporary_open(out) : folder_create(out->folder, out->name);
	/* A file that we may write, in a folder where we may not: the file itself, then. */
	if (fd == -EACCES && old) {
		*out->temporary = '\0';
		out->in_place = true;
		fd = openat(out->folder, out->name, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC);
		return fd < 0 ? -errno : fd;
	}
	out->in_place = kind == OUTPUT_LIVE;
	if (fd >= 0 && old)
		mode_keep(fd, old);
	return fd;
}

/* A device, a pipe, or what a descriptor of ours stands for. */
static int direct_open(const struct spot *spot, struct why *why)
{
	int fd = openat(spot->folder, spot->name,
			O_WRONLY | O_TRUNC | O_NONBLOCK | O_NOCTTY | O_CLOEXEC |
				(spot->kernel_link ? 0 : O_NOFOLLOW)), flags;

	if (fd < 0 && errno == ENXIO && S_ISFIFO(spot->status.st_mode))
		return why_set(why, ENXIO, "no process reads this FIFO: start its reader first");
	if (fd < 0)
		return -errno;
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK)) {
		close(fd);
		return -EIO;
	}
	return fd;
}

/* A closed standard output is /dev/null by now, open for reading. */
static int standard_open(struct why *why)
{
	int flags = fcntl(STDOUT_FILENO, F_GETFL), fd;

	if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY)
		return why_set(why, EBADF, "standard output is closed, or not open for writing: "
					   "redirect it to a file or a pipe");
	fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	return fd < 0 ? -errno : fd;
}

static int opened(struct output_file *out, struct output_file *made, int fd)
{
	int error;

	made->file = fd < 0 ? NULL : fdopen(fd, "w");
	if (made->file) {
		*out = *made;
		return 0;
	}
	error = fd < 0 ? -fd : errno;
	if (fd >= 0)
		close(fd);
	if (*made->temporary)
		unlinkat(made->folder, made->temporary, 0);
	if (made->folder >= 0)
		close(made->folder);
	return -error;
}

int output_file_open(struct output_file *out, const char *path, enum output_kind kind,
		     struct why *why)
{
	struct output_file made = {.folder = -1};
	struct spot spot;
	struct why reason = {.text = ""};
	int r;

	if (!strcmp(path, "-")) {
		r = opened(out, &made, standard_open(&reason));
		goto out;
	}
	r = spot_find(&spot, path, &reason);
	if (r)
		goto out;
	if (spot.there && (spot.kernel_link || !S_ISREG(spot.status.st_mode))) {
		r = direct_open(&spot, &reason);
		close(spot.folder);
	} else {
		made.folder = spot.folder;
		made.fresh = !spot.there;
		strcpy(made.name, spot.name);
		r = regular_open(&made, kind, spot.there ? &spot.status : NULL);
	}
	r = opened(out, &made, r);
out:
	if (!r)
		return 0;
	return why_set(why, -r, "%s: %s", path, *reason.text ? reason.text : strerror(-r));
}

int output_file_open_at(struct output_file *out, int folder, const char *name)
{
	struct output_file made = {.folder = fcntl(folder, F_DUPFD_CLOEXEC, 0), .fresh = true};

	if (made.folder < 0)
		return -errno;
	snprintf(made.name, sizeof(made.name), "%s", name);
	return opened(out, &made, temporary_open(&made));
}

/* Whole: its name is now this file's. */
static int whole_rename(struct output_file *out)
{
	if (renameat(out->folder, out->temporary, out->folder, out->name))
		return -errno;
	*out->temporary = '\0';
	return 0;
}

/* Neither a part of this file remains, nor what another run wrote. */
static void remains_remove(const struct output_file *out)
{
	struct stat there;

	if (*out->temporary)
		unlinkat(out->folder, out->temporary, 0);
	if (fstatat(out->folder, out->name, &there, AT_SYMLINK_NOFOLLOW) ||
	    !S_ISREG(there.st_mode))
		return;
	if (unlinkat(out->folder, out->name, 0) && out->in_place) {
		int fd = openat(out->folder, out->name,
				O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC);

		if (fd >= 0)
			close(fd);
	}
}

int output_file_close(struct output_file *out, bool good)
{
	int r = 0;

	errno = 0;
	if (fflush(out->file) || ferror(out->file))
		r = errno ? -errno : -EIO;
	if (!r && good && out->folder >= 0 && !out->in_place && !*out->temporary)
		r = temporary_link(out);
	if (fclose(out->file) && !r)
		r = -errno;
	out->file = NULL;
	if (out->folder < 0)
		return r;
	if (!r && good && !out->in_place)
		r = whole_rename(out);
	if (r || !good)
		remains_remove(out);
	close(out->folder);
	out->folder = -1;
	return r;
}

void output_file_abandon(struct output_file *out)
{
	fclose(out->file);
	out->file = NULL;
	if (out->folder < 0)
		return;
	if (*out->temporary)
		unlinkat(out->folder, out->temporary, 0);
	if (out->in_place && out->fresh)
		unlinkat(out->folder, out->name, 0);
	close(out->folder);
	out->folder = -1;
}

bool output_file_same(const struct output_file *a, const struct output_file *b)
{
	struct stat here, there;

	return a->folder >= 0 && b->folder >= 0 && !strcmp(a->name, b->name) &&
	       !fstat(a->folder, &here) && !fstat(b->folder, &there) &&
	       here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}
