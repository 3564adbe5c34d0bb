#include "guest/parcel.h"
#include "guest/archives.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct parcel {
	struct archive *archive;
	struct buffer folders; /* the names of those that are in it, a NUL behind each */
	int r;
	struct why why;
};

static void parcel_fail(struct parcel *parcel, int error, const char *name, const char *what)
{
	if (!parcel->r)
		parcel->r = why_set(&parcel->why, error ? error : EIO, "%s: %s", name, what);
}

static void archive_failed(struct parcel *parcel, const char *name)
{
	const char *what = archives()->archive_error_string(parcel->archive);

	parcel_fail(parcel, archives()->archive_errno(parcel->archive), name,
		    what ? what : "no archive");
}

int parcel_new(struct parcel **out, int fd, struct why *why)
{
	struct parcel *parcel;
	int r = archives_load(why);

	if (r)
		return r;
	parcel = calloc(1, sizeof(*parcel));
	if (!parcel)
		return why_set(why, ENOMEM, "no memory");
	parcel->archive = archives()->archive_write_new();
	if (!parcel->archive) {
		free(parcel);
		return why_set(why, ENOMEM, "no memory");
	}
	if (archives()->archive_write_set_format_cpio_newc(parcel->archive) ||
	    archives()->archive_write_open_fd(parcel->archive, fd))
		archive_failed(parcel, "a parcel");
	*out = parcel;
	return 0;
}

/* NULL where something failed; then nothing more is done. */
static struct archive_entry *entry_new(struct parcel *parcel, const char *name, mode_t mode)
{
	struct archive_entry *entry = parcel->r ? NULL : archives()->archive_entry_new();

	if (!entry) {
		parcel_fail(parcel, ENOMEM, name, "no memory");
		return NULL;
	}
	archives()->archive_entry_set_pathname(entry, name + (*name == '/'));
	archives()->archive_entry_set_mode(entry, mode);
	archives()->archive_entry_set_nlink(entry, 1);
	archives()->archive_entry_set_size(entry, 0);
	return entry;
}

static void entry_write(struct parcel *parcel, struct archive_entry *entry, const char *name)
{
	/* A warning is of a name's letters, which are written as they are. */
	if (entry && archives()->archive_write_header(parcel->archive, entry) < ARCHIVE_WARN)
		archive_failed(parcel, name);
}

static bool folder_known(const struct parcel *parcel, const char *name)
{
	const char *at = parcel->folders.at, *end = at + parcel->folders.len;

	for (; at && at < end; at += strlen(at) + 1)
		if (!strcmp(at, name))
			return true;
	return false;
}

static void folder_add(struct parcel *parcel, const char *name)
{
	struct archive_entry *entry;

	if (folder_known(parcel, name))
		return;
	buffer_put(&parcel->folders, name, strlen(name) + 1);
	if (parcel->folders.failed)
		parcel_fail(parcel, ENOMEM, name, "no memory");
	entry = entry_new(parcel, name, S_IFDIR | 0755);
	entry_write(parcel, entry, name);
	archives()->archive_entry_free(entry);
}

/* The folders above a name. */
static void folders_above(struct parcel *parcel, const char *name)
{
	char *copy = strdup(name);

	if (!copy)
		parcel_fail(parcel, ENOMEM, name, "no memory");
	for (char *slash = copy ? strchr(copy + 1, '/') : NULL; slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		folder_add(parcel, copy);
		*slash = '/';
	}
	free(copy);
}

void parcel_folder(struct parcel *parcel, const char *name)
{
	folders_above(parcel, name);
	folder_add(parcel, name);
}

void parcel_bytes(struct parcel *parcel, const char *name, unsigned mode, const void *bytes,
		  size_t n)
{
	struct archive_entry *entry;

	folders_above(parcel, name);
	entry = entry_new(parcel, name, S_IFREG | mode);
	if (!entry)
		return;
	archives()->archive_entry_set_size(entry, (la_int64_t)n);
	entry_write(parcel, entry, name);
	archives()->archive_entry_free(entry);
	if (!parcel->r && n &&
	    archives()->archive_write_data(parcel->archive, bytes, n) != (la_ssize_t)n)
		archive_failed(parcel, name);
}

/* As many bytes as were promised. */
static void file_copy(struct parcel *parcel, const char *path, int fd, off_t left)
{
	char chunk[16384];

	while (left > 0 && !parcel->r) {
		size_t want = left < (off_t)sizeof(chunk) ? (size_t)left : sizeof(chunk);
		ssize_t n = read(fd, chunk, want);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			parcel_fail(parcel, n ? errno : EIO, path,
				    n ? strerror(errno) : "it has become shorter");
		else if (archives()->archive_write_data(parcel->archive, chunk, (size_t)n) != n)
			archive_failed(parcel, path);
		left -= n;
	}
}

void parcel_file(struct parcel *parcel, const char *name, unsigned mode, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct archive_entry *entry;
	struct stat about;

	if (fd < 0 || fstat(fd, &about)) {
		parcel_fail(parcel, errno, path, strerror(errno));
		goto out;
	}
	folders_above(parcel, name);
	entry = entry_new(parcel, name, S_IFREG | mode);
	if (!entry)
		goto out;
	archives()->archive_entry_set_size(entry, about.st_size);
	entry_write(parcel, entry, name);
	archives()->archive_entry_free(entry);
	file_copy(parcel, path, fd, about.st_size);
out:
	if (fd >= 0)
		close(fd);
}

void parcel_device(struct parcel *parcel, const char *name, unsigned major_, unsigned minor_)
{
	struct archive_entry *entry;

	folders_above(parcel, name);
	entry = entry_new(parcel, name, S_IFCHR | 0600);
	if (!entry)
		return;
	archives()->archive_entry_set_rdevmajor(entry, major_);
	archives()->archive_entry_set_rdevminor(entry, minor_);
	entry_write(parcel, entry, name);
	archives()->archive_entry_free(entry);
}

int parcel_close(struct parcel *parcel, struct why *why)
{
	int r;

	if (!parcel)
		return 0;
	if (!parcel->r && archives()->archive_write_close(parcel->archive))
		archive_failed(parcel, "a parcel");
	archives()->archive_write_free(parcel->archive);
	buffer_free(&parcel->folders);
	r = parcel->r;
	if (r)
		why_set(why, -r, "%s", parcel->why.text);
	free(parcel);
	return r;
}
