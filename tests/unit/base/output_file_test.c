/*
 * Files that are written for the user, in a folder where somebody else can write as well: no link
 * of another user is followed, nothing blocks, and a file is there whole or not at all.
 */
#include "base/base.h"
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define ANOTHER 4711 /* a user */

static char folder[] = "/tmp/lastack-output-XXXXXX";
static int before;

static int setup(void **state)
{
	(void)state;
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	before = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	umask(022);
	return before >= 0 && mkdtemp(folder) && !chmod(folder, 0777) && !chdir(folder) ? 0 : -1;
}

static int teardown(void **state)
{
	char command[128];
	int r = fchdir(before);

	(void)state;
	close(before);
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return r | system(command);
}

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void holds(const char *path, const char *want)
{
	char out[64] = "";
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	out[fread(out, 1, sizeof(out) - 1, file)] = '\0';
	fclose(file);
	assert_string_equal(out, want);
}

/* How many names the folder has. */
static int names(void)
{
	FILE *list = popen("ls -A | wc -l", "r");
	int n = -1;

	assert_non_null(list);
	assert_int_equal(fscanf(list, "%d", &n), 1);
	pclose(list);
	return n;
}

static int write_file(const char *path, enum output_kind kind, const char *text, struct why *why)
{
	struct output_file file;
	int r = output_file_open(&file, path, kind, why);

	if (r)
		return r;
	fputs(text, file.file);
	return output_file_close(&file, true);
}

static const enum output_kind kinds[] = {OUTPUT_WHOLE, OUTPUT_LIVE};

static void a_file_is_replaced(void **state)
{
	struct stat about;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(write_file("one", kinds[i], "first", NULL), 0);
		holds("one", "first");
		assert_int_equal(stat("one", &about), 0);
		assert_int_equal(about.st_mode & 0777, 0644);
		chmod("one", 0600);
		assert_int_equal(write_file("./one", kinds[i], "second", NULL), 0);
		holds("one", "second");
		assert_int_equal(stat("one", &about), 0);
		assert_int_equal(about.st_mode & 0777, 0600);
		assert_int_equal(names(), 1);
		unlink("one");
	}
}

/* As long as it is not whole, the older one is there; and after SIGKILL, nothing is left. */
static void a_part_of_a_file_is_never_seen(void **state)
{
	struct output_file file;

	(void)state;
	put("one", "old");
	assert_int_equal(output_file_open(&file, "one", OUTPUT_WHOLE, NULL), 0);
	fputs("new", file.file);
	fflush(file.file);
	holds("one", "old");
	output_file_abandon(&file);
	holds("one", "old");
	assert_int_equal(output_file_open(&file, "one", OUTPUT_WHOLE, NULL), 0);
	fputs("new", file.file);
	assert_int_equal(output_file_close(&file, false), 0);
	assert_int_equal(names(), 0);
	assert_int_equal(output_file_open(&file, "two", OUTPUT_LIVE, NULL), 0);
	assert_int_equal(access("two", F_OK), 0);
	output_file_abandon(&file);
	assert_int_equal(names(), 0);
}

static void a_file_that_grows_too_large_is_removed(void **state)
{
	struct rlimit limit, was;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &was);
	limit = was;
	limit.rlim_cur = 4;
	setrlimit(RLIMIT_FSIZE, &limit);
	assert_int_equal(write_file("one", OUTPUT_WHOLE, "more than four", NULL), -EFBIG);
	assert_int_equal(write_file("two", OUTPUT_LIVE, "more than four", NULL), -EFBIG);
	setrlimit(RLIMIT_FSIZE, &was);
	assert_int_equal(names(), 0);
}

static void ones_own_links_are_followed(void **state)
{
	(void)state;
	mkdir("there", 0755);
	assert_int_equal(symlink("there/file", "link"), 0);
	assert_int_equal(symlink("there", "way"), 0);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(write_file("link", kinds[i], "first", NULL), 0);
		holds("there/file", "first");
		assert_int_equal(write_file("way/file", kinds[i], "second", NULL), 0);
		holds("there/file", "second");
		assert_int_equal(names(), 3);
	}
	assert_int_equal(symlink("loop", "loop"), 0);
	assert_int_equal(write_file("loop", OUTPUT_WHOLE, "", NULL), -ELOOP);
	assert_int_equal(write_file("nowhere/file", OUTPUT_WHOLE, "", NULL), -ENOENT);
}

static void anothers_links_are_not_followed(void **state)
{
	struct why why;

	(void)state;
	if (geteuid())
		skip();
	mkdir("private", 0700);
	put("private/file", "kept");
	assert_int_equal(symlink("private/file", "link"), 0);
	assert_int_equal(symlink("private/new", "dangling"), 0);
	assert_int_equal(symlink("private", "way"), 0);
	assert_int_equal(symlink("link", "own"), 0);
	assert_int_equal(lchown("link", ANOTHER, ANOTHER) | lchown("dangling", ANOTHER, ANOTHER) |
				 lchown("way", ANOTHER, ANOTHER),
			 0);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(write_file("link", kinds[i], "lost", &why), -EPERM);
		assert_non_null(strstr(why.text, "link: 'link' is a symbolic link of another user "
						 "(uid 4711)"));
		assert_int_equal(write_file("own", kinds[i], "lost", NULL), -EPERM);
		assert_int_equal(write_file("dangling", kinds[i], "lost", NULL), -EPERM);
		assert_int_equal(write_file("way/file", kinds[i], "lost", NULL), -EPERM);
		assert_int_equal(folder_open("way", NULL, NULL), -EPERM);
	}
	holds("private/file", "kept");
	assert_int_equal(access("private/new", F_OK), -1);
}

static void a_folder_of_ours_follows_nothing(void **state)
{
	int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd;
	struct output_file file;
	bool made;

	(void)state;
	put("kept", "kept");
	assert_int_equal(symlink(".", "way"), 0);
	assert_int_equal(symlink("kept", "link"), 0);
	assert_true(folder_enter(here, "way") < 0);
	assert_int_equal(folder_open("made", NULL, NULL), -ENOENT);
	fd = folder_open("way/made", &made, NULL);
	assert_true(fd >= 0 && made);
	close(fd);
	fd = folder_open("made", &made, NULL);
	assert_true(fd >= 0 && !made);
	close(fd);
	assert_int_equal(folder_open("kept", &made, NULL), -ENOTDIR);
	fd = folder_enter(here, "made");
	assert_true(fd >= 0);
	close(fd);
	fd = folder_create(here, "link");
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "new", 3), 3);
	close(fd);
	holds("link", "new");
	unlink("link");
	assert_int_equal(symlink("kept", "link"), 0);
	assert_int_equal(output_file_open_at(&file, here, "link"), 0);
	fputs("whole", file.file);
	assert_int_equal(output_file_close(&file, true), 0);
	holds("link", "whole");
	holds("kept", "kept");
	close(here);
}

static void a_fifo_without_a_reader_is_refused(void **state)
{
	char out[16] = "";
	struct why why;
	int reader;

	(void)state;
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(write_file("fifo", OUTPUT_WHOLE, "lost", &why), -ENXIO);
	assert_string_equal(why.text, "fifo: no process reads this FIFO: start its reader first");
	reader = open("fifo", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(write_file("fifo", kinds[i], "came", NULL), 0);
		assert_int_equal(read(reader, out, sizeof(out)), 4);
		assert_string_equal(out, "came");
	}
	close(reader);
	assert_int_equal(names(), 1);
}

static void devices_and_descriptors_are_written_to(void **state)
{
	char path[64], out[16] = "";
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	snprintf(path, sizeof(path), "/dev/fd/%d", ends[1]);
	assert_int_equal(write_file(path, OUTPUT_WHOLE, "came", NULL), 0);
	assert_int_equal(read(ends[0], out, sizeof(out)), 4);
	assert_string_equal(out, "came");
	assert_int_equal(write_file("/dev/null", OUTPUT_WHOLE, "gone", NULL), 0);
	assert_int_equal(write_file("/dev/full", OUTPUT_WHOLE, "lost", NULL), -ENOSPC);
	assert_int_equal(access("/dev/full", F_OK), 0);
	assert_int_equal(write_file(".", OUTPUT_WHOLE, "", NULL), -EISDIR);
	assert_int_equal(write_file("", OUTPUT_WHOLE, "", NULL), -ENOENT);
	close(ends[0]);
	close(ends[1]);
}

static void two_names_of_one_file_are_told(void **state)
{
	struct output_file a, b, c;

	(void)state;
	assert_int_equal(symlink("one", "link"), 0);
	assert_int_equal(output_file_open(&a, "one", OUTPUT_WHOLE, NULL), 0);
	assert_int_equal(output_file_open(&b, "link", OUTPUT_WHOLE, NULL), 0);
	assert_int_equal(output_file_open(&c, "two", OUTPUT_WHOLE, NULL), 0);
	assert_true(output_file_same(&a, &b));
	assert_false(output_file_same(&a, &c));
	output_file_abandon(&a);
	output_file_abandon(&b);
	output_file_abandon(&c);
	assert_int_equal(names(), 1);
}

int main(void)
{
#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		IN_A_FOLDER(a_file_is_replaced),
		IN_A_FOLDER(a_part_of_a_file_is_never_seen),
		IN_A_FOLDER(a_file_that_grows_too_large_is_removed),
		IN_A_FOLDER(ones_own_links_are_followed),
		IN_A_FOLDER(anothers_links_are_not_followed),
		IN_A_FOLDER(a_folder_of_ours_follows_nothing),
		IN_A_FOLDER(a_fifo_without_a_reader_is_refused),
		IN_A_FOLDER(devices_and_descriptors_are_written_to),
		IN_A_FOLDER(two_names_of_one_file_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
