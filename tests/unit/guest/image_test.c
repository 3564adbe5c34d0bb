/*
 * What a kernel's image says of itself, and what a hostile one cannot say.
 */
#include "guest/image.h"
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* cmocka has macros of the same names as a case's verbs. */
#undef expect
#undef expect_any
#undef check
#include <cmocka.h>

#define RELEASE "6.1.0-56-cloud-amd64"

/* A setup header, with its release at `at` less 0x200. In memory of its own: nothing is behind it.
 */
static unsigned char *boot_image(size_t n, unsigned at, const char *release)
{
	unsigned char *bytes = calloc(1, n);

	assert_non_null(bytes);
	memcpy(bytes + 0x202, "HdrS", 4);
	bytes[0x206] = 0x0f;
	bytes[0x207] = 0x02;
	bytes[0x20e] = (unsigned char)at;
	bytes[0x20f] = (unsigned char)(at >> 8);
	if (release)
		memcpy(bytes + at + 0x200, release, strlen(release));
	return bytes;
}

static void a_boot_image_tells_its_release(void **state)
{
	unsigned char *bytes = boot_image(4096, 0x400, RELEASE " (debian-kernel@lists.debian.org)");
	struct image image = image_read(bytes, 4096);

	(void)state;
	assert_int_equal(image.kind, IMAGE_BOOT);
	assert_string_equal(image.release, RELEASE);
	/* Its pointer leads to the last byte of all that can be wanted. */
	free(bytes);
	bytes = boot_image(IMAGE_HEAD_BYTES, 0xffff, "6.1 ");
	image = image_read(bytes, IMAGE_HEAD_BYTES);
	assert_string_equal(image.release, "6.1");
	free(bytes);
}

static void a_release_outside_of_the_file_is_none(void **state)
{
	unsigned char *bytes = boot_image(4096, 0xffff, NULL);
	struct image image = image_read(bytes, 4096);

	(void)state;
	assert_int_equal(image.kind, IMAGE_BOOT);
	assert_string_equal(image.release, "");
	free(bytes);
	/* It begins in the file, and does not end there. */
	bytes = boot_image(4096, 4096 - 0x200 - 3, "6.1");
	image = image_read(bytes, 4096);
	assert_string_equal(image.release, "");
	free(bytes);
}

static void a_cut_or_old_image_is_none(void **state)
{
	unsigned char *bytes = boot_image(4096, 0x400, RELEASE " ");

	(void)state;
	for (size_t n = 0; n < 0x210; n++) {
		unsigned char *cut = malloc(n + 1);

		assert_non_null(cut);
		memcpy(cut, bytes, n);
		assert_int_equal(image_read(cut, n).kind, IMAGE_NONE);
		free(cut);
	}
	bytes[0x206] = 0x0b;
	assert_int_equal(image_read(bytes, 4096).kind, IMAGE_NONE);
	free(bytes);
}

static void only_names_are_releases(void **state)
{
	static const char *const bad[] = {"",	      " 6.1 ",		"x6.1 ",
					  ".6.1 ",    "6.1/../../etc ", "6.1\n ",
					  "6.1\x80 ", "6.1%s$(id) "};
	char long_one[IMAGE_RELEASE_MAX + 3], release[IMAGE_RELEASE_MAX + 1] = "as before";

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (image_release(bad[i], strlen(bad[i]) + 1, release))
			fail_msg("taken: %s", bad[i]);
	memset(long_one, '6', sizeof(long_one));
	long_one[IMAGE_RELEASE_MAX + 1] = ' ';
	assert_false(image_release(long_one, sizeof(long_one), release));
	assert_string_equal(release, "as before");
	long_one[IMAGE_RELEASE_MAX] = ' ';
	assert_true(image_release(long_one, sizeof(long_one), release));
	assert_int_equal(strlen(release), IMAGE_RELEASE_MAX);
	/* The bytes end before it does. */
	assert_false(image_release("6.1", 3, release));
	assert_true(image_release("6.1", 4, release));
}

static void an_elf_kernel_tells_its_release_in_its_banner(void **state)
{
	static const char data[] = "junk Linux version %s (%s)\0Linux version 6.12.1+deb13 (x)\n";
	Elf64_Ehdr header = {.e_type = ET_EXEC, .e_machine = EM_X86_64};
	char release[IMAGE_RELEASE_MAX + 1] = "";

	(void)state;
	memcpy(header.e_ident, ELFMAG, SELFMAG);
	header.e_ident[EI_CLASS] = ELFCLASS64;
	header.e_ident[EI_DATA] = ELFDATA2LSB;
	assert_int_equal(image_read(&header, sizeof(header)).kind, IMAGE_ELF);
	assert_int_equal(image_read(&header, sizeof(header) - 1).kind, IMAGE_NONE);
	header.e_machine = EM_AARCH64;
	assert_int_equal(image_read(&header, sizeof(header)).kind, IMAGE_NONE);
	header.e_machine = EM_X86_64;
	/* A program of today, not a kernel. */
	header.e_type = ET_DYN;
	assert_int_equal(image_read(&header, sizeof(header)).kind, IMAGE_NONE);

	assert_true(image_banner(data, sizeof(data), release));
	assert_string_equal(release, "6.12.1+deb13");
	assert_false(image_banner(data, 30, release));
	assert_false(image_banner(data, 0, release));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_boot_image_tells_its_release),
		cmocka_unit_test(a_release_outside_of_the_file_is_none),
		cmocka_unit_test(a_cut_or_old_image_is_none),
		cmocka_unit_test(only_names_are_releases),
		cmocka_unit_test(an_elf_kernel_tells_its_release_in_its_banner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
