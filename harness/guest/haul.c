/*
 * The evidence of a run, out of a guest that cannot write this machine's files.
 */
#include "guest/parcel.h"
#include "guest/archives.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HAUL_BYTES_MAX (256ll << 20)

static void case_pack(struct parcel *parcel, const char *folder, const char *name,
		      const struct dirent *file)
{
	char *path = NULL;

	if (*file->d_name == '.')
		return;
	if (asprintf(&path, "%s/%s/%s", folder, name, file->d_name) >= 0)
		parcel_file(parcel, path + strlen(folder), 0644, path);
	free(path);
}

/* Every file of FOLDER/NAME. */
static int folder_pack(struct parcel *parcel, const char *folder, const char *name)
{
	struct dirent *file;
	char *path = NULL;
	DIR *dir;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		return -ENOMEM;
	dir = opendir(path);
	free(path);
	if (!dir)
		return -errno;
	while ((file = readdir(dir)))
		case_pack(parcel, folder, name, file);
	closedir(dir);
	return 0;
}

int parcel_pack(const char *folder, int fd, struct why *why)
{
	struct parcel *parcel = NULL;
	struct dirent *file;
	DIR *dir = opendir(folder);
	int r = dir ? parcel_new(&parcel, fd, why)
		    : why_set(why, errno, "%s: %s", folder, strerror(errno)),
	    closed;

	while (!r && (file = readdir(dir))) {
		if (*file->d_name == '.')
			continue;
		r = folder_pack(parcel, folder, file->d_name);
		if (r)
			why_set(why, -r, "%s/%s: %s", folder, file->d_name, strerror(-r));
	}
	closed = parcel_close(parcel, r ? NULL : why);
	if (dir)
		closedir(dir);
	return r ? r : closed;
}

/* Letters, digits and what stands in the names of cases; no dot at the start. */
static bool is_plain(const char *name, size_t n)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "_-+=,.";

	return n && n < 200 && *name != '.' && strspn(name, plain) >= n;
}

/* Where the name of an entry leads: "CASE/FILE". NULL: nowhere. */
static const char *file_part(const char *name)
{
	const char *slash = name ? strchr(name, '/') : NULL;

	if (!slash || !is_plain(name, (size_t)(slash - name)) ||
	    !is_plain(slash + 1, strlen(slash + 1)))
		return NULL;
	return slash + 1;
}

/* The file is made anew; nothing that stands in its place is followed. */
static int file_open(int root, const char *name, const char *file)
{
	char *folder = strndup(name, (size_t)(file - name - 1));
	int dir = folder ? folder_enter(root, folder) : -ENOMEM, fd;

	free(folder);
	if (dir < 0)
		return dir;
	fd = folder_create(dir, file);
	close(dir);
	return fd;
}

static int entry_unpack(struct archive *archive, struct archive_entry *entry, int root,
			long long *left, struct why *why)
{
	const char *name = archives()->archive_entry_pathname(entry), *file = file_part(name);
	int fd, r = 0;

	if (archives()->archive_entry_filetype(entry) == AE_IFDIR)
		return 0;
	*left -= archives()->archive_entry_size(entry);
	if (archives()->archive_entry_filetype(entry) != AE_IFREG ||
	    archives()->archive_entry_hardlink(entry) || !file || *left < 0)
		return why_set(why, EPROTO, "the guest's evidence holds what is none of it");
	fd = file_open(root, name, file);
	if (fd < 0)
		return why_set(why, -fd, "evidence %s: %s", name, strerror(-fd));
	if (archives()->archive_read_data_into_fd(archive, fd))
		r = why_set(why, EIO, "evidence %s: %s", name,
			    archives()->archive_error_string(archive));
	if (close(fd) && !r)
		r = why_set(why, errno, "evidence %s: %s", name, strerror(errno));
	return r;
}

int parcel_unpack(int fd, const char *folder, struct why *why)
{
	int root, r = archives_load(why), next = ARCHIVE_OK;
	struct archive *archive;
	struct archive_entry *entry;
	long long left = HAUL_BYTES_MAX;

	if (r)
		return r;
	archive = archives()->archive_read_new();
	root = folder_open(folder, NULL, why);
	if (root < 0 || !archive) {
		r = archive ? root : why_set(why, ENOMEM, "no memory");
		why_add(why, "evidence folder %s: ", folder);
		goto out;
	}
	if (archives()->archive_read_support_format_cpio(archive) || lseek(fd, 0, SEEK_SET) ||
	    archives()->archive_read_open_fd(archive, fd, 65536))
		r = why_set(why, EPROTO, "the guest's evidence did not come");
	while (!r && !(next = archives()->archive_read_next_header(archive, &entry)))
		r = entry_unpack(archive, entry, root, &left, why);
	if (!r && next != ARCHIVE_EOF)
		r = why_set(why, EPROTO, "the guest's evidence did not come whole");
out:
	archives()->archive_read_free(archive);
	if (root >= 0)
		close(root);
	return r;
}
