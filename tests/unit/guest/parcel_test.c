/*
 * What goes into a guest, read back, and what a guest may not bring out.
 */
#include "guest/archives.h"
#include "guest/initramfs.h"
#include "guest/parcel.h"
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* cmocka has macros of the same names as a case's verbs. */
#undef expect
#undef expect_any
#undef check
#include <cmocka.h>

static char folder[] = "/tmp/lastack-parcel-XXXXXX";

static int folder_make(void **state)
{
	(void)state;
	return mkdtemp(folder) && !chdir(folder) ? 0 : -1;
}

/* Only what the tests have said is there. */
static int folder_remove(void **state)
{
	(void)state;
	return chdir("/") || rmdir(folder) ? -1 : 0;
}

static int memory(void)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static void file_is(const char *path, const char *want)
{
	char got[64] = "";
	int fd = open(path, O_RDONLY | O_NOFOLLOW);

	if (fd < 0)
		fail_msg("%s is not there", path);
	assert_int_equal(read(fd, got, sizeof(got) - 1), (ssize_t)strlen(want));
	assert_string_equal(got, want);
	close(fd);
}

static void file_make(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void evidence_comes_back(void **state)
{
	int fd = memory();
	char from[64], to[64];

	(void)state;
	snprintf(from, sizeof(from), "%s/from", folder);
	snprintf(to, sizeof(to), "%s/to", folder);
	assert_int_equal(mkdir("from", 0755) | mkdir("from/a.b.ipv4", 0755) |
				 mkdir("from/c.d.ipv6", 0755) | mkdir("to", 0755) |
				 mkdir("to/a.b.ipv4", 0755),
			 0);
	file_make("from/a.b.ipv4/wire.pcap", "a capture");
	file_make("from/c.d.ipv6/ladder.txt", "");
	/* What is there from a run before is replaced, and a link is not followed. */
	file_make("kept", "kept");
	assert_int_equal(symlink("../../kept", "to/a.b.ipv4/wire.pcap"), 0);
	assert_int_equal(parcel_pack(from, fd, NULL), 0);
	assert_int_equal(parcel_unpack(fd, to, NULL), 0);
	file_is("to/a.b.ipv4/wire.pcap", "a capture");
	file_is("to/c.d.ipv6/ladder.txt", "");
	file_is("kept", "kept");
	/* Without its end it is not whole. */
	assert_int_equal(ftruncate(fd, 300), 0);
	assert_int_equal(parcel_unpack(fd, to, NULL), -EPROTO);
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(parcel_unpack(fd, to, NULL), -EPROTO);
	assert_int_equal(unlink("from/a.b.ipv4/wire.pcap") | unlink("from/c.d.ipv6/ladder.txt") |
				 unlink("to/a.b.ipv4/wire.pcap") |
				 unlink("to/c.d.ipv6/ladder.txt") | unlink("kept") |
				 rmdir("from/a.b.ipv4") | rmdir("from/c.d.ipv6") | rmdir("from") |
				 rmdir("to/a.b.ipv4") | rmdir("to/c.d.ipv6") | rmdir("to"),
			 0);
	close(fd);
}

static void nothing_leaves_the_folder(void **state)
{
	static const char *const names[] = {"file",    "../file", "a/../file", "a/b/file",
					    "./file",  "a/.file", ".a/file",   "a/fi\nle",
					    "a/fi le", "a//file", "a/"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct parcel *parcel;
		int fd = memory();

		assert_int_equal(parcel_new(&parcel, fd, NULL), 0);
		parcel_bytes(parcel, names[i], 0644, "x", 1);
		assert_int_equal(parcel_close(parcel, NULL), 0);
		if (parcel_unpack(fd, folder, NULL) != -EPROTO)
			fail_msg("taken: %s", names[i]);
		close(fd);
	}
}

static void only_regular_files_are_taken(void **state)
{
	struct parcel *parcel;
	int fd = memory();

	(void)state;
	assert_int_equal(parcel_new(&parcel, fd, NULL), 0);
	parcel_device(parcel, "a/null", 1, 3);
	assert_int_equal(parcel_close(parcel, NULL), 0);
	assert_int_equal(parcel_unpack(fd, folder, NULL), -EPROTO);
	close(fd);
	/* A folder that is a link leads elsewhere. */
	fd = memory();
	assert_int_equal(symlink("/tmp", "a"), 0);
	assert_int_equal(parcel_new(&parcel, fd, NULL), 0);
	parcel_bytes(parcel, "a/lastack-parcel-escaped", 0644, "x", 1);
	assert_int_equal(parcel_close(parcel, NULL), 0);
	assert_true(parcel_unpack(fd, folder, NULL) < 0);
	assert_int_not_equal(access("/tmp/lastack-parcel-escaped", F_OK), 0);
	assert_int_equal(unlink("a"), 0);
	close(fd);
}

static void a_file_that_is_not_there_is_told(void **state)
{
	struct parcel *parcel;
	struct why why;
	int fd = memory();

	(void)state;
	assert_int_equal(parcel_new(&parcel, fd, NULL), 0);
	parcel_file(parcel, "/init", 0755, "/nowhere/at/all");
	parcel_bytes(parcel, "/more", 0644, "x", 1);
	assert_int_equal(parcel_close(parcel, &why), -ENOENT);
	assert_non_null(strstr(why.text, "/nowhere/at/all"));
	close(fd);
}

/* Counts the entries of that name, and checks what they are. */
static unsigned entries_named(int fd, const char *name, unsigned type, la_int64_t size)
{
	struct archive *archive;
	struct archive_entry *entry;
	unsigned n = 0;

	assert_int_equal(archives_load(NULL), 0);
	archive = archives()->archive_read_new();
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(archives()->archive_read_support_format_cpio(archive), 0);
	assert_int_equal(archives()->archive_read_open_fd(archive, fd, 65536), 0);
	while (!archives()->archive_read_next_header(archive, &entry)) {
		if (strcmp(archives()->archive_entry_pathname(entry), name))
			continue;
		n++;
		assert_int_equal(archives()->archive_entry_filetype(entry), type);
		if (size >= 0)
			assert_int_equal(archives()->archive_entry_size(entry), size);
	}
	archives()->archive_read_free(archive);
	return n;
}

static void a_guest_gets_what_it_needs(void **state)
{
	struct buffer order = {.at = (char *)(uintptr_t) "{}", .len = 2};
	struct guest_kernel kernel = {.name = (char *)(uintptr_t) "k"};
	struct guest_start start = {.order = &order};
	char self[4096], profile[64], module[64];
	union {
		FILE *(*plain)(const char *, const char *);
		void *bytes;
	} function;
	struct stat about;
	Dl_info library;
	int fd = -1;

	(void)state;
	snprintf(profile, sizeof(profile), "%s/my.profile", folder);
	snprintf(module, sizeof(module), "%s/a-module.ko", folder);
	file_make("my.profile", "# nothing\n");
	file_make("a-module.ko", "a module");
	assert_non_null(realpath("/proc/self/exe", self));
	assert_int_equal(stat(self, &about), 0);
	start.lastack = self;
	start.profile = profile;
	kernel.modules[0] = module;
	assert_int_equal(initramfs_make(&kernel, &start, &fd, NULL), 0);
	assert_int_equal(entries_named(fd, "init", AE_IFREG, about.st_size), 1);
	assert_int_equal(entries_named(fd, "dev", AE_IFDIR, -1), 1);
	assert_int_equal(entries_named(fd, "dev/console", AE_IFCHR, -1), 1);
	assert_int_equal(entries_named(fd, "order.json", AE_IFREG, 2), 1);
	assert_int_equal(entries_named(fd, "modules/a-module.ko", AE_IFREG, 8), 1);
	assert_int_equal(entries_named(fd, profile + 1, AE_IFREG, 10), 1);
	/* Its folders come before it, once. */
	assert_int_equal(entries_named(fd, folder + 1, AE_IFDIR, -1), 1);
	assert_int_equal(entries_named(fd, "tmp", AE_IFDIR, -1), 1);
	/* The C library is at its place, as it is. */
	function.plain = fopen;
	assert_int_not_equal(dladdr(function.bytes, &library), 0);
	assert_int_equal(stat(library.dli_fname, &about), 0);
	assert_int_equal(entries_named(fd, library.dli_fname + 1, AE_IFREG, about.st_size), 1);
	close(fd);
	assert_int_equal(unlink("my.profile") | unlink("a-module.ko"), 0);
	assert_int_equal(initramfs_make(&kernel, &start, &fd, NULL), -EIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(evidence_comes_back),
		cmocka_unit_test(nothing_leaves_the_folder),
		cmocka_unit_test(only_regular_files_are_taken),
		cmocka_unit_test(a_file_that_is_not_there_is_told),
		cmocka_unit_test(a_guest_gets_what_it_needs),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
